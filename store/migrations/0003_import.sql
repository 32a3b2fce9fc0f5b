-- What `zoomward import` lands besides sign-ins and operations.

-- Failed sign-ins as identity providers log them: Zoom's own reports have none.
CREATE TABLE ingest.failed_sign_ins (
    sign_in_id       VARCHAR NOT NULL, -- the provider's own id; a hash of the row where an export has none
    user_email       VARCHAR NOT NULL, -- lower case, as the provider names the user
    occurred_at      TIMESTAMP NOT NULL,
    provider         VARCHAR NOT NULL, -- okta, entra
    reason           VARCHAR,
    application      VARCHAR,
    client           VARCHAR,
    ip_address       VARCHAR,
    ip_prefix        VARCHAR,
    country_code     VARCHAR,
    city             VARCHAR,
    latitude         DOUBLE,
    longitude        DOUBLE,
    accuracy_km      DOUBLE,
    asn              BIGINT,
    as_org           VARCHAR,
    network_category VARCHAR,
    geo_source       VARCHAR,
    batch            BIGINT NOT NULL,
    run_id           VARCHAR NOT NULL
);

-- Rows of imported files that could not be read.
CREATE TABLE ingest.rejected_rows (
    reject_id VARCHAR NOT NULL,        -- hash of file, line and text, so that importing the file again adds nothing
    source    VARCHAR NOT NULL,        -- name of the file without its folder
    line      BIGINT NOT NULL,
    reason    VARCHAR NOT NULL,
    raw       VARCHAR,                 -- at most 4 KiB, without what looks like a secret
    run_id    VARCHAR NOT NULL,
    at        TIMESTAMP NOT NULL
);

-- Landed rows that come from CSV exports of Zoom's portal and that the API has not confirmed. They give way to a row that tells the same event better.
CREATE TABLE ingest.loose_rows (
    feed    VARCHAR NOT NULL,          -- activities, operations
    row_id  VARCHAR NOT NULL,          -- activity_id, operation_id
    missing BIGINT NOT NULL,           -- what the export leaves open, as bits: 1 seconds, 2 address, 4 client, 8 version, 16 category, 32 action
    alt_at  TIMESTAMP,                 -- the other reading of a local time that the clocks showed twice
    batch   BIGINT NOT NULL
);
