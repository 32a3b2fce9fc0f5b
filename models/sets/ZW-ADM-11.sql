-- Somebody may schedule or act for somebody else who never could before. Zoom's portal calls it scheduling privilege and assistant.
WITH acts AS MATERIALIZED (
    SELECT operation_id AS id, occurred_at AS at, operator, lower(subject) AS subject, detail, lower(concat_ws(' ', setting, new_value)) AS words,
           regexp_extract_all(lower(detail), '[^\s@:,;<>()"]+@[^\s@:,;<>()"]+\.[a-z0-9-]+') AS people
    FROM ingest.operations
    WHERE occurred_at >= $from - INTERVAL 90 DAY AND occurred_at < $until + INTERVAL 1 DAY AND operator IS NOT NULL
      AND contains(detail, '@') AND regexp_matches(lower(detail), 'schedul(e|ing) privilege|\bassistants?\b|\bdelegat(e|es|ion)\b|(sign|log)[ -]?in as |impersonat')
      AND NOT regexp_matches(lower(detail), ': from [^ ].* to *$|remove|revoke|delete|virtual assistant|job title')
), pairs AS (
    -- who grants is the account that the row is about, else the operator; every other person named is one who may now act for it
    SELECT a.*, coalesce(CASE WHEN a.subject LIKE '%@%' AND len(list_distinct(a.people)) > 1 THEN a.subject END, a.operator) AS grantor, t.grantee
    FROM acts AS a, unnest(list_distinct(a.people)) AS t(grantee)
), first_ AS (
    SELECT *, row_number() OVER (PARTITION BY grantor, grantee ORDER BY at, id) AS nth FROM pairs WHERE grantee <> grantor
)
SELECT at::DATE AS day, grantor AS user_email, grantee AS "key", at AS first_at, at AS last_at, 1.0 AS observed, 'people who may act for the user' AS unit,
       printf('%s: %s may act for this user for the first time in 90 days, by the hand of %s: %s.', grantor, grantee, operator, detail[:160]) AS summary,
       to_json({'grantor': grantor, 'grantee': grantee, 'operator': operator, 'permission': detail[:200], 'first_seen': strftime(at, '%Y-%m-%dT%H:%M:%SZ')})::VARCHAR AS details,
       to_json([{'id': id, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': detail[:200]}])::VARCHAR AS events
FROM first_ WHERE nth = 1 AND at >= (SELECT min(occurred_at) FROM ingest.operations) + INTERVAL 30 DAY
