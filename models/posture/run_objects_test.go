package posture

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/store"
)

// What the feeds land is what the controls on single objects judge; a run writes what changed of the objects that fail, and nothing else.
func TestRunJudgesObjects(t *testing.T) {
	db := openDB(t)
	ctx := context.Background()
	for _, feed := range []string{"settings", "users", "user_details", "user_assistants", "user_settings", "domains", "groups", "group_settings", "roles", "role_members", "public_channels", "user_channels",
		"channel_members", "upcoming_meetings", "meeting_settings", "recordings", "recording_settings", "apps", "operations", "activities"} {
		exec(t, db, `INSERT INTO meta.feeds (feed, state, covered_from, last_success_at) VALUES (?, 'ok', ?, ?)`, feed, daysAgo(180), asOf)
	}
	exec(t, db, `INSERT INTO meta.feeds (feed, state, message) VALUES ('phone_settings', 'not_in_plan', 'the account has no Zoom Phone')`)
	exec(t, db, `INSERT INTO ingest.users (user_id, email, type, status, role_id, groups, verified, joined_at, last_client, row_hash, first_seen_at, last_login_at, run_id) VALUES
		('a', 'a@example.com', 'licensed', 'active', '0', ['g'], true, ?, '6.2.0.1(mac)', 'h', ?, ?, 'r0'),
		('b', 'b@example.org', 'licensed', 'active', '2', NULL, NULL, ?, NULL, 'h', ?, NULL, 'r0'),
		(NULL, 'c@example.com', 'licensed', 'pending', NULL, NULL, false, NULL, NULL, 'h', ?, NULL, 'r0')`, daysAgo(400), daysAgo(400), daysAgo(2), daysAgo(60), daysAgo(60), daysAgo(20))
	exec(t, db, `INSERT INTO ingest.domains VALUES ('k', 'managed', 'example.com', 'verified', 'h', ?, NULL, 'r0'), ('l', 'managed', 'example.org', 'pending', 'h', ?, NULL, 'r0')`, asOf, asOf)
	exec(t, db, `INSERT INTO ingest.user_details VALUES ('a', ['101'], false, 'h', 'r0'), ('b', NULL, true, 'h', 'r0')`)
	exec(t, db, `INSERT INTO ingest.user_assistants VALUES ('k', 'a', 'b', NULL, 'h', ?, NULL, 'r0'), ('l', 'b', 'x', 'x@example.net', 'h', ?, ?, 'r0')`, asOf, asOf, asOf)
	exec(t, db, `INSERT INTO meta.visits (visit_key, feed, parent, outcome, attempts) VALUES ('k', 'user_assistants', 'b', 'done', 0)`)
	for i, path := range []string{"meeting_security.waiting_room", "meeting_security.meeting_password", "meeting_authentication", "in_meeting.file_transfer", "recording.local_recording"} {
		strict := map[bool]string{true: "true", false: "false"}[weakPaths[i].strict]
		if weakPaths[i].path != path {
			t.Fatalf("weakPaths is not in the order of users.sql: %s", path)
		}
		setting(t, db, path, strict, nil, asOf)
		for _, of := range []string{"user a", "user b", "group g"} {
			value := strict
			if of == "user b" && path == "in_meeting.file_transfer" {
				value = "true"
			}
			exec(t, db, `INSERT INTO ingest.scoped_settings (setting_key, scope, scope_id, path, value, locked, row_hash, first_seen_at, removed_at, run_id) SELECT ?, split_part(?, ' ', 1), split_part(?, ' ', 2), ?, ?, NULL, 'h', ?, NULL, 'r0'`, of+path, of, of, path, value, asOf)
		}
	}
	exec(t, db, `INSERT INTO ingest.groups VALUES ('g', 'Group', 1, 'h', ?, NULL, 'r0')`, asOf)
	exec(t, db, `INSERT INTO ingest.roles VALUES ('r', 'Billing', NULL, 'common', 1, ['User:Read', 'Billing:Edit'], 'h', ?, NULL, 'r0'), ('s', 'Odd', NULL, 'common', 0, [], 'h', ?, NULL, 'r0')`, asOf, asOf)
	exec(t, db, `INSERT INTO ingest.role_members VALUES ('k', 'r', 'b', NULL, NULL, 'h', ?, NULL, 'r0')`, asOf)
	exec(t, db, `INSERT INTO ingest.chat_channels (channel_id, name, type, allow_to_add_external_users, row_hash, first_seen_at, run_id) VALUES ('c', 'Open', 3, 0, 'h', ?, 'r0'), ('d', 'New', 3, NULL, 'h', ?, 'r0')`, asOf, asOf)
	exec(t, db, `INSERT INTO ingest.channel_members VALUES ('k', 'c', 'a', 'm', 'a@example.com', 'A', 'owner', false, 'h', ?, NULL, 'r0'), ('l', 'c', NULL, 'n', 'x@example.net', 'X', 'admin', true, 'h', ?, NULL, 'r0')`, asOf, asOf)
	exec(t, db, `INSERT INTO ingest.upcoming_meetings VALUES ('k', 'a', '1', 'Board', 2, ?, 'h', ?, NULL, 'r0'), ('l', 'a', '2', 'Over', 2, ?, 'h', ?, NULL, 'r0')`, asOf.AddDate(0, 0, 1), asOf, daysAgo(3), asOf)
	exec(t, db, `INSERT INTO ingest.meeting_settings VALUES ('1', false, false, true, false, 2, false, 'e2ee', 'none', 'a@example.com;x@example.net', 'h', 'r0'), ('2', false, false, true, false, 2, true, NULL, NULL, NULL, 'h', 'r0')`)
	exec(t, db, `INSERT INTO ingest.recordings (recording_key, meeting_uuid, user_id, topic, row_hash, batch, run_id) VALUES ('k', 'u', 'a', 'All hands', 'h', 1, 'r0'), ('l', 'v', 'a', 'Gone', 'h', 1, 'r0')`)
	exec(t, db, `INSERT INTO ingest.recording_settings (meeting_uuid, share_recording, has_password, recording_authentication, on_demand, row_hash, batch, run_id) VALUES ('u', 'publicly', false, false, false, 'h', 1, 'r0')`)
	exec(t, db, `INSERT INTO meta.visits (visit_key, feed, parent, outcome, attempts) VALUES ('v', 'recording_settings', 'v', 'gone', 0)`)
	exec(t, db, `INSERT INTO ingest.apps (app_key, listing, app_id, name, developer_type, scopes, row_hash, first_seen_at, run_id) VALUES
		('k', 'account_added', 'p', 'Export', 'THIRD_PARTY', ['user:write:admin', 'user:read:admin'], 'h', ?, 'r0'), ('l', 'approved_apps', 'q', 'Other', 'THIRD_PARTY', ['user:write:admin'], 'h', ?, 'r0')`, asOf, asOf)
	exec(t, db, `INSERT INTO meta.connector VALUES (['user:read:admin', 'user:write:admin'], ['report:read:admin'], ?, 'r0')`, asOf)

	first := run(t, db, "r1", asOf)
	got := map[string]string{}
	for _, r := range first.Results {
		got[r.ControlID] = string(r.Status) + ": " + r.Observed
	}
	want := map[string]string{
		"ZW-USR-01": "unknown: 1 of 2 users, 1 not known", "ZW-USR-03": "unknown: 1 of 2 users, 1 not known", "ZW-USR-06": "fail: 0 of 1 user", "ZW-USR-08": "unknown: 1 of 2 users, 1 not known",
		"ZW-USR-09": "partial: 1 of 2 users", "ZW-USR-12": "partial: 1 of 2 users", "ZW-USR-13": "partial: 1 of 2 users", "ZW-USR-14": "partial: 1 of 2 users", "ZW-USR-15": "partial: 1 of 2 users",
		"ZW-GRP-01": "pass: 1 of 1 group", "ZW-GRP-02": "pass: 1 of 1 group", "ZW-ROLE-01": "fail: 0 of 2 roles, 1 not known", "ZW-ROLE-02": "fail: 0 of 2 roles, 1 not known",
		"ZW-CHN-01": "unknown: 1 of 2 channels, 1 not known", "ZW-CHN-03": "fail: 0 of 2 channels, 1 not known", "ZW-CHN-06": "fail: 0 of 2 channels, 1 not known", "ZW-CHN-07": "unknown: 1 of 2 channels, 1 not known",
		"ZW-MI-01": "fail: 0 of 1 meeting", "ZW-MI-02": "fail: 0 of 1 meeting", "ZW-MI-03": "pass: 1 of 1 meeting", "ZW-MI-04": "pass: 1 of 1 meeting", "ZW-MI-05": "fail: 0 of 1 meeting", "ZW-MI-06": "pass: 1 of 1 meeting",
		"ZW-REC-10": "fail: 0 of 1 recording", "ZW-APP-01": "fail: 0 of 1 app", "ZW-AUD-01": "fail: never", "ZW-PHN-01": "not_applicable: ",
		"ZW-CON-01": "fail: report:read:admin", "ZW-CON-02": "fail: user:write:admin", "ZW-CON-03": "pass: at most 26",
	}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s is %q, want %q", id, got[id], w)
		}
	}

	type row struct{ Control, Type, ID, Name, Status, Observed string }
	resources := func(control string) []row {
		var r struct {
			Type     []string `col:"resource_type"`
			ID       []string `col:"resource_id"`
			Name     []string `col:"name"`
			Status   []string `col:"status"`
			Observed []string `col:"observed"`
		}
		if err := db.Read(ctx, &r, `SELECT resource_type, resource_id, name, status, observed FROM main.posture_resources WHERE control_id = ? ORDER BY resource_id`, control); err != nil {
			t.Fatal(err)
		}
		var out []row
		for i := range r.ID {
			out = append(out, row{control, r.Type[i], r.ID[i], r.Name[i], r.Status[i], r.Observed[i]})
		}
		return out
	}
	if diff := cmp.Diff([]row{{"ZW-USR-12", "user", "b", "b@example.org", "fail", "in_meeting.file_transfer"}}, resources("ZW-USR-12")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]row{{"ZW-MI-05", "meeting", "1", "Board", "fail", "x@example.net"}}, resources("ZW-MI-05")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]row{{"ZW-USR-01", "user", "b", "b@example.org", "unknown", "not known"}}, resources("ZW-USR-01")); diff != "" {
		t.Error(diff)
	}
	if first.Resources == 0 || rowsOf(t, db) != first.Resources {
		t.Errorf("the first run says it wrote %d rows, there are %d", first.Resources, rowsOf(t, db))
	}
	if again := run(t, db, "r2", asOf.Add(1)); again.Resources != 0 || again.Written != 0 {
		t.Errorf("nothing changed, yet %d rows of resources and %d verdicts were written", again.Resources, again.Written)
	}

	// Put right: one row goes, no other is touched.
	exec(t, db, `UPDATE ingest.scoped_settings SET value = 'false' WHERE scope_id = 'b' AND path = 'in_meeting.file_transfer'`)
	fixed := run(t, db, "r3", asOf.Add(2))
	if len(resources("ZW-USR-12")) != 0 || fixed.Resources < 1 || fixed.Resources > 2 { // and that of the account's control on file transfer
		t.Errorf("after the fix: %v, %d rows written", resources("ZW-USR-12"), fixed.Resources)
	}
	var of struct {
		Run []string `col:"run_id"`
	}
	if err := db.Read(ctx, &of, `SELECT DISTINCT run_id FROM models.posture_resources`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"r1"}, of.Run); diff != "" {
		t.Errorf("rows of later runs: %s", diff)
	}
}

func rowsOf(t *testing.T, db *store.DB) (n int64) {
	t.Helper()
	if err := db.Row(context.Background(), `SELECT count(*) FROM models.posture_resources`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
