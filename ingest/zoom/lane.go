package zoom

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pacer has a lane for every label that has a limit. It is safe for concurrent use.
type pacer struct {
	lanes map[Label]*lane
	clock clock
}

func newPacer(p Plan, c clock) *pacer {
	pc := &pacer{lanes: map[Label]*lane{}, clock: c}
	for _, l := range []Label{LabelLight, LabelMedium, LabelHeavy, LabelResourceIntensive} {
		if d := documentedLimit(p, l); d.calls > 0 {
			pc.lanes[l] = newLane(d)
		}
	}
	return pc
}

// A lane lets the calls of one label leave, in two ways at once.
//
// The limiter spaces them, so that the limit is spread over its window. The slots make sure of it: there are as many as Zoom allows calls in a window, every
// call takes one, and a slot can be taken again a window after its call left, or after it was written to the network where that took longer. Two calls of one
// slot are therefore never in one window, and no window holds more calls than there are slots, also when calls were held up on this side and then left
// together.
type lane struct {
	limiter *rate.Limiter
	window  time.Duration
	slots   chan time.Time // when each was used last

	mu     sync.Mutex
	paused time.Time
}

func newLane(d limit) *lane {
	every := time.Duration(float64(d.window) / float64(d.calls) / headroom)
	l := &lane{limiter: rate.NewLimiter(rate.Every(every), 1), window: d.window, slots: make(chan time.Time, d.calls)}
	for range d.calls {
		l.slots <- time.Time{}
	}
	return l
}

// A turn is the right to send one call. It must be ended with done. The nil turn is one without a limit.
type turn struct {
	lane *lane
	now  func() time.Time
	left time.Time
	once sync.Once

	mu   sync.Mutex
	dial time.Time // when it asked for a connection
}

// wait blocks until the next call of label may leave and returns how long that took.
func (p *pacer) wait(ctx context.Context, label Label) (*turn, time.Duration, error) {
	l := p.lanes[label]
	if l == nil {
		return nil, 0, ctx.Err()
	}
	start := p.clock.now()
	if err := l.hold(ctx, p.clock); err != nil {
		return nil, 0, fmt.Errorf("wait for a %s call: %w", label, err)
	}
	left := p.clock.now()
	return &turn{lane: l, now: p.clock.now, left: left}, left.Sub(start), nil
}

// hold waits for the limiter, then for pauses to end, then for a slot, and takes it. Slots are taken when turns come, not when they are given out: calls
// would else hold each other's and leave in another order than their turns.
func (l *lane) hold(ctx context.Context, c clock) error {
	for {
		now := c.now()
		turn := l.limiter.ReserveN(now, 1)
		if d := turn.DelayFrom(now); d > 0 {
			if err := c.sleep(ctx, d); err != nil {
				turn.CancelAt(c.now())
				return err
			}
		}
		if l.pausedFor(c.now()) <= 0 {
			if err := l.takeSlot(ctx, c); err != nil {
				return err
			}
			if l.pausedFor(c.now()) <= 0 {
				return nil
			}
			l.slots <- time.Time{} // had its time
		}
		// The turn is given up and another one taken after the pause, lest all that waited leave together.
		if err := c.sleep(ctx, max(l.pausedFor(c.now()), 0)); err != nil {
			return err
		}
	}
}

// takeSlot takes the slot that was used longest ago and waits until it can leave.
func (l *lane) takeSlot(ctx context.Context, c clock) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var used time.Time
	select {
	case used = <-l.slots:
	case <-ctx.Done():
		return ctx.Err()
	}
	if d := l.window - c.now().Sub(used); d > 0 {
		if err := c.sleep(ctx, d); err != nil {
			l.slots <- used
			return err
		}
	}
	return nil
}

func (l *lane) pausedFor(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.paused.Sub(now)
}

// pause holds every call of a label back for d from now on.
func (p *pacer) pause(label Label, d time.Duration) {
	l := p.lanes[label]
	if l == nil {
		return
	}
	until := p.clock.now().Add(d)
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.paused) {
		l.paused = until
	}
}

// dials notes that the call asks for a connection: one may have to be opened.
func (t *turn) dials() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dial.IsZero() {
		t.dial = t.now()
	}
}

// written notes that the request is on its way now. What it took from dials on, it was held up: no server has counted it before.
func (t *turn) written() {
	if t == nil {
		return
	}
	t.mu.Lock()
	var held time.Duration
	if !t.dial.IsZero() {
		held = t.now().Sub(t.dial)
	}
	t.mu.Unlock()
	t.once.Do(func() { t.lane.slots <- t.left.Add(held) })
}

// done ends a turn. Where nobody said when the request was written, it counts from when it left.
func (t *turn) done() {
	if t == nil {
		return
	}
	t.once.Do(func() { t.lane.slots <- t.left })
}
