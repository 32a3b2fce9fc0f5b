package zoomtest

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A rateLabel is the class Zoom's documentation puts an endpoint in, spelled as in the X-RateLimit-Category header.
type rateLabel string

const (
	light             rateLabel = "Light"
	medium            rateLabel = "Medium"
	heavy             rateLabel = "Heavy"
	resourceIntensive rateLabel = "Resource-intensive"
)

// A rate is what a plan grants a label: calls per window, and per UTC day if perDay is not zero.
type rate struct {
	calls  int
	window time.Duration
	perDay int
	quota  rateLabel // whose daily count these calls spend: Heavy and Resource-intensive share one on paid plans
}

// planRates are the limits of developers.zoom.us/docs/api/rate-limits. They hold for the account, whichever app or user calls.
var planRates = map[string]map[rateLabel]rate{
	"free": {
		light:             {4, time.Second, 6_000, light},
		medium:            {2, time.Second, 2_000, medium},
		heavy:             {1, time.Second, 1_000, heavy},
		resourceIntensive: {10, time.Minute, 30_000, resourceIntensive},
	},
	"pro": {
		light:             {calls: 30, window: time.Second},
		medium:            {calls: 20, window: time.Second},
		heavy:             {10, time.Second, 30_000, heavy},
		resourceIntensive: {10, time.Minute, 30_000, heavy},
	},
	"business": {
		light:             {calls: 80, window: time.Second},
		medium:            {calls: 60, window: time.Second},
		heavy:             {40, time.Second, 60_000, heavy},
		resourceIntensive: {20, time.Minute, 60_000, heavy},
	},
}

// clockJitter is how much earlier than a full window after the call it replaces a call may arrive. A client that sends evenly, exactly
// at the limit, sees its calls bunched by the network and the scheduler; without slack every second or so one of them would be refused.
const clockJitter = 50 * time.Millisecond

// A limiter counts calls by label over a sliding window: a call is refused when the window that ends with it already holds as many as the
// plan grants. Unlike a fixed window it gives no double burst at the turn of a second, so a client must keep burst plus rate within the limit.
// Refused calls are not counted. Safe for concurrent use.
type limiter struct {
	rates map[rateLabel]rate
	now   func() time.Time
	skew  func() time.Duration // how far the server's day is ahead of now
	slack time.Duration        // clockJitter, or 0 for clients on the server's own clock

	mu    sync.Mutex
	rings map[rateLabel]*callRing
	day   time.Time // UTC midnight that spent belongs to
	spent map[rateLabel]int
}

func newLimiter(o *ServerOptions, skew func() time.Duration) *limiter {
	rates := planRates[o.Plan]
	l := &limiter{rates: rates, now: o.Now, skew: skew, slack: clockJitter, rings: map[rateLabel]*callRing{}, spent: map[rateLabel]int{}}
	for label, r := range rates {
		l.rings[label] = &callRing{at: make([]time.Time, 0, r.calls)}
	}
	if o.ExactLimits {
		l.slack = 0
	}
	l.spend(heavy, o.QuotaUsed)
	return l
}

// A verdict is what the limiter says about a call, as the X-RateLimit headers carry it.
type verdict struct {
	label     rateLabel
	daily     bool // which of the two limits the figures are of
	refused   bool
	limit     int
	remaining int
	retryAt   time.Time // of a daily refusal
}

// take counts one call, or refuses it. The figures are of the daily quota where there is one, except when the short window refuses.
func (l *limiter) take(label rateLabel) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, r := l.now(), l.rates[label]
	l.turnDay(now)
	if r.perDay > 0 && l.spent[r.quota] >= r.perDay {
		return verdict{label: label, daily: true, refused: true, limit: r.perDay, retryAt: l.day.AddDate(0, 0, 1)}
	}
	if !l.rings[label].add(now, l.window(r), r.calls) {
		return verdict{label: label, refused: true, limit: r.calls}
	}
	if r.perDay > 0 {
		l.spent[r.quota]++
	}
	return l.standing(label, now)
}

// peek reports the figures without counting a call.
func (l *limiter) peek(label rateLabel) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.turnDay(now)
	return l.standing(label, now)
}

func (l *limiter) standing(label rateLabel, now time.Time) verdict {
	r := l.rates[label]
	if r.perDay > 0 {
		return verdict{label: label, daily: true, limit: r.perDay, remaining: max(0, r.perDay-l.spent[r.quota])}
	}
	return verdict{label: label, limit: r.calls, remaining: max(0, r.calls-l.rings[label].within(now, l.window(r)))}
}

// spend takes calls off the daily quota that a label draws on, if it has one.
func (l *limiter) spend(label rateLabel, calls int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turnDay(l.now())
	l.spent[l.rates[label].quota] += calls
}

// window is how long after a call the next but so many is admitted.
func (l *limiter) window(r rate) time.Duration { return r.window - l.slack }

// turnDay clears the quotas at 00:00 UTC of the server's clock.
func (l *limiter) turnDay(now time.Time) {
	if day := now.Add(l.skew()).UTC().Truncate(24 * time.Hour); !day.Equal(l.day) {
		l.day = day
		clear(l.spent)
	}
}

// A callRing remembers when the last calls were admitted, as many as the window grants.
type callRing struct {
	at   []time.Time
	next int // the oldest, once the ring is full
}

// add admits a call unless the oldest remembered one is still within the window.
func (c *callRing) add(now time.Time, window time.Duration, calls int) bool {
	if len(c.at) < calls {
		c.at = append(c.at, now)
		return true
	}
	if now.Sub(c.at[c.next]) < window {
		return false
	}
	c.at[c.next] = now
	c.next = (c.next + 1) % len(c.at)
	return true
}

// within counts the remembered calls that the window ending now holds.
func (c *callRing) within(now time.Time, window time.Duration) int {
	n := 0
	for _, t := range c.at {
		if now.Sub(t) < window {
			n++
		}
	}
	return n
}

// setHeaders writes the X-RateLimit headers; only a daily refusal says when to come back, as an ISO 8601 instant.
func (v verdict) setHeaders(h http.Header) {
	kind := "QPS"
	if v.daily {
		kind = "Daily-limit"
	}
	h.Set("X-RateLimit-Category", string(v.label))
	h.Set("X-RateLimit-Type", kind)
	h.Set("X-RateLimit-Limit", strconv.Itoa(v.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(v.remaining))
	if v.refused && v.daily {
		h.Set("Retry-After", v.retryAt.UTC().Format(time.RFC3339))
	}
}

// refusal is the error body of a refused call.
func (v verdict) refusal() *apiError {
	message := messagePerSecondLimit
	if v.daily {
		message = messageDailyLimit
	}
	return &apiError{status: http.StatusTooManyRequests, Code: codeTooMany, Message: message}
}
