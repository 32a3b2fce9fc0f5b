-- The connector: every further feed. Tables hold what zoomward needs of a row and nothing else: no passcodes, no links that open recordings, no serial numbers
-- of hardware. row_hash changes when anything that is kept does; removed_at is set when a listing that was read whole holds the row no more.

-- What was asked of Zoom for one user, meeting, group or window, for feeds that cost a call for each of them. A visit is noted in the transaction that lands
-- what it found.
CREATE TABLE meta.visits (
    visit_key   VARCHAR NOT NULL,      -- feed, parent and window, joined by U+001F
    feed        VARCHAR NOT NULL,
    parent      VARCHAR NOT NULL,      -- id of the user, meeting, ...; '' for a window of the account
    window_from TIMESTAMP,
    window_to   TIMESTAMP,
    visited_at  TIMESTAMP,             -- NULL: never
    outcome     VARCHAR NOT NULL,      -- planned, done, gone (Zoom has it no more), failed
    attempts    BIGINT NOT NULL,       -- failed ones in a row
    rows        BIGINT,                -- how many it found
    mark        VARCHAR                -- what was known of the parent then; another mark makes another visit due
);

-- The day's plan of `hosts`: how many meetings Zoom counts for each host of a window, which says whom to ask.
CREATE TABLE ingest.hosts (
    host_key    VARCHAR NOT NULL,
    user_id     VARCHAR,
    email       VARCHAR,
    window_from DATE NOT NULL,
    window_to   DATE NOT NULL,
    meetings    BIGINT,
    row_hash    VARCHAR NOT NULL,
    run_id      VARCHAR NOT NULL
);

CREATE TABLE ingest.roles (
    role_id VARCHAR NOT NULL, name VARCHAR, description VARCHAR, type VARCHAR, total_members BIGINT, privileges VARCHAR[],
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.role_members (
    member_key VARCHAR NOT NULL, role_id VARCHAR NOT NULL, user_id VARCHAR, email VARCHAR, department VARCHAR,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.groups (
    group_id VARCHAR NOT NULL, name VARCHAR, total_members BIGINT,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.domains (
    domain_key VARCHAR NOT NULL, kind VARCHAR NOT NULL, domain VARCHAR, status VARCHAR,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.apps (
    app_key VARCHAR NOT NULL, listing VARCHAR NOT NULL, app_id VARCHAR, name VARCHAR, type VARCHAR, usage BIGINT, status VARCHAR, developer_type VARCHAR,
    scopes VARCHAR[], approved_type VARCHAR, approver_id VARCHAR, approved_at TIMESTAMP, approval_closed BOOLEAN,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

-- Settings of groups and users, as last read, and only those that are allow-listed for the account.
CREATE TABLE ingest.scoped_settings (
    setting_key VARCHAR NOT NULL, scope VARCHAR NOT NULL, scope_id VARCHAR NOT NULL, path VARCHAR NOT NULL, value VARCHAR, locked BOOLEAN,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

-- Three feeds know of meetings, each something that the others do not; the view meetings joins them.
CREATE TABLE ingest.history_meetings (
    meeting_uuid VARCHAR NOT NULL, meeting_id BIGINT, type VARCHAR, topic VARCHAR, host_email VARCHAR, host_name VARCHAR, started_at TIMESTAMP, ended_at TIMESTAMP,
    duration_minutes BIGINT, participants BIGINT, total_participant_minutes BIGINT, department VARCHAR, source VARCHAR, created_at TIMESTAMP, features VARCHAR[],
    row_hash VARCHAR NOT NULL, batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.user_meetings (
    meeting_uuid VARCHAR NOT NULL, host_id VARCHAR NOT NULL, meeting_id BIGINT, type BIGINT, topic VARCHAR, host_email VARCHAR, host_name VARCHAR, started_at TIMESTAMP,
    ended_at TIMESTAMP, duration_minutes BIGINT, total_minutes BIGINT, participants BIGINT, participants_my_account BIGINT, source VARCHAR,
    has_screen_share BOOLEAN, has_recording BOOLEAN, has_chat BOOLEAN, encryption BIGINT,
    row_hash VARCHAR NOT NULL, batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.dashboard_meetings (
    meeting_uuid VARCHAR NOT NULL, meeting_id BIGINT, topic VARCHAR, host_email VARCHAR, host_name VARCHAR, user_type VARCHAR, dept VARCHAR,
    started_at TIMESTAMP, ended_at TIMESTAMP, duration_seconds BIGINT, participants BIGINT, has_pstn BOOLEAN, has_voip BOOLEAN, has_3rd_party_audio BOOLEAN,
    has_video BOOLEAN, has_screen_share BOOLEAN, has_recording BOOLEAN, has_sip BOOLEAN, has_archiving BOOLEAN, has_external_participant BOOLEAN,
    row_hash VARCHAR NOT NULL, batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.meeting_participants (
    participant_key VARCHAR NOT NULL, meeting_uuid VARCHAR NOT NULL, participant_id VARCHAR, user_id VARCHAR, participant_user_id VARCHAR, name VARCHAR,
    user_email VARCHAR, joined_at TIMESTAMP, left_at TIMESTAMP, duration_seconds BIGINT, failover BOOLEAN, status VARCHAR,
    batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.dashboard_participants (
    participant_key VARCHAR NOT NULL, meeting_uuid VARCHAR NOT NULL, participant_id VARCHAR, user_id VARCHAR, participant_user_id VARCHAR, name VARCHAR,
    user_email VARCHAR, joined_at TIMESTAMP, left_at TIMESTAMP, leave_reason VARCHAR, status VARCHAR, role VARCHAR,
    ip_address VARCHAR, location VARCHAR, device VARCHAR, device_name VARCHAR, pc_name VARCHAR, os VARCHAR, os_version VARCHAR, client VARCHAR, client_version VARCHAR,
    browser VARCHAR, network_type VARCHAR, connection_type VARCHAR, data_center VARCHAR, recorded BOOLEAN, shared_desktop BOOLEAN, shared_application BOOLEAN,
    shared_whiteboard BOOLEAN,
    ip_prefix VARCHAR, country_code VARCHAR, city VARCHAR, latitude DOUBLE, longitude DOUBLE, accuracy_km DOUBLE, asn BIGINT, as_org VARCHAR,
    network_category VARCHAR, geo_source VARCHAR,
    batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.recordings (
    recording_key VARCHAR NOT NULL, meeting_uuid VARCHAR NOT NULL, meeting_id BIGINT, host_id VARCHAR, user_id VARCHAR NOT NULL, topic VARCHAR, started_at TIMESTAMP,
    duration_minutes BIGINT, total_size BIGINT, recording_count BIGINT, type VARCHAR, auto_delete BOOLEAN, auto_delete_on DATE, file_types VARCHAR[],
    row_hash VARCHAR NOT NULL, batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.recording_settings (
    meeting_uuid VARCHAR NOT NULL, share_recording VARCHAR, has_password BOOLEAN, recording_authentication BOOLEAN, authentication_domains VARCHAR,
    viewer_download BOOLEAN, on_demand BOOLEAN, approval_type BIGINT, auto_delete BOOLEAN, auto_delete_on DATE,
    row_hash VARCHAR NOT NULL, batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.chat_channels (
    channel_id VARCHAR NOT NULL, name VARCHAR, type BIGINT, allow_to_add_external_users BIGINT, add_member_permissions BIGINT, posting_permissions BIGINT,
    new_members_can_see_previous_messages_files BOOLEAN, via_user_id VARCHAR,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.channel_members (
    member_key VARCHAR NOT NULL, channel_id VARCHAR NOT NULL, user_id VARCHAR, member_id VARCHAR, email VARCHAR, name VARCHAR, role VARCHAR, is_external BOOLEAN,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.channel_activities (
    activity_id VARCHAR NOT NULL, occurred_at TIMESTAMP NOT NULL, channel_id VARCHAR, activity_type VARCHAR, operator_id VARCHAR, operator_name VARCHAR,
    member_status VARCHAR, member_ids VARCHAR[], member_names VARCHAR[],
    batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.daily_usage (
    "day" DATE NOT NULL, day_key VARCHAR NOT NULL, new_users BIGINT, meetings BIGINT, participants BIGINT, meeting_minutes BIGINT,
    row_hash VARCHAR NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.telephone_usage (
    usage_id VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP, meeting_uuid VARCHAR, meeting_id BIGINT, meeting_type VARCHAR, host_id VARCHAR,
    host_email VARCHAR, host_name VARCHAR, dept VARCHAR, type VARCHAR, phone_number VARCHAR, signaled_number VARCHAR, call_in_number VARCHAR, country_name VARCHAR,
    duration_minutes BIGINT, rate DOUBLE, total DOUBLE,
    batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.remote_support (
    support_id VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP, requested_at TIMESTAMP, meeting_uuid VARCHAR, meeting_number VARCHAR, topic VARCHAR,
    meeting_host_id VARCHAR, supporter_email VARCHAR, supporter_name VARCHAR, supportee_email VARCHAR, supportee_name VARCHAR, wait_seconds BIGINT, duration_seconds BIGINT,
    batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

CREATE TABLE ingest.meeting_activities (
    activity_id VARCHAR NOT NULL, occurred_at TIMESTAMP NOT NULL, meeting_number VARCHAR, operator_email VARCHAR, operator_name VARCHAR, category VARCHAR, detail VARCHAR,
    batch BIGINT NOT NULL, run_id VARCHAR NOT NULL
);

-- Several lists may hold an address: what they say, beside the one category.
ALTER TABLE ingest.activities ADD COLUMN network_tags VARCHAR[];
ALTER TABLE ingest.dashboard_participants ADD COLUMN network_tags VARCHAR[];

-- Feeds that cost a call for each user, meeting or window: how many visits were due when the last run ended.
ALTER TABLE meta.feeds ADD COLUMN due BIGINT;
