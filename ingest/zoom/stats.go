package zoom

import (
	"sync/atomic"
	"time"
)

// Stats counts what a client did since it was made.
type Stats struct {
	Requests    int64         // API calls sent, repeats included, token requests not
	Retries     int64         // calls and token requests that were repeated after a fault
	RateLimited int64         // replies with status 429
	Waited      time.Duration // time that calls waited for their turn under the rate limits, summed over calls
}

type counters struct{ requests, retries, refused, waited atomic.Int64 }

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	return Stats{Requests: c.stats.requests.Load(), Retries: c.stats.retries.Load(), RateLimited: c.stats.refused.Load(),
		Waited: time.Duration(c.stats.waited.Load())}
}
