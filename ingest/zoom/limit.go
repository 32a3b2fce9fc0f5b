package zoom

import (
	"context"
	"math"
	"time"
)

// Label is Zoom's rate limit label of an endpoint.
type Label string

// The labels (developers.zoom.us, rate limits).
const (
	LabelLight             Label = "light"
	LabelMedium            Label = "medium"
	LabelHeavy             Label = "heavy"
	LabelResourceIntensive Label = "resource-intensive"
)

// headroom is the share of Zoom's limit that is used. Calls leave evenly spaced, so call N+1 leaves 1/0.98 windows after call 1, and a server that counts over
// a sliding window still counts N while their travel times differ by no more than 2 % of the window. What evens that out no longer - a connection that
// has to be opened first, a process that stalls - is what the slots of a lane are for.
const headroom = 0.98

// limit is what Zoom grants a label: calls in any one window. The zero limit is none.
type limit struct {
	calls  int
	window time.Duration
}

// documentedLimit returns the limit of a label on a plan (developers.zoom.us, rate limits, 2026): calls per second for all labels but resource-intensive,
// which Zoom gives per minute.
func documentedLimit(p Plan, l Label) limit {
	type key struct {
		p Plan
		l Label
	}
	return map[key]limit{
		{PlanFree, LabelLight}: {4, time.Second}, {PlanPro, LabelLight}: {30, time.Second}, {PlanBusiness, LabelLight}: {80, time.Second},
		{PlanFree, LabelMedium}: {2, time.Second}, {PlanPro, LabelMedium}: {20, time.Second}, {PlanBusiness, LabelMedium}: {60, time.Second},
		{PlanFree, LabelHeavy}: {1, time.Second}, {PlanPro, LabelHeavy}: {10, time.Second}, {PlanBusiness, LabelHeavy}: {40, time.Second},
		{PlanFree, LabelResourceIntensive}: {10, time.Minute}, {PlanPro, LabelResourceIntensive}: {10, time.Minute},
		{PlanBusiness, LabelResourceIntensive}: {20, time.Minute},
	}[key{p, l}]
}

// windowOf is the window of a label's limit: the same on every plan.
func windowOf(l Label) time.Duration {
	if l == LabelResourceIntensive {
		return time.Minute
	}
	return time.Second
}

// documentedRate is documentedLimit in calls per second. 0 means no limit.
func documentedRate(p Plan, l Label) float64 {
	d := documentedLimit(p, l)
	if d.calls == 0 {
		return 0
	}
	return float64(d.calls) / d.window.Seconds()
}

const (
	// usualLatency is how long a call of Zoom's API takes: what Concurrency is made for.
	usualLatency = 300 * time.Millisecond
	// freeConcurrency is the answer of Concurrency where there is no limit to reach.
	freeConcurrency = 8
)

// Concurrency returns how many calls of a label should be under way at once to reach its limit where each takes 300 ms: half as many again as that takes, and
// two more, for those that take longer. More gain nothing.
func (c *Client) Concurrency(l Label) int {
	r := documentedRate(c.plan, l)
	if r == 0 {
		return freeConcurrency
	}
	return int(math.Ceil(1.5*r*usualLatency.Seconds())) + 2
}

// clock is the time that waiting happens in.
type clock struct {
	now   func() time.Time
	sleep func(ctx context.Context, d time.Duration) error
}

func sleepReal(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
