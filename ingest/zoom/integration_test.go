package zoom_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
)

var asOf = time.Date(2026, 3, 20, 15, 0, 0, 0, time.UTC)

func account(t *testing.T, o zoomtest.ServerOptions) (*zoomtest.Company, *zoom.Client) {
	t.Helper()
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 3, Users: 80, Days: 20, End: asOf, Attacks: true})
	if err != nil {
		t.Fatal(err)
	}
	o.AccountID, o.ClientID, o.ClientSecret, o.AsOf = "acc", "cid", "secret", asOf
	srv, err := zoomtest.NewServer(company, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	client, err := zoom.New(zoom.Config{AccountID: "acc", ClientID: "cid", ClientSecret: zoom.NewSecret("secret"),
		APIURL: srv.URL + "/v2", OAuthURL: srv.URL, Plan: zoom.Plan(o.Plan)})
	if err != nil {
		t.Fatal(err)
	}
	return company, client
}

// TestSimulatedAccount reads everything that the simulated company holds, and gets each row.
func TestSimulatedAccount(t *testing.T) {
	company, client := account(t, zoomtest.ServerOptions{Plan: "business"})
	ctx := context.Background()
	if k := client.Check(ctx); k.Status != zoom.StatusConnected {
		t.Fatalf("%s: %v", k.Status, k.Err)
	}
	from := asOf.AddDate(0, 0, -19)
	activities, bad, err := zoom.Collect(func(y func(zoom.Page[zoom.Activity]) error) error { return client.Activities(ctx, from, asOf, y) })
	if err != nil || len(bad) > 0 {
		t.Fatalf("%v, rejected %v", err, bad)
	}
	operations, bad, err := zoom.Collect(func(y func(zoom.Page[zoom.Operation]) error) error { return client.Operations(ctx, from, asOf, y) })
	if err != nil || len(bad) > 0 {
		t.Fatalf("%v, rejected %v", err, bad)
	}
	var wantA, wantO []string
	for d := from.Truncate(24 * time.Hour); !d.After(asOf); d = d.AddDate(0, 0, 1) {
		for _, a := range company.Activities(d) {
			wantA = append(wantA, a.Time+a.Email+a.Type+a.IPAddress+a.ClientType+a.Version)
		}
		for _, o := range company.Operations(d) {
			wantO = append(wantO, o.Time+o.Operator+o.Category+o.Action+o.Detail)
		}
	}
	var gotA, gotO []string
	for _, a := range activities {
		gotA = append(gotA, a.Time.Format(time.RFC3339)+a.Email+a.Type+a.IPAddress+a.ClientType+a.Version)
	}
	changes := 0
	for _, o := range operations {
		gotO = append(gotO, o.Time.Format(time.RFC3339)+o.Operator+o.Category+o.Action+o.Detail)
		changes += len(zoom.ParseDetail(o.Detail).Changes)
	}
	for _, x := range []struct {
		name      string
		got, want []string
	}{{"activities", gotA, wantA}, {"operations", gotO, wantO}} {
		slices.Sort(x.got)
		slices.Sort(x.want)
		if len(x.want) == 0 || !slices.Equal(x.got, x.want) {
			t.Errorf("%s: got %d rows, want %d, or other ones", x.name, len(x.got), len(x.want))
		}
	}
	if changes == 0 {
		t.Error("no operation was understood")
	}
	n := 0
	for _, s := range []string{zoom.StatusActive, zoom.StatusInactive, zoom.StatusPending} {
		users, bad, err := zoom.Collect(func(y func(zoom.Page[zoom.User]) error) error { return client.Users(ctx, s, y) })
		if err != nil || len(bad) > 0 {
			t.Fatalf("%v, rejected %v", err, bad)
		}
		n += len(users)
	}
	if n != len(company.Users()) {
		t.Errorf("%d users, want %d", n, len(company.Users()))
	}
	for _, o := range []string{zoom.OptionAll, zoom.OptionSecurity, zoom.OptionMeetingSecurity, zoom.OptionMeetingAuthentication, zoom.OptionRecordingAuthentication} {
		if tree, err := client.AccountSettings(ctx, o); err != nil || len(tree) == 0 {
			t.Errorf("settings %q: %v", o, err)
		}
	}
	if tree, err := client.LockSettings(ctx, zoom.OptionMeetingSecurity); err != nil || len(tree) == 0 {
		t.Errorf("locks: %v", err)
	}
}

// TestAtTheLimit drives a server that counts over a sliding second at its limit for two seconds of real time.
func TestAtTheLimit(t *testing.T) {
	_, client := account(t, zoomtest.ServerOptions{Plan: "pro"})
	ctx := context.Background()
	if _, err := client.Scopes(ctx); err != nil {
		t.Fatal(err)
	}
	const calls = 41 // MEDIUM on Pro: 20 a second
	start := time.Now()
	errs := make(chan error, calls)
	for range calls {
		go func() { _, err := client.LockSettings(ctx, zoom.OptionMeetingSecurity); errs <- err }()
	}
	for range calls {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	took := time.Since(start)
	t.Logf("%d calls in %v, %d refused", calls, took, client.Stats().RateLimited)
	// On a machine that stalls, calls that waited apart leave together: a few may be refused, and are repeated.
	if s := client.Stats(); s.RateLimited > calls/10 || s.Requests != calls+s.RateLimited {
		t.Errorf("%+v", s)
	}
	if took < 2*time.Second {
		t.Errorf("%d calls in %v: over the limit", calls, took)
	}
}

func TestRefusedFeeds(t *testing.T) {
	_, client := account(t, zoomtest.ServerOptions{Plan: "business", Scopes: []string{"user:read:admin"}})
	err := client.Activities(context.Background(), asOf, asOf, func(zoom.Page[zoom.Activity]) error { return nil })
	if !zoom.IsMissingScope(err) || !slices.Contains(zoom.MissingScopes(err), "report:read:admin") {
		t.Errorf("scope: %v", err)
	}
	_, client = account(t, zoomtest.ServerOptions{Plan: "free"})
	err = client.Activities(context.Background(), asOf, asOf, func(zoom.Page[zoom.Activity]) error { return nil })
	if !zoom.IsPlanTooLow(err) {
		t.Errorf("plan: %v", err)
	}
}
