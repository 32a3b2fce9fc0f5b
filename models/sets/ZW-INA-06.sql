-- Accounts that hardly anybody uses, used after a month or more of silence. 90 days of silence are ZW-INA-01.
WITH active AS (
    SELECT DISTINCT user_email, occurred_at::DATE AS day FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 90 DAY AND occurred_at < $until + INTERVAL 1 DAY
), began AS (
    SELECT min(occurred_at)::DATE AS day FROM ingest.activities
), steps AS (
    SELECT user_email, day, lag(day) OVER (PARTITION BY user_email ORDER BY day) AS before FROM active
), back AS (
    SELECT s.*, date_diff('day', s.before, s.day) AS gap, (SELECT count(*) FROM active AS p WHERE p.user_email = s.user_email AND p.day < s.day AND p.day >= s.day - 90) AS active_days
    FROM steps AS s, began WHERE s.day BETWEEN $from AND $until AND s.day >= began.day + 30 AND s.before < s.day - 30
), tenant AS (
    SELECT d.day, p.user_email, count(*) AS active_days
    FROM (SELECT DISTINCT day FROM back) AS d JOIN active AS p ON p.day < d.day AND p.day >= d.day - 90 GROUP BY d.day, p.user_email
), ranked AS (
    -- the share of the organisation's user-days that come from accounts as rarely used
    SELECT b.user_email, b.day, b.before, b.gap, b.active_days, (sum(t.active_days) FILTER (WHERE t.active_days <= b.active_days) / sum(t.active_days))::DOUBLE AS share
    FROM back AS b JOIN tenant AS t ON t.day = b.day GROUP BY ALL
)
SELECT r.day, r.user_email, r.gap::DOUBLE AS observed, 'days of silence' AS unit, -log10(share) AS score,
       (SELECT min(a.occurred_at) FROM ingest.activities AS a WHERE a.user_email = r.user_email AND a.occurred_at::DATE = r.day) AS first_at,
       printf('%s: active after %d days of silence, and on %d days of the 90 before; accounts as rarely used make %.2g %% of the organisation''s days.', r.user_email, gap, active_days, 100 * share) AS summary,
       to_json({'user': r.user_email, 'active_days_90': active_days, 'gap_days': gap, 'last_seen': strftime(before, '%Y-%m-%d'), 'p_value': share,
                'indicators': {'days_since_last_activity': gap, 'active_day_share': round(active_days / 90.0, 4)}})::VARCHAR AS details
FROM ranked AS r WHERE share < 0.005
