-- Recordings: at once, then weekly in their first month and monthly after it, for their owners may share them any day. Whoever opened one to the public, as a reading of the last days shows, may have
-- opened more: those of the same user of the last quarter that were last read before are due at once.
WITH recorded AS (
    SELECT meeting_uuid, max(started_at) AS started_at, max(user_id) AS user_id FROM ingest.recordings GROUP BY meeting_uuid
), opened AS (
    SELECT r.user_id, max(n.read_at) AS read_at
    FROM ingest.versions AS n JOIN recorded AS r ON r.meeting_uuid = n."key"
    WHERE n.kind = 'recording_sharing' AND n.read_at >= $now - INTERVAL 3 DAY AND (n.value->>'share_recording') = 'publicly'
      AND (SELECT max_by(b.value->>'share_recording', b.read_at) FROM ingest.versions AS b WHERE b.kind = n.kind AND b."key" = n."key" AND b.read_at < n.read_at) <> 'publicly'
    GROUP BY r.user_id
)
SELECT r.meeting_uuid AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via,
       r.started_at >= $now - INTERVAL 7 DAY AS fresh, v.attempts
FROM recorded AS r
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = r.meeting_uuid
LEFT JOIN opened AS o ON o.user_id = r.user_id
WHERE v.feed IS NULL OR v.outcome = 'failed' AND $retry
   OR v.outcome = 'done' AND (v.visited_at <= $now - CASE WHEN r.started_at >= $now - INTERVAL 30 DAY THEN INTERVAL 7 DAY ELSE INTERVAL 30 DAY END
                              OR v.visited_at < o.read_at AND r.started_at >= $now - INTERVAL 90 DAY)
ORDER BY v.visited_at NULLS FIRST, r.started_at DESC, r.meeting_uuid
