-- Meetings that a host made within one hour, by when they were made. Zoom lists a meeting once it was held, so that what was never held is not seen, and the finding may come
-- days after its day. Every time that a recurring meeting is held bears the same number and counts once.
WITH made AS MATERIALIZED (
    SELECT meeting_id, min(host_email) AS host, min(created_at) AS at, min(topic) AS topic, min(source) AS source
    FROM ingest.history_meetings
    WHERE created_at >= $from - INTERVAL 30 DAY AND created_at < $until + INTERVAL 1 DAY AND host_email IS NOT NULL AND meeting_id IS NOT NULL
    GROUP BY meeting_id
), hourly AS (
    SELECT host, date_trunc('hour', at) AS hour, count(*) AS n, count(DISTINCT topic) AS topics, min(at) AS first_at, max(at) AS last_at, list_sort(list(DISTINCT md5(topic)[:12]))[:20] AS hashes,
           list_sort(list(DISTINCT source) FILTER (WHERE source IS NOT NULL)) AS sources,
           list({'id': meeting_id::VARCHAR, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': 'meeting made'} ORDER BY at, meeting_id)[:10] AS events
    FROM made WHERE at >= $from GROUP BY ALL HAVING count(*) >= 20
), today AS MATERIALIZED (
    SELECT *, hour::DATE AS day FROM hourly QUALIFY row_number() OVER (PARTITION BY host, hour::DATE ORDER BY n DESC, hour) = 1
), daily AS (
    SELECT host, at::DATE AS day, count(*) AS n FROM made WHERE host IN (SELECT host FROM today) GROUP BY ALL
), history AS (
    SELECT t.host, t.day, sum(d.n) AS in_all, max(d.n) AS most FROM today AS t JOIN daily AS d ON d.host = t.host AND d.day < t.day AND d.day >= t.day - 30 GROUP BY ALL
)
SELECT t.day, t.host AS user_email, t.first_at, t.last_at, t.n::DOUBLE AS observed, 'meetings made' AS unit, false AS alert,
       printf('%s: made %d meetings within one hour, under %d topics; at most %d on a whole day of the month before.', t.host, t.n, t.topics, coalesce(h.most, 0)) AS summary,
       to_json({'host': t.host, 'value': t.n, 'topics_hash': t.hashes, 'made_with': t.sources, 'indicators': {'meeting_creation_rate': t.n}})::VARCHAR AS details, to_json(t.events)::VARCHAR AS events,
       date_diff('day', greatest(t.day - 30, (SELECT min(created_at)::DATE FROM ingest.history_meetings)), t.day)::DOUBLE AS history_days,
       coalesce(h.in_all, 0)::DOUBLE AS history_sum, coalesce(h.most, 0)::DOUBLE AS history_max, 0.3 AS peer_rate, 1e-4 AS p_below
FROM today AS t LEFT JOIN history AS h ON h.host = t.host AND h.day = t.day
