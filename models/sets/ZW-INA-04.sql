-- Accounts that were brought back and soon used from a network that is new to them, or by the hand of somebody who never administrated.
WITH back AS MATERIALIZED (
    SELECT o.operation_id AS id, lower(o.subject) AS email, o.operator, o.occurred_at AS at, o.action,
           count(DISTINCT lower(o.subject)) OVER (PARTITION BY o.operator ORDER BY o.occurred_at RANGE BETWEEN INTERVAL 12 HOUR PRECEDING AND INTERVAL 12 HOUR FOLLOWING) AS together
    FROM ingest.operations AS o
    WHERE o.occurred_at >= $from - INTERVAL 8 DAY AND o.occurred_at < $until + INTERVAL 1 DAY AND lower(o.category) = 'user' AND o.detail ILIKE 'activate user %' AND o.subject LIKE '%@%'
), used AS MATERIALIZED (
    SELECT b.*, a.activity_id, a.occurred_at AS signed_in, a.ip_address, a.ip_prefix, a.asn, a.country_code, a.client_type
    FROM back AS b JOIN ingest.activities AS a ON a.user_email = b.email AND a.kind = 'sign_in' AND a.occurred_at >= b.at AND a.occurred_at < b.at + INTERVAL 7 DAY
), known AS (
    SELECT u.id, u.activity_id,
           count(*) FILTER (WHERE p.user_email = u.email AND (p.ip_prefix = u.ip_prefix OR p.asn = u.asn AND p.asn <> 0)) > 0 AS own,
           count(*) FILTER (WHERE p.user_email = u.email) > 0 AS has_past,
           -- what three colleagues use is an office or a VPN
           count(DISTINCT p.user_email) FILTER (WHERE p.user_email <> u.email AND p.ip_prefix = u.ip_prefix) >= 3 AS shared
    FROM used AS u JOIN (SELECT user_email, ip_prefix, asn, occurred_at, kind FROM ingest.activities
                         WHERE user_email IN (SELECT email FROM used) OR ip_prefix IN (SELECT ip_prefix FROM used WHERE ip_prefix IS NOT NULL)) AS p ON p.occurred_at < u.at AND p.occurred_at >= u.at - INTERVAL 180 DAY AND p.kind = 'sign_in' AND (p.user_email = u.email OR p.ip_prefix = u.ip_prefix)
    GROUP BY u.id, u.activity_id
), operators AS (
    SELECT b.id, NOT EXISTS (SELECT 1 FROM (SELECT operator, occurred_at, category, subject FROM ingest.operations WHERE operator IN (SELECT operator FROM back)) AS e WHERE e.operator = b.operator AND e.occurred_at < b.at AND e.occurred_at >= b.at - INTERVAL 180 DAY
                             AND lower(e.category) IN ('account', 'user', 'user group', 'role', 'billing', 'sub account') AND e.subject IS DISTINCT FROM e.operator) AS fresh
    FROM back AS b
), judged AS (
    SELECT u.*, coalesce(k.has_past, false) AS has_past, coalesce(NOT k.own AND k.has_past, false) AND NOT coalesce(k.shared, false) AS elsewhere,
           o.fresh AND u.at >= (SELECT min(occurred_at) FROM ingest.operations) + INTERVAL 14 DAY AS fresh
    FROM used AS u LEFT JOIN known AS k ON k.id = u.id AND k.activity_id = u.activity_id JOIN operators AS o ON o.id = u.id
), first_ AS (
    SELECT * FROM judged WHERE elsewhere OR fresh QUALIFY row_number() OVER (PARTITION BY email, at ORDER BY signed_in, activity_id) = 1
)
SELECT signed_in::DATE AS day, email AS user_email, strftime(at, '%Y-%m-%d') AS "key", at AS first_at, signed_in AS last_at, round(date_diff('minute', at, signed_in) / 60.0, 1) AS observed,
       'hours after the account was brought back' AS unit, 1.0 AS score,
       -- provisioning, and who lets many in again after a mistake, bring back whom they should
       NOT (action ILIKE 'scim%' OR together >= 5) AS alert,
       printf('%s: brought back on %s by %s and used %.1f hours later from %s%s%s.', email, strftime(at, '%Y-%m-%d %H:%M:%S'), coalesce(operator, 'nobody named'), date_diff('minute', at, signed_in) / 60.0,
              coalesce(ip_address, 'an unknown address'), CASE WHEN elsewhere THEN ', a network that was never the user''s' ELSE '' END,
              CASE WHEN fresh THEN '; the operator never administrated before' ELSE '' END) AS summary,
       to_json({'user': email, 'operator': operator, 'reactivated_at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'signin_at': strftime(signed_in, '%Y-%m-%dT%H:%M:%SZ'), 'ip': ip_address, 'asn': asn,
                'country': country_code, 'client_type': client_type, 'new_network': elsewhere, 'operator_is_new_to_it': fresh, 'brought_back_together': together,
                'indicators': {'recently_reactivated': true, 'prefix_novelty': elsewhere}})::VARCHAR AS details,
       to_json([{'id': id, 'at': strftime(at, '%Y-%m-%dT%H:%M:%SZ'), 'what': 'brought back by ' || coalesce(operator, 'nobody named')},
                {'id': activity_id, 'at': strftime(signed_in, '%Y-%m-%dT%H:%M:%SZ'), 'what': 'sign-in from ' || coalesce(ip_address, 'an unknown address')}])::VARCHAR AS events
FROM first_
