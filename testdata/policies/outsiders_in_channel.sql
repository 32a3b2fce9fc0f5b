/*
---
id: ACME-CHT-01
title: Chat channel with many people from outside
severity: low
class: behavior
description: >-
  A channel has five or more members from outside the account. What is written there leaves the organisation.
schedule: weekly
window: 7d
grouping: [channel_id]
threshold: {column: outsiders, at_least: 5}
attack: {version: 18, techniques: [T1213]}
---
*/
SELECT $until AS occurred_at, m.channel_id, any_value(c.name) AS channel, count(*) AS outsiders, count(DISTINCT split_part(m.email, '@', 2)) AS domains
FROM chat_channel_members AS m
LEFT JOIN chat_channels AS c ON c.channel_id = m.channel_id
WHERE m.is_external AND m.removed_at IS NULL AND c.removed_at IS NULL
GROUP BY m.channel_id;
