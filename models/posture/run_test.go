package posture

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zoomward/zoomward/store"
)

func openDB(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), "", store.Options{Threads: 1, AppVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func exec(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(context.Background(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func setting(t *testing.T, db *store.DB, path, value string, locked any, at time.Time) {
	t.Helper()
	var v any
	if value != "" {
		v = value
	}
	exec(t, db, `INSERT INTO ingest.setting_versions (path, value, locked, source, fetched_at, run_id) VALUES (?, ?, ?, 'settings', ?, 'r0')`, path, v, locked, at)
}

func run(t *testing.T, db *store.DB, id string, at time.Time, change ...func(*Options)) Summary {
	t.Helper()
	o := Options{RunID: id, AccountID: "acct", Now: func() time.Time { return at }}
	for _, f := range change {
		f(&o)
	}
	s, err := Run(context.Background(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type shown struct {
	Status   []string    `col:"status"`
	Observed []string    `col:"observed"`
	Locked   []*bool     `col:"locked"`
	Points   []float64   `col:"points"`
	Changed  []time.Time `col:"changed_at"`
}

func show1(t *testing.T, db *store.DB, id string) shown {
	t.Helper()
	var s shown
	if err := db.Read(context.Background(), &s, `SELECT status, observed, locked, points, changed_at FROM main.posture WHERE control_id = ?`, id); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRunWritesChangesOnly(t *testing.T) {
	db := openDB(t)
	ctx := context.Background()
	exec(t, db, `INSERT INTO meta.feeds (feed, state, message) VALUES ('settings', 'ok', NULL), ('users', 'ok', NULL)`)
	exec(t, db, `INSERT INTO ingest.users (user_id, email, type, status, role_id, groups, row_hash, first_seen_at, last_login_at, run_id) VALUES
		('a', 'u00001@example.com', 'licensed', 'active', '0', ['g1', 'g2'], 'h', ?, ?, 'r0'),
		('b', 'u00002@example.com', 'basic', 'active', '2', NULL, 'h', ?, NULL, 'r0'),
		('c', 'u00003@example.com', 'basic', 'deleted', '0', NULL, 'h', ?, NULL, 'r0')`, asOf, asOf, asOf, asOf)
	setting(t, db, "meeting_security.waiting_room", "false", false, asOf.AddDate(0, 0, -2))
	setting(t, db, "meeting_security.waiting_room", "true", true, asOf.AddDate(0, 0, -1))
	setting(t, db, "schedule_meeting.meeting_authentication", "", true, asOf)
	setting(t, db, "meeting_authentication", "true", nil, asOf)
	setting(t, db, twoFactorMode, `"group"`, nil, asOf)
	setting(t, db, twoFactorGroups, `["g1"]`, nil, asOf)

	first := run(t, db, "r1", asOf)
	total := len(catalogue(t).Controls)
	if first.Written != total || len(first.Changes) != total {
		t.Fatalf("the first run wrote %d rows and %d changes, want %d", first.Written, len(first.Changes), total)
	}
	yes, no := true, false
	for id, want := range map[string]shown{
		"CIS-1.1.1.2": {[]string{"pass"}, []string{"on"}, []*bool{&yes}, []float64{8}, []time.Time{asOf}},
		"CIS-1.1.1.9": {[]string{"pass"}, []string{"on"}, []*bool{&yes}, []float64{8}, []time.Time{asOf}},
		"MS-ZOOM-01":  {[]string{"partial"}, []string{"group, covers 1 of 2 active users (50 %)"}, []*bool{nil}, []float64{5}, []time.Time{asOf}},
		"ZW-USR-04":   {[]string{"pass"}, []string{"owners: 1 (u00001@example.com); admins: 0"}, []*bool{nil}, []float64{8}, []time.Time{asOf}},
		"MS-ZOOM-02":  {[]string{"unknown"}, []string{""}, []*bool{nil}, []float64{0}, []time.Time{asOf}},
	} {
		if diff := cmp.Diff(want, show1(t, db, id)); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}

	again := run(t, db, "r2", asOf.Add(time.Hour))
	if again.Written != 0 || len(again.Changes) != 0 || again.Score != first.Score {
		t.Errorf("nothing changed, yet the second run wrote %d rows, score %+v after %+v", again.Written, again.Score, first.Score)
	}

	// A lock alone is worth a row; a value is a change of the verdict.
	setting(t, db, "meeting_security.waiting_room", "true", false, asOf.Add(time.Hour))
	if s := run(t, db, "r3", asOf.Add(2*time.Hour)); s.Written != 5 || len(s.Changes) != 1 { // the waiting room, three options of it, and ZW-MTG-15, which fails now
		t.Errorf("a lock was opened: %d rows, changes %+v", s.Written, s.Changes)
	}
	if diff := cmp.Diff(shown{[]string{"pass"}, []string{"on"}, []*bool{&no}, []float64{8}, []time.Time{asOf.Add(2 * time.Hour)}}, show1(t, db, "CIS-1.1.1.2")); diff != "" {
		t.Error(diff)
	}
	setting(t, db, "meeting_security.waiting_room", "false", false, asOf.Add(3*time.Hour))
	worse := run(t, db, "r4", asOf.Add(3*time.Hour))
	want := []Change{{"CIS-1.1.1.2", "A waiting room stands before every meeting", High, Pass, Fail, "", ""}}
	// Its three options are not known here, and fail without it: that is no regression.
	if diff := cmp.Diff(want, slices.DeleteFunc(slices.Clone(worse.Changes), func(c Change) bool { return !c.Regression() })); diff != "" || len(worse.Changes) != 4 {
		t.Errorf("changes: %s; all: %+v", diff, worse.Changes)
	}
	if worse.Score.Score >= first.Score.Score {
		t.Errorf("score %v after %v", worse.Score.Score, first.Score.Score)
	}

	// A clock that was set back does not hide the newest verdict; the same run id keeps one score.
	setting(t, db, "meeting_security.waiting_room", "true", false, asOf.Add(4*time.Hour))
	run(t, db, "r4", asOf)
	if s := show1(t, db, "CIS-1.1.1.2"); s.Status[0] != "pass" || !s.Changed[0].After(asOf.Add(3*time.Hour)) {
		t.Errorf("after the clock was set back: %+v", s)
	}
	var scores struct {
		RunID []string `col:"run_id"`
	}
	if err := db.Read(ctx, &scores, `SELECT run_id FROM models.posture_scores ORDER BY run_id`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"r1", "r2", "r3", "r4"}, scores.RunID); diff != "" {
		t.Errorf("scores: %s", diff)
	}
}

func TestRunClosesControlsThatAreGone(t *testing.T) {
	db := openDB(t)
	exec(t, db, `INSERT INTO models.posture_results VALUES ('ZW-OLD-01', 'Old', 'high', 'account', 'acct', 'fail', 'on', 'off', NULL, 0, 8, NULL, 'r', 'm', ?, 'r0', NULL, NULL)`, asOf)
	run(t, db, "r1", asOf)
	var status string
	var shown int64
	if err := db.Row(context.Background(), `SELECT arg_max(status, changed_at), (SELECT count(*) FROM posture WHERE control_id = 'ZW-OLD-01') FROM models.posture_results WHERE control_id = 'ZW-OLD-01'`).Scan(&status, &shown); err != nil {
		t.Fatal(err)
	}
	if status != "not_applicable" || shown != 0 {
		t.Errorf("a control that is gone is %s and shown %d times", status, shown)
	}
	if s := run(t, db, "r2", asOf.Add(time.Hour)); s.Written != 0 {
		t.Errorf("it is closed again: %d rows", s.Written)
	}
}

func TestRunOnAnEmptyDatabase(t *testing.T) {
	db := openDB(t)
	s := run(t, db, "r1", asOf)
	if s.Score != (Score{}) || s.Counts[Unknown]+s.Counts[NotApplicable]+s.Counts[Manual] != len(s.Results) {
		t.Errorf("nothing was read, yet %+v, %v", s.Score, s.Counts)
	}
}

func TestRunRefusesAWrongConfiguration(t *testing.T) {
	db := openDB(t)
	for want, change := range map[string]func(*Options){
		"posture.params.nothing": func(o *Options) { o.Params = Params{"nothing": 1} },
		"a clock":                func(o *Options) { o.Now = nil },
		"posture.profile":        func(o *Options) { o.Profile = "best" },
		"CIS-9":                  func(o *Options) { o.Exceptions = []Exception{{Control: "CIS-9", State: Planned, Reason: "r"}} },
	} {
		o := Options{RunID: "r", Now: func() time.Time { return asOf }}
		change(&o)
		if _, err := Run(context.Background(), db, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %s", err, want)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(cancelled, db, Options{RunID: "r", Now: func() time.Time { return asOf }}); err == nil {
		t.Error("a cancelled run reports success")
	}
}

// Whoever judges without the credentials at hand judges the account of before; another account takes its place.
func TestRunKeepsTheAccount(t *testing.T) {
	db := openDB(t)
	rows := func(account string) int64 {
		t.Helper()
		var n int64
		if err := db.Row(context.Background(), `SELECT count(*) FROM posture WHERE resource_id = ?`, account).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	all := int64(len(catalogue(t).Controls))
	run(t, db, "r1", asOf)
	s := run(t, db, "r2", asOf.Add(time.Hour), func(o *Options) { o.AccountID = "" })
	if len(s.Changes) != 0 || s.Written != 0 || rows("acct") != all || rows("me") != 0 {
		t.Errorf("without an account id: %d changes, %d rows written, %d of acct, %d of me", len(s.Changes), s.Written, rows("acct"), rows("me"))
	}
	run(t, db, "r3", asOf.Add(2*time.Hour), func(o *Options) { o.AccountID = "other" })
	if rows("acct") != 0 || rows("other") != all {
		t.Errorf("of another account: %d rows of the former, %d of the latter", rows("acct"), rows("other"))
	}
}
