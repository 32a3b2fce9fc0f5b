-- Domains that a list of allowed ones holds and did not hold before: by the operation log, by readings of the settings, and by the lists of managed and trusted domains.
WITH logged AS (
    SELECT at::DATE AS day, at, operator AS user_email, id, concat_ws(': ', subject, c.setting) AS list, c."old" AS was, c."new" AS is_now
    FROM (SELECT operation_id AS id, occurred_at AS at, operator, subject, unnest(from_json(changes, '[{"setting": "VARCHAR", "old": "VARCHAR", "new": "VARCHAR"}]')) AS c
          FROM ingest.operations
          WHERE occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY AND changes IS NOT NULL AND lower(category) IN ('account', 'user group'))
    WHERE regexp_matches(lower(concat_ws(' ', subject, c.setting)), 'domain') AND NOT regexp_matches(lower(concat_ws(' ', subject, c.setting)), 'block|restrict|prevent|deny')
), versions AS (
    SELECT path, value, fetched_at, lag(value) OVER w AS was, lag(fetched_at) OVER w AS before, row_number() OVER w AS nth
    FROM ingest.setting_versions
    WHERE regexp_matches(path, 'domain|authentication_options') AND NOT regexp_matches(path, 'block|restrict') AND coalesce(NOT starts_with(value, '{'), true) -- a marker, and no list
    WINDOW w AS (PARTITION BY path ORDER BY fetched_at, rowid)
), account_changes AS MATERIALIZED (
    -- joined by its category, to nothing where nothing changed: the log is then not read
    SELECT occurred_at, operator
    FROM ingest.operations JOIN (SELECT 'account' AS of_account, min(before) AS since FROM versions WHERE nth > 1 AND fetched_at >= $from HAVING count(*) > 0) ON lower(category) = of_account AND occurred_at > since
    WHERE occurred_at < $until + INTERVAL 1 DAY
), read_ AS (
    -- whoever alone changed account settings since the reading before is the operator
    SELECT fetched_at::DATE AS day, fetched_at AS at,
           (SELECT CASE WHEN count(DISTINCT o.operator) = 1 THEN min(o.operator) END FROM account_changes AS o
            WHERE o.occurred_at > greatest(v.before, (SELECT max(r.fetched_at) FROM ingest.setting_versions AS r WHERE r.fetched_at < v.fetched_at)) AND o.occurred_at <= v.fetched_at) AS user_email,
           NULL::VARCHAR AS id, path AS list, was, value AS is_now
    FROM versions AS v WHERE nth > 1 AND fetched_at >= $from AND fetched_at < $until + INTERVAL 1 DAY
), listed AS (
    -- the first reading of the lists, which are read together, makes nothing new, whether or not it held something; what comes after it is new, also to a list that was empty
    SELECT first_seen_at::DATE AS day, first_seen_at AS at, NULL::VARCHAR AS user_email, NULL::VARCHAR AS id, kind || ' domains' AS list, '' AS was, domain AS is_now
    FROM ingest.domains
    WHERE domain IS NOT NULL AND first_seen_at > least((SELECT min(first_seen_at) FROM ingest.domains), (SELECT min(covered_from) FROM meta.feeds WHERE feed = 'domains'))
), added AS (
    SELECT *, list_sort(list_distinct(list_filter(regexp_extract_all(lower(coalesce(is_now, '')), '(?:[a-z0-9-]+\.)+[a-z]{2,}'),
                                    d -> NOT list_contains(regexp_extract_all(lower(coalesce(was, '')), '(?:[a-z0-9-]+\.)+[a-z]{2,}'), d)))) AS domains
    FROM (SELECT * FROM logged UNION ALL SELECT * FROM read_ UNION ALL SELECT * FROM listed)
), daily AS (
    -- one addition may be seen by the log and in the settings: the log names who it was
    SELECT day, domains, max(user_email) AS user_email, min(at) AS first_at, max(at) AS last_at, list_sort(list(DISTINCT list)) AS lists,
           list({'id': id, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': list || ': ' || array_to_string(domains, ', ')} ORDER BY at) FILTER (WHERE id IS NOT NULL) AS events
    FROM added WHERE len(domains) > 0 GROUP BY day, domains
)
SELECT day, user_email, array_to_string(domains[:5], ' ') AS "key", first_at, last_at, len(domains)::DOUBLE AS observed, 'domains added' AS unit, true AS alert,
       printf('%s a list of allowed domains has got longer: %s added to %s.', CASE WHEN user_email IS NULL THEN 'settings/domains:' ELSE user_email || ':' END,
              array_to_string(domains[:5], ', '), array_to_string(lists[:3], ', ')) AS summary,
       to_json({'operator': user_email, 'domains_added': domains[:20], 'lists': lists[:10]})::VARCHAR AS details, to_json(events[:10])::VARCHAR AS events
FROM daily
