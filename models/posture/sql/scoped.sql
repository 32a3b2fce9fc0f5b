-- How many groups and active users have which value of the settings that a control reads of each of them; a path of '' counts those of which anything was read.
-- recent: how many of them were first read after a time.
WITH read AS (
    SELECT scope, scope_id, path, value, first_seen_at > ?::TIMESTAMP AS recent
    FROM ingest.scoped_settings
    WHERE removed_at IS NULL AND (scope <> 'user' OR scope_id IN (SELECT user_id FROM ingest.users WHERE status = 'active'))
)
SELECT scope, path, value, count(*) AS n, count(*) FILTER (WHERE recent) AS recent
FROM read
WHERE value IS NOT NULL AND path IN (SELECT unnest(from_json(?, '["VARCHAR"]')))
GROUP BY scope, path, value
UNION ALL
SELECT scope, '', NULL, count(DISTINCT scope_id), count(DISTINCT scope_id) - count(DISTINCT scope_id) FILTER (WHERE NOT recent)
FROM read
GROUP BY scope
ORDER BY scope, path, value
