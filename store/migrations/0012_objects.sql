-- Posture of single users, roles, groups, channels, meetings, recordings and apps: what is read of them beside what there is, and what does not hold.

-- NULL where Zoom does not say.
ALTER TABLE ingest.users ADD COLUMN verified BOOLEAN;
ALTER TABLE ingest.users ADD COLUMN joined_at TIMESTAMP;          -- when the user came to the account; created_at is the time of the latest kind of sign-in
ALTER TABLE ingest.chat_channels ADD COLUMN mention_all_permissions BIGINT;

-- What Zoom says of a user alone and not in the list.
CREATE TABLE ingest.user_details (
    user_id VARCHAR NOT NULL, login_types VARCHAR[], use_pmi BOOLEAN,
    row_hash VARCHAR NOT NULL, run_id VARCHAR NOT NULL
);

-- Who may schedule meetings for whom.
CREATE TABLE ingest.user_assistants (
    assistant_key VARCHAR NOT NULL, user_id VARCHAR NOT NULL, assistant_id VARCHAR, email VARCHAR,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.upcoming_meetings (
    meeting_key VARCHAR NOT NULL, host_id VARCHAR NOT NULL, meeting_id VARCHAR, topic VARCHAR, type BIGINT, starts_at TIMESTAMP,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

-- Of a passcode nothing is kept but whether there is one.
CREATE TABLE ingest.meeting_settings (
    meeting_id VARCHAR NOT NULL, has_passcode BOOLEAN, waiting_room BOOLEAN, join_before_host BOOLEAN, meeting_authentication BOOLEAN, approval_type BIGINT,
    use_pmi BOOLEAN, encryption_type VARCHAR, auto_recording VARCHAR, alternative_hosts VARCHAR,
    row_hash VARCHAR NOT NULL, run_id VARCHAR NOT NULL
);

-- One row, of an account that has Zoom Phone.
CREATE TABLE ingest.phone_settings (
    call_recording BOOLEAN, call_recording_locked BOOLEAN, read_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL
);

-- One row: the scopes that the app had at the last run, and those that would open what was to be read and was closed.
CREATE TABLE meta.connector (
    scopes VARCHAR[], missing VARCHAR[], read_at TIMESTAMP NOT NULL, run_id VARCHAR NOT NULL
);

-- Single objects that keep a control from passing, as of the last run.
CREATE TABLE models.posture_resources (
    control_id    VARCHAR NOT NULL,
    resource_type VARCHAR NOT NULL,
    resource_id   VARCHAR NOT NULL,
    name          VARCHAR,
    status        VARCHAR NOT NULL,    -- fail, unknown
    observed      VARCHAR,
    changed_at    TIMESTAMP NOT NULL,
    run_id        VARCHAR NOT NULL
);
