-- How many groups and active users have which value of the settings that a control reads of each of them; a path of '' counts those of which anything was read.
WITH read AS (
    SELECT scope, scope_id, path, value
    FROM ingest.scoped_settings
    WHERE removed_at IS NULL AND (scope <> 'user' OR scope_id IN (SELECT user_id FROM ingest.users WHERE status = 'active'))
)
SELECT scope, path, value, count(*) AS n
FROM read
WHERE value IS NOT NULL AND path IN (SELECT unnest(from_json(?, '["VARCHAR"]')))
GROUP BY scope, path, value
UNION ALL
SELECT scope, '', NULL, count(DISTINCT scope_id)
FROM read
GROUP BY scope
ORDER BY scope, path, value
