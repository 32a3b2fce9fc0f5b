-- What analysts query. The columns named here stay; the tables behind them may change. Every column carries a comment.

CREATE OR REPLACE VIEW main.activities AS
SELECT activity_id, user_email, occurred_at, kind, ip_address, client_type, client_version, country_code, city, asn, as_org, network_category,
       ip_prefix, latitude, longitude, accuracy_km, geo_source, network_tags, repeats
FROM ingest.activities;
COMMENT ON VIEW main.activities IS 'One row per sign-in or sign-out that Zoom reports (GET /report/activities). Zoom reports no failed sign-ins.';
COMMENT ON COLUMN main.activities.activity_id IS 'Hash of the whole row as Zoom sent it; rows alike in every field are one row';
COMMENT ON COLUMN main.activities.user_email IS 'Who, in lower case';
COMMENT ON COLUMN main.activities.occurred_at IS 'When, UTC';
COMMENT ON COLUMN main.activities.kind IS 'sign_in or sign_out';
COMMENT ON COLUMN main.activities.ip_address IS 'Address as Zoom reports it; NULL when Zoom leaves it out';
COMMENT ON COLUMN main.activities.client_type IS 'Browser, Windows, Mac, iOS, Android, ... as Zoom writes it';
COMMENT ON COLUMN main.activities.client_version IS 'Version of the client as Zoom writes it';
COMMENT ON COLUMN main.activities.country_code IS 'ISO 3166-1 alpha-2 country of the address when the row landed; NULL when no database knew it';
COMMENT ON COLUMN main.activities.city IS 'City of the address when the row landed';
COMMENT ON COLUMN main.activities.asn IS 'Autonomous system number of the address when the row landed';
COMMENT ON COLUMN main.activities.as_org IS 'Organisation of the autonomous system';
COMMENT ON COLUMN main.activities.network_category IS 'unknown, or what the databases say of the network: corporate, vpn, hosting, mobile, ...';
COMMENT ON COLUMN main.activities.ip_prefix IS 'The /24 (IPv4) or /48 (IPv6) that holds the address';
COMMENT ON COLUMN main.activities.latitude IS 'Degrees north of the place of the address';
COMMENT ON COLUMN main.activities.longitude IS 'Degrees east of the place of the address';
COMMENT ON COLUMN main.activities.accuracy_km IS 'Radius around the place within which the address probably is, in km';
COMMENT ON COLUMN main.activities.geo_source IS 'Databases and lists that answered, with their dates';
COMMENT ON COLUMN main.activities.repeats IS 'How often Zoom listed this very row in one page of the report: rows alike in every field are one row here';
COMMENT ON COLUMN main.activities.network_tags IS 'Every list that held the address when the row landed, by its tags';

CREATE OR REPLACE VIEW main.operations AS
SELECT operation_id, operator, occurred_at, category, action, detail, subject, setting, old_value, new_value, changes, repeats
FROM ingest.operations;
COMMENT ON VIEW main.operations IS 'One row per admin or user operation that Zoom reports (GET /report/operationlogs). Zoom gives no address for operations.';
COMMENT ON COLUMN main.operations.operation_id IS 'Hash of the whole row as Zoom sent it; rows alike in every field are one row';
COMMENT ON COLUMN main.operations.operator IS 'Who did it, in lower case; NULL when Zoom names nobody';
COMMENT ON COLUMN main.operations.occurred_at IS 'When, UTC';
COMMENT ON COLUMN main.operations.category IS 'Category as Zoom writes it: Account, User, User Group, Recording, ...';
COMMENT ON COLUMN main.operations.action IS 'Action as Zoom writes it: Add, Update, Delete, Batch Update, SCIM API - Update, ...';
COMMENT ON COLUMN main.operations.detail IS 'What was done, in Zoom''s words';
COMMENT ON COLUMN main.operations.subject IS 'Whom or what it was done to, read from the detail; NULL when it names nobody';
COMMENT ON COLUMN main.operations.setting IS 'First setting that the row changed, read from the detail';
COMMENT ON COLUMN main.operations.old_value IS 'Value of that setting before';
COMMENT ON COLUMN main.operations.new_value IS 'Value of that setting after';
COMMENT ON COLUMN main.operations.repeats IS 'How often Zoom listed this very row in one page of the report: rows alike in every field are one row here';
COMMENT ON COLUMN main.operations.changes IS 'JSON array of every change of the row: setting, old, new';

CREATE OR REPLACE VIEW main.users AS
SELECT user_id, email, display_name, type, status, role, dept, timezone, created_at, last_login_at, groups, status_changed_at, first_seen_at
FROM ingest.users;
COMMENT ON VIEW main.users IS 'One row per user of the account, as last seen (GET /users, all three statuses). Users who vanish from Zoom stay here with status deleted.';
COMMENT ON COLUMN main.users.user_id IS 'Zoom''s id; pending users have none';
COMMENT ON COLUMN main.users.email IS 'Address, in lower case; joins with user_email everywhere';
COMMENT ON COLUMN main.users.display_name IS 'Name as shown in Zoom';
COMMENT ON COLUMN main.users.type IS 'Licence: basic, licensed, unassigned, none';
COMMENT ON COLUMN main.users.status IS 'active, inactive, pending, or deleted when Zoom lists the user no more';
COMMENT ON COLUMN main.users.role IS 'Owner, Admin, Member, or the id of a role of the account''s own';
COMMENT ON COLUMN main.users.dept IS 'Department as entered in Zoom';
COMMENT ON COLUMN main.users.timezone IS 'IANA time zone of the profile';
COMMENT ON COLUMN main.users.created_at IS 'When the account was made, UTC';
COMMENT ON COLUMN main.users.last_login_at IS 'Last sign-in as Zoom keeps it, UTC; it lags by up to three days';
COMMENT ON COLUMN main.users.groups IS 'Ids of the groups the user is in';
COMMENT ON COLUMN main.users.status_changed_at IS 'When zoomward first saw the present status, UTC';
COMMENT ON COLUMN main.users.first_seen_at IS 'When zoomward first saw the user, UTC';

CREATE OR REPLACE VIEW main.settings AS
SELECT path, value, locked, fetched_at, source, lock_kind
FROM ingest.setting_versions
QUALIFY row_number() OVER (PARTITION BY path ORDER BY fetched_at DESC, rowid DESC) = 1;
COMMENT ON VIEW main.settings IS 'One row per account setting, as last read. Only settings that posture needs are kept; passcodes and tokens never are.';
COMMENT ON COLUMN main.settings.path IS 'Dotted path as Zoom nests it, such as meeting_security.waiting_room';
COMMENT ON COLUMN main.settings.value IS 'Value as JSON text; NULL when Zoom sends the path no more or sends its lock alone; {"other_kind": ...} when it is of another kind than Zoom documents';
COMMENT ON COLUMN main.settings.locked IS 'Whether users are kept from changing it; NULL when Zoom sends no lock for the path';
COMMENT ON COLUMN main.settings.fetched_at IS 'When this value was first read, UTC; `zoomward status` shows when settings were last read';
COMMENT ON COLUMN main.settings.source IS 'View of Zoom''s settings API that holds the path';
COMMENT ON COLUMN main.settings.lock_kind IS 'What Zoom sends in the place of the lock when it is none, such as text';

CREATE OR REPLACE VIEW main.observations AS
SELECT user_email, day, behaviour, value
FROM (UNPIVOT features.observations ON COLUMNS(* EXCLUDE (user_email, day)) INTO NAME behaviour VALUE value);
COMMENT ON VIEW main.observations IS 'One row per user, day and behaviour: how much was seen. Days without a row saw none.';
COMMENT ON COLUMN main.observations.user_email IS 'Who';
COMMENT ON COLUMN main.observations.day IS 'UTC day';
COMMENT ON COLUMN main.observations.behaviour IS 'What was counted';
COMMENT ON COLUMN main.observations.value IS 'How many on that day';

CREATE OR REPLACE VIEW main.baselines AS
SELECT user_email, behaviour, as_of, history_days, mean, lower, upper, details FROM features.baselines;
COMMENT ON VIEW main.baselines IS 'One row per user and behaviour: what is normal on an active day, from the user''s own past shrunk towards the peers.';
COMMENT ON COLUMN main.baselines.user_email IS 'Who';
COMMENT ON COLUMN main.baselines.behaviour IS 'What is counted; see observations';
COMMENT ON COLUMN main.baselines.as_of IS 'Last day that went into the baseline';
COMMENT ON COLUMN main.baselines.history_days IS 'Active days of the user that went into it';
COMMENT ON COLUMN main.baselines.mean IS 'Expected count on an active day';
COMMENT ON COLUMN main.baselines.lower IS 'Lower end of the 95 % predictive interval';
COMMENT ON COLUMN main.baselines.upper IS 'Upper end of the 95 % predictive interval';
COMMENT ON COLUMN main.baselines.details IS 'JSON: the prior of the peers and the size of the predictive negative binomial';

CREATE OR REPLACE VIEW main.user_days AS
SELECT user_email, day, score, p_value, learning, alerted, identity_p, volume_p, gated FROM models.user_days;
COMMENT ON VIEW main.user_days IS 'One row per user and active day: how strange the day was, judged from earlier days alone.';
COMMENT ON COLUMN main.user_days.user_email IS 'Who';
COMMENT ON COLUMN main.user_days.day IS 'UTC day';
COMMENT ON COLUMN main.user_days.score IS 'Log-odds that the day is another person''s; higher is stranger';
COMMENT ON COLUMN main.user_days.p_value IS 'Share of past user-days at least as strange, both questions (another person? too much?) joined';
COMMENT ON COLUMN main.user_days.learning IS 'Too little history to judge: no statistical alert is raised';
COMMENT ON COLUMN main.user_days.alerted IS 'Whether an alert names this user and day';
COMMENT ON COLUMN main.user_days.identity_p IS 'p-value of "is this still the same person?"';
COMMENT ON COLUMN main.user_days.volume_p IS 'p-value of "is this too much?"';
COMMENT ON COLUMN main.user_days.gated IS 'Left out of the baselines, so that an intruder is not learnt as normal';

CREATE OR REPLACE VIEW main.calibration AS
WITH weeks AS (
    SELECT date_trunc('week', day)::DATE AS week, nominal, count(*) AS user_days, avg((p_value <= nominal)::INTEGER) AS realised, sqrt(nominal * (1 - nominal) / count(*)) AS sd
    FROM models.user_days, (VALUES (0.01::DOUBLE), (0.05::DOUBLE)) AS levels(nominal)
    WHERE NOT learning AND day <= (SELECT max(through) FROM meta.fold)
    GROUP BY 1, nominal
)
SELECT week, nominal, realised, greatest(nominal - 1.959964 * sd, 0) AS lower, nominal + 1.959964 * sd AS upper, user_days, abs(realised - nominal) > 3.290527 * sd AS drifting
FROM weeks;
COMMENT ON VIEW main.calibration IS 'One row per week and level: whether p-values came out as promised. Days of learning and the day under way are left out.';
COMMENT ON COLUMN main.calibration.week IS 'Monday of the week';
COMMENT ON COLUMN main.calibration.nominal IS 'Level: the share of user-days that should have a p_value at or below it';
COMMENT ON COLUMN main.calibration.realised IS 'The share that had one';
COMMENT ON COLUMN main.calibration.lower IS 'Lower end of the 95 % binomial interval around the level, by the normal approximation';
COMMENT ON COLUMN main.calibration.upper IS 'Upper end of it';
COMMENT ON COLUMN main.calibration.user_days IS 'User-days of the week that were judged';
COMMENT ON COLUMN main.calibration.drifting IS 'The realised share lies outside even the 99.9 % interval: p-values of that week are not to be taken at their word';

CREATE OR REPLACE VIEW main.behaviors AS
SELECT behavior_id, detection_id, user_email, window_start, window_end, observed, expected, unit, p_value, evidence, summary, suppressed_by, coalesce(withheld, false) AS withheld FROM models.behaviors
UNION ALL
SELECT finding_id, policy_id, user_email, window_start, window_end, observed, NULL, unit, NULL, evidence, summary, suppressed_by, false FROM models.policy_findings
WHERE class = 'behavior' OR suppressed_by IS NOT NULL;
COMMENT ON VIEW main.behaviors IS 'One row per noteworthy deviation, kept for hunting and as evidence. Not an alert by itself.';
COMMENT ON COLUMN main.behaviors.behavior_id IS 'Stable id: the same finding has the same id in every run';
COMMENT ON COLUMN main.behaviors.detection_id IS 'Detection, or policy of the account''s own, that found it';
COMMENT ON COLUMN main.behaviors.user_email IS 'Whom it is about; NULL when it is about no single user';
COMMENT ON COLUMN main.behaviors.window_start IS 'Start of what was looked at, UTC';
COMMENT ON COLUMN main.behaviors.window_end IS 'End of what was looked at, UTC';
COMMENT ON COLUMN main.behaviors.observed IS 'What was seen, in `unit`';
COMMENT ON COLUMN main.behaviors.expected IS 'What was to be expected, in `unit`; NULL for rules';
COMMENT ON COLUMN main.behaviors.unit IS 'What observed and expected count';
COMMENT ON COLUMN main.behaviors.p_value IS 'How often as much or more is to be expected; NULL for rules';
COMMENT ON COLUMN main.behaviors.evidence IS 'JSON: the figures behind it';
COMMENT ON COLUMN main.behaviors.summary IS 'In plain words';
COMMENT ON COLUMN main.behaviors.suppressed_by IS 'Alert that was dismissed as a false positive and that this is like, so that it did not become an alert; NULL for none';
COMMENT ON COLUMN main.behaviors.withheld IS 'It would be an alert, but the budget of alerts was used up and nothing else was raised about the user on that day';

CREATE OR REPLACE VIEW main.risk_indicators AS
SELECT behavior_id, detection_id, user_email, window_start, window_end, indicator, json_extract_string(evidence, '$.details.indicators.' || indicator) AS value
FROM (SELECT *, unnest(json_keys(evidence, '$.details.indicators')) AS indicator FROM models.behaviors);
COMMENT ON VIEW main.risk_indicators IS 'One row per finding and sign of risk that held in it, by the names that zoomward catalog --indicators explains.';
COMMENT ON COLUMN main.risk_indicators.behavior_id IS 'Finding; joins with behaviors, and with alerts where it became one';
COMMENT ON COLUMN main.risk_indicators.detection_id IS 'Detection that found it';
COMMENT ON COLUMN main.risk_indicators.user_email IS 'Whom it is about; NULL when it is about no single user';
COMMENT ON COLUMN main.risk_indicators.window_start IS 'Start of what was looked at, UTC';
COMMENT ON COLUMN main.risk_indicators.window_end IS 'End of what was looked at, UTC';
COMMENT ON COLUMN main.risk_indicators.indicator IS 'Name of the indicator';
COMMENT ON COLUMN main.risk_indicators.value IS 'Its value as JSON text: a number, a yes or no, or a text';

CREATE OR REPLACE VIEW main.suppressions AS
SELECT t.detection_id, t.user_email, nullif(t."key", '') AS "key", t.alert_id, t.set_at, t.note, count(b.behavior_id) AS hits, max(b.window_start) AS last_hit_at
FROM (SELECT * FROM models.triage QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY set_at DESC, rowid DESC) = 1) AS t
LEFT JOIN (
    SELECT behavior_id, window_start, suppressed_by FROM models.behaviors
    UNION ALL
    SELECT finding_id, window_start, suppressed_by FROM models.policy_findings
) AS b ON b.suppressed_by = t.alert_id
WHERE t.status = 'false_positive'
GROUP BY ALL;
COMMENT ON VIEW main.suppressions IS 'One row per alert that was dismissed as a false positive: later findings that are alike stay behaviors.';
COMMENT ON COLUMN main.suppressions.detection_id IS 'Detection whose findings it suppresses';
COMMENT ON COLUMN main.suppressions.user_email IS 'Whose findings; NULL for those about no single user';
COMMENT ON COLUMN main.suppressions.key IS 'What they must have in common, such as the pair of countries; NULL for nothing further';
COMMENT ON COLUMN main.suppressions.alert_id IS 'Alert that was dismissed; zoomward alerts set with another status ends the suppression';
COMMENT ON COLUMN main.suppressions.set_at IS 'When it was dismissed, UTC';
COMMENT ON COLUMN main.suppressions.note IS 'Note of whoever did';
COMMENT ON COLUMN main.suppressions.hits IS 'Findings suppressed so far';
COMMENT ON COLUMN main.suppressions.last_hit_at IS 'Start of the window of the latest of them, UTC';

CREATE OR REPLACE VIEW main.alerts AS
SELECT a.alert_id, a.detection_id, a.title, a.severity, a.user_email, a.window_start, a.window_end, a.score, a.p_value,
       coalesce(t.status, 'new') AS status, a.summary, a.evidence, a.attack_techniques, a.first_seen_at, a.last_seen_at, a.run_id, t.note, w.owner
FROM (
    SELECT alert_id, detection_id, title, severity, user_email, window_start, window_end, score, p_value, summary, evidence, attack_techniques, first_seen_at, last_seen_at, run_id
    FROM models.alerts LEFT JOIN models.alert_origins USING (alert_id)
    UNION ALL
    SELECT finding_id, policy_id, title, severity, user_email, window_start, window_end, NULL, NULL, summary, evidence, attack_techniques, first_seen_at, last_seen_at, run_id
    FROM models.policy_findings WHERE class = 'alert' AND suppressed_by IS NULL
) AS a
LEFT JOIN (SELECT * FROM models.triage QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY set_at DESC, rowid DESC) = 1) AS t USING (alert_id)
LEFT JOIN (SELECT * FROM models.triage_owners QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY set_at DESC, rowid DESC) = 1) AS w USING (alert_id);
COMMENT ON VIEW main.alerts IS 'One row per alert: something a person should look at.';
COMMENT ON COLUMN main.alerts.alert_id IS 'Stable id: the same finding has the same id in every run';
COMMENT ON COLUMN main.alerts.detection_id IS 'Detection, or policy of the account''s own, that raised it';
COMMENT ON COLUMN main.alerts.title IS 'Name of the detection';
COMMENT ON COLUMN main.alerts.severity IS 'critical, high, medium, low or info';
COMMENT ON COLUMN main.alerts.user_email IS 'Whom it is about; NULL when it is about no single user';
COMMENT ON COLUMN main.alerts.window_start IS 'Start of what was looked at, UTC';
COMMENT ON COLUMN main.alerts.window_end IS 'End of what was looked at, UTC';
COMMENT ON COLUMN main.alerts.score IS 'Strength; higher is stranger. Comparable within a detection';
COMMENT ON COLUMN main.alerts.p_value IS 'How often as much or more is to be expected; NULL for rules';
COMMENT ON COLUMN main.alerts.status IS 'new, or what triage set: in_progress, true_positive, benign, false_positive';
COMMENT ON COLUMN main.alerts.summary IS 'What was seen, what was expected, from how much history, compared with whom';
COMMENT ON COLUMN main.alerts.evidence IS 'JSON: the contributions behind it';
COMMENT ON COLUMN main.alerts.attack_techniques IS 'MITRE ATT&CK technique ids (v18; of a policy of the account''s own, the version that its evidence names), joined by ;';
COMMENT ON COLUMN main.alerts.first_seen_at IS 'Time of the first event that it rests on, UTC';
COMMENT ON COLUMN main.alerts.last_seen_at IS 'Time of the last event that it rests on, UTC';
COMMENT ON COLUMN main.alerts.run_id IS 'Run that first raised it';
COMMENT ON COLUMN main.alerts.note IS 'Note of the last triage';
COMMENT ON COLUMN main.alerts.owner IS 'Who looks after it; NULL for nobody';

CREATE OR REPLACE VIEW main.alert_history AS
SELECT alert_id, set_at, status, note, NULL::VARCHAR AS owner FROM models.triage
UNION ALL SELECT alert_id, set_at, NULL, NULL, coalesce(owner, '') FROM models.triage_owners;
COMMENT ON VIEW main.alert_history IS 'One row per thing that people said of an alert: a status with a note, or an owner.';
COMMENT ON COLUMN main.alert_history.alert_id IS 'Alert';
COMMENT ON COLUMN main.alert_history.set_at IS 'When, UTC';
COMMENT ON COLUMN main.alert_history.status IS 'Status from then on; NULL when only the owner changed';
COMMENT ON COLUMN main.alert_history.note IS 'Note with it';
COMMENT ON COLUMN main.alert_history.owner IS 'Owner from then on, empty for nobody; NULL when only the status changed';

CREATE OR REPLACE VIEW main.user_risk AS
SELECT user_email, score, percentile, change_7d, contributions FROM models.user_risk;
COMMENT ON VIEW main.user_risk IS 'One row per user with findings of late: where to look first.';
COMMENT ON COLUMN main.user_risk.user_email IS 'Who';
COMMENT ON COLUMN main.user_risk.score IS 'Sum over the findings of the last 7 days: severity x impact of the account x rarity of the finding; what was closed as benign or false positive counts nothing';
COMMENT ON COLUMN main.user_risk.percentile IS 'Share of users with a lower score, 0 to 100';
COMMENT ON COLUMN main.user_risk.change_7d IS 'Score now less the score 7 days ago';
COMMENT ON COLUMN main.user_risk.contributions IS 'JSON array: what the score is made of';

CREATE OR REPLACE VIEW main.posture AS
SELECT r.control_id, r.title, r.severity, r.resource_type, r.resource_id, r.status, r.observed, r.expected, r.locked, r.points, r.max_points, r.exception, r.remediation,
       r.changed_at, coalesce(s.reason, r.reason) AS reason, r.status AS raw_status, coalesce(s.raw_points, r.points) AS raw_points, s.lock_state, s.gain_points, s.gain, s.rank, s.settles, s.settled_by,
       s.effort, s.user_impact, s.exception_state, s.exception_reason, s.exception_owner, s.exception_expires_on,
       CASE WHEN s.exception_state IS NOT NULL THEN s.exception_expired END AS exception_expired, s.missing_scopes, s.fetched_at
FROM (
    SELECT * FROM models.posture_results
    QUALIFY row_number() OVER (PARTITION BY control_id, resource_type, resource_id ORDER BY changed_at DESC, rowid DESC) = 1
) AS r LEFT JOIN models.posture_state AS s USING (control_id, resource_type, resource_id)
WHERE s.lock_state IS NOT NULL OR NOT EXISTS (SELECT 1 FROM models.posture_state); -- what the last run did not judge is history
COMMENT ON VIEW main.posture IS 'One row per control and resource: is the account set up safely?';
COMMENT ON COLUMN main.posture.control_id IS 'Control: MS-ZOOM (Microsoft Secure Score), CIS (CIS Zoom Benchmark 1.0.0), ZW (zoomward)';
COMMENT ON COLUMN main.posture.title IS 'What should hold';
COMMENT ON COLUMN main.posture.severity IS 'critical, high, medium, low or info';
COMMENT ON COLUMN main.posture.resource_type IS 'What was judged: account, user, group, channel, ...';
COMMENT ON COLUMN main.posture.resource_id IS 'Which one';
COMMENT ON COLUMN main.posture.status IS 'pass, fail, partial, unknown (key or scope missing), not_applicable, manual or error';
COMMENT ON COLUMN main.posture.observed IS 'What Zoom holds';
COMMENT ON COLUMN main.posture.expected IS 'What should be there';
COMMENT ON COLUMN main.posture.locked IS 'Whether the setting is locked for users; NULL when Zoom has no lock for it';
COMMENT ON COLUMN main.posture.points IS 'Points earned';
COMMENT ON COLUMN main.posture.max_points IS 'Points that can be earned: critical 10, high 8, medium 5, low 2, info 0, and 0 where another control has the points';
COMMENT ON COLUMN main.posture.exception IS 'State of the exception that applies, NULL for none';
COMMENT ON COLUMN main.posture.remediation IS 'Where in the Zoom portal to change it';
COMMENT ON COLUMN main.posture.changed_at IS 'When the verdict or what it rests on last changed, UTC';
COMMENT ON COLUMN main.posture.reason IS 'Why the status is what it is';
COMMENT ON COLUMN main.posture.raw_status IS 'What was found, before any exception. The same as status: no exception changes a verdict';
COMMENT ON COLUMN main.posture.raw_points IS 'Points earned before the exception';
COMMENT ON COLUMN main.posture.lock_state IS 'Verdict on the locks, apart from the value: none, locked, open or unknown (Zoom sends none)';
COMMENT ON COLUMN main.posture.gain_points IS 'Points that putting it right would earn, those of other controls on the same setting included; NULL where nothing is to be gained';
COMMENT ON COLUMN main.posture.gain IS 'Percentage points by which the score would rise with them; NULL where nothing is to be gained';
COMMENT ON COLUMN main.posture.rank IS 'What to put right first, from 1: by points gained over the mean of effort and user impact (low 1, moderate 1.5, high 2); NULL where nothing is to be gained';
COMMENT ON COLUMN main.posture.settles IS 'Other open controls that hold once this one is put right, as they are about the same setting';
COMMENT ON COLUMN main.posture.settled_by IS 'Control that settles this one, and whose rank it has; NULL where it stands for itself';
COMMENT ON COLUMN main.posture.effort IS 'Work that putting it right takes: low, moderate or high';
COMMENT ON COLUMN main.posture.user_impact IS 'How much users notice of it: low, moderate or high';
COMMENT ON COLUMN main.posture.exception_state IS 'State of the exception in the configuration, also when it ran out or is not needed; NULL for none';
COMMENT ON COLUMN main.posture.exception_reason IS 'Why there is an exception';
COMMENT ON COLUMN main.posture.exception_owner IS 'Who answers for it';
COMMENT ON COLUMN main.posture.exception_expires_on IS 'Last UTC day on which it applies; NULL for no end';
COMMENT ON COLUMN main.posture.exception_expired IS 'Whether it ran out and so applies no more; NULL without an exception';
COMMENT ON COLUMN main.posture.missing_scopes IS 'OAuth scopes for want of which the status is unknown';
COMMENT ON COLUMN main.posture.fetched_at IS 'When the oldest value that the verdict rests on was first read as it is, UTC';

CREATE OR REPLACE VIEW main.posture_plan AS
SELECT rank, control_id, title, severity, status, round(gain, 2) AS gain, round(gain_points, 2) AS gain_points, effort, user_impact, observed, expected, remediation, array_to_string(settles, ', ') AS also_settles,
       CASE WHEN exception = 'planned' THEN exception_reason END AS reason, CASE WHEN exception = 'planned' THEN exception_owner END AS owner,
       CASE WHEN exception = 'planned' THEN exception_expires_on END AS "date"
FROM main.posture WHERE rank IS NOT NULL AND settled_by IS NULL;
COMMENT ON VIEW main.posture_plan IS 'One row per thing to do: the action plan. Reason, owner and date are empty, to be filled in by hand, but for exceptions that are planned.';
COMMENT ON COLUMN main.posture_plan.rank IS 'What to put right first, from 1; see posture';
COMMENT ON COLUMN main.posture_plan.control_id IS 'Control';
COMMENT ON COLUMN main.posture_plan.title IS 'What should hold';
COMMENT ON COLUMN main.posture_plan.severity IS 'critical, high, medium, low or info';
COMMENT ON COLUMN main.posture_plan.status IS 'fail or partial';
COMMENT ON COLUMN main.posture_plan.gain IS 'Percentage points by which the score would rise';
COMMENT ON COLUMN main.posture_plan.gain_points IS 'Points that putting it right would earn';
COMMENT ON COLUMN main.posture_plan.effort IS 'Work that it takes: low, moderate or high';
COMMENT ON COLUMN main.posture_plan.user_impact IS 'How much users notice of it: low, moderate or high';
COMMENT ON COLUMN main.posture_plan.observed IS 'What Zoom holds';
COMMENT ON COLUMN main.posture_plan.expected IS 'What should be there';
COMMENT ON COLUMN main.posture_plan.remediation IS 'Where in the Zoom portal to change it';
COMMENT ON COLUMN main.posture_plan.reason IS 'Why it is planned';
COMMENT ON COLUMN main.posture_plan.owner IS 'Who sees to it';
COMMENT ON COLUMN main.posture_plan."date" IS 'Until when';
COMMENT ON COLUMN main.posture_plan.also_settles IS 'Other open controls that hold with it; those without a row of their own are done by this one';

CREATE OR REPLACE VIEW main.posture_resources AS
SELECT control_id, resource_type, resource_id, name, status, observed, changed_at FROM models.posture_resources;
COMMENT ON VIEW main.posture_resources IS 'One row per control and single user, group, role, channel, meeting, recording or app that keeps it from passing.';
COMMENT ON COLUMN main.posture_resources.control_id IS 'Control; joins with posture';
COMMENT ON COLUMN main.posture_resources.resource_type IS 'user, group, role, channel, meeting, recording or app';
COMMENT ON COLUMN main.posture_resources.resource_id IS 'Zoom''s id of it; the address of a user who has none yet';
COMMENT ON COLUMN main.posture_resources.name IS 'Address of a user, name or topic of anything else';
COMMENT ON COLUMN main.posture_resources.status IS 'fail, or unknown where Zoom does not say or was not asked yet';
COMMENT ON COLUMN main.posture_resources.observed IS 'What Zoom holds';
COMMENT ON COLUMN main.posture_resources.changed_at IS 'Since when it is so, UTC';

CREATE OR REPLACE VIEW main.posture_score AS
SELECT run_id, at, score, achievable_score, coverage, points, max_points, open_recommendations, attested_points, profile, params, exceptions, catalogue, scale, from_configuration, configuration_changed
FROM models.posture_scores;
COMMENT ON VIEW main.posture_score IS 'One row per run that judged posture. Read score and coverage together.';
COMMENT ON COLUMN main.posture_score.run_id IS 'Run';
COMMENT ON COLUMN main.posture_score.at IS 'When, UTC';
COMMENT ON COLUMN main.posture_score.score IS 'Points earned in percent of the points of controls that could be judged';
COMMENT ON COLUMN main.posture_score.achievable_score IS 'What the score would be if everything judged were put right but accepted risks';
COMMENT ON COLUMN main.posture_score.coverage IS 'Points of controls that could be judged in percent of all points';
COMMENT ON COLUMN main.posture_score.points IS 'Points earned; NULL for runs of older versions';
COMMENT ON COLUMN main.posture_score.max_points IS 'Points of the controls that could be judged; NULL for runs of older versions';
COMMENT ON COLUMN main.posture_score.attested_points IS 'Of points, those that exceptions (third_party, alternate_mitigation) add on somebody''s word; NULL for runs of older versions';
COMMENT ON COLUMN main.posture_score.profile IS 'Profile that it was measured by; NULL for runs of older versions';
COMMENT ON COLUMN main.posture_score.params IS 'Fingerprint of posture.params';
COMMENT ON COLUMN main.posture_score.exceptions IS 'Fingerprint of the exceptions that applied';
COMMENT ON COLUMN main.posture_score.catalogue IS 'Fingerprint of the catalogue of controls';
COMMENT ON COLUMN main.posture_score.scale IS 'Fingerprint of profile, params, exceptions and catalogue: only scores of one scale are to be compared';
COMMENT ON COLUMN main.posture_score.from_configuration IS 'Percentage points by which the score moved since the run before because the configuration did; NULL where it cannot be told';
COMMENT ON COLUMN main.posture_score.configuration_changed IS 'What of the configuration or catalogue changed since the run before; NULL for nothing';
COMMENT ON COLUMN main.posture_score.open_recommendations IS 'Controls that could earn more points and that nobody decided to live with; NULL for runs of older versions';

CREATE OR REPLACE VIEW main.runs AS
SELECT run_id, command, started_at, finished_at, status, stages, error, as_of, version, account_id FROM meta.runs;
COMMENT ON VIEW main.runs IS 'One row per run.';
COMMENT ON COLUMN main.runs.run_id IS 'Run';
COMMENT ON COLUMN main.runs.command IS 'Command that was run';
COMMENT ON COLUMN main.runs.started_at IS 'Start, UTC';
COMMENT ON COLUMN main.runs.finished_at IS 'End, UTC; NULL when the run did not come to its end';
COMMENT ON COLUMN main.runs.status IS 'running, done, partial (some feeds failed, all that landed is kept) or failed';
COMMENT ON COLUMN main.runs.stages IS 'JSON: figures of every stage';
COMMENT ON COLUMN main.runs.error IS 'What went wrong';
COMMENT ON COLUMN main.runs.as_of IS 'The run''s clock, UTC';
COMMENT ON COLUMN main.runs.version IS 'Version of zoomward';
COMMENT ON COLUMN main.runs.account_id IS 'Zoom account';

-- Every meeting that any feed knows of, once: what the three have in common.
CREATE OR REPLACE VIEW ingest.meetings_seen AS
SELECT meeting_uuid, max(host_id) AS host_id, max(host_email) AS host_email, min(started_at) AS started_at, max(ended_at) AS ended_at, bool_or(recorded) AS recorded
FROM (
    SELECT meeting_uuid, NULL AS host_id, host_email, started_at, ended_at, list_contains(features, 'record_to_cloud') AS recorded FROM ingest.history_meetings
    UNION ALL
    SELECT meeting_uuid, host_id, host_email, started_at, ended_at, coalesce(has_recording, false) FROM ingest.user_meetings
    UNION ALL
    SELECT meeting_uuid, NULL, host_email, started_at, ended_at, coalesce(has_recording, false) FROM ingest.dashboard_meetings
) AS m
GROUP BY meeting_uuid;

CREATE OR REPLACE VIEW main.meetings AS
SELECT s.meeting_uuid, coalesce(h.meeting_id, u.meeting_id, d.meeting_id) AS meeting_id, coalesce(h.topic, u.topic, d.topic) AS topic,
       s.host_email, coalesce(h.host_name, u.host_name, d.host_name) AS host_name, s.host_id, s.started_at, s.ended_at,
       coalesce(d.duration_seconds, 60 * h.duration_minutes, 60 * u.duration_minutes) AS duration_seconds,
       coalesce(h.participants, u.participants, d.participants) AS participants, u.participants_my_account, coalesce(h.type, 'Meeting') AS type,
       coalesce(h.source, u.source) AS source, coalesce(u.has_recording, d.has_recording, list_contains(h.features, 'record_to_cloud')) AS has_recording,
       coalesce(u.has_screen_share, d.has_screen_share, list_contains(h.features, 'screen_sharing')) AS has_screen_share,
       coalesce(u.has_chat, list_contains(h.features, 'in_meeting_chat')) AS has_chat, d.has_external_participant,
       CASE u.encryption WHEN 1 THEN 'end_to_end' WHEN 2 THEN 'enhanced' END AS encryption, h.features, coalesce(h.department, d.dept) AS department
FROM ingest.meetings_seen AS s
LEFT JOIN ingest.history_meetings AS h ON h.meeting_uuid = s.meeting_uuid
LEFT JOIN ingest.user_meetings AS u ON u.meeting_uuid = s.meeting_uuid
LEFT JOIN ingest.dashboard_meetings AS d ON d.meeting_uuid = s.meeting_uuid;
COMMENT ON VIEW main.meetings IS 'One row per past meeting that any of three feeds knows of (GET /report/history_meetings, /report/users/{userId}/meetings, /metrics/meetings): what they say joined, in this order.';
COMMENT ON COLUMN main.meetings.meeting_uuid IS 'Zoom''s id of this one meeting';
COMMENT ON COLUMN main.meetings.meeting_id IS 'Number of the meeting, the same every time it is held';
COMMENT ON COLUMN main.meetings.topic IS 'Topic';
COMMENT ON COLUMN main.meetings.host_email IS 'Who hosted it, in lower case';
COMMENT ON COLUMN main.meetings.host_name IS 'Name of the host';
COMMENT ON COLUMN main.meetings.host_id IS 'User id of the host; NULL when only feeds without it know the meeting';
COMMENT ON COLUMN main.meetings.started_at IS 'When it began, UTC';
COMMENT ON COLUMN main.meetings.ended_at IS 'When it ended, UTC';
COMMENT ON COLUMN main.meetings.duration_seconds IS 'How long it took, in seconds; whole minutes where Zoom gives no more';
COMMENT ON COLUMN main.meetings.participants IS 'How many took part';
COMMENT ON COLUMN main.meetings.participants_my_account IS 'How many of them belong to the account';
COMMENT ON COLUMN main.meetings.type IS 'Meeting or Webinar';
COMMENT ON COLUMN main.meetings.source IS 'Where it was started from, such as Zoom or an app';
COMMENT ON COLUMN main.meetings.has_recording IS 'Whether it was recorded; NULL when no feed says';
COMMENT ON COLUMN main.meetings.has_screen_share IS 'Whether a screen was shared';
COMMENT ON COLUMN main.meetings.has_chat IS 'Whether there was a chat';
COMMENT ON COLUMN main.meetings.has_external_participant IS 'Whether somebody from outside took part (dashboard alone)';
COMMENT ON COLUMN main.meetings.encryption IS 'end_to_end or enhanced, where Zoom says';
COMMENT ON COLUMN main.meetings.features IS 'What was used, in Zoom''s words; NULL without the feed history_meetings';
COMMENT ON COLUMN main.meetings.department IS 'Department of the host';

CREATE OR REPLACE VIEW main.meeting_participants AS
SELECT meeting_uuid, participant_id, user_id, participant_user_id, name, user_email, joined_at, left_at, status, role, leave_reason, ip_address, location, country_code, city, asn, as_org,
       network_category, network_tags, device, device_name, pc_name, os, os_version, client, client_version, browser, network_type, connection_type, data_center,
       recorded, shared_desktop, shared_application, shared_whiteboard, 'dashboard' AS feed
FROM ingest.dashboard_participants
UNION ALL
SELECT r.meeting_uuid, r.participant_id, r.user_id, r.participant_user_id, r.name, r.user_email, r.joined_at, r.left_at, r.status, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'report'
FROM ingest.meeting_participants AS r
WHERE NOT EXISTS (SELECT 1 FROM ingest.dashboard_participants AS d WHERE d.meeting_uuid = r.meeting_uuid);
COMMENT ON VIEW main.meeting_participants IS 'One row per stay of somebody in a meeting: from the dashboard where it shows the meeting (GET /metrics/meetings/{meetingId}/participants), else from the report (GET /report/meetings/{meetingId}/participants), which has no addresses and devices.';
COMMENT ON COLUMN main.meeting_participants.meeting_uuid IS 'Meeting; joins with meetings';
COMMENT ON COLUMN main.meeting_participants.participant_id IS 'Zoom''s id of the person; NULL for somebody who was not signed in';
COMMENT ON COLUMN main.meeting_participants.user_id IS 'Number of the participant within the meeting';
COMMENT ON COLUMN main.meeting_participants.participant_user_id IS 'Zoom''s id of the user who took part';
COMMENT ON COLUMN main.meeting_participants.name IS 'Name shown in the meeting';
COMMENT ON COLUMN main.meeting_participants.user_email IS 'Address, in lower case; NULL for people outside the account';
COMMENT ON COLUMN main.meeting_participants.joined_at IS 'When the stay began, UTC';
COMMENT ON COLUMN main.meeting_participants.left_at IS 'When it ended, UTC';
COMMENT ON COLUMN main.meeting_participants.status IS 'in_meeting or in_waiting_room';
COMMENT ON COLUMN main.meeting_participants.role IS 'host or attendee';
COMMENT ON COLUMN main.meeting_participants.leave_reason IS 'Why the stay ended, in Zoom''s words';
COMMENT ON COLUMN main.meeting_participants.ip_address IS 'Address of the participant as Zoom reports it';
COMMENT ON COLUMN main.meeting_participants.location IS 'Place as Zoom reports it';
COMMENT ON COLUMN main.meeting_participants.country_code IS 'ISO 3166-1 alpha-2 country of the address when the row landed';
COMMENT ON COLUMN main.meeting_participants.city IS 'City of the address when the row landed';
COMMENT ON COLUMN main.meeting_participants.asn IS 'Autonomous system number of the address when the row landed';
COMMENT ON COLUMN main.meeting_participants.as_org IS 'Organisation of the autonomous system';
COMMENT ON COLUMN main.meeting_participants.network_category IS 'What the databases say of the network';
COMMENT ON COLUMN main.meeting_participants.network_tags IS 'Every list that held the address, by its tags';
COMMENT ON COLUMN main.meeting_participants.device IS 'Windows, Mac, iOS, Android, Phone, ...';
COMMENT ON COLUMN main.meeting_participants.device_name IS 'Name of the device';
COMMENT ON COLUMN main.meeting_participants.pc_name IS 'Name of the computer';
COMMENT ON COLUMN main.meeting_participants.os IS 'Operating system';
COMMENT ON COLUMN main.meeting_participants.os_version IS 'Its version';
COMMENT ON COLUMN main.meeting_participants.client IS 'Kind of client';
COMMENT ON COLUMN main.meeting_participants.client_version IS 'Version of the client as Zoom writes it';
COMMENT ON COLUMN main.meeting_participants.browser IS 'Browser, for those who joined by one';
COMMENT ON COLUMN main.meeting_participants.network_type IS 'Wired, Wifi, Cellular, ...';
COMMENT ON COLUMN main.meeting_participants.connection_type IS 'Transport, such as UDP or SSL';
COMMENT ON COLUMN main.meeting_participants.data_center IS 'Data centre that served the participant';
COMMENT ON COLUMN main.meeting_participants.recorded IS 'Whether the participant recorded';
COMMENT ON COLUMN main.meeting_participants.shared_desktop IS 'Whether the participant shared the desktop';
COMMENT ON COLUMN main.meeting_participants.shared_application IS 'Whether the participant shared an application';
COMMENT ON COLUMN main.meeting_participants.shared_whiteboard IS 'Whether the participant shared a whiteboard';
COMMENT ON COLUMN main.meeting_participants.feed IS 'dashboard or report: which feed the row comes from';

CREATE OR REPLACE VIEW main.recordings AS
SELECT r.meeting_uuid, r.meeting_id, r.host_id, u.email AS host_email, r.topic, r.started_at, r.duration_minutes, r.total_size, r.recording_count, r.type, r.file_types,
       coalesce(s.auto_delete, r.auto_delete) AS auto_delete, coalesce(s.auto_delete_on, r.auto_delete_on) AS auto_delete_on, s.share_recording, s.has_password,
       s.recording_authentication, s.authentication_domains, s.viewer_download, s.on_demand, s.approval_type
FROM ingest.recordings AS r
LEFT JOIN ingest.users AS u ON u.user_id = r.user_id
LEFT JOIN ingest.recording_settings AS s ON s.meeting_uuid = r.meeting_uuid;
COMMENT ON VIEW main.recordings IS 'One row per cloud recording of a meeting (GET /users/{userId}/recordings) with how it is shared (GET /meetings/{meetingId}/recordings/settings). Links and passcodes are never kept.';
COMMENT ON COLUMN main.recordings.meeting_uuid IS 'Meeting that was recorded; joins with meetings';
COMMENT ON COLUMN main.recordings.meeting_id IS 'Number of the meeting';
COMMENT ON COLUMN main.recordings.host_id IS 'User id of the host';
COMMENT ON COLUMN main.recordings.host_email IS 'Address of the host, in lower case';
COMMENT ON COLUMN main.recordings.topic IS 'Topic of the meeting';
COMMENT ON COLUMN main.recordings.started_at IS 'When the meeting began, UTC';
COMMENT ON COLUMN main.recordings.duration_minutes IS 'Length of the meeting in minutes';
COMMENT ON COLUMN main.recordings.total_size IS 'Size of all files in bytes';
COMMENT ON COLUMN main.recordings.recording_count IS 'Number of files';
COMMENT ON COLUMN main.recordings.type IS 'Kind of meeting, in Zoom''s numbers';
COMMENT ON COLUMN main.recordings.file_types IS 'Kinds of files: MP4, M4A, CHAT, TRANSCRIPT, ...';
COMMENT ON COLUMN main.recordings.auto_delete IS 'Whether Zoom deletes it by itself';
COMMENT ON COLUMN main.recordings.auto_delete_on IS 'Day on which it does';
COMMENT ON COLUMN main.recordings.share_recording IS 'publicly, internally or none; NULL while its settings were not read';
COMMENT ON COLUMN main.recordings.has_password IS 'Whether a passcode is set';
COMMENT ON COLUMN main.recordings.recording_authentication IS 'Whether viewers must sign in';
COMMENT ON COLUMN main.recordings.authentication_domains IS 'Domains whose users may view it';
COMMENT ON COLUMN main.recordings.viewer_download IS 'Whether viewers may download it';
COMMENT ON COLUMN main.recordings.on_demand IS 'Whether viewers must register';
COMMENT ON COLUMN main.recordings.approval_type IS '0 approved by itself, 1 by hand, 2 no registration';

CREATE OR REPLACE VIEW main.chat_channels AS
SELECT channel_id, name, type, allow_to_add_external_users, add_member_permissions, posting_permissions, new_members_can_see_previous_messages_files, via_user_id, first_seen_at, removed_at
FROM ingest.chat_channels;
COMMENT ON VIEW main.chat_channels IS 'One row per chat channel (GET /chat/channels, /chat/users/{userId}/channels). Channels of users stay private unless the app may read them.';
COMMENT ON COLUMN main.chat_channels.channel_id IS 'Zoom''s id';
COMMENT ON COLUMN main.chat_channels.name IS 'Name';
COMMENT ON COLUMN main.chat_channels.type IS '1 private, 2 private within the account, 3 public, 4 instant, 5 public and open to others';
COMMENT ON COLUMN main.chat_channels.allow_to_add_external_users IS 'Who may add people from outside: 0 nobody ... as Zoom numbers it';
COMMENT ON COLUMN main.chat_channels.add_member_permissions IS 'Who may add members, as Zoom numbers it';
COMMENT ON COLUMN main.chat_channels.posting_permissions IS 'Who may post, as Zoom numbers it';
COMMENT ON COLUMN main.chat_channels.new_members_can_see_previous_messages_files IS 'Whether new members see what was there before';
COMMENT ON COLUMN main.chat_channels.via_user_id IS 'User whose channels showed it; NULL for public ones';
COMMENT ON COLUMN main.chat_channels.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.chat_channels.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.chat_channel_members AS
SELECT channel_id, user_id, member_id, email, name, role, is_external, first_seen_at, removed_at
FROM ingest.channel_members;
COMMENT ON VIEW main.chat_channel_members IS 'One row per member of a chat channel (GET /chat/users/{userId}/channels/{channelId}/members).';
COMMENT ON COLUMN main.chat_channel_members.channel_id IS 'Channel; joins with chat_channels';
COMMENT ON COLUMN main.chat_channel_members.user_id IS 'User id';
COMMENT ON COLUMN main.chat_channel_members.member_id IS 'Id of the membership';
COMMENT ON COLUMN main.chat_channel_members.email IS 'Address, in lower case';
COMMENT ON COLUMN main.chat_channel_members.name IS 'Name';
COMMENT ON COLUMN main.chat_channel_members.role IS 'owner, admin or member';
COMMENT ON COLUMN main.chat_channel_members.is_external IS 'Whether the member belongs to another account';
COMMENT ON COLUMN main.chat_channel_members.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.chat_channel_members.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.chat_channel_activities AS
SELECT activity_id, occurred_at, channel_id, activity_type, operator_id, operator_name, member_status, member_ids, member_names
FROM ingest.channel_activities;
COMMENT ON VIEW main.chat_channel_activities IS 'One row per change of a channel''s members (GET /chat/activities/channels).';
COMMENT ON COLUMN main.chat_channel_activities.activity_id IS 'Hash of the whole row';
COMMENT ON COLUMN main.chat_channel_activities.occurred_at IS 'When, UTC';
COMMENT ON COLUMN main.chat_channel_activities.channel_id IS 'Channel; joins with chat_channels';
COMMENT ON COLUMN main.chat_channel_activities.activity_type IS 'membership';
COMMENT ON COLUMN main.chat_channel_activities.operator_id IS 'User id of who did it';
COMMENT ON COLUMN main.chat_channel_activities.operator_name IS 'Name of who did it';
COMMENT ON COLUMN main.chat_channel_activities.member_status IS 'joined or left';
COMMENT ON COLUMN main.chat_channel_activities.member_ids IS 'User ids of those who joined or left';
COMMENT ON COLUMN main.chat_channel_activities.member_names IS 'Their names';

CREATE OR REPLACE VIEW main.roles AS
SELECT role_id, name, description, type, total_members, privileges, first_seen_at, removed_at
FROM ingest.roles;
COMMENT ON VIEW main.roles IS 'One row per role (GET /roles, /roles/{roleId}).';
COMMENT ON COLUMN main.roles.role_id IS 'Zoom''s id; 0 is the owner, 1 Admin, 2 Member';
COMMENT ON COLUMN main.roles.name IS 'Name';
COMMENT ON COLUMN main.roles.description IS 'Description';
COMMENT ON COLUMN main.roles.type IS 'Kind of role';
COMMENT ON COLUMN main.roles.total_members IS 'How many users have it';
COMMENT ON COLUMN main.roles.privileges IS 'What it allows, in Zoom''s words';
COMMENT ON COLUMN main.roles.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.roles.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.role_members AS
SELECT m.role_id, r.name AS role, m.user_id, m.email, m.department, m.first_seen_at, m.removed_at
FROM ingest.role_members AS m LEFT JOIN ingest.roles AS r ON r.role_id = m.role_id;
COMMENT ON VIEW main.role_members IS 'One row per user with a role other than Member (GET /roles/{roleId}/members).';
COMMENT ON COLUMN main.role_members.role_id IS 'Role; joins with roles';
COMMENT ON COLUMN main.role_members.role IS 'Name of the role';
COMMENT ON COLUMN main.role_members.user_id IS 'User id';
COMMENT ON COLUMN main.role_members.email IS 'Address, in lower case';
COMMENT ON COLUMN main.role_members.department IS 'Department';
COMMENT ON COLUMN main.role_members.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.role_members.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.groups AS
SELECT group_id, name, total_members, first_seen_at, removed_at
FROM ingest.groups;
COMMENT ON VIEW main.groups IS 'One row per group of users (GET /groups); users.groups holds their ids.';
COMMENT ON COLUMN main.groups.group_id IS 'Zoom''s id';
COMMENT ON COLUMN main.groups.name IS 'Name';
COMMENT ON COLUMN main.groups.total_members IS 'How many users are in it';
COMMENT ON COLUMN main.groups.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.groups.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.im_groups AS
SELECT group_id, name, total_members, first_seen_at, removed_at
FROM ingest.im_groups;
COMMENT ON VIEW main.im_groups IS 'One row per group of the chat directory (GET /im/groups).';
COMMENT ON COLUMN main.im_groups.group_id IS 'Zoom''s id';
COMMENT ON COLUMN main.im_groups.name IS 'Name';
COMMENT ON COLUMN main.im_groups.total_members IS 'How many users are in it';
COMMENT ON COLUMN main.im_groups.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.im_groups.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.scoped_settings AS
SELECT s.scope, s.scope_id, coalesce(g.name, u.email) AS name, s.path, s.value, s.locked, s.first_seen_at, s.removed_at, s.lock_kind
FROM ingest.scoped_settings AS s
LEFT JOIN ingest.groups AS g ON s.scope = 'group' AND g.group_id = s.scope_id
LEFT JOIN ingest.users AS u ON s.scope = 'user' AND u.user_id = s.scope_id;
COMMENT ON VIEW main.scoped_settings IS 'One row per allow-listed setting of a group or user, as last read; `settings` has those of the account.';
COMMENT ON COLUMN main.scoped_settings.scope IS 'group or user';
COMMENT ON COLUMN main.scoped_settings.scope_id IS 'Id of the group or user';
COMMENT ON COLUMN main.scoped_settings.name IS 'Name of the group, address of the user';
COMMENT ON COLUMN main.scoped_settings.path IS 'Dotted path as Zoom nests it';
COMMENT ON COLUMN main.scoped_settings.value IS 'Value as JSON text; {"other_kind": ...} when it is of another kind than Zoom documents';
COMMENT ON COLUMN main.scoped_settings.locked IS 'Whether the group keeps its users from changing it; NULL when Zoom sends no lock';
COMMENT ON COLUMN main.scoped_settings.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.scoped_settings.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';
COMMENT ON COLUMN main.scoped_settings.lock_kind IS 'What Zoom sends in the place of the lock when it is none, such as text';

CREATE OR REPLACE VIEW main.domains AS
SELECT kind, domain, status, first_seen_at, removed_at
FROM ingest.domains;
COMMENT ON VIEW main.domains IS 'One row per managed or trusted domain of the account (GET /accounts/{accountId}/managed_domains, trusted_domains).';
COMMENT ON COLUMN main.domains.kind IS 'managed or trusted';
COMMENT ON COLUMN main.domains.domain IS 'Domain';
COMMENT ON COLUMN main.domains.status IS 'What Zoom says of a managed domain';
COMMENT ON COLUMN main.domains.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.domains.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.apps AS
SELECT listing, app_id, name, type, usage, status, developer_type, scopes, approved_type, approver_id, approved_at, approval_closed, first_seen_at, removed_at
FROM ingest.apps;
COMMENT ON VIEW main.apps IS 'One row per marketplace app and listing (GET /marketplace/apps).';
COMMENT ON COLUMN main.apps.listing IS 'account_added, approved_apps or account_created';
COMMENT ON COLUMN main.apps.app_id IS 'Zoom''s id';
COMMENT ON COLUMN main.apps.name IS 'Name';
COMMENT ON COLUMN main.apps.type IS 'Kind of app';
COMMENT ON COLUMN main.apps.usage IS '1 users alone, 2 the whole account';
COMMENT ON COLUMN main.apps.status IS 'PUBLISHED, UNPUBLISHED or SHARABLE';
COMMENT ON COLUMN main.apps.developer_type IS 'THIRD_PARTY, ZOOM or INTERNAL';
COMMENT ON COLUMN main.apps.scopes IS 'Scopes that the app was given';
COMMENT ON COLUMN main.apps.approved_type IS 'forAllUser or forSpecificUser';
COMMENT ON COLUMN main.apps.approver_id IS 'Who approved it';
COMMENT ON COLUMN main.apps.approved_at IS 'When it was approved, UTC';
COMMENT ON COLUMN main.apps.approval_closed IS 'Whether approval is closed';
COMMENT ON COLUMN main.apps.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.apps.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.daily_usage AS
SELECT "day" AS day, new_users, meetings, participants, meeting_minutes
FROM ingest.daily_usage;
COMMENT ON VIEW main.daily_usage IS 'One row per day (GET /report/daily).';
COMMENT ON COLUMN main.daily_usage."day" IS 'Day';
COMMENT ON COLUMN main.daily_usage.new_users IS 'New users';
COMMENT ON COLUMN main.daily_usage.meetings IS 'Meetings held';
COMMENT ON COLUMN main.daily_usage.participants IS 'Participants of all meetings';
COMMENT ON COLUMN main.daily_usage.meeting_minutes IS 'Minutes of all meetings';

CREATE OR REPLACE VIEW main.telephone_usage AS
SELECT usage_id, started_at, ended_at, meeting_uuid, meeting_id, meeting_type, host_id, host_email, host_name, dept, type, phone_number, signaled_number, call_in_number, country_name, duration_minutes, rate, total
FROM ingest.telephone_usage;
COMMENT ON VIEW main.telephone_usage IS 'One row per use of telephone audio (GET /report/telephone).';
COMMENT ON COLUMN main.telephone_usage.usage_id IS 'Hash of the whole row';
COMMENT ON COLUMN main.telephone_usage.started_at IS 'When it began, UTC';
COMMENT ON COLUMN main.telephone_usage.ended_at IS 'When it ended, UTC';
COMMENT ON COLUMN main.telephone_usage.meeting_uuid IS 'Meeting; joins with meetings';
COMMENT ON COLUMN main.telephone_usage.meeting_id IS 'Number of the meeting';
COMMENT ON COLUMN main.telephone_usage.meeting_type IS 'Kind of meeting';
COMMENT ON COLUMN main.telephone_usage.host_id IS 'User id of the host';
COMMENT ON COLUMN main.telephone_usage.host_email IS 'Address of the host, in lower case';
COMMENT ON COLUMN main.telephone_usage.host_name IS 'Name of the host';
COMMENT ON COLUMN main.telephone_usage.dept IS 'Department of the host';
COMMENT ON COLUMN main.telephone_usage.type IS 'toll-free, call-out, call-in, ...';
COMMENT ON COLUMN main.telephone_usage.phone_number IS 'Number of the caller as Zoom shows it';
COMMENT ON COLUMN main.telephone_usage.signaled_number IS 'Number that was signalled';
COMMENT ON COLUMN main.telephone_usage.call_in_number IS 'Number that was called';
COMMENT ON COLUMN main.telephone_usage.country_name IS 'Country of the number';
COMMENT ON COLUMN main.telephone_usage.duration_minutes IS 'Length in minutes';
COMMENT ON COLUMN main.telephone_usage.rate IS 'Price per minute';
COMMENT ON COLUMN main.telephone_usage.total IS 'Price';

CREATE OR REPLACE VIEW main.remote_support AS
SELECT support_id, started_at, ended_at, requested_at, meeting_uuid, meeting_number, topic, meeting_host_id, supporter_email, supporter_name, supportee_email, supportee_name, wait_seconds, duration_seconds
FROM ingest.remote_support;
COMMENT ON VIEW main.remote_support IS 'One row per remote support session in a meeting (GET /report/remote_support).';
COMMENT ON COLUMN main.remote_support.support_id IS 'Hash of the whole row';
COMMENT ON COLUMN main.remote_support.started_at IS 'When it began, UTC; when it was asked for, if it never began';
COMMENT ON COLUMN main.remote_support.ended_at IS 'When it ended, UTC';
COMMENT ON COLUMN main.remote_support.requested_at IS 'When it was asked for, UTC';
COMMENT ON COLUMN main.remote_support.meeting_uuid IS 'Meeting; joins with meetings';
COMMENT ON COLUMN main.remote_support.meeting_number IS 'Number of the meeting';
COMMENT ON COLUMN main.remote_support.topic IS 'Topic of the meeting';
COMMENT ON COLUMN main.remote_support.meeting_host_id IS 'User id of the host';
COMMENT ON COLUMN main.remote_support.supporter_email IS 'Who gave support, in lower case';
COMMENT ON COLUMN main.remote_support.supporter_name IS 'Name of who gave support';
COMMENT ON COLUMN main.remote_support.supportee_email IS 'Who was supported, in lower case';
COMMENT ON COLUMN main.remote_support.supportee_name IS 'Name of who was supported';
COMMENT ON COLUMN main.remote_support.wait_seconds IS 'Wait for an answer in seconds';
COMMENT ON COLUMN main.remote_support.duration_seconds IS 'Length in seconds';

CREATE OR REPLACE VIEW main.meeting_activities AS
SELECT activity_id, occurred_at, meeting_number, operator_email, operator_name, category, detail
FROM ingest.meeting_activities;
COMMENT ON VIEW main.meeting_activities IS 'One row per entry of the meeting activity log (GET /report/meeting_activities), where Zoom has switched it on.';
COMMENT ON COLUMN main.meeting_activities.activity_id IS 'Hash of the whole row';
COMMENT ON COLUMN main.meeting_activities.occurred_at IS 'When, UTC';
COMMENT ON COLUMN main.meeting_activities.meeting_number IS 'Number of the meeting, without blanks';
COMMENT ON COLUMN main.meeting_activities.operator_email IS 'Who, in lower case';
COMMENT ON COLUMN main.meeting_activities.operator_name IS 'Name of who';
COMMENT ON COLUMN main.meeting_activities.category IS 'Kind of activity, in Zoom''s words';
COMMENT ON COLUMN main.meeting_activities.detail IS 'What happened, in Zoom''s words';

CREATE OR REPLACE VIEW main.failed_sign_ins AS
SELECT sign_in_id, user_email, occurred_at, ip_address, country_code, city, asn, as_org, network_category, provider, reason, application, client,
       ip_prefix, latitude, longitude, accuracy_km, geo_source, network_tags
FROM ingest.failed_sign_ins;
COMMENT ON VIEW main.failed_sign_ins IS 'One row per failed sign-in at an identity provider, from its log (zoomward import). Zoom itself reports none.';
COMMENT ON COLUMN main.failed_sign_ins.sign_in_id IS 'The provider''s own id; a hash of the row where an export has none';
COMMENT ON COLUMN main.failed_sign_ins.user_email IS 'Who it was meant to be, in lower case; joins with user_email elsewhere where the provider''s user names are the e-mail addresses';
COMMENT ON COLUMN main.failed_sign_ins.occurred_at IS 'When, UTC';
COMMENT ON COLUMN main.failed_sign_ins.ip_address IS 'Address as the provider logs it';
COMMENT ON COLUMN main.failed_sign_ins.country_code IS 'ISO 3166-1 alpha-2 country of the address when the row landed; NULL when no database knew it';
COMMENT ON COLUMN main.failed_sign_ins.city IS 'City of the address when the row landed';
COMMENT ON COLUMN main.failed_sign_ins.asn IS 'Autonomous system number of the address when the row landed';
COMMENT ON COLUMN main.failed_sign_ins.as_org IS 'Organisation of the autonomous system';
COMMENT ON COLUMN main.failed_sign_ins.network_category IS 'unknown, or what the databases say of the network: corporate, vpn, hosting, mobile, ...';
COMMENT ON COLUMN main.failed_sign_ins.provider IS 'okta or entra';
COMMENT ON COLUMN main.failed_sign_ins.reason IS 'Why it failed, in the provider''s words; Entra''s error code stands before them';
COMMENT ON COLUMN main.failed_sign_ins.application IS 'What the sign-in was for; NULL when the provider does not say';
COMMENT ON COLUMN main.failed_sign_ins.client IS 'User agent, or kind of client';
COMMENT ON COLUMN main.failed_sign_ins.ip_prefix IS 'The /24 (IPv4) or /48 (IPv6) that holds the address';
COMMENT ON COLUMN main.failed_sign_ins.latitude IS 'Degrees north of the place of the address';
COMMENT ON COLUMN main.failed_sign_ins.longitude IS 'Degrees east of the place of the address';
COMMENT ON COLUMN main.failed_sign_ins.accuracy_km IS 'Radius around the place within which the address probably is, in km';
COMMENT ON COLUMN main.failed_sign_ins.geo_source IS 'Databases that answered, with their build dates';
COMMENT ON COLUMN main.failed_sign_ins.network_tags IS 'Every list that held the address when the row landed, by its tags';

CREATE OR REPLACE VIEW main.rejected_rows AS
SELECT source, line, reason, raw, run_id, at FROM ingest.rejected_rows;
COMMENT ON VIEW main.rejected_rows IS 'One row per row of an imported file that could not be read.';
COMMENT ON COLUMN main.rejected_rows.source IS 'Name of the file, without its folder';
COMMENT ON COLUMN main.rejected_rows.line IS 'Line on which the row begins, counting from 1';
COMMENT ON COLUMN main.rejected_rows.reason IS 'What is wrong with it';
COMMENT ON COLUMN main.rejected_rows.raw IS 'Its text, at most 4 KiB, without what looks like a secret';
COMMENT ON COLUMN main.rejected_rows.run_id IS 'Run that first met it';
COMMENT ON COLUMN main.rejected_rows.at IS 'When that was by the run''s clock, UTC';

CREATE OR REPLACE VIEW main.policies AS
SELECT p.policy_id, p.title, p.class, p.severity, p.state, p.reason, p.since, p.seen_until, p.last_error, p.last_rows, p.last_seconds, p.withheld, p.file,
       (SELECT count(*) FROM models.policy_findings AS f WHERE f.policy_id = p.policy_id) AS findings
FROM models.policies AS p;
COMMENT ON VIEW main.policies IS 'One row per policy of the account''s own, as the last run left it.';
COMMENT ON COLUMN main.policies.policy_id IS 'Id; the detection_id of what it raised';
COMMENT ON COLUMN main.policies.title IS 'Title';
COMMENT ON COLUMN main.policies.class IS 'alert or behavior: what it raises';
COMMENT ON COLUMN main.policies.severity IS 'critical, high, medium, low or info';
COMMENT ON COLUMN main.policies.state IS 'on; off (by its file); stopped (by a person); disabled (by itself, see reason); broken (its file does not load, see reason)';
COMMENT ON COLUMN main.policies.reason IS 'Why it is not on';
COMMENT ON COLUMN main.policies.since IS 'Since when the state holds, UTC';
COMMENT ON COLUMN main.policies.seen_until IS 'End of the last window that it looked at, UTC';
COMMENT ON COLUMN main.policies.last_error IS 'What went wrong in the last evaluation; NULL for nothing';
COMMENT ON COLUMN main.policies.last_rows IS 'Rows that its last evaluation returned';
COMMENT ON COLUMN main.policies.last_seconds IS 'How long that took, in seconds';
COMMENT ON COLUMN main.policies.withheld IS 'Alerts of the last evaluation that its daily limit held back';
COMMENT ON COLUMN main.policies.file IS 'File that it comes from';
COMMENT ON COLUMN main.policies.findings IS 'Alerts and behaviors that it raised so far';

CREATE OR REPLACE VIEW main.user_details AS
SELECT d.user_id, u.email AS user_email, d.login_types, d.use_pmi
FROM ingest.user_details AS d LEFT JOIN ingest.users AS u ON u.user_id = d.user_id;
COMMENT ON VIEW main.user_details IS 'One row per user of whom Zoom was asked alone (GET /users/{userId}).';
COMMENT ON COLUMN main.user_details.user_id IS 'User; joins with users';
COMMENT ON COLUMN main.user_details.user_email IS 'Address, in lower case';
COMMENT ON COLUMN main.user_details.login_types IS 'How the user signs in, as Zoom numbers it: 101 single sign-on, 100 work e-mail, 1 Google, 27 Microsoft, 24 Apple, 0 Facebook, ...';
COMMENT ON COLUMN main.user_details.use_pmi IS 'Whether instant meetings use the personal meeting ID';

CREATE OR REPLACE VIEW main.user_assistants AS
SELECT user_id, assistant_id, email, first_seen_at, removed_at FROM ingest.user_assistants;
COMMENT ON VIEW main.user_assistants IS 'One row per user and delegate who may schedule for the user (GET /users/{userId}/assistants).';
COMMENT ON COLUMN main.user_assistants.user_id IS 'User; joins with users';
COMMENT ON COLUMN main.user_assistants.assistant_id IS 'User id of the delegate';
COMMENT ON COLUMN main.user_assistants.email IS 'Address of the delegate, in lower case';
COMMENT ON COLUMN main.user_assistants.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.user_assistants.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';

CREATE OR REPLACE VIEW main.upcoming_meetings AS
SELECT m.meeting_id, m.host_id, m.topic, m.type, m.starts_at, s.has_passcode, s.waiting_room, s.join_before_host, s.meeting_authentication, s.approval_type, s.use_pmi,
       s.encryption_type, s.auto_recording, s.alternative_hosts, m.first_seen_at, m.removed_at
FROM ingest.upcoming_meetings AS m LEFT JOIN ingest.meeting_settings AS s ON s.meeting_id = m.meeting_id;
COMMENT ON VIEW main.upcoming_meetings IS 'One row per meeting that is scheduled (GET /users/{userId}/meetings), with how it can be joined (GET /meetings/{meetingId}).';
COMMENT ON COLUMN main.upcoming_meetings.meeting_id IS 'Number of the meeting';
COMMENT ON COLUMN main.upcoming_meetings.host_id IS 'User id of the host; joins with users';
COMMENT ON COLUMN main.upcoming_meetings.topic IS 'Topic';
COMMENT ON COLUMN main.upcoming_meetings.type IS '2 scheduled, 3 recurring without a fixed time, 8 recurring at fixed times';
COMMENT ON COLUMN main.upcoming_meetings.starts_at IS 'When it begins, UTC; NULL without a fixed time';
COMMENT ON COLUMN main.upcoming_meetings.has_passcode IS 'Whether it has a passcode; the passcode itself is never kept';
COMMENT ON COLUMN main.upcoming_meetings.waiting_room IS 'Whether it has a waiting room';
COMMENT ON COLUMN main.upcoming_meetings.join_before_host IS 'Whether it can begin without its host';
COMMENT ON COLUMN main.upcoming_meetings.meeting_authentication IS 'Whether one has to be signed in to join';
COMMENT ON COLUMN main.upcoming_meetings.approval_type IS '0 registration approved at once, 1 by hand, 2 no registration';
COMMENT ON COLUMN main.upcoming_meetings.use_pmi IS 'Whether it uses the host''s personal meeting ID';
COMMENT ON COLUMN main.upcoming_meetings.encryption_type IS 'enhanced_encryption or e2ee';
COMMENT ON COLUMN main.upcoming_meetings.auto_recording IS 'local, cloud or none';
COMMENT ON COLUMN main.upcoming_meetings.alternative_hosts IS 'Addresses of alternative hosts';
COMMENT ON COLUMN main.upcoming_meetings.first_seen_at IS 'When zoomward first saw it, UTC';
COMMENT ON COLUMN main.upcoming_meetings.removed_at IS 'When zoomward first found it gone, UTC; NULL while it is there';
