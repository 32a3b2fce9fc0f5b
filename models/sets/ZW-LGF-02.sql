-- A network that fails for many accounts: at least 5 accounts and 15 attempts within an hour and over at least 5 minutes, 2 or more for most of them, or a multitude of
-- accounts (the figures of Elastic's rule on Okta). That rule leaves out who tries more than eight times for one: here those count as eight, so that one device does not make
-- the 15, but an attack that tries harder is one all the same; so is one of ten for each that is over within minutes. Who signed in from the network in the month before does
-- not count: an office whose people all fail is an outage. Windows of an hour begin every half hour, within the UTC day.
WITH failed AS (
    SELECT sign_in_id, user_email, occurred_at, occurred_at::DATE AS day, reason, country_code, as_org, network_category, network_tags, ip_address, ip_prefix
    FROM ingest.failed_sign_ins
    WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY AND ip_prefix IS NOT NULL
), busy AS MATERIALIZED ( -- few networks fail for that many on a day
    SELECT ip_prefix, day FROM failed GROUP BY ip_prefix, day HAVING count(*) >= 15 AND count(DISTINCT user_email) >= 5
), own AS (
    SELECT DISTINCT f.ip_prefix, f.day, f.user_email
    FROM (SELECT DISTINCT ip_prefix, day, user_email FROM failed SEMI JOIN busy USING (ip_prefix, day)) AS f
    JOIN ingest.activities AS a ON a.ip_prefix = f.ip_prefix AND a.user_email = f.user_email AND a.occurred_at < f.day AND a.occurred_at >= f.day - INTERVAL 30 DAY
    WHERE a.kind = 'sign_in' AND a.occurred_at >= $from - INTERVAL 30 DAY AND a.occurred_at < $until
), strange AS MATERIALIZED (
    SELECT * FROM failed SEMI JOIN busy USING (ip_prefix, day) ANTI JOIN own USING (ip_prefix, day, user_email)
), attempts AS (
    SELECT ip_prefix, day, start, user_email, count(*) AS n, min(occurred_at) AS first_at, max(occurred_at) AS last_at
    FROM (SELECT *, unnest([time_bucket(INTERVAL 30 MINUTE, occurred_at), time_bucket(INTERVAL 30 MINUTE, occurred_at) - INTERVAL 30 MINUTE]) AS start FROM strange)
    GROUP BY ALL
), windows AS MATERIALIZED (
    SELECT ip_prefix, day, start, count(*) AS users, sum(n)::BIGINT AS attempts, sum(least(n, 8))::BIGINT AS counted, max(n) AS most, avg((n >= 2)::INT) AS several, min(first_at) AS first_at, max(last_at) AS last_at
    FROM attempts GROUP BY ALL HAVING count(*) >= 5 AND sum(least(n, 8)) >= 15
), shared AS (
    SELECT w.ip_prefix, w.day, count(DISTINCT a.user_email) AS owners
    FROM (SELECT DISTINCT ip_prefix, day FROM windows) AS w
    JOIN ingest.activities AS a ON a.ip_prefix = w.ip_prefix AND a.occurred_at < w.day AND a.occurred_at >= w.day - INTERVAL 30 DAY
    WHERE a.kind = 'sign_in' AND a.occurred_at >= $from - INTERVAL 30 DAY AND a.occurred_at < $until
    GROUP BY ALL
), networks AS (
    SELECT ip_prefix, day, bool_or(network_category IN ('corporate', 'vpn')) AS safe, max(country_code) AS country, max(as_org) AS org, list_sort(list(DISTINCT ip_address)) AS ips,
           list_sort(list(DISTINCT user_email)) AS users, list_sort(list(DISTINCT reason) FILTER (WHERE reason IS NOT NULL)) AS reasons,
           coalesce(bool_or(network_category = 'tor' OR list_contains(network_tags, 'tor')), false) AS tor,
           coalesce(bool_or(network_category = 'proxy'), false) AS proxy, coalesce(bool_or(network_category = 'threat'), false) AS threat,
           coalesce(bool_or(network_category = 'hosting'), false) AS hosting,
           list({'id': sign_in_id, 'at': strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'failed sign-in of', user_email, 'from', ip_address, reason)} ORDER BY occurred_at, sign_in_id)[:10] AS events
    FROM strange SEMI JOIN windows USING (ip_prefix, day) GROUP BY ALL
)
SELECT w.day, w.ip_prefix AS key, w.first_at, w.last_at, w.users::DOUBLE AS observed, 'accounts' AS unit, w.users::DOUBLE AS score, true AS alert,
       printf('%s: failed to sign in to %d accounts within an hour, %d times in all and at most %d times for one; none of them used this network in the month before%s.',
              w.ip_prefix, w.users, w.attempts, w.most, coalesce(' (' || concat_ws(', ', n.org, n.country) || ')', '')) AS summary,
       to_json({'ip': n.ips[:20], 'users': n.users[:100], 'attempts': w.attempts, 'attempts_per_user': round(w.attempts / w.users, 1), 'duration_minutes': date_diff('minute', w.first_at, w.last_at),
                'reasons': n.reasons[:20], 'network_of_colleagues': coalesce(s.owners, 0),
                'indicators': {'failed_users_per_ip': w.users, 'ip_is_tor': n.tor, 'ip_is_anonymous_proxy': n.proxy, 'ip_in_threat_list': n.threat, 'ip_is_hosting_asn': n.hosting}})::VARCHAR AS details,
       to_json(n.events)::VARCHAR AS events
FROM windows AS w JOIN networks AS n ON n.ip_prefix = w.ip_prefix AND n.day = w.day LEFT JOIN shared AS s ON s.ip_prefix = w.ip_prefix AND s.day = w.day,
     (SELECT 3 AS more) -- as many again on networks of one's own, named so or used by colleagues
WHERE w.users >= 5 * if(coalesce(n.safe, false) OR s.owners >= 3, more, 1) AND w.counted >= 15 * if(coalesce(n.safe, false) OR s.owners >= 3, more, 1)
  AND (w.several >= 0.6 OR w.users >= 25) AND (w.last_at - w.first_at >= INTERVAL 5 MINUTE OR w.attempts >= 10 * w.users)
QUALIFY row_number() OVER (PARTITION BY w.ip_prefix, w.day ORDER BY w.users DESC, w.attempts DESC, w.start) = 1
