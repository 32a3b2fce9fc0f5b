-- Meetings that are over, once each (again where nobody was found yet, as long as rows may come late), the latest first.
SELECT m.meeting_uuid AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via,
       m.ended_at >= $now - INTERVAL 7 DAY AS fresh, v.attempts
FROM ingest.meetings_seen AS m
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = m.meeting_uuid
WHERE m.ended_at <= $now - INTERVAL 30 MINUTE AND m.ended_at >= $floor AND (v.feed IS NULL OR v.outcome = 'failed' AND $retry
       OR v.outcome = 'done' AND v.rows = 0 AND v.visited_at < m.ended_at + $overlap AND v.visited_at <= $now - INTERVAL 6 HOUR)
ORDER BY m.ended_at DESC, m.meeting_uuid
