package store_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/store"
)

// A setting is read on the 5th, the 6th at 06:00 and the 6th at 12:00; by the last it has changed.
const (
	readBefore = "2026-03-06 06:00:00"
	readAfter  = "2026-03-06 12:00:00"
)

type logRow struct{ category, at, subject, setting, old, new string }

// The labels are those of published rules on the operation log and of the web portal; the paths those of Zoom's API reference.
func TestSettingChangesExplained(t *testing.T) {
	db := open(t, "")
	at := "2026-03-06 09:00:00"
	for _, tt := range []struct {
		name             string
		path, old, value string
		locked           [2]string // SQL; both NULL where empty
		rows             []logRow
		feed             string // of the log: SQL of covered_from and watermark; read far enough where empty
		explained        string // "" for nothing to explain
		operation        string // index of the row
	}{
		{name: "named by rules of Panther", path: "security.sign_in_with_two_factor_auth", old: `"all"`, value: `"none"`,
			rows: []logRow{{"Account", at, "Security", "Sign in with Two-Factor Authentication", "On", "Off"}}, explained: "yes", operation: "0"},
		{name: "the other direction", path: "security.sign_in_with_two_factor_auth", old: `"all"`, value: `"none"`,
			rows: []logRow{{"Account", at, "Security", "Sign in with Two-Factor Authentication", "Off", "On"}}, explained: "no"},
		{name: "another of the same section", path: "meeting_security.waiting_room", old: "true", value: "false",
			rows: []logRow{{"Account", at, "Security", "Require that all meetings are secured with one security option", "On", "Off"}}, explained: "no"},
		{name: "words of the path", path: "in_meeting.file_transfer", old: "false", value: "true",
			rows: []logRow{{"Account", at, "In Meeting (Basic)", "File transfer", "Off", "On"}}, explained: "yes", operation: "0"},
		{name: "chat settings", path: "chat.read_receipts.enable", old: "true", value: "false",
			rows: []logRow{{"IM", at, "Chat Settings", "Read receipts", "On", "Off"}}, explained: "yes", operation: "0"},
		{name: "a number", path: "security.password_requirement.minimum_password_length", old: "10", value: "8",
			rows: []logRow{{"Account", at, "Sign-In Password Requirement", "Have at least specified length of characters", "10", "8"}}, explained: "yes", operation: "0"},
		{name: "minutes that are turned off", path: "security.sign_again_period_for_inactivity_on_web", old: "30", value: "0",
			rows: []logRow{{"Account", at, "Security", "Automatically sign users out after a specified time", "On", "Off"}}, explained: "yes", operation: "0"},
		{name: "words that nobody knows", path: "in_meeting.remote_control", old: "false", value: "true",
			rows: []logRow{{"Account", at, "Meeting", "Give or take the wheel", "Off", "On"}}, explained: "yes", operation: "0"},
		{name: "words that nobody knows, the other direction", path: "in_meeting.remote_control", old: "false", value: "true",
			rows: []logRow{{"Account", at, "Meeting", "Give or take the wheel", "On", "Off"}}, explained: "no"},
		{name: "words that nobody knows, of security", path: "security.hide_billing_info", old: "true", value: "false",
			rows: []logRow{{"Account", at, "Meeting", "Give or take the wheel", "On", "Off"}}, explained: "no"},
		{name: "words that nobody knows, of the security of meetings", path: "meeting_security.waiting_room", old: "true", value: "true", locked: [2]string{"true", "false"},
			rows: []logRow{{"Account", at, "Meeting", "Give or take the wheel", "On", "Off"}}, explained: "no"},
		{name: "words of the path, of security", path: "security.hide_billing_info", old: "true", value: "false",
			rows: []logRow{{"Account", at, "Security", "Hide billing info", "On", "Off"}}, explained: "yes", operation: "0"},
		{name: "of the account's profile", path: "in_meeting.remote_control", old: "false", value: "true",
			rows: []logRow{{"Account", at, "Account Profile", "Support Phone Number", "", "5550100"}}, explained: "no"},
		{name: "of a user, which is no account setting", path: "in_meeting.file_transfer", old: "false", value: "true",
			rows: []logRow{{"User Settings", at, "In Meeting (Basic)", "File transfer", "Off", "On"}}, explained: "no"},
		{name: "the row that names it wins over a later one that does not", path: "in_meeting.file_transfer", old: "false", value: "true",
			rows: []logRow{{"Account", at, "In Meeting (Basic)", "File transfer", "Off", "On"}, {"Account", "2026-03-06 11:00:00", "Meeting", "Give or take the wheel", "Off", "On"}}, explained: "yes", operation: "0"},
		{name: "before the reading that still had the old value", path: "in_meeting.file_transfer", old: "false", value: "true",
			rows: []logRow{{"Account", "2026-03-06 04:00:00", "In Meeting (Basic)", "File transfer", "Off", "On"}}, explained: "no"},
		{name: "while a long run was under way", path: "in_meeting.file_transfer", old: "false", value: "true",
			rows: []logRow{{"Account", "2026-03-06 12:20:00", "In Meeting (Basic)", "File transfer", "Off", "On"}}, explained: "yes", operation: "0"},
		{name: "long after the reading", path: "in_meeting.file_transfer", old: "false", value: "true",
			rows: []logRow{{"Account", "2026-03-06 15:00:00", "In Meeting (Basic)", "File transfer", "Off", "On"}}, explained: "no"},
		{name: "lock", path: "meeting_security.waiting_room", old: "true", value: "true", locked: [2]string{"true", "false"},
			rows: []logRow{{"Account", at, "Security", "Waiting Room - Lock", "On", "Off"}}, explained: "yes", operation: "0"},
		{name: "lock, and a row of the value", path: "meeting_security.waiting_room", old: "true", value: "true", locked: [2]string{"true", "false"},
			rows: []logRow{{"Account", at, "Security", "Waiting Room", "On", "Off"}}, explained: "no"},
		{name: "log not read far enough", path: "in_meeting.file_transfer", old: "false", value: "true", feed: "'2026-01-01', '2026-03-06 17:59:59'", explained: "log_not_readable"},
		{name: "log read just far enough", path: "in_meeting.file_transfer", old: "false", value: "true", feed: "'2026-01-01', '2026-03-06 18:00:00'", explained: "no"},
		{name: "log begins later", path: "in_meeting.file_transfer", old: "false", value: "true", feed: "'2026-03-06 08:00:00', '2026-03-09'", explained: "log_not_readable"},
		{name: "log begins with the reading before, whose clock may differ", path: "in_meeting.file_transfer", old: "false", value: "true", feed: "'2026-03-06 05:00:01', '2026-03-09'", explained: "log_not_readable"},
		{name: "log begins early enough", path: "in_meeting.file_transfer", old: "false", value: "true", feed: "'2026-03-06 05:00:00', '2026-03-09'", explained: "no"},
		{name: "log never read", path: "in_meeting.file_transfer", old: "false", value: "true", feed: "NULL, NULL", explained: "log_not_readable"},
		{name: "row in a log that is not read far enough", path: "in_meeting.file_transfer", old: "false", value: "true", feed: "'2026-01-01', '2026-03-06 12:00:00'",
			rows: []logRow{{"Account", at, "In Meeting (Basic)", "File transfer", "Off", "On"}}, explained: "yes", operation: "0"},
		{name: "Zoom sends it no more", path: "in_meeting.file_transfer", old: "false", value: "", explained: ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			feed := tt.feed
			if feed == "" {
				feed = "'2026-01-01', '2026-03-09'"
			}
			null := func(s string) string {
				if s == "" {
					return "NULL"
				}
				return s
			}
			quoted := "NULL"
			if tt.value != "" {
				quoted = "'" + tt.value + "'"
			}
			statements := []string{
				`DELETE FROM ingest.setting_versions`, `DELETE FROM ingest.setting_readings`, `DELETE FROM ingest.operations`, `DELETE FROM meta.feeds`,
				fmt.Sprintf(`INSERT INTO ingest.setting_versions (path, value, locked, source, fetched_at, run_id) VALUES ('%s', '%s', %s, 'settings', '2026-03-05', 'r'), ('%[1]s', %[4]s, %[5]s, 'settings', '%[6]s', 'r')`,
					tt.path, tt.old, null(tt.locked[0]), quoted, null(tt.locked[1]), readAfter),
				`INSERT INTO ingest.setting_readings SELECT unnest([TIMESTAMP '2026-03-05', TIMESTAMP '` + readBefore + `', TIMESTAMP '` + readAfter + `']), ['settings', 'lock_settings', 'lock_settings.meeting_security']`,
				`INSERT INTO meta.feeds (feed, state, covered_from, watermark, rows_landed) VALUES ('operations', 'ok', ` + feed + `, 1)`,
			}
			for _, q := range statements {
				mustExec(t, db, q)
			}
			for i, r := range tt.rows {
				changes, err := json.Marshal([]map[string]string{{"setting": r.setting, "old": r.old, "new": r.new}})
				if err != nil {
					t.Fatal(err)
				}
				mustExec(t, db, `INSERT INTO ingest.operations BY NAME SELECT ?::VARCHAR AS operation_id, 'a@example.com' AS operator, ?::TIMESTAMP AS occurred_at, ?::VARCHAR AS category, 'Update' AS action, '' AS detail,
					?::VARCHAR AS subject, ?::VARCHAR AS setting, ?::VARCHAR AS changes, 1 AS batch, 'r' AS run_id`, fmt.Sprint(i), r.at, r.category, r.subject, r.setting, string(changes))
			}
			var got struct {
				Explained []string `col:"explained,null"`
				Operation []string `col:"operation_id,null"`
				Why       []string `col:"explanation,null"`
			}
			if err := db.Read(t.Context(), &got, `SELECT explained, operation_id, explanation FROM ingest.setting_changes`); err != nil {
				t.Fatal(err)
			}
			if len(got.Explained) != 1 {
				t.Fatalf("%d changes, want 1", len(got.Explained))
			}
			if got.Explained[0] != tt.explained || got.Operation[0] != tt.operation {
				t.Errorf("explained %q by row %q (%s), want %q by %q", got.Explained[0], got.Operation[0], got.Why[0], tt.explained, tt.operation)
			}
		})
	}
}

// A group's setting changes by a row about that group; the account's, and another group's, explain nothing.
func TestGroupSettingChange(t *testing.T) {
	db := open(t, "")
	for _, q := range []string{
		`INSERT INTO ingest.groups BY NAME SELECT 'g1' AS group_id, 'Sales' AS name, TIMESTAMP '2026-03-01' AS first_seen_at, 'h' AS row_hash, 'r' AS run_id`,
		`INSERT INTO ingest.group_setting_versions (group_id, path, value, locked, fetched_at, run_id) VALUES ('g1', 'in_meeting.file_transfer', 'false', true, '2026-03-05', 'r'), ('g1', 'in_meeting.file_transfer', 'true', false, '2026-03-06 12:00:00', 'r')`,
		`INSERT INTO meta.feeds (feed, state, covered_from, watermark, rows_landed) VALUES ('operations', 'ok', '2026-01-01', '2026-03-09', 1)`,
		`INSERT INTO ingest.operations BY NAME SELECT id AS operation_id, 'a@example.com' AS operator, TIMESTAMP '2026-03-06 09:00:00' AS occurred_at, category, 'Update' AS action, subject, 'File transfer' AS setting,
			'[{"setting":"File transfer","old":"Off","new":"On"}]' AS changes, 1 AS batch, 'r' AS run_id FROM (VALUES
			('account', 'Account', 'In Meeting (Basic)'), ('other', 'User Group', 'Edit Group Finance'), ('own', 'User Group', 'Edit Group Sales')) AS v(id, category, subject)`,
	} {
		mustExec(t, db, q)
	}
	var got struct {
		Text []string `col:"text"`
	}
	if err := db.Read(t.Context(), &got, `SELECT concat_ws(' ', change, group_name, setting, old_value, new_value, operation_id, explained) AS text FROM posture_changes ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	want := []string{"lock Sales in_meeting.file_transfer locked unlocked no", "setting Sales in_meeting.file_transfer false true own yes"}
	if d := cmp.Diff(want, got.Text); d != "" {
		t.Error(d)
	}
}

// A row is about the group whose whole name follows the word; one that names no setting that is known to be the one that changed explains nothing of a group, and neither does one
// of before the last reading of that group.
func TestGroupSettingChangeNeedsNames(t *testing.T) {
	db := open(t, "")
	for _, q := range []string{
		`INSERT INTO ingest.groups BY NAME SELECT name AS group_id, name, TIMESTAMP '2026-03-01' AS first_seen_at, 'h' AS row_hash, 'r' AS run_id FROM (VALUES ('IT'), ('Sales'), ('Sales East'), ('C++ (old)'), ('Waiting Room')) AS v(name)`,
		`INSERT INTO meta.feeds (feed, state, covered_from, watermark, rows_landed) VALUES ('operations', 'ok', '2026-01-01', '2026-03-09', 1)`,
	} {
		mustExec(t, db, q)
	}
	for _, tt := range []struct {
		name, group, at, subject, setting string
		read                              string // when the group was read in between, "" for never
		explained                         string
	}{
		{name: "whole name", group: "Sales", subject: "Edit Group Sales", setting: "File transfer", explained: "yes"},
		{name: "blanks and signs", group: "C++ (old)", subject: "Edit Group C++ (old)", setting: "File transfer", explained: "yes"},
		{name: "a name within a word", group: "IT", subject: "Edit Group Sales", setting: "Email Notification, File transfer", explained: "no"},
		{name: "a name that is not the group's", group: "IT", subject: "Edit Group Sales", setting: "IT File transfer", explained: "no"},
		{name: "the beginning of a longer name", group: "Sales", subject: "Edit Group Sales East", setting: "File transfer", explained: "no"},
		{name: "the longer name", group: "Sales East", subject: "Edit Group Sales East", setting: "File transfer", explained: "yes"},
		{name: "words that nobody knows", group: "Sales", subject: "Edit Group Sales", setting: "Give or take the wheel", explained: "no"},
		{name: "another setting", group: "Sales", subject: "Edit Group Sales", setting: "Waiting room", explained: "no"},
		{name: "weeks before, with no reading in between", group: "Sales", at: "2026-02-20 09:00:00", subject: "Edit Group Sales", setting: "File transfer", explained: "yes"},
		{name: "before the last reading", group: "Sales", at: "2026-02-20 09:00:00", subject: "Edit Group Sales", setting: "File transfer", read: "Sales", explained: "no"},
		{name: "before the last reading of another group", group: "Sales", at: "2026-02-20 09:00:00", subject: "Edit Group Sales", setting: "File transfer", read: "IT", explained: "yes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := tt.at
			if at == "" {
				at = "2026-03-06 09:00:00"
			}
			for _, table := range []string{"ingest.group_setting_versions", "ingest.setting_readings", "ingest.operations"} {
				mustExec(t, db, `DELETE FROM `+table)
			}
			mustExec(t, db, `INSERT INTO ingest.group_setting_versions (group_id, path, value, locked, fetched_at, run_id) SELECT ?, 'in_meeting.file_transfer', unnest(['false', 'true']), true, unnest([TIMESTAMP '2026-02-10', TIMESTAMP '`+readAfter+`']), 'r'`, tt.group)
			if tt.read != "" {
				mustExec(t, db, `INSERT INTO ingest.setting_readings VALUES ('`+readBefore+`', ['group ' || ?])`, tt.read)
			}
			mustExec(t, db, `INSERT INTO ingest.operations BY NAME SELECT 'o' AS operation_id, 'a@example.com' AS operator, ?::TIMESTAMP AS occurred_at, 'User Group' AS category, 'Update' AS action, ?::VARCHAR AS subject, ?::VARCHAR AS setting,
				to_json([{'setting': ?::VARCHAR, 'old': 'Off', 'new': 'On'}])::VARCHAR AS changes, 1 AS batch, 'r' AS run_id`, at, tt.subject, tt.setting, tt.setting)
			var explained string
			if err := db.Row(t.Context(), `SELECT explained FROM ingest.setting_changes`).Scan(&explained); err != nil {
				t.Fatal(err)
			}
			if explained != tt.explained {
				t.Errorf("explained %q, want %q", explained, tt.explained)
			}
		})
	}
	// The words of a group's name are not those of a setting.
	mustExec(t, db, `UPDATE ingest.group_setting_versions SET group_id = 'Waiting Room', path = 'in_meeting.waiting_room'`)
	mustExec(t, db, `UPDATE ingest.operations SET subject = 'Edit Group Waiting Room', setting = 'Email Notification', changes = '[{"setting": "Email Notification", "old": "Off", "new": "On"}]'`)
	var explained string
	if err := db.Row(t.Context(), `SELECT explained FROM ingest.setting_changes`).Scan(&explained); err != nil || explained != "no" {
		t.Errorf("explained %q by the group's name, %v", explained, err)
	}
}

// The session of a change is the operator's last sign-in of the day before it; a sign-out, somebody else's and an older one are none.
func TestChangeSession(t *testing.T) {
	db := open(t, "")
	for _, q := range []string{
		`INSERT INTO ingest.setting_versions (path, value, locked, source, fetched_at, run_id) VALUES ('in_meeting.file_transfer', 'false', NULL, 'settings', '2026-03-05', 'r'), ('in_meeting.file_transfer', 'true', NULL, 'settings', '2026-03-06 12:00:00', 'r')`,
		`INSERT INTO ingest.operations BY NAME SELECT 'o' AS operation_id, 'a@example.com' AS operator, TIMESTAMP '2026-03-06 09:00:00' AS occurred_at, 'Account' AS category, 'Update' AS action,
			'In Meeting (Basic)' AS subject, 'File transfer' AS setting, '[{"setting":"File transfer","old":"Off","new":"On"}]' AS changes, 1 AS batch, 'r' AS run_id`,
		`INSERT INTO ingest.activities BY NAME SELECT id AS activity_id, who AS user_email, at::TIMESTAMP AS occurred_at, kind, ip AS ip_address, 'unknown' AS network_category, 1 AS batch, 'r' AS run_id FROM (VALUES
			('1', 'a@example.com', '2026-03-06 07:00:00', 'sign_in', '192.0.2.1'), ('2', 'a@example.com', '2026-03-06 08:00:00', 'sign_in', '192.0.2.2'),
			('3', 'a@example.com', '2026-03-06 08:30:00', 'sign_out', '192.0.2.3'), ('4', 'b@example.com', '2026-03-06 08:40:00', 'sign_in', '192.0.2.4'),
			('5', 'a@example.com', '2026-03-06 09:10:00', 'sign_in', '192.0.2.5')) AS v(id, who, at, kind, ip)`,
	} {
		mustExec(t, db, q)
	}
	session := func() (ip string, at time.Time) {
		t.Helper()
		var got struct {
			IP []string    `col:"session_ip,null"`
			At []time.Time `col:"session_at"`
		}
		if err := db.Read(t.Context(), &got, `SELECT session_ip, session_at FROM posture_changes`); err != nil || len(got.IP) != 1 {
			t.Fatalf("%d rows, %v", len(got.IP), err)
		}
		return got.IP[0], got.At[0]
	}
	if ip, at := session(); ip != "192.0.2.2" || at.Hour() != 8 {
		t.Errorf("session from %q at %s", ip, at)
	}
	mustExec(t, db, `UPDATE ingest.activities SET occurred_at = occurred_at - INTERVAL 2 DAY WHERE user_email = 'a@example.com' AND activity_id < '5'`)
	if ip, at := session(); ip != "" || !at.IsZero() {
		t.Errorf("a session of days before: %q at %s", ip, at)
	}
}

// What is asked on every run, whether the log explains a change, reads none of the account's sign-ins.
func TestSettingChangesReadNoActivities(t *testing.T) {
	db := open(t, "")
	mustExec(t, db, `DROP TABLE ingest.activities`)
	var n int
	if err := db.Row(t.Context(), `SELECT count(*) FROM ingest.setting_changes`).Scan(&n); err != nil {
		t.Error(err)
	}
	if err := db.Row(t.Context(), `SELECT count(*) FROM posture_changes`).Scan(&n); err == nil {
		t.Error("posture_changes finds sessions without them")
	}
}

func mustExec(t *testing.T, db *store.DB, q string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), q, args...); err != nil {
		t.Fatal(err)
	}
}
