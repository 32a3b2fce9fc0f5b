package zoom

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DefaultReserve is the share of the daily quota that is left to the other apps of the account.
const DefaultReserve = 0.1

// claimBlock is how many calls are claimed from the ledger at a time: what a crash can waste of the 27,000 or more of a day, for one write to disk a second at
// full speed.
const claimBlock = 50

// documentedQuota returns the calls of a UTC day for a label on a plan and the pool that they come out of (developers.zoom.us, rate limits, 2026): heavy and
// resource-intensive calls share one on paid plans, on the free plan each label has its own. 0 means no quota.
func documentedQuota(p Plan, l Label) (pool string, perDay int) {
	switch {
	case p == PlanFree:
		return string(l), map[Label]int{LabelLight: 6_000, LabelMedium: 2_000, LabelHeavy: 1_000, LabelResourceIntensive: 30_000}[l]
	case l != LabelHeavy && l != LabelResourceIntensive:
		return "", 0
	}
	return string(LabelHeavy), map[Plan]int{PlanPro: 30_000, PlanBusiness: 60_000}[p]
}

// QuotaError means that a call was not sent because the account's calls of the day are used up, or those that this client may spend of them.
type QuotaError struct {
	Label Label
	// Limit is how many calls a day this client may spend, the reserve left out.
	Limit int
	// ResetAt is the next 00:00 UTC, when Zoom counts from zero again.
	ResetAt time.Time
}

// Error says what is used up and when it comes back.
func (e *QuotaError) Error() string {
	return fmt.Sprintf("make a %s call: the account's calls of today are used up (%d a day for this program); run again after %s", e.Label, e.Limit,
		e.ResetAt.UTC().Format(time.RFC3339))
}

// quota keeps the calls of a day inside Zoom's daily limits. It is safe for concurrent use.
type quota struct {
	plan    Plan
	reserve float64
	ledger  Ledger
	now     func() time.Time // as close to Zoom's own clock as is known
	log     *slog.Logger

	mu    sync.Mutex
	day   time.Time // 00:00 UTC of the day that pools are about
	pools map[string]*pool
}

// pool is one daily count.
type pool struct {
	name   string
	limit  int  // calls a day for this client
	spent  int  // of them, as the ledger knows it, those held included
	held   int  // claimed and not used yet
	flying int  // sent and not answered yet
	zoom   int  // what Zoom said is left for all apps, less what was sent since; -1 before it said so
	closed bool // Zoom refused a call of today
}

func newQuota(p Plan, reserve float64, ledger Ledger, now func() time.Time, log *slog.Logger) *quota {
	return &quota{plan: p, reserve: reserve, ledger: ledger, now: now, log: log, pools: map[string]*pool{}}
}

// pool returns the pool of a label as of now, nil where there is no quota. q.mu is held.
func (q *quota) pool(l Label) *pool {
	name, perDay := documentedQuota(q.plan, l)
	if perDay == 0 {
		return nil
	}
	if today := q.now().UTC().Truncate(day); !today.Equal(q.day) {
		q.day = today
		clear(q.pools)
	}
	if q.pools[name] == nil {
		q.pools[name] = &pool{name: name, limit: int(math.Floor(float64(perDay) * (1 - q.reserve))), zoom: -1}
	}
	return q.pools[name]
}

// A charge is one call taken from a pool. It must be settled. The nil charge is one without a quota.
type charge struct {
	q    *quota
	pool *pool
	once sync.Once
}

// take takes one call of the day: out of those that are held, else out of the ledger. A *QuotaError says that none is left.
func (q *quota) take(ctx context.Context, l Label) (*charge, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p := q.pool(l)
	if p == nil {
		return nil, nil
	}
	if p.held == 0 && !p.closed && p.zoom != 0 {
		got, spent, err := q.ledger.Claim(ctx, q.day, p.name, claimBlock, p.limit)
		if err != nil {
			return nil, fmt.Errorf("count the %s calls of today: %w", l, err)
		}
		p.held, p.spent = got, spent
	}
	if p.left() == 0 || p.held == 0 {
		return nil, q.usedUp(p, l)
	}
	p.held--
	p.flying++
	if p.zoom > 0 {
		p.zoom--
	}
	return &charge{q: q, pool: p}, nil
}

// check returns the error of a label of which no call is left, as far as is known without asking the ledger.
func (q *quota) check(l Label) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p := q.pool(l); p != nil && p.left() == 0 {
		return q.usedUp(p, l)
	}
	return nil
}

func (q *quota) usedUp(p *pool, l Label) error {
	return &QuotaError{Label: l, Limit: p.limit, ResetAt: q.day.Add(day)}
}

// left is how many calls can still be made, as far as the pool knows.
func (p *pool) left() int {
	switch n := max(p.limit-p.spent+p.held, 0); {
	case p.closed:
		return 0
	case p.zoom >= 0:
		return min(n, p.zoom)
	default:
		return n
	}
}

// clocksDiffer is how long after 00:00 UTC Zoom's count may still be the one of yesterday.
const clocksDiffer = time.Minute

// settle ends a charge with the header of its answer, nil where none came. Zoom's count includes what other apps spend.
func (c *charge) settle(h http.Header) {
	if c == nil {
		return
	}
	c.once.Do(func() {
		c.q.mu.Lock()
		defer c.q.mu.Unlock()
		c.pool.flying--
		if !strings.HasPrefix(strings.ToLower(h.Get("X-Ratelimit-Type")), "daily") || c.q.now().Sub(c.q.day) < clocksDiffer {
			return
		}
		n, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Ratelimit-Remaining")))
		if err != nil || n < 0 {
			return
		}
		// Calls that are still under way may be counted in it or not.
		n = max(n-c.pool.flying, 0)
		if c.pool.zoom < 0 || n < c.pool.zoom {
			c.pool.zoom = n
		}
	})
}

// refused notes that Zoom itself says that the calls of the day are used up, for this client and those to come. Where they come back within maxWait the day that
// ends is meant, by a clock that is a little behind this one.
func (c *charge) refused(ctx context.Context, retryAt time.Time) {
	if c == nil || !retryAt.IsZero() && retryAt.Sub(c.q.now()) <= maxWait {
		return
	}
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	if c.pool.closed {
		return
	}
	c.pool.closed, c.pool.held = true, 0
	if c.q.pools[c.pool.name] != c.pool {
		return // of yesterday
	}
	if _, _, err := c.q.ledger.Claim(ctx, c.q.day, c.pool.name, c.pool.limit, c.pool.limit); err != nil {
		c.q.log.LogAttrs(ctx, slog.LevelWarn, "cannot note that the calls of today are used up", slog.String("error", err.Error()))
	}
}

// giveBack returns to the ledger what is held.
func (q *quota) giveBack(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range q.pools {
		if p.held == 0 {
			continue
		}
		if err := q.ledger.Return(ctx, q.day, p.name, p.held); err != nil {
			return fmt.Errorf("give back the calls of today that were not made: %w", err)
		}
		p.spent, p.held = p.spent-p.held, 0
	}
	return nil
}

// Budget returns how many more calls of reports and dashboards (heavy and resource-intensive) this client may make today: of its share of the daily quota, or
// what Zoom says is left, whichever is less. bounded is false, and the number 0, on a plan without a quota.
func (c *Client) Budget() (left int, bounded bool) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	left, perDay, err := c.Quota(ctx)
	if err != nil {
		c.log.LogAttrs(ctx, slog.LevelWarn, "cannot read how many calls of today are spent", slog.String("error", err.Error()))
	}
	return left, perDay > 0
}

// Quota is Budget with the error of the ledger, and with how many calls a day the client may make, its reserve left out; 0 on a plan without a quota. With an
// error, left is what the client knew before.
func (c *Client) Quota(ctx context.Context) (left, perDay int, err error) {
	q := c.quota
	q.mu.Lock()
	defer q.mu.Unlock()
	p := q.pool(LabelHeavy)
	if p == nil {
		return 0, 0, nil
	}
	// Others may have spent of the ledger since.
	_, spent, err := q.ledger.Claim(ctx, q.day, p.name, 0, p.limit)
	if err != nil {
		return p.left(), p.limit, fmt.Errorf("read the calls of today: %w", err)
	}
	p.spent = spent
	return p.left(), p.limit, nil
}

// closeTimeout bounds what Close and Budget wait for a ledger that another process holds.
const closeTimeout = 5 * time.Second

// Close gives back the calls of the day that were claimed and not made. The client can still be used; it claims others.
func (c *Client) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return c.quota.giveBack(ctx)
}
