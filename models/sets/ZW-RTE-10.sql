-- An outsider, known by address, or by name and internet address, who joins meetings of at least five hosts on one day. No alert where all of them but one are of one department: an applicant is
-- interviewed by a team and its recruiter. The month before tells vendors and auditors, who do so every week.
WITH joined AS (
    SELECT lower(user_email) AS who, user_email AS shown, NULL AS ip, meeting_uuid, joined_at, left_at FROM ingest.meeting_participants
    WHERE user_email IS NOT NULL AND joined_at >= $from - INTERVAL 30 DAY AND joined_at < $until + INTERVAL 1 DAY
    UNION ALL
    SELECT coalesce(lower(user_email), lower(name) || ' ' || ip_address), coalesce(user_email, name), ip_address, meeting_uuid, joined_at, left_at FROM ingest.dashboard_participants
    WHERE joined_at >= $from - INTERVAL 30 DAY AND joined_at < $until + INTERVAL 1 DAY
), candidates AS ( -- few outsiders are in that many meetings on a day
    SELECT who FROM joined ANTI JOIN ingest.users AS u ON u.email = who WHERE joined_at >= $from AND who IS NOT NULL
    GROUP BY who, joined_at::DATE HAVING count(DISTINCT meeting_uuid) >= 5
), outside AS MATERIALIZED (
    SELECT *, joined_at::DATE AS day FROM joined SEMI JOIN candidates USING (who)
), hosts AS (
    SELECT meeting_uuid, max(host_email) AS host FROM (
        SELECT meeting_uuid, host_email, started_at FROM ingest.history_meetings UNION ALL SELECT meeting_uuid, host_email, started_at FROM ingest.user_meetings
        UNION ALL SELECT meeting_uuid, host_email, started_at FROM ingest.dashboard_meetings) SEMI JOIN outside USING (meeting_uuid)
    WHERE host_email IS NOT NULL AND started_at >= $from - INTERVAL 31 DAY AND started_at < $until + INTERVAL 1 DAY GROUP BY meeting_uuid
), met AS (
    SELECT o.who, o.day, o.shown, o.ip, o.meeting_uuid, o.joined_at, o.left_at, h.host, u.dept
    FROM outside AS o JOIN hosts AS h USING (meeting_uuid) LEFT JOIN ingest.users AS u ON u.email = h.host
    WHERE h.host <> o.who
), daily AS MATERIALIZED (
    SELECT who, day, min(shown) AS shown, count(DISTINCT host) AS hosts, count(DISTINCT meeting_uuid) AS meetings, count(DISTINCT nullif(dept, '')) AS depts,
           max(ip) AS ip, min(joined_at) AS first_at, max(joined_at) AS last_at,
           list_sort(list(DISTINCT host)) AS names, list_sort(list(DISTINCT meeting_uuid))[:20] AS uuids,
           list({'id': meeting_uuid, 'at': strftime(joined_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'joined a meeting of', host, 'for', date_diff('minute', joined_at, left_at), 'minutes')} ORDER BY joined_at, meeting_uuid, ip NULLS LAST)[:10] AS events
    FROM met GROUP BY ALL
), today AS MATERIALIZED (
    SELECT * FROM daily WHERE hosts >= 5 AND day >= $from
), teams AS (
    SELECT who, day, max(n) AS largest FROM (SELECT m.who, m.day, m.dept, count(DISTINCT m.host) AS n FROM met AS m SEMI JOIN today AS t ON t.who = m.who AND t.day = m.day WHERE coalesce(m.dept, '') <> '' GROUP BY ALL) GROUP BY ALL
), history AS (
    SELECT t.who, t.day, sum(d.hosts) AS in_all, max(d.hosts) AS most FROM today AS t JOIN daily AS d ON d.who = t.who AND d.day < t.day AND d.day >= t.day - 30 GROUP BY ALL
)
SELECT t.day, t.who AS key, t.first_at, t.last_at, t.hosts::DOUBLE AS observed, 'hosts' AS unit, t.hosts - coalesce(g.largest, 0) >= 2 AS alert,
       printf('outsider/%s: joined %d meetings of %d hosts%s on one day; at most %d hosts on a day of the month before.', t.shown, t.meetings, t.hosts,
              if(t.depts > 0, printf(' in %d departments', t.depts), ''), coalesce(h.most, 0)) AS summary,
       to_json({'participant': t.shown, 'ip': t.ip, 'hosts': t.names[:50], 'meetings': t.uuids, 'departments': t.depts, 'indicators': {'outsider_meeting_fanout': t.hosts}})::VARCHAR AS details, to_json(t.events)::VARCHAR AS events,
       date_diff('day', greatest(t.day - 30, least((SELECT min(joined_at)::DATE FROM ingest.meeting_participants), (SELECT min(joined_at)::DATE FROM ingest.dashboard_participants))), t.day)::DOUBLE AS history_days,
       coalesce(h.in_all, 0)::DOUBLE AS history_sum, coalesce(h.most, 0)::DOUBLE AS history_max, 0.05 AS peer_rate, 1e-4 AS p_below
FROM today AS t LEFT JOIN history AS h ON h.who = t.who AND h.day = t.day LEFT JOIN teams AS g ON g.who = t.who AND g.day = t.day
