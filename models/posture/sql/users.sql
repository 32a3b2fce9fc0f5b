-- Users whom Zoom still lists, with what single visits told of them. present numbers weakPaths (override.go) by bit.
WITH signed_in AS (
    SELECT user_email, max(occurred_at) AS at
    FROM ingest.activities
    WHERE kind = 'sign_in' AND user_email IN (SELECT email FROM ingest.users WHERE last_login_at IS NULL AND status <> 'deleted')
    GROUP BY user_email
), delegates AS (
    SELECT a.user_id, list(coalesce(a.email, u.email, a.assistant_id, '') ORDER BY coalesce(a.email, u.email, a.assistant_id)) AS addresses
    FROM ingest.user_assistants AS a LEFT JOIN ingest.users AS u ON u.user_id = a.assistant_id
    WHERE a.removed_at IS NULL
    GROUP BY a.user_id
), present AS (
    SELECT scope_id, sum(CASE path WHEN 'meeting_security.waiting_room' THEN 1 WHEN 'meeting_security.meeting_password' THEN 2 WHEN 'meeting_authentication' THEN 4
                                   WHEN 'in_meeting.file_transfer' THEN 8 ELSE 16 END)::BIGINT AS present
    FROM ingest.scoped_settings
    WHERE scope = 'user' AND removed_at IS NULL AND value IS NOT NULL
      AND path IN ('meeting_security.waiting_room', 'meeting_security.meeting_password', 'meeting_authentication', 'in_meeting.file_transfer', 'recording.local_recording')
    GROUP BY scope_id
)
SELECT u.user_id, u.email, u.role_id, u.groups, u.status, u.type, coalesce(u.last_login_at, s.at) AS last_login_at, u.first_seen_at, u.joined_at, u.verified, u.last_client,
       d.login_types IS NOT NULL AS has_login_types, d.login_types, d.use_pmi,
       v.parent IS NOT NULL OR g.addresses IS NOT NULL AS delegates_read, g.addresses AS delegates, p.present, w.visited_at AS settings_read_at
FROM ingest.users AS u
LEFT JOIN signed_in AS s ON s.user_email = u.email
LEFT JOIN ingest.user_details AS d ON d.user_id = u.user_id
LEFT JOIN meta.visits AS v ON v.feed = 'user_assistants' AND v.parent = u.user_id AND v.outcome = 'done'
LEFT JOIN delegates AS g ON g.user_id = u.user_id
LEFT JOIN present AS p ON p.scope_id = u.user_id
LEFT JOIN meta.visits AS w ON w.feed = 'user_settings' AND w.parent = u.user_id AND w.outcome = 'done'
WHERE u.status <> 'deleted'
ORDER BY u.email
