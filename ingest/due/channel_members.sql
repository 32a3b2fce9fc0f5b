-- Channels: those whose members changed since by the activity log, then those never seen, then each once a week. A channel that a user showed is asked about
-- in that user's name.
WITH changed AS (SELECT channel_id, max(occurred_at) AS at FROM ingest.channel_activities GROUP BY channel_id)
SELECT c.channel_id AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, c.via_user_id AS via,
       coalesce(x.at > v.visited_at, false) AS fresh, v.attempts
FROM ingest.chat_channels AS c
LEFT JOIN changed AS x ON x.channel_id = c.channel_id
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = c.channel_id
WHERE c.removed_at IS NULL
  AND (v.feed IS NULL OR x.at > v.visited_at OR v.outcome = 'failed' AND $retry OR v.visited_at <= $now - to_days(5 + (hash(c.channel_id) % 5)::INTEGER))
ORDER BY fresh DESC, v.visited_at NULLS FIRST, c.channel_id
