-- One operator resets the sign-in of many others within an hour, or signs them out: how a rogue administrator takes accounts over, or keeps their owners out.
WITH acts AS MATERIALIZED (
    SELECT operation_id AS id, occurred_at AS at, occurred_at::DATE AS day, operator, lower(subject) AS target, detail
    FROM ingest.operations
    WHERE occurred_at >= $from - INTERVAL 30 DAY AND occurred_at < $until + INTERVAL 1 DAY AND lower(category) = 'user' AND operator IS NOT NULL AND subject LIKE '%@%' AND subject <> operator
      AND regexp_matches(lower(concat_ws(' ', action, detail)), 'reset (the |user |sign-in )?(password|two-factor|2fa|mfa)|(password|two-factor authentication|2fa)( code)?:? (was )?reset|change(d)? (the |user )?password|(clear|remove) (two-factor|2fa)|sign(ed)?[ -]?out|log(ged)?[ -]?out|two-factor authentication: from on to off|change (user )?e-?mail|e-?mail( address)?: (from|set to)')
), hours AS (
    SELECT *, (SELECT count(DISTINCT b.target) FROM acts AS b WHERE b.operator = a.operator AND b.at <= a.at AND b.at > a.at - INTERVAL 1 HOUR) AS accounts FROM acts AS a
), daily AS (
    SELECT day, operator, max(accounts) AS most, arg_max(at, accounts::DOUBLE - epoch_us(at) / 1e18) AS peak FROM hours GROUP BY day, operator
), judged AS (
    SELECT d.*, coalesce((SELECT max(e.most) FROM daily AS e WHERE e.operator = d.operator AND e.day < d.day AND e.day >= d.day - 30), 0) AS before,
           (SELECT count(*) FROM daily AS e WHERE e.operator = d.operator AND e.day < d.day AND e.day >= d.day - 30) AS days_before
    FROM daily AS d WHERE d.most >= 5 AND d.day BETWEEN $from AND $until
)
SELECT j.day, j.operator AS user_email, min(a.at) AS first_at, max(a.at) AS last_at, j.most::DOUBLE AS observed, 'accounts within an hour' AS unit,
       -- a helpdesk does as much on other days; in the first week of the records nobody can tell
       j.most > 2 * j.before AND j.day >= (SELECT min(occurred_at)::DATE FROM ingest.operations) + 7 AS alert,
       printf('%s: reset the sign-in of %d accounts or signed them out within an hour: %s. At most %d in an hour on %d such days of the 30 before.', j.operator, j.most,
              array_to_string(list_sort(list(DISTINCT a.target))[:5], ', '), j.before, j.days_before) AS summary,
       to_json({'operator': j.operator, 'targets': list_sort(list(DISTINCT a.target))[:50], 'ops': list_sort(list(DISTINCT a.detail[:120]))[:20], 'window': '1 hour'})::VARCHAR AS details,
       to_json(list({'id': a.id, 'at': strftime(a.at, '%Y-%m-%dT%H:%M:%SZ'), 'what': a.detail[:200]} ORDER BY a.at)[:10])::VARCHAR AS events
FROM judged AS j JOIN acts AS a ON a.operator = j.operator AND a.at <= j.peak AND a.at > j.peak - INTERVAL 1 HOUR
GROUP BY j.day, j.operator, j.most, j.before, j.days_before
