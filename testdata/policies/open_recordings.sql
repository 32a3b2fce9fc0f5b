/*
---
id: ACME-REC-02
title: Recording open to everybody with the link
severity: medium
description: >-
  A recording can be seen by anybody who has its link: it is shared publicly and asks neither for a passcode, nor for a sign-in, nor for a
  registration. The alert goes on for as long as that is so.
schedule: daily
window: 1d
grouping: [user_email, meeting_uuid]
attack: {version: 18, techniques: [T1530, T1213]}
daily_limit: 50
---
*/
-- A state, not an event: it holds at the time of the run.
SELECT $until AS occurred_at, host_email AS user_email, meeting_uuid, topic, started_at, viewer_download
FROM recordings
WHERE share_recording = 'publicly' AND NOT has_password AND NOT coalesce(recording_authentication, false) AND NOT coalesce(on_demand, false);
