package zoomtest_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

const (
	perSecondBody = `{"code":429,"message":"You have reached the maximum per-second rate limit for this API. Try again later."}`
	dailyBody     = `{"code":429,"message":"You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request."}`
)

// The rows of developers.zoom.us/docs/api/rate-limits that the served endpoints fall under.
func TestPerSecondLimits(t *testing.T) {
	tests := []struct {
		plan, target, category string
		calls                  int
	}{
		{"free", "/v2/users/me", "Light", 4}, {"free", "/v2/users", "Medium", 2}, {"free", "/v2/report/activities", "Heavy", 1},
		{"pro", "/v2/users/me", "Light", 30}, {"pro", "/v2/accounts/me/settings", "Medium", 20}, {"pro", "/v2/report/activities", "Heavy", 10},
		{"business", "/v2/users/me", "Light", 80}, {"business", "/v2/accounts/me/lock_settings", "Medium", 60}, {"business", "/v2/report/operationlogs", "Heavy", 40},
	}
	for _, tt := range tests {
		t.Run(tt.plan+" "+tt.category, func(t *testing.T) {
			clock := newTestClock()
			a := open(t, smallAccount(), zoomtest.ServerOptions{Plan: tt.plan, Now: clock.Now})
			for second := range 3 {
				for i := range tt.calls {
					if res := a.get(tt.target); res.status == 429 {
						t.Fatalf("second %d: call %d of %d refused", second, i+1, tt.calls)
					}
				}
				res := a.get(tt.target)
				res.is(t, 429, perSecondBody)
				checkRate(t, res, tt.category, "QPS", tt.calls, 0)
				if got := res.header.Get("Retry-After"); got != "" {
					t.Errorf("Retry-After %q on a per-second refusal", got)
				}
				clock.Advance(900 * time.Millisecond)
				a.get(tt.target).is(t, 429, perSecondBody)
				clock.Advance(100 * time.Millisecond)
			}
		})
	}
}

func checkRate(t *testing.T, r result, category, kind string, limit, remaining int) {
	t.Helper()
	got := map[string]string{}
	for _, name := range []string{"Category", "Type", "Limit", "Remaining"} {
		got[name] = r.header.Get("X-RateLimit-" + name)
	}
	diff(t, map[string]string{"Category": category, "Type": kind, "Limit": strconv.Itoa(limit), "Remaining": strconv.Itoa(remaining)}, got)
}

func TestRateHeadersOfAnswers(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{})
	checkRate(t, a.get("/v2/users/me"), "Light", "QPS", 30, 29)
	checkRate(t, a.get("/v2/users/nobody"), "Light", "QPS", 30, 28)
	checkRate(t, a.get("/v2/users"), "Medium", "QPS", 20, 19)
	checkRate(t, a.get("/v2/report/activities"), "Heavy", "Daily-limit", 30_000, 29_999)
	checkRate(t, a.get("/v2/report/operationlogs"), "Heavy", "Daily-limit", 30_000, 29_998)
	a.token = "made up"
	for range 3 { // costs nothing
		checkRate(t, a.get("/v2/users/me"), "Light", "QPS", 30, 28)
	}
	free := open(t, smallAccount(), zoomtest.ServerOptions{Plan: "free"})
	checkRate(t, free.get("/v2/users/me"), "Light", "Daily-limit", 6000, 5999)
}

func TestDailyLimitEndsAtMidnightUTC(t *testing.T) {
	clock := newTestClock()
	a := open(t, smallAccount(), zoomtest.ServerOptions{Plan: "free", Now: clock.Now, TokenTTL: 48 * time.Hour})
	for i := range 1000 {
		if res := a.get("/v2/report/activities"); res.status == 429 {
			t.Fatalf("call %d refused: %s", i+1, res.body)
		}
		clock.Advance(time.Second)
	}
	for range 2 {
		res := a.get("/v2/report/operationlogs") // the quota is the label's
		res.is(t, 429, dailyBody)
		checkRate(t, res, "Heavy", "Daily-limit", 1000, 0)
		if got := res.header.Get("Retry-After"); got != "2026-11-24T00:00:00Z" {
			t.Errorf("Retry-After %q", got)
		}
	}
	if res := a.get("/v2/users"); res.status != 200 {
		t.Errorf("another label: %d %s", res.status, res.body)
	}
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	clock.Advance(midnight.Sub(clock.Now()) - 1)
	a.get("/v2/report/activities").is(t, 429, dailyBody)
	clock.Advance(1)
	checkRate(t, a.get("/v2/report/activities"), "Heavy", "Daily-limit", 1000, 999)
}

func TestNoLimits(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{NoLimits: true})
	for range 200 {
		if res := a.get("/v2/report/activities"); res.status != 200 {
			t.Fatalf("%d %s", res.status, res.body)
		}
	}
}

// Whatever the client does, no second but for the jitter allowance holds more than the plan grants, and a call after a quiet second is let in.
func TestSlidingSecond(t *testing.T) {
	const calls, slack = 10, 50 * time.Millisecond
	rapid.Check(t, func(rt *rapid.T) {
		clock := newTestClock()
		a := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now})
		var admitted []time.Time
		for _, ms := range rapid.SliceOfN(rapid.IntRange(0, 300), 1, 80).Draw(rt, "gaps") {
			clock.Advance(time.Duration(ms) * time.Millisecond)
			now, recent := clock.Now(), 0
			for _, at := range admitted {
				if now.Sub(at) < time.Second-slack {
					recent++
				}
			}
			refused := a.get("/v2/report/activities").status == 429
			if refused != (recent >= calls) {
				rt.Fatalf("%d calls in the second before, refused %v", recent, refused)
			}
			if !refused {
				admitted = append(admitted, now)
			}
		}
	})
}

// A client that sends evenly at exactly the limit is never refused, however its calls jitter within the allowance.
func TestEvenClientIsNotRefused(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		clock := newTestClock()
		a := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now})
		start := clock.Now()
		for i := range 60 {
			late := time.Duration(rapid.IntRange(0, 50).Draw(rt, "late")) * time.Millisecond
			clock.Advance(start.Add(time.Duration(i)*100*time.Millisecond + late).Sub(clock.Now()))
			if a.get("/v2/report/activities").status == 429 {
				rt.Fatalf("call %d refused", i+1)
			}
		}
	})
}
