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
), daily AS (
    SELECT day, operator, act, count(*) AS n, min(at) AS first_at, max(at) AS last_at, arg_min(id, epoch_us(at)::VARCHAR || id) AS id, arg_min(detail, epoch_us(at)::VARCHAR || id) AS detail FROM acts GROUP BY day, operator, act
), operator_days AS (
    SELECT day, operator, sum(n) AS n FROM daily GROUP BY day, operator
), pasts AS (
    -- running sums give everybody's past up to the evening before
    SELECT d.day, d.operator, d.act, d.first_at, d.last_at, d.id, d.detail,
           coalesce(sum(d.n) OVER (PARTITION BY d.operator, d.act ORDER BY d.day RANGE BETWEEN INTERVAL 180 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING), 0) AS own,
           coalesce(sum(d.n) OVER (PARTITION BY d.act ORDER BY d.day RANGE BETWEEN INTERVAL 180 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING), 0) AS everybody
    FROM daily AS d
), totals AS (
    SELECT o.day, o.operator,
           coalesce(sum(o.n) OVER (PARTITION BY o.operator ORDER BY o.day RANGE BETWEEN INTERVAL 180 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING), 0) AS own_all,
           count(*) OVER (PARTITION BY o.operator ORDER BY o.day RANGE BETWEEN INTERVAL 180 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING) AS own_days,
           coalesce(sum(o.n) OVER (ORDER BY o.day RANGE BETWEEN INTERVAL 180 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING), 0) AS all_all
    FROM operator_days AS o
), rare AS (
    SELECT p.*, t.own_all, t.own_days,
           -- the operator's own share, shrunk towards that of all by as much as 20 operations weigh
           (p.own + 20 * p.everybody / t.all_all) / (t.own_all + 20) AS p_user, (p.everybody - p.own) / greatest(t.all_all - t.own_all, 1) AS p_peers, p.everybody / t.all_all AS p_tenant
    FROM pasts AS p JOIN totals AS t ON t.day = p.day AND t.operator = p.operator
    WHERE p.day BETWEEN $from AND $until AND t.own_days >= 7 AND t.own_all >= 20 AND p.day >= (SELECT min(day) FROM daily) + 30
)
SELECT day, operator AS user_email, min(first_at) AS first_at, max(last_at) AS last_at, count(*)::DOUBLE AS observed, 'rare administrative actions' AS unit, -log10(greatest(min(p_user), 1e-6)) AS score,
       printf('%s: %d rare administrative %s: %s. Judged from %d operations on %d earlier days.', operator, count(*), CASE WHEN count(*) = 1 THEN 'action' ELSE 'actions' END,
              array_to_string(list(printf('%s (%s)', act, CASE WHEN everybody = 0 THEN 'never done by anybody' WHEN own = 0 THEN 'never by this operator' ELSE 'hardly ever by this operator' END) ORDER BY p_user, act)[:3], '; '),
              max(own_all)::BIGINT, max(own_days)) AS summary,
       to_json({'operator': operator, 'actions': list({'action': act, 'times_by_operator': own, 'times_by_all': everybody, 'p_user': round(p_user, 5), 'p_peers': round(p_peers, 5), 'p_tenant': round(p_tenant, 5)}
                ORDER BY p_user, act)[:20], 'indicators': {'admin_action_rarity': round(min(p_user), 5)}})::VARCHAR AS details,
       to_json(list({'id': id, 'at': strftime(first_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': detail[:300]} ORDER BY p_user, act)[:10])::VARCHAR AS events
FROM rare WHERE p_user < 0.01 AND p_peers < 0.05 GROUP BY day, operator
