-- Groups of the chat directory.
CREATE TABLE ingest.im_groups (
    group_id VARCHAR NOT NULL, name VARCHAR, total_members BIGINT,
    row_hash VARCHAR NOT NULL, first_seen_at TIMESTAMP NOT NULL, removed_at TIMESTAMP, run_id VARCHAR NOT NULL
);
