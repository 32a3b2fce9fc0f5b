-- What every user did, sign-ins and operations as one stream, with the hour of the user's own wall clock.
-- Expects the temporary table zone_offsets(timezone, from_at, to_at, offset_s); a user without a time zone keeps UTC.
CREATE OR REPLACE TEMP VIEW user_events AS
WITH stream AS (
    SELECT user_email, occurred_at, kind,
           CASE kind WHEN 'sign_in' THEN 'Sign in' WHEN 'sign_out' THEN 'Sign out' ELSE kind END AS action,
           NULL::VARCHAR AS category, NULL::VARCHAR AS op_action, NULL::VARCHAR AS detail,
           NULL::VARCHAR AS subject, NULL::VARCHAR AS setting, NULL::VARCHAR AS changes,
           ip_address, ip_prefix, asn, country_code, city, latitude, longitude, accuracy_km, client_type, client_version,
           activity_id AS id, batch
    FROM ingest.activities
    UNION ALL
    SELECT operator, occurred_at, 'operation',
           coalesce(category, '') || '|' || coalesce(action, ''),
           lower(category), lower(action), detail, subject, setting, changes,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           operation_id, batch
    FROM ingest.operations WHERE operator IS NOT NULL
), placed AS (
    SELECT s.*, s.occurred_at::DATE AS day,
           s.occurred_at + to_seconds(coalesce(z.offset_s, 0)) AS local_at
    FROM stream AS s
    LEFT JOIN ingest.users AS u ON u.email = s.user_email
    LEFT JOIN zone_offsets AS z ON z.timezone = u.timezone AND s.occurred_at >= z.from_at AND s.occurred_at < z.to_at
)
-- Who edits himself administrates nothing.
SELECT *, kind = 'operation' AND category IN ('account', 'user', 'user group', 'role', 'billing', 'sub account', 'zoom rooms') AND subject IS DISTINCT FROM user_email AS is_admin,
       hour(local_at) < 6 OR hour(local_at) >= 22 AS is_off_hours
FROM placed;
