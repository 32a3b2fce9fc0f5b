package zoomtest

import "math"

// A dayPlan is where a person spends a local day and when they work. Sign-ins and operations both follow it.
type dayPlan struct {
	present  bool
	away     bool // on a business trip
	atOffice bool
	city     int
	start    float64 // local hours
	length   float64
	until    float64 // nothing after this local hour: travel begins
	offset   int64   // seconds east of UTC
}

// plan decides a person's local day. It is a pure function of the seed, so any day can be asked alone.
func (c *Company) plan(p *person, day int) dayPlan {
	seed := c.opt.Seed
	at := dayPlan{city: p.office, until: 23.98}
	wd := weekday(day)
	if day >= p.longLeave[0] && day < p.longLeave[1] {
		return at
	}
	h := hash(seed, forPresence, p.index, day)
	stage, where := c.trip(p, day)
	switch stage {
	case tripTransit:
		return at
	case tripDepart:
		at.until = 11.5
	case tripAway:
		at.away, at.city = true, where
	case tripLast:
		at.away, at.city, at.until = true, where, 16
	}
	works := p.workdays>>wd&1 == 1 && !c.rest[p.office][day]
	if at.away {
		works = p.workdays>>wd&1 == 1
	}
	u := unit(h)
	if !works {
		at.present = u < p.weekend
	} else {
		at.present = u < p.presence && (at.away || !c.onLeave(p, day))
	}
	if !at.present {
		return at
	}
	h = mix(h)
	habitual := p.officeDays>>wd&1 == 1
	at.atOffice = works && !at.away && habitual == (unit(h) < 0.93) // habits break now and then, either way
	at.offset = c.offset(at.city, day)
	at.start = p.start + p.drift*math.Sin(2*math.Pi*float64(day)/p.driftDays+p.phase)
	at.length = p.length
	if !works {
		h = mix(h)
		at.start, at.length = 9+9*unit(h), 2
	}
	return at
}

// Leave comes in blocks: in most spans of eight weeks a person is away once, for two days to two weeks.
const leaveBlock = 56

func (c *Company) onLeave(p *person, day int) bool {
	shifted := day + p.index*17
	block, at := shifted/leaveBlock, shifted%leaveBlock
	h := hash(c.opt.Seed, forLeave, p.index, block)
	if unit(h) > 0.7 {
		return false
	}
	h = mix(h)
	length := 2 + int(12*unit(h)*unit(h))
	from := int(mix(h) % uint64(leaveBlock-14))
	return at >= from && at < from+length
}

const (
	tripNone = iota
	tripDepart
	tripTransit
	tripAway
	tripLast
)

// Trips come in blocks of 30 days: depart before noon, sign in again a day or two later depending on the distance, stay two to
// five days, and travel back on a day without rows. So no honest trip is faster than an aeroplane.
const (
	tripBlock  = 30
	longHaulKM = 3000
)

func (c *Company) trip(p *person, day int) (stage, where int) {
	shifted := day + p.index*7
	block, at := shifted/tripBlock, shifted%tripBlock
	h := hash(c.opt.Seed, forTrip, p.index, block)
	if unit(h) >= p.trips {
		return tripNone, 0
	}
	h = mix(h)
	where = c.destination(p, h)
	if where == p.office {
		return tripNone, 0
	}
	h = mix(h)
	from, stay := int(h%18), 2+int(h>>32%4)
	gap := 1
	if kilometres(p.office, where) > longHaulKM {
		gap = 2
	}
	switch away := at - from; {
	case away < 0 || away > gap+stay:
		return tripNone, 0
	case away == 0:
		return tripDepart, where
	case away < gap || away == gap+stay:
		return tripTransit, where
	case away == gap+stay-1:
		return tripLast, where
	default:
		return tripAway, where
	}
}

// destination is mostly another office city, sometimes one where only travellers go.
func (c *Company) destination(p *person, h uint64) int {
	if h>>40%3 != 0 {
		return int(h % officeCities)
	}
	return officeCities + int(h%(tripCities-officeCities))
}
