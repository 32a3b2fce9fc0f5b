-- What the statements of detections rest on.

-- Several lists may hold an address: what they say, beside the one category.
ALTER TABLE ingest.failed_sign_ins ADD COLUMN network_tags VARCHAR[];

-- Statements of detections that failed in the last fold: what they find is missing from a day on, until a fold in which they work reads these days again.
CREATE TABLE meta.broken_detections (
    detection_id VARCHAR NOT NULL,
    error        VARCHAR NOT NULL,
    since        DATE NOT NULL     -- first day whose findings are missing
);
