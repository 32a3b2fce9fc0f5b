-- Account settings that two readings show to have changed while the operation log covers the time between and has no row that explains it. What a row explains, and how far the
-- log must have been read (ingest.operations, meta.feeds), the view ingest.setting_changes says; locks count as their settings do.
WITH changed AS (
    SELECT CASE kind WHEN 'lock' THEN 'lock of ' || path ELSE path END AS path, old_value AS was, new_value AS value, after, changed_at AS fetched_at,
           regexp_matches(path, '^(security|meeting_security|meeting_authentication|recording_authentication|allow_authentication_exception|schedule_meeting\.(enforce_login|join_before_host|.*password)|in_meeting\.(e2e_encryption|alert_guest_join|file_transfer|waiting_room|remote_control)|recording\.(account_user_access|required_password|cloud_recording_download|ip_address|archive|allow_recovery)|chat\.(external|share_files|allow_users_to))') AS protects
    FROM ingest.setting_changes
    WHERE explained = 'no' AND group_id = '' AND changed_at >= $from AND changed_at < $until + INTERVAL 1 DAY
)
SELECT fetched_at::DATE AS day, array_to_string(list(path ORDER BY protects DESC, path)[:3], ' ') AS "key", min(after) AS first_at, fetched_at AS last_at, count(*)::DOUBLE AS observed, 'settings changed' AS unit,
       bool_or(protects) AS alert,
       printf('settings/account: %d %s changed between %s and %s, and the operation log has no row for it in that time: %s.', count(*),
              CASE WHEN count(*) = 1 THEN 'setting' ELSE 'settings' END, strftime(min(after), '%Y-%m-%d %H:%M'), strftime(fetched_at, '%Y-%m-%d %H:%M'),
              array_to_string(list(printf('%s from %s to %s', path, was[:40], value[:40]) ORDER BY protects DESC, path)[:3], '; ')) AS summary,
       to_json({'settings': list({'setting': path, 'from': was[:200], 'to': value[:200]} ORDER BY protects DESC, path)[:20], 'snapshot_a': strftime(min(after), '%Y-%m-%dT%H:%M:%SZ'),
                'snapshot_b': strftime(fetched_at, '%Y-%m-%dT%H:%M:%SZ'), 'indicators': {'setting_drift_unattributed': count(*)}})::VARCHAR AS details
FROM changed GROUP BY fetched_at
