-- What operators did that they hardly ever do, and that other operators hardly ever do either. An action is category, action and setting (or the first words of the detail).
WITH concerned AS MATERIALIZED (
    -- whose days are judged: the past of nobody else but what all do matters
    SELECT DISTINCT operator FROM ingest.operations WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY AND operator IS NOT NULL AND subject IS DISTINCT FROM operator
      AND lower(category) IN ('account', 'user', 'user group', 'role', 'billing', 'sub account', 'zoom rooms')
), acts AS (
    SELECT operation_id AS id, occurred_at AS at, occurred_at::DATE AS day, operator, detail,
           lower(concat_ws(' | ', category, action, CASE WHEN setting IS NULL OR setting LIKE '%@%' THEN regexp_extract(detail, '^[A-Za-z]+( [A-Za-z]+)?') ELSE setting END)) AS act
    FROM ingest.operations
    WHERE occurred_at >= $from - INTERVAL 180 DAY AND occurred_at < $until + INTERVAL 1 DAY AND operator IS NOT NULL AND subject IS DISTINCT FROM operator
      AND lower(category) IN ('account', 'user', 'user group', 'role', 'billing', 'sub account', 'zoom rooms') AND EXISTS (SELECT 1 FROM concerned)
), daily AS MATERIALIZED (
    SELECT day, operator, act, count(*) AS n FROM acts GROUP BY day, operator, act
), operator_days AS (
    SELECT day, operator, sum(n) AS n FROM daily GROUP BY day, operator
), judged AS MATERIALIZED (
    SELECT day, operator, act, min(at) AS first_at, max(at) AS last_at, arg_min(id, epoch_us(at)::VARCHAR || id) AS id, arg_min(detail, epoch_us(at)::VARCHAR || id) AS detail
    FROM acts WHERE at >= $from AND day >= (SELECT min(day) FROM daily) + 30 GROUP BY day, operator, act
), own AS (
    -- everybody's past up to the evening before
    SELECT j.day, j.operator, j.act, sum(d.n) AS n
    FROM judged AS j JOIN daily AS d ON d.operator = j.operator AND d.act = j.act AND d.day < j.day AND d.day >= j.day - 180 GROUP BY j.day, j.operator, j.act
), own_all AS (
    SELECT j.day, j.operator, sum(d.n) AS n, count(*) AS days
    FROM (SELECT DISTINCT day, operator FROM judged) AS j JOIN operator_days AS d ON d.operator = j.operator AND d.day < j.day AND d.day >= j.day - 180 GROUP BY j.day, j.operator
), act_days AS (
    SELECT day, act, sum(n) AS n FROM daily GROUP BY day, act
), everybody AS (
    SELECT j.day, j.act, sum(d.n) AS n FROM (SELECT DISTINCT day, act FROM judged) AS j JOIN act_days AS d ON d.act = j.act AND d.day < j.day AND d.day >= j.day - 180 GROUP BY j.day, j.act
), everything AS (
    SELECT j.day, sum(d.n) AS n FROM (SELECT DISTINCT day FROM judged) AS j JOIN act_days AS d ON d.day < j.day AND d.day >= j.day - 180 GROUP BY j.day
), pasts AS (
    SELECT j.day, j.operator, j.act, j.first_at, j.last_at, j.id, j.detail, coalesce(o.n, 0) AS own, coalesce(e.n, 0) AS everybody, a.n AS own_all, a.days AS own_days, t.n AS all_all
    FROM judged AS j JOIN own_all AS a ON a.day = j.day AND a.operator = j.operator JOIN everything AS t ON t.day = j.day
    LEFT JOIN own AS o ON o.day = j.day AND o.operator = j.operator AND o.act = j.act LEFT JOIN everybody AS e ON e.day = j.day AND e.act = j.act
    WHERE a.days >= 7 AND a.n >= 20
), rare AS (
    SELECT *,
           -- the operator's own share, shrunk towards that of all by as much as 20 operations weigh
           (own + 20 * everybody / all_all) / (own_all + 20) AS p_user, (everybody - own) / greatest(all_all - own_all, 1) AS p_peers, everybody / all_all AS p_tenant
    FROM pasts
)
SELECT day, operator AS user_email, min(first_at) AS first_at, max(last_at) AS last_at, count(*)::DOUBLE AS observed, 'rare administrative actions' AS unit, -log10(greatest(min(p_user), 1e-6)) AS score,
       printf('%s: %d rare administrative %s: %s. Judged from %d operations on %d earlier days.', operator, count(*), CASE WHEN count(*) = 1 THEN 'action' ELSE 'actions' END,
              array_to_string(list(printf('%s (%s)', act, CASE WHEN everybody = 0 THEN 'never done by anybody' WHEN own = 0 THEN 'never by this operator' ELSE 'hardly ever by this operator' END) ORDER BY p_user, act)[:3], '; '),
              max(own_all)::BIGINT, max(own_days)) AS summary,
       to_json({'operator': operator, 'actions': list({'action': act, 'times_by_operator': own, 'times_by_all': everybody, 'p_user': round(p_user, 5), 'p_peers': round(p_peers, 5), 'p_tenant': round(p_tenant, 5)}
                ORDER BY p_user, act)[:20], 'indicators': {'admin_action_rarity': round(min(p_user), 5)}})::VARCHAR AS details,
       to_json(list({'id': id, 'at': strftime(first_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': detail[:300]} ORDER BY p_user, act)[:10])::VARCHAR AS events
FROM rare WHERE p_user < 0.01 AND p_peers < 0.05 GROUP BY day, operator
