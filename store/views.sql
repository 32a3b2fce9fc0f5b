-- What analysts query. The columns named here stay; the tables behind them may change. Every column carries a comment.

CREATE OR REPLACE VIEW main.activities AS
SELECT activity_id, user_email, occurred_at, kind, ip_address, client_type, client_version, country_code, city, asn, as_org, network_category,
       ip_prefix, latitude, longitude, accuracy_km, geo_source
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
COMMENT ON COLUMN main.activities.geo_source IS 'Databases that answered, with their build dates';

CREATE OR REPLACE VIEW main.operations AS
SELECT operation_id, operator, occurred_at, category, action, detail, subject, setting, old_value, new_value, changes
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
SELECT path, value, locked, fetched_at, source
FROM ingest.setting_versions
QUALIFY row_number() OVER (PARTITION BY path ORDER BY fetched_at DESC, rowid DESC) = 1;
COMMENT ON VIEW main.settings IS 'One row per account setting, as last read. Only settings that posture needs are kept; passcodes and tokens never are.';
COMMENT ON COLUMN main.settings.path IS 'Dotted path as Zoom nests it, such as meeting_security.waiting_room';
COMMENT ON COLUMN main.settings.value IS 'Value as JSON text; NULL when Zoom sends the path no more or sends its lock alone';
COMMENT ON COLUMN main.settings.locked IS 'Whether users are kept from changing it; NULL when Zoom sends no lock for the path';
COMMENT ON COLUMN main.settings.fetched_at IS 'When this value was first read, UTC; `zoomward status` shows when settings were last read';
COMMENT ON COLUMN main.settings.source IS 'View of Zoom''s settings API that holds the path';

CREATE OR REPLACE VIEW main.observations AS
SELECT user_email, day, behaviour, value FROM features.observations;
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

CREATE OR REPLACE VIEW main.behaviors AS
SELECT behavior_id, detection_id, user_email, window_start, window_end, observed, expected, unit, p_value, evidence, summary FROM models.behaviors;
COMMENT ON VIEW main.behaviors IS 'One row per noteworthy deviation, kept for hunting and as evidence. Not an alert by itself.';
COMMENT ON COLUMN main.behaviors.behavior_id IS 'Stable id: the same finding has the same id in every run';
COMMENT ON COLUMN main.behaviors.detection_id IS 'Detection that found it';
COMMENT ON COLUMN main.behaviors.user_email IS 'Whom it is about; NULL when it is about no single user';
COMMENT ON COLUMN main.behaviors.window_start IS 'Start of what was looked at, UTC';
COMMENT ON COLUMN main.behaviors.window_end IS 'End of what was looked at, UTC';
COMMENT ON COLUMN main.behaviors.observed IS 'What was seen, in `unit`';
COMMENT ON COLUMN main.behaviors.expected IS 'What was to be expected, in `unit`; NULL for rules';
COMMENT ON COLUMN main.behaviors.unit IS 'What observed and expected count';
COMMENT ON COLUMN main.behaviors.p_value IS 'How often as much or more is to be expected; NULL for rules';
COMMENT ON COLUMN main.behaviors.evidence IS 'JSON: the figures behind it';
COMMENT ON COLUMN main.behaviors.summary IS 'In plain words';

CREATE OR REPLACE VIEW main.alerts AS
SELECT a.alert_id, a.detection_id, a.title, a.severity, a.user_email, a.window_start, a.window_end, a.score, a.p_value,
       coalesce(t.status, 'new') AS status, a.summary, a.evidence, a.attack_techniques, a.first_seen_at, a.last_seen_at, o.run_id, t.note
FROM models.alerts AS a
LEFT JOIN models.alert_origins AS o USING (alert_id)
LEFT JOIN (SELECT * FROM models.triage QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY set_at DESC, rowid DESC) = 1) AS t USING (alert_id);
COMMENT ON VIEW main.alerts IS 'One row per alert: something a person should look at.';
COMMENT ON COLUMN main.alerts.alert_id IS 'Stable id: the same finding has the same id in every run';
COMMENT ON COLUMN main.alerts.detection_id IS 'Detection that raised it';
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
COMMENT ON COLUMN main.alerts.attack_techniques IS 'MITRE ATT&CK technique ids (v18), joined by ;';
COMMENT ON COLUMN main.alerts.first_seen_at IS 'Time of the first event that it rests on, UTC';
COMMENT ON COLUMN main.alerts.last_seen_at IS 'Time of the last event that it rests on, UTC';
COMMENT ON COLUMN main.alerts.run_id IS 'Run that first raised it';
COMMENT ON COLUMN main.alerts.note IS 'Note of the last triage';

CREATE OR REPLACE VIEW main.user_risk AS
SELECT user_email, score, percentile, change_7d, contributions FROM models.user_risk;
COMMENT ON VIEW main.user_risk IS 'One row per user with findings of late: where to look first.';
COMMENT ON COLUMN main.user_risk.user_email IS 'Who';
COMMENT ON COLUMN main.user_risk.score IS 'Sum over the findings of the last 7 days, each by its severity and rarity';
COMMENT ON COLUMN main.user_risk.percentile IS 'Share of users with a lower score, 0 to 100';
COMMENT ON COLUMN main.user_risk.change_7d IS 'Score now less the score 7 days ago';
COMMENT ON COLUMN main.user_risk.contributions IS 'JSON array: what the score is made of';

CREATE OR REPLACE VIEW main.posture AS
SELECT control_id, title, severity, resource_type, resource_id, status, observed, expected, locked, points, max_points, exception, remediation, changed_at, reason
FROM models.posture_results
QUALIFY row_number() OVER (PARTITION BY control_id, resource_type, resource_id ORDER BY changed_at DESC, rowid DESC) = 1;
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
COMMENT ON COLUMN main.posture.max_points IS 'Points that can be earned: critical 10, high 8, medium 5, low 2, info 0';
COMMENT ON COLUMN main.posture.exception IS 'State of an exception, NULL for none';
COMMENT ON COLUMN main.posture.remediation IS 'Where in the Zoom portal to change it';
COMMENT ON COLUMN main.posture.changed_at IS 'When the verdict or what it rests on last changed, UTC';
COMMENT ON COLUMN main.posture.reason IS 'Why the status is what it is';

CREATE OR REPLACE VIEW main.posture_score AS
SELECT run_id, at, score, achievable_score, coverage FROM models.posture_scores;
COMMENT ON VIEW main.posture_score IS 'One row per run that judged posture. Read score and coverage together.';
COMMENT ON COLUMN main.posture_score.run_id IS 'Run';
COMMENT ON COLUMN main.posture_score.at IS 'When, UTC';
COMMENT ON COLUMN main.posture_score.score IS 'Points earned in percent of the points of controls that could be judged';
COMMENT ON COLUMN main.posture_score.achievable_score IS 'What the score would be if everything that can be fixed were fixed';
COMMENT ON COLUMN main.posture_score.coverage IS 'Points of controls that could be judged in percent of all points';

CREATE OR REPLACE VIEW main.posture_changes AS
WITH verdicts AS (
    SELECT control_id, status AS new_value, changed_at,
           lag(status) OVER w AS old_value, row_number() OVER w AS nth
    FROM models.posture_results WINDOW w AS (PARTITION BY control_id, resource_type, resource_id ORDER BY changed_at, rowid)
), values_ AS (
    SELECT path, value AS new_value, fetched_at AS changed_at,
           lag(value) OVER w AS old_value, lag(fetched_at) OVER w AS before, row_number() OVER w AS nth
    FROM ingest.setting_versions WINDOW w AS (PARTITION BY path ORDER BY fetched_at, rowid)
)
SELECT control_id, NULL::VARCHAR AS setting, old_value, new_value, changed_at, NULL::VARCHAR AS operator
FROM verdicts WHERE nth > 1 AND old_value IS DISTINCT FROM new_value
UNION ALL
SELECT NULL, path, old_value, new_value, changed_at,
       (SELECT CASE WHEN count(DISTINCT o.operator) = 1 THEN min(o.operator) END FROM ingest.operations AS o
        WHERE lower(o.category) = 'account' AND o.occurred_at > v.before AND o.occurred_at <= v.changed_at)
FROM values_ AS v WHERE nth > 1 AND old_value IS DISTINCT FROM new_value;
COMMENT ON VIEW main.posture_changes IS 'One row per change of a verdict or of a setting between two readings.';
COMMENT ON COLUMN main.posture_changes.control_id IS 'Control whose verdict changed; NULL for a change of a setting';
COMMENT ON COLUMN main.posture_changes.setting IS 'Setting that changed; NULL for a change of a verdict';
COMMENT ON COLUMN main.posture_changes.old_value IS 'Before';
COMMENT ON COLUMN main.posture_changes.new_value IS 'After';
COMMENT ON COLUMN main.posture_changes.changed_at IS 'When the change was first seen, UTC';
COMMENT ON COLUMN main.posture_changes.operator IS 'Who changed account settings between the two readings, when it was one person';

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
