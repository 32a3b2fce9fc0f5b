-- The latest version of every setting.
SELECT path, value, locked, lock_kind, fetched_at
FROM ingest.setting_versions
QUALIFY row_number() OVER (PARTITION BY path ORDER BY fetched_at DESC, rowid DESC) = 1
