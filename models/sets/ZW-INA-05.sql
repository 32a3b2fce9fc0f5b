-- What accounts do in their first 30 days, against what other accounts did in theirs: networks and operations of a day.
WITH newcomers AS MATERIALIZED (
    SELECT u.email, u.created_at, o.operator AS created_by
    FROM ingest.users AS u
    LEFT JOIN (SELECT lower(subject) AS email, arg_min(operator, occurred_at) AS operator FROM ingest.operations
               WHERE lower(category) = 'user' AND detail ILIKE 'add user %' AND subject IS NOT NULL GROUP BY 1) AS o ON o.email = u.email
    WHERE u.created_at >= $from - INTERVAL 120 DAY AND u.created_at < $until + INTERVAL 1 DAY
), days AS (
    SELECT n.email, n.created_at, n.created_by, x.day, sum(x.operations) AS operations, sum(x.networks) AS networks, min(x.first_at) AS first_at, max(x.last_at) AS last_at
    FROM newcomers AS n JOIN (
        SELECT operator AS email, occurred_at::DATE AS day, count(*) AS operations, 0 AS networks, min(occurred_at) AS first_at, max(occurred_at) AS last_at
        FROM ingest.operations WHERE occurred_at >= $from - INTERVAL 120 DAY AND occurred_at < $until + INTERVAL 1 DAY AND operator IN (SELECT email FROM newcomers) GROUP BY 1, 2
        UNION ALL
        SELECT user_email, occurred_at::DATE, 0, count(DISTINCT ip_prefix), min(occurred_at), max(occurred_at)
        FROM ingest.activities WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 120 DAY AND occurred_at < $until + INTERVAL 1 DAY AND user_email IN (SELECT email FROM newcomers) GROUP BY 1, 2
    ) AS x ON x.email = n.email AND x.day >= n.created_at::DATE AND x.day < n.created_at::DATE + 30
    GROUP BY ALL
), measured AS (
    SELECT email, created_at, created_by, day, first_at, last_at, 'operations' AS metric, operations::DOUBLE AS value, 10 AS least FROM days
    UNION ALL SELECT email, created_at, created_by, day, first_at, last_at, 'networks', networks::DOUBLE, 3 FROM days
), by_day AS (
    SELECT metric, day, count(*) AS n, sum(value) AS total, max(value) AS most FROM measured GROUP BY metric, day
), past AS (
    SELECT metric, day, sum(n) OVER w AS n, sum(total) OVER w AS total, max(most) OVER w AS most
    FROM by_day WINDOW w AS (PARTITION BY metric ORDER BY day RANGE BETWEEN INTERVAL 90 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING)
), own AS (
    SELECT *, coalesce(count(*) OVER w, 0) AS own_n, coalesce(sum(value) OVER w, 0) AS own_total
    FROM measured WINDOW w AS (PARTITION BY metric, email ORDER BY day RANGE BETWEEN INTERVAL 90 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING)
), cohort AS (
    SELECT d.day, count(*) AS accounts FROM (SELECT DISTINCT day FROM days) AS d JOIN (SELECT email, min(day) AS began FROM days GROUP BY email) AS a ON a.began < d.day AND a.began >= d.day - 90 GROUP BY d.day
), compared AS (
    SELECT o.*, c.accounts - (o.own_n > 0)::INT AS accounts, (p.n - o.own_n)::DOUBLE AS days, (p.total - o.own_total)::DOUBLE AS total, p.most
    FROM own AS o JOIN past AS p ON p.metric = o.metric AND p.day = o.day JOIN cohort AS c ON c.day = o.day
    WHERE o.day BETWEEN $from AND $until AND o.value >= o.least AND p.n > o.own_n
)
SELECT day, email AS user_email, metric AS "key", first_at, last_at, value AS observed, metric || ' of a new account in a day' AS unit,
       printf('%s: account made on %s%s, with %d %s on this day; %d accounts did %.2g a day in their first 30 days, %d at most.', email, strftime(created_at, '%Y-%m-%d'),
              coalesce(' by ' || created_by, ''), value::BIGINT, metric, accounts, total / days, most::BIGINT) AS summary,
       to_json({'user': email, 'created_at': strftime(created_at, '%Y-%m-%d'), 'created_by': created_by, 'metric': metric, 'accounts_compared': accounts,
                'indicators': {'account_age_days': date_diff('day', created_at::DATE, day)}})::VARCHAR AS details,
       days AS history_days, total AS history_sum, most AS history_max, total / days AS peer_rate, 0.01 AS p_below
FROM compared WHERE accounts >= 20
