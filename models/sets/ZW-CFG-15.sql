-- Apps that the account did not have before, with scopes that reach the whole account.
WITH seen AS (
    -- the listings are read together: what is there at their first reading is not new, whatever comes to an empty one later is
    SELECT *, least((SELECT min(first_seen_at) FROM ingest.apps), (SELECT min(covered_from) FROM meta.feeds WHERE feed = 'apps')) AS began
    FROM ingest.apps WHERE listing IN ('account_added', 'approved_apps', 'account_created')
), fresh AS (
    SELECT coalesce(app_id, name) AS app, min(first_seen_at) AS first_seen, min(name) AS name, min(developer_type) AS developer, min(approved_type) AS approved_for,
           min(approver_id) AS approver_id, min(approved_at) AS approved_at, list_sort(list(DISTINCT listing)) AS listings,
           list_sort(list_distinct(flatten(list(coalesce(scopes, []::VARCHAR[]))))) AS scopes
    FROM seen GROUP BY coalesce(app_id, name) HAVING NOT bool_or(first_seen_at <= began)
), wide AS (
    -- Zoom's scopes over the account end in :admin or :master, in the classic and in the granular form
    SELECT f.*, u.email, list_filter(f.scopes, s -> regexp_matches(s, ':(admin|master)$')) AS admin_scopes
    FROM fresh AS f LEFT JOIN ingest.users AS u ON u.user_id = f.approver_id
)
SELECT first_seen::DATE AS day, email AS user_email, app AS "key", coalesce(least(approved_at, first_seen), first_seen) AS first_at, first_seen AS last_at,
       len(admin_scopes)::DOUBLE AS observed, 'scopes over the whole account' AS unit, coalesce(developer, '') <> 'ZOOM' AS alert,
       CASE WHEN len(list_filter(admin_scopes, s -> regexp_matches(s, '(write|update|delete|create|master)'))) > 0 THEN 'high' END AS severity,
       printf('%s the app %s is new to the account and has %d scopes over the whole of it: %s.', coalesce(email, 'apps/' || app) || ':', coalesce(name, app), len(admin_scopes),
              array_to_string(admin_scopes[:4], ', ')) AS summary,
       to_json({'operator': email, 'app': name, 'app_id': app, 'developer': developer, 'approved_for': approved_for, 'scopes': admin_scopes[:40], 'listings': listings,
                'first_seen': strftime(first_seen, '%Y-%m-%dT%H:%M:%SZ')})::VARCHAR AS details
FROM wide WHERE len(admin_scopes) > 0
