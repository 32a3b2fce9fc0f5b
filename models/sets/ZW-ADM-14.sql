-- A feed that falls silent, by whole UTC days: less than a tenth of the median of the same weekday in the eight weeks before. Weekends are their own weekdays. A holiday is
-- quiet in every feed, so it is a gap only where another feed is at least half as busy as usual - or where nothing at all came though so much would come on the quietest
-- day of the organisation, or on a holiday on which one in fifty works, that silence has a probability below 1e-4 (Poisson). A day counts once the feed was read beyond it
-- by a day, for rows come late.
WITH feeds AS (
    SELECT feed, covered_from::DATE + 1 AS since, (watermark - INTERVAL 1 DAY)::DATE - 1 AS complete -- the first day may be cut
    FROM meta.feeds WHERE feed IN ('activities', 'operations', 'history_meetings') AND watermark IS NOT NULL
), counted AS (
    SELECT 'activities' AS feed, occurred_at::DATE AS day, count(*) AS n, max(occurred_at) AS last_at
    FROM ingest.activities WHERE occurred_at >= $from - INTERVAL 56 DAY AND occurred_at < $until + INTERVAL 1 DAY GROUP BY ALL
    UNION ALL
    SELECT 'operations', occurred_at::DATE, count(*), max(occurred_at)
    FROM ingest.operations WHERE occurred_at >= $from - INTERVAL 56 DAY AND occurred_at < $until + INTERVAL 1 DAY GROUP BY ALL
    UNION ALL
    SELECT 'history_meetings', started_at::DATE, count(*), max(started_at)
    FROM ingest.history_meetings WHERE started_at >= $from - INTERVAL 56 DAY AND started_at < $until + INTERVAL 1 DAY GROUP BY ALL
), days AS MATERIALIZED (
    SELECT f.feed, r.day::DATE AS day, coalesce(c.n, 0) AS n, c.last_at
    FROM feeds AS f
    CROSS JOIN (SELECT unnest(generate_series($from - INTERVAL 56 DAY, $until::TIMESTAMP, INTERVAL 1 DAY)) AS day) AS r
    LEFT JOIN counted AS c ON c.feed = f.feed AND c.day = r.day::DATE
    WHERE r.day::DATE >= f.since AND r.day::DATE <= f.complete
), usual AS MATERIALIZED (
    SELECT d.feed, d.day, d.n, median(p.n) FILTER (WHERE isodow(p.day) = isodow(d.day)) AS expected, min(p.n) AS quietest, max(p.last_at) AS last_at,
           count(*) FILTER (WHERE isodow(p.day) = isodow(d.day)) AS weeks
    FROM days AS d JOIN days AS p ON p.feed = d.feed AND p.day < d.day AND p.day >= d.day - 56
    WHERE d.day >= $from
    GROUP BY ALL
), judged AS (
    SELECT u.*, (SELECT max(o.n / o.expected) FROM usual AS o WHERE o.day = u.day AND o.feed <> u.feed AND o.weeks >= 3 AND o.expected >= 10) AS others,
           exp(-greatest(u.quietest / 2, u.expected / 50)) AS p
    FROM usual AS u WHERE u.weeks >= 3 AND u.expected >= 20 AND u.n < u.expected / 10 AND u.feed <> 'history_meetings'
)
SELECT day, feed AS key, day::TIMESTAMP AS first_at, n::DOUBLE AS observed, expected::DOUBLE AS expected, 'rows' AS unit, expected::DOUBLE AS score, true AS alert,
       printf('feed/%s: %s on %s, %s, where %g are usual on this weekday (median of %d weeks); the last row before is of %s. %s', feed, if(n = 0, 'no row', n || ' rows'), strftime(day, '%Y-%m-%d'), dayname(day),
              expected, weeks, coalesce(strftime(last_at, '%Y-%m-%d %H:%M UTC'), 'no earlier day'),
              if(others >= 0.5, printf('Other feeds had %.0f %% of what is usual, so it is no holiday.', 100 * others),
                 printf('Even on the quietest day or a holiday some would be expected (quietest of eight weeks: %d).', quietest))) AS summary,
       to_json({'feed': feed, 'expected': expected, 'observed': n, 'last_event_time': strftime(last_at, '%Y-%m-%dT%H:%M:%SZ'), 'other_feeds': round(others, 2), 'quietest_day': quietest, 'p_of_silence': p})::VARCHAR AS details
FROM judged
WHERE others >= 0.5 OR n = 0 AND p < 1e-4
