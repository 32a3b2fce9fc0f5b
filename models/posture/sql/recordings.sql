-- Cloud recordings that Zoom still has, with how they are shared.
SELECT r.meeting_uuid, max(r.topic) AS topic, s.share_recording, s.has_password, s.recording_authentication, s.on_demand
FROM ingest.recordings AS r
LEFT JOIN ingest.recording_settings AS s ON s.meeting_uuid = r.meeting_uuid
LEFT JOIN meta.visits AS v ON v.feed = 'recording_settings' AND v.parent = r.meeting_uuid
WHERE v.outcome IS DISTINCT FROM 'gone'
GROUP BY ALL
ORDER BY r.meeting_uuid
