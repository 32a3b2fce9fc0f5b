-- What one change settles.
ALTER TABLE models.posture_state ADD COLUMN settles VARCHAR[];
ALTER TABLE models.posture_state ADD COLUMN settled_by VARCHAR;

-- What a score was measured with: one of another scale says nothing of the account.
ALTER TABLE models.posture_scores ADD COLUMN attested_points DOUBLE;
ALTER TABLE models.posture_scores ADD COLUMN profile VARCHAR;
ALTER TABLE models.posture_scores ADD COLUMN scale VARCHAR;                 -- fingerprint of all of it
ALTER TABLE models.posture_scores ADD COLUMN scale_of VARCHAR;              -- JSON: profile, params, exceptions that applied, catalogue
ALTER TABLE models.posture_scores ADD COLUMN catalogue VARCHAR;             -- fingerprints
ALTER TABLE models.posture_scores ADD COLUMN params VARCHAR;
ALTER TABLE models.posture_scores ADD COLUMN exceptions VARCHAR;
ALTER TABLE models.posture_scores ADD COLUMN from_configuration DOUBLE;     -- percentage points against the run before; NULL: not known
ALTER TABLE models.posture_scores ADD COLUMN configuration_changed VARCHAR; -- what of it, in words; NULL: nothing
