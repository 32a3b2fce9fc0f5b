-- A meeting with far more outsiders than its host's meetings of the two months before: the beta-binomial tail of the share of outsiders, each earlier meeting one observation.
-- Outsiders are participants whom Zoom gives no address of the account's users. At least 5 of them, and 10 earlier meetings. Webinars do not count.
WITH people AS MATERIALIZED (
    -- the dashboard where it shows the meeting, else the report; telephones and rooms have no address either, whoever is in front of them, and who waited only was not in
    SELECT meeting_uuid, joined_at::DATE AS day, coalesce(user_email, participant_id, name, participant_key) AS who, user_email, joined_at AS at
    FROM ingest.dashboard_participants
    WHERE joined_at >= $from - INTERVAL 60 DAY AND joined_at < $until + INTERVAL 1 DAY AND status IS DISTINCT FROM 'in_waiting_room' AND NOT (user_email IS NULL AND regexp_matches(lower(coalesce(device, '')), '^phone|room|h\.323|sip'))
    UNION ALL
    SELECT r.meeting_uuid, r.joined_at::DATE, coalesce(r.user_email, r.participant_user_id, r.name, r.participant_key), r.user_email, r.joined_at
    FROM ingest.meeting_participants AS r ANTI JOIN ingest.dashboard_participants AS d USING (meeting_uuid)
    WHERE r.joined_at >= $from - INTERVAL 60 DAY AND r.joined_at < $until + INTERVAL 1 DAY AND r.status IS DISTINCT FROM 'in_waiting_room' AND NOT (r.user_email IS NULL AND regexp_full_match(coalesce(r.name, ''), '\+?[0-9(][0-9 ().*-]{6,19}'))
), visited AS ( -- few meetings of the days have that many
    SELECT meeting_uuid FROM people ANTI JOIN ingest.users AS u ON u.email = user_email WHERE at >= $from GROUP BY meeting_uuid, day HAVING count(DISTINCT who) >= 5
), meetings AS (
    SELECT meeting_uuid, lower(host_email) AS host, started_at, type ILIKE '%webinar%' AS webinar FROM ingest.history_meetings WHERE host_email IS NOT NULL
    UNION ALL SELECT meeting_uuid, lower(host_email), started_at, type IN (5, 6, 9) FROM ingest.user_meetings WHERE host_email IS NOT NULL
    UNION ALL SELECT meeting_uuid, lower(host_email), started_at, false FROM ingest.dashboard_meetings WHERE host_email IS NOT NULL
), hosts AS (
    SELECT DISTINCT host FROM meetings SEMI JOIN visited USING (meeting_uuid)
), hosted AS (
    SELECT meeting_uuid, max(host) AS host FROM meetings SEMI JOIN hosts USING (host) WHERE started_at >= $from - INTERVAL 61 DAY AND started_at < $until + INTERVAL 1 DAY
    GROUP BY meeting_uuid HAVING NOT coalesce(bool_or(webinar), false)
), attended AS (
    SELECT p.meeting_uuid, p.day, h.host, p.who, u.email IS NULL AS outsider, max(p.user_email) AS user_email, min(p.at) AS at
    FROM people AS p JOIN hosted AS h USING (meeting_uuid) LEFT JOIN ingest.users AS u ON u.email = p.user_email
    GROUP BY ALL
), held AS MATERIALIZED (
    SELECT host, meeting_uuid, day, count(*) AS n, count(*) FILTER (WHERE outsider) AS x, min(at) AS first_at, max(at) AS last_at,
           list_sort(list(DISTINCT split_part(user_email, '@', 2)) FILTER (WHERE outsider AND user_email LIKE '%@%'))[:20] AS domains
    FROM attended GROUP BY ALL
), today AS MATERIALIZED (
    SELECT * FROM held WHERE x >= 5 AND day >= $from
), history AS (
    SELECT t.meeting_uuid, t.day, count(*) AS meetings, avg(p.x / p.n) AS share, max(p.x / p.n) AS most
    FROM today AS t JOIN held AS p ON p.host = t.host AND p.day < t.day AND p.day >= t.day - 60 GROUP BY ALL HAVING count(*) >= 10
), fitted AS MATERIALIZED (
    SELECT t.*, h.meetings, h.share, h.most, 0.5 + h.share * h.meetings AS a, 0.5 + (1 - h.share) * h.meetings AS b FROM today AS t JOIN history AS h USING (meeting_uuid, day)
    WHERE t.x / t.n > h.most -- what happened before is no news
), tails AS (
    SELECT f.host, f.meeting_uuid, f.day,
           sum(exp(lgamma(f.n + 1) - lgamma(k + 1) - lgamma(f.n - k + 1) + lgamma(k + f.a) + lgamma(f.n - k + f.b) - lgamma(f.n + f.a + f.b) + lgamma(f.a + f.b) - lgamma(f.a) - lgamma(f.b))) AS p
    FROM (SELECT *, unnest(range(x, n + 1)) AS k FROM fitted) AS f GROUP BY ALL
)
SELECT f.day, f.host AS user_email, f.meeting_uuid AS key, f.first_at, f.last_at, f.x::DOUBLE AS observed, f.n * f.share AS expected, 'outsiders' AS unit, -log10(t.p) AS score, false AS alert,
       printf('%s: %d of %d participants of a meeting came from outside, where %.0f %% are usual in %d earlier meetings of this host (at most %.0f %%).', f.host, f.x, f.n, 100 * f.share, f.meetings, 100 * f.most) AS summary,
       to_json({'meeting': f.meeting_uuid, 'host': f.host, 'external_count': f.x, 'participants': f.n, 'expected_share': round(f.share, 3), 'p': t.p, 'domains': f.domains,
                'indicators': {'external_participant_share': round(f.x / f.n, 3)}})::VARCHAR AS details
FROM fitted AS f JOIN tails AS t USING (host, meeting_uuid, day)
WHERE t.p < 1e-3
