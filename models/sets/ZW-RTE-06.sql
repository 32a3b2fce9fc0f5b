-- Recordings that anybody with the link can watch, shared publicly without a passcode and without signing in, by the day on which they came to be so: when a reading of their sharing finds open
-- what the reading before found closed; what its first reading finds open is taken to be so since it was recorded. What is done to the sharing later changes no day of before.
-- Recordings of webinars are made for the public and do not count.
WITH states AS (
    SELECT "key" AS meeting_uuid, read_at, open, download, lag(open) OVER w AS was
    FROM (SELECT "key", read_at, rowid AS n, coalesce((value->>'viewer_download')::BOOLEAN, false) AS download,
                 coalesce((value->>'share_recording') = 'publicly', false) AND NOT coalesce((value->>'has_password')::BOOLEAN, false)
                   AND NOT coalesce((value->>'recording_authentication')::BOOLEAN, false) AND coalesce((value->>'approval_type')::BIGINT, 2) = 2 AS open -- 2: no registration
          FROM ingest.versions WHERE kind = 'recording_sharing')
    WINDOW w AS (PARTITION BY "key" ORDER BY read_at, n)
), opened AS (
    SELECT meeting_uuid, CASE WHEN NOT was THEN read_at END AS opened_at, download FROM states WHERE open AND NOT coalesce(was, false)
), open_ AS (
    SELECT r.recording_key, r.meeting_uuid, u.email, coalesce(o.opened_at, r.started_at) AS at, coalesce(o.opened_at, r.started_at)::DATE AS day, o.opened_at IS NOT NULL AS later, r.started_at, o.download
    FROM ingest.recordings AS r JOIN opened AS o USING (meeting_uuid) JOIN ingest.users AS u ON u.user_id = coalesce(r.host_id, r.user_id)
    WHERE r.type NOT IN ('5', '6', '9', 'WEBINAR', 'RECURRING_WEBINAR') AND r.started_at < $until + INTERVAL 1 DAY
      AND coalesce(o.opened_at, r.started_at) >= $from - INTERVAL 30 DAY AND coalesce(o.opened_at, r.started_at) < $until + INTERVAL 1 DAY
), daily AS MATERIALIZED (
    SELECT email, day, count(*) AS n, count(*) FILTER (WHERE later) AS later, count(*) FILTER (WHERE download) AS downloads, min(at) AS first_at, max(at) AS last_at,
           list({'id': recording_key, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': if(later, 'recording of ' || strftime(started_at, '%Y-%m-%d') || ' read as open to anybody with the link, which it was not before',
                'recording open to anybody with the link')} ORDER BY at, started_at, recording_key)[:10] AS events,
           list_sort(list(meeting_uuid))[:20] AS recordings
    FROM open_ GROUP BY ALL
), history AS (
    SELECT d.email, d.day, sum(p.n) AS in_all, max(p.n) AS most
    FROM daily AS d JOIN daily AS p ON p.email = d.email AND p.day < d.day AND p.day >= d.day - 30 WHERE d.n >= 5 AND d.day >= $from GROUP BY ALL
)
SELECT d.day, d.email AS user_email, d.first_at, d.last_at, d.n::DOUBLE AS observed, 'recordings open to anybody' AS unit, true AS alert,
       printf('%s: %d recordings came to be open to anybody with the link on one day (shared publicly, no passcode, no sign-in), %d of them opened after they were read as closed, %d of them for download; at most %d on a day of the month before.',
              d.email, d.n, d.later, d.downloads, coalesce(h.most, 0)) AS summary,
       to_json({'value': d.n, 'opened_later': d.later, 'recordings': d.recordings, 'share_level': 'publicly', 'download_allowed': d.downloads, 'indicators': {'share_rate': d.n}})::VARCHAR AS details, to_json(d.events)::VARCHAR AS events,
       date_diff('day', greatest(d.day - 30, (SELECT min(started_at)::DATE FROM ingest.recordings)), d.day)::DOUBLE AS history_days,
       coalesce(h.in_all, 0)::DOUBLE AS history_sum, coalesce(h.most, 0)::DOUBLE AS history_max, 0.02 AS peer_rate, 1e-3 AS p_below
FROM daily AS d LEFT JOIN history AS h ON h.email = d.email AND h.day = d.day
WHERE d.n >= 5 AND d.day >= $from
