-- Risk of users: the findings of the last 7 days, compared with the 7 days before. A finding weighs severity x impact x rarity:
--   severity  of an alert critical 100, high 60, medium 30, low 10, info 1; of a behavior -log10 of its p-value, at most 6, 3 where it has none, 1 where it merely says "new" ($hints)
--   impact    1.5 for owners and administrators, 1.25 for other roles than Member: what the account could do
--   rarity    2 where hardly anybody has a finding of the kind within 90 days, 1 where everybody has
-- What a person closed as benign or false positive weighs nothing.
DELETE FROM models.user_risk;
INSERT INTO models.user_risk
WITH closed AS (
    SELECT alert_id FROM (SELECT * FROM models.triage QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY set_at DESC, rowid DESC) = 1) WHERE status IN ('benign', 'false_positive')
), findings AS (
    SELECT alert_id AS id, user_email, detection_id, day, severity, CASE severity WHEN 'critical' THEN 100 WHEN 'high' THEN 60 WHEN 'medium' THEN 30 WHEN 'low' THEN 10 ELSE 1 END::DOUBLE AS weight
    FROM models.alerts WHERE user_email IS NOT NULL
    UNION ALL
    SELECT behavior_id, user_email, detection_id, day, NULL,
           CASE WHEN list_contains([$hints]::VARCHAR[], detection_id) THEN 1 ELSE coalesce(least(-log10(greatest(p_value, 1e-300)), 6), 3) END
    FROM models.behaviors WHERE user_email IS NOT NULL AND behavior_id NOT IN (SELECT alert_id FROM models.alerts)
    UNION ALL -- policies of the account's own: behaviors, which have no p-value, count as those above
    SELECT finding_id, user_email, policy_id, last_seen_at::DATE, CASE WHEN class = 'behavior' OR suppressed_by IS NOT NULL THEN NULL ELSE severity END,
           CASE WHEN class = 'behavior' OR suppressed_by IS NOT NULL THEN 3 ELSE CASE severity WHEN 'critical' THEN 100 WHEN 'high' THEN 60 WHEN 'medium' THEN 30 WHEN 'low' THEN 10 ELSE 1 END END
    FROM models.policy_findings WHERE user_email IS NOT NULL
), everybody AS (
    SELECT greatest(count(*) FILTER (WHERE status = 'active'), (SELECT count(DISTINCT user_email) FROM findings), 1) AS n FROM ingest.users
), kinds AS (
    SELECT detection_id, 1 + least(-log10(least(greatest(count(DISTINCT user_email) / (SELECT n FROM everybody), 0.001), 1)) / 3, 1) AS rarity
    FROM findings WHERE day > $today - 90 AND day <= $today GROUP BY detection_id
), weighed AS (
    SELECT f.*, k.rarity, CASE WHEN u.role IN ('Owner', 'Admin') THEN 1.5 WHEN u.role IS NULL OR u.role = 'Member' THEN 1 ELSE 1.25 END AS impact,
           CASE WHEN f.id IN (SELECT alert_id FROM closed) THEN 0 ELSE f.weight * k.rarity * impact END AS points
    FROM findings AS f JOIN kinds AS k USING (detection_id) LEFT JOIN ingest.users AS u ON u.email = f.user_email
    WHERE f.day > $today - 14 AND f.day <= $today
), recent AS (
    SELECT user_email,
           round(sum(points) FILTER (WHERE day > $today - 7), 6) AS score, -- a sum of floats depends on its order in the last digits
           coalesce(round(sum(points) FILTER (WHERE day <= $today - 7), 6), 0) AS before,
           to_json(list({'detection_id': detection_id, 'day': day, 'severity': severity, 'weight': round(weight, 2), 'impact': impact::DOUBLE, 'rarity': round(rarity, 2), 'points': round(points, 2)}
                   ORDER BY points DESC, day, detection_id) FILTER (WHERE day > $today - 7)) AS contributions
    FROM weighed GROUP BY user_email
), scored AS (SELECT * FROM recent WHERE score > 0)
SELECT user_email, score,
       100.0 * ((SELECT n FROM everybody) - rank() OVER (ORDER BY score DESC)) / (SELECT n FROM everybody),
       round(score - before, 6), contributions::VARCHAR
FROM scored ORDER BY score DESC, user_email;
