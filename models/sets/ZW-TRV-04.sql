-- A sign-in and presence in a meeting in different countries, more than 500 km apart net of the accuracy of both places and faster than 900 km/h: the figures of ZW-TRV-01, for
-- whoever keeps a session alive never signs in again. Telephones, room systems and dial-in gateways are where they are, not where the user is. Networks of the organisation, VPNs, proxies and relays,
-- and pairs of which both ends are known to the user (90 days), are no places.
WITH present AS MATERIALIZED (
    SELECT p.participant_key, p.user_email, p.joined_at, coalesce(p.left_at, p.joined_at) AS left_at, p.ip_address, p.ip_prefix, p.asn, p.country_code, p.city, p.latitude, p.longitude,
           coalesce(p.accuracy_km, 50) AS accuracy, p.device, p.meeting_uuid
    FROM ingest.dashboard_participants AS p JOIN ingest.users AS u ON u.email = p.user_email
    WHERE p.joined_at >= $from - INTERVAL 1 DAY AND p.joined_at < $until + INTERVAL 1 DAY AND p.country_code IS NOT NULL AND p.latitude IS NOT NULL
      AND coalesce(p.device, '') NOT ILIKE 'phone%' AND coalesce(p.device, '') NOT ILIKE '%room%' AND coalesce(p.device, '') NOT ILIKE '%h.323%' AND coalesce(p.device, '') NOT ILIKE '%sip%'
      AND coalesce(p.network_category, 'unknown') NOT IN ('corporate', 'vpn', 'proxy', 'tor')
      AND NOT list_has_any(coalesce(p.network_tags, []), ['vpn', 'relay', 'private_relay', 'satellite', 'anonymizer'])
), entered AS MATERIALIZED (
    SELECT a.activity_id, a.user_email, a.occurred_at, a.ip_address, a.ip_prefix, a.asn, a.country_code, a.city, a.latitude, a.longitude, coalesce(a.accuracy_km, 50) AS accuracy, a.client_type
    FROM ingest.activities AS a
    WHERE a.kind = 'sign_in' AND a.occurred_at >= $from - INTERVAL 1 DAY AND a.occurred_at < $until + INTERVAL 1 DAY AND a.country_code IS NOT NULL AND a.latitude IS NOT NULL
      AND a.user_email IN (SELECT user_email FROM present)
      AND coalesce(a.network_category, 'unknown') NOT IN ('corporate', 'vpn', 'proxy', 'tor')
      AND NOT list_has_any(coalesce(a.network_tags, []), ['vpn', 'relay', 'private_relay', 'satellite', 'anonymizer'])
), abroad AS ( -- few people are in two countries within three days
    SELECT user_email FROM (SELECT user_email, country_code FROM present UNION ALL SELECT user_email, country_code FROM entered) GROUP BY user_email HAVING count(DISTINCT country_code) > 1
), pairs AS (
    SELECT e.* EXCLUDE (near), p.participant_key, p.joined_at, p.left_at, p.ip_address AS there_ip, p.ip_prefix AS there_prefix, p.asn AS there_asn, p.country_code AS there, p.city AS there_city, p.device, p.meeting_uuid,
           greatest(e.occurred_at, p.joined_at)::DATE AS day,
           greatest(date_diff('second', e.occurred_at, p.joined_at), date_diff('second', p.left_at, e.occurred_at), 60) / 3600.0 AS hours,
           6371 * 2 * asin(least(1, sqrt(sin(radians(p.latitude - e.latitude) / 2) ** 2 + cos(radians(e.latitude)) * cos(radians(p.latitude)) * sin(radians(p.longitude - e.longitude) / 2) ** 2)))
             - e.accuracy - p.accuracy AS km
    FROM (SELECT *, unnest([occurred_at::DATE - 1, occurred_at::DATE, occurred_at::DATE + 1]) AS near FROM entered SEMI JOIN abroad USING (user_email)) AS e
    JOIN present AS p ON p.user_email = e.user_email AND p.joined_at::DATE = e.near AND p.country_code <> e.country_code AND p.ip_prefix <> e.ip_prefix
     AND e.occurred_at >= p.joined_at - INTERVAL 1 DAY AND e.occurred_at <= p.joined_at + INTERVAL 1 DAY
), fast AS MATERIALIZED (
    SELECT *, km / hours AS kmh FROM pairs WHERE km > 500 AND km / hours > 900 AND day >= $from
), seen AS (
    SELECT user_email, ip_prefix, asn, country_code, occurred_at::DATE AS day FROM ingest.activities
    WHERE kind = 'sign_in' AND occurred_at >= $from - INTERVAL 90 DAY AND occurred_at < $until
    UNION ALL
    SELECT user_email, ip_prefix, asn, country_code, joined_at::DATE FROM ingest.dashboard_participants
    WHERE joined_at >= $from - INTERVAL 90 DAY AND joined_at < $until AND user_email IS NOT NULL
), past AS (
    SELECT DISTINCT * FROM seen WHERE user_email IN (SELECT user_email FROM fast)
), own AS (
    SELECT f.activity_id, f.participant_key, bool_or(p.ip_prefix = f.ip_prefix OR p.asn = f.asn AND p.country_code = f.country_code) AS here_known,
           bool_or(p.ip_prefix = f.there_prefix OR p.asn = f.there_asn AND p.country_code = f.there) AS there_known, count(DISTINCT p.day) AS days
    FROM fast AS f JOIN past AS p ON p.user_email = f.user_email AND p.day < f.day AND p.day >= f.day - 90 GROUP BY ALL
), odd AS MATERIALIZED (
    SELECT f.*, o.here_known, o.there_known, o.days FROM fast AS f JOIN own AS o USING (activity_id, participant_key)
    WHERE NOT (o.here_known AND o.there_known) AND o.days >= 7 AND f.day - 14 >= (SELECT min(occurred_at)::DATE FROM ingest.activities)
), ends AS (
    SELECT DISTINCT unnest([ip_prefix, there_prefix]) AS ip_prefix FROM odd
), shared AS ( -- three people within a month, the one judged among them, make a network the organisation's: a VPN that carries sign-ins and not meetings, say. The others must have
    -- begun a week ago: a thief who tries one stolen account after the other makes no network of ours
    SELECT activity_id, participant_key FROM (
    SELECT f.activity_id, f.participant_key, f.ip_prefix, p.user_email
    FROM (SELECT activity_id, participant_key, day, user_email, unnest([ip_prefix, there_prefix]) AS ip_prefix FROM odd) AS f
    JOIN (SELECT DISTINCT user_email, ip_prefix, day FROM seen SEMI JOIN ends USING (ip_prefix)) AS p
      ON p.ip_prefix = f.ip_prefix AND p.user_email <> f.user_email AND p.day < f.day AND p.day >= f.day - 30
    GROUP BY f.activity_id, f.participant_key, f.ip_prefix, p.user_email HAVING min(p.day) <= any_value(f.day) - 7
    ) GROUP BY activity_id, participant_key, ip_prefix HAVING count(*) >= 2
)
SELECT f.day, f.user_email, least(f.country_code, f.there) || '-' || greatest(f.country_code, f.there) AS key, least(f.occurred_at, f.joined_at) AS first_at,
       greatest(f.occurred_at, f.joined_at) AS last_at, round(f.kmh) AS observed, 'km/h' AS unit, log10(f.kmh) AS score, true AS alert,
       printf('%s: signed in from %s (%s) at %s UTC and was in a meeting from %s (%s) from %s to %s UTC, %.0f km away net of the accuracy of both places: %s. Judged from %d earlier days.', f.user_email,
              concat_ws(', ', f.city, f.country_code), f.ip_address, strftime(f.occurred_at, '%H:%M'), concat_ws(', ', f.there_city, f.there), f.there_ip, strftime(f.joined_at, '%H:%M'), strftime(f.left_at, '%H:%M'), f.km,
              if(f.occurred_at BETWEEN f.joined_at AND f.left_at, 'both at once', printf('%.0f km/h', f.kmh)), f.days) AS summary,
       to_json({'signin': concat_ws(', ', f.city, f.country_code) || ' (' || f.ip_address || ')', 'participation': concat_ws(', ', f.there_city, f.there) || ' (' || f.there_ip || ')', 'device': f.device,
                'meeting': f.meeting_uuid, 'distance_km': round(f.km), 'speed_kmh': round(f.kmh), 'signin_known': f.here_known, 'participation_known': f.there_known,
                'indicators': {'cross_channel_conflict': true, 'required_speed_kmh': round(f.kmh)}})::VARCHAR AS details,
       to_json([{'id': f.activity_id, 'at': strftime(f.occurred_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'sign-in from', f.ip_address, f.country_code, f.client_type)},
                {'id': f.participant_key, 'at': strftime(f.joined_at, '%Y-%m-%dT%H:%M:%SZ'), 'what': concat_ws(' ', 'in a meeting from', f.there_ip, f.there, f.device)}])::VARCHAR AS events
FROM odd AS f ANTI JOIN shared USING (activity_id, participant_key)
QUALIFY row_number() OVER (PARTITION BY f.user_email, f.day, key ORDER BY f.kmh DESC, f.activity_id, f.participant_key) = 1
