-- Roles, daily or when their number of members changes. Role 2 is the one that everybody has who has no other: users.role_id says so.
SELECT r.role_id AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, r.total_members::VARCHAR AS mark, NULL::VARCHAR AS via, true AS fresh, v.attempts
FROM ingest.roles AS r
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = r.role_id
WHERE r.removed_at IS NULL AND r.role_id <> '2'
  AND (v.feed IS NULL OR v.mark IS DISTINCT FROM r.total_members::VARCHAR OR v.visited_at <= $now - INTERVAL 1 DAY OR v.outcome = 'failed' AND $retry)
ORDER BY r.role_id
