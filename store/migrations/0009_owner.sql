-- Who looks after an alert. Kept apart from what was said of it, as the scores rest on that alone. The latest row counts; NULL is nobody.
CREATE TABLE models.triage_owners (
    alert_id VARCHAR NOT NULL,
    owner    VARCHAR,
    set_at   TIMESTAMP NOT NULL
);
