/*
---
id: ACME-SVC-01
title: Service account signs in from elsewhere
severity: high
description: >-
  An account that only machines use signed in from an address that is none of theirs. Write your own accounts and networks into the statement:
  networks are those of the column ip_prefix, a /24 or a /48.
schedule: every_run
window: 3d
grouping: [user_email, ip_address]
attack: {version: 18, techniques: [T1078.004]}
daily_limit: 5
---
*/
WITH service(account, network) AS (
    VALUES ('rooms-sync@example.com', '203.0.113.0/24'),
           ('rooms-sync@example.com', '2001:db8:10::/48'),
           ('recorder@example.com', '203.0.113.0/24')
)
SELECT a.occurred_at, a.user_email, a.activity_id, a.ip_address, a.ip_prefix, a.country_code, a.as_org, a.client_type
FROM activities AS a
WHERE a.kind = 'sign_in' AND a.occurred_at >= $since
  AND a.user_email IN (SELECT account FROM service)
  AND NOT EXISTS (SELECT 1 FROM service AS s WHERE s.account = a.user_email AND s.network = a.ip_prefix);
