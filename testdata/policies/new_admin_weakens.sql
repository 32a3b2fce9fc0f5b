/*
---
id: ACME-ADM-01
title: New administrator weakens protection
severity: high
description: >-
  Somebody who was made an administrator switched protective account settings off within a day. Whoever takes over an account with such rights
  does so at once; a colleague who was promoted rarely does.
schedule: every_run
window: 3d
grouping: [user_email]
threshold: {rows: 2}
attack: {version: 18, techniques: [T1098.003, T1562.001]}
daily_limit: 5
---
*/
WITH promoted AS (
    SELECT lower(subject) AS user_email, occurred_at AS promoted_at, operator AS promoted_by
    FROM operations
    WHERE detail ILIKE '%change role%' AND new_value IN ('Admin', 'Owner') AND occurred_at >= $since - INTERVAL 1 DAY
)
SELECT o.occurred_at, p.user_email, o.operation_id, p.promoted_at, p.promoted_by, o.setting, o.old_value, o.new_value
FROM operations AS o
JOIN promoted AS p ON o.operator = p.user_email AND o.occurred_at BETWEEN p.promoted_at AND p.promoted_at + INTERVAL 1 DAY
WHERE o.occurred_at >= $since AND o.category = 'Account' AND lower(o.new_value) IN ('off', 'disabled', 'false');
