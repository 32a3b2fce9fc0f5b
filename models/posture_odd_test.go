package models_test

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

// viewsOf is an account whose views of settings and locks are what a test says.
type viewsOf struct {
	ingest.Client
	settings, locks map[string]string // JSON by option
}

func (v viewsOf) AccountSettings(_ context.Context, option string) (map[string]any, error) {
	return tree(v.settings[option])
}

func (v viewsOf) LockSettings(_ context.Context, option string) (map[string]any, error) {
	return tree(v.locks[option])
}

func (viewsOf) Granted() []string { return nil }

func tree(text string) (out map[string]any, err error) {
	if text == "" {
		text = `{}`
	}
	return out, json.Unmarshal([]byte(text), &out)
}

// What Zoom sends as another kind of thing than it documents is an error that names both kinds, from the answer to the verdict. The thing itself is kept nowhere, and neither its
// coming nor its going is a change of the setting.
func TestSettingsOfAnotherKind(t *testing.T) {
	right := viewsOf{
		settings: map[string]string{zoom.OptionMeetingSecurity: `{"meeting_security":{"waiting_room":true,"phone_password":true,"webinar_password":true,"meeting_password":true,
			"end_to_end_encrypted_meetings":true,"encryption_type":"e2ee","waiting_room_settings":{"participants_to_place_in_waiting_room":0}}}`},
		locks: map[string]string{zoom.OptionMeetingSecurity: `{"meeting_security":{"waiting_room":true,"end_to_end_encrypted_meetings":true,"encryption_type":true}}`},
	}
	odd := viewsOf{settings: maps.Clone(right.settings), locks: maps.Clone(right.locks)}
	odd.settings[zoom.OptionMeetingSecurity] = `{"meeting_security":{"waiting_room":"enabled","phone_password":["Hx7tQ2"],"webinar_password":{"is":"Hx7tQ2"},"meeting_password":"Hx7tQ2",
		"end_to_end_encrypted_meetings":"yes","encryption_type":{"a":1},"waiting_room_settings":"Hx7tQ2"}}`
	odd.locks[zoom.OptionMeetingSecurity] = `{"meeting_security":{"waiting_room":"locked","end_to_end_encrypted_meetings":true,"encryption_type":true}}`
	other := viewsOf{settings: maps.Clone(right.settings), locks: right.locks}
	other.settings[zoom.OptionMeetingSecurity] = strings.Replace(right.settings[zoom.OptionMeetingSecurity], `"waiting_room":true`, `"waiting_room":false`, 1)

	db, err := store.Open(t.Context(), "", store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	day := time.Date(2026, 6, 15, 18, 30, 0, 0, time.UTC)
	run := func(id string, v viewsOf) map[string]posture.Result {
		t.Helper()
		day = day.Add(24 * time.Hour)
		if _, err := ingest.Run(t.Context(), ingest.Options{DB: db, Client: v, Now: day, RunID: id, Feeds: []string{"settings"}}); err != nil {
			t.Fatal(err)
		}
		s, err := posture.Run(t.Context(), db, posture.Options{RunID: id, AccountID: "account", Now: func() time.Time { return day }})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]posture.Result{}
		for _, r := range s.Results {
			out[r.ControlID] = r
		}
		return out
	}
	changes := func() (text string) {
		t.Helper()
		if err := db.Row(t.Context(), `SELECT coalesce(string_agg(concat_ws(' ', kind, path, old_value, new_value, strftime(after, '%d')), '; ' ORDER BY kind, path), '') FROM ingest.setting_changes`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	if r := run("1", right)["CIS-1.1.1.2"]; r.Status != posture.Pass {
		t.Fatalf("%s: %s", r.Status, r.Reason)
	}
	for _, id := range []string{"2", "3"} {
		results := run(id, odd)
		for control, want := range map[string]string{
			"CIS-1.1.1.2": "meeting_security.waiting_room is text, where Zoom documents a switch",
			"CIS-1.1.1.3": "meeting_security.waiting_room_settings.participants_to_place_in_waiting_room is text in the place of meeting_security.waiting_room_settings, where Zoom documents a number",
			"MS-ZOOM-03":  "meeting_security.end_to_end_encrypted_meetings is text, where Zoom documents a switch",
		} {
			if r := results[control]; r.Status != posture.Error || !strings.Contains(r.Reason, want) {
				t.Errorf("%s: %s: %s, want an error with %q", control, r.Status, r.Reason, want)
			}
		}
		kinds := map[string]string{}
		for _, r := range results {
			for _, kind := range []string{"phone_password is a list", "webinar_password is an object", "meeting_password is text that may be a passcode"} {
				if strings.Contains(r.Reason, kind) {
					kinds[kind] = r.ControlID
				}
			}
		}
		if len(kinds) != 3 {
			t.Errorf("said of %v", kinds)
		}
		if got := changes(); got != "" {
			t.Errorf("changes: %s", got)
		}
		var kept string
		if err := db.Row(t.Context(), `SELECT string_agg(concat_ws(' ', path, value, lock_kind), chr(10)) FROM ingest.setting_versions`).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(kept, "Hx7tQ2") || strings.Contains(kept, "enabled") || strings.Contains(kept, "locked") || !strings.Contains(kept, `waiting_room {"other_kind":"text"} text`) {
			t.Errorf("kept:\n%s", kept)
		}
	}
	run("4", other)
	if got, want := changes(), "setting meeting_security.waiting_room true false 16"; got != want {
		t.Errorf("changes: %q, want %q: since the last reading of the value before", got, want)
	}
	if r := run("5", right)["CIS-1.1.1.2"]; r.Status != posture.Pass {
		t.Errorf("%s: %s", r.Status, r.Reason)
	}
}
