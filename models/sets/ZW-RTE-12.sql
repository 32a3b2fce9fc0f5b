-- What makes chat channels reach further than they did: people from outside put into a channel since its members were first read, the first outsiders of the channel or the first of their domain in
-- any channel; private channels that became public; and users who made far more channels than they do. Their day is the one on which a run saw it. Channels that outsiders were in when they were
-- first read are made for them.
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
), types AS ( -- 1 and 2 are private, 3 and 5 public; what a channel was before is kept since it was first read
    SELECT "key" AS channel_id, read_at, (value->>'type')::BIGINT AS type, lag((value->>'type')::BIGINT) OVER (PARTITION BY "key" ORDER BY read_at, rowid) AS was
    FROM ingest.versions WHERE kind = 'channel' AND read_at < $until + INTERVAL 1 DAY
), owners AS (
    SELECT m.channel_id, lower(max(m.email)) AS email, min(m.first_seen_at) AS first_seen_at FROM ingest.channel_members AS m JOIN ingest.users AS u ON u.email = m.email WHERE m.role = 'owner' GROUP BY ALL
), listed AS ( -- each user is asked for his channels, and the public ones are read together: what a first listing shows is not new
    SELECT channel_id, name, type, first_seen_at, min(first_seen_at) OVER (PARTITION BY via_user_id) AS begun FROM ingest.chat_channels
), made AS ( -- group chats that make themselves (4) do not count
    SELECT o.email, greatest(c.first_seen_at, o.first_seen_at) AS at, c.channel_id, c.name, c.begun
    FROM listed AS c JOIN owners AS o USING (channel_id)
    WHERE c.type <> 4 AND c.first_seen_at > c.begun + INTERVAL 12 HOUR AND greatest(c.first_seen_at, o.first_seen_at) >= $from - INTERVAL 30 DAY
      AND greatest(c.first_seen_at, o.first_seen_at) < $until + INTERVAL 1 DAY
), days AS MATERIALIZED (
    SELECT email, at::DATE AS day, count(*) AS n, min(at) AS first_at, max(at) AS last_at, min(begun) AS begun, list_sort(list(coalesce(name, channel_id)))[:20] AS channels FROM made GROUP BY ALL
), past AS (
    SELECT d.email, d.day, sum(p.n) AS in_all, max(p.n) AS most FROM days AS d JOIN days AS p ON p.email = d.email AND p.day < d.day AND p.day >= d.day - 30 WHERE d.n >= 5 AND d.day >= $from GROUP BY ALL
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
UNION ALL BY NAME
SELECT t.read_at::DATE AS day, t.channel_id || ' public' AS key, t.read_at AS first_at, t.read_at AS last_at, 1.0 AS observed, 'private channels made public' AS unit, false AS alert, o.email AS user_email,
       printf('channel/%s (%s): was private and is public since it was read before.', coalesce(c.name, t.channel_id), coalesce('owner ' || o.email, 'no owner known')) AS summary,
       to_json({'channel': coalesce(c.name, t.channel_id), 'channel_type': t.type, 'channel_type_before': t.was, 'change': 'private to public', 'user': o.email, 'indicators': {'channel_change_rate': 1}})::VARCHAR AS details
FROM types AS t LEFT JOIN ingest.chat_channels AS c USING (channel_id) LEFT JOIN owners AS o ON o.channel_id = t.channel_id
WHERE t.was IN (1, 2) AND t.type IN (3, 5) AND t.read_at >= $from
UNION ALL BY NAME
SELECT d.day, 'made' AS key, d.first_at, d.last_at, d.n::DOUBLE AS observed, 'new channels' AS unit, false AS alert, d.email AS user_email,
       printf('%s: owner of %d channels that were read for the first time on one day; at most %d on a day of the month before.', d.email, d.n, coalesce(h.most, 0)::BIGINT) AS summary,
       to_json({'user': d.email, 'change': 'new channels', 'channels': d.channels, 'indicators': {'channel_change_rate': d.n}})::VARCHAR AS details,
       date_diff('day', greatest(d.day - 30, d.begun::DATE), d.day)::DOUBLE AS history_days, coalesce(h.in_all, 0)::DOUBLE AS history_sum, coalesce(h.most, 0)::DOUBLE AS history_max, 0.05 AS peer_rate, 1e-3 AS p_below
FROM days AS d LEFT JOIN past AS h ON h.email = d.email AND h.day = d.day
WHERE d.n >= 5 AND d.day >= $from
