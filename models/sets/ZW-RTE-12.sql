-- People from outside who were put into a chat channel since its members were first read: the first outsiders of the channel, or the first of their domain in any channel.
-- Their day is the one on which a run saw them. Channels that outsiders were in when they were first read are made for them.
WITH first AS (
    SELECT channel_id, min(first_seen_at) AS read_at FROM ingest.channel_members GROUP BY ALL
), outsiders AS MATERIALIZED (
    SELECT m.member_key, m.channel_id, m.first_seen_at, m.first_seen_at::DATE AS day, m.email, coalesce(nullif(split_part(m.email, '@', 2), ''), m.name) AS domain, f.read_at
    FROM ingest.channel_members AS m JOIN first AS f USING (channel_id)
    WHERE m.is_external AND m.first_seen_at < $until + INTERVAL 1 DAY
), news AS (
    SELECT o.*, NOT EXISTS (SELECT 1 FROM outsiders AS e WHERE e.channel_id = o.channel_id AND e.day < o.day) AS first_of_channel,
           NOT EXISTS (SELECT 1 FROM outsiders AS e WHERE e.domain = o.domain AND e.day < o.day) AS first_of_domain
    FROM outsiders AS o WHERE o.day >= $from AND o.first_seen_at >= o.read_at + INTERVAL 12 HOUR
)
SELECT n.day, c.channel_id AS key, min(n.first_seen_at) AS first_at, max(n.first_seen_at) AS last_at, count(*)::DOUBLE AS observed, 'members from outside' AS unit, false AS alert,
       min((SELECT lower(max(w.email)) FROM ingest.channel_members AS w JOIN ingest.users AS u ON u.email = w.email WHERE w.channel_id = c.channel_id AND w.role = 'owner')) AS user_email,
       printf('channel/%s (%s): %d members from outside since its members were read before (%s)%s.', coalesce(min(c.name), c.channel_id),
              coalesce('owner ' || min((SELECT lower(max(w.email)) FROM ingest.channel_members AS w JOIN ingest.users AS u ON u.email = w.email WHERE w.channel_id = c.channel_id AND w.role = 'owner')), 'no owner known'),
              count(*), array_to_string(list_sort(list(DISTINCT n.domain))[:5], ', '), if(bool_or(n.first_of_channel), '; it had none before', '; nobody of that domain was in any channel before')) AS summary,
       to_json({'channel': coalesce(min(c.name), c.channel_id), 'channel_type': min(c.type), 'change': if(bool_or(n.first_of_channel), 'first outsiders of the channel', 'first of their domain'),
                'members_added': list_sort(list(DISTINCT n.email))[:20], 'external_domains': list_sort(list(DISTINCT n.domain))[:20], 'indicators': {'channel_change_rate': count(*)}})::VARCHAR AS details
FROM news AS n JOIN ingest.chat_channels AS c USING (channel_id)
WHERE n.first_of_channel OR n.first_of_domain
GROUP BY n.day, c.channel_id
