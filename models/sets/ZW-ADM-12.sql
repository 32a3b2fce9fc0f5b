-- Protections that were turned off and on again within a day, or doors that were opened and shut: the setting looks as if nothing had been.
WITH changes AS (
    SELECT o.operation_id AS id, o.occurred_at AS at, o.operator, lower(o.category) AS category, coalesce(o.subject, '') AS subject, c.setting, lower(trim(c."old")) AS was, lower(trim(c."new")) AS is_now,
           lower(concat_ws(' ', o.subject, c.setting)) AS label
    FROM ingest.operations AS o, unnest(from_json(o.changes, '[{"setting": "VARCHAR", "old": "VARCHAR", "new": "VARCHAR"}]')) AS t(c)
    WHERE o.occurred_at >= $from - INTERVAL 1 DAY AND o.occurred_at < $until + INTERVAL 1 DAY AND o.changes IS NOT NULL AND lower(o.category) IN ('account', 'user group')
      AND lower(trim(c."new")) IN ('on', 'off') AND lower(trim(c."old")) IN ('on', 'off')
), risky AS (
    SELECT * FROM changes
    WHERE was = 'on' AND is_now = 'off' AND regexp_matches(label, 'two-factor|encrypt|security option|passcode|sign users out|sign again|inactivity|password requirement|authenticat|waiting room|identify guest|recording|archiv|watermark|activity log|specified file types|domain')
          AND NOT regexp_matches(label, 'embed|allow guest|download|block')
       OR was = 'off' AND is_now = 'on' AND regexp_matches(label, 'allow users to sign in with|file transfer|share cloud recording|recording downloads|recordings publicly|join before host|allow guest|external')
), pairs AS (
    SELECT r.*, b.at AS back_at, b.operator AS back_by, b.id AS back_id
    FROM risky AS r JOIN changes AS b ON b.category = r.category AND b.subject = r.subject AND b.setting = r.setting AND b.was = r.is_now AND b.is_now = r.was
         AND b.at >= r.at AND b.id <> r.id AND b.at <= r.at + INTERVAL 24 HOUR
    QUALIFY row_number() OVER (PARTITION BY r.id, r.setting ORDER BY b.at) = 1
)
SELECT back_at::DATE AS day, operator AS user_email, category || ' ' || subject || ' ' || setting AS "key", min(at) AS first_at, max(back_at) AS last_at,
       round(max(date_diff('second', at, back_at)) / 60.0, 1) AS observed, 'minutes until it was put back' AS unit, count(*)::DOUBLE AS score,
       printf('%s: %s (%s) was turned %s and back again %d minutes later%s.', operator, setting, subject, max_by(is_now, back_at), max(date_diff('minute', at, back_at)),
              CASE WHEN max_by(back_by, back_at) = operator THEN '' ELSE ' by ' || max_by(back_by, back_at) END) AS summary,
       to_json({'setting': setting, 'scope': subject, 'off_at': strftime(min(at), '%Y-%m-%dT%H:%M:%SZ'), 'on_at': strftime(max(back_at), '%Y-%m-%dT%H:%M:%SZ'), 'times': count(*),
                'operators': list_sort(list_distinct(list(operator) || list(back_by))),
                'activity_between': (SELECT list(coalesce(o.operator, '') || ': ' || o.detail[:160] ORDER BY o.occurred_at)[:10] FROM ingest.operations AS o
                                     WHERE o.operator = p.operator AND o.occurred_at > min(p.at) AND o.occurred_at < max(p.back_at))})::VARCHAR AS details,
       to_json(list({'id': id, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': setting || ': from ' || was || ' to ' || is_now} ORDER BY at)[:5]
            || list({'id': back_id, 'at': strftime(back_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': setting || ': from ' || is_now || ' to ' || was} ORDER BY back_at)[:5])::VARCHAR AS events
FROM pairs AS p WHERE operator IS NOT NULL GROUP BY day, operator, category, subject, setting
