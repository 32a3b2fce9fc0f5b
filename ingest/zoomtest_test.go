package ingest_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

var companyNow = time.Date(2026, 6, 15, 18, 30, 0, 0, time.UTC)

// simulated is a company served over HTTP, a client of it, and a database.
type simulated struct {
	company *zoomtest.Company
	server  *zoomtest.Server
	client  *zoom.Client
	db      *store.DB
	geo     *geo.DB
	days    int      // that runAll reads back; 0: all
	feeds   []string // that runAll reads; nil: all
}

func simulate(t testing.TB, users, days int, o zoomtest.ServerOptions) simulated {
	t.Helper()
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 7, Users: users, Days: days, End: companyNow, Attacks: true})
	if err != nil {
		t.Fatal(err)
	}
	o.AccountID, o.ClientID, o.ClientSecret, o.AsOf, o.NoLimits = "account", "client", "secret", companyNow, true
	server, err := zoomtest.NewServer(company, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	client, err := zoom.New(zoom.Config{AccountID: "account", ClientID: "client", ClientSecret: zoom.NewSecret("secret"), APIURL: server.URL + "/v2", OAuthURL: server.URL, Plan: zoom.PlanNone})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "places.mmdb")
	var b bytes.Buffer
	if err := company.WriteMMDB(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	places, err := geo.Open([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = places.Close() })
	db, err := store.Open(t.Context(), "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return simulated{company: company, server: server, client: client, db: db, geo: places}
}

func (s simulated) run(t testing.TB, now time.Time) ingest.Report {
	t.Helper()
	rep, err := ingest.Run(context.Background(), ingest.Options{DB: s.db, Client: s.client, Geo: s.geo, Now: now, RunID: "r", Feeds: []string{"users", "activities", "operations", "settings"}})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// runAll reads every feed.
func (s simulated) runAll(t testing.TB, now time.Time) ingest.Report {
	t.Helper()
	rep, err := ingest.Run(context.Background(), ingest.Options{DB: s.db, Client: s.client, Geo: s.geo, Now: now, RunID: "r", BackfillDays: s.days, Feeds: s.feeds})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func (s simulated) count(t testing.TB, query string) int64 {
	t.Helper()
	var n int64
	if err := s.db.Row(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSimulatedAccount(t *testing.T) {
	s := simulate(t, 60, 100, zoomtest.ServerOptions{})
	first := s.run(t, companyNow.AddDate(0, 0, -5))
	if first.Partial() || first.Requests == 0 {
		t.Fatalf("%+v", first)
	}
	second := s.run(t, companyNow)
	if second.Partial() {
		t.Fatalf("%+v", second)
	}
	if third := s.run(t, companyNow); third.Landed() != 0 || third.Partial() {
		t.Errorf("third run: %+v", third)
	}

	// Every different row that the account holds is there, once.
	activities, operations := map[zoomtest.Activity]bool{}, map[zoomtest.Operation]bool{}
	for d := s.company.Start(); !d.After(companyNow); d = d.AddDate(0, 0, 1) {
		for _, a := range s.company.Activities(d) {
			activities[a] = true
		}
		for _, o := range s.company.Operations(d) {
			operations[o] = true
		}
	}
	if got := s.count(t, `SELECT count(*) FROM ingest.activities`); got != int64(len(activities)) || got == 0 {
		t.Errorf("%d activities, the account has %d", got, len(activities))
	}
	if got := s.count(t, `SELECT count(*) FROM ingest.operations`); got != int64(len(operations)) || got == 0 {
		t.Errorf("%d operations, the account has %d", got, len(operations))
	}
	if got := s.count(t, `SELECT count(*) FROM ingest.users WHERE status <> 'deleted'`); got != int64(len(s.company.Users())) {
		t.Errorf("%d users, the account has %d", got, len(s.company.Users()))
	}
	if got := s.count(t, `SELECT count(*) FROM ingest.activities WHERE ip_address IS NOT NULL AND (country_code IS NULL OR asn IS NULL OR latitude IS NULL OR geo_source <> 'places@2026-06-15')`); got != 0 {
		t.Errorf("%d rows with an address but without a place", got)
	}
	if got := s.count(t, `SELECT count(*) FROM ingest.activities WHERE kind NOT IN ('sign_in', 'sign_out')`); got != 0 {
		t.Errorf("%d rows of another kind", got)
	}
	if got := s.count(t, `SELECT count(*) FROM main.settings WHERE value IS NOT NULL`); got < 300 {
		t.Errorf("%d settings only", got)
	}
	for _, path := range []string{"security.sign_in_with_two_factor_auth", "meeting_security.end_to_end_encrypted_meetings", "meeting_authentication_options", "recording_authentication_options"} {
		if got := s.count(t, fmt.Sprintf(`SELECT count(*) FROM main.settings WHERE path = '%s' AND value IS NOT NULL`, path)); got != 1 {
			t.Errorf("no setting %s", path)
		}
	}
}

// Nothing that may be a secret or a person is among the settings, whatever column it might hide in.
func TestNoSecretLands(t *testing.T) {
	s := simulate(t, 20, 2, zoomtest.ServerOptions{})
	s.run(t, companyNow)
	var rows struct {
		Text []string `col:"text"`
	}
	if err := s.db.Read(t.Context(), &rows, `SELECT concat_ws(' ', path, value, source) AS text FROM ingest.setting_versions`); err != nil {
		t.Fatal(err)
	}
	if len(rows.Text) < 300 {
		t.Fatalf("%d settings only", len(rows.Text))
	}
	for _, text := range rows.Text {
		for _, secret := range []string{zoomtest.ArchivePasscode, zoomtest.ArchiveToken, "archive-feed", "archive@example.org", "@example", "simPolicy", "simTemplate", "simBackground", "5550100", "signIn_sim"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q landed in %q", secret, text)
			}
		}
	}
}

func TestSimulatedAccountWithoutReportScope(t *testing.T) {
	s := simulate(t, 20, 10, zoomtest.ServerOptions{Scopes: []string{"user:read:admin", "account:read:settings:admin", "report:read:operation_logs:admin"}})
	states := map[string]string{}
	for _, f := range s.run(t, companyNow).Feeds {
		states[f.Feed] = f.State
		if f.State == ingest.StateNotAuthorised && !strings.Contains(f.Message, "report:read:admin") {
			t.Errorf("%+v", f)
		}
		if f.State == ingest.StateFailed && !strings.Contains(f.Message, "account:read:lock_settings:admin") {
			t.Errorf("%+v", f)
		}
	}
	if got, want := fmt.Sprint(states), "map[activities:not_authorised operations:ok settings:failed users:ok]"; got != want {
		t.Errorf("states %s, want %s", got, want)
	}
}

func TestSimulatedFreePlan(t *testing.T) {
	s := simulate(t, 20, 10, zoomtest.ServerOptions{Plan: "free"})
	for _, f := range s.run(t, companyNow).Feeds {
		if want := f.Feed == "activities" || f.Feed == "operations"; (f.State == ingest.StatePlanTooLow) != want {
			t.Errorf("%+v", f)
		}
	}
}

func TestWrongSecret(t *testing.T) {
	s := simulate(t, 20, 2, zoomtest.ServerOptions{})
	server, err := zoomtest.NewServer(s.company, zoomtest.ServerOptions{AccountID: "account", ClientID: "client", ClientSecret: "right"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	client, err := zoom.New(zoom.Config{AccountID: "account", ClientID: "client", ClientSecret: zoom.NewSecret("wrong-secret"), APIURL: server.URL + "/v2", OAuthURL: server.URL, Plan: zoom.PlanNone})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ingest.Run(context.Background(), ingest.Options{DB: s.db, Client: client, Now: companyNow, RunID: "r"})
	if err == nil || !strings.Contains(err.Error(), "zoom rejects the credentials") || strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("error %v", err)
	}
}

func TestEveryFeedLands(t *testing.T) {
	s := simulate(t, 40, 60, zoomtest.ServerOptions{Plan: "business"})
	start := time.Now()
	rep := s.runAll(t, companyNow)
	t.Log(time.Since(start), rep.Requests)
	for _, f := range rep.Feeds {
		t.Logf("%+v", f)
	}
	start = time.Now()
	rep = s.runAll(t, companyNow)
	t.Log(time.Since(start), rep.Requests)
	for _, f := range rep.Feeds {
		if f.Landed > 0 || f.Due > 0 || f.State != "ok" {
			t.Errorf("%+v", f)
		}
	}
}
