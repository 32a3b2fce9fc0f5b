package ingest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/store"
)

func TestNoteGroupSettings(t *testing.T) {
	db := openStore(t)
	exec := func(q string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	note := func(day int) {
		t.Helper()
		r := &runner{Options: Options{DB: db, Now: time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC), RunID: "r"}}
		if err := r.noteGroupSettings(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO ingest.scoped_settings (setting_key, scope, scope_id, path, value, locked, row_hash, first_seen_at, removed_at, run_id) VALUES ('1', 'group', 'g1', 'in_meeting.chat', 'true', true, 'h', '2026-03-01', NULL, 'r'), ('2', 'group', 'g1', 'in_meeting.watermark', 'true', NULL, 'h', '2026-03-01', NULL, 'r'),
		('3', 'user', 'u1', 'in_meeting.chat', 'true', NULL, 'h', '2026-03-01', NULL, 'r')`)
	note(1)
	exec(`INSERT INTO meta.visits BY NAME SELECT feed || id AS visit_key, feed, id AS parent, at::TIMESTAMP AS visited_at, outcome, 0 AS attempts FROM (VALUES ('group_settings', 'g2', '2026-03-02 12:00:00', 'done'),
		('group_settings', 'g1', '2026-03-02 12:00:00', 'done'), ('group_settings', 'g3', '2026-03-02 12:00:00', 'failed'), ('group_settings', 'g4', '2026-03-01 12:00:00', 'done'),
		('user_settings', 'u1', '2026-03-02 12:00:00', 'done')) AS v(feed, id, at, outcome)`)
	note(2) // nothing changed
	note(2)
	exec(`UPDATE ingest.scoped_settings SET locked = false WHERE setting_key = '1'`)
	note(3)
	exec(`UPDATE ingest.scoped_settings SET value = 'false' WHERE setting_key = '1'`)
	exec(`UPDATE ingest.scoped_settings SET removed_at = '2026-03-04' WHERE setting_key = '2'`)
	exec(`UPDATE ingest.scoped_settings SET value = 'false' WHERE setting_key = '3'`)
	note(4)
	note(5)
	exec(`UPDATE ingest.scoped_settings SET value = 'true' WHERE setting_key = '1'`)
	note(2) // as of a day before: the latest version stays the latest, and the reading with it
	var got struct {
		Text []string `col:"text"`
	}
	if err := db.Read(t.Context(), &got, `SELECT concat_ws(' ', day(fetched_at), group_id, path, coalesce(value, '-'), coalesce(locked::VARCHAR, '-')) AS text FROM ingest.group_setting_versions ORDER BY fetched_at, path, rowid`); err != nil {
		t.Fatal(err)
	}
	want := []string{"1 g1 in_meeting.chat true true", "1 g1 in_meeting.watermark true -", "3 g1 in_meeting.chat true false", "4 g1 in_meeting.chat false false", "4 g1 in_meeting.chat true false", "4 g1 in_meeting.watermark - -"}
	if d := cmp.Diff(want, got.Text); d != "" {
		t.Error(d)
	}
	got.Text = nil
	if err := db.Read(t.Context(), &got, `SELECT concat_ws(' ', day(read_at), array_to_string(sources, ',')) AS text FROM ingest.setting_readings ORDER BY read_at`); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"2 group g1,group g2", "4 group g1,group g2"}, got.Text); d != "" {
		t.Error(d)
	}
}

// Every reading is noted with the views that answered, also where nothing had changed.
func TestSettingReadings(t *testing.T) {
	db := openStore(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i, now := range []reading{
		{answers: map[string]bool{"settings": true, "meeting_security": true}, locked: map[string]bool{"": true, "meeting_security": true}},
		{answers: map[string]bool{"settings": true}, locked: map[string]bool{}},
	} {
		err := db.Tx(t.Context(), func(tx *store.Tx) error { return now.note(t.Context(), tx, at.AddDate(0, 0, i)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	var got struct {
		Text []string `col:"text"`
	}
	if err := db.Read(t.Context(), &got, `SELECT concat_ws(' ', day(read_at), array_to_string(sources, ',')) AS text FROM ingest.setting_readings ORDER BY read_at`); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"1 lock_settings,lock_settings.meeting_security,meeting_security,settings", "2 settings"}, got.Text); d != "" {
		t.Error(d)
	}
}
