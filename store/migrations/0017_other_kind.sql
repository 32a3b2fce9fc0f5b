-- A lock that Zoom sent as something else than a lock: what kind of thing it was, in words. Settings of another kind than documented have a marker as their value.
ALTER TABLE ingest.setting_versions ADD COLUMN lock_kind VARCHAR;
ALTER TABLE ingest.group_setting_versions ADD COLUMN lock_kind VARCHAR;
ALTER TABLE ingest.scoped_settings ADD COLUMN lock_kind VARCHAR;
