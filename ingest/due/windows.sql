-- Windows of the account: those never read, then those whose rows may still have changed when they were read last. Six hours lie between two readings of the same.
SELECT v.parent, v.window_from, v.window_to, v.mark, NULL::VARCHAR AS via, v.window_to >= $now - INTERVAL 7 DAY AS fresh, v.attempts
FROM meta.visits AS v
WHERE v.feed = $feed AND v.window_to >= $floor AND v.window_from <= $now
  AND (v.outcome = 'planned' OR v.outcome = 'failed' AND $retry
       OR v.outcome = 'done' AND v.visited_at < v.window_to + INTERVAL 1 DAY + $overlap AND v.visited_at <= $now - INTERVAL 6 HOUR)
ORDER BY v.window_to DESC
