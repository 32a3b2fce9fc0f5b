-- Apps that were added to the account.
SELECT coalesce(app_id, name) AS app_id, any_value(name) AS name, any_value(developer_type) AS developer_type, any_value(scopes) AS scopes
FROM ingest.apps
WHERE listing = 'account_added' AND removed_at IS NULL
GROUP BY coalesce(app_id, name)
ORDER BY app_id
