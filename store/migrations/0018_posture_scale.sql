-- What one change settles.
ALTER TABLE models.posture_state ADD COLUMN settles VARCHAR[];
ALTER TABLE models.posture_state ADD COLUMN settled_by VARCHAR;
