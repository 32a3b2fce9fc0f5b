-- Failures of the whole organisation, of a user at most eight a quarter of an hour so that one device neither makes a spike nor hides a later one, by quarters of an hour, against the same hours of the same weekday in the four weeks before (robust z: median and MAD, floored by the
-- scatter of counts, the square root of the median). At least 20 of at least 5 users, z of at least 6, and more than any quarter of the four weeks by three times the scatter
-- of its count: a Monday has its rush.
WITH buckets AS MATERIALIZED (
    SELECT at, sum(least(n, 8))::BIGINT AS n, sum(n)::BIGINT AS in_all
    FROM (SELECT time_bucket(INTERVAL 15 MINUTE, occurred_at) AS at, user_email, count(*) AS n
          FROM ingest.failed_sign_ins WHERE occurred_at >= $from - INTERVAL 28 DAY AND occurred_at < $until + INTERVAL 1 DAY GROUP BY ALL)
    GROUP BY at
), most AS (
    SELECT at::DATE AS day, max(n) AS n FROM buckets GROUP BY ALL
), candidates AS MATERIALIZED (
    SELECT b.at, b.at::DATE AS day, b.n, b.in_all
    FROM buckets AS b
    WHERE b.n >= 20 AND b.at >= $from AND b.at::DATE - 14 >= (SELECT min(occurred_at)::DATE FROM ingest.failed_sign_ins)
      AND b.n > coalesce((SELECT max(m.n) + 3 * sqrt(max(m.n)) FROM most AS m WHERE m.day < b.at::DATE AND m.day >= b.at::DATE - 28), 0)
), past AS ( -- four quarters of an hour in each of four weeks, as far as the import reaches back
    SELECT c.at, coalesce(b.n, 0) AS n
    FROM (SELECT at, unnest(flatten([[date_trunc('hour', at) - to_days((7 * w)::INT) + to_minutes(15 * q) FOR q IN range(4)] FOR w IN range(1, 5)])) AS then FROM candidates) AS c
    LEFT JOIN buckets AS b ON b.at = c.then
    WHERE c.then >= (SELECT min(occurred_at) FROM ingest.failed_sign_ins)
), usual AS (
    SELECT at, median(n) AS expected, mad(n) AS scatter, count(*) AS quarters FROM past GROUP BY at
), scored AS MATERIALIZED (
    SELECT c.*, u.expected, (c.n - u.expected) / greatest(1.4826 * u.scatter, sqrt(u.expected), 1) AS z, u.quarters FROM candidates AS c JOIN usual AS u USING (at)
    QUALIFY row_number() OVER (PARTITION BY c.day ORDER BY z DESC, c.at) = 1
), rows AS (
    SELECT s.day, f.* FROM ingest.failed_sign_ins AS f JOIN scored AS s ON time_bucket(INTERVAL 15 MINUTE, f.occurred_at) = s.at
    WHERE f.occurred_at >= $from AND f.occurred_at < $until + INTERVAL 1 DAY
), top AS (
    SELECT day, count(DISTINCT user_email) AS users, count(DISTINCT ip_prefix) AS networks, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
           list_sort(list(DISTINCT reason) FILTER (WHERE reason IS NOT NULL))[:20] AS reasons, list_transform(map_entries(histogram(ip_address)), x -> (-x.value::BIGINT, x.key)) AS ips,
           list_transform(map_entries(histogram(user_email)), x -> (-x.value::BIGINT, x.key)) AS names
    FROM rows GROUP BY day
)
SELECT s.day, strftime(s.at, '%H:%M') AS key, t.first_at, t.last_at, s.n::DOUBLE AS observed, s.expected::DOUBLE AS expected, 'failed sign-ins, at most eight of a user' AS unit, round(s.z, 1) AS score, true AS alert,
       printf('organisation/failed sign-ins: %d within 15 minutes from %s UTC, of %d users and from %d networks; %g are usual at this hour of the week, and no quarter of an hour of the four weeks before had nearly as many.',
              s.in_all, strftime(s.at, '%Y-%m-%d %H:%M'), t.users, t.networks, s.expected) AS summary,
       to_json({'bucket': strftime(s.at, '%Y-%m-%dT%H:%M:%SZ'), 'value': s.in_all, 'counted': s.n, 'expected': s.expected, 'z': round(s.z, 1), 'quarters_compared': s.quarters, 'reasons': t.reasons,
                'top_ips': list_transform(list_sort(t.ips)[:10], x -> x[2]), 'top_users': list_transform(list_sort(t.names)[:10], x -> x[2])})::VARCHAR AS details
FROM scored AS s JOIN top AS t USING (day)
WHERE s.z >= 6 AND t.users >= 5
