-- Meetings that are over, once each, the latest first.
SELECT m.meeting_uuid AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via,
       m.ended_at >= $now - INTERVAL 7 DAY AS fresh, v.attempts
FROM ingest.meetings_seen AS m
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = m.meeting_uuid
WHERE m.ended_at <= $now - INTERVAL 30 MINUTE AND m.ended_at >= $floor AND (v.feed IS NULL OR v.outcome = 'failed' AND $retry)
ORDER BY m.ended_at DESC, m.meeting_uuid
