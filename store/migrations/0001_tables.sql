-- One schema per room that fills it; the views that analysts query stand in main and are made anew at every start (views.sql).
CREATE SCHEMA IF NOT EXISTS meta;
CREATE SCHEMA ingest;
CREATE SCHEMA features;
CREATE SCHEMA models;

-- meta: runs, feeds, the position of the fold -------------------------------------------------------------------------------------

CREATE TABLE meta.runs (
    run_id      VARCHAR PRIMARY KEY,
    command     VARCHAR NOT NULL,
    version     VARCHAR NOT NULL,
    account_id  VARCHAR,
    as_of       TIMESTAMP NOT NULL,
    started_at  TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    status      VARCHAR NOT NULL, -- running, done, partial, failed
    error       VARCHAR,
    stages      VARCHAR           -- JSON object: stage -> figures
);

-- What is known of each feed. A window is landed and its watermark moved in one transaction.
CREATE TABLE meta.feeds (
    feed            VARCHAR PRIMARY KEY,
    state           VARCHAR NOT NULL, -- ok, not_authorised, plan_too_low, failed, never
    message         VARCHAR,          -- what to do about it, in one sentence
    covered_from    TIMESTAMP,        -- start of the first landed window
    watermark       TIMESTAMP,        -- everything up to here has been read at least once
    settled_until   TIMESTAMP,        -- everything up to here will not be read again
    last_attempt_at TIMESTAMP,
    last_success_at TIMESTAMP,
    rows_landed     BIGINT NOT NULL DEFAULT 0
);

-- Position of the fold: days up to `through` are scored for good, from rows of batches up to `batch`.
CREATE TABLE meta.fold (
    through DATE,
    batch   BIGINT NOT NULL,
    config  VARCHAR NOT NULL  -- fingerprint of what the scores depend on besides the rows
);

-- ingest: what Zoom said, enriched once, when it landed -----------------------------------------------------------------------------

-- Numbers the landing transactions, so that the fold knows which rows are new to it.
CREATE SEQUENCE ingest.batch START 1;

CREATE TABLE ingest.activities (
    activity_id      VARCHAR NOT NULL, -- hash of the whole row as Zoom sent it
    user_email       VARCHAR NOT NULL, -- lower case
    occurred_at      TIMESTAMP NOT NULL,
    kind             VARCHAR NOT NULL, -- sign_in, sign_out
    ip_address       VARCHAR,
    client_type      VARCHAR,
    client_version   VARCHAR,
    ip_prefix        VARCHAR,          -- /24 or /48 of ip_address
    country_code     VARCHAR,
    city             VARCHAR,
    latitude         DOUBLE,
    longitude        DOUBLE,
    accuracy_km      DOUBLE,
    asn              BIGINT,
    as_org           VARCHAR,
    network_category VARCHAR,
    geo_source       VARCHAR,          -- databases and build dates that answered
    batch            BIGINT NOT NULL,
    run_id           VARCHAR NOT NULL
);

CREATE TABLE ingest.operations (
    operation_id VARCHAR NOT NULL,     -- hash of the whole row as Zoom sent it
    operator     VARCHAR,              -- lower case; Zoom may leave it out
    occurred_at  TIMESTAMP NOT NULL,
    category     VARCHAR,
    action       VARCHAR,
    detail       VARCHAR,              -- operation_detail as sent
    subject      VARCHAR,              -- whom or what the row is about, when the detail names it
    setting      VARCHAR,              -- the first change of the row
    old_value    VARCHAR,
    new_value    VARCHAR,
    changes      VARCHAR,              -- JSON array of every change: [{"setting":..,"old":..,"new":..}]
    batch        BIGINT NOT NULL,
    run_id       VARCHAR NOT NULL
);

-- One row per account user, as last seen. A user who is in none of the three listings any more keeps the row with status 'deleted'.
CREATE TABLE ingest.users (
    user_id           VARCHAR,         -- pending users have none
    email             VARCHAR NOT NULL,-- lower case, the key
    display_name      VARCHAR,
    type              VARCHAR,         -- basic, licensed, unassigned, none
    status            VARCHAR NOT NULL,-- active, inactive, pending, deleted
    role_id           VARCHAR,
    role              VARCHAR,
    dept              VARCHAR,
    timezone          VARCHAR,
    created_at        TIMESTAMP,
    last_login_at     TIMESTAMP,
    last_client       VARCHAR,
    groups            VARCHAR[],
    row_hash          VARCHAR NOT NULL,
    status_changed_at TIMESTAMP,       -- when a run first saw the present status
    first_seen_at     TIMESTAMP NOT NULL,
    run_id            VARCHAR NOT NULL
);

-- A row for every change of an allow-listed setting: the value is NULL from when Zoom stops sending the path.
CREATE TABLE ingest.setting_versions (
    path       VARCHAR NOT NULL,       -- dotted path as Zoom nests it
    value      VARCHAR,                -- JSON text of the value
    locked     BOOLEAN,                -- NULL: Zoom sends no lock for this path
    source     VARCHAR NOT NULL,       -- view of the API it came from: settings, security, meeting_security, ..., lock_settings
    fetched_at TIMESTAMP NOT NULL,     -- when this value was first read
    run_id     VARCHAR NOT NULL
);

-- features ---------------------------------------------------------------------------------------------------------------------------

CREATE TABLE features.observations (
    user_email VARCHAR NOT NULL,
    day        DATE NOT NULL,
    behaviour  VARCHAR NOT NULL,
    value      DOUBLE NOT NULL
);

CREATE TABLE features.baselines (
    user_email   VARCHAR NOT NULL,
    behaviour    VARCHAR NOT NULL,
    as_of        DATE NOT NULL,
    history_days BIGINT NOT NULL,
    mean         DOUBLE NOT NULL,
    lower        DOUBLE NOT NULL,
    upper        DOUBLE NOT NULL,
    details      VARCHAR
);

-- Checkpoints of the fold: what was known at the end of `valid_for`. user_email '' holds the state of the tenant.
CREATE TABLE features.state (
    valid_for  DATE NOT NULL,
    room       VARCHAR NOT NULL,       -- features, models
    user_email VARCHAR NOT NULL,
    payload    BLOB NOT NULL
);

-- models -----------------------------------------------------------------------------------------------------------------------------

CREATE TABLE models.user_days (
    user_email VARCHAR NOT NULL,
    day        DATE NOT NULL,
    score      DOUBLE NOT NULL,
    p_value    DOUBLE NOT NULL,
    learning   BOOLEAN NOT NULL,
    alerted    BOOLEAN NOT NULL,
    gated      BOOLEAN NOT NULL,       -- left out of the baselines
    identity_p DOUBLE NOT NULL,
    volume_p   DOUBLE NOT NULL
);

CREATE TABLE models.behaviors (
    behavior_id  VARCHAR NOT NULL,
    detection_id VARCHAR NOT NULL,
    user_email   VARCHAR,
    window_start TIMESTAMP NOT NULL,
    window_end   TIMESTAMP NOT NULL,
    observed     DOUBLE,
    expected     DOUBLE,
    unit         VARCHAR,
    p_value      DOUBLE,
    evidence     VARCHAR,              -- JSON
    summary      VARCHAR NOT NULL,
    day          DATE NOT NULL
);

CREATE TABLE models.alerts (
    alert_id          VARCHAR NOT NULL,
    detection_id      VARCHAR NOT NULL,
    title             VARCHAR NOT NULL,
    severity          VARCHAR NOT NULL,-- critical, high, medium, low, info
    user_email        VARCHAR,
    window_start      TIMESTAMP NOT NULL,
    window_end        TIMESTAMP NOT NULL,
    score             DOUBLE,
    p_value           DOUBLE,
    summary           VARCHAR NOT NULL,
    evidence          VARCHAR NOT NULL,-- JSON
    attack_techniques VARCHAR,
    first_seen_at     TIMESTAMP NOT NULL,
    last_seen_at      TIMESTAMP NOT NULL,
    day               DATE NOT NULL
);

-- Which run first raised an alert: kept when days are scored anew.
CREATE TABLE models.alert_origins (
    alert_id VARCHAR NOT NULL,
    run_id   VARCHAR NOT NULL
);

-- What people said of alerts: kept apart, so that scoring again never loses it. The latest row counts.
CREATE TABLE models.triage (
    alert_id VARCHAR NOT NULL,
    status   VARCHAR NOT NULL,
    note     VARCHAR,
    set_at   TIMESTAMP NOT NULL
);

CREATE TABLE models.user_risk (
    user_email    VARCHAR NOT NULL,
    score         DOUBLE NOT NULL,
    percentile    DOUBLE NOT NULL,
    change_7d     DOUBLE NOT NULL,
    contributions VARCHAR NOT NULL     -- JSON
);

-- A row for every change of a verdict; the latest per control and resource counts.
CREATE TABLE models.posture_results (
    control_id    VARCHAR NOT NULL,
    title         VARCHAR NOT NULL,
    severity      VARCHAR NOT NULL,
    resource_type VARCHAR NOT NULL,
    resource_id   VARCHAR NOT NULL,
    status        VARCHAR NOT NULL,    -- pass, fail, partial, unknown, not_applicable, manual, error
    observed      VARCHAR,
    expected      VARCHAR,
    locked        BOOLEAN,
    points        DOUBLE NOT NULL,
    max_points    DOUBLE NOT NULL,
    exception     VARCHAR,
    reason        VARCHAR,
    remediation   VARCHAR,
    changed_at    TIMESTAMP NOT NULL,
    run_id        VARCHAR NOT NULL
);

CREATE TABLE models.posture_scores (
    run_id           VARCHAR NOT NULL,
    at               TIMESTAMP NOT NULL,
    score            DOUBLE NOT NULL,  -- percent of the points that could be judged
    achievable_score DOUBLE NOT NULL,
    coverage         DOUBLE NOT NULL   -- percent of all points that could be judged
);
