package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// account is a Client over rows in memory that refuses windows as Zoom does and can be made to fail at any call.
type account struct {
	now        time.Time // Zoom's today, for the six months
	oldest     time.Time // first day that it reports, if not the one of the calendar
	users      map[string][]zoom.User
	activities []zoom.Activity
	operations []zoom.Operation
	rejected   []zoom.Rejected
	settings   map[string]map[string]any
	locks      map[string]map[string]any
	page       int // rows a page; 0: 3

	mu     sync.Mutex
	calls  int
	asked  []string
	fail   map[string]error // by what is asked: activities, users active, settings security, ...
	once   map[string]error // by the whole call, activities@2026-04-01..2026-04-30: fails once
	onPage func() error     // called after every page that was handed over
}

func (a *account) call(what string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	a.asked = append(a.asked, what)
	if err := a.once[what]; err != nil {
		delete(a.once, what)
		return err
	}
	name, _, _ := strings.Cut(what, "@")
	return a.fail[name]
}

func (a *account) Users(_ context.Context, status string, yield func(zoom.Page[zoom.User]) error) error {
	if err := a.call("users " + status); err != nil {
		return err
	}
	return paged(a, a.users[status], nil, yield)
}

func (a *account) Activities(_ context.Context, from, to time.Time, yield func(zoom.Page[zoom.Activity]) error) error {
	if err := a.report("activities", from, to); err != nil {
		return err
	}
	return paged(a, within(a.activities, from, to, func(x zoom.Activity) time.Time { return x.Time }), a.rejected, yield)
}

func (a *account) Operations(_ context.Context, from, to time.Time, yield func(zoom.Page[zoom.Operation]) error) error {
	if err := a.report("operations", from, to); err != nil {
		return err
	}
	return paged(a, within(a.operations, from, to, func(x zoom.Operation) time.Time { return x.Time }), nil, yield)
}

func (a *account) report(what string, from, to time.Time) error {
	if err := a.call(fmt.Sprintf("%s@%s..%s", what, from.Format(time.DateOnly), to.Format(time.DateOnly))); err != nil {
		return err
	}
	if from.After(to) || to.After(from.AddDate(0, 1, 0)) || to.Sub(from) > 30*day || from.Before(a.now.AddDate(0, -6, 0).Truncate(day)) || from.Before(a.oldest) {
		return &zoom.APIError{Status: http.StatusBadRequest, Code: 300, Message: fmt.Sprintf("bad window %s..%s", from, to)}
	}
	return nil
}

func (a *account) AccountSettings(_ context.Context, option string) (map[string]any, error) {
	if err := a.call(strings.TrimSpace("settings " + option)); err != nil {
		return nil, err
	}
	return a.settings[option], nil
}

func (a *account) LockSettings(_ context.Context, option string) (map[string]any, error) {
	if err := a.call(strings.TrimSpace("locks " + option)); err != nil {
		return nil, err
	}
	return a.locks[option], nil
}

// The other feeds of this account are there and empty.
func (a *account) List(ctx context.Context, ep zoom.Endpoint, _ zoom.Args, yield func(zoom.Page[zoom.Row]) error) error {
	if err := errors.Join(ctx.Err(), a.call(ep.Name)); err != nil {
		return err
	}
	return yield(zoom.Page[zoom.Row]{Number: 1})
}

func (a *account) Get(_ context.Context, ep zoom.Endpoint, _ zoom.Args) (zoom.Row, error) {
	if err := a.call(ep.Name); err != nil {
		return zoom.Row{}, err
	}
	return zoom.NewRow([]byte(`{"in_meeting":{"chat":true}}`))
}

func within[T any](rows []T, from, to time.Time, at func(T) time.Time) []T {
	var out []T
	for _, r := range rows {
		if t := at(r); !t.Before(from) && t.Before(to.Add(day)) {
			out = append(out, r)
		}
	}
	return out
}

// paged hands rows over page by page, the first page twice, as after a page token that expired.
func paged[T any](a *account, rows []T, rejected []zoom.Rejected, yield func(zoom.Page[T]) error) error {
	size := a.page
	if size == 0 {
		size = 3
	}
	if len(rows) > size {
		if err := yield(zoom.Page[T]{Number: 1, Rows: rows[:size], Rejected: rejected}); err != nil {
			return err
		}
	}
	for n := 1; ; n++ {
		page := zoom.Page[T]{Number: n, Rows: rows[:min(size, len(rows))]}
		if n == 1 {
			page.Rejected = rejected
		}
		if err := yield(page); err != nil {
			return err
		}
		if a.onPage != nil {
			if err := a.onPage(); err != nil {
				return err
			}
		}
		if rows = rows[len(page.Rows):]; len(rows) == 0 {
			return nil
		}
	}
}

var testNow = time.Date(2026, 8, 31, 15, 4, 5, 0, time.UTC) // February has no 31st

// smallAccount has rows on every 9th day of the last seven months.
func smallAccount() *account {
	a := &account{
		now: testNow,
		users: map[string][]zoom.User{
			zoom.StatusActive: {
				{ID: "idA", Email: "Owner@Example.com", DisplayName: "Owner", Type: 2, Status: "active", RoleID: "0", Dept: "Board", Timezone: "Europe/Berlin", GroupIDs: []string{"g2", "g1"}, CreatedAt: testNow.AddDate(-1, 0, 0)},
				{ID: "idB", Email: "b@example.com", FirstName: "Plain", LastName: "Member", Type: 1, Status: "active", RoleID: "2"},
			},
			zoom.StatusInactive: {{ID: "idC", Email: "c@example.com", Type: 4, Status: "inactive", RoleID: "r77"}},
			zoom.StatusPending:  {{Email: "d@example.com", Type: 99, Status: "pending"}},
		},
		settings: map[string]map[string]any{
			"": {
				"in_meeting": map[string]any{"chat": true, "entry_exit_chime": "host", "custom_service_instructions": "stream key 1234"},
				"chat":       map[string]any{"send_data_to_third_party_archiving_service": map[string]any{"enable": true, "passcode": "pass-word", "user_name": "feed"}},
				"recording":  map[string]any{"auto_delete_cmr_days": 30.0},
			},
			"security":                 {"security": map[string]any{"sign_in_with_two_factor_auth": "all", "signin_with_sso": map[string]any{"sso_bypass_users": []any{map[string]any{"id": "idA", "email": "owner@example.com"}}, "domains": []any{"example.com"}}}},
			"meeting_security":         {"meeting_security": map[string]any{"waiting_room": true, "encryption_type": "e2ee", "pmi_password": "s3cret"}},
			"meeting_authentication":   {"meeting_authentication": true, "allow_authentication_exception": false, "authentication_options": []any{map[string]any{"id": "x", "name": "n", "type": "enforce_login", "default_option": true, "visible": true, "domains": "example.com"}}},
			"recording_authentication": {"recording_authentication": false, "authentication_options": []any{}},
		},
		locks: map[string]map[string]any{
			"":                 {"in_meeting": map[string]any{"chat": true, "entry_exit_chime": "host"}, "chat": map[string]any{"share_files": true}},
			"meeting_security": {"meeting_security": map[string]any{"waiting_room": false, "encryption_type": "e2ee"}},
		},
	}
	for d := range 24 {
		at := testNow.AddDate(0, 0, -9*d).Add(-time.Hour)
		a.activities = append(a.activities,
			zoom.Activity{Email: "B@example.com", Time: at, Type: "Sign in", IPAddress: "192.0.2.7", ClientType: "Windows", Version: "6.0.0.1000"},
			zoom.Activity{Email: "b@example.com", Time: at.Add(time.Minute), Type: "Sign out"})
		a.operations = append(a.operations, zoom.Operation{Time: at, Operator: "Owner@example.com", Category: "Account", Action: "Update",
			Detail: "Security  - Sign in with Two-Factor Authentication: from On to Off - Password length: from 8 to 14"})
	}
	return a
}

func openStore(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), "", store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustRun(t testing.TB, db *store.DB, a *account, now time.Time) Report {
	t.Helper()
	rep, err := Run(context.Background(), Options{DB: db, Client: a, Now: now, RunID: "run-" + now.Format(time.RFC3339), Feeds: coreFeeds()})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// coreFeeds are those that this account has rows for.
func coreFeeds() []string { return []string{"users", "activities", "operations", "settings"} }

// feedOf returns the report of one feed.
func feedOf(t testing.TB, r Report, name string) FeedReport {
	t.Helper()
	for _, f := range r.Feeds {
		if f.Feed == name {
			return f
		}
	}
	t.Fatalf("no feed %s in %+v", name, r)
	return FeedReport{}
}

// fataler is a test or a property.
type fataler interface{ Fatal(args ...any) }

// dump writes everything that does not depend on how many tries it took: all tables without batch and run.
func dump(t fataler, db *store.DB) string {
	var b strings.Builder
	for _, from := range []string{"* EXCLUDE (batch, run_id) FROM ingest.activities", "* EXCLUDE (batch, run_id) FROM ingest.operations", "* EXCLUDE (run_id) FROM ingest.users",
		"* FROM main.settings", "* EXCLUDE (rows_landed) FROM meta.feeds"} {
		var rows struct {
			Text []string `col:"text"`
		}
		err := db.Read(context.Background(), &rows, `SELECT to_json(t)::VARCHAR AS text FROM (SELECT `+from+`) AS t ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(from + "\n" + strings.Join(rows.Text, "\n") + "\n")
	}
	return b.String()
}

// visitDB is a database of a test.
type visitDB struct{ *store.DB }

func openVisitDB(t *testing.T) *visitDB { return &visitDB{openStore(t)} }

func (db *visitDB) count(t *testing.T, query string) (n int64) {
	t.Helper()
	if err := db.Row(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
