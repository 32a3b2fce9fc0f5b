package zoomtest

import "sync"

// Bounds of a dayCache: it keeps recent days until both are exceeded.
const (
	cacheDays = 2
	cacheRows = 500_000
)

// A dayCache keeps the most recently used days, because a client asks for one day page by page. The zero value is empty.
type dayCache[T any] struct {
	mu   sync.Mutex
	days []*cachedDay[T] // most recently used last
	most int             // rows to keep, 0 for cacheRows
}

type cachedDay[T any] struct {
	day  int
	once sync.Once
	rows []T
	n    int // len(rows) once known, guarded by the cache's lock
}

// get returns the rows of a day, making them once however many ask at a time.
func (c *dayCache[T]) get(day int, generate func(int) []T) []T {
	c.mu.Lock()
	var e *cachedDay[T]
	for i, have := range c.days {
		if have.day == day {
			e = have
			c.days = append(append(c.days[:i:i], c.days[i+1:]...), e)
			break
		}
	}
	if e == nil {
		e = &cachedDay[T]{day: day}
		c.days = append(c.days, e)
	}
	c.mu.Unlock()
	e.once.Do(func() {
		e.rows = generate(day)
		c.mu.Lock()
		e.n = len(e.rows)
		c.evict()
		c.mu.Unlock()
	})
	return e.rows
}

func (c *dayCache[T]) evict() {
	total, most := 0, c.most
	for _, e := range c.days {
		total += e.n
	}
	if most == 0 {
		most = cacheRows
	}
	for len(c.days) > cacheDays && total > most {
		total -= c.days[0].n
		c.days = c.days[1:]
	}
}
