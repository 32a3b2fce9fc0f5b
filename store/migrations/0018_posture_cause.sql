-- Why a verdict changed where nobody changed anything: more was read than before, or somebody joined.

ALTER TABLE models.posture_results ADD COLUMN cause VARCHAR;      -- coverage, joined, weakened, repaired; NULL: the verdict turned for what both readings know
ALTER TABLE models.posture_results ADD COLUMN cause_text VARCHAR; -- the same in words

-- Single objects that the last run that judged knew, so that the next one can compare like with like. Settings of users and groups say themselves since when they are known.
CREATE TABLE models.posture_known (
    resource_type VARCHAR NOT NULL,
    resource_id   VARCHAR NOT NULL
);
