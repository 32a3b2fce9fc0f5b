-- Sign-ins of the organisation by quarter of an hour, against the same time of day of four weeks before: median and median absolute deviation (times 1.4826, as a standard deviation
-- of normal data; at least 1, and at least that of a Poisson count).
WITH signed AS MATERIALIZED (
    SELECT time_bucket(INTERVAL 15 MINUTE, occurred_at) AS bucket, ip_prefix, user_email
    FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 28 DAY AND occurred_at < $until + INTERVAL 1 DAY
), counted AS MATERIALIZED (
    SELECT bucket, count(*) AS n, count(DISTINCT user_email) AS users FROM signed GROUP BY bucket
), watched AS ( -- days that have sign-ins at all: a day without any is a day that was not read
    SELECT DISTINCT bucket::DATE AS day, isodow(bucket) >= 6 AS weekend FROM counted
), busy AS MATERIALIZED (
    SELECT *, bucket::DATE AS day, isodow(bucket) >= 6 AS weekend FROM counted WHERE n >= 10 AND bucket >= $from AND bucket < $until + INTERVAL 1 DAY
), before AS ( -- the busiest of the three quarters around that time, as people are not punctual
    SELECT b.bucket, w.day, coalesce(max(c.n), 0) AS n
    FROM busy AS b
    JOIN watched AS w ON w.day < b.day AND w.day >= b.day - 28 AND w.weekend = b.weekend
    CROSS JOIN (VALUES (-15), (0), (15)) AS near(shift)
    LEFT JOIN counted AS c ON c.bucket = w.day + (b.bucket - b.day::TIMESTAMP) + to_minutes(near.shift)
    GROUP BY b.bucket, w.day
), middle AS (
    SELECT bucket, median(n) AS expected, count(DISTINCT day) AS days FROM before GROUP BY bucket
), spread AS (
    SELECT m.bucket, m.expected, m.days, greatest(1.4826 * median(abs(b.n - m.expected)), sqrt(m.expected), 1) AS deviation
    FROM middle AS m JOIN before AS b USING (bucket) GROUP BY m.bucket, m.expected, m.days
), found AS (
    SELECT b.*, s.expected, s.days, (b.n - s.expected) / s.deviation AS z
    FROM busy AS b JOIN spread AS s USING (bucket)
    -- four weekends are eight days, of which one may be missing; of working days there are twenty
    WHERE s.days >= CASE WHEN b.weekend THEN 4 ELSE 10 END AND (b.n - s.expected) / s.deviation >= 6
)
SELECT day, strftime(bucket, '%H:%M') AS "key", bucket AS first_at, bucket + INTERVAL 15 MINUTE - INTERVAL 1 SECOND AS last_at, n::DOUBLE AS observed, expected::DOUBLE AS expected,
       'sign-ins in a quarter of an hour' AS unit, z AS score, false AS alert,
       printf('%s/%s UTC: %d sign-ins of %d users within a quarter of an hour; the median of the busiest around that time, of %d such days before, is %g (%.1f standard deviations above).',
              strftime(bucket, '%Y-%m-%dT%H:%M'), strftime(bucket + INTERVAL 15 MINUTE, '%H:%M'), n, users, days, expected, z) AS summary,
       to_json({'bucket': strftime(bucket, '%Y-%m-%dT%H:%M:%SZ'), 'value': n, 'expected': expected, 'z': round(z, 1), 'users': users,
                'top_networks': (SELECT list(concat(ip_prefix, ': ', k)) FROM (SELECT ip_prefix, count(*) AS k FROM signed WHERE signed.bucket = found.bucket AND ip_prefix IS NOT NULL
                                 GROUP BY ip_prefix ORDER BY k DESC, ip_prefix LIMIT 5)),
                'indicators': {'signin_rate_tenant': round(z, 1)}})::VARCHAR AS details
FROM found
