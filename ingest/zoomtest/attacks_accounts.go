package zoomtest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// newCountry: somebody signs in from a country where the user never is.
func (a *planter) newCountry(strength string) bool {
	c, s := a.c, a.s
	p := a.victim(func(p *person) bool { return p.trips < 0.05 && p.vpn < 0.1 })
	if p == nil {
		return false
	}
	day, at, ok := a.dayAt(p, a.earliest(), a.latest(3))
	if !ok {
		return false
	}
	where, sessions, days := 0, 0, 1
	var net *Network
	client, pool, lag := otherClient(p), uint64(0), s.IntN(60)
	hour := func() float64 { return s.between(0, 23.5) }
	switch strength {
	case StrengthBlatant:
		where, sessions, days = a.foreignTo(p, tripCities, len(cities)), 12, 2
		net, pool = c.nets.hosting[where], hostingPool
	case StrengthModerate:
		where, sessions = a.foreignTo(p, officeCities, tripCities), 5
		net = c.nets.home[where][s.IntN(homeProviders)][s.IntN(homeSuburbs)]
	default: // the victim's own client, in working hours, from a country the company works in
		offices := max(3, min(officeCities, 3+c.opt.Users/60))
		where, sessions, client, lag = a.foreignTo(p, 0, offices), 2, p.clients[0].client, p.clients[0].lag
		net = c.nets.home[where][s.IntN(homeProviders)][s.IntN(homeSuburbs)]
		hour = func() float64 { return at.start + at.length*s.Float64() }
	}
	row := a.session(client, day, lag, net, pool)
	for i := range sessions {
		if strength == StrengthBlatant && i%4 == 3 {
			row.client = clientBrowser
			row.version = c.versions.at(clientBrowser, day, 0)
		}
		a.sign(p, a.local(p, day+i*days/sessions, min(hour(), 23.5)), row)
	}
	if strength == StrengthBlatant {
		begin := a.local(p, day+1, 2)
		for range 8 {
			a.ops = append(a.ops, recordingOperation(begin+int64(s.IntN(5400)), p.email, recordingDownload, s.Uint64()))
		}
		a.attack.Operator = p.email
	}
	a.users = []*person{p}
	a.attack.User = p.email
	a.attack.Description = fmt.Sprintf("%d sign-ins from %s (%s network), not the user's country", sessions, cities[where].name, net.Kind)
	return true
}

// familiar: the intruder lives in the victim's country but behaves like another person.
func (a *planter) familiar(strength string) bool {
	c, s := a.c, a.s
	p := a.victim(func(p *person) bool { return p.vpn < 0.3 })
	if p == nil {
		return false
	}
	days, enough := byStrength(strength, 3, 2, 1), byStrength(strength, 6, 3, 1)
	for range 10 { // a ghost may be on leave, or hardly come: an empty label would be unfair
		day, _, ok := a.dayAt(p, a.earliest(), a.latest(days+1))
		if !ok {
			return false
		}
		ghost := a.ghost(p, strength)
		var held []int
		var rows []signRow
		for local := day; len(held) < days && local < min(day+12, c.last-1); local++ {
			if today := c.personaSignIns(s, p, ghost, local, nil); len(today) >= enough {
				held, rows = append(held, local), append(rows, today...)
			}
		}
		if len(held) < days {
			continue
		}
		if strength != StrengthSubtle { // the subtle intruder comes beside the victim's own day
			p.replaced = held
		}
		a.signIns = rows
		a.users = []*person{p}
		a.attack.User = p.email
		a.attack.Description = fmt.Sprintf("%d day(s) of another person in the same country: other provider, client and hours", days)
		return true
	}
	return false
}

// ghost is a persona drawn like any other person's, with the victim's country in common. The stronger the attack, the
// more its clients and hours differ.
func (a *planter) ghost(p *person, strength string) *person {
	c, s := a.c, a.s
	q := &person{index: c.opt.Users + 1 + p.index, email: p.email, role: roleMember, office: p.office, dept: p.dept}
	for i := range officeCities {
		if cities[i].country == cities[p.office].country && i != p.office && strength != StrengthSubtle {
			q.office = i
		}
	}
	c.drawHabits(s, q)
	q.left, q.silent, q.newLaptop, q.longLeave = never64, never64, never, [2]int{}
	q.officeDays, q.workdays, q.vpn, q.trips, q.presence, q.weekend = 0, 0b1111111, 0, 0, 1, 1
	q.isp = (p.isp + 1 + s.IntN(homeProviders-1)) % homeProviders
	if strength != StrengthSubtle {
		q.clients[0].client = otherClient(p)
	}
	shift := byStrength(strength, 5.0, 3, 1.5)
	if p.start+shift > 15 {
		shift = -shift
	}
	q.start = p.start + shift
	q.clients[0].rate = byStrength(strength, 6.0, 3, 1.5)
	return q
}

// travel: a second sign-in from too far away, too soon after one of the victim's own.
func (a *planter) travel(strength string) bool {
	c, s := a.c, a.s
	p := a.victim(func(p *person) bool { return p.trips < 0.1 && p.vpn < 0.1 })
	if p == nil {
		return false
	}
	for range 30 {
		day, _, ok := a.dayAt(p, a.earliest(), a.latest(2))
		if !ok {
			return false
		}
		own := c.ownSignIns(newStream(), p, day, nil)
		i := slices.IndexFunc(own, func(r signRow) bool { return !r.out && r.bare&bareAddress == 0 && !c.egress(r) })
		if i < 0 {
			continue
		}
		far := make([]int, 0, len(cities))
		for k := range cities {
			if cities[k].country != cities[p.office].country {
				far = append(far, k)
			}
		}
		slices.SortFunc(far, func(x, y int) int { return cmp.Compare(kilometres(p.office, x), kilometres(p.office, y)) })
		where := far[byStrength(strength, len(far)-1-s.IntN(4), len(far)/2, len(far)/3)]
		minutes := byStrength(strength, 20, 70, int(math.Ceil(kilometres(p.office, where)/2200*60))) // subtle: 2,200 km/h
		net, pool := c.nets.home[where][s.IntN(homeProviders)][s.IntN(homeSuburbs)], uint64(0)
		row := own[i]
		if strength == StrengthBlatant {
			net, pool, row.client = c.nets.hosting[where], hostingPool, int8(otherClient(p))
			row.version = c.versions.at(int(row.client), day, 10)
		}
		row.addr, row.bare = net.address(s.Uint64(), pool), 0
		first := own[i].at + int64(minutes*60)
		for n := range byStrength(strength, 4, 2, 1) {
			a.sign(p, first+int64(n*(600+s.IntN(1200))), row)
		}
		a.users = []*person{p}
		a.attack.User = p.email
		a.attack.Description = fmt.Sprintf("signed in %d minutes after a sign-in %.0f km away, from %s", minutes, kilometres(p.office, where), cities[where].name)
		return len(a.signIns) > 0
	}
	return false
}

// egress says whether a row comes through the company's VPN.
func (c *Company) egress(r signRow) bool {
	for _, n := range c.nets.vpn {
		if n.Prefix.Contains(r.addr) {
			return true
		}
	}
	return false
}

// dormant: an account nobody has used for months is used.
func (a *planter) dormant(strength string) bool {
	c, s := a.c, a.s
	p := a.victim(nil)
	if p == nil {
		return false
	}
	// the silence begins after some days of history and leaves room for the gap
	begin := c.first + 2 + s.IntN(max(1, min(c.opt.Days/4, c.opt.Days-dormantGapDays-10)))
	from := max(begin+dormantGapDays, a.earliest())
	to := a.latest(3)
	if to < from {
		return false
	}
	day := from + s.IntN(to-from+1)
	p.silent = int64(begin) * secondsPerDay
	client, lag := otherClient(p), 20
	net, pool, sessions := c.nets.home[p.office][p.isp][p.suburb], uint64(0), 2
	switch strength {
	case StrengthBlatant:
		net, pool, sessions = c.nets.hosting[a.foreignTo(p, tripCities, len(cities))], hostingPool, 8
	case StrengthModerate:
		net, sessions = c.nets.home[p.office][(p.isp+1)%homeProviders][s.IntN(homeSuburbs)], 4
	default:
		client, lag = p.clients[0].client, p.clients[0].lag
	}
	row := a.session(client, day, lag, net, pool)
	for i := range sessions {
		a.sign(p, a.local(p, day+i/5, p.start+p.length*s.Float64()), row)
	}
	a.users = []*person{p}
	a.attack.User = p.email
	a.attack.Description = fmt.Sprintf("%d sign-ins after %d days of silence, from a %s network in %s", sessions, day-begin, net.Kind, net.Country)
	return true
}

// terminated: a deactivated user is active afterwards.
func (a *planter) terminated(strength string) bool {
	c, s := a.c, a.s
	p := a.victim(nil)
	if p == nil {
		return false
	}
	gap := byStrength(strength, 5, 12, 0)
	day, _, ok := a.dayAt(p, a.earliest(), a.latest(gap+3))
	if !ok {
		return false
	}
	p.left = a.local(p, day, 14.5)
	net, pool, sessions, client, hour := c.nets.home[p.office][p.isp][p.suburb], uint64(0), 1, p.clients[0].client, 18.0
	switch strength {
	case StrengthBlatant:
		net, pool, sessions, client, hour = c.nets.hosting[a.foreignTo(p, tripCities, len(cities))], hostingPool, 6, otherClient(p), 1
	case StrengthModerate:
		sessions, hour = 3, 20
	}
	row := a.session(client, day, 15, net, pool)
	for range sessions {
		a.sign(p, a.local(p, day+gap, hour+3*s.Float64()), row)
	}
	a.users = []*person{p}
	a.attack.User = p.email
	a.attack.Description = fmt.Sprintf("%d sign-ins %d days after the account was deactivated, from a %s network", sessions, gap, net.Kind)
	return true
}

// oneAddress: one outside address signs in to many accounts.
func (a *planter) oneAddress(strength string) bool {
	c, s := a.c, a.s
	n := min(byStrength(strength, 25, 10, 5), max(5, c.opt.Users/5))
	minutes := byStrength(strength, 60, 6*60, 10*60)
	neighbour := func(p *person) bool {
		return strength == StrengthBlatant || len(a.users) == 0 || cities[p.office].country == cities[a.users[0].office].country
	}
	for len(a.users) < n {
		p := a.victim(neighbour)
		if p == nil {
			p = a.victim(nil)
		}
		if p == nil {
			break
		}
		a.users = append(a.users, p)
	}
	if len(a.users) < 5 {
		return false
	}
	lead := a.users[0]
	day, _, ok := a.dayAt(lead, a.earliest(), a.latest(2))
	if !ok {
		return false
	}
	where, begin := lead.office, 8.5
	net, pool := c.nets.home[where][s.IntN(homeProviders)][s.IntN(homeSuburbs)], uint64(0)
	client := clientBrowser
	if strength == StrengthBlatant {
		where, begin = a.foreignTo(lead, tripCities, len(cities)), 3
		net, pool = c.nets.hosting[where], hostingPool
	}
	row := a.session(client, day, 0, net, pool)
	for _, p := range a.users {
		if strength == StrengthSubtle {
			row.client, row.version = int8(p.clients[0].client), c.versions.at(p.clients[0].client, day, p.clients[0].lag)
		}
		a.sign(p, a.local(lead, day, begin)+int64(s.Float64()*float64(minutes)*60), row)
	}
	a.attack.User = lead.email
	a.attack.Description = fmt.Sprintf("%s (%s network in %s) signed in to %d accounts within %d minutes", row.addr, net.Kind, cities[where].name, len(a.users), minutes)
	return true
}
