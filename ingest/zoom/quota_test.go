package zoom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDocumentedQuota(t *testing.T) {
	for _, tt := range []struct {
		plan   Plan
		label  Label
		pool   string
		perDay int
	}{
		{PlanFree, LabelLight, "light", 6000}, {PlanFree, LabelMedium, "medium", 2000}, {PlanFree, LabelHeavy, "heavy", 1000}, {PlanFree, LabelResourceIntensive, "resource-intensive", 30000},
		{PlanPro, LabelLight, "", 0}, {PlanPro, LabelMedium, "", 0}, {PlanPro, LabelHeavy, "heavy", 30000}, {PlanPro, LabelResourceIntensive, "heavy", 30000},
		{PlanBusiness, LabelMedium, "", 0}, {PlanBusiness, LabelHeavy, "heavy", 60000}, {PlanBusiness, LabelResourceIntensive, "heavy", 60000},
		{PlanNone, LabelHeavy, "heavy", 0},
	} {
		if pool, n := documentedQuota(tt.plan, tt.label); pool != tt.pool || n != tt.perDay {
			t.Errorf("%s %s: %q %d, want %q %d", tt.plan, tt.label, pool, n, tt.pool, tt.perDay)
		}
	}
}

// quotaClient is a client of f on the free plan with a reserve of 99 %: 10 heavy calls a day.
func quotaClient(t *testing.T, f *fake, ledger Ledger) *Client {
	t.Helper()
	cfg := f.config()
	reserve := 0.99
	cfg.Plan, cfg.Reserve, cfg.Ledger = PlanFree, &reserve, ledger
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func heavyCall(c *Client) error {
	_, err := c.get(context.Background(), Endpoint{Path: "/x", Label: LabelHeavy}, nil)
	return err
}

func TestQuotaUsedUp(t *testing.T) {
	f := newFake(t, body(200, `{}`))
	c := quotaClient(t, f, nil)
	for i := range 10 {
		if left, bounded := c.Budget(); left != 10-i || !bounded {
			t.Fatalf("budget %d %v after %d calls", left, bounded, i)
		}
		if err := heavyCall(c); err != nil {
			t.Fatal(err)
		}
	}
	slept := len(f.slept)
	err := heavyCall(c)
	var q *QuotaError
	if !errors.As(err, &q) || !IsDailyLimit(err) || !IsRateLimited(err) || IsUnreachable(err) || IsUnauthorized(err) {
		t.Fatalf("wrong class: %v", err)
	}
	if want := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC); !q.ResetAt.Equal(want) || q.Limit != 10 || !strings.Contains(err.Error(), "2026-03-02T00:00:00Z") {
		t.Errorf("%+v: %v", q, err)
	}
	if len(f.calls) != 10 || len(f.slept) != slept {
		t.Errorf("%d calls sent, waited %d times for one that cannot be", len(f.calls), len(f.slept)-slept)
	}
	if _, err := c.get(context.Background(), Endpoint{Path: "/x", Label: LabelMedium}, nil); err != nil {
		t.Errorf("another label's quota: %v", err)
	}
	f.now = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if left, _ := c.Budget(); left != 10 {
		t.Errorf("budget %d on the next day", left)
	}
	if err := heavyCall(c); err != nil {
		t.Errorf("on the next day: %v", err)
	}
}

func TestQuotaLearnsFromZoom(t *testing.T) {
	said := func(kind, n string) reply {
		return body(200, `{}`, "X-RateLimit-Type", kind, "X-RateLimit-Remaining", n)
	}
	for _, tt := range []struct {
		name string
		r    reply
		left int
	}{
		{"less than here", said("Daily-limit", "4"), 4},
		{"more than here", said("Daily-limit", "900"), 9},
		{"none", said("Daily-limit", "0"), 0},
		{"per second", said("QPS", "0"), 9},
		{"negative", said("Daily-limit", "-1"), 9},
		{"no number", said("Daily-limit", "many"), 9},
		{"no header", body(200, `{}`), 9},
		{"of a refusal", body(400, `{"code":200,"message":"No permission."}`, "X-RateLimit-Type", "Daily-limit", "X-RateLimit-Remaining", "3"), 3},
		{"used up", body(429, daily, "X-RateLimit-Type", "Daily-limit", "Retry-After", "2026-03-02T00:00:00Z"), 0},
		{"used up by its sentence", body(429, daily), 0},
		{"per second refused", body(429, perSecond, "X-RateLimit-Type", "QPS"), 6}, // four tries
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, tt.r)
			path := filepath.Join(t.TempDir(), "quota")
			c := quotaClient(t, f, FileLedger(path, nil))
			_ = heavyCall(c)
			if left, _ := c.Budget(); left != tt.left {
				t.Errorf("budget %d, want %d", left, tt.left)
			}
			if tt.left > 0 {
				return
			}
			n := len(f.calls)
			if err := heavyCall(c); !IsDailyLimit(err) || len(f.calls) != n {
				t.Errorf("sent another: %v", err)
			}
			if !strings.HasPrefix(tt.name, "used up") {
				return
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if err := heavyCall(quotaClient(t, f, FileLedger(path, nil))); !IsDailyLimit(err) || len(f.calls) != n {
				t.Errorf("the next client sent another: %v", err)
			}
		})
	}
}

// TestQuotaAtMidnight checks what clocks that differ by a moment must not do: take yesterday's figures for today's.
func TestQuotaAtMidnight(t *testing.T) {
	f := newFake(t,
		body(200, `{}`, "X-RateLimit-Type", "Daily-limit", "X-RateLimit-Remaining", "1"),
		body(429, daily, "X-RateLimit-Type", "Daily-limit", "Retry-After", "2026-03-02T00:00:01Z"),
		body(200, `{}`))
	c := quotaClient(t, f, nil)
	f.now = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for range 2 {
		if err := heavyCall(c); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := c.Budget(); left != 7 {
		t.Errorf("budget %d, want 10 less three calls", left)
	}
}

func TestQuotaFollowsZoomsClock(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Mon, 02 Mar 2026 00:00:30 GMT")
		fmt.Fprint(w, `{}`)
	})
	c := quotaClient(t, f, nil)
	f.now = time.Date(2026, 3, 1, 23, 58, 0, 0, time.UTC) // two and a half minutes slow
	if err := heavyCall(c); err != nil {
		t.Fatal(err)
	}
	if left, _ := c.Budget(); left != 10 {
		t.Errorf("budget %d: zoom is in the next day already", left)
	}
}

// TestQuotaOverRestarts has clients come and go, some closed, some killed, sharing a ledger: no day ever sees more calls than its quota, and a kill costs a block at most.
func TestQuotaOverRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quota")
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, runs*10)
		const limit = 300 // 1,000 a day, of which 70 % are kept
		kills, made := 0, 0
		for range rapid.IntRange(1, 12).Draw(rt, "clients") {
			q := newQuota(PlanFree, 0.7, FileLedger(path, nil), func() time.Time { return now }, nil)
			for range rapid.IntRange(0, 120).Draw(rt, "calls") {
				c, err := q.take(context.Background(), LabelHeavy)
				if err == nil {
					made++
				} else if !IsDailyLimit(err) {
					rt.Fatal(err)
				}
				c.settle(nil)
			}
			if rapid.Bool().Draw(rt, "killed") {
				kills++
			} else if err := q.giveBack(context.Background()); err != nil {
				rt.Fatal(err)
			}
			if made > limit {
				rt.Fatalf("%d calls of %d", made, limit)
			}
		}
		got, spent, err := FileLedger(path, nil).Claim(context.Background(), now, "heavy", limit, limit)
		if err != nil || made+got > limit || spent != limit || limit-made-got > kills*claimBlock {
			rt.Fatalf("made %d, left %d of %d after %d kills, spent %d: %v", made, got, limit, kills, spent, err)
		}
	})
}

func TestReserve(t *testing.T) {
	f := newFake(t, onePage)
	for _, tt := range []struct {
		plan    Plan
		reserve *float64
		left    int
	}{{PlanPro, nil, 27000}, {PlanBusiness, nil, 54000}, {PlanPro, new(0.0), 30000}, {PlanNone, nil, 0}} {
		cfg := f.config()
		cfg.Plan, cfg.Reserve = tt.plan, tt.reserve
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if left, bounded := c.Budget(); left != tt.left || bounded == (tt.plan == PlanNone) {
			t.Errorf("%s: %d %v, want %d", tt.plan, left, bounded, tt.left)
		}
	}
	for _, r := range []float64{-0.1, 1, 2} {
		cfg := f.config()
		cfg.Reserve = &r
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "reserve") {
			t.Errorf("%v: %v", r, err)
		}
	}
}
