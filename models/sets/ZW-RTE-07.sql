-- Meetings that a host had recorded in the cloud on one day, against the two months before. Where Zoom records every meeting by itself, by the host's settings or those of
-- the account, recordings say nothing of anybody's intent.
WITH recorded AS (
    SELECT coalesce(r.host_id, r.user_id) AS user_id, r.started_at::DATE AS day, count(DISTINCT r.meeting_uuid) AS n, min(r.started_at) AS first_at, max(r.started_at) AS last_at, sum(r.duration_minutes) AS minutes,
           list({'id': r.recording_key, 'at': strftime(r.started_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'cloud recording of', r.duration_minutes, 'minutes')} ORDER BY r.started_at, r.recording_key)[:10] AS events
    FROM ingest.recordings AS r
    WHERE r.started_at >= $from AND r.started_at < $until + INTERVAL 1 DAY
    GROUP BY ALL HAVING count(DISTINCT r.meeting_uuid) >= 5
), automatic AS (
    SELECT scope_id AS user_id FROM ingest.scoped_settings WHERE scope = 'user' AND path = 'recording.auto_recording' AND value = '"cloud"' AND removed_at IS NULL
), everybody AS (
    SELECT value FROM ingest.setting_versions WHERE path = 'recording.auto_recording' QUALIFY row_number() OVER (ORDER BY fetched_at DESC, rowid DESC) = 1
), today AS MATERIALIZED (
    SELECT r.*, u.email FROM recorded AS r JOIN ingest.users AS u USING (user_id) ANTI JOIN automatic USING (user_id) WHERE NOT EXISTS (SELECT 1 FROM everybody WHERE value = '"cloud"')
), past AS (
    SELECT coalesce(host_id, user_id) AS user_id, started_at::DATE AS day, count(DISTINCT meeting_uuid) AS n
    FROM ingest.recordings
    WHERE started_at >= $from - INTERVAL 60 DAY AND started_at < $until AND coalesce(host_id, user_id) IN (SELECT user_id FROM today)
    GROUP BY ALL
), history AS (
    SELECT d.email, d.day, sum(p.n) AS in_all, max(p.n) AS most
    FROM today AS d JOIN past AS p ON p.user_id = d.user_id AND p.day < d.day AND p.day >= d.day - 60 GROUP BY ALL
)
SELECT d.day, d.email AS user_email, d.first_at, d.last_at, d.n::DOUBLE AS observed, 'recorded meetings' AS unit, false AS alert,
       printf('%s: had %d meetings recorded in the cloud in one day, %d minutes in all; at most %d on a day of the two months before.', d.email, d.n, coalesce(d.minutes, 0)::BIGINT, coalesce(h.most, 0)::BIGINT) AS summary,
       to_json({'host': d.email, 'value': d.n, 'minutes': d.minutes})::VARCHAR AS details, to_json(d.events)::VARCHAR AS events,
       date_diff('day', greatest(d.day - 60, (SELECT min(started_at)::DATE FROM ingest.recordings)), d.day)::DOUBLE AS history_days,
       coalesce(h.in_all, 0)::DOUBLE AS history_sum, coalesce(h.most, 0)::DOUBLE AS history_max, 0.1 AS peer_rate, 1e-4 AS p_below
FROM today AS d LEFT JOIN history AS h ON h.email = d.email AND h.day = d.day
