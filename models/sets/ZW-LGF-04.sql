-- A sign-in from a network that is new to the user (90 days), within six hours of an attack on the account: at least ten failures for it (as in the quietest of the attacks
-- that ZW-LGF-01 and 03 report), or a network that failed for at least five accounts signs in to one of them. The network must be one that attacked, or its operator new to
-- the user as well. No more than a behavior: who mistyped in a hotel of his own country and came in at last, and who is on the way there while others attack.
WITH failed AS (
    SELECT sign_in_id, user_email, occurred_at, ip_address, ip_prefix, reason, epoch(time_bucket(INTERVAL 6 HOUR, occurred_at))::BIGINT // 21600 AS slot -- of six hours
    FROM ingest.failed_sign_ins WHERE occurred_at >= $from - INTERVAL 6 HOUR AND occurred_at < $until + INTERVAL 1 DAY
), attacked AS ( -- of ten failures within six hours one slot holds five at least; they may be before a sign-in of the same slot or of the next
    SELECT user_email, unnest([slot, slot + 1]) AS near FROM (SELECT user_email, slot FROM failed GROUP BY ALL HAVING count(*) >= 5)
), sprayers AS (
    SELECT ip_prefix, slot FROM failed WHERE ip_prefix IS NOT NULL GROUP BY ALL HAVING count(*) >= 3 AND count(DISTINCT user_email) >= 3
), victims AS ( -- of such a network, in either slot
    SELECT DISTINCT f.user_email, s.near, f.ip_prefix
    FROM (SELECT ip_prefix, near, unnest([near - 1, near]) AS slot FROM (SELECT DISTINCT ip_prefix, unnest([slot, slot + 1]) AS near FROM sprayers)) AS s
    JOIN failed AS f ON f.ip_prefix = s.ip_prefix AND f.slot = s.slot
), signed AS (
    SELECT activity_id, user_email, occurred_at, occurred_at::DATE AS day, ip_address, ip_prefix, asn, as_org, country_code, client_type,
           epoch(time_bucket(INTERVAL 6 HOUR, occurred_at))::BIGINT // 21600 AS near
    FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY AND ip_prefix IS NOT NULL
      AND network_category IS DISTINCT FROM 'corporate' AND network_category IS DISTINCT FROM 'vpn'
), entered AS MATERIALIZED (
    SELECT e.*
    FROM signed AS e
    JOIN (SELECT user_email, near, bool_or(brute) AS brute, list(ip_prefix) AS networks
          FROM (SELECT user_email, near, true AS brute, NULL AS ip_prefix FROM attacked UNION ALL SELECT user_email, near, false, ip_prefix FROM victims) GROUP BY ALL) AS k
      ON k.user_email = e.user_email AND k.near = e.near
    WHERE k.brute OR list_contains(k.networks, e.ip_prefix)
), brute AS (
    SELECT e.activity_id, count(*) AS failures, count(DISTINCT f.ip_prefix) AS networks, coalesce(bool_or(f.ip_prefix = e.ip_prefix), false) AS same, min(f.occurred_at) AS first_at, max(f.occurred_at) AS last_at,
           list_sort(list(DISTINCT f.ip_address)) AS ips,
           list({'id': f.sign_in_id, 'at': strftime(f.occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'failed sign-in from', f.ip_address, f.reason)} ORDER BY f.occurred_at DESC, f.sign_in_id)[:9] AS events
    FROM (SELECT *, unnest([near - 1, near]) AS slot FROM entered) AS e JOIN failed AS f ON f.user_email = e.user_email AND f.slot = e.slot AND f.occurred_at < e.occurred_at AND f.occurred_at >= e.occurred_at - INTERVAL 6 HOUR
    GROUP BY ALL
), spray AS (
    SELECT e.activity_id, count(DISTINCT f.user_email) AS users
    FROM (SELECT *, unnest([near - 1, near]) AS slot FROM entered) AS e JOIN failed AS f ON f.ip_prefix = e.ip_prefix AND f.slot = e.slot AND f.occurred_at < e.occurred_at AND f.occurred_at >= e.occurred_at - INTERVAL 6 HOUR
    GROUP BY ALL
), hits AS MATERIALIZED (
    SELECT e.*, b.* EXCLUDE (activity_id), s.users
    FROM entered AS e JOIN brute AS b USING (activity_id) LEFT JOIN spray AS s USING (activity_id) WHERE b.failures >= 10 OR s.users >= 5
), past AS (
    SELECT user_email, ip_prefix, asn, country_code, occurred_at::DATE AS day
    FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 90 DAY AND occurred_at < $until AND user_email IN (SELECT user_email FROM hits)
    GROUP BY ALL
), known AS (
    SELECT e.activity_id, coalesce(bool_or(p.ip_prefix = e.ip_prefix), false) AS network, coalesce(bool_or(p.asn = e.asn), false) AS operator,
           coalesce(bool_or(p.country_code = e.country_code), false) AS country, count(DISTINCT p.day) AS days
    FROM hits AS e JOIN past AS p ON p.user_email = e.user_email AND p.day < e.day AND p.day >= e.day - 90
    GROUP BY ALL
)
SELECT e.day, e.user_email, e.first_at, e.occurred_at AS last_at, e.failures::DOUBLE AS observed, 'failed sign-ins before' AS unit,
       coalesce(e.users >= 5, false) OR NOT k.country OR e.same AND (e.networks > 1 OR e.failures >= 30) AS alert,
       if(e.same OR e.users >= 5, 'high', 'medium') AS severity,
       printf('%s: signed in from %s, new to the user in %d days with sign-ins, %d minutes after the last of %d failed sign-ins%s.', e.user_email,
              e.ip_address || coalesce(' (' || nullif(concat_ws(', ', e.as_org, e.country_code), '') || ')', ''), k.days, date_diff('minute', e.last_at, e.occurred_at), e.failures,
              CASE WHEN e.users >= 5 THEN printf('; this network failed for %d accounts', e.users) WHEN e.same THEN ', this one among them' ELSE '' END) AS summary,
       to_json({'attack_detection': if(e.users >= 5, 'ZW-LGF-02', if(e.networks >= 5, 'ZW-LGF-03', 'ZW-LGF-01')), 'attack_ips': e.ips[:20], 'login_ip': e.ip_address,
                'lag_minutes': date_diff('minute', e.last_at, e.occurred_at), 'accounts_of_the_network': coalesce(e.users, 0), 'from_attacking_network': e.same, 'operator_known': k.operator, 'country_known': k.country,
                'indicators': {'fail_then_success': true, 'failed_users_per_ip': coalesce(e.users, 0), 'prefix_novelty': true}})::VARCHAR AS details,
       to_json(list_concat([{'id': e.activity_id, 'at': strftime(e.occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'sign-in from', e.ip_address, e.client_type)}], e.events))::VARCHAR AS events
FROM hits AS e JOIN known AS k USING (activity_id)
WHERE k.days >= 7 AND NOT k.network AND (e.same OR e.users >= 5 OR NOT k.operator)
QUALIFY row_number() OVER (PARTITION BY e.user_email, e.day ORDER BY e.occurred_at, e.activity_id) = 1
