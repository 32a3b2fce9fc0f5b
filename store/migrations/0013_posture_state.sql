-- What the last run said of every control beside its verdict: its rank depends on all other controls, its exception on the configuration, so every run writes it anew.
-- Verdicts, with their history, stand in posture_results.
CREATE TABLE models.posture_state (
    control_id           VARCHAR NOT NULL,
    resource_type        VARCHAR NOT NULL,
    resource_id          VARCHAR NOT NULL,
    lock_state           VARCHAR NOT NULL, -- none, locked, open, unknown
    raw_points           DOUBLE NOT NULL,  -- before the exception
    gain_points          DOUBLE,
    gain                 DOUBLE,           -- percentage points of the score
    rank                 BIGINT,
    effort               VARCHAR NOT NULL, -- low, moderate, high
    user_impact          VARCHAR NOT NULL, -- low, moderate, high
    exception_state      VARCHAR,
    exception_reason     VARCHAR,
    exception_owner      VARCHAR,
    exception_expires_on DATE,
    exception_expired    BOOLEAN NOT NULL,
    missing_scopes       VARCHAR[],
    reason               VARCHAR,
    fetched_at           TIMESTAMP
);

ALTER TABLE models.posture_scores ADD COLUMN points DOUBLE;
ALTER TABLE models.posture_scores ADD COLUMN max_points DOUBLE;
ALTER TABLE models.posture_scores ADD COLUMN open_recommendations BIGINT;
