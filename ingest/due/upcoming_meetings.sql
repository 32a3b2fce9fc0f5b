-- Users: those never seen, then those who are known to host every third day and everybody once a week, spread over five days of it.
WITH hosting AS (SELECT host_id FROM ingest.upcoming_meetings WHERE removed_at IS NULL GROUP BY host_id)
SELECT u.user_id AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via, false AS fresh, v.attempts
FROM ingest.users AS u
LEFT JOIN hosting AS h ON h.host_id = u.user_id
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = u.user_id
WHERE u.status = 'active' AND u.user_id IS NOT NULL
  AND (v.feed IS NULL OR v.outcome = 'failed' AND $retry OR h.host_id IS NOT NULL AND v.visited_at <= $now - INTERVAL 3 DAY
       OR v.visited_at <= $now - to_days(5 + (hash(u.user_id) % 5)::INTEGER))
ORDER BY v.visited_at NULLS FIRST, h.host_id IS NULL, u.user_id
