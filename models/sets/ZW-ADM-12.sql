-- Protections that were turned off and on again within a day, or doors that were opened and shut: the setting looks as if nothing had been.
WITH changes AS MATERIALIZED (
    SELECT id, at, operator, category, coalesce(subject, '') AS subject, c.setting, lower(trim(c."old")) AS was, lower(trim(c."new")) AS is_now,
           lower(concat_ws(' ', subject, c.setting)) AS label
    FROM (SELECT operation_id AS id, occurred_at AS at, operator, lower(category) AS category, subject, unnest(from_json(changes, '[{"setting": "VARCHAR", "old": "VARCHAR", "new": "VARCHAR"}]')) AS c
          FROM ingest.operations
          WHERE occurred_at >= $from - INTERVAL 1 DAY AND occurred_at < $until + INTERVAL 1 DAY AND changes IS NOT NULL AND lower(category) IN ('account', 'user group'))
    WHERE lower(trim(c."new")) IN ('on', 'off') AND lower(trim(c."old")) IN ('on', 'off')
), risky AS MATERIALIZED (
    SELECT * FROM changes
    WHERE was = 'on' AND is_now = 'off' AND regexp_matches(label, 'two-factor|encrypt|security option|passcode|sign users out|sign again|inactivity|password requirement|authenticat|waiting room|identify guest|recording|archiv|watermark|activity log|specified file types|domain')
          AND NOT regexp_matches(label, 'embed|allow guest|download|block')
       OR was = 'off' AND is_now = 'on' AND regexp_matches(label, 'allow users to sign in with|file transfer|share cloud recording|recording downloads|recordings publicly|join before host|allow guest|external')
), pairs AS (
    SELECT r.*, b.at AS back_at, b.operator AS back_by, b.id AS back_id
    FROM risky AS r JOIN changes AS b ON b.category = r.category AND b.subject = r.subject AND b.setting = r.setting AND b.was = r.is_now AND b.is_now = r.was
         AND b.at >= r.at AND b.id <> r.id AND b.at <= r.at + INTERVAL 24 HOUR
    QUALIFY row_number() OVER (PARTITION BY r.id, r.setting ORDER BY b.at) = 1
), grouped AS (
    SELECT back_at::DATE AS day, operator, category, subject, setting, min(at) AS off_at, max(back_at) AS on_at FROM pairs GROUP BY ALL
), between_ AS (
    SELECT g.day, g.operator, g.category, g.subject, g.setting, list(coalesce(o.operator, '') || ': ' || o.detail[:160] ORDER BY o.occurred_at)[:10] AS activity
    FROM grouped AS g JOIN ingest.operations AS o ON o.operator = g.operator AND o.occurred_at > g.off_at AND o.occurred_at < g.on_at
    WHERE o.occurred_at >= $from - INTERVAL 1 DAY AND o.occurred_at < $until + INTERVAL 1 DAY
    GROUP BY ALL
)
SELECT p.back_at::DATE AS day, p.operator AS user_email, p.category || ' ' || p.subject || ' ' || p.setting AS "key", min(p.at) AS first_at, max(p.back_at) AS last_at,
       round(max(date_diff('second', p.at, p.back_at)) / 60.0, 1) AS observed, 'minutes until it was put back' AS unit, count(*)::DOUBLE AS score,
       printf('%s: %s (%s) was turned %s and back again %d minutes later%s.', p.operator, p.setting, p.subject, max_by(p.is_now, p.back_at), max(date_diff('minute', p.at, p.back_at)),
              CASE WHEN max_by(p.back_by, p.back_at) = p.operator THEN '' ELSE ' by ' || max_by(p.back_by, p.back_at) END) AS summary,
       to_json({'setting': p.setting, 'scope': p.subject, 'off_at': strftime(min(p.at), '%Y-%m-%dT%H:%M:%SZ'), 'on_at': strftime(max(p.back_at), '%Y-%m-%dT%H:%M:%SZ'), 'times': count(*),
                'operators': list_sort(list_distinct(list(p.operator) || list(p.back_by))),
                'activity_between': any_value(b.activity)})::VARCHAR AS details,
       to_json(list({'id': p.id, 'at': strftime(p.at, '%Y-%m-%dT%H:%M:%SZ'), 'what': p.setting || ': from ' || p.was || ' to ' || p.is_now} ORDER BY p.at)[:5]
            || list({'id': p.back_id, 'at': strftime(p.back_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': p.setting || ': from ' || p.is_now || ' to ' || p.was} ORDER BY p.back_at)[:5])::VARCHAR AS events
FROM pairs AS p
LEFT JOIN between_ AS b ON b.day = p.back_at::DATE AND b.operator = p.operator AND b.category = p.category AND b.subject = p.subject AND b.setting = p.setting
WHERE p.operator IS NOT NULL GROUP BY p.back_at::DATE, p.operator, p.category, p.subject, p.setting
