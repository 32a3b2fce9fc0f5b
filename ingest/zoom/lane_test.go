package zoom

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// crowded returns the first stretch of calls, n+1 of them, that a server sees within less than a window, nil if there is none.
func crowded(seen []time.Time, n int, window time.Duration) []time.Time {
	slices.SortFunc(seen, time.Time.Compare)
	for i := n; i < len(seen); i++ {
		if seen[i].Sub(seen[i-n]) < window {
			return seen[i-n : i+1]
		}
	}
	return nil
}

// TestSlidingWindow drives every label of every plan through a bubble of virtual time, with travel times that differ by up to the 2 % of a window that headroom is
// for, and counts as the strictest server would: no stretch of a window holds one call more than the limit.
func TestSlidingWindow(t *testing.T) {
	for _, tt := range documented {
		t.Run(string(tt.plan)+" "+string(tt.label), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(1, 2))
				jitter := time.Duration(float64(tt.window) * (1/headroom - 1))
				seen, took := drive(t, tt.plan, tt.label, 10*tt.n+1, func(int) (held, travel time.Duration) {
					return 0, 150*time.Millisecond + time.Duration(rnd.Int64N(int64(jitter)))
				})
				if c := crowded(seen, tt.n, tt.window); c != nil {
					t.Errorf("%d calls within %v", len(c), c[len(c)-1].Sub(c[0]))
				}
				if of := float64(10*tt.n) / (took.Seconds() / tt.window.Seconds() * float64(tt.n)); of < 0.97 {
					t.Errorf("%.3f of the limit, want 0.97 or more", of)
				}
			})
		})
	}
}

// TestHeldUp checks that calls which were held up before they were written, by a connection that had to be opened or by a process that stalled, and then leave
// together, are not followed too soon.
func TestHeldUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tt := rapid.SampledFrom(documented).Draw(rt, "limit")
		if tt.window != time.Second {
			rt.Skip()
		}
		opening := time.Duration(rapid.IntRange(0, 900).Draw(rt, "opening")) * time.Millisecond
		stall := rapid.IntRange(0, 3*tt.n).Draw(rt, "stall")
		var seen []time.Time
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			seen, _ = drive(t, tt.plan, tt.label, 4*tt.n, func(i int) (time.Duration, time.Duration) {
				// All that leave before the connection is there are written when it is.
				held := max(opening-time.Since(start), 0)
				if i == stall {
					held += 200 * time.Millisecond
				}
				return held, 100 * time.Millisecond
			})
		})
		if c := crowded(seen, tt.n, tt.window); c != nil {
			rt.Fatalf("%s %s: %d calls within %v", tt.plan, tt.label, len(c), c[len(c)-1].Sub(c[0]))
		}
	})
}

// drive sends calls as fast as a pacer lets them, each held on this side and then travelling for as long as trip says, and returns when they arrived and how
// long the first and the last were apart.
func drive(t *testing.T, plan Plan, label Label, calls int, trip func(i int) (held, travel time.Duration)) (seen []time.Time, took time.Duration) {
	p := newPacer(plan, clock{now: time.Now, sleep: sleepReal})
	var mu sync.Mutex
	var wg sync.WaitGroup
	workers := int(documentedRate(plan, label)*1.2) + 2
	next := 0
	for range workers {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= calls {
					return
				}
				turn, _, err := p.wait(context.Background(), label)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				held, travel := trip(i)
				mu.Unlock()
				turn.dials()
				time.Sleep(held)
				turn.written()
				time.Sleep(travel)
				mu.Lock()
				seen = append(seen, time.Now())
				mu.Unlock()
				time.Sleep(150 * time.Millisecond)
				turn.done()
			}
		})
	}
	wg.Wait()
	first, last := slices.MinFunc(seen, time.Time.Compare), slices.MaxFunc(seen, time.Time.Compare)
	return seen, last.Sub(first)
}

// TestSharedPause checks that one refusal holds back every caller of its label and nobody else.
func TestSharedPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(PlanPro, clock{now: time.Now, sleep: sleepReal})
		pass(t, p, LabelHeavy)
		start := time.Now()
		p.pause(LabelHeavy, 3*time.Second)
		p.pause(LabelHeavy, time.Second) // a shorter one ends nothing
		pass(t, p, LabelMedium)
		if d := time.Since(start); d != 0 {
			t.Errorf("another label waited %v", d)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var left []time.Duration
		for range 5 {
			wg.Go(func() {
				pass(t, p, LabelHeavy)
				mu.Lock()
				defer mu.Unlock()
				left = append(left, time.Since(start))
			})
		}
		wg.Wait()
		slices.Sort(left)
		for i, d := range left {
			// Spaced as ever: 10 a second, of which 98 % are used.
			if least := 3*time.Second + time.Duration(i)*102*time.Millisecond; d < least {
				t.Errorf("call %d left after %v, want %v or more", i, d, least)
			}
		}
	})
}

func TestRefusalPausesItsLabel(t *testing.T) {
	for _, tt := range []struct {
		name   string
		label  Label
		header []string
		pause  time.Duration
	}{
		{"second", LabelMedium, []string{"X-RateLimit-Type", "QPS"}, time.Second},
		{"nothing said", LabelMedium, nil, time.Second},
		{"per minute", LabelResourceIntensive, nil, time.Minute},
		{"retry-after", LabelMedium, []string{"Retry-After", "7"}, 7 * time.Second},
		{"reset", LabelMedium, []string{"X-RateLimit-Reset", "1772366410"}, 10 * time.Second}, // 12:00:10 that day
		{"past", LabelMedium, []string{"Retry-After", "2026-03-01T11:00:00Z"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, body(http.StatusTooManyRequests, perSecond, tt.header...))
			c := f.client(t)
			ctx, cancel := context.WithCancel(context.Background())
			c.clock.sleep = func(context.Context, time.Duration) error { cancel(); return context.Canceled } // no second try
			if _, err := c.get(ctx, Endpoint{Path: "/x", Label: tt.label}, nil); err == nil {
				t.Fatal("no error")
			}
			if got := max(c.pace.lanes[tt.label].paused.Sub(f.now), 0); got != tt.pause {
				t.Errorf("paused for %v, want %v", got, tt.pause)
			}
		})
	}
}

func TestConcurrency(t *testing.T) {
	for _, tt := range []struct {
		plan  Plan
		label Label
		want  int
	}{ // rate x 0.3 s x 1.5, rounded up, and two
		{PlanPro, LabelHeavy, 7}, {PlanBusiness, LabelHeavy, 20}, {PlanBusiness, LabelLight, 38}, {PlanBusiness, LabelMedium, 29},
		{PlanFree, LabelHeavy, 3}, {PlanPro, LabelResourceIntensive, 3}, {PlanNone, LabelHeavy, freeConcurrency},
	} {
		if got := (&Client{plan: tt.plan}).Concurrency(tt.label); got != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.plan, tt.label, got, tt.want)
		}
	}
}
