package zoomtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// A target is one endpoint of a rate label, and what a plan grants the label: developers.zoom.us/docs/api/rate-limits.
type target struct {
	path   string
	label  string
	calls  int
	window time.Duration
	quota  string // label whose daily quota it draws on, "" for none
}

var planTargets = map[string][]target{
	"free": {
		{"/v2/users/me", "Light", 4, time.Second, "Light"}, {"/v2/users", "Medium", 2, time.Second, "Medium"},
		{"/v2/report/activities", "Heavy", 1, time.Second, "Heavy"}, {"/v2/metrics/meetings", "Resource-intensive", 10, time.Minute, "Resource-intensive"},
	},
	"pro": {
		{"/v2/users/me", "Light", 30, time.Second, ""}, {"/v2/users", "Medium", 20, time.Second, ""},
		{"/v2/report/activities", "Heavy", 10, time.Second, "Heavy"}, {"/v2/metrics/meetings", "Resource-intensive", 10, time.Minute, "Heavy"},
	},
	"business": {
		{"/v2/users/me", "Light", 80, time.Second, ""}, {"/v2/users", "Medium", 60, time.Second, ""},
		{"/v2/report/activities", "Heavy", 40, time.Second, "Heavy"}, {"/v2/metrics/meetings", "Resource-intensive", 20, time.Minute, "Heavy"},
	},
}

var planQuotas = map[string]map[string]int{
	"free":     {"Light": 6_000, "Medium": 2_000, "Heavy": 1_000, "Resource-intensive": 30_000},
	"pro":      {"Heavy": 30_000},
	"business": {"Heavy": 60_000},
}

// With exact limits the server refuses a call if and only if the window that ends with it, or the day, holds as many admitted ones as the plan grants:
// over days of traffic on all labels, with other apps spending of the quota.
func TestExactLimitsAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SampledFrom([]string{"free", "pro", "business"}).Draw(rt, "plan")
		used := rapid.IntRange(0, planQuotas[plan]["Heavy"]+5).Draw(rt, "used")
		clock := newTestClock()
		a := open(t, smallAccount(), zoomtest.ServerOptions{Plan: plan, Now: clock.Now, ExactLimits: true, QuotaUsed: used, TokenTTL: 1000 * time.Hour})
		admitted, day, spent := map[string][]time.Time{}, clock.Now().Truncate(24*time.Hour), map[string]int{"Heavy": used}
		broken := map[string]int{}
		for range rapid.IntRange(1, 60).Draw(rt, "bursts") {
			clock.Advance(rapid.OneOf(rapid.Just(time.Duration(0)), rapid.Just(time.Second), rapid.Just(time.Second-1), rapid.Just(time.Minute),
				rapid.Map(rapid.IntRange(0, 100_000), func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }),
				rapid.Just(7*time.Hour)).Draw(rt, "pause"))
			if today := clock.Now().Truncate(24 * time.Hour); !today.Equal(day) {
				day, spent = today, map[string]int{}
			}
			if others := rapid.IntRange(-20, 20_000).Draw(rt, "others"); others > 0 && others%4 == 0 {
				a.SpendQuota(others)
				spent["Heavy"] += others
			}
			at := rapid.SampledFrom(planTargets[plan]).Draw(rt, "target")
			for range rapid.IntRange(1, 25).Draw(rt, "calls") {
				clock.Advance(time.Duration(rapid.IntRange(0, 60).Draw(rt, "gap")) * time.Millisecond)
				now, recent := clock.Now(), 0
				if today := now.Truncate(24 * time.Hour); !today.Equal(day) {
					day, spent = today, map[string]int{}
				}
				for _, before := range admitted[at.label] {
					if now.Sub(before) < at.window {
						recent++
					}
				}
				daily := at.quota != "" && spent[at.quota] >= planQuotas[plan][at.quota]
				want := ""
				if daily {
					want = dailyBody
				} else if recent >= at.calls {
					want = perSecondBody
				}
				res := a.get(at.path)
				if got := strings.TrimSpace(res.body); (res.status == http.StatusTooManyRequests) != (want != "") || want != "" && got != want {
					rt.Fatalf("%s of %s at %v: %d in the window, %v spent: %d %s", at.label, plan, now, recent, spent, res.status, res.body)
				}
				if want != "" {
					broken[at.label]++
					continue
				}
				admitted[at.label] = append(admitted[at.label], now)
				if at.quota != "" {
					spent[at.quota]++
				}
			}
		}
		diff(t, broken, a.Traffic().LimitsBroken)
	})
}

// Days of traffic pass in no time in a bubble, where the server's clock is time.Now: a day's quota of reports, paced, and the next one.
func TestDaysOfTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("31,000 requests")
	}
	synctest.Test(t, func(t *testing.T) {
		a := open(t, smallAccount(), zoomtest.ServerOptions{Now: time.Now, ExactLimits: true, QuotaUsed: 29_000, TokenTTL: 100 * time.Hour})
		read := func() (n int, last result) {
			for {
				res := a.get("/v2/report/activities?page_size=1")
				if res.status == 429 {
					return n, res
				}
				n++
				time.Sleep(100 * time.Millisecond)
			}
		}
		n, res := read()
		retry, err := time.Parse(time.RFC3339, res.header.Get("Retry-After"))
		if n != 1000 || err != nil {
			t.Fatalf("%d calls, then %v %s", n, res.header, res.body)
		}
		time.Sleep(time.Until(retry))
		if n, _ := read(); n != 30_000 {
			t.Errorf("%d calls on the next day", n)
		}
		diff(t, map[string]int{"Heavy": 2}, a.Traffic().LimitsBroken)
		diff(t, map[string]int{"OAuth": 1, "Heavy": 10}, a.Traffic().Peak)
	})
}

func TestTraffic(t *testing.T) {
	clock := newTestClock()
	a := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now, ExactLimits: true})
	for range 12 {
		a.get("/v2/report/activities")
	}
	clock.Advance(time.Second - 1)
	a.get("/v2/report/operationlogs?from=x")
	clock.Advance(1) // the twelve have left the window
	a.get("/v2/report/activities/")
	for n := range 5 {
		a.get(fmt.Sprintf("/v2/metrics/meetings?n=%d", n))
		clock.Advance(15 * time.Second) // the fifth comes as the first leaves the minute
	}
	inject(t, a, always(zoomtest.FaultTooMany))
	a.get("/v2/users/me")
	a.as("made up").get("/v2/users/u00001@example.com")
	a.get("/v2/nothing")
	a.do(tokenRequest(nil))
	got := a.Traffic()
	diff(t, zoomtest.Traffic{
		Calls: map[string]int{
			"/v2/report/activities": 13, "/v2/report/operationlogs": 1, "/v2/metrics/meetings": 5, "/v2/users/{}": 2, "/oauth/token": 2, "other": 1,
		},
		LimitsBroken: map[string]int{"Heavy": 3}, // two of the twelve, and the call within their second
		Injected:     map[zoomtest.Fault]int{zoomtest.FaultTooMany: 3},
		Peak:         map[string]int{"Heavy": 13, "Resource-intensive": 4, "Light": 2, "OAuth": 1, "Other": 1},
	}, got)
	if a.Requests()["Light 429"] != 2 || a.Requests()["Heavy 429"] != 3 {
		t.Errorf("%v", a.Requests())
	}
	if _, err := zoomtest.NewHandler(smallAccount(), zoomtest.ServerOptions{QuotaUsed: -1}); err == nil {
		t.Error("a negative quota: accepted")
	}
}
