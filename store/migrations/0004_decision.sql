-- What people say of alerts teaches the scoring.

-- What an alert is about beside its user, and how much was seen.
ALTER TABLE models.alerts ADD COLUMN "key" VARCHAR;
ALTER TABLE models.alerts ADD COLUMN observed DOUBLE;

-- What the alert was when somebody spoke of it: scoring again may not raise it any more.
ALTER TABLE models.triage ADD COLUMN detection_id VARCHAR;
ALTER TABLE models.triage ADD COLUMN user_email VARCHAR;
ALTER TABLE models.triage ADD COLUMN "key" VARCHAR;
ALTER TABLE models.triage ADD COLUMN severity VARCHAR;
ALTER TABLE models.triage ADD COLUMN observed DOUBLE;
ALTER TABLE models.triage ADD COLUMN score DOUBLE;
ALTER TABLE models.triage ADD COLUMN "day" DATE;

-- The alert that was dismissed and that the finding is like.
ALTER TABLE models.behaviors ADD COLUMN suppressed_by VARCHAR;

-- The triage that the scores rest on, as meta.fold has the batch.
CREATE TABLE meta.feedback (
    alert_id VARCHAR NOT NULL,
    status   VARCHAR NOT NULL,
    "day"    DATE NOT NULL,  -- that raised the alert
    set_on   DATE NOT NULL
);
