-- Risk of users: the findings of the last 7 days, alerts by severity, behaviors by rarity; compared with the 7 days before.
DELETE FROM models.user_risk;
INSERT INTO models.user_risk
WITH findings AS (
    SELECT user_email, detection_id, day, CASE severity WHEN 'critical' THEN 100 WHEN 'high' THEN 60 WHEN 'medium' THEN 30 WHEN 'low' THEN 10 ELSE 1 END::DOUBLE AS points
    FROM models.alerts WHERE user_email IS NOT NULL
    UNION ALL
    SELECT user_email, detection_id, day, coalesce(least(-log10(greatest(p_value, 1e-300)), 6), 3)
    FROM models.behaviors WHERE user_email IS NOT NULL
    UNION ALL -- policies of the account's own: behaviors, which have no p-value, count as those above
    SELECT user_email, policy_id, last_seen_at::DATE,
           CASE WHEN class = 'behavior' OR suppressed_by IS NOT NULL THEN 3 ELSE CASE severity WHEN 'critical' THEN 100 WHEN 'high' THEN 60 WHEN 'medium' THEN 30 WHEN 'low' THEN 10 ELSE 1 END END
    FROM models.policy_findings WHERE user_email IS NOT NULL
), recent AS (
    SELECT user_email,
           sum(points) FILTER (WHERE day > $today - 7) AS score,
           coalesce(sum(points) FILTER (WHERE day <= $today - 7), 0) AS before,
           to_json(list({'detection_id': detection_id, 'day': day, 'points': round(points, 2)} ORDER BY points DESC, day, detection_id) FILTER (WHERE day > $today - 7)) AS contributions
    FROM findings WHERE day > $today - 14 AND day <= $today GROUP BY user_email
), scored AS (SELECT * FROM recent WHERE score IS NOT NULL),
everybody AS (SELECT greatest(count(*), (SELECT count(*) FROM scored)) AS n FROM ingest.users WHERE status = 'active')
SELECT user_email, score,
       100.0 * ((SELECT n FROM everybody) - rank() OVER (ORDER BY score DESC)) / (SELECT greatest(n, 1) FROM everybody),
       score - before, contributions::VARCHAR
FROM scored ORDER BY score DESC, user_email;
