-- Administration in a session from outside the organisation's own networks. Operations carry no address: the session is inferred, the operator's last sign-in within a day before.
WITH acts AS (
    SELECT operation_id AS id, occurred_at, occurred_at::DATE AS day, operator, category, action, detail
    FROM ingest.operations
    WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY AND operator IS NOT NULL AND subject IS DISTINCT FROM operator
      AND lower(category) IN ('account', 'user', 'user group', 'role', 'billing', 'sub account', 'zoom rooms')
), signs AS (
    SELECT user_email, occurred_at, ip_address, ip_prefix, asn, as_org, country_code, city, client_type, network_category, activity_id, network_category IN ('corporate', 'vpn') AS inside
    FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 91 DAY AND occurred_at < $until + INTERVAL 1 DAY
      AND user_email IN (SELECT operator FROM acts) AND EXISTS (SELECT 1 FROM ingest.activities WHERE network_category IN ('corporate', 'vpn'))
), sessions AS (
    SELECT a.*, s.occurred_at AS signed_in, s.ip_address, s.ip_prefix, s.asn, s.as_org, s.country_code, s.city, s.client_type, s.network_category, s.activity_id, s.inside
    FROM acts AS a ASOF JOIN signs AS s ON s.user_email = a.operator AND a.occurred_at >= s.occurred_at
    WHERE s.occurred_at >= a.occurred_at - INTERVAL 24 HOUR
), outside AS (
    SELECT day, operator, ip_prefix, count(*) AS operations, min(occurred_at) AS first_at, max(occurred_at) AS last_at, min(signed_in) AS signed_in, arg_min(activity_id, signed_in) AS activity_id,
           min(ip_address) AS ip_address, min(asn) AS asn, min(as_org) AS as_org, min(country_code) AS country_code, min(city) AS city, min(client_type) AS client_type,
           min(network_category) AS network_category, list({'id': id, 'at': strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(': ', concat_ws(' ', category, action), detail)} ORDER BY occurred_at)[:9] AS events
    FROM sessions WHERE NOT coalesce(inside, false) AND ip_prefix IS NOT NULL GROUP BY day, operator, ip_prefix
), sign_days AS (
    SELECT user_email, occurred_at::DATE AS day, ip_prefix, asn, country_code, count(*) AS n, count(*) FILTER (WHERE inside) AS n_inside FROM signs GROUP BY ALL
), pasts AS (
    SELECT o.day, o.operator, o.ip_prefix, sum(s.n) AS own_signs, sum(s.n_inside) AS own_inside,
           count(DISTINCT s.day) FILTER (WHERE s.ip_prefix = o.ip_prefix OR s.asn = o.asn AND s.asn <> 0 AND s.country_code = o.country_code) AS days_here
    FROM outside AS o JOIN sign_days AS s ON s.user_email = o.operator AND s.day < o.day AND s.day >= o.day - 90 GROUP BY o.day, o.operator, o.ip_prefix
), judged AS (
    SELECT o.*, p.own_signs::BIGINT AS own_signs, p.own_inside::BIGINT AS own_inside, p.days_here FROM outside AS o JOIN pasts AS p ON p.day = o.day AND p.operator = o.operator AND p.ip_prefix = o.ip_prefix
)
SELECT day, operator AS user_email, ip_prefix AS "key", signed_in AS first_at, last_at, operations::DOUBLE AS observed, 'operations' AS unit,
       -- a line at home that the operator has used before is outside, but no news; its prefix changes, its provider hardly
       days_here = 0 AS alert,
       printf('%s: %d administrative %s in a session (inferred) from %s%s%s, outside the networks of the organisation; %d of %d sign-ins of the 90 days before came from inside, and %d earlier days from this network or its provider.',
              operator, operations, CASE WHEN operations = 1 THEN 'operation' ELSE 'operations' END, ip_address, coalesce(', ' || city, ''), coalesce(', ' || country_code, ''), own_inside, own_signs, days_here) AS summary,
       to_json({'operator': operator, 'session': {'at': strftime(signed_in, '%Y-%m-%dT%H:%M:%SZ'), 'ip': ip_address, 'client_type': client_type, 'category': network_category, 'country': country_code, 'city': city,
                'asn': asn, 'as_org': as_org, 'inferred': true}, 'operations': operations, 'indicators': {'admin_op_on_noncorporate_ip': true, 'ip_tag_category': network_category}})::VARCHAR AS details,
       to_json([{'id': activity_id, 'at': strftime(signed_in, '%Y-%m-%dT%H:%M:%SZ'), 'what': 'sign-in from ' || ip_address}] || events)::VARCHAR AS events
FROM judged
-- mute until networks of the organisation are named in the config, and for operators who mostly work from elsewhere
WHERE own_signs >= 10 AND own_inside * 2 > own_signs
