-- Failures of one user, of one UTC day with more of them than the month before foretells: more than ten within five minutes, twenty within an hour (the figure of Panther's
-- rule), or fifty on the day (half of the hundred in a row that NIST SP 800-63B lets a verifier allow).
-- Slow ones are an alert only from networks that are not the user's: a telephone goes on with an old password where its owner is, and a broken integration at its host, all
-- night. The user's are those of a sign-in of the month before, and others of the same operator in the same country; fast ones are excused only where the user signed in from
-- the very network within the day before. What ZW-LGF-02 tells of a network that fails for many is no alert on each of them.
WITH failed AS MATERIALIZED (
    SELECT sign_in_id, user_email, occurred_at, reason, ip_address, ip_prefix, asn, country_code, network_category, occurred_at::DATE AS day, coalesce(network_category IN ('corporate', 'vpn'), false) AS ours
    FROM ingest.failed_sign_ins WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY
), busy AS MATERIALIZED ( -- few users fail that often on a day
    SELECT user_email, day FROM failed GROUP BY ALL HAVING count(*) > 10
), crowded AS MATERIALIZED ( -- and few networks for that many users: as in ZW-LGF-02
    SELECT ip_prefix, day FROM failed WHERE ip_prefix IS NOT NULL GROUP BY ALL HAVING count(*) >= 15 AND count(DISTINCT user_email) >= 5
), began AS MATERIALIZED (
    SELECT user_email, day, ip_prefix, any_value(asn) AS asn, any_value(country_code) AS country, min(occurred_at) AS at,
           coalesce(bool_or(network_category IN ('hosting', 'tor', 'proxy', 'threat')), false) AS shady
    FROM (SELECT user_email, day, ip_prefix, asn, country_code, occurred_at, network_category FROM failed SEMI JOIN busy USING (user_email, day) WHERE ip_prefix IS NOT NULL
          UNION ALL SELECT user_email, day, ip_prefix, asn, country_code, occurred_at, network_category FROM failed SEMI JOIN crowded USING (ip_prefix, day))
    GROUP BY user_email, day, ip_prefix
), signed AS MATERIALIZED (
    SELECT b.user_email, b.day, b.ip_prefix, bool_or(a.ip_prefix = b.ip_prefix AND a.occurred_at >= b.at - INTERVAL 1 DAY) AS fresh, bool_or(a.ip_prefix = b.ip_prefix AND a.occurred_at < b.day) AS same
    FROM began AS b JOIN ingest.activities AS a ON a.user_email = b.user_email AND a.occurred_at < b.at AND a.occurred_at >= b.at - INTERVAL 30 DAY
         AND (a.ip_prefix = b.ip_prefix OR NOT b.shady AND a.asn = b.asn AND a.country_code = b.country)
    WHERE a.kind = 'sign_in' AND a.occurred_at >= $from - INTERVAL 31 DAY AND a.occurred_at < $until + INTERVAL 1 DAY
    GROUP BY ALL
), tries AS (
    SELECT ip_prefix, day, start, user_email, count(*) AS n, min(occurred_at) AS first_at, max(occurred_at) AS last_at, bool_or(ours) AS ours
    FROM (SELECT *, unnest([time_bucket(INTERVAL 30 MINUTE, occurred_at), time_bucket(INTERVAL 30 MINUTE, occurred_at) - INTERVAL 30 MINUTE]) AS start
          FROM failed SEMI JOIN crowded USING (ip_prefix, day) ANTI JOIN (SELECT * FROM signed WHERE same) AS s USING (ip_prefix, day, user_email))
    GROUP BY ALL
), sprays AS (
    SELECT ip_prefix, day, max(users) AS users, bool_or(ours) AS ours, max(users) FILTER (WHERE attempts >= 45) AS many
    FROM (SELECT ip_prefix, day, start, count(*) AS users, sum(least(n, 8)) AS attempts, bool_or(ours) AS ours FROM tries GROUP BY ALL
          HAVING count(*) >= 5 AND sum(least(n, 8)) >= 15 AND (avg((n >= 2)::INT) >= 0.6 OR count(*) >= 25)
             AND (max(last_at) - min(first_at) >= INTERVAL 5 MINUTE OR sum(n) >= 10 * count(*)))
    GROUP BY ALL
), shared AS (
    SELECT s.ip_prefix, s.day, count(DISTINCT a.user_email) AS owners
    FROM sprays AS s JOIN ingest.activities AS a ON a.ip_prefix = s.ip_prefix AND a.occurred_at < s.day AND a.occurred_at >= s.day - INTERVAL 30 DAY
    WHERE a.kind = 'sign_in' AND a.occurred_at >= $from - INTERVAL 30 DAY AND a.occurred_at < $until
    GROUP BY ALL
), told AS MATERIALIZED (
    SELECT s.ip_prefix, s.day, s.users FROM sprays AS s LEFT JOIN shared AS h USING (ip_prefix, day) WHERE NOT (s.ours OR coalesce(h.owners, 0) >= 3) OR s.many >= 15
), marked AS (
    SELECT f.*, f.ours OR s.user_email IS NOT NULL AS own, f.ours OR coalesce(s.fresh, false) AS fresh, t.users AS spray
    FROM failed AS f SEMI JOIN busy USING (user_email, day)
    LEFT JOIN signed AS s ON s.user_email = f.user_email AND s.day = f.day AND s.ip_prefix = f.ip_prefix
    LEFT JOIN told AS t ON t.ip_prefix = f.ip_prefix AND t.day = f.day AND s.same IS DISTINCT FROM true
), counted AS (
    SELECT *, count(*) OVER five AS burst, count(*) OVER hour AS hourly, count(*) FILTER (WHERE spray IS NULL AND NOT fresh) OVER five AS odd_burst, count(*) FILTER (WHERE spray IS NULL AND NOT own) OVER hour AS odd_hourly
    FROM marked
    WINDOW five AS (PARTITION BY user_email, day ORDER BY occurred_at RANGE BETWEEN INTERVAL 5 MINUTE PRECEDING AND CURRENT ROW),
           hour AS (PARTITION BY user_email, day ORDER BY occurred_at RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW)
), today AS MATERIALIZED (
    SELECT user_email, day, count(*) AS failures, max(burst) AS burst, max(hourly) AS hourly, min(occurred_at) AS first_at, max(occurred_at) AS last_at, count(*) FILTER (WHERE NOT own) AS strange,
           max(odd_burst) > 10 OR max(odd_hourly) >= 20 OR count(*) FILTER (WHERE spray IS NULL AND NOT own) >= 50 AS alert, max(spray) AS spray, bool_and(own) AS own,
           list(DISTINCT ip_address) FILTER (WHERE ip_address IS NOT NULL) AS ips, list(DISTINCT reason) FILTER (WHERE reason IS NOT NULL) AS reasons,
           list({'id': sign_in_id, 'at': strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'failed sign-in', coalesce('from ' || ip_address, ''), reason)} ORDER BY occurred_at, sign_in_id)[:10] AS events
    FROM counted GROUP BY user_email, day HAVING max(burst) > 10 OR max(hourly) >= 20 OR count(*) >= 50
), past AS ( -- the month before, of those alone
    SELECT user_email, occurred_at::DATE AS day, count(*) AS failures
    FROM ingest.failed_sign_ins
    WHERE occurred_at >= $from - INTERVAL 30 DAY AND occurred_at < $until AND user_email IN (SELECT user_email FROM today)
    GROUP BY ALL
), history AS (
    SELECT d.user_email, d.day, sum(p.failures) AS in_all, max(p.failures) AS most
    FROM today AS d JOIN past AS p ON p.user_email = d.user_email AND p.day < d.day AND p.day >= d.day - 30
    GROUP BY ALL
), habits AS ( -- on how many days of the month before the user signed in: whose networks are known
    SELECT d.user_email, d.day, count(DISTINCT a.occurred_at::DATE) AS days
    FROM today AS d JOIN ingest.activities AS a ON a.user_email = d.user_email AND a.kind = 'sign_in' AND a.occurred_at < d.day AND a.occurred_at >= d.day - INTERVAL 30 DAY
    WHERE a.occurred_at >= $from - INTERVAL 30 DAY AND a.occurred_at < $until
    GROUP BY ALL
), reach AS (
    SELECT min(occurred_at)::DATE AS since FROM ingest.failed_sign_ins
)
SELECT d.day, d.user_email, first_at, last_at, failures::DOUBLE AS observed, 'failed sign-ins' AS unit, d.alert,
       printf('%s: %d failed sign-ins, up to %d within five minutes and %d within an hour, from %d addresses%s.', d.user_email, failures, burst, hourly, len(ips),
              CASE WHEN d.own AND NOT d.alert THEN '; all of them where the user signs in, as a device with an old password does' WHEN d.own THEN '; the user signed in there in the month before, but not in the day before'
                   WHEN NOT d.alert AND spray IS NOT NULL THEN printf('; a network among them fails for %d accounts', spray) ELSE '' END) AS summary,
       to_json({'value': failures, 'most_in_5_minutes': burst, 'most_in_an_hour': hourly, 'from_strange_networks': strange, 'ips': list_sort(ips)[:20], 'reasons': list_sort(reasons)[:20],
                'indicators': {'failed_signin_count_5m': burst}})::VARCHAR AS details,
       to_json(events)::VARCHAR AS events,
       -- As far as the import reaches back. In the first week of an import a hundred from networks that are not those of a known user are enough.
       CASE WHEN d.day - r.since < 7 AND d.alert AND d.strange >= 100 AND coalesce(b.days, 0) >= 7 THEN NULL ELSE date_diff('day', greatest(d.day - 30, r.since), d.day)::DOUBLE END AS history_days,
       coalesce(in_all, 0)::DOUBLE AS history_sum, coalesce(most, 0)::DOUBLE AS history_max, 0.1 AS peer_rate, 1e-4 AS p_below
FROM today AS d CROSS JOIN reach AS r LEFT JOIN history AS h ON h.user_email = d.user_email AND h.day = d.day LEFT JOIN habits AS b ON b.user_email = d.user_email AND b.day = d.day
