package zoom

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAnswerAhead(t *testing.T) {
	sent := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		date  time.Time
		want  time.Duration
		known bool
	}{
		{"not said", time.Time{}, 0, false},
		{"within the call", sent.Add(time.Second), 0, true},
		{"cut to a whole second", sent.Add(-time.Second), 0, true},
		{"ahead", sent.Add(42 * time.Second), 40 * time.Second, true},       // 42 less the 2 that the call took
		{"behind", sent.Add(-61 * time.Second), -60 * time.Second, true},    // 61 less the second that may be cut off
		{"the wrong year", sent.AddDate(-1, 0, 0), 0 - 365*day + 1e9, true}, // 2025-03-01 to 2026-03-01
	} {
		a := Answer{Sent: sent, Received: sent.Add(2 * time.Second), Date: tt.date}
		if got, known := a.Ahead(); got != tt.want || known != tt.known {
			t.Errorf("%s: %v %v, want %v %v", tt.name, got, known, tt.want, tt.known)
		}
	}
}

// Whatever the clocks and the way, what Ahead returns is no more than the true difference, and off by no more than the call took and the second of the header.
func TestAheadIsTheLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		skew := time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "skew"))
		out := time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "way there"))
		back := time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "way back"))
		sent := time.Date(2026, 3, 1, 12, 0, 0, rapid.IntRange(0, 999_999_999).Draw(t, "sent"), time.UTC)
		a := Answer{Sent: sent, Received: sent.Add(out + back), Date: sent.Add(out + skew).Truncate(time.Second)}
		got, known := a.Ahead()
		if !known || got < 0 && skew > 0 || got > 0 && skew < 0 || got.Abs() > skew.Abs() {
			t.Fatalf("%v for a skew of %v", got, skew)
		}
		if off := (skew - got).Abs(); off > out+back+dateGrain {
			t.Fatalf("%v for a skew of %v: off by %v", got, skew, off)
		}
	})
}

func TestAnswerPlan(t *testing.T) {
	header := func(kind, category string, limit string) http.Header {
		h := http.Header{}
		for k, v := range map[string]string{"X-RateLimit-Type": kind, "X-RateLimit-Category": category, "X-RateLimit-Limit": limit} {
			if v != "" {
				h.Set(k, v)
			}
		}
		return h
	}
	// The limits of developers.zoom.us, rate limits, 2026.
	for _, tt := range []struct {
		kind, category, limit string
		want                  Plan
	}{
		{"QPS", "Medium", "20", PlanPro},
		{"QPS", "Medium", "60", PlanBusiness},
		{"QPS", "medium", " 2 ", PlanFree},
		{"QPS", "Light", "80", PlanBusiness},
		{"QPS", "Heavy", "10", PlanPro},
		{"Daily-limit", "Light", "6000", PlanFree},
		{"Daily-limit", "Heavy", "60000", PlanBusiness},
		{"QPS", "Resource-intensive", "20", PlanBusiness},
		{"QPS", "Resource-intensive", "10", ""},            // free and pro alike
		{"Daily-limit", "Resource-intensive", "30000", ""}, // free and pro alike
		{"QPS", "Medium", "25", ""},
		{"QPS", "Medium", "", ""},
		{"QPS", "Medium", "-20", ""},
		{"QPS", "", "20", ""},
		{"QPS", "Huge", "20", ""},
		{"Daily-limit", "Medium", "20", ""},
		{"", "Medium", "20", PlanPro}, // not all headers are always there
	} {
		got, known := answerOf("h", header(tt.kind, tt.category, tt.limit), time.Time{}, time.Time{}).Plan()
		if got != tt.want || known != (tt.want != "") {
			t.Errorf("%s %s %s: %q %v, want %q", tt.kind, tt.category, tt.limit, got, known, tt.want)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("Sun, 01 Mar 2026 12:00:00 GMT", "QPS", "Medium", "20")
	f.Add("", "Daily-limit", "Heavy", "60000")
	f.Add("yesterday", "\x00", "Resource-Intensive", "99999999999999999999")
	f.Fuzz(func(t *testing.T, date, kind, category, limit string) {
		h := http.Header{"Date": {date}, "X-Ratelimit-Type": {kind}, "X-Ratelimit-Category": {category}, "X-Ratelimit-Limit": {limit}}
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		a := answerOf("h", h, now, now)
		if plan, known := a.Plan(); known != (plan != "") || known && (a.Label == "" || a.Limit == 0) || a.Limit < 0 {
			t.Errorf("%+v is %q", a, plan)
		}
		if d, known := a.Ahead(); !known && d != 0 {
			t.Errorf("%+v is %v ahead", a, d)
		}
	})
}

// OnAnswer hears of the token endpoint and of the API, refusals included, and of no connection that gave no answer.
func TestOnAnswer(t *testing.T) {
	f := newFake(t, body(200, `{"users":[]}`, "X-RateLimit-Category", "Medium", "X-RateLimit-Type", "QPS", "X-RateLimit-Limit", "60", "Date", "Sun, 01 Mar 2026 12:00:42 GMT"),
		body(400, `{"code":200,"message":"No permission."}`, "Date", "Sun, 01 Mar 2026 12:00:43 GMT"), cutOff)
	cfg := f.config()
	var got []Answer
	cfg.OnAnswer = func(a Answer) { got = append(got, a) }
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Check(context.Background())
	if len(got) != 2 || got[0].Host != got[1].Host || got[0].Host == "" || got[1].Label != LabelMedium || got[1].Limit != 60 || got[1].Daily {
		t.Fatalf("heard %+v", got)
	}
	if d, known := got[1].Ahead(); !known || d != 42*time.Second {
		t.Errorf("ahead %v %v", d, known)
	}
	c.Check(context.Background()) // refused
	if len(got) != 3 || got[2].Date.Second() != 43 || got[2].Label != "" {
		t.Errorf("heard %+v", got)
	}
	c.Check(context.Background()) // cut off
	if len(got) != 3 {
		t.Errorf("heard %+v", got)
	}
}

// brokenLedger is one that cannot be read.
type brokenLedger struct{ Ledger }

var errBroken = errors.New("ledger is broken")

func (brokenLedger) Claim(context.Context, time.Time, string, int, int) (int, int, error) {
	return 0, 0, errBroken
}

func TestQuotaLeft(t *testing.T) {
	f := newFake(t, onePage)
	for _, tt := range []struct {
		plan         Plan
		spent        int
		left, perDay int
	}{
		{PlanPro, 0, 27_000, 27_000}, // 30,000 a day less the reserve of a tenth
		{PlanBusiness, 4_000, 50_000, 54_000},
		{PlanBusiness, 60_000, 0, 54_000},
		{PlanNone, 5, 0, 0},
	} {
		cfg := f.config()
		cfg.Plan, cfg.Ledger = tt.plan, NewMemoryLedger()
		if _, _, err := cfg.Ledger.Claim(t.Context(), f.now, string(LabelHeavy), tt.spent, 60_000); err != nil {
			t.Fatal(err)
		}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		left, perDay, err := c.Quota(t.Context())
		if left != tt.left || perDay != tt.perDay || err != nil {
			t.Errorf("%s with %s spent: %d of %d, %v", tt.plan, strconv.Itoa(tt.spent), left, perDay, err)
		}
	}
	cfg := f.config()
	cfg.Ledger = brokenLedger{}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, perDay, err := c.Quota(t.Context()); !errors.Is(err, errBroken) || perDay != 54_000 {
		t.Errorf("%d a day, %v", perDay, err)
	}
}
