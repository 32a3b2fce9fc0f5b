package zoom

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
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

// headroom is the share of Zoom's limit that is used. Calls leave evenly spaced, so call N+1 leaves 1/0.96 windows after call 1 and
// a server that counts over a sliding window still counts N when their travel times differ by up to 4 % of the window.
const headroom = 0.96

// documentedRate returns calls per second for a label on a plan (developers.zoom.us, rate limits, 2026): per second for all labels but
// resource-intensive, which Zoom gives per minute. 0 means no limit.
func documentedRate(p Plan, l Label) float64 {
	type key struct {
		p Plan
		l Label
	}
	return map[key]float64{
		{PlanFree, LabelLight}: 4, {PlanPro, LabelLight}: 30, {PlanBusiness, LabelLight}: 80,
		{PlanFree, LabelMedium}: 2, {PlanPro, LabelMedium}: 20, {PlanBusiness, LabelMedium}: 60,
		{PlanFree, LabelHeavy}: 1, {PlanPro, LabelHeavy}: 10, {PlanBusiness, LabelHeavy}: 40,
		{PlanFree, LabelResourceIntensive}: 10. / 60, {PlanPro, LabelResourceIntensive}: 10. / 60, {PlanBusiness, LabelResourceIntensive}: 20. / 60,
	}[key{p, l}]
}

// pacer spaces the calls of each label. It is safe for concurrent use.
type pacer struct {
	limits map[Label]*rate.Limiter
	clock  clock
}

func newPacer(p Plan, c clock) *pacer {
	pc := &pacer{limits: map[Label]*rate.Limiter{}, clock: c}
	for _, l := range []Label{LabelLight, LabelMedium, LabelHeavy, LabelResourceIntensive} {
		if r := documentedRate(p, l); r > 0 {
			pc.limits[l] = rate.NewLimiter(rate.Limit(r*headroom), 1)
		}
	}
	return pc
}

// wait blocks until the next call of label may leave and returns how long that took.
func (p *pacer) wait(ctx context.Context, l Label) (time.Duration, error) {
	lim := p.limits[l]
	if lim == nil {
		return 0, ctx.Err()
	}
	now := p.clock.now()
	turn := lim.ReserveN(now, 1)
	d := turn.DelayFrom(now)
	if d <= 0 {
		return 0, ctx.Err()
	}
	if err := p.clock.sleep(ctx, d); err != nil {
		turn.CancelAt(p.clock.now())
		return 0, fmt.Errorf("wait for a %s call: %w", l, err)
	}
	return d, nil
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
