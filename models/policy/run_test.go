package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A bench is a database and a folder of policies.
type bench struct {
	t   *testing.T
	db  *store.DB
	dir string
	n   int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), "", store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &bench{t: t, db: db, dir: t.TempDir()}
}

func (b *bench) exec(q string, args ...any) {
	b.t.Helper()
	if _, err := b.db.Exec(b.t.Context(), q, args...); err != nil {
		b.t.Fatalf("%s: %v", q, err)
	}
}

// write puts a policy into the folder.
func (b *bench) write(name string, text []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), text, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// signIn lands a sign-in so many hours after the start.
func (b *bench) signIn(user string, hours int) {
	b.n++
	b.exec(`INSERT INTO ingest.activities BY NAME SELECT 'a' || ? AS activity_id, ? AS user_email, ? AS occurred_at, 'sign_in' AS kind, '198.51.100.7' AS ip_address, '198.51.100.0/24' AS ip_prefix,
		'Windows' AS client_type, '6.1.2.3' AS client_version, 1 AS batch, 'r' AS run_id`, fmt.Sprint(b.n), user, start.Add(time.Duration(hours)*time.Hour))
}

func (b *bench) run(hours int) Summary {
	b.t.Helper()
	s, err := Run(b.t.Context(), b.db, Options{Dir: b.dir, Now: start.Add(time.Duration(hours) * time.Hour), RunID: fmt.Sprint("run", hours)})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// all returns the rows of a query as text.
func (b *bench) all(q string) []string {
	b.t.Helper()
	var r struct {
		Text []string `col:"t"`
	}
	if err := b.db.Read(b.t.Context(), &r, `SELECT x::VARCHAR AS t FROM (`+q+`) AS x ORDER BY 1`); err != nil {
		b.t.Fatal(err)
	}
	return r.Text
}

func (b *bench) status(id string) Status {
	b.t.Helper()
	list, err := ReadStatus(b.t.Context(), b.db)
	if err != nil {
		b.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(s Status) bool { return s.ID == id })
	if i < 0 {
		b.t.Fatalf("no policy %s in %+v", id, list)
	}
	return list[i]
}

const signIns = "SELECT occurred_at, user_email, activity_id FROM activities WHERE occurred_at >= $since AND occurred_at <= $until"

func TestRun(t *testing.T) {
	b := newBench(t)
	b.write("a.sql", file("ACME-1", "schedule: every_run\nwindow: 2d\nattack: {version: 18, techniques: [T1078]}\n", signIns))
	b.write("b.sql", file("ACME-2", "class: behavior\nschedule: daily\nwindow: 2d\n", signIns))
	b.signIn("a@example.com", 10)
	if s := b.run(12); s.Policies != 2 || s.Evaluated != 2 || s.Alerts != 1 || s.Behaviors != 1 {
		t.Fatalf("%+v", s)
	}
	const alerts = `SELECT alert_id, detection_id, title, severity, user_email, window_start, window_end, status, attack_techniques, first_seen_at, last_seen_at, run_id FROM alerts`
	const behaviors = `SELECT behavior_id, detection_id, user_email, window_start, observed, unit, suppressed_by FROM behaviors`
	was, wasBehaviors := b.all(alerts), b.all(behaviors)
	const about = "'detection_id': ACME-1, 'title': A title, 'severity': low, 'user_email': a@example.com, 'window_start': 2026-03-02 10:00:00, 'window_end': 2026-03-02 10:00:00, 'status': new, 'attack_techniques': T1078"
	if len(was) != 1 || !strings.Contains(was[0], about) || len(wasBehaviors) != 1 {
		t.Fatalf("%q %q", was, wasBehaviors)
	}
	// The same clock again: the daily one is not due, the other finds the same rows.
	if s := b.run(12); s.Evaluated != 1 || s.Alerts != 0 || !slices.Equal(b.all(alerts), was) {
		t.Errorf("again: %+v %q", s, b.all(alerts))
	}
	// The behaviour goes on: the same alert, seen later. Its triage stays.
	b.exec(`INSERT INTO models.triage (alert_id, status, set_at) SELECT alert_id, 'in_progress', ? FROM alerts`, start.Add(13*time.Hour))
	b.signIn("a@example.com", 20)
	if s := b.run(21); s.Alerts != 0 {
		t.Errorf("%+v", s)
	}
	if got := b.all(`SELECT status, last_seen_at, window_end, run_id FROM alerts`); len(got) != 1 || got[0] != "{'status': in_progress, 'last_seen_at': 2026-03-02 20:00:00, 'window_end': 2026-03-02 20:00:00, 'run_id': run12}" {
		t.Errorf("%q", got)
	}
	if got := b.all(behaviors); !slices.Equal(got, wasBehaviors) {
		t.Errorf("the daily one ran again after 9 hours: %q", got)
	}
	if s := b.run(37); s.Evaluated != 2 {
		t.Errorf("the daily one is not due after a day: %+v", s)
	}
	// Nothing was looked at for ten days; what happened then is made up for.
	b.signIn("b@example.com", 100)
	if s := b.run(37 + 240); s.Alerts != 1 || s.Behaviors != 1 {
		t.Errorf("after a pause: %+v", s)
	}
	if got := b.all(`SELECT policy_id, state, findings FROM policies`); len(got) != 2 || got[0] != "{'policy_id': ACME-1, 'state': on, 'findings': 2}" {
		t.Errorf("%q", got)
	}
}

// False positives suppress what is alike; it shows among the behaviors and in the view suppressions.
func TestRunSuppresses(t *testing.T) {
	b := newBench(t)
	b.write("a.sql", file("ACME-1", "schedule: every_run\nwindow: 2d\n", signIns))
	b.signIn("a@example.com", 10)
	b.run(12)
	b.exec(`INSERT INTO models.triage (alert_id, status, set_at, detection_id, user_email) SELECT alert_id, 'false_positive', ?, detection_id, user_email FROM alerts`, start.Add(13*time.Hour))
	b.signIn("a@example.com", 300)
	if s := b.run(301); s.Alerts != 0 || s.Behaviors != 1 {
		t.Errorf("%+v", s)
	}
	if got := b.all(`SELECT detection_id, hits FROM suppressions`); len(got) != 1 || got[0] != "{'detection_id': ACME-1, 'hits': 1}" {
		t.Errorf("%q", got)
	}
	b.exec(`INSERT INTO models.triage (alert_id, status, set_at) SELECT alert_id, 'benign', ? FROM alerts`, start.Add(302*time.Hour))
	b.run(303)
	if got := b.all(`SELECT count(*) AS n, count(*) FILTER (WHERE status = 'new') AS new FROM alerts`); got[0] != "{'n': 2, 'new': 1}" {
		t.Errorf("undone: %q", got)
	}
}

func TestRunStopsRunaways(t *testing.T) {
	b := newBench(t)
	b.write("a.sql", file("ACME-1", "schedule: every_run\nwindow: 7d\ndaily_limit: 2\n", signIns))
	for i := range 5 {
		b.signIn(fmt.Sprintf("u%d@example.com", i), 1+i)
	}
	if s := b.run(10); s.Alerts != 2 || s.Withheld != 3 || b.status("ACME-1").State != On {
		t.Fatalf("%+v", s)
	}
	if s := b.run(12); s.Alerts != 0 || s.Withheld != 3 { // the same day
		t.Errorf("%+v", s)
	}
	if s := b.run(34); s.Alerts != 2 || s.Withheld != 1 { // the next day
		t.Errorf("%+v", s)
	}
	for i := range 5 {
		b.signIn(fmt.Sprintf("v%d@example.com", i), 40+i)
	}
	s := b.run(58)
	if st := b.status("ACME-1"); st.State != Disabled || st.Reason != "reached its daily limit of 2 alerts on 3 days in a row" || len(s.Disabled) != 1 || s.Alerts != 2 {
		t.Fatalf("%+v %+v", st, s)
	}
	if s := b.run(80); s.Evaluated != 0 || len(s.Disabled) != 1 {
		t.Errorf("disabled, and runs: %+v", s)
	}
	enable := func(f func(*store.Tx) error) error { return b.db.Tx(t.Context(), f) }
	if err := enable(func(tx *store.Tx) error { return Enable(t.Context(), tx, "ACME-1", start.Add(81*time.Hour)) }); err != nil {
		t.Fatal(err)
	}
	if s := b.run(82); s.Evaluated != 1 || s.Alerts != 2 {
		t.Errorf("enabled: %+v", s)
	}
	// At once more than ten times its limit: more than twenty.
	for i := range 30 {
		b.signIn(fmt.Sprintf("w%d@example.com", i), 83)
	}
	b.run(110)
	if st := b.status("ACME-1"); st.State != Disabled || !strings.HasPrefix(st.Reason, "ran away: 3") {
		t.Fatalf("%+v", st)
	}
	b.write("a.sql", file("ACME-1", "schedule: every_run\nwindow: 7d\ndaily_limit: 200\n", signIns)) // edited
	if s := b.run(111); s.Evaluated != 1 || b.status("ACME-1").State != On || s.Withheld != 0 {
		t.Errorf("edited: %+v", s)
	}
	if err := enable(func(tx *store.Tx) error { return Disable(t.Context(), tx, "ACME-1", start.Add(111*time.Hour)) }); err != nil {
		t.Fatal(err)
	}
	b.write("a.sql", file("ACME-1", "schedule: every_run\nwindow: 7d\n", signIns))
	if s := b.run(112); s.Evaluated != 0 || b.status("ACME-1").State != Stopped {
		t.Errorf("a person stopped it, and an edit lets it run: %+v", s)
	}
	if err := enable(func(tx *store.Tx) error { return Enable(t.Context(), tx, "ACME-9", start) }); err == nil || !strings.Contains(err.Error(), ErrNoPolicy.Error()) {
		t.Errorf("%v", err)
	}
}

// Whatever is wrong with one policy, the others run, and the run comes to its end.
func TestRunGoesOn(t *testing.T) {
	b := newBench(t)
	b.signIn("a@example.com", 10)
	b.write("broken.sql", []byte("SELECT 1"))
	b.write("column.sql", file("ACME-COL", "", "SELECT occurred_at, nobody AS user_email FROM activities"))
	b.write("fails.sql", file("ACME-FAIL", "schedule: daily\n", "SELECT occurred_at, user_email, ip_address::INTEGER AS n FROM activities"))
	b.write("many.sql", file("ACME-MANY", "schedule: daily\n", "SELECT occurred_at, user_email FROM activities, range(10001)"))
	b.write("off.sql", file("ACME-OFF", "enabled: false\n", signIns))
	b.write("works.sql", file("ACME-WORKS", "", signIns))
	s := b.run(12)
	slices.Sort(s.Failed)
	if s.Alerts != 1 || !slices.Equal(s.Failed, []string{"ACME-FAIL", "ACME-MANY"}) || !slices.Equal(s.Broken, []string{"broken.sql", "ACME-COL"}) {
		t.Fatalf("%+v", s)
	}
	for id, want := range map[string]string{"ACME-FAIL": "Could not convert", "ACME-MANY": "more than 10000 rows"} {
		if st := b.status(id); st.State != On || st.Failures != 1 || !strings.Contains(st.LastError, want) {
			t.Errorf("%+v", st)
		}
	}
	for id, want := range map[string]string{"broken.sql": "has no head", "ACME-COL": `"nobody" not found`} {
		if st := b.status(id); st.State != Broken || !strings.Contains(st.Reason, want) {
			t.Errorf("%+v", st)
		}
	}
	if st := b.status("ACME-OFF"); st.State != Off {
		t.Errorf("%+v", st)
	}
	b.run(13) // failed ones do not wait for their schedule
	s = b.run(14)
	slices.Sort(s.Disabled)
	if !slices.Equal(s.Disabled, []string{"ACME-FAIL", "ACME-MANY"}) {
		t.Errorf("%+v", s)
	}
	if st := b.status("ACME-FAIL"); !strings.HasPrefix(st.Reason, "failed 3 times in a row: ") {
		t.Errorf("%+v", st)
	}
	b.write("fails.sql", file("ACME-FAIL", "", signIns))
	if s := b.run(15); s.Alerts != 1 || b.status("ACME-FAIL").Failures != 0 {
		t.Errorf("mended: %+v", s)
	}
	// Files that are gone are forgotten; what they raised stays.
	if err := os.Remove(filepath.Join(b.dir, "works.sql")); err != nil {
		t.Fatal(err)
	}
	b.run(16)
	if got := b.all(`SELECT count(*) AS n FROM policies WHERE policy_id = 'ACME-WORKS'`); got[0] != "{'n': 0}" {
		t.Errorf("%q", got)
	}
	if got := b.all(`SELECT count(*) AS n FROM alerts WHERE detection_id = 'ACME-WORKS'`); got[0] != "{'n': 1}" {
		t.Errorf("%q", got)
	}
}

// A statement that takes too long is stopped, and the database is as usable as before.
func TestRunStopsSlow(t *testing.T) {
	b := newBench(t)
	b.signIn("a@example.com", 10)
	b.write("slow.sql", file("ACME-SLOW", "schedule: daily\n", "SELECT occurred_at, user_email FROM activities WHERE (SELECT count(*) FROM range(100000000) AS a, range(100000000) AS b WHERE a.range % 7 = b.range % 11) > 0"))
	s, err := Run(t.Context(), b.db, Options{Dir: b.dir, Now: start.Add(12 * time.Hour), RunID: "r", Timeout: 200 * time.Millisecond})
	if err != nil || !slices.Equal(s.Failed, []string{"ACME-SLOW"}) {
		t.Fatalf("%+v, %v", s, err)
	}
	if st := b.status("ACME-SLOW"); !strings.Contains(st.LastError, "took longer than 200ms") || st.Seconds > 10 {
		t.Errorf("%+v", st)
	}
}

// A trial raises what runs on schedule would have, and leaves no trace.
func TestTry(t *testing.T) {
	b := newBench(t)
	for _, h := range []int{10, 30, 250} {
		b.signIn("a@example.com", h)
	}
	b.exec(`INSERT INTO ingest.users BY NAME SELECT 'u' || range AS email, 'active' AS status, '' AS row_hash, TIMESTAMP '2026-01-01' AS first_seen_at, 'r' AS run_id FROM range(10)`)
	p, err := Parse("x.sql", file("ACME-1", "schedule: daily\nwindow: 1d\n", signIns))
	if err != nil {
		t.Fatal(err)
	}
	c, err := newChecker(t).Check(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Try(t.Context(), b.db, c, start, start.Add(14*day), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != 2 || got.Evaluations != 14 || got.PerWeek != 1 || got.PerThousand != 100 || got.Users != 10 || got.LimitedDays != 0 {
		t.Errorf("%+v", got)
	}
	if len(got.Warnings) != 1 || !strings.HasPrefix(got.Warnings[0], "100 alerts per 1,000 users and week: people stop reading above 5") {
		t.Errorf("%q", got.Warnings)
	}
	if n := b.all(`SELECT count(*) AS n FROM models.policy_findings`); n[0] != "{'n': 0}" {
		t.Errorf("%q", n)
	}
	if _, err := Try(t.Context(), b.db, c, start, start, time.Minute); err == nil {
		t.Error("a trial over no time")
	}
}
