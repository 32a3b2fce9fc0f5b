-- Users: those whom an operation touched since, then those never seen, then everybody once a week, spread over five days of it.
WITH touched AS (
    SELECT subject AS email, max(occurred_at) AS at FROM ingest.operations WHERE category ILIKE 'user%' AND subject IS NOT NULL GROUP BY subject
)
SELECT u.user_id AS parent, NULL::TIMESTAMP AS window_from, NULL::TIMESTAMP AS window_to, NULL::VARCHAR AS mark, NULL::VARCHAR AS via,
       coalesce(t.at > v.visited_at, false) AS fresh, v.attempts
FROM ingest.users AS u
LEFT JOIN touched AS t ON t.email = u.email
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = u.user_id
WHERE u.status = 'active' AND u.user_id IS NOT NULL
  AND (v.feed IS NULL OR t.at > v.visited_at OR v.outcome = 'failed' AND $retry OR v.visited_at <= $now - to_days(5 + (hash(u.user_id) % 5)::INTEGER))
ORDER BY fresh DESC, v.visited_at NULLS FIRST, u.user_id
