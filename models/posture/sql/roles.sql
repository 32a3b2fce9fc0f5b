-- Roles with the addresses of their members. A role without a single privilege is one whose privileges Zoom did not send.
WITH members AS (
    SELECT m.role_id, list(coalesce(m.email, u.email, m.user_id, '') ORDER BY coalesce(m.email, u.email, m.user_id)) AS addresses
    FROM ingest.role_members AS m LEFT JOIN ingest.users AS u ON u.user_id = m.user_id
    WHERE m.removed_at IS NULL
    GROUP BY m.role_id
)
SELECT r.role_id, r.name, len(r.privileges) > 0 AS has_privileges, r.privileges, v.parent IS NOT NULL OR m.addresses IS NOT NULL AS members_read, m.addresses AS members
FROM ingest.roles AS r
LEFT JOIN meta.visits AS v ON v.feed = 'role_members' AND v.parent = r.role_id AND v.outcome = 'done'
LEFT JOIN members AS m ON m.role_id = r.role_id
WHERE r.removed_at IS NULL
ORDER BY r.role_id
