-- A sign-in from a network that is new to the user (90 days), within six hours of an attack on the account: at least ten failures for it (as in the quietest of the attacks
-- that ZW-LGF-01 and 03 report), or a network that failed for at least five accounts signs in to one of them. The network must be one that attacked, or its operator new to
-- the user as well. No more than a behavior: who mistyped in a hotel of his own country and came in at last, and who is on the way there while others attack.
WITH failed AS (
    SELECT sign_in_id, user_email, occurred_at, ip_address, ip_prefix, asn, country_code, reason
    FROM ingest.failed_sign_ins WHERE occurred_at >= $from - INTERVAL 6 HOUR AND occurred_at < $until + INTERVAL 1 DAY
), attacked AS (
    SELECT user_email FROM failed GROUP BY user_email HAVING count(*) >= 10
), sprayers AS (
    SELECT ip_prefix FROM failed WHERE ip_prefix IS NOT NULL GROUP BY ip_prefix HAVING count(DISTINCT user_email) >= 5
), entered AS (
    SELECT activity_id, user_email, occurred_at, occurred_at::DATE AS day, ip_address, ip_prefix, asn, as_org, country_code, client_type
    FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from AND occurred_at < $until + INTERVAL 1 DAY AND ip_prefix IS NOT NULL
      AND network_category IS DISTINCT FROM 'corporate' AND network_category IS DISTINCT FROM 'vpn'
      AND (user_email IN (SELECT user_email FROM attacked) OR ip_prefix IN (SELECT ip_prefix FROM sprayers) AND user_email IN (SELECT user_email FROM failed))
), brute AS (
    SELECT e.activity_id, count(*) AS failures, count(DISTINCT f.ip_prefix) AS networks, coalesce(bool_or(f.ip_prefix = e.ip_prefix), false) AS same, min(f.occurred_at) AS first_at, max(f.occurred_at) AS last_at,
           list_sort(list(DISTINCT f.ip_address)) AS ips,
           list({'id': f.sign_in_id, 'at': strftime(f.occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'failed sign-in from', f.ip_address, f.reason)} ORDER BY f.occurred_at DESC, f.sign_in_id)[:9] AS events
    FROM entered AS e JOIN failed AS f ON f.user_email = e.user_email AND f.occurred_at < e.occurred_at AND f.occurred_at >= e.occurred_at - INTERVAL 6 HOUR
    GROUP BY ALL
), spray AS (
    SELECT e.activity_id, count(DISTINCT f.user_email) AS users
    FROM entered AS e JOIN failed AS f ON f.ip_prefix = e.ip_prefix AND f.occurred_at < e.occurred_at AND f.occurred_at >= e.occurred_at - INTERVAL 6 HOUR
    WHERE e.ip_prefix IN (SELECT ip_prefix FROM sprayers) GROUP BY ALL
), past AS (
    SELECT user_email, ip_prefix, asn, country_code, occurred_at::DATE AS day
    FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 90 DAY AND occurred_at < $until AND user_email IN (SELECT user_email FROM entered)
    GROUP BY ALL
), known AS (
    SELECT e.activity_id, coalesce(bool_or(p.ip_prefix = e.ip_prefix), false) AS network, coalesce(bool_or(p.asn = e.asn), false) AS operator,
           coalesce(bool_or(p.country_code = e.country_code), false) AS country, count(DISTINCT p.day) AS days
    FROM entered AS e JOIN past AS p ON p.user_email = e.user_email AND p.day < e.day AND p.day >= e.day - 90
    GROUP BY ALL
)
SELECT e.day, e.user_email, b.first_at, e.occurred_at AS last_at, b.failures::DOUBLE AS observed, 'failed sign-ins before' AS unit,
       coalesce(s.users >= 5, false) OR NOT k.country OR b.same AND (b.networks > 1 OR b.failures >= 30) AS alert,
       if(b.same OR s.users >= 5, 'high', 'medium') AS severity,
       printf('%s: signed in from %s, new to the user in %d days with sign-ins, %d minutes after the last of %d failed sign-ins%s.', e.user_email,
              e.ip_address || coalesce(' (' || nullif(concat_ws(', ', e.as_org, e.country_code), '') || ')', ''), k.days, date_diff('minute', b.last_at, e.occurred_at), b.failures,
              CASE WHEN s.users >= 5 THEN printf('; this network failed for %d accounts', s.users) WHEN b.same THEN ', this one among them' ELSE '' END) AS summary,
       to_json({'attack_alert_id': if(s.users >= 5, 'ZW-LGF-02', if(b.networks >= 5, 'ZW-LGF-03', 'ZW-LGF-01')), 'attack_ips': b.ips[:20], 'login_ip': e.ip_address,
                'lag_minutes': date_diff('minute', b.last_at, e.occurred_at), 'accounts_of_the_network': coalesce(s.users, 0), 'from_attacking_network': b.same, 'operator_known': k.operator, 'country_known': k.country,
                'indicators': {'fail_then_success': true, 'failed_users_per_ip': coalesce(s.users, 0), 'prefix_novelty': true}})::VARCHAR AS details,
       to_json(list_concat([{'id': e.activity_id, 'at': strftime(e.occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'sign-in from', e.ip_address, e.client_type)}], b.events))::VARCHAR AS events
FROM entered AS e JOIN brute AS b USING (activity_id) JOIN known AS k USING (activity_id) LEFT JOIN spray AS s USING (activity_id)
WHERE (b.failures >= 10 OR s.users >= 5) AND k.days >= 7 AND NOT k.network AND (b.same OR s.users >= 5 OR NOT k.operator)
QUALIFY row_number() OVER (PARTITION BY e.user_email, e.day ORDER BY e.occurred_at, e.activity_id) = 1
