-- Which of these settings Zoom sends of users at all: the others are of the account and its groups alone.
SELECT DISTINCT path
FROM ingest.scoped_settings
WHERE scope = 'user' AND removed_at IS NULL AND value IS NOT NULL AND path IN (SELECT unnest(from_json(?, '["VARCHAR"]')))
ORDER BY path
