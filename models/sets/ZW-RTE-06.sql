-- Recordings of one day that anybody with the link can watch: shared publicly, without a passcode and without signing in. Zoom does not say since when a recording is shared,
-- so it counts on the day on which it was recorded, as it is shared now. Recordings of webinars are made for the public and do not count.
WITH open AS (
    SELECT r.recording_key, r.meeting_uuid, u.email, r.started_at, r.started_at::DATE AS day, coalesce(s.viewer_download, false) AS download
    FROM ingest.recordings AS r JOIN ingest.recording_settings AS s USING (meeting_uuid) JOIN ingest.users AS u ON u.user_id = coalesce(r.host_id, r.user_id)
    WHERE s.share_recording = 'publicly' AND NOT coalesce(s.has_password, false) AND NOT coalesce(s.recording_authentication, false) AND coalesce(s.approval_type, 2) = 2 -- 2: no registration
      AND r.type NOT IN ('5', '6', '9', 'WEBINAR', 'RECURRING_WEBINAR') AND r.started_at >= $from - INTERVAL 30 DAY AND r.started_at < $until + INTERVAL 1 DAY
), daily AS MATERIALIZED (
    SELECT email, day, count(*) AS n, count(*) FILTER (WHERE download) AS downloads, min(started_at) AS first_at, max(started_at) AS last_at,
           list({'id': recording_key, 'at': strftime(started_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': 'recording open to anybody with the link'} ORDER BY started_at, recording_key)[:10] AS events,
           list_sort(list(meeting_uuid))[:20] AS recordings
    FROM open GROUP BY ALL
), history AS (
    SELECT d.email, d.day, sum(p.n) AS in_all, max(p.n) AS most
    FROM daily AS d JOIN daily AS p ON p.email = d.email AND p.day < d.day AND p.day >= d.day - 30 WHERE d.n >= 5 AND d.day >= $from GROUP BY ALL
)
SELECT d.day, d.email AS user_email, d.first_at, d.last_at, d.n::DOUBLE AS observed, 'recordings open to anybody' AS unit, true AS alert,
       printf('%s: %d recordings of one day are open to anybody with the link (shared publicly, no passcode, no sign-in), %d of them for download; at most %d on a day of the month before.',
              d.email, d.n, d.downloads, coalesce(h.most, 0)) AS summary,
       to_json({'value': d.n, 'recordings': d.recordings, 'share_level': 'publicly', 'download_allowed': d.downloads, 'indicators': {'share_rate': d.n}})::VARCHAR AS details, to_json(d.events)::VARCHAR AS events,
       date_diff('day', greatest(d.day - 30, (SELECT min(started_at)::DATE FROM ingest.recordings)), d.day)::DOUBLE AS history_days,
       coalesce(h.in_all, 0)::DOUBLE AS history_sum, coalesce(h.most, 0)::DOUBLE AS history_max, 0.02 AS peer_rate, 1e-3 AS p_below
FROM daily AS d LEFT JOIN history AS h ON h.email = d.email AND h.day = d.day
WHERE d.n >= 5 AND d.day >= $from
