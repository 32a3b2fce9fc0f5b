-- A made-up history for `zoomward bench`: $users people with hours, networks, clients and favourite actions of their own, who are there on most weekdays of $days days,
-- with about $rows rows on each. Everything follows from hashes, so the same numbers give the same rows.
CREATE OR REPLACE TEMP TABLE people AS
SELECT u, printf('u%07d@example.com', u) AS email, ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'UTC'][1 + (hash(u, 'zone') % 4)::INT] AS zone,
       6 + (hash(u, 'hour') % 8)::INT AS from_hour, 1 + (hash(u, 'favourite') % 12)::INT AS favourite,
       printf('10.%d.%d', u // 250 % 256, u % 250) AS home, printf('172.16.%d', u % 40) AS office, ['Windows', 'Mac', 'iOS', 'Browser'][1 + (hash(u, 'client') % 4)::INT] AS client,
       64500 + u % 60 AS asn, ['DE', 'US', 'JP', 'GB'][1 + (hash(u, 'zone') % 4)::INT] AS country
FROM range($users) AS r(u);

CREATE OR REPLACE TEMP TABLE bench_rows AS
WITH days AS (
    SELECT p.*, d, DATE '$first' + d::INT AS day,
           greatest(1, least(8 * $rows, round($rows * (0.25 + 0.5 * (hash(u, d, 'a') % 1000 + hash(u, d, 'b') % 1000 + hash(u, d, 'c') % 1000) / 1000.0))))::INT AS n
    FROM people AS p, range($days) AS r(d)
    WHERE hash(u, d, 'there') % 100 < CASE WHEN isodow(DATE '$first' + d::INT) < 6 THEN 85 ELSE 6 END
), numbered AS (SELECT *, unnest(range(n)) AS k FROM days)
SELECT u, d, k, email, asn, country, client, home, office, favourite,
       day + to_seconds((from_hour * 3600 + hash(u, d) % 3600 + k * (60 + hash(u, d, k) % 2400)) % 86400) AS at,
       hash(u, d, k, 'what') AS h
FROM numbered;

INSERT INTO ingest.users (email, user_id, status, dept, timezone, created_at, row_hash, first_seen_at, run_id)
SELECT email, printf('id%d', u), 'active', printf('Department %d', u % 12), zone, TIMESTAMP '2025-01-01', printf('h%d', u), TIMESTAMP '2026-01-05', 'bench' FROM people;

INSERT INTO ingest.activities (activity_id, user_email, occurred_at, kind, ip_address, ip_prefix, asn, country_code, latitude, longitude, accuracy_km, client_type, client_version, batch, run_id)
SELECT printf('a%016x', hash(u, d, k, 'id')), email, at, CASE WHEN h % 10 = 0 THEN 'sign_out' ELSE 'sign_in' END, net || '.7', net || '.0/24', asn, country, 50.0, 8.0, 20.0,
       client, printf('6.%d.%d', d // 30, h // 7 % 2), d // 30, 'bench'
FROM (SELECT *, CASE WHEN h // 16 % 3 = 0 THEN office WHEN h // 16 % 40 = 1 THEN printf('192.0.%d', h // 64 % 256) ELSE home END AS net FROM bench_rows WHERE h % 3 < 1)
ORDER BY at;

INSERT INTO ingest.operations (operation_id, operator, occurred_at, category, action, detail, batch, run_id)
SELECT printf('o%016x', hash(u, d, k, 'id')), email, at,
       ['Recording', 'Recording', 'User Settings', 'Im', 'Meeting', 'Recording', 'User', 'Webinar', 'Phone', 'Whiteboard', 'Contact', 'Calendar'][pick],
       ['Download', 'Delete', 'Update', 'Export', 'Update', 'Share', 'Update', 'Update', 'Update', 'Add', 'Add', 'Update'][pick],
       'row ' || pick, d // 30, 'bench'
FROM (SELECT *, 1 + ((favourite + least(h // 16 % 6, h // 128 % 6)) % 12)::INT AS pick FROM bench_rows WHERE h % 3 >= 1)
ORDER BY at;
DROP TABLE bench_rows;
DROP TABLE people;
