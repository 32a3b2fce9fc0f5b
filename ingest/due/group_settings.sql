-- Groups, daily.
SELECT g.group_id AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via, true AS fresh, v.attempts
FROM ingest.groups AS g
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = g.group_id
WHERE g.removed_at IS NULL AND (v.feed IS NULL OR v.visited_at <= $now - INTERVAL 1 DAY OR v.outcome = 'failed' AND $retry)
ORDER BY g.group_id
