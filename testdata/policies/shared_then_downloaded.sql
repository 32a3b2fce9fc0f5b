/*
---
id: ACME-REC-01
title: Recording shared, then downloaded by somebody else
severity: medium
description: >-
  Sharing of a recording was switched on, and within a week somebody other than who did so downloaded it. Usual among colleagues; worth a look
  where recordings are confidential.
schedule: daily
window: 7d
grouping: [user_email, meeting_id]
attack: {version: 18, techniques: [T1530]}
---
*/
WITH recording_operations AS (
    SELECT *, regexp_extract(detail, 'Meeting ID: ([0-9]+)', 1) AS meeting_id FROM operations WHERE category = 'Recording'
)
SELECT d.occurred_at, d.operator AS user_email, d.operation_id, d.meeting_id, s.occurred_at AS shared_at, s.operator AS shared_by
FROM recording_operations AS d
JOIN recording_operations AS s
  ON s.meeting_id = d.meeting_id AND s.operator <> d.operator AND s.detail LIKE '%Share this recording%to On%'
 AND d.occurred_at BETWEEN s.occurred_at AND s.occurred_at + INTERVAL 7 DAY
WHERE d.action = 'Download' AND d.meeting_id <> '' AND d.occurred_at >= $since;
