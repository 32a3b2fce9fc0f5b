-- Meetings that have not begun a day ago, or have no fixed time.
SELECT m.meeting_id, any_value(m.topic) AS topic, s.has_passcode, s.waiting_room, s.join_before_host, s.meeting_authentication, s.approval_type, s.use_pmi, s.encryption_type,
       s.auto_recording, s.meeting_id IS NOT NULL AS settings_read, s.alternative_hosts
FROM ingest.upcoming_meetings AS m LEFT JOIN ingest.meeting_settings AS s ON s.meeting_id = m.meeting_id
WHERE m.removed_at IS NULL AND m.meeting_id IS NOT NULL AND (m.starts_at IS NULL OR m.starts_at >= ?::TIMESTAMP - INTERVAL 1 DAY)
GROUP BY ALL
ORDER BY m.meeting_id
