package zoom

import (
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// noSkew is what a Date header differs without any skew: it has whole seconds, and was written before it travelled.
	noSkew = 2 * time.Second
	// maxSkew is a difference that is no wrong clock but a clock of the caller's own making, as for a simulated account.
	maxSkew = 12 * time.Hour
)

// skew is how far Zoom's clock is ahead of this one, by the last answer that said so.
type skew struct{ ahead atomic.Int64 }

// learn reads the Date header of an answer that arrived at now.
func (s *skew) learn(h http.Header, now time.Time) {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	d := t.Sub(now)
	if d.Abs() > maxSkew {
		return
	}
	if d.Abs() <= noSkew {
		d = 0
	}
	s.ahead.Store(int64(d))
}

// serverNow is the time by Zoom's clock: it decides when a day ends, and when the instant of a Retry-After has come.
func (c *Client) serverNow() time.Time { return c.now().Add(time.Duration(c.skew.ahead.Load())) }
