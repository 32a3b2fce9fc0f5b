package geo

import (
	"net/netip"
	"sync"
)

// cacheGeneration is how many places one generation of the cache holds: an account signs in from far fewer addresses a day, at some 200 bytes each.
const cacheGeneration = 16_384

// cache keeps the places that were asked for last: two generations, of which the older one is dropped when the younger one is full. The zero value is ready.
type cache struct {
	mu         sync.Mutex
	young, old map[netip.Addr]Place
}

func (c *cache) get(a netip.Addr) (Place, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.young[a]; ok {
		return p, true
	}
	p, ok := c.old[a]
	if ok {
		c.add(a, p)
	}
	return p, ok
}

func (c *cache) put(a netip.Addr, p Place) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(a, p)
}

func (c *cache) add(a netip.Addr, p Place) {
	if c.young == nil || len(c.young) >= cacheGeneration {
		c.young, c.old = make(map[netip.Addr]Place), c.young
	}
	c.young[a] = p
}
