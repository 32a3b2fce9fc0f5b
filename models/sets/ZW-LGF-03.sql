-- One account fails from many networks at once: at least 5 networks and 10 attempts within an hour, and 2 countries, 3 operators or 8 networks (the figures of Elastic's rule
-- on Okta, which counts addresses: a telephone that takes a new one in its own /48 every minute is one network here). Networks that the user signed in from in the month
-- before, and those of the organisation, do not count. Windows of an hour begin every half hour, within the UTC day.
WITH failed AS (
    SELECT *, occurred_at::DATE AS day
    FROM ingest.failed_sign_ins
    WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY AND ip_prefix IS NOT NULL AND network_category IS DISTINCT FROM 'corporate' AND network_category IS DISTINCT FROM 'vpn'
), busy AS MATERIALIZED (
    SELECT user_email, day FROM failed GROUP BY ALL HAVING count(*) >= 10 AND count(DISTINCT ip_prefix) >= 5
), own AS (
    SELECT DISTINCT f.user_email, f.day, f.ip_prefix
    FROM (SELECT DISTINCT ip_prefix, day, user_email FROM failed SEMI JOIN busy USING (user_email, day)) AS f
    JOIN ingest.activities AS a ON a.ip_prefix = f.ip_prefix AND a.user_email = f.user_email AND a.occurred_at < f.day AND a.occurred_at >= f.day - INTERVAL 30 DAY
    WHERE a.kind = 'sign_in' AND a.occurred_at >= $from - INTERVAL 30 DAY AND a.occurred_at < $until
), strange AS (
    SELECT * FROM failed SEMI JOIN busy USING (user_email, day) ANTI JOIN own USING (user_email, day, ip_prefix)
), windows AS (
    SELECT user_email, day, start, count(*) AS attempts, count(DISTINCT ip_prefix) AS networks, list_sort(list(DISTINCT ip_address)) AS ips,
           list_sort(list(DISTINCT country_code) FILTER (WHERE country_code IS NOT NULL)) AS countries, list_sort(list(DISTINCT asn) FILTER (WHERE asn IS NOT NULL)) AS asns,
           list_sort(list(DISTINCT reason) FILTER (WHERE reason IS NOT NULL)) AS reasons, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
           coalesce(bool_or(network_category = 'tor' OR list_contains(network_tags, 'tor')), false) AS tor, coalesce(bool_or(network_category = 'proxy'), false) AS proxy,
           coalesce(bool_or(network_category = 'threat'), false) AS threat, coalesce(bool_or(network_category = 'hosting'), false) AS hosting,
           list({'id': sign_in_id, 'at': strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'failed sign-in from', ip_address, country_code, reason)} ORDER BY occurred_at, sign_in_id)[:10] AS events
    FROM (SELECT *, unnest([time_bucket(INTERVAL 30 MINUTE, occurred_at), time_bucket(INTERVAL 30 MINUTE, occurred_at) - INTERVAL 30 MINUTE]) AS start FROM strange)
    GROUP BY ALL HAVING count(*) >= 10 AND count(DISTINCT ip_prefix) >= 5
)
SELECT day, user_email, first_at, last_at, networks::DOUBLE AS observed, 'networks' AS unit, networks::DOUBLE AS score, true AS alert,
       printf('%s: %d failed sign-ins within an hour from %d networks%s, none of which the user signed in from in the month before.', user_email, attempts, networks,
              if(len(countries) > 0, printf(' in %d countries', len(countries)), '')) AS summary,
       to_json({'ips': ips[:20], 'asns': asns[:20], 'countries': countries, 'attempts': attempts, 'reasons': reasons[:20],
                'indicators': {'ip_is_tor': tor, 'ip_is_anonymous_proxy': proxy, 'ip_in_threat_list': threat, 'ip_is_hosting_asn': hosting}})::VARCHAR AS details,
       to_json(events)::VARCHAR AS events
FROM windows
WHERE len(countries) >= 2 OR len(asns) >= 3 OR networks >= 8
QUALIFY row_number() OVER (PARTITION BY user_email, day ORDER BY networks DESC, attempts DESC, start) = 1
