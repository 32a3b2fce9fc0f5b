package zoomtest

import (
	"math"
	"net/netip"
	"slices"
)

// A signRow is an Activity before its strings are made.
type signRow struct {
	at      int64
	who     int32
	out     bool
	bare    uint8 // columns Zoom left out, bits of bare*
	client  int8
	version string
	addr    netip.Addr
}

const (
	bareAddress = 1 << iota
	bareClient
	bareVersion
)

// shareBare is how many rows lack an address, a client or a version.
const shareBare = 0.005

// weekdayRate is the weekly rhythm of the company, Sunday first; dayNoise (the standard deviation of a logarithm) makes volumes
// vary from day to day more than independent sessions would.
var weekdayRate = [7]float64{1, 1.15, 1.05, 1.05, 1, 0.85, 1}

const dayNoise = 0.3

// generateActivities makes one UTC day.
func (c *Company) generateActivities(day int) []Activity {
	const block = 512
	blocks := (len(c.people) + block - 1) / block
	parts := make([][]signRow, blocks)
	from, to := int64(day)*secondsPerDay, min(int64(day+1)*secondsPerDay, c.end)
	c.inParallelBlocks(blocks, func(s *stream, b int) {
		var rows, own []signRow
		for i := b * block; i < min((b+1)*block, len(c.people)); i++ {
			own = c.utcSignIns(s, c.people[i], from, to, own[:0])
			rows = append(rows, own...)
		}
		parts[b] = rows
	})
	rows := slices.Concat(parts...)
	for _, r := range c.planted.signIns[day] {
		if r.at >= from && r.at < to {
			rows = append(rows, r)
		}
	}
	keys := make([]uint64, len(rows))
	for i, r := range rows {
		keys[i] = uint64(r.at-from)<<40 | uint64(i)
	}
	slices.Sort(keys)
	out := make([]Activity, len(rows))
	c.inParallel(len(rows), func(_ *stream, i int) { out[i] = c.activity(rows[keys[i]&(1<<40-1)]) })
	return out
}

func (c *Company) activity(r signRow) Activity {
	a := Activity{Email: c.people[r.who].email, Time: stamp(r.at), Type: "Sign in"}
	if r.out {
		a.Type = "Sign out"
	}
	if r.bare&bareAddress == 0 && r.addr.IsValid() {
		a.IPAddress = r.addr.String()
	}
	if r.bare&bareClient == 0 {
		a.ClientType = clientTypes[r.client]
	}
	if r.bare&bareVersion == 0 {
		a.Version = r.version
	}
	return a
}

// utcSignIns appends a person's own rows of [from, to). A UTC day holds parts of up to three local days.
func (c *Company) utcSignIns(s *stream, p *person, from, to int64, rows []signRow) []signRow {
	if p.pending || p.created >= to || min(p.left, p.silent) <= from {
		return rows
	}
	day := floorDiv(from, secondsPerDay)
	n := len(rows)
	for local := day - 1; local <= day+1; local++ {
		rows = c.ownSignIns(s, p, local, rows)
	}
	kept := rows[:n]
	for _, r := range rows[n:] {
		if r.at >= from && r.at < to {
			kept = append(kept, r)
		}
	}
	return kept
}

// ownSignIns appends what a person does on a local day: rows while the account was usable, in no particular order.
func (c *Company) ownSignIns(s *stream, p *person, local int, rows []signRow) []signRow {
	if slices.Contains(p.replaced, local) {
		return rows
	}
	return c.personaSignIns(s, p, p, local, rows)
}

// personaSignIns makes the rows of account p with the habits of persona q, which differ when somebody else holds the account.
func (c *Company) personaSignIns(s *stream, p, q *person, local int, rows []signRow) []signRow {
	at := c.plan(q, local)
	if !at.present {
		return rows
	}
	s.reseed(hash(c.opt.Seed, forSignIns, q.index, local))
	midnight := int64(local)*secondsPerDay - at.offset
	busy := weekdayRate[weekday(local)] * math.Exp(dayNoise*s.NormFloat64())
	for slot, h := range q.clients {
		h.rate *= busy
		rows = c.sessions(s, p, q, at, midnight, local, slot, h, rows)
	}
	return rows
}

func (c *Company) sessions(s *stream, p, q *person, at dayPlan, midnight int64, local, slot int, h habit, rows []signRow) []signRow {
	rate := h.rate
	if at.length < 4 {
		rate *= 0.5
	}
	n := s.poisson(rate)
	if slot == 0 && n == 0 && s.chance(0.5) {
		n = 1
	}
	client := h.client
	if slot == 0 && local >= q.newLaptop {
		client = clientWindows + clientMac - client
	}
	version := c.versions.at(client, local, h.lag)
	for i := range n {
		hour := h.hour + h.spread*s.NormFloat64()
		if slot == 0 {
			hour = at.start + h.spread*s.NormFloat64()
			if i > 0 {
				hour = at.start + at.length*s.between(0.3, 1)
			}
		} else if at.length < 4 {
			hour = at.start + 2*s.Float64()
		}
		hour = min(max(hour, 0.1), 23.7)
		out := h.signOut > s.Float64()
		stay := 0.1 + s.ExpFloat64()*2.5
		addr := c.relayed(q, at, local, i, client, c.address(s, q, at, local, client))
		bare := uint8(0)
		if s.chance(shareBare) {
			bare = uint8(1 + s.IntN(7))
		}
		if hour > at.until {
			continue
		}
		r := signRow{at: midnight + int64(hour*3600), who: int32(p.index), client: int8(client), version: version, addr: addr, bare: bare}
		if !p.usable(r.at) {
			continue
		}
		rows = append(rows, r)
		if r.at += int64(stay * 3600); out && float64(r.at-midnight) < at.until*3600 && p.usable(r.at) {
			r.out = true
			rows = append(rows, r)
		}
	}
	return rows
}

// address is where a session comes from, given the day.
func (c *Company) address(s *stream, p *person, at dayPlan, local, client int) netip.Addr {
	seed := c.opt.Seed
	phone := client == clientIOS || client == clientAndroid
	u := s.Float64()
	if phone && u < 0.6 {
		// a carrier hands out another address every day or two
		h := hash(seed, forMobile, p.index, (local+p.index)/(1+p.index%2))
		return c.nets.mobile[at.city][p.carrier][p.ipv6].address(mix(h^uint64(at.city)), 0)
	}
	if at.away {
		h := hash(seed, forTrip, p.index, local/7)
		switch {
		case u > 1-p.vpn/2:
			return c.nets.vpn[p.egress].address(uint64(p.index), egressPool)
		case at.city < officeCities && u < 0.35:
			return c.nets.office[at.city].address(uint64(s.IntN(officePool)), officePool)
		case u < 0.45:
			return c.nets.public[at.city][h%publics].address(s.Uint64(), 0)
		default:
			return c.nets.hotel[at.city][h%hotels].address(h>>8, hotelPool)
		}
	}
	if at.atOffice {
		n := p.index % officePool // the usual one, sometimes another
		if u > 0.85 {
			n = s.IntN(officePool)
		}
		return c.nets.office[at.city].address(uint64(n), officePool)
	}
	if !phone && u < p.vpn {
		return c.nets.vpn[p.egress].address(uint64(p.index), egressPool)
	}
	if u > 0.985 {
		return c.nets.public[at.city][p.index%publics].address(s.Uint64(), 0)
	}
	return c.homeAddress(p, local)
}

// homeAddress is the line at home; the provider renews the address now and then.
func (c *Company) homeAddress(p *person, day int) netip.Addr {
	h := hash(c.opt.Seed, forLease, p.index, (day+p.index)/p.lease)
	return c.nets.home[p.office][p.isp][p.suburb].address(h, 0)
}
