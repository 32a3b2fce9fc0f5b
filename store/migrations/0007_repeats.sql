-- How often Zoom listed the very same row within one page of a report: rows alike in every field are one row here, but may stand for several events of one second.
ALTER TABLE ingest.activities ADD COLUMN repeats BIGINT DEFAULT 1;
ALTER TABLE ingest.operations ADD COLUMN repeats BIGINT DEFAULT 1;
