-- Failures of one user: more than ten within five minutes of one UTC day, on a day of more failures than the month before foretells.
WITH busy AS ( -- few users fail that often on a day
    SELECT user_email, occurred_at::DATE AS day FROM ingest.failed_sign_ins WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY GROUP BY ALL HAVING count(*) > 10
), failed AS (
    SELECT *, count(*) OVER (PARTITION BY user_email, day ORDER BY occurred_at RANGE BETWEEN INTERVAL 5 MINUTE PRECEDING AND CURRENT ROW) AS burst
    FROM (SELECT *, occurred_at::DATE AS day FROM ingest.failed_sign_ins WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY) SEMI JOIN busy USING (user_email, day)
), today AS MATERIALIZED (
    SELECT user_email, day, count(*) AS failures, max(burst) AS burst, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
           list(DISTINCT ip_address) FILTER (WHERE ip_address IS NOT NULL) AS ips, list(DISTINCT reason) FILTER (WHERE reason IS NOT NULL) AS reasons,
           list({'id': sign_in_id, 'at': strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'failed sign-in', coalesce('from ' || ip_address, ''), reason)} ORDER BY occurred_at, sign_in_id)[:10] AS events
    FROM failed GROUP BY user_email, day HAVING max(burst) > 10
), past AS ( -- the month before, of those alone
    SELECT user_email, occurred_at::DATE AS day, count(*) AS failures
    FROM ingest.failed_sign_ins
    WHERE occurred_at >= $from - INTERVAL 30 DAY AND occurred_at < $until AND user_email IN (SELECT user_email FROM today)
    GROUP BY ALL
), history AS (
    SELECT d.user_email, d.day, sum(p.failures) AS in_all, max(p.failures) AS most
    FROM today AS d JOIN past AS p ON p.user_email = d.user_email AND p.day < d.day AND p.day >= d.day - 30
    GROUP BY ALL
)
SELECT d.day, d.user_email, first_at, last_at, failures::DOUBLE AS observed, 'failed sign-ins' AS unit, true AS alert,
       printf('%s: %d failed sign-ins, up to %d within five minutes, from %d addresses.', d.user_email, failures, burst, len(ips)) AS summary,
       to_json({'value': failures, 'most_in_5_minutes': burst, 'ips': list_sort(ips)[:20], 'reasons': list_sort(reasons)[:20], 'indicators': {'failed_signin_count_5m': burst}})::VARCHAR AS details,
       to_json(events)::VARCHAR AS events,
       date_diff('day', greatest(d.day - 30, (SELECT min(occurred_at)::DATE FROM ingest.failed_sign_ins)), d.day)::DOUBLE AS history_days, -- as far as the import reaches back
       coalesce(in_all, 0)::DOUBLE AS history_sum, coalesce(most, 0)::DOUBLE AS history_max, 0.1 AS peer_rate, 1e-4 AS p_below
FROM today AS d LEFT JOIN history AS h ON h.user_email = d.user_email AND h.day = d.day
