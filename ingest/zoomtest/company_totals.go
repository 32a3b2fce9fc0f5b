package zoomtest

import (
	"sync"
	"time"
)

// totals keeps sums that cost a walk over every team: small, and asked for again and again. The zero value is empty.
type totals struct {
	mu       sync.Mutex
	days     map[int]DayTotal
	from, to int
	hosts    map[string]HostTotal
}

// DayTotals implements Conferences.
func (c *Company) DayTotals(day time.Time) DayTotal {
	d := dayNumber(day)
	if d < c.first || d > c.last {
		return DayTotal{}
	}
	c.totals.mu.Lock()
	defer c.totals.mu.Unlock()
	if t, ok := c.totals.days[d]; ok {
		return t
	}
	var t DayTotal
	for _, g := range c.gatherings(d) {
		if g.end >= c.end {
			continue
		}
		t.Meetings++
		if g.people < 2 {
			t.Alone++
		}
		t.Participants += g.people
		t.Minutes += minutes(g.seconds)
		if g.recorded {
			for _, f := range c.files(g) {
				t.RecordingBytes += f.Bytes
			}
		}
	}
	for _, p := range c.people {
		if !p.pending && floorDiv(p.created, secondsPerDay) == d {
			t.NewUsers++
		}
	}
	if c.totals.days == nil {
		c.totals.days = map[int]DayTotal{}
	}
	c.totals.days[d] = t
	return t
}

// HostTotals implements Conferences. The last window asked for is kept, because a client reads it page by page; callers must not change it.
func (c *Company) HostTotals(from, to time.Time) map[string]HostTotal {
	c.totals.mu.Lock()
	defer c.totals.mu.Unlock()
	a, b := max(dayNumber(from), c.first), min(dayNumber(to), c.last)
	if c.totals.hosts != nil && c.totals.from == a && c.totals.to == b {
		return c.totals.hosts
	}
	c.totals.from, c.totals.to, c.totals.hosts = a, b, map[string]HostTotal{}
	for d := a; d <= b; d++ {
		for _, g := range c.gatherings(d) {
			if g.end >= c.end {
				continue
			}
			t := c.totals.hosts[g.host.id]
			t.Meetings++
			t.Participants += g.people
			t.Minutes += minutes(g.seconds)
			c.totals.hosts[g.host.id] = t
		}
	}
	return c.totals.hosts
}
