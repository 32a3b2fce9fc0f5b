-- How many groups and users have which value of the settings that a control reads of each of them; a path of '' counts those of which anything was read.
SELECT scope, path, value, count(*) AS n
FROM ingest.scoped_settings
WHERE removed_at IS NULL AND value IS NOT NULL AND path IN (SELECT unnest(from_json(?, '["VARCHAR"]')))
GROUP BY scope, path, value
UNION ALL
SELECT scope, '', NULL, count(DISTINCT scope_id)
FROM ingest.scoped_settings
WHERE removed_at IS NULL
GROUP BY scope
ORDER BY scope, path, value
