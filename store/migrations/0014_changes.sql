-- Who changed what: when settings were read, and what the controls rest on.

-- One row for each reading of the account's settings, also where nothing had changed: what changed did so since the last one.
CREATE TABLE ingest.setting_readings (
    read_at TIMESTAMP NOT NULL,  -- the run's clock; setting_versions.fetched_at of what had changed
    sources VARCHAR[] NOT NULL   -- views of Zoom's API that answered; of locks: lock_settings, lock_settings.meeting_security
);

-- A row for every change of an allow-listed setting of a group, as setting_versions has them of the account.
CREATE TABLE ingest.group_setting_versions (
    group_id   VARCHAR NOT NULL,
    path       VARCHAR NOT NULL,
    value      VARCHAR,
    locked     BOOLEAN,
    fetched_at TIMESTAMP NOT NULL,
    run_id     VARCHAR NOT NULL
);

-- The settings that each control of the catalogue reads, as the last run that judged had it.
CREATE TABLE models.posture_paths (
    control_id VARCHAR NOT NULL,
    path       VARCHAR NOT NULL
);

-- Detections of what each control makes harder, likewise.
CREATE TABLE models.posture_prevents (
    control_id   VARCHAR NOT NULL,
    detection_id VARCHAR NOT NULL
);
