-- Chat channels with what their members come to, NULL where it was not read or not sent. Of a member whom Zoom does not call external nor not, nothing is counted;
-- leaders_unsaid: such a one leads the channel, or one from outside may. A role that Zoom does not document counts as none sent.
WITH roles AS (
    SELECT * REPLACE (CASE WHEN lower(role) IN ('owner', 'admin', 'member') THEN lower(role) END AS role)
    FROM ingest.channel_members
    WHERE removed_at IS NULL
), members AS (
    SELECT m.channel_id, count(*) AS members,
           CASE WHEN count(*) FILTER (WHERE m.is_external) = 0 AND count(*) > count(m.is_external) THEN NULL ELSE count(*) FILTER (WHERE m.is_external) END AS external,
           list(coalesce(m.email, m.name, m.member_id) ORDER BY m.member_key) FILTER (WHERE m.is_external AND m.role IN ('owner', 'admin')) AS outside_leaders,
           bool_or((m.is_external AND m.role IN ('owner', 'admin')) IS NULL) AS leaders_unsaid,
           CASE WHEN bool_or(m.role = 'owner' AND coalesce(i.status, e.status) = 'active' AND NOT coalesce(m.is_external, false)) THEN true
                WHEN count(*) FILTER (WHERE m.role = 'owner') = 0 AND count(*) > count(m.role) THEN NULL
                WHEN bool_or(m.role = 'owner' AND m.user_id IS NULL AND m.email IS NULL AND NOT coalesce(m.is_external, false)) THEN NULL
                ELSE false END AS active_owner
    FROM roles AS m
    LEFT JOIN ingest.users AS i ON i.user_id = m.user_id
    LEFT JOIN ingest.users AS e ON e.email = m.email
    GROUP BY m.channel_id
)
SELECT c.channel_id, c.name, c.type, c.allow_to_add_external_users, c.add_member_permissions, c.mention_all_permissions, c.new_members_can_see_previous_messages_files,
       m.members, m.external, m.outside_leaders, coalesce(m.leaders_unsaid, false) AS leaders_unsaid, m.active_owner
FROM ingest.chat_channels AS c LEFT JOIN members AS m ON m.channel_id = c.channel_id
WHERE c.removed_at IS NULL
ORDER BY c.channel_id
