package zoom

import (
	"context"
	"sync"
	"time"
)

// Ledger remembers how many calls of a UTC day were spent, so that a day's quota holds over restarts and for several processes. It must be safe for
// concurrent use.
type Ledger interface {
	// Claim spends up to n calls of a day from a pool of limit calls, and has written that down when it returns. It returns how many it got, 0 when the
	// pool is used up, and how many are spent with them. n may be 0, to look.
	Claim(ctx context.Context, day time.Time, pool string, n, limit int) (got, spent int, err error)
	// Return takes back n calls that were claimed and not made.
	Return(ctx context.Context, day time.Time, pool string, n int) error
}

// spending is calls by day (2006-01-02) and pool.
type spending map[string]map[string]int

func (s spending) claim(day time.Time, pool string, n, limit int) (got, spent int) {
	key := day.UTC().Format(time.DateOnly)
	spent = s[key][pool]
	got = max(min(n, limit-spent), 0)
	if got == 0 {
		return 0, spent
	}
	if s[key] == nil {
		s[key] = map[string]int{}
	}
	s[key][pool] = spent + got
	return got, spent + got
}

func (s spending) giveBack(day time.Time, pool string, n int) {
	pools := s[day.UTC().Format(time.DateOnly)]
	if pools[pool] > 0 {
		pools[pool] = max(pools[pool]-n, 0)
	}
}

// keptDays is how many days around today a ledger remembers: a clock that is set back over midnight finds its day again.
const keptDays = 3

// forget drops the days before day that nobody will ask for again.
func (s spending) forget(day time.Time) {
	oldest := day.UTC().AddDate(0, 0, 1-keptDays).Format(time.DateOnly)
	for d := range s {
		if d < oldest {
			delete(s, d)
		}
	}
}

// memoryLedger is a Ledger that ends with the process.
type memoryLedger struct {
	mu    sync.Mutex
	spent spending
}

// NewMemoryLedger returns a Ledger that ends with the process.
func NewMemoryLedger() Ledger { return &memoryLedger{spent: spending{}} }

func (m *memoryLedger) Claim(_ context.Context, day time.Time, pool string, n, limit int) (got, spent int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.spent.forget(day)
	got, spent = m.spent.claim(day, pool, n, limit)
	return got, spent, nil
}

func (m *memoryLedger) Return(_ context.Context, day time.Time, pool string, n int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.spent.giveBack(day, pool, n)
	return nil
}
