/*
---
id: ACME-CLI-01
title: Sign-in with an outdated client
severity: low
class: behavior
description: >-
  A desktop client older than the least version that the organisation supports signed in. Write your own least version into the statement.
schedule: weekly
window: 7d
grouping: [user_email, client_type]
attack: {version: 18, techniques: [T1203]}
---
*/
WITH versions AS (
    SELECT *, 1000000 * try_cast(split_part(client_version, '.', 1) AS BIGINT) + 1000 * try_cast(split_part(client_version, '.', 2) AS BIGINT)
              + try_cast(split_part(client_version, '.', 3) AS BIGINT) AS number
    FROM activities
    WHERE kind = 'sign_in' AND client_type IN ('Windows', 'Mac', 'Linux') AND occurred_at >= $since
)
SELECT occurred_at, user_email, activity_id, client_type, client_version
FROM versions
WHERE number < 6009000; -- 6.9.0
