-- Accounts that hardly anybody uses, used after a month or more of silence. 90 days of silence are ZW-INA-01.
WITH active AS (
    SELECT user_email, occurred_at::DATE AS day, min(occurred_at) AS first_at FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 90 DAY AND occurred_at < $until + INTERVAL 1 DAY GROUP BY 1, 2
), began AS (
    SELECT min(occurred_at)::DATE AS day FROM ingest.activities
), steps AS (
    SELECT user_email, day, first_at, lag(day) OVER (PARTITION BY user_email ORDER BY day) AS before,
           count(*) OVER (PARTITION BY user_email ORDER BY day RANGE BETWEEN INTERVAL 90 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING) AS active_days
    FROM active
), back AS (
    SELECT s.*, date_diff('day', s.before, s.day) AS gap FROM steps AS s, began WHERE s.day BETWEEN $from AND $until AND s.day >= began.day + 30 AND s.before < s.day - 30 AND s.before > s.day - 90
), counts AS (
    -- how many days of the 90 before somebody was active: a day counts from the next one on, for 90 days
    SELECT user_email, at, sum(sum(change)) OVER (PARTITION BY user_email ORDER BY at) AS days, sum(change) AS change
    FROM (SELECT user_email, day + 1 AS at, 1 AS change FROM active UNION ALL SELECT user_email, day + 91, -1 FROM active) GROUP BY user_email, at HAVING sum(change) <> 0
), moves AS (
    -- the organisation's days by how many days their account has had: kept as changes from day to day
    SELECT at, days, sum(change) AS change FROM (SELECT at, days, days AS change FROM counts UNION ALL SELECT at, days - change, change - days FROM counts) GROUP BY at, days
), ranked AS (
    -- the share of the organisation's user-days that come from accounts as rarely used
    SELECT b.user_email, b.day, b.first_at, b.before, b.gap, b.active_days,
           ((SELECT sum(change) FROM moves AS m WHERE m.at <= b.day AND m.days <= b.active_days) / (SELECT sum(change) FROM moves AS m WHERE m.at <= b.day))::DOUBLE AS share
    FROM back AS b
)
SELECT r.day, r.user_email, r.gap::DOUBLE AS observed, 'days of silence' AS unit, -log10(share) AS score,
       r.first_at, r.first_at AS last_at,
       printf('%s: active after %d days of silence, and on %d days of the 90 before; accounts as rarely used make %.2g %% of the organisation''s days.', r.user_email, gap, active_days, 100 * share) AS summary,
       to_json({'user': r.user_email, 'active_days_90': active_days, 'gap_days': gap, 'last_seen': strftime(before, '%Y-%m-%d'), 'p_value': share,
                'indicators': {'days_since_last_activity': gap, 'active_day_share': round(active_days / 90.0, 4)}})::VARCHAR AS details
FROM ranked AS r WHERE share < 0.005
