-- What tables that hold things as last read held before: a row for every change of what detections look back to. A day is then judged by what was known on it.
CREATE TABLE ingest.versions (
    kind    VARCHAR NOT NULL,  -- role, user_role, channel, recording_sharing
    "key"   VARCHAR NOT NULL,  -- role_id, address of the user, channel_id, meeting_uuid
    value   VARCHAR NOT NULL,  -- JSON object of the columns that count
    read_at TIMESTAMP NOT NULL, -- the run's clock
    run_id  VARCHAR NOT NULL
);

-- Of what was read before, the present state is all that is known; it stands since the run that wrote it.
INSERT INTO ingest.versions
SELECT v.kind, v."key", v.value, coalesce(r.as_of, v.seen, (SELECT max(as_of) FROM meta.runs), TIMESTAMP '1970-01-01'), v.run_id
FROM (
    SELECT 'role' AS kind, role_id AS "key", to_json({'name': name, 'privileges': privileges})::VARCHAR AS value, first_seen_at AS seen, run_id FROM ingest.roles
    UNION ALL
    SELECT 'user_role', email, to_json({'role': role, 'role_id': role_id})::VARCHAR, first_seen_at, run_id FROM ingest.users
    UNION ALL
    SELECT 'channel', channel_id, to_json({'type': type})::VARCHAR, first_seen_at, run_id FROM ingest.chat_channels
    UNION ALL
    SELECT 'recording_sharing', meeting_uuid,
           to_json({'share_recording': share_recording, 'has_password': has_password, 'recording_authentication': recording_authentication, 'viewer_download': viewer_download, 'approval_type': approval_type})::VARCHAR,
           NULL, run_id FROM ingest.recording_settings
) AS v LEFT JOIN meta.runs AS r ON r.run_id = v.run_id;
