-- Single values: one row.
SELECT (SELECT max(occurred_at) FROM ingest.operations) AS last_operation_at,
       (SELECT covered_from FROM meta.feeds WHERE feed = 'activities') AS sign_ins_from,
       (SELECT last_success_at FROM meta.feeds WHERE feed = 'settings') AS settings_read_at,
       (SELECT any_value(call_recording) FROM ingest.phone_settings) AS call_recording,
       (SELECT any_value(call_recording_locked) FROM ingest.phone_settings) AS call_recording_locked,
       (SELECT any_value(scopes) FROM meta.connector) AS scopes,
       (SELECT any_value(missing) FROM meta.connector) AS missing
