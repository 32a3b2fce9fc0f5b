package main

import (
	"testing"
	"time"

	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

// What the steps of a control come to between two times.
func TestSettledSteps(t *testing.T) {
	coverage, joined := &posture.Change{Cause: posture.CauseCoverage}, &posture.Change{Cause: posture.CauseJoined}
	for name, c := range map[string]struct {
		from, to posture.Status
		net      int
		grew     *posture.Change
		want     string // regressed, improved, coverage, joined, verdict or "" for nothing
	}{
		"worse":                              {posture.Pass, posture.Fail, -1, nil, "regressed"},
		"better":                             {posture.Fail, posture.Pass, 1, nil, "improved"},
		"there and back":                     {posture.Pass, posture.Pass, 0, nil, ""},
		"known for the first time":           {posture.Unknown, posture.Fail, 0, nil, "verdict"},
		"more was read":                      {posture.Pass, posture.PartialPass, 0, coverage, "coverage"},
		"more was read, and one turned weak": {posture.Pass, posture.PartialPass, -1, coverage, "regressed"},
		"more was read, one turned and back": {posture.Pass, posture.PartialPass, 0, coverage, "coverage"},
		"one more turned weak":               {posture.PartialPass, posture.PartialPass, -1, nil, "regressed"},
		"one less is weak":                   {posture.PartialPass, posture.PartialPass, 1, nil, "improved"},
		"one joined weak":                    {posture.PartialPass, posture.PartialPass, 0, joined, "joined"},
		"more was read, verdict as before":   {posture.PartialPass, posture.PartialPass, 0, coverage, ""},
	} {
		x := changedControl{Change: posture.Change{From: c.from, To: c.to}, net: c.net, grew: c.grew}
		got := ""
		if x.settle() {
			switch {
			case x.Regression():
				got = "regressed"
			case x.Improvement():
				got = "improved"
			case x.Growth():
				got = x.Cause
			default:
				got = "verdict"
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What the log has of the time before the first reading of settings, and nothing of the time after it.
func TestChangesByTheLogAlone(t *testing.T) {
	db, err := store.Open(t.Context(), "", store.Options{Threads: 1, AppVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	first := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	for _, q := range []string{
		`INSERT INTO ingest.setting_versions VALUES ('in_meeting.file_transfer', 'true', NULL, 'settings', TIMESTAMP '2026-03-10 09:00', 'r', NULL)`,
		`INSERT INTO meta.feeds (feed, state, covered_from) VALUES ('operations', 'ok', TIMESTAMP '2025-09-10')`,
		`INSERT INTO ingest.operations (operation_id, operator, occurred_at, category, action, subject, changes, batch, run_id) VALUES
			('old', 'a@example.com', TIMESTAMP '2026-02-01', 'Account', 'Update', NULL, '[{"setting":"Waiting Room","old":"On","new":"Off"}]', 1, 'r'),
			('one', 'a@example.com', TIMESTAMP '2026-03-09', 'Account', 'Update', NULL, '[{"setting":"File transfer","old":"Off","new":"On"},{"setting":"Chat","old":"Off","new":"On"}]', 1, 'r'),
			('grp', 'a@example.com', TIMESTAMP '2026-03-08', 'User Group', 'Update', 'Edit Group IT', '[{"setting":"Reactions","old":"Off","new":"On"}]', 1, 'r'),
			('oth', 'a@example.com', TIMESTAMP '2026-03-09', 'Recording', 'Delete', NULL, '[{"setting":"x","old":"y","new":"z"}]', 1, 'r'),
			('now', 'a@example.com', TIMESTAMP '2026-03-10 10:00', 'Account', 'Update', NULL, '[{"setting":"Late","old":"Off","new":"On"}]', 1, 'r')`,
	} {
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	l, err := readLoggedChanges(t.Context(), db, first.AddDate(0, 0, -7))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range l.changes {
		got = append(got, c.Setting+" "+c.Old+" "+c.New)
	}
	if want := []string{"Chat Off On", "File transfer Off On", "Edit Group IT: Reactions Off On"}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || !l.from.Equal(first) || l.more != 0 {
		t.Errorf("from %s: %q and %d more, want %q", l.from, got, l.more, want)
	}
	if l, err = readLoggedChanges(t.Context(), db, first.Add(time.Minute)); err != nil || !l.from.IsZero() || len(l.changes) != 0 {
		t.Errorf("after the first reading: %+v, %v", l, err)
	}
}
