-- Account settings that two readings show to have changed while the operation log, which covers the time between, has no change of an account setting.
WITH versions AS (
    SELECT path, value, fetched_at, lag(value) OVER w AS was, lag(fetched_at) OVER w AS before, row_number() OVER w AS nth
    FROM ingest.setting_versions WINDOW w AS (PARTITION BY path ORDER BY fetched_at, rowid)
), readings AS (
    SELECT DISTINCT fetched_at FROM ingest.setting_versions
), changed AS (
    -- a path that Zoom sends for the first time, or no more, is news of Zoom's and no change by anybody
    SELECT path, was, value, fetched_at,
           -- the reading before is no earlier than the last one that changed anything
           greatest(before, coalesce((SELECT max(r.fetched_at) FROM readings AS r WHERE r.fetched_at < v.fetched_at), before)) AS after
    FROM versions AS v
    WHERE nth > 1 AND was IS NOT NULL AND value IS NOT NULL AND was IS DISTINCT FROM value AND fetched_at >= $from AND fetched_at < $until + INTERVAL 1 DAY
), covered AS (
    SELECT c.* FROM changed AS c JOIN meta.feeds AS f ON f.feed = 'operations'
    -- rows of the log may come hours late
    WHERE f.covered_from <= c.after - INTERVAL 1 HOUR AND f.watermark >= c.fetched_at + INTERVAL 6 HOUR
      AND NOT EXISTS (SELECT 1 FROM ingest.operations AS o WHERE lower(o.category) IN ('account', 'im', 'billing') AND o.occurred_at > c.after - INTERVAL 1 HOUR AND o.occurred_at <= c.fetched_at)
), judged AS (
    SELECT *, regexp_matches(path, '^(security|meeting_security|meeting_authentication|recording_authentication|allow_authentication_exception|schedule_meeting\.(enforce_login|join_before_host|.*password)|in_meeting\.(e2e_encryption|alert_guest_join|file_transfer|waiting_room|remote_control)|recording\.(account_user_access|required_password|cloud_recording_download|ip_address|archive|allow_recovery)|chat\.(external|share_files|allow_users_to))') AS protects
    FROM covered
)
SELECT fetched_at::DATE AS day, array_to_string(list(path ORDER BY protects DESC, path)[:3], ' ') AS "key", min(after) AS first_at, fetched_at AS last_at, count(*)::DOUBLE AS observed, 'settings changed' AS unit,
       bool_or(protects) AS alert,
       printf('settings/account: %d %s changed between %s and %s, and the operation log has no change of account settings in that time: %s.', count(*),
              CASE WHEN count(*) = 1 THEN 'setting' ELSE 'settings' END, strftime(min(after), '%Y-%m-%d %H:%M'), strftime(fetched_at, '%Y-%m-%d %H:%M'),
              array_to_string(list(printf('%s from %s to %s', path, was[:40], value[:40]) ORDER BY protects DESC, path)[:3], '; ')) AS summary,
       to_json({'settings': list({'setting': path, 'from': was[:200], 'to': value[:200]} ORDER BY protects DESC, path)[:20], 'snapshot_a': strftime(min(after), '%Y-%m-%dT%H:%M:%SZ'),
                'snapshot_b': strftime(fetched_at, '%Y-%m-%dT%H:%M:%SZ'), 'indicators': {'setting_drift_unattributed': count(*)}})::VARCHAR AS details
FROM judged GROUP BY fetched_at
