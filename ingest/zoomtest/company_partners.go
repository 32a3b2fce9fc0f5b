package zoomtest

import (
	"fmt"
	"net/netip"
)

// Other companies people meet with. Each person has a few of them; each sits in one city, and some of its people elsewhere.
const (
	partners          = 400
	partnersPerPerson = 4
	shareElsewhere    = 0.03 // of the guests, in a city where nobody of the company goes
	shareGuestHosting = 0.04 // of the guests, behind a cloud provider's network
)

// partner is one of the companies a person deals with.
func (c *Company) partner(p *person, n int) int {
	return int(hash(c.opt.Seed, forGuests, p.index, n) % partners)
}

func partnerName(n int) string { return fmt.Sprintf("Partner %03d", n+1) }

// partnerDomain is a reserved name (RFC 2606).
func partnerDomain(n int) string {
	return fmt.Sprintf("partner%03d.%s", n+1, [...]string{"example.org", "example.net"}[n%2])
}

func (g guest) name() string  { return fmt.Sprintf("Guest %02d (%s)", g.n, partnerName(g.partner)) }
func (g guest) email() string { return fmt.Sprintf("guest%02d@%s", g.n, partnerDomain(g.partner)) }

// network is where a guest sits, always the same; the host within it changes by the month.
func (c *Company) guestNetwork(g guest, day int) (*Network, netip.Addr) {
	h := hash(c.opt.Seed, forGuests, -1-g.partner, g.n)
	at := int(hash(c.opt.Seed, forGuests, -1-g.partner, 0) % tripCities)
	if unit(h) < shareElsewhere {
		at = tripCities + int(h>>20)%(len(cities)-tripCities)
	}
	n := c.nets.home[at][h%homeProviders][h>>8%homeSuburbs]
	pool := uint64(0)
	if unit(mix(h)) < shareGuestHosting {
		n, pool = c.nets.hosting[at], hostingPool
	}
	return n, n.address(hash(c.opt.Seed, forGuests, -1-g.partner, g.n<<12+day/30), pool)
}
