package zoom

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// virtual is a clock that only sleeping moves.
func virtual() (clock, *time.Time) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return clock{now: func() time.Time { return now }, sleep: func(ctx context.Context, d time.Duration) error {
		now = now.Add(d)
		return ctx.Err()
	}}, &now
}

// Zoom's documented table, per window.
var documented = []struct {
	plan   Plan
	label  Label
	n      int
	window time.Duration
}{
	{PlanFree, LabelLight, 4, time.Second}, {PlanFree, LabelMedium, 2, time.Second}, {PlanFree, LabelHeavy, 1, time.Second}, {PlanFree, LabelResourceIntensive, 10, time.Minute},
	{PlanPro, LabelLight, 30, time.Second}, {PlanPro, LabelMedium, 20, time.Second}, {PlanPro, LabelHeavy, 10, time.Second}, {PlanPro, LabelResourceIntensive, 10, time.Minute},
	{PlanBusiness, LabelLight, 80, time.Second}, {PlanBusiness, LabelMedium, 60, time.Second}, {PlanBusiness, LabelHeavy, 40, time.Second}, {PlanBusiness, LabelResourceIntensive, 20, time.Minute},
}

// pass waits for a turn and ends it at once.
func pass(t interface {
	Helper()
	Fatal(args ...any)
}, p *pacer, l Label) {
	t.Helper()
	turn, _, err := p.wait(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	turn.done()
}

func TestPace(t *testing.T) {
	for _, tt := range documented {
		t.Run(fmt.Sprintf("%s %s", tt.plan, tt.label), func(t *testing.T) {
			clk, now := virtual()
			p := newPacer(tt.plan, clk)
			const windows = 50
			var sent []time.Time
			start := *now
			for now.Sub(start) < windows*tt.window {
				pass(t, p, tt.label)
				sent = append(sent, *now)
			}
			for i := tt.n; i < len(sent); i++ {
				if gap := sent[i].Sub(sent[i-tt.n]); gap <= tt.window {
					t.Fatalf("calls %d to %d leave within %v: a sliding window refuses one", i-tt.n, i, gap)
				}
			}
			took := sent[len(sent)-1].Sub(start)
			if used := float64(len(sent)-1) / (took.Seconds() / tt.window.Seconds() * float64(tt.n)); used < 0.97 || used > 1 {
				t.Errorf("uses %.3f of the limit, want 0.97 to 1", used)
			}
		})
	}
}

// TestPaceAfterPauses checks that pauses save nothing up.
func TestPaceAfterPauses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(documented).Draw(t, "limit")
		clk, now := virtual()
		p := newPacer(l.plan, clk)
		var sent []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			if rapid.IntRange(0, 9).Draw(t, "pause") == 0 {
				*now = now.Add(time.Duration(rapid.Int64Range(0, int64(3*l.window)).Draw(t, "for")))
			}
			pass(t, p, l.label)
			sent = append(sent, *now)
			if i := len(sent) - 1; i >= l.n && sent[i].Sub(sent[i-l.n]) <= l.window {
				t.Fatalf("%d calls within %v", l.n+1, sent[i].Sub(sent[i-l.n]))
			}
		}
	})
}

func TestPaceForReal(t *testing.T) {
	p := newPacer(PlanBusiness, clock{now: time.Now, sleep: sleepReal})
	start := time.Now()
	const calls = 41 // 80 a second: 40 gaps of 1/78.4 s
	for range calls {
		pass(t, p, LabelLight)
	}
	if got, least := time.Since(start).Seconds(), (calls-1)/(80*headroom); got < least-0.001 {
		t.Errorf("%d calls in %.3f s, want at least %.3f s", calls, got, least)
	}
}

func TestPaceGivesUpWithItsContext(t *testing.T) {
	p := newPacer(PlanFree, clock{now: time.Now, sleep: sleepReal})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	var err error
	start := time.Now()
	for range 2 {
		_, _, err = p.wait(ctx, LabelResourceIntensive)
	}
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 3*time.Second {
		t.Fatalf("got %v after %v", err, time.Since(start))
	}
}

func TestPaceGivesTurnBack(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var asked []time.Duration
	p := newPacer(PlanPro, clock{now: func() time.Time { return now }, sleep: func(_ context.Context, d time.Duration) error {
		asked = append(asked, d)
		return context.Canceled
	}})
	for range 4 {
		_, _, _ = p.wait(context.Background(), LabelHeavy)
	}
	for _, d := range asked {
		if d != asked[0] {
			t.Errorf("waits %v: calls that gave up keep their turns", asked)
		}
	}
	if len(asked) != 3 {
		t.Errorf("%d waits, want 3", len(asked))
	}
}

func TestNoPaceWithoutPlan(t *testing.T) {
	clk, now := virtual()
	p, start := newPacer(PlanNone, clk), *now
	for range 1000 {
		pass(t, p, LabelHeavy)
	}
	if *now != start {
		t.Error("plan none waits")
	}
	if r := documentedRate(PlanNone, LabelHeavy); math.Abs(r) > 0 {
		t.Errorf("rate %v", r)
	}
}

// TestLimiterInsideEachAttempt checks that repeats are paced like first tries.
func TestLimiterInsideEachAttempt(t *testing.T) {
	f := newFake(t, body(500, ""), body(500, ""), onePage)
	cfg := f.config()
	cfg.Plan = PlanFree
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.jitter = func() float64 { return -1 } // no backoff at all
	start := f.now
	if _, _, err := listUsers(c); err != nil {
		t.Fatal(err)
	}
	if got, want := f.now.Sub(start).Seconds(), 2/(2*headroom); got < want-0.001 {
		t.Errorf("3 attempts in %.3f s, want at least %.3f s", got, want)
	}
	if s := c.Stats(); s.Requests != 3 || s.Retries != 2 || s.Waited <= 0 {
		t.Errorf("stats %+v", s)
	}
}
