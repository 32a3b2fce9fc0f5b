-- The verdict that counts for every control and resource.
SELECT control_id, title, severity, resource_type, resource_id, status, observed, expected, locked, points, max_points, exception, remediation, changed_at
FROM models.posture_results
QUALIFY row_number() OVER (PARTITION BY control_id, resource_type, resource_id ORDER BY changed_at DESC, rowid DESC) = 1
