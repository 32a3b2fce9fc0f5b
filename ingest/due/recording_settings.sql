-- Recordings: at once, then weekly in their first month and monthly after it, for their owners may share them any day.
WITH recorded AS (SELECT meeting_uuid, max(started_at) AS started_at FROM ingest.recordings GROUP BY meeting_uuid)
SELECT r.meeting_uuid AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via,
       r.started_at >= $now - INTERVAL 7 DAY AS fresh, v.attempts
FROM recorded AS r
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = r.meeting_uuid
WHERE v.feed IS NULL OR v.outcome = 'failed' AND $retry
   OR v.outcome = 'done' AND v.visited_at <= $now - CASE WHEN r.started_at >= $now - INTERVAL 30 DAY THEN INTERVAL 7 DAY ELSE INTERVAL 30 DAY END
ORDER BY v.visited_at NULLS FIRST, r.started_at DESC, r.meeting_uuid
