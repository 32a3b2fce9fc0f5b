package zoom

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// The client against the simulated account that enforces Zoom's limits: how much of them it uses, and whether it is ever refused.

// travel is a transport on which every call is under way for 300 ms, 20 ms more or less, half of it each way.
type travel struct {
	base  http.RoundTripper
	clock clock

	mu      sync.Mutex
	rnd     *rand.Rand
	arrived []time.Time
}

const (
	oneWay = 150 * time.Millisecond
	jitter = 10 * time.Millisecond
)

func newTravel(base http.RoundTripper, c clock) *travel {
	return &travel{base: base, clock: c, rnd: rand.New(rand.NewPCG(3, 4))}
}

func (tr *travel) leg() time.Duration {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return oneWay - jitter + time.Duration(tr.rnd.Int64N(int64(2*jitter)))
}

func (tr *travel) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := tr.clock.sleep(r.Context(), tr.leg()); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(r.URL.Path, "/oauth/") {
		tr.mu.Lock()
		tr.arrived = append(tr.arrived, tr.clock.now())
		tr.mu.Unlock()
	}
	resp, err := tr.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return resp, tr.clock.sleep(r.Context(), tr.leg())
}

// ofAllowed is the rate at which calls arrived as a share of the limit.
func (tr *travel) ofAllowed(plan Plan, l Label) float64 {
	slices.SortFunc(tr.arrived, time.Time.Compare)
	took := tr.arrived[len(tr.arrived)-1].Sub(tr.arrived[0])
	return float64(len(tr.arrived)-1) / took.Seconds() / documentedRate(plan, l)
}

// inMemory hands requests to a handler without a network.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

const simulatedSecret = "simulated-secret"

// simulated is a handler of an account on a plan that lives by a clock of the test's.
func simulated(t testing.TB, plan Plan, now func() time.Time) *zoomtest.Handler {
	t.Helper()
	h, err := zoomtest.NewHandler(fewPeople(t), zoomtest.ServerOptions{AccountID: "acc", ClientID: "cid", ClientSecret: simulatedSecret, Plan: string(plan), Now: now, AsOf: limitTestDay})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var limitTestDay = time.Date(2026, 3, 20, 6, 0, 0, 0, time.UTC)

func fewPeople(t testing.TB) *zoomtest.Company {
	t.Helper()
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 1, Users: 20, Days: 2, End: limitTestDay})
	if err != nil {
		t.Fatal(err)
	}
	return company
}

func simulatedClient(t testing.TB, base string, plan Plan, tr http.RoundTripper, edit func(*Config)) *Client {
	t.Helper()
	cfg := Config{AccountID: "acc", ClientID: "cid", ClientSecret: NewSecret(simulatedSecret), APIURL: base + "/v2", OAuthURL: base, Plan: plan,
		HTTPClient: &http.Client{Transport: tr}, Reserve: new(0.0)}
	if edit != nil {
		edit(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// call makes a call of a label. What an account refuses for want of rows or of a plan has counted all the same.
func call(ctx context.Context, c *Client, l Label) error {
	q := url.Values{}
	path := map[Label]string{LabelLight: "/roles/1", LabelMedium: "/users", LabelHeavy: "/report/activities", LabelResourceIntensive: "/metrics/meetings"}[l]
	if l != LabelLight {
		q.Set("page_size", "1")
	}
	if l == LabelHeavy || l == LabelResourceIntensive {
		q.Set("from", "2026-03-20")
		q.Set("to", "2026-03-20")
	}
	_, err := c.get(ctx, Endpoint{Path: path, Label: l}, q)
	if IsRateLimited(err) || IsUnreachable(err) || IsUnauthorized(err) || ctxDone(err) {
		return err
	}
	return nil
}

// atFullSpeed makes calls with as many under way as the client advises.
func atFullSpeed(t testing.TB, c *Client, l Label, calls int) (made int, last error) {
	t.Helper()
	var next, done atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range c.Concurrency(l) {
		wg.Go(func() {
			for next.Add(1) <= int64(calls) {
				if err := call(context.Background(), c, l); err != nil {
					mu.Lock()
					last = err
					mu.Unlock()
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return int(done.Load()), last
}

// atOneGo drives a label in real time over a loopback connection.
func atOneGo(t testing.TB, plan Plan, l Label, calls int) (of float64, refused int64) {
	t.Helper()
	srv, err := zoomtest.NewServer(fewPeople(t), zoomtest.ServerOptions{AccountID: "acc", ClientID: "cid", ClientSecret: simulatedSecret, Plan: string(plan), AsOf: limitTestDay})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	tr := newTravel(newTransport(), clock{now: time.Now, sleep: sleepReal})
	c := simulatedClient(t, srv.URL, plan, tr, nil)
	if made, err := atFullSpeed(t, c, l, calls); err != nil || made != calls {
		t.Fatalf("%d calls: %v", made, err)
	}
	return tr.ofAllowed(plan, l), c.Stats().RateLimited
}

// BenchmarkRateLimit reports for every label how much of Zoom's limit the client uses ("of_allowed") and how often it is refused ("429s"): seconds in real time
// for limits per second, virtual time for those per minute and per day.
func BenchmarkRateLimit(b *testing.B) {
	report := func(b *testing.B, of float64, refused int64) {
		b.ReportMetric(of, "of_allowed")
		b.ReportMetric(float64(refused), "429s")
		b.ReportMetric(0, "ns/op")
	}
	for _, plan := range []Plan{PlanPro, PlanBusiness} {
		for _, l := range []Label{LabelLight, LabelMedium, LabelHeavy} {
			b.Run(fmt.Sprintf("%s/%s", plan, l), func(b *testing.B) {
				var of float64
				var refused int64
				for b.Loop() {
					of, refused = atOneGo(b, plan, l, 5*documentedLimit(plan, l).calls)
				}
				report(b, of, refused)
			})
		}
		b.Run(fmt.Sprintf("%s/%s", plan, LabelResourceIntensive), func(b *testing.B) {
			var of float64
			var refused int64
			for b.Loop() {
				now, clk := steppedClock(limitTestDay)
				tr := newTravel(inMemory{simulated(b, plan, now)}, clk)
				c := simulatedClient(b, "http://127.0.0.1", plan, tr, func(cfg *Config) { cfg.Now, cfg.Sleep = clk.now, clk.sleep })
				for range 30 * documentedLimit(plan, LabelResourceIntensive).calls {
					if err := call(context.Background(), c, LabelResourceIntensive); err != nil {
						b.Fatal(err)
					}
				}
				of, refused = tr.ofAllowed(plan, LabelResourceIntensive), c.Stats().RateLimited
			}
			report(b, of, refused)
		})
		b.Run(fmt.Sprintf("%s/day", plan), func(b *testing.B) {
			var of float64
			var refused int64
			for b.Loop() {
				now, clk := steppedClock(limitTestDay)
				of, refused = wholeDay(b, plan, LabelHeavy, now, clk, func(c *Client, calls int) (made int, err error) {
					for ; made < calls && err == nil; made++ {
						err = call(context.Background(), c, LabelHeavy)
					}
					return made, err
				})
			}
			report(b, of, refused)
		})
	}
}

// steppedClock is a clock that sleeping moves, for one caller at a time.
func steppedClock(start time.Time) (func() time.Time, clock) {
	var mu sync.Mutex
	at := start
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	return now, clock{now: now, sleep: func(ctx context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(d)
		return ctx.Err()
	}}
}

// wholeDay spends the quota of a day with two clients, of which the first is killed when it has spent two fifths, and sees that calls go on after midnight. It
// returns the share of the quota that was spent and how many calls were refused.
func wholeDay(t testing.TB, plan Plan, l Label, now func() time.Time, clk clock, drive func(c *Client, calls int) (int, error)) (of float64, refused int64) {
	t.Helper()
	h := simulated(t, plan, now)
	ledger := filepath.Join(t.TempDir(), "quota")
	next := func() *Client {
		return simulatedClient(t, "http://127.0.0.1", plan, newTravel(inMemory{h}, clk), func(cfg *Config) {
			cfg.Ledger = FileLedger(ledger, nil)
			if clk.now != nil {
				cfg.Now, cfg.Sleep = clk.now, clk.sleep
			}
		})
	}
	served := func() (n int) {
		for what, calls := range h.Requests() {
			if label, status, _ := strings.Cut(what, " "); strings.EqualFold(label, string(l)) && status != "429" {
				n += calls
			}
		}
		return n
	}
	_, perDay := documentedQuota(plan, l)
	first := next()
	if _, err := drive(first, perDay*2/5+7); err != nil {
		t.Fatal(err)
	}
	if err := clk.sleep(context.Background(), time.Second); err != nil { // no process starts in less
		t.Fatal(err)
	}
	second := next()
	if _, err := drive(second, perDay); !IsDailyLimit(err) {
		t.Fatalf("went on after %d calls: %v", served(), err)
	}
	total := served()
	if total > perDay || total < perDay-claimBlock {
		t.Errorf("%d calls on a day of %d: more than a block was lost, or too many were made", total, perDay)
	}
	if left, _ := second.Budget(); left != 0 && l == LabelHeavy {
		t.Errorf("%d calls left", left)
	}
	if err := clk.sleep(context.Background(), now().UTC().Truncate(day).Add(day).Sub(now())); err != nil {
		t.Fatal(err)
	}
	if err := call(context.Background(), second, l); err != nil || served() != total+1 {
		t.Errorf("after midnight: %v", err)
	}
	return float64(total) / float64(perDay), first.Stats().RateLimited + second.Stats().RateLimited
}

// TestDayInVirtualTime spends whole days at full speed with many calls under way.
func TestDayInVirtualTime(t *testing.T) {
	for _, tt := range []struct {
		plan  Plan
		label Label
	}{{PlanFree, LabelHeavy}, {PlanFree, LabelMedium}} { // the benchmark spends the larger ones of the paid plans
		t.Run(fmt.Sprintf("%s %s", tt.plan, tt.label), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of, refused := wholeDay(t, tt.plan, tt.label, time.Now, clock{now: time.Now, sleep: sleepReal}, func(c *Client, calls int) (int, error) {
					return atFullSpeed(t, c, tt.label, calls)
				})
				if refused != 0 || of < 0.94 { // a block of 50 is 5 % of 1,000
					t.Errorf("spent %.3f of the day, refused %d times", of, refused)
				}
			})
		})
	}
}

// TestMinutesInVirtualTime drives the limit per minute with many calls under way.
func TestMinutesInVirtualTime(t *testing.T) {
	for _, plan := range []Plan{PlanFree, PlanPro, PlanBusiness} {
		synctest.Test(t, func(t *testing.T) {
			tr := newTravel(inMemory{simulated(t, plan, time.Now)}, clock{now: time.Now, sleep: sleepReal})
			c := simulatedClient(t, "http://127.0.0.1", plan, tr, nil)
			calls := 10 * documentedLimit(plan, LabelResourceIntensive).calls
			if made, err := atFullSpeed(t, c, LabelResourceIntensive, calls); err != nil || made != calls {
				t.Fatalf("%d calls, %v", made, err)
			}
			if of := tr.ofAllowed(plan, LabelResourceIntensive); of < 0.97 || of > 1 || c.Stats().RateLimited != 0 {
				t.Errorf("%s: %.3f of the limit, refused %d times", plan, of, c.Stats().RateLimited)
			}
		})
	}
}
