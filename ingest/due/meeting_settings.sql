-- Meetings that their hosts' lists still hold: those never seen, the next ones first, then each once a week, for their hosts may change them any day.
WITH upcoming AS (
    SELECT meeting_id, min(starts_at) AS starts_at FROM ingest.upcoming_meetings
    WHERE removed_at IS NULL AND meeting_id IS NOT NULL
    GROUP BY meeting_id
)
SELECT m.meeting_id AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via,
       false AS fresh, v.attempts -- their list is not fresh either, so that what it brings is asked for in the same run
FROM upcoming AS m
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = m.meeting_id
WHERE v.feed IS NULL OR v.outcome = 'failed' AND $retry OR v.outcome = 'done' AND v.visited_at <= $now - to_days(5 + (hash(m.meeting_id) % 5)::INTEGER)
ORDER BY v.visited_at NULLS FIRST, m.starts_at NULLS LAST, m.meeting_id
