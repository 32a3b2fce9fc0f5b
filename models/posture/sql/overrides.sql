-- Settings of groups and users that differ from the account's, where the account does not lock them. since: when a group was first read with its value; recent: that were first read after a time.
WITH account AS (
    SELECT path, value, locked FROM ingest.setting_versions
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY fetched_at DESC, rowid DESC) = 1
), since AS (
    SELECT group_id, path, max(fetched_at) AS since FROM ingest.group_setting_versions GROUP BY group_id, path
)
SELECT s.scope, s.scope_id, s.path, s.value, v.since, s.first_seen_at > ?::TIMESTAMP AS recent
FROM ingest.scoped_settings AS s JOIN account AS a ON a.path = s.path
LEFT JOIN since AS v ON s.scope = 'group' AND v.group_id = s.scope_id AND v.path = s.path
WHERE s.removed_at IS NULL AND s.value IS NOT NULL AND a.value IS NOT NULL AND s.value <> a.value AND NOT coalesce(a.locked, false)
  AND s.path IN (SELECT unnest(from_json(?, '["VARCHAR"]')))
ORDER BY s.scope, s.scope_id, s.path
