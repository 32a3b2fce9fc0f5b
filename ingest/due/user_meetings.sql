-- Hosts of a window, once for every number of meetings that Zoom has counted for them: a host whose count stands still has nothing new. Who had fewer rows than that
-- is asked again until the window is settled, for rows may come later than counts.
SELECT h.user_id AS parent, h.window_from, h.window_to, h.meetings::VARCHAR AS mark, NULL::VARCHAR AS via, h.window_to >= $now - INTERVAL 7 DAY AS fresh, v.attempts
FROM ingest.hosts AS h
LEFT JOIN meta.visits AS v ON v.feed = $feed AND v.parent = h.user_id AND v.window_from = h.window_from AND v.window_to = h.window_to
WHERE h.user_id IS NOT NULL AND h.meetings > 0 AND h.window_to >= $floor
  AND (v.feed IS NULL OR v.mark IS DISTINCT FROM h.meetings::VARCHAR OR v.outcome = 'failed' AND $retry
       OR v.outcome = 'done' AND v.rows < h.meetings AND v.visited_at < h.window_to + INTERVAL 1 DAY + $overlap AND v.visited_at <= $now - INTERVAL 6 HOUR)
ORDER BY h.window_to DESC, h.meetings DESC, h.user_id
