package ingest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

func TestFirstRunThenNothingNew(t *testing.T) {
	db, a := openStore(t), smallAccount()
	rep := mustRun(t, db, a, testNow)
	if rep.Partial() {
		t.Fatalf("partial: %+v", rep)
	}
	inWindow := 0
	for _, o := range a.operations {
		if !o.Time.Before(oldest(testNow, 6)) {
			inWindow++
		}
	}
	if got := feedOf(t, rep, "operations").Landed; got != int64(inWindow) {
		t.Errorf("%d operations landed, want %d", got, inWindow)
	}
	if got := feedOf(t, rep, "activities").Landed; got != int64(2*inWindow) {
		t.Errorf("%d activities landed, want %d", got, 2*inWindow)
	}
	if got := feedOf(t, rep, "users").Landed; got != 4 {
		t.Errorf("%d users written, want 4", got)
	}
	before := dump(t, db)
	again := mustRun(t, db, a, testNow)
	if again.Landed() != 0 || again.Partial() {
		t.Errorf("second run: %+v", again)
	}
	if d := cmp.Diff(before, dump(t, db)); d != "" {
		t.Errorf("second run changed the tables (-first +second):\n%s", d)
	}
}

func TestRowsAreMapped(t *testing.T) {
	db, a := openStore(t), smallAccount()
	mustRun(t, db, a, testNow)
	var got string
	err := db.Row(t.Context(), `SELECT concat_ws('|', user_email, kind, ip_address, client_type, client_version, ip_prefix, coalesce(country_code, '-'), network_category)
		FROM ingest.activities WHERE occurred_at = TIMESTAMP '2026-08-31 14:04:05'`).Scan(&got)
	if want := "b@example.com|sign_in|192.0.2.7|Windows|6.0.0.1000|192.0.2.0/24|-|unknown"; err != nil || got != want {
		t.Errorf("sign-in %s, %v; want %s", got, err, want)
	}
	err = db.Row(t.Context(), `SELECT count(*) FROM ingest.activities WHERE kind = 'sign_out' AND ip_address IS NULL AND ip_prefix IS NULL AND client_type IS NULL AND latitude IS NULL AND asn IS NULL`).Scan(&got)
	if err != nil || got != "21" {
		t.Errorf("%s bare sign-outs, %v; want 21", got, err)
	}
	err = db.Row(t.Context(), `SELECT concat_ws('|', operator, category, action, subject, setting, old_value, new_value, changes) FROM ingest.operations WHERE occurred_at = TIMESTAMP '2026-08-31 14:04:05'`).Scan(&got)
	want := `owner@example.com|Account|Update|Security|Sign in with Two-Factor Authentication|On|Off|[{"setting":"Sign in with Two-Factor Authentication","old":"On","new":"Off"},{"setting":"Password length","old":"8","new":"14"}]`
	if err != nil || got != want {
		t.Errorf("operation %s, %v; want %s", got, err, want)
	}
}

func TestSubjectOfAnOperation(t *testing.T) {
	r := &runner{Options: Options{Now: testNow}}
	for detail, want := range map[string]string{
		"Deactivate User U7@example.com ":                            "u7@example.com",
		"delete user - u7@example.com":                               "u7@example.com",
		"Change Role  - u7@example.com: from User to Admin":          "u7@example.com",
		"Security  - Require a passcode: from On to Off":             "Security",
		"Edit Group Springfield  - Meeting passcode: from On to Off": "Edit Group Springfield",
	} {
		var f operationRows
		var c counts
		if err := f.add(r, &zoom.Operation{Time: testNow, Detail: detail}, &c); err != nil || len(f.Subject) != 1 || f.Subject[0] != want {
			t.Errorf("%q is about %q, %v; want %q", detail, f.Subject, err, want)
		}
	}
}

func TestKinds(t *testing.T) {
	for in, want := range map[string]string{"Sign in": "sign_in", "Sign out": "sign_out", "SIGN IN": "sign_in", " Sign-in (SSO) ": "sign_in_sso", "": "unknown"} {
		if got := kindOf(in); got != want {
			t.Errorf("kindOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWindowsOfARun(t *testing.T) {
	db, a := openStore(t), smallAccount()
	mustRun(t, db, a, testNow)
	asked := reportsAsked(a, "activities")
	if first := slices.Min(asked); !strings.HasPrefix(first, "2026-03-04..") { // 31 February rolls over to 3 March, and a day more
		t.Errorf("first window %s", first)
	}
	a.asked = nil
	later := testNow.AddDate(0, 0, 2)
	mustRun(t, db, a, later)
	if d := cmp.Diff([]string{"2026-08-28..2026-08-31", "2026-09-01..2026-09-02"}, reportsAsked(a, "activities")); d != "" {
		t.Errorf("windows of the next run (-want +got):\n%s", d)
	}
	var covered, watermark, settled time.Time
	if err := db.Row(t.Context(), `SELECT covered_from, watermark, settled_until FROM meta.feeds WHERE feed = 'activities'`).Scan(&covered, &watermark, &settled); err != nil {
		t.Fatal(err)
	}
	if !covered.Equal(date(t, "2026-03-04")) || !watermark.Equal(later) || !settled.Equal(later.Add(-DefaultOverlap)) {
		t.Errorf("covered from %v, watermark %v, settled until %v", covered, watermark, settled)
	}
	// A run as of an earlier time reads nothing and moves nothing back.
	a.asked = nil
	mustRun(t, db, a, testNow)
	if got := reportsAsked(a, "activities"); len(got) > 0 {
		t.Errorf("asked again for %v", got)
	}
	// After more than six months without a run, the gap is said.
	a.now = later.AddDate(0, 8, 0)
	rep := mustRun(t, db, a, a.now)
	if f := feedOf(t, rep, "activities"); f.State != StateOK || !strings.Contains(f.Message, "cannot be read any more") {
		t.Errorf("after a long pause: %+v", f)
	}
}

func reportsAsked(a *account, feed string) []string {
	var out []string
	for _, q := range a.asked {
		if w, ok := strings.CutPrefix(q, feed+"@"); ok {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}

// A Zoom that counts six months as 180 days must not stop the first run.
func TestZoomForgetsEarlier(t *testing.T) {
	db, a := openStore(t), smallAccount()
	a.oldest = dayOf(testNow).AddDate(0, 0, -180)
	f := feedOf(t, mustRun(t, db, a, testNow), "activities")
	if f.State != StateOK || f.Landed == 0 {
		t.Errorf("%+v", f)
	}
	var covered time.Time
	if err := db.Row(t.Context(), `SELECT covered_from FROM meta.feeds WHERE feed = 'activities'`).Scan(&covered); err != nil || covered.Before(a.oldest) || covered.After(a.oldest.Add(day)) {
		t.Errorf("covered from %v, zoom keeps rows from %v, %v", covered, a.oldest, err)
	}
	// It does not go on for ever.
	a.oldest, a.asked = testNow, nil
	db = openStore(t)
	if f := feedOf(t, mustRun(t, db, a, testNow), "activities"); f.State != StateFailed || len(reportsAsked(a, "activities")) > 20 {
		t.Errorf("%+v after %d calls", f, a.calls)
	}
}

func TestBackfillCanBeShorter(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{{Options{BackfillMonths: 1}, "2026-08-01"}, {Options{BackfillDays: 10}, "2026-08-21"}, {Options{BackfillDays: 1000}, "2026-03-04"}} {
		db, a := openStore(t), smallAccount()
		c.o.DB, c.o.Client, c.o.Now, c.o.RunID = db, a, testNow, "r"
		if _, err := Run(t.Context(), c.o); err != nil {
			t.Fatal(err)
		}
		if got := slices.Min(reportsAsked(a, "operations")); !strings.HasPrefix(got, c.want) {
			t.Errorf("first window %s, want from %s", got, c.want)
		}
	}
}

func TestLateRowsLandOnce(t *testing.T) {
	db, a := openStore(t), smallAccount()
	mustRun(t, db, a, testNow)
	late := zoom.Activity{Email: "c@example.com", Time: testNow.Add(-50 * time.Hour), Type: "Sign in"}
	future := zoom.Activity{Email: "c@example.com", Time: testNow.Add(26 * time.Hour), Type: "Sign in"}
	a.activities = append(a.activities, late, late, future)
	next := testNow.Add(25 * time.Hour)
	f := feedOf(t, mustRun(t, db, a, next), "activities")
	if f.Landed != 1 || f.Later != 1 {
		t.Errorf("%+v, want 1 landed and 1 later", f)
	}
	if f := feedOf(t, mustRun(t, db, a, next.Add(2*time.Hour)), "activities"); f.Landed != 1 || f.Later != 0 {
		t.Errorf("%+v, want the later one to land", f)
	}
}

func TestRejectedRowsAreCounted(t *testing.T) {
	db, a := openStore(t), smallAccount()
	a.activities = append(a.activities, zoom.Activity{Email: "  ", Time: testNow.Add(-time.Hour), Type: "Sign in"},
		zoom.Activity{Email: "x@example.com", Type: "Sign in"}) // the fake never lists a row without a time, zoom.Rejected is for those
	a.rejected = []zoom.Rejected{{Reason: `time "yesterday" is not RFC 3339`}}
	rep := mustRun(t, db, a, testNow)
	f := feedOf(t, rep, "activities")
	if want := int64(1 + f.Windows); f.Rejected != want || f.State != StateOK || !strings.Contains(f.Message, "RFC 3339") {
		t.Errorf("%+v, want %d rejected and the reason", f, want)
	}
	var r counts
	var rows activityRows
	rows.add(&runner{}, &zoom.Activity{Email: "x@example.com"}, &r)
	if r.rejected != 1 || r.reason != badTime {
		t.Errorf("zero time: %+v", r)
	}
}

func TestIdentity(t *testing.T) {
	if got, want := identity("a", "b", "c"), strings.Clone(identity("a", "b", "c")); got != want {
		t.Errorf("the same row has the identities %s and %s", got, want)
	}
	seen := map[string]string{}
	for _, fields := range [][]string{{"a", "b", "c"}, {"a", "bc", ""}, {"a", "", "bc"}, {"ab", "", "c"}, {"a", "b"}, {"a", "b", "c", ""}, {"x", "b", "c"}} {
		id := identity(fields[0], fields[1:]...)
		if len(id) != 32 {
			t.Errorf("identity %s has %d digits", id, len(id))
		}
		if other, twice := seen[id]; twice {
			t.Errorf("%q and %s have the same identity", fields, other)
		}
		seen[id] = fmt.Sprintf("%q", fields)
	}
	// Pinned: with another identity, every row of every user of this program would land a second time.
	if got, want := identity("activities", "B@example.com", "2026-08-31T14:04:05Z", "Sign in", "192.0.2.7", "Windows", "6.0.0.1000"), "af1302878c60e97943c0c90c756e6ffe"; got != want {
		t.Errorf("identity %s, want %s", got, want)
	}
}

func scopeError(path string) error {
	return fmt.Errorf("list activities, page 1: %w", &zoom.APIError{Status: http.StatusBadRequest, Code: 4711, Path: path,
		Message: "Invalid access token, does not contain scopes:[report:read:user_activities:admin]."})
}

func TestRefusedFeed(t *testing.T) {
	daily := &zoom.APIError{Status: http.StatusTooManyRequests, Code: 429, Limit: "daily", Message: "You have reached the maximum daily rate limit for this API."}
	for _, c := range []struct {
		name, ask   string
		err         error
		feed, state string
		says        []string
	}{
		{"scope", "activities", scopeError("/report/activities"), "activities", StateNotAuthorised, []string{"report:read:admin", "report:read:user_activities:admin"}},
		{"plan", "operations", &zoom.APIError{Status: 400, Code: 200, Message: "Only available for Paid account: abc."}, "operations", StatePlanTooLow, []string{"Pro plan", "Only available for Paid account: abc"}},
		{"forbidden", "operations", &zoom.APIError{Status: 403, Message: "Access to the Zoom REST API has been denied for this account"}, "operations", StateNotAuthorised, []string{"denied", "report:read:operation_logs:admin"}},
		{"daily", "activities", daily, "activities", StateFailed, []string{"00:00 UTC", "goes on"}},
		{"server error", "users active", &zoom.APIError{Status: 500, Message: "Internal"}, "users", StateFailed, []string{"500"}},
		{"locks alone", "locks", &zoom.APIError{Status: 400, Code: 4711, Path: "/accounts/me/lock_settings", Message: "Invalid access token, does not contain scopes:[x]."}, "settings", StateFailed, []string{"account:read:lock_settings:admin", "the rest was read"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, a := openStore(t), smallAccount()
			mustRun(t, db, a, testNow)
			var before int64
			count := `SELECT (SELECT count(*) FROM ingest.activities) + (SELECT count(*) FROM ingest.operations) + (SELECT count(*) FROM ingest.users WHERE status <> 'deleted') + (SELECT count(*) FROM settings WHERE value IS NOT NULL)`
			if err := db.Row(t.Context(), count).Scan(&before); err != nil {
				t.Fatal(err)
			}
			a.fail = map[string]error{c.ask: c.err}
			next := testNow.Add(day)
			rep := mustRun(t, db, a, next)
			for _, f := range rep.Feeds {
				if (f.Feed == c.feed) != (f.State != StateOK) {
					t.Errorf("feed %s is %s", f.Feed, f.State)
				}
			}
			f := feedOf(t, rep, c.feed)
			for _, s := range c.says {
				if !strings.Contains(f.Message, s) {
					t.Errorf("message %q, want %q in it", f.Message, s)
				}
			}
			if f.State != c.state || !rep.Partial() {
				t.Errorf("%+v, want state %s and a partial run", f, c.state)
			}
			var state, message string
			var success time.Time
			if err := db.Row(t.Context(), `SELECT state, message, last_success_at FROM meta.feeds WHERE feed = ?`, c.feed).Scan(&state, &message, &success); err != nil {
				t.Fatal(err)
			}
			if state != c.state || message != f.Message || !success.Equal(testNow) {
				t.Errorf("meta.feeds says %s, %q, last success %v", state, message, success)
			}
			var after int64
			if err := db.Row(t.Context(), count).Scan(&after); err != nil || after < before {
				t.Errorf("%d rows, %d before, %v", after, before, err)
			}
			a.fail = nil
			if rep := mustRun(t, db, a, next); rep.Partial() {
				t.Errorf("after the repair: %+v", rep)
			}
			var note sql.NullString
			if err := db.Row(t.Context(), `SELECT message FROM meta.feeds WHERE feed = ?`, c.feed).Scan(&note); err != nil || note.Valid {
				t.Errorf("message %v stays, %v", note, err)
			}
		})
	}
}

func TestConnectionErrorsEndTheRun(t *testing.T) {
	for name, err := range map[string]error{
		"token rejected": &zoom.TokenError{Status: 401, Code: "invalid_client", Reason: "Invalid client_id or client_secret"},
		"bad token":      &zoom.APIError{Status: 401, Code: 124, Message: "Invalid access token."},
		"unreachable":    &zoom.UnreachableError{Method: "GET", Host: "api.zoom.us", Path: "/users", Err: errors.New("connection refused")},
	} {
		for _, ask := range []string{"users active", "operations", "settings", "locks"} {
			db, a := openStore(t), smallAccount()
			a.fail = map[string]error{ask: err}
			rep, got := Run(t.Context(), Options{DB: db, Client: a, Now: testNow, RunID: "r"})
			var conn *ConnectionError
			if !errors.As(got, &conn) || !errors.Is(got, err) || !strings.HasPrefix(got.Error(), "ingest: zoom ") {
				t.Errorf("%s at %s: error %v", name, ask, got)
			}
			if !rep.Partial() {
				t.Errorf("%s at %s: report %+v", name, ask, rep)
			}
			if ask == "users active" && a.calls != 1 {
				t.Errorf("%s: %d calls after the first was refused", name, a.calls-1)
			}
		}
	}
}

// Stopped at any call by any kind of error, again and again, the next run leaves the tables that an undisturbed one leaves.
func TestStoppedAnywhere(t *testing.T) {
	run := func(db *store.DB, a *account) (Report, error) {
		return Run(context.Background(), Options{DB: db, Client: a, Now: testNow, RunID: "r", BackfillMonths: 2, Feeds: coreFeeds()})
	}
	ref, a := openStore(t), smallAccount()
	if rep, err := run(ref, a); err != nil || rep.Partial() {
		t.Fatalf("%+v, %v", rep, err)
	}
	want, asked := dump(t, ref), slices.Clone(a.asked)
	slices.Sort(asked) // feeds are read side by side
	kinds := []error{&zoom.UnreachableError{Err: errors.New("cut")}, &zoom.APIError{Status: 503}, scopeError("/x"), errors.New("list: broken page")}
	db := openStore(t)
	for i, call := range asked {
		for _, table := range []string{"ingest.activities", "ingest.operations", "ingest.users", "ingest.setting_versions", "meta.feeds"} {
			if _, err := db.Exec(context.Background(), `DELETE FROM `+table); err != nil {
				t.Fatal(err)
			}
		}
		a := smallAccount()
		second := asked[(7*i+3)%len(asked)]
		for _, once := range []map[string]error{{call: kinds[i%len(kinds)]}, {second: kinds[(i+1)%len(kinds)]}} {
			a.once = once
			_, _ = run(db, a)
		}
		a.once = nil
		if rep, err := run(db, a); err != nil || rep.Partial() {
			t.Fatalf("stopped at %s and %s: %+v, %v", call, second, rep, err)
		}
		if d := cmp.Diff(want, dump(t, db)); d != "" {
			t.Fatalf("stopped at %s and %s: tables differ (-undisturbed +stopped):\n%s", call, second, d)
		}
	}
}

func TestCancelledRunKeepsWholeWindows(t *testing.T) {
	db, a := openStore(t), smallAccount()
	ctx, cancel := context.WithCancel(t.Context())
	var pages atomic.Int64
	a.onPage = func() error {
		if pages.Add(1) == 9 {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	if _, err := Run(ctx, Options{DB: db, Client: a, Now: testNow, RunID: "r", Feeds: []string{"activities"}}); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	var watermark sql.NullTime
	var newest sql.NullTime
	if err := db.Row(t.Context(), `SELECT (SELECT watermark FROM meta.feeds WHERE feed = 'activities'), (SELECT max(occurred_at) FROM ingest.activities)`).Scan(&watermark, &newest); err != nil {
		t.Fatal(err)
	}
	if newest.Valid && (!watermark.Valid || newest.Time.After(watermark.Time)) {
		t.Errorf("rows up to %v, watermark %v", newest, watermark)
	}
	a.onPage = nil
	mustRun(t, db, a, testNow)
	ref := openStore(t)
	mustRun(t, ref, smallAccount(), testNow)
	if d := cmp.Diff(dump(t, ref), dump(t, db)); d != "" {
		t.Errorf("tables differ (-undisturbed +cancelled):\n%s", d)
	}
}

func TestOnlySomeFeeds(t *testing.T) {
	db, a := openStore(t), smallAccount()
	rep, err := Run(t.Context(), Options{DB: db, Client: a, Now: testNow, RunID: "r", Feeds: []string{"settings"}})
	if err != nil || len(rep.Feeds) != 1 || rep.Feeds[0].State != StateOK || a.calls != 7 {
		t.Errorf("%+v, %v, %d calls", rep, err, a.calls)
	}
	if _, err := Run(t.Context(), Options{DB: db, Client: a, Now: testNow, RunID: "r", Feeds: []string{"setings"}}); err == nil || !strings.Contains(err.Error(), "users, activities, operations, settings") {
		t.Errorf("error %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := Options{DB: openStore(t), Client: smallAccount(), Now: testNow, RunID: "r"}
	for want, spoil := range map[string]func(o *Options){
		"database and client": func(o *Options) { o.Client = nil },
		"clock":               func(o *Options) { o.Now = time.Time{} },
		"id of the run":       func(o *Options) { o.RunID = "" },
		"overlap":             func(o *Options) { o.Overlap = -1 },
		"zoom keeps 6":        func(o *Options) { o.BackfillMonths = 7 },
		"of -1 days":          func(o *Options) { o.BackfillDays = -1 },
	} {
		o := good
		spoil(&o)
		if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestProgress(t *testing.T) {
	db, a := openStore(t), smallAccount()
	last := map[string]Progress{}
	_, err := Run(t.Context(), Options{DB: db, Client: a, Now: testNow, RunID: "r", Feeds: coreFeeds(), Progress: func(p Progress) {
		if p.Done != last[p.Feed].Done+1 || p.Landed < last[p.Feed].Landed {
			t.Errorf("%+v after %+v", p, last[p.Feed])
		}
		if w := last[p.Feed].Window; !w.From.IsZero() && !p.Window.From.Equal(w.end()) {
			t.Errorf("window %v landed after %v", p.Window, w)
		}
		last[p.Feed] = p
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range coreFeeds() {
		if p := last[f]; p.Done != p.Total || p.Done == 0 {
			t.Errorf("feed %s ends at %+v", f, p)
		}
	}
}

func TestFeedsDescribeThemselves(t *testing.T) {
	for _, f := range Feeds() {
		if f.Name == "" || f.Title == "" || len(f.Endpoints) == 0 || (f.read == nil) == (f.visits == nil) {
			t.Errorf("%+v", f)
		}
		for i, scopes := range f.Scopes() {
			if len(scopes) == 0 || f.Endpoints[i].Label == "" || f.Endpoints[i].MinPlan == "" {
				t.Errorf("feed %s, endpoint %s: %v", f.Name, f.Endpoints[i].Name, scopes)
			}
		}
	}
}
