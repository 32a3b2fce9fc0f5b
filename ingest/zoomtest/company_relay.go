package zoomtest

import "net/netip"

// shareRelay is how many of the people with a Mac browse through a privacy relay. Its draws are hashes of their own, so that it shifts nothing else.
const shareRelay = 0.15

// relays says whether a person's browser goes through a privacy relay.
func (c *Company) relays(p *person) bool {
	return p.clients[0].client == clientMac && unit(hash(c.opt.Seed, forRelay, p.index, 0)) < shareRelay
}

// relayed returns the address that a session shows: a browser's that goes through a relay is another one each time, of the country and its time zone but of any city there. Clients of Zoom's own
// do not go through it, and the networks of the company are not left for it.
func (c *Company) relayed(p *person, at dayPlan, local, session, client int, addr netip.Addr) netip.Addr {
	if client != clientBrowser || at.atOffice || !c.relays(p) || c.ofCompany(addr) {
		return addr
	}
	h := hash(c.opt.Seed, forRelay, p.index, local*64+session+1)
	where, n := at.city, uint64(0)
	for i := range tripCities { // each as likely as the others
		if cities[i].country == cities[at.city].country && cities[i].zone == cities[at.city].zone {
			if n++; h%n == 0 {
				where = i
			}
			h = mix(h)
		}
	}
	return c.nets.relay[where].address(h, 0)
}

// ofCompany says whether an address is of an office or of the company's VPN.
func (c *Company) ofCompany(addr netip.Addr) bool {
	for _, n := range c.nets.office {
		if n.Prefix.Contains(addr) {
			return true
		}
	}
	return c.egress(signRow{addr: addr})
}
