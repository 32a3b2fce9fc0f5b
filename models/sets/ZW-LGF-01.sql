-- Failures of one user: more than ten within five minutes, on a day of more failures than the month before foretells.
WITH failed AS (
    SELECT *, occurred_at::DATE AS day, count(*) OVER (PARTITION BY user_email ORDER BY occurred_at RANGE BETWEEN INTERVAL 5 MINUTE PRECEDING AND CURRENT ROW) AS burst
    FROM ingest.failed_sign_ins
    WHERE occurred_at >= $from - INTERVAL 30 DAY AND occurred_at < $until + INTERVAL 1 DAY
), daily AS (
    SELECT user_email, day, count(*) AS failures, max(burst) AS burst, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
           list(DISTINCT ip_address) FILTER (WHERE ip_address IS NOT NULL) AS ips, list(DISTINCT reason) FILTER (WHERE reason IS NOT NULL) AS reasons,
           list({'id': sign_in_id, 'at': strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'failed sign-in', coalesce('from ' || ip_address, ''), reason)} ORDER BY occurred_at)[:10] AS events
    FROM failed GROUP BY user_email, day
)
SELECT day, user_email, first_at, last_at, failures::DOUBLE AS observed, 'failed sign-ins' AS unit, true AS alert,
       printf('%s: %d failed sign-ins, up to %d within five minutes, from %d addresses.', user_email, failures, burst, len(ips)) AS summary,
       to_json({'most_in_5_minutes': burst, 'addresses': list_sort(ips)[:20], 'reasons': list_sort(reasons)[:20]})::VARCHAR AS details, to_json(events)::VARCHAR AS events,
       -- the month before, as far as the import reaches back
       date_diff('day', greatest(day - 30, (SELECT min(occurred_at)::DATE FROM ingest.failed_sign_ins)), day)::DOUBLE AS history_days,
       coalesce((SELECT sum(e.failures) FROM daily AS e WHERE e.user_email = d.user_email AND e.day < d.day AND e.day >= d.day - 30), 0)::DOUBLE AS history_sum,
       coalesce((SELECT max(e.failures) FROM daily AS e WHERE e.user_email = d.user_email AND e.day < d.day AND e.day >= d.day - 30), 0)::DOUBLE AS history_max,
       0.1 AS peer_rate, 1e-4 AS p_below
FROM daily AS d
WHERE burst > 10 AND day BETWEEN $from AND $until
