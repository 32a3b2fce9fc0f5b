-- Observations stand in one row per user and day, with a column for each behaviour (added as behaviours are); NULL is none. The view turns them into rows.
DROP TABLE features.observations;
CREATE TABLE features.observations (
    user_email VARCHAR NOT NULL,
    day        DATE NOT NULL,
    sign_ins DOUBLE,
    further_prefixes DOUBLE,
    further_networks DOUBLE,
    further_countries DOUBLE,
    further_clients DOUBLE,
    operations DOUBLE,
    session_operations DOUBLE,
    session_minutes DOUBLE,
    admin_operations DOUBLE,
    off_hours_admin_operations DOUBLE,
    setting_changes DOUBLE,
    role_changes DOUBLE,
    user_removals DOUBLE,
    user_additions DOUBLE,
    recording_deletions DOUBLE,
    recording_accesses DOUBLE
);

-- Checkpoints of the fold have a schema of their own and a table for each day, since DuckDB gives back the space of a dropped table, not that of deleted rows.
DROP TABLE features.state;
DELETE FROM meta.fold;
