-- Users whom Zoom still lists.
SELECT user_id, email, role_id, groups, status, type, last_login_at, first_seen_at
FROM ingest.users
WHERE status <> 'deleted'
ORDER BY email
