-- Apps of the marketplace as they appear, and the names of those that were there; whether one imitates another is judged in Go (confusable.go).
SELECT first_seen_at::DATE AS day, coalesce(min(a.app_id), min(a.app_key)) AS key, min(a.first_seen_at) AS first_at, max(a.first_seen_at) AS last_at, 1.0 AS observed, 'apps' AS unit, true AS alert,
       a.name AS summary,
       to_json({'app': a.name, 'app_id': min(a.app_id), 'developer_type': min(a.developer_type), 'scopes': list_sort(flatten(list(coalesce(a.scopes, []))))[:50],
                'others': (SELECT list_sort(list(DISTINCT b.name)) FROM ingest.apps AS b WHERE b.name <> a.name AND b.first_seen_at < a.first_seen_at::DATE + INTERVAL 1 DAY)})::VARCHAR AS details
FROM ingest.apps AS a
WHERE a.first_seen_at >= $from AND a.first_seen_at < $until + INTERVAL 1 DAY AND a.name IS NOT NULL
GROUP BY a.first_seen_at::DATE, a.name
