-- Policies of the account's own: what they found, and how they fare. What they found stands apart from the engine's tables, which are worked out anew whenever days
-- are scored anew.

CREATE TABLE models.policy_findings (
    finding_id        VARCHAR NOT NULL,
    policy_id         VARCHAR NOT NULL,
    class             VARCHAR NOT NULL, -- alert, behavior
    title             VARCHAR NOT NULL,
    severity          VARCHAR NOT NULL,
    user_email        VARCHAR,
    "key"             VARCHAR NOT NULL, -- JSON object: the grouping columns and their values
    window_start      TIMESTAMP NOT NULL,
    window_end        TIMESTAMP NOT NULL,
    observed          DOUBLE NOT NULL,
    unit              VARCHAR NOT NULL,
    summary           VARCHAR NOT NULL,
    evidence          VARCHAR NOT NULL, -- JSON
    attack_techniques VARCHAR,
    first_seen_at     TIMESTAMP NOT NULL,
    last_seen_at      TIMESTAMP NOT NULL,
    raised_at         TIMESTAMP NOT NULL, -- the clock of the run that raised it
    run_id            VARCHAR NOT NULL,
    suppressed_by     VARCHAR             -- alert that was dismissed as a false positive and that this is like
);

-- One row for each policy of the folder.
CREATE TABLE models.policies (
    policy_id     VARCHAR NOT NULL,
    file          VARCHAR NOT NULL,
    digest        VARCHAR NOT NULL,     -- of the file
    title         VARCHAR NOT NULL,
    class         VARCHAR NOT NULL,
    severity      VARCHAR NOT NULL,
    state         VARCHAR NOT NULL,     -- on, off (by the file), stopped (by a person), disabled (by itself), broken (does not load)
    reason        VARCHAR,
    since         TIMESTAMP NOT NULL,   -- of the state
    seen_until    TIMESTAMP,            -- end of the last window that was looked at
    last_error    VARCHAR,
    failures      BIGINT NOT NULL,      -- in a row
    last_rows     BIGINT NOT NULL,      -- of the last evaluation
    last_seconds  DOUBLE NOT NULL,
    withheld      BIGINT NOT NULL,      -- alerts over the daily limit, of the last evaluation
    limited_on    DATE,                 -- last day on which the daily limit was reached
    limited_days  BIGINT NOT NULL       -- such days in a row
);
