package zoomtest_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// What the pages of a generated company hold is what the company holds, asked for by several clients at once.
func TestCompanyIsServedWhole(t *testing.T) {
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 7, Users: 60, Days: 24, End: testNow, Attacks: true})
	if err != nil {
		t.Fatal(err)
	}
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true})
	from, to := testNow.AddDate(0, 0, -24).Truncate(24*time.Hour), testNow.Truncate(24*time.Hour)
	var activities []zoomtest.Activity
	var operations []zoomtest.Operation
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		activities = append(activities, company.Activities(day)...)
		operations = append(operations, company.Operations(day)...)
	}
	slices.Reverse(activities)
	slices.Reverse(operations)
	if len(activities) < 600 || len(operations) == 0 {
		t.Fatalf("%d activities, %d operations: too few for this test", len(activities), len(operations))
	}
	window := func() url.Values {
		return url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.Format(time.DateOnly)}, "page_size": {"300"}}
	}
	var clients errgroup.Group
	for range 3 {
		clients.Go(func() error {
			var got page
			pages, err := pagesOf(a, "/v2/report/activities", window())
			if err != nil {
				return err
			}
			for _, p := range pages {
				got.Activities = append(got.Activities, p.Activities...)
			}
			pages, err = pagesOf(a, "/v2/report/operationlogs", window())
			if err != nil {
				return err
			}
			for _, p := range pages {
				got.Operations = append(got.Operations, p.Operations...)
			}
			for _, status := range []string{"active", "inactive", "pending"} {
				pages, err := pagesOf(a, "/v2/users", url.Values{"status": {status}})
				if err != nil {
					return err
				}
				for _, p := range pages {
					got.Users = append(got.Users, p.Users...)
				}
			}
			if !slices.Equal(got.Activities, activities) {
				t.Errorf("%d activities served, want these %d", len(got.Activities), len(activities))
			}
			if !slices.Equal(got.Operations, operations) {
				t.Errorf("%d operations served, want these %d", len(got.Operations), len(operations))
			}
			if len(got.Users) != len(company.Users()) {
				t.Errorf("%d users served, want %d", len(got.Users), len(company.Users()))
			}
			return nil
		})
	}
	if err := clients.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, option := range []string{"", "security", "meeting_security", "meeting_authentication", "recording_authentication"} {
		if res := a.get("/v2/accounts/me/settings?option=" + option); res.status != 200 || len(res.body) < 10 {
			t.Errorf("settings %q: %d %s", option, res.status, res.body)
		}
	}
	for _, option := range []string{"", "meeting_security"} {
		if res := a.get("/v2/accounts/me/lock_settings?option=" + option); res.status != 200 || len(res.body) < 10 {
			t.Errorf("lock settings %q: %d %s", option, res.status, res.body)
		}
	}
}
