package posture

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// An account whose waiting room is on and open, with ten users of whom the feed of user settings has read none yet. CIS-1.1.1.2 asks for the waiting room.
func waitingRoomAccount(t *testing.T) *store.DB {
	t.Helper()
	db := openDB(t)
	for _, feed := range []string{"settings", "users", "groups"} {
		exec(t, db, `INSERT INTO meta.feeds (feed, state, covered_from, last_success_at) VALUES (?, 'ok', ?, ?)`, feed, daysAgo(180), asOf)
	}
	exec(t, db, `INSERT INTO meta.feeds (feed, state, due) VALUES ('user_settings', 'ok', 10)`)
	for i := range 10 {
		joins(t, db, i, daysAgo(60))
	}
	setting(t, db, "meeting_security.waiting_room", "true", nil, daysAgo(1))
	return db
}

func joins(t *testing.T, db *store.DB, i int, at time.Time) {
	t.Helper()
	exec(t, db, `INSERT INTO ingest.users (user_id, email, type, status, role_id, verified, joined_at, row_hash, first_seen_at, run_id) VALUES (?, ?, 'licensed', 'active', '2', true, ?, 'h', ?, 'r0')`,
		fmt.Sprint("u", i), fmt.Sprintf("u%d@example.com", i), at, at)
}

// reads has the feed read the waiting room of user i.
func reads(t *testing.T, db *store.DB, i int, value string, at time.Time) {
	t.Helper()
	exec(t, db, `INSERT INTO ingest.scoped_settings SELECT 'user '||?, 'user', ?, 'meeting_security.waiting_room', ?, NULL, 'h', ?, NULL, 'r0', NULL`, fmt.Sprint(i), fmt.Sprint("u", i), value, at)
}

func changeOf(s *Summary, control string) Change {
	for _, c := range s.Changes {
		if c.ControlID == control {
			return c
		}
	}
	return Change{}
}

func TestCoverageIsNoRegression(t *testing.T) {
	const control = "CIS-1.1.1.2"
	const (
		none = iota
		regressed
		improved
		grown
	)
	type step struct {
		do    func(t *testing.T, db *store.DB, at time.Time)
		kind  int
		cause string
		why   string // part of it
	}
	weak := func(users ...int) func(*testing.T, *store.DB, time.Time) {
		return func(t *testing.T, db *store.DB, at time.Time) {
			for _, i := range users {
				reads(t, db, i, "false", at)
			}
		}
	}
	sound := func(users ...int) func(*testing.T, *store.DB, time.Time) {
		return func(t *testing.T, db *store.DB, at time.Time) {
			for _, i := range users {
				reads(t, db, i, "true", at)
			}
		}
	}
	turns := func(i int, value string) func(*testing.T, *store.DB, time.Time) {
		return func(t *testing.T, db *store.DB, _ time.Time) {
			exec(t, db, `UPDATE ingest.scoped_settings SET value = ? WHERE scope_id = ?`, value, fmt.Sprint("u", i))
		}
	}
	nothing := func(*testing.T, *store.DB, time.Time) {}
	for name, steps := range map[string][]step{
		"the feed reaches users whose setting is off": {
			{sound(0, 1), none, "", ""}, {weak(2, 3), grown, CauseCoverage, "coverage grew: the settings of 2 more users were read; verdict now partial"}, {nothing, none, "", ""}, {weak(4), none, "", ""},
		},
		"a user read before turns it off": {
			{sound(0, 1), none, "", ""}, {turns(0, "false"), regressed, "", ""}, {turns(0, "true"), improved, "", ""},
		},
		"a user read before turns it off, beside others who have it off": {
			{sound(0, 1), none, "", ""}, {weak(2), grown, CauseCoverage, "the settings of 1 more user were read"}, {turns(0, "false"), regressed, CauseWeakened, "1 more that was right before is not"},
			{turns(0, "true"), improved, CauseRepaired, "1 that was not right"},
		},
		"one turns it off while the feed reaches another": {
			{sound(0, 1), none, "", ""}, {func(t *testing.T, db *store.DB, at time.Time) { turns(1, "false")(t, db, at); weak(5)(t, db, at) }, regressed, "", ""},
		},
		"somebody joins with it off": {
			{sound(0, 1), none, "", ""},
			{func(t *testing.T, db *store.DB, at time.Time) { joins(t, db, 20, at); weak(20)(t, db, at) }, grown, CauseJoined, "1 that is not right joined since"},
			{func(t *testing.T, db *store.DB, at time.Time) { joins(t, db, 21, at); weak(21)(t, db, at) }, grown, CauseJoined, "verdict now partial"},
		},
		"the account turns it off": {
			{sound(0, 1), none, "", ""}, {func(t *testing.T, db *store.DB, at time.Time) {
				setting(t, db, "meeting_security.waiting_room", "false", nil, at)
			}, regressed, "", ""},
		},
		"the lock of the account goes and a reading from before shows": {
			{func(t *testing.T, db *store.DB, at time.Time) {
				setting(t, db, "meeting_security.waiting_room", "true", true, at)
				weak(0)(t, db, at)
			}, none, "", ""},
			{func(t *testing.T, db *store.DB, at time.Time) {
				setting(t, db, "meeting_security.waiting_room", "true", false, at)
			}, regressed, "", ""},
		},
		"whoever had it off leaves": {
			{weak(0), none, "", ""}, {weak(1), none, "", ""}, {func(t *testing.T, db *store.DB, _ time.Time) {
				exec(t, db, `UPDATE ingest.users SET status = 'deleted' WHERE user_id = 'u1'`)
			}, none, "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := waitingRoomAccount(t)
			for i, step := range steps {
				at := asOf.Add(time.Duration(i) * time.Hour)
				step.do(t, db, at)
				s := run(t, db, fmt.Sprint("r", i), at)
				if i == 0 {
					continue
				}
				c := changeOf(&s, control)
				kind := none
				switch {
				case c.Regression():
					kind = regressed
				case c.Improvement():
					kind = improved
				case c.Growth():
					kind = grown
				}
				if kind != step.kind || c.Cause != step.cause || !strings.Contains(c.Why, step.why) {
					t.Errorf("step %d: %+v, want kind %d, cause %q, %q", i, c, step.kind, step.cause, step.why)
				}
				var rows struct {
					Change []string `col:"change"`
				}
				if err := db.Read(context.Background(), &rows, `SELECT change FROM posture_changes WHERE control_id = ? AND changed_at >= ?`, control, at); err != nil {
					t.Fatal(err)
				}
				want := map[int]string{regressed: "regressed", improved: "improved", grown: step.cause}[step.kind]
				if got := strings.Join(rows.Change, " "); got != want {
					t.Errorf("step %d: the view says %q, want %q", i, got, want)
				}
			}
		})
	}
}

// Objects of a list that is read visit by visit, and those that are new, make no regression; one that was right and is right no more does.
func TestNewObjectsAreNoRegression(t *testing.T) {
	const control = "ZW-REC-10"
	recording := func(t *testing.T, db *store.DB, id, share string) {
		exec(t, db, `INSERT INTO ingest.recordings (recording_key, meeting_uuid, user_id, topic, row_hash, batch, run_id) VALUES (?, ?, 'a', 'T', 'h', 1, 'r0')`, id, id)
		exec(t, db, `INSERT INTO ingest.recording_settings (meeting_uuid, share_recording, has_password, recording_authentication, on_demand, row_hash, batch, run_id) VALUES (?, ?, false, false, false, 'h', 1, 'r0')`, id, share)
	}
	db := openDB(t)
	exec(t, db, `INSERT INTO meta.feeds (feed, state, watermark) SELECT unnest(['settings', 'users', 'recordings', 'recording_settings']), 'ok', ?`, asOf)
	recording(t, db, "one", "internally")
	run(t, db, "r1", asOf)
	recording(t, db, "two", "publicly")
	s := run(t, db, "r2", asOf.Add(time.Hour))
	if c := changeOf(&s, control); !c.Growth() || c.From != Pass || c.To != PartialPass || !strings.Contains(c.Why, "1 more recording was read") {
		t.Errorf("a public recording that was not read before: %+v", c)
	}
	exec(t, db, `UPDATE ingest.recording_settings SET share_recording = 'publicly' WHERE meeting_uuid = 'one'`)
	s = run(t, db, "r3", asOf.Add(2*time.Hour))
	if c := changeOf(&s, control); !c.Regression() || c.To != Fail {
		t.Errorf("one that was right before is made public: %+v", c)
	}

	// A database of an older version has no list of what was known: everything counts as known, as before.
	exec(t, db, `DELETE FROM models.posture_known`)
	exec(t, db, `UPDATE ingest.recording_settings SET share_recording = 'internally'`)
	if s = run(t, db, "r4", asOf.Add(3*time.Hour)); !changeOf(&s, control).Improvement() {
		t.Errorf("all put right: %+v", s.Changes)
	}
}

// Settings that are counted for all users, such as that hosts may pause recordings, are compared over those who were counted before.
func TestCountedSettingsOfMoreUsers(t *testing.T) {
	const path = "recording.host_pause_stop_recording"
	id := ""
	for _, c := range catalogue(t).Controls {
		c.Assert.walk(func(e *Expr) {
			if e.Path == path && e.In == "users" {
				id = c.ID
			}
		})
	}
	db := waitingRoomAccount(t)
	exec(t, db, `UPDATE meta.feeds SET due = 0, watermark = ? WHERE feed = 'user_settings'`, asOf)
	read := func(user, value string, at time.Time) {
		exec(t, db, `INSERT INTO ingest.scoped_settings SELECT 'p '||?, 'user', ?, ?, ?, NULL, 'h', ?, NULL, 'r0', NULL`, user, user, path, value, at)
	}
	read("u0", "true", asOf)
	read("u1", "true", asOf)
	run(t, db, "r1", asOf)
	read("u2", "false", asOf.Add(time.Hour))
	s := run(t, db, "r2", asOf.Add(time.Hour))
	if c := changeOf(&s, id); !c.Growth() || c.From != Pass {
		t.Errorf("%s: one more user was read: %+v", id, c)
	}
	exec(t, db, `UPDATE ingest.scoped_settings SET value = 'false'`)
	s = run(t, db, "r3", asOf.Add(2*time.Hour))
	if c := changeOf(&s, id); !c.Regression() {
		t.Errorf("%s: those read before turned: %+v", id, c)
	}
}
