-- Groups. present numbers weakPaths (override.go) by bit.
WITH present AS (
    SELECT scope_id, sum(CASE path WHEN 'meeting_security.waiting_room' THEN 1 WHEN 'meeting_security.meeting_password' THEN 2 WHEN 'meeting_authentication' THEN 4
                                   WHEN 'in_meeting.file_transfer' THEN 8 ELSE 16 END)::BIGINT AS present
    FROM ingest.scoped_settings
    WHERE scope = 'group' AND removed_at IS NULL AND value IS NOT NULL
      AND path IN ('meeting_security.waiting_room', 'meeting_security.meeting_password', 'meeting_authentication', 'in_meeting.file_transfer', 'recording.local_recording')
    GROUP BY scope_id
)
SELECT g.group_id, g.name, p.present
FROM ingest.groups AS g LEFT JOIN present AS p ON p.scope_id = g.group_id
WHERE g.removed_at IS NULL
ORDER BY g.group_id
