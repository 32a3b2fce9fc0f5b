-- Hosts and months with recorded meetings, once for every number of them, and again a day after the latest, for recordings take their time to be ready. Without
-- any feed of meetings: every user and month, the running month once a week.
WITH recorded AS (
    SELECT coalesce(m.host_id, u.user_id) AS user_id, date_trunc('month', m.started_at)::DATE AS month, count(*)::VARCHAR AS mark, max(m.started_at) AS latest
    FROM ingest.meetings_seen AS m LEFT JOIN ingest.users AS u ON u.email = m.host_email
    WHERE m.recorded AND m.started_at >= $floor
    GROUP BY ALL
    UNION ALL
    SELECT u.user_id, months.month, CASE WHEN months.month = date_trunc('month', $now)::DATE THEN 'week ' || floor(epoch($now) / 604800)::BIGINT ELSE 'once' END, months.month
    FROM ingest.users AS u
    CROSS JOIN (SELECT unnest(generate_series(date_trunc('month', $floor)::TIMESTAMP, $now, INTERVAL 1 MONTH))::DATE AS month) AS months
    WHERE u.status = 'active' AND u.type = 'licensed' AND NOT EXISTS (SELECT 1 FROM ingest.meetings_seen)
)
SELECT r.user_id AS parent, r.month AS window_from, r.month + INTERVAL 1 MONTH - INTERVAL 1 DAY AS window_to, r.mark, NULL::VARCHAR AS via,
       r.latest >= $now - INTERVAL 7 DAY AS fresh, v.attempts
FROM recorded AS r
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = r.user_id AND v.window_from = r.month
WHERE r.user_id IS NOT NULL
  AND (v.feed IS NULL OR v.mark IS DISTINCT FROM r.mark OR v.outcome = 'failed' AND $retry
       OR v.visited_at < r.latest + INTERVAL 1 DAY AND v.visited_at <= $now - INTERVAL 6 HOUR)
ORDER BY r.latest DESC, r.user_id
