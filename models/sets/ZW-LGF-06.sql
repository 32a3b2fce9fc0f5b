-- Accounts that get unlocked or reset again and again, and hours with many of such operations: what a guessed or fought-over password leaves in the operation log.
WITH acts AS MATERIALIZED (
    SELECT operation_id AS id, occurred_at AS at, occurred_at::DATE AS day, date_trunc('hour', occurred_at) AS hour, operator, lower(subject) AS target, detail
    FROM ingest.operations
    WHERE occurred_at >= $from - INTERVAL 30 DAY AND occurred_at < $until + INTERVAL 1 DAY AND lower(category) = 'user' AND subject LIKE '%@%' AND subject IS DISTINCT FROM operator
      AND regexp_matches(lower(detail), '\bunlock|\block(ed|s)? user|reset (the |user |sign-in )?(password|two-factor|2fa|mfa)|(password|two-factor authentication|2fa)( code)?:? (was )?reset|(clear|remove) (two-factor|2fa)')
), helpdesk AS (
    -- who does this on five or more days of a month is there for it
    SELECT a.day, b.operator, count(DISTINCT b.day) AS days FROM (SELECT DISTINCT day FROM acts) AS a JOIN acts AS b ON b.day < a.day AND b.day >= a.day - 30 GROUP BY ALL HAVING count(DISTINCT b.day) >= 5
), counted AS (
    SELECT a.* FROM acts AS a WHERE NOT EXISTS (SELECT 1 FROM helpdesk AS h WHERE h.day = a.day AND h.operator = a.operator)
), began AS (
    SELECT min(occurred_at)::DATE AS day FROM ingest.operations
), per_target AS (
    SELECT day, target, count(*) AS n, min(at) AS first_at, max(at) AS last_at, list_sort(list(DISTINCT operator)) AS operators, [target] AS targets,
           list({'id': id, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': detail[:200]} ORDER BY at)[:10] AS events
    FROM counted GROUP BY day, target
), per_hour AS (
    SELECT day, hour, count(*) AS n, min(at) AS first_at, max(at) AS last_at, list_sort(list(DISTINCT operator)) AS operators, list_sort(list(DISTINCT target)) AS targets,
           list({'id': id, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': detail[:200]} ORDER BY at)[:10] AS events
    FROM counted GROUP BY day, hour
), busiest AS (
    SELECT * FROM per_hour QUALIFY row_number() OVER (PARTITION BY day ORDER BY n DESC, hour) = 1
), found AS (
    SELECT p.day, p.target AS user_email, 'target' AS kind, p.n, p.first_at, p.last_at, p.operators, p.targets, p.events,
           coalesce((SELECT sum(e.n) FROM per_target AS e WHERE e.target = p.target AND e.day < p.day AND e.day >= p.day - 30), 0) AS total,
           coalesce((SELECT max(e.n) FROM per_target AS e WHERE e.target = p.target AND e.day < p.day AND e.day >= p.day - 30), 0) AS most, 0.01 AS rate
    FROM per_target AS p WHERE p.n >= 3
    UNION ALL
    SELECT p.day, NULL, 'hour', p.n, p.first_at, p.last_at, p.operators, p.targets, p.events,
           coalesce((SELECT sum(e.n) FROM busiest AS e WHERE e.day < p.day AND e.day >= p.day - 30), 0),
           coalesce((SELECT max(e.n) FROM busiest AS e WHERE e.day < p.day AND e.day >= p.day - 30), 0), 0.1
    FROM busiest AS p WHERE p.n >= 5 AND len(p.targets) >= 3
)
SELECT f.day, f.user_email, f.kind AS "key", f.first_at, f.last_at, f.n::DOUBLE AS observed, 'unlock and reset operations' AS unit,
       CASE WHEN f.user_email IS NOT NULL THEN printf('%s: unlocked or reset %d times in a day, by %s.', f.user_email, f.n, array_to_string(f.operators[:3], ', '))
            ELSE printf('operations/unlock-and-reset: %d in an hour, of %d accounts, by %s.', f.n, len(f.targets), array_to_string(f.operators[:3], ', ')) END AS summary,
       to_json({'targets': f.targets[:50], 'operators': f.operators[:20], 'count': f.n, 'indicators': {'lockout_reset_ops': f.n}})::VARCHAR AS details, to_json(f.events)::VARCHAR AS events,
       least(date_diff('day', began.day, f.day), 30)::DOUBLE AS history_days, f.total::DOUBLE AS history_sum, f.most::DOUBLE AS history_max, f.rate AS peer_rate, 1e-3 AS p_below
FROM found AS f, began
