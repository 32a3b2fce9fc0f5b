-- Changes of settings and verdicts, and the rows of the operation log that explain them.

-- How the web portal, and with it the operation log, words settings where its words are not those of Zoom's API: regular expressions on "section setting" in lower case.
-- The wordings are those of published rules on the log and of the portal's labels. Path '-': words that are about no setting that zoomward reads.
CREATE OR REPLACE VIEW ingest.setting_words AS
SELECT path, words FROM (VALUES
    ('-', '^account profile'), ('-', '^subscription'), ('-', '^role'),
    ('security.sign_in_with_two_factor_auth', 'two-factor'), ('security.sign_in_with_two_factor_auth_groups', 'two-factor'), ('security.sign_in_with_two_factor_auth_roles', 'two-factor'),
    ('security.sign_again_period_for_inactivity_on_web', 'sign users out|sign in again|inactivity'), ('security.sign_again_period_for_inactivity_on_client', 'sign users out|sign in again|inactivity'),
    ('security.password_requirement.minimum_password_length', 'specified length of characters|minimum (password )?length'),
    ('security.password_requirement.have_special_character', 'special character'), ('security.password_requirement.weak_enhance_detection', 'weak password'),
    ('security.password_requirement.consecutive_characters_length', 'consecutive characters'), ('security.password_requirement.first_login_rule', 'first (sign|log)'),
    ('security.sign_in_with_work_email', 'sign in with work email'), ('security.sign_in_with_google', 'sign in with google'), ('security.sign_in_with_facebook', 'sign in with facebook'),
    ('security.sign_in_with_apple', 'sign in with apple'), ('security.sign_in_with_microsoft', 'sign in with microsoft'),
    ('security.signin_with_sso.enable', 'single sign-on|\bsso\b'), ('security.signin_with_sso.require_sso_for_domains', '(single sign-on|\bsso\b).*domain'),
    ('security.signin_with_sso.domains', '(single sign-on|\bsso\b).*domain'), ('security.signin_with_sso.sso_bypass_users', '(single sign-on|\bsso\b).*(bypass|without)'),
    ('meeting_security.auto_security', 'one security option'),
    ('meeting_security.waiting_room', 'waiting room'), ('in_meeting.waiting_room', 'waiting room'),
    ('meeting_security.waiting_room_settings.participants_to_place_in_waiting_room', 'waiting room'),
    ('meeting_security.meeting_password', 'meeting passcode|passcode when scheduling new meetings|passcode for meetings'),
    ('meeting_security.require_password_for_scheduled_meeting', 'passcode for meetings.* already (been )?scheduled|scheduled meetings'),
    ('meeting_security.pmi_password', 'personal meeting id.*passcode|passcode.*personal meeting id|\bpmi\b'),
    ('schedule_meeting.require_password_for_pmi_meetings', 'personal meeting id.*passcode|passcode.*personal meeting id|\bpmi\b'),
    ('meeting_security.phone_password', 'passcode for participants joining by phone|phone.*passcode|passcode.*phone'),
    ('meeting_security.webinar_password', 'webinar passcode|passcode.*webinar'),
    ('meeting_security.embed_password_in_join_link', 'embed passcode'),
    ('meeting_security.meeting_password_requirement.length', 'passcode.*(minimum|specified) length'),
    ('schedule_meeting.require_password_for_scheduling_new_meetings', 'passcode when scheduling new meetings'),
    ('schedule_meeting.require_password_for_scheduled_meetings', 'passcode for meetings.* already (been )?scheduled'),
    ('schedule_meeting.require_password_for_instant_meetings', 'passcode for instant meetings'),
    ('meeting_security.only_authenticated_can_join_from_webclient', 'authenticated users can join meetings from web client'),
    ('meeting_authentication', 'authenticated (users|meeting participants).* can join|authenticated (users|meeting participants and webinar attendees)'),
    ('schedule_meeting.enforce_login', 'authenticated users can join'), ('schedule_meeting.enforce_login_domains', 'authenticated.*domain|domains? can join'),
    ('meeting_authentication_options', 'authentication options'), ('allow_authentication_exception', 'authentication exception'),
    ('recording_authentication', 'authenticated users can view cloud recordings'), ('recording_authentication_options', 'recording.*authentication options'),
    ('meeting_security.end_to_end_encrypted_meetings', 'end-to-end'), ('meeting_security.encryption_type', 'encryption'), ('in_meeting.e2e_encryption', 'end-to-end|e2ee|require encryption for'),
    ('schedule_meeting.join_before_host', 'join before host|participants to join anytime'),
    ('schedule_meeting.use_pmi_for_scheduled_meetings', '(personal meeting id|\bpmi\b).*schedul'), ('schedule_meeting.use_pmi_for_instant_meetings', '(personal meeting id|\bpmi\b).*instant'),
    ('in_meeting.who_can_share_screen', 'who can share'), ('in_meeting.who_can_share_screen_when_someone_is_sharing', 'who can (start )?shar.*someone'),
    ('in_meeting.alert_guest_join', 'identify guest|guest participants'), ('in_meeting.p2p_connetion', 'peer[- ]to[- ]peer'),
    ('in_meeting.far_end_camera_control', 'far[- ]end camera'), ('in_meeting.allow_users_save_chats', 'save chat'),
    ('in_meeting.custom_data_center_regions', 'data cent(er|re) regions'), ('in_meeting.data_center_regions', 'data cent(er|re) regions'),
    ('recording.account_user_access_recording', 'only account members can view cloud recordings|users in the account can (view|access)'),
    ('recording.required_password_for_shared_cloud_recordings', 'passcode (to access|for) shared cloud recordings'),
    ('recording.required_password_for_existing_cloud_recordings', 'passcode.*existing cloud recordings'),
    ('recording.cloud_recording_download', 'can download cloud recordings|viewers can download|download cloud recordings'),
    ('recording.cloud_recording_download_host', 'only the host can download'), ('recording.host_delete_cloud_recording', 'host can delete cloud recordings'),
    ('recording.auto_delete_cmr', 'delete cloud recordings after|auto delete'), ('recording.auto_delete_cmr_days', 'delete cloud recordings after|auto delete'),
    ('recording.allow_recovery_deleted_cloud_recordings', 'recovery of deleted cloud recordings|recover.*trash'),
    ('recording.ip_address_access_control.enable', 'ip address access'), ('recording.ip_address_access_control.ip_addresses_or_ranges', 'ip address access'),
    ('recording.recording_disclaimer', 'disclaimer'), ('recording.auto_recording', 'automatic recording'),
    ('chat.share_files.enable', 'file sharing|send files|file transfer'), ('chat.share_files.share_option', 'file sharing|send files|file transfer'),
    ('chat.share_files.view_option', 'file sharing|view files|file transfer'),
    ('chat.share_files.restrictions.only_allow_specific_file_types', 'specifi(c|ed) file types'),
    ('chat.allow_users_to_add_contacts.enable', 'add contacts'), ('chat.allow_users_to_add_contacts.selected_option', 'add contacts'),
    ('chat.allow_users_to_chat_with_others.enable', 'chat with others'), ('chat.allow_users_to_chat_with_others.selected_option', 'chat with others'),
    ('chat.external_user_control.enable', 'external user'), ('chat.external_invite_approve.enable', 'approv.*external|external.*invit'), ('chat.external_join_approve.enable', 'approv.*external|external.*join'),
    ('chat.external_collab_restrict.enable', 'external collaboration'), ('chat.external_collab_restrict.external_chat', 'external collaboration|chat with external'),
    ('chat.chat_etiquette_tool.enable', 'chat etiquette'), ('chat.set_retention_period_in_cloud.enable', '(store|keep|retention|deleted after).*(cloud|chat)|retention'),
    ('chat.send_data_to_third_party_archiving_service.enable', 'archiv')
) AS w(path, words);

-- One row per change of a setting's value or lock between two readings, of the account or of a group, with the row of the operation log that best explains it.
CREATE OR REPLACE VIEW ingest.setting_changes AS
WITH every AS (
    SELECT '' AS group_id, '' AS group_name, path, source, value, locked, lock_kind, fetched_at, lead(fetched_at) OVER w AS until, rowid AS nr
    FROM ingest.setting_versions WINDOW w AS (PARTITION BY path ORDER BY fetched_at, rowid)
    UNION ALL
    SELECT v.group_id, coalesce(g.name, v.group_id), v.path, NULL, v.value, v.locked, v.lock_kind, v.fetched_at, v.until, v.nr
    FROM (SELECT *, lead(fetched_at) OVER g AS until, rowid AS nr FROM ingest.group_setting_versions WINDOW g AS (PARTITION BY group_id, path ORDER BY fetched_at, rowid)) AS v
    LEFT JOIN ingest.groups AS g ON g.group_id = v.group_id
), changed AS MATERIALIZED (
    -- What Zoom sent as another kind of thing than it documents (a marker, the one value that is an object) says nothing of the setting: the value before is compared with the next
    -- one that can be read, and until is when the value before was seen no more.
    SELECT * FROM (
        SELECT 'setting' AS kind, group_id, group_name, path, lag(value) OVER v AS old_value, value AS new_value, fetched_at AS changed_at, lag(fetched_at) OVER v AS before,
               lag(until) OVER v AS until, source AS view, row_number() OVER v AS nth
        FROM every WHERE value IS NULL OR NOT starts_with(value, '{') WINDOW v AS (PARTITION BY group_id, path ORDER BY fetched_at, nr)
        UNION ALL
        SELECT 'lock', group_id, group_name, path, CASE lag(locked) OVER l WHEN true THEN 'locked' WHEN false THEN 'unlocked' END, CASE locked WHEN true THEN 'locked' WHEN false THEN 'unlocked' END,
               fetched_at, lag(fetched_at) OVER l, lag(until) OVER l, CASE WHEN starts_with(path, 'meeting_security.') THEN 'lock_settings.meeting_security' ELSE 'lock_settings' END, row_number() OVER l
        FROM every WHERE lock_kind IS NULL WINDOW l AS (PARTITION BY group_id, path ORDER BY fetched_at, nr)
    ) WHERE nth > 1 AND old_value IS DISTINCT FROM new_value
), readings AS (
    -- readings of before they were noted are known where they brought something
    SELECT read_at, sources FROM ingest.setting_readings
    UNION ALL
    SELECT DISTINCT fetched_at, NULL::VARCHAR[] FROM ingest.setting_versions WHERE fetched_at NOT IN (SELECT read_at FROM ingest.setting_readings)
), earlier AS (
    SELECT c.kind, c.group_id, c.path, c.changed_at, max(r.read_at) AS read_at
    FROM changed AS c JOIN readings AS r ON r.read_at < c.until AND r.read_at >= c.before
         AND CASE WHEN c.group_id = '' THEN r.sources IS NULL OR list_contains(r.sources, c.view) ELSE list_contains(r.sources, 'group ' || c.group_id) END
    GROUP BY ALL
), spans AS MATERIALIZED (
    SELECT c.kind, c.group_id, c.group_name, c.path, c.old_value, c.new_value, c.changed_at, coalesce(e.read_at, c.before) AS after,
           -- the part of the path that names the setting, in words
           list_filter(string_split(regexp_extract(c.path, '([^.]+?)(\.(enable|selected_option|external_account|time|value|domains|type))?$', 1), '_'),
                       t -> t NOT IN ('allow', 'require', 'required', 'user', 'users', 'to', 'the', 'for', 'in', 'of', 'by', 'with', 'and', 'or', 'on', 'can', 'from', '')) AS terms,
           -- what an on/off row of the log must say
           CASE WHEN c.new_value IN ('true', 'locked') THEN true
                WHEN c.new_value IN ('false', 'unlocked', '0', '""', '"none"', '"disable"', '"not_allowed"') THEN false
                WHEN starts_with(c.new_value, '[') OR c.new_value IS NULL THEN NULL ELSE true END AS turned_on
    FROM changed AS c LEFT JOIN earlier AS e USING (kind, group_id, path, changed_at)
), logged AS MATERIALIZED (
    SELECT operation_id, occurred_at, operator, lower(category) = 'user group' AS of_group, lower(coalesce(subject, detail)) AS subject,
           coalesce(lower(concat_ws(' ', subject, c.setting)), lower(detail), '') AS text,
           list_filter(regexp_split_to_array(lower(coalesce(c.setting, '')), '[^a-z0-9]+'),
                       t -> t NOT IN ('allow', 'require', 'required', 'user', 'users', 'to', 'the', 'a', 'for', 'in', 'of', 'by', 'with', 'and', 'or', 'on', 'can', 'from', 'lock', 'locked', '')) AS terms,
           CASE WHEN lower(trim(c."new")) IN ('on', 'enabled', 'true', 'locked') THEN true WHEN lower(trim(c."new")) IN ('off', 'disabled', 'false', 'unlocked') THEN false END AS turned_on
    FROM (
        SELECT operation_id, occurred_at, operator, category, subject, detail, unnest(coalesce(from_json(changes, '[{"setting": "VARCHAR", "old": "VARCHAR", "new": "VARCHAR"}]'), [NULL])) AS c
        -- joined by its categories, to nothing where nothing changed: the log is then not read
        FROM ingest.operations JOIN (SELECT unnest(['account', 'im', 'billing', 'user group']) AS concerned, min(after) - INTERVAL 1 HOUR AS since FROM spans HAVING count(*) > 0)
             ON lower(category) = concerned AND occurred_at >= since
    )
), names AS (
    SELECT group_id, lower(trim(name)) AS name FROM ingest.groups WHERE trim(name) <> ''
), groups AS MATERIALIZED (
    -- the group that a row names, the longest name where one begins like another
    SELECT o.operation_id, g.group_id, g.name
    FROM (SELECT DISTINCT operation_id, subject FROM logged WHERE of_group) AS o
    JOIN names AS g ON contains(o.subject, 'group ' || g.name) AND regexp_matches(o.subject, '(^|\s)group ' || regexp_escape(g.name) || '(\s|$)')
    QUALIFY rank() OVER (PARTITION BY o.operation_id ORDER BY length(g.name) DESC) = 1
), about AS MATERIALIZED (
    -- each row with whom it is about; the name of a group says nothing of the setting
    SELECT l.* REPLACE (CASE WHEN l.of_group THEN replace(l.text, 'group ' || g.name, 'group') ELSE l.text END AS text), coalesce(g.group_id, '') AS group_id
    FROM logged AS l LEFT JOIN groups AS g ON l.of_group AND g.operation_id = l.operation_id
    WHERE NOT l.of_group OR g.group_id IS NOT NULL
), pairs AS MATERIALIZED (
    -- clocks differ, and a long run reads the settings some time after it began
    SELECT s.kind, s.group_id, s.path, s.changed_at, l.operation_id, l.occurred_at, l.operator, l.text, l.occurred_at > s.after AND l.occurred_at <= s.changed_at AS inside,
           regexp_matches(l.text, '\b(un)?lock(ed|s)?\b') = (s.kind = 'lock') AS of_kind, coalesce(l.turned_on = s.turned_on, true) AS agrees,
           len(s.terms) > 0 AND (list_has_all(l.terms, s.terms) AND len(l.terms) <= 2 * len(s.terms) + 1 OR len(l.terms) >= 2 AND list_has_all(s.terms, l.terms)) AS alike
    FROM spans AS s JOIN about AS l ON l.group_id = s.group_id AND l.occurred_at > s.after - INTERVAL 1 HOUR AND l.occurred_at <= s.changed_at + INTERVAL 1 HOUR
), named AS MATERIALIZED (
    SELECT p.*, p.alike OR EXISTS (SELECT 1 FROM ingest.setting_words AS w WHERE w.path = p.path AND regexp_matches(p.text, w.words)) AS names
    FROM pairs AS p
), known AS (
    -- rows whose words are known to be about some setting, so that they explain no other
    SELECT DISTINCT t.operation_id, t.text
    FROM (SELECT DISTINCT l.operation_id, l.text, l.terms FROM about AS l JOIN pairs AS p ON p.operation_id = l.operation_id AND p.text = l.text) AS t
    WHERE EXISTS (SELECT 1 FROM ingest.setting_words AS w WHERE regexp_matches(t.text, w.words))
       OR EXISTS (SELECT 1 FROM named AS n WHERE n.operation_id = t.operation_id AND n.text = t.text AND n.names)
), best AS MATERIALIZED (
    SELECT n.* FROM named AS n LEFT JOIN known AS k ON k.operation_id = n.operation_id AND k.text = n.text
    -- words that are not known may stand for a setting of the account, but for none of security: one odd row must not excuse those. Of groups the log has too many rows for that.
    WHERE n.agrees AND (n.names AND n.of_kind OR n.inside AND k.text IS NULL AND n.group_id = '' AND NOT regexp_matches(n.path, '^(meeting_)?security\.'))
    QUALIFY row_number() OVER (PARTITION BY n.kind, n.group_id, n.path, n.changed_at ORDER BY n.names DESC, n.inside DESC, n.occurred_at DESC, n.operation_id) = 1
), feed AS (
    SELECT min(covered_from) AS covered_from, max(watermark) AS watermark FROM meta.feeds WHERE feed = 'operations' -- one row, also of none
)
SELECT s.kind, s.group_id, nullif(s.group_name, '') AS group_name, s.path, s.old_value, s.new_value, s.after, s.changed_at, b.operation_id, b.operator, b.occurred_at AS changed_by_at,
       CASE WHEN s.old_value IS NULL OR s.new_value IS NULL THEN NULL -- Zoom sends a path for the first time, or no more: nobody's doing
            WHEN b.operation_id IS NOT NULL THEN 'yes'
            WHEN f.covered_from <= s.after - INTERVAL 1 HOUR AND f.watermark >= s.changed_at + INTERVAL 6 HOUR THEN 'no' -- rows of the log may come hours late
            ELSE 'log_not_readable' END AS explained,
       CASE WHEN s.old_value IS NULL OR s.new_value IS NULL THEN 'Zoom sends it for the first time, or no more'
            WHEN b.names THEN 'the operation log names it'
            WHEN b.operation_id IS NOT NULL THEN 'the operation log has a change of account settings at that time in words that are not known'
            WHEN f.watermark IS NULL THEN 'the operation log was not read'
            WHEN f.covered_from > s.after - INTERVAL 1 HOUR THEN 'the operation log was read from ' || strftime(f.covered_from, '%Y-%m-%d %H:%M') || ' on'
            WHEN f.watermark < s.changed_at + INTERVAL 6 HOUR THEN 'the operation log was read up to ' || strftime(f.watermark, '%Y-%m-%d %H:%M') || '; its rows may come 6 hours late'
            ELSE 'the operation log has no row for it' END AS explanation
FROM spans AS s CROSS JOIN feed AS f
LEFT JOIN best AS b ON b.kind = s.kind AND b.group_id = s.group_id AND b.path = s.path AND b.changed_at = s.changed_at;

CREATE OR REPLACE VIEW main.posture_changes AS
WITH explained AS MATERIALIZED (
    SELECT * FROM ingest.setting_changes
), operations AS MATERIALIZED (
    SELECT DISTINCT operation_id, operator, changed_by_at FROM explained WHERE operator IS NOT NULL
), sign_ins AS (
    -- as everywhere: the operator's last sign-in of the 24 hours before
    SELECT o.operation_id, a.occurred_at AS session_at, a.ip_address AS session_ip, a.country_code AS session_country, a.city AS session_city, a.as_org AS session_network, a.client_type AS session_client
    FROM operations AS o
    JOIN ingest.activities AS a ON a.user_email = o.operator AND a.kind = 'sign_in' AND a.occurred_at <= o.changed_by_at AND a.occurred_at >= o.changed_by_at - INTERVAL 24 HOUR
    QUALIFY row_number() OVER (PARTITION BY o.operation_id ORDER BY a.occurred_at DESC, a.activity_id) = 1
), changes AS MATERIALIZED (
    SELECT e.*, x.* EXCLUDE (operation_id) FROM explained AS e LEFT JOIN sign_ins AS x ON x.operation_id = e.operation_id
), verdicts AS (
    SELECT control_id, title, severity, status AS new_value, changed_at, cause, cause_text, lag(status) OVER w AS old_value, lag(changed_at) OVER w AS before, row_number() OVER w AS nth
    FROM models.posture_results WINDOW w AS (PARTITION BY control_id, resource_type, resource_id ORDER BY changed_at, rowid)
), turned AS (
    SELECT *, coalesce(list_position(['fail', 'partial', 'pass'], old_value), 0) AS from_, coalesce(list_position(['fail', 'partial', 'pass'], new_value), 0) AS to_
    FROM verdicts WHERE nth > 1 AND (old_value IS DISTINCT FROM new_value OR cause IS NOT NULL)
), because AS (
    -- the settings that a control reads and that changed since its verdict of before; of several rows of the log the last tells who it was
    SELECT t.control_id, t.changed_at AS verdict_at, list_sort(list(DISTINCT c.path)) AS settings,
           CASE WHEN bool_or(c.explained = 'no') THEN 'no' WHEN bool_or(c.explained = 'log_not_readable') THEN 'log_not_readable' ELSE max(c.explained) END AS explained,
           arg_max(c, (coalesce(c.changed_by_at, TIMESTAMP '1970-01-01'), c.path)) AS last
    FROM turned AS t JOIN models.posture_paths AS p ON p.control_id = t.control_id JOIN changes AS c ON c.group_id = '' AND c.path = p.path AND c.changed_at > t.before AND c.changed_at <= t.changed_at
    GROUP BY ALL
), rows AS MATERIALIZED (
    SELECT CASE WHEN t.cause IN ('coverage', 'joined') THEN t.cause WHEN t.cause = 'weakened' THEN 'regressed' WHEN t.cause = 'repaired' THEN 'improved' WHEN t.from_ = 0 OR t.to_ = 0 THEN 'verdict' WHEN t.to_ < t.from_ THEN 'regressed' ELSE 'improved' END AS change,
           t.control_id, t.title, t.severity, NULL::VARCHAR AS setting, b.settings, t.old_value, t.new_value, t.changed_at, b.last.operator AS operator, b.last.operation_id AS operation_id,
           b.last.changed_by_at AS changed_by_at, b.last.session_at AS session_at, b.last.session_ip AS session_ip, b.last.session_country AS session_country, b.last.session_city AS session_city,
           b.last.session_network AS session_network, b.last.session_client AS session_client, b.explained, b.last.explanation AS explanation, NULL::VARCHAR AS group_name,
           t.cause_text AS why
    FROM turned AS t LEFT JOIN because AS b ON b.control_id = t.control_id AND b.verdict_at = t.changed_at
    UNION ALL
    SELECT kind, NULL, NULL, NULL, path, NULL, old_value, new_value, changed_at, operator, operation_id, changed_by_at, session_at, session_ip, session_country, session_city, session_network,
           session_client, explained, explanation, group_name, NULL
    FROM changes
), sessions AS MATERIALIZED (
    SELECT DISTINCT operator, changed_by_at, coalesce(session_at, changed_by_at) AS session_at FROM rows WHERE operator IS NOT NULL AND changed_by_at IS NOT NULL
), days AS (
    SELECT s.operator, s.changed_by_at, min(u.p_value) AS p_value, bool_or(u.alerted) AS alerted
    FROM sessions AS s JOIN models.user_days AS u ON u.user_email = s.operator AND u.day BETWEEN s.session_at::DATE AND s.changed_by_at::DATE
    GROUP BY ALL
), findings AS (
    -- what was found about the sign-in or the person, not about the change itself
    SELECT s.operator, s.changed_by_at, list_sort(list(DISTINCT b.detection_id)) AS detections
    FROM sessions AS s JOIN models.behaviors AS b ON b.user_email = s.operator AND b.window_start <= s.changed_by_at AND b.window_end >= s.session_at
    WHERE regexp_matches(b.detection_id, '^ZW-(IDN|LOC|TRV|RIP|DEV|INA|LGF|COR)-') AND b.suppressed_by IS NULL AND coalesce(b.p_value, 0) <= 0.001
    GROUP BY ALL
), raised AS (
    SELECT s.operator, s.changed_by_at, list_sort(list(DISTINCT a.alert_id)) AS alerts
    FROM sessions AS s JOIN models.alerts AS a ON a.user_email = s.operator AND a.window_start <= s.changed_by_at AND a.window_end >= s.session_at
    GROUP BY ALL
)
SELECT r.control_id, r.setting, r.old_value, r.new_value, r.changed_at, r.operator, r.change, r.title, r.severity, r.settings, r.operation_id, r.changed_by_at,
       r.session_at, r.session_ip, r.session_country, r.session_city, r.session_network, r.session_client, CASE WHEN r.session_at IS NOT NULL THEN true END AS session_inferred,
       d.p_value AS session_p_value, f.detections AS session_findings, a.alerts AS session_alerts,
       CASE WHEN f.detections IS NOT NULL OR d.p_value <= 0.001 THEN true WHEN d.operator IS NOT NULL THEN false END AS session_unusual, r.explained, r.explanation, r.group_name, r.why
FROM rows AS r
LEFT JOIN days AS d ON d.operator = r.operator AND d.changed_by_at = r.changed_by_at
LEFT JOIN findings AS f ON f.operator = r.operator AND f.changed_by_at = r.changed_by_at
LEFT JOIN raised AS a ON a.operator = r.operator AND a.changed_by_at = r.changed_by_at;
COMMENT ON VIEW main.posture_changes IS 'One row per change of a verdict, of a setting or of a lock between two readings, with the row of the operation log that explains it.';
COMMENT ON COLUMN main.posture_changes.control_id IS 'Control whose verdict changed; NULL for a change of a setting';
COMMENT ON COLUMN main.posture_changes.setting IS 'Setting that changed; NULL for a change of a verdict';
COMMENT ON COLUMN main.posture_changes.old_value IS 'Before: a status, a value as JSON text, or locked and unlocked';
COMMENT ON COLUMN main.posture_changes.new_value IS 'After';
COMMENT ON COLUMN main.posture_changes.changed_at IS 'When the change was first seen, UTC';
COMMENT ON COLUMN main.posture_changes.operator IS 'Who, by the operation log; of a verdict, who made the last change of the settings that it rests on';
COMMENT ON COLUMN main.posture_changes.change IS 'regressed, improved, coverage (more was read than before), joined (what is not right joined since), verdict (from or to something that is no verdict), setting or lock';
COMMENT ON COLUMN main.posture_changes.title IS 'What the control asks for';
COMMENT ON COLUMN main.posture_changes.severity IS 'Severity of the control';
COMMENT ON COLUMN main.posture_changes.settings IS 'Of a verdict: the settings that it rests on and that changed';
COMMENT ON COLUMN main.posture_changes.operation_id IS 'Row of the operation log that explains it; joins with operations';
COMMENT ON COLUMN main.posture_changes.changed_by_at IS 'When that row says it was done, UTC';
COMMENT ON COLUMN main.posture_changes.session_at IS 'Sign-in that the change is taken to belong to, UTC: the operator''s last one of the 24 hours before';
COMMENT ON COLUMN main.posture_changes.session_ip IS 'Address of that sign-in';
COMMENT ON COLUMN main.posture_changes.session_country IS 'Country of that address';
COMMENT ON COLUMN main.posture_changes.session_city IS 'City of that address';
COMMENT ON COLUMN main.posture_changes.session_network IS 'Organisation of its network';
COMMENT ON COLUMN main.posture_changes.session_client IS 'Kind of client that signed in';
COMMENT ON COLUMN main.posture_changes.session_inferred IS 'true with every session: rows of the operation log carry no address';
COMMENT ON COLUMN main.posture_changes.session_p_value IS 'Share of past user-days at least as strange as the operator''s day; see user_days';
COMMENT ON COLUMN main.posture_changes.session_findings IS 'Detections that found the sign-in or the day of the operator unusual';
COMMENT ON COLUMN main.posture_changes.session_alerts IS 'Alerts on the operator at that time';
COMMENT ON COLUMN main.posture_changes.session_unusual IS 'Whether the session was unusual: such findings, or a p-value of at most 0.001; NULL when the day was not judged';
COMMENT ON COLUMN main.posture_changes.explained IS 'yes, no (the operation log covers the time and has nothing), or log_not_readable (not read, or not far enough yet); NULL where there is nothing to explain';
COMMENT ON COLUMN main.posture_changes.explanation IS 'The same in words';

COMMENT ON COLUMN main.posture_changes.group_name IS 'Group whose setting or lock changed; NULL for the account';
COMMENT ON COLUMN main.posture_changes.why IS 'Of a verdict that users, groups or other objects make: which of them did';

CREATE OR REPLACE VIEW main.posture_prevented AS
SELECT p.control_id, a.alert_id, a.detection_id, a.severity, a.user_email, a.first_seen_at
FROM models.posture_prevents AS p
JOIN main.posture AS c ON c.control_id = p.control_id AND c.status IN ('fail', 'partial')
JOIN main.alerts AS a ON a.detection_id = p.detection_id
WHERE a.status NOT IN ('benign', 'false_positive')
  AND a.last_seen_at >= coalesce((SELECT max(as_of) FROM meta.runs), (SELECT max(last_seen_at) FROM models.alerts)) - INTERVAL 90 DAY;
COMMENT ON VIEW main.posture_prevented IS 'One row per recommendation (a control that does not hold) and alert of the last 90 days that it is there to prevent.';
COMMENT ON COLUMN main.posture_prevented.control_id IS 'Control; joins with posture';
COMMENT ON COLUMN main.posture_prevented.alert_id IS 'Alert; those closed as benign or false positive do not count';
COMMENT ON COLUMN main.posture_prevented.detection_id IS 'Detection that raised it';
COMMENT ON COLUMN main.posture_prevented.severity IS 'Severity of the alert';
COMMENT ON COLUMN main.posture_prevented.user_email IS 'Whom it is about';
COMMENT ON COLUMN main.posture_prevented.first_seen_at IS 'Time of the first event that it rests on, UTC';
