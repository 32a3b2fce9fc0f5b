package ingest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/store"
)

// versionsNow returns what was kept of one thing, oldest first.
func versionsNow(t testing.TB, db *store.DB, kind, key string) (out []string) {
	t.Helper()
	var rows struct {
		Text []string `col:"text"`
	}
	if err := db.Read(t.Context(), &rows, `SELECT strftime(read_at, '%m-%d') || ' ' || value AS text FROM ingest.versions WHERE kind = ? AND "key" = ? ORDER BY read_at, rowid`, kind, key); err != nil {
		t.Fatal(err)
	}
	return rows.Text
}

// The role of a user is kept whenever it changes, and only then.
func TestVersionsOfUsers(t *testing.T) {
	db, a := openStore(t), smallAccount()
	mustRun(t, db, a, testNow)
	a.users["active"][1].Dept = "Audit"
	mustRun(t, db, a, testNow.AddDate(0, 0, 1))
	a.users["active"][1].RoleID = "1"
	mustRun(t, db, a, testNow.AddDate(0, 0, 2))
	a.users["active"][1].RoleID = "2"
	mustRun(t, db, a, testNow.AddDate(0, 0, 3))
	want := []string{`08-31 {"role":"Member","role_id":"2"}`, `09-02 {"role":"Admin","role_id":"1"}`, `09-03 {"role":"Member","role_id":"2"}`}
	if d := cmp.Diff(want, versionsNow(t, db, "user_role", "b@example.com")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What the migration wrote of rows that were there before is no change for the next run.
func TestVersionsOfTables(t *testing.T) {
	db := openStore(t)
	at := time.Date(2026, 9, 1, 6, 0, 0, 0, time.UTC)
	for _, q := range []string{
		`INSERT INTO ingest.roles BY NAME SELECT 'r' AS role_id, 'Helpdesk' AS name, ['User:Read'] AS privileges, 'h' AS row_hash, TIMESTAMP '2026-08-01' AS first_seen_at, 'r0' AS run_id`,
		`INSERT INTO ingest.recording_settings BY NAME SELECT 'm' AS meeting_uuid, 'none' AS share_recording, true AS has_password, 'h' AS row_hash, 1 AS batch, 'r0' AS run_id`,
	} {
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	keep := func(day int) {
		t.Helper()
		err := db.Tx(t.Context(), func(tx *store.Tx) error {
			for _, x := range []struct {
				table *table
				key   string
			}{{rolesTable, "r"}, {recordingSettingsTable, "m"}} {
				if err := x.table.kept.keep(t.Context(), tx, x.table.name, x.table.key, []string{x.key}, at.AddDate(0, 0, day), "r"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	keep(0)
	keep(1)
	for _, q := range []string{`UPDATE ingest.roles SET privileges = ['User:Edit', 'User:Read']`, `UPDATE ingest.recording_settings SET share_recording = 'publicly', has_password = false`} {
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	keep(2)
	if d := cmp.Diff([]string{`09-01 {"name":"Helpdesk","privileges":["User:Read"]}`, `09-03 {"name":"Helpdesk","privileges":["User:Edit","User:Read"]}`}, versionsNow(t, db, "role", "r")); d != "" {
		t.Errorf("role (-want +got):\n%s", d)
	}
	rest := `"recording_authentication":null,"viewer_download":null,"approval_type":null}`
	if d := cmp.Diff([]string{`09-01 {"share_recording":"none","has_password":true,` + rest, `09-03 {"share_recording":"publicly","has_password":false,` + rest}, versionsNow(t, db, "recording_sharing", "m")); d != "" {
		t.Errorf("recording (-want +got):\n%s", d)
	}
}

// Whoever opened one recording may have opened more, so that all that were read before are due again; those of others wait for their week.
func TestRecordingsAreReadAgainWhereOneWasOpened(t *testing.T) {
	db := openStore(t)
	now := time.Date(2026, 9, 10, 6, 0, 0, 0, time.UTC)
	for _, q := range []string{
		`INSERT INTO ingest.recordings BY NAME SELECT u || range AS recording_key, u || range AS meeting_uuid, u AS user_id, TIMESTAMP '2026-08-20' + to_days(range::INTEGER) AS started_at, 'h' AS row_hash, 1 AS batch, 'r' AS run_id
			FROM range(3), (VALUES ('ann'), ('bob')) AS x(u)`,
		`INSERT INTO meta.visits BY NAME SELECT 'v' || meeting_uuid AS visit_key, 'recording_settings' AS feed, meeting_uuid AS parent, 'done' AS outcome, 0 AS attempts,
			CASE WHEN meeting_uuid IN ('ann0', 'bob0') THEN TIMESTAMP '2026-09-09 06:00:00' ELSE TIMESTAMP '2026-09-05 06:00:00' END AS visited_at FROM ingest.recordings`,
		`INSERT INTO ingest.versions SELECT 'recording_sharing', unnest(['ann0', 'bob0', 'bob1']), '{"share_recording":"internally"}', '2026-09-02 06:00:00', 'r'`,
		`INSERT INTO ingest.versions SELECT 'recording_sharing', unnest(['ann0', 'ann1']), '{"share_recording":"publicly"}', '2026-09-09 06:00:00', 'r'`,
		`INSERT INTO ingest.versions SELECT 'recording_sharing', 'bob0', '{"share_recording":"none"}', '2026-09-09 06:00:00', 'r'`,
	} {
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	var feed Feed
	for _, f := range Feeds() {
		if f.Name == "recording_settings" {
			feed = f
		}
	}
	r := &runner{Options: Options{DB: db, Now: now}}
	due, err := r.due(t.Context(), feed)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range due {
		got = append(got, v.parent)
	}
	if d := cmp.Diff([]string{"ann2", "ann1"}, got); d != "" {
		t.Errorf("due (-want +got):\n%s", d)
	}
}
