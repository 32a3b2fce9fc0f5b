package zoomtest

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// gatheringsKept bounds the meetings kept in memory; one takes about half a kilobyte.
const gatheringsKept = 100_000

// Kinds of gathering.
const (
	gatherStandUp = iota
	gatherTeam
	gatherPair
	gatherSession  // colleagues, ad hoc
	gatherCustomer // people of another company
	gatherCompany  // everybody who can
	gatherSupport  // somebody helps a colleague
)

// A gathering is a Meeting before its strings are made.
type gathering struct {
	team          *team // nil for everybody's
	local, seq    int
	kind          int8
	host          *person
	number        int64
	typ           int
	partner       int // whose people are the guests
	created       int64
	start, end    int64
	stays         []stay
	people        int
	colleagues    int
	seconds       int64
	recorded      bool
	screen, chat  bool
	video, phone  bool
	remoteControl bool
	endToEnd      bool
}

// A guest is somebody of another company.
type guest struct{ partner, n int }

// A stay is a Participant before its strings are made. Either who or the guest is set.
type stay struct {
	who         *person
	guest       guest
	join, leave int64
	waiting     bool
	phone       bool
}

// Habits of meetings. Lengths are minutes; the shares are plausible, not measured.
const (
	shareStandUp   = 0.4  // of the teams
	shareComes     = 0.88 // of those who are invited and free
	shareLate      = 0.08 // leave early or come late by more than minutes
	shareRejoin    = 0.05
	shareNoShow    = 0.05 // of the meetings with customers
	shareAlone     = 0.15 // of the meetings nobody else comes to, that the host sits through
	shareWaits     = 0.6  // of the guests
	shareDialIn    = 0.03
	shareRemoteCtl = 0.02
	shareEndToEnd  = 0.02
	basicMinutes   = 40 // after which Zoom ends the meeting of a basic account
	quarter        = 15 * 60
)

// sessionRate and customerRate are ad-hoc meetings a working day, by department.
var (
	sessionRate  = []float64{0.35, 0.4, 0.25, 0.2, 0.3, 0.4, 0.3, 0.3, 0.3}
	customerRate = []float64{0.03, 0.08, 0.9, 0.5, 0.15, 0.35, 0.1, 0.45, 0.25}
)

// recordingRate is how often a person of the recording group records, by kind.
var recordingRate = [...]float64{0.02, 0.35, 0.01, 0.12, 0.3, 1, 0}

// A calendar is a team's local day while it is being filled.
type calendar struct {
	c      *Company
	s      *stream
	t      *team
	local  int
	open   []span // by member: when they work; empty when absent
	busy   [][]span
	blocks []span // when nobody meets: the whole company does
	slot   map[int]int
	out    []*gathering
}

// teamDay makes the meetings that a team's members host on a local day: a pure function of the seed, the team and the day.
func (c *Company) teamDay(s *stream, t *team, local int) []*gathering {
	if workweek(cities[t.office].country)>>weekday(local)&1 == 0 && unit(hash(c.opt.Seed, forMeetings, t.index, -local)) < 0.8 {
		return nil // hardly anybody is there; skipping the rest makes weekends cheap
	}
	k := &calendar{c: c, s: s, t: t, local: local, open: make([]span, len(t.members)), busy: make([][]span, len(t.members)), slot: map[int]int{}}
	for i, p := range t.members {
		k.open[i] = c.working(p, local)
	}
	for d := local - 1; d <= local+1; d++ {
		if all, ok := c.companyMeeting(d); ok {
			k.blocks = append(k.blocks, all)
		}
	}
	s.reseed(hash(c.opt.Seed, forMeetings, t.index, local))
	k.regular()
	for i := range t.members {
		k.adHoc(i)
	}
	return k.out
}

// working is when a person can be in a meeting on a local day, empty when they are away or somebody else holds the account.
func (c *Company) working(p *person, local int) span {
	if slices.Contains(p.replaced, local) {
		return span{}
	}
	at := c.plan(p, local)
	if !at.present {
		return span{}
	}
	midnight := int64(local)*secondsPerDay - at.offset
	w := span{midnight + int64(at.start*3600), midnight + int64(min(at.start+at.length, at.until, 23.9)*3600)}
	if w.to <= w.from || !p.usable(w.from) || !p.usable(w.to) {
		return span{}
	}
	return w
}

// regular adds the meetings the lead calls: the daily stand-up, the weekly team meeting and a talk with each member every other week.
func (k *calendar) regular() {
	h := hash(k.c.opt.Seed, forTeams, k.t.index, 0)
	office := k.t.office
	at := func(hour float64) int64 {
		start := int64(k.local)*secondsPerDay - k.c.offset(office, k.local) + int64(hour*3600)
		return start / quarter * quarter
	}
	everybody := make([]int, len(k.t.members))
	for i := range everybody {
		everybody[i] = i
	}
	if unit(h) < shareStandUp {
		k.call(meetingPlan{kind: gatherStandUp, start: at(9.25 + float64(h>>8%8)/4), minutes: 15, slot: seriesSlot, series: true}, 0, everybody)
	}
	if day := time.Weekday(1 + h>>16%4); weekday(k.local) == day {
		k.call(meetingPlan{kind: gatherTeam, start: at(10 + float64(h>>24%20)/4), minutes: 45 + 15*int(h>>32%2), slot: seriesSlot + 1, series: true}, 0, everybody)
	}
	for i := 1; i < len(k.t.members); i++ {
		g := hash(k.c.opt.Seed, forTeams, k.t.index, i)
		if day := time.Weekday(1 + g%4); weekday(k.local) == day && (k.local/7+i)%2 == 0 {
			// One number serves all of a lead's talks but the first two: a personal room would, too.
			slot := seriesSlot + 2 + min(i-1, companySeries-seriesSlot-3)
			k.call(meetingPlan{kind: gatherPair, start: at(13 + float64(g>>8%16)/4), minutes: 30, slot: slot, series: true}, 0, []int{i})
		}
	}
}

// adHoc adds what a member calls on the day.
func (k *calendar) adHoc(i int) {
	w := k.open[i]
	if w.to-w.from < 2*3600 {
		return
	}
	p, s := k.t.members[i], k.s
	for n := s.poisson(sessionRate[p.dept]); n > 0; n-- {
		m := meetingPlan{kind: gatherSession, start: k.moment(w), minutes: 15 * (1 + s.IntN(4))}
		m.typ = MeetingInstant
		if s.chance(0.5) {
			m.typ = MeetingScheduled
		} else if s.chance(0.4) {
			m.typ = MeetingPersonal
		}
		if p.dept == 0 && s.chance(0.5) {
			m.kind, m.minutes = gatherSupport, 15*(1+s.IntN(2))
		}
		count := 1 + s.IntN(3)
		if m.kind == gatherSupport {
			count = 1
		}
		var invited []int
		for _, j := range s.Perm(len(k.t.members)) {
			if j != i && len(invited) < count {
				invited = append(invited, j)
			}
		}
		k.call(m, i, invited)
	}
	for n := s.poisson(customerRate[p.dept]); n > 0; n-- {
		m := meetingPlan{kind: gatherCustomer, typ: MeetingScheduled, start: k.moment(w), minutes: 30 * (1 + s.IntN(2))}
		m.partner, m.guests = k.c.partner(p, s.IntN(partnersPerPerson)), 1+s.poisson(0.8)
		if s.chance(shareNoShow) {
			m.guests = 0
		}
		var invited []int
		if j := s.IntN(len(k.t.members)); j != i && s.chance(0.4) {
			invited = append(invited, j)
		}
		k.call(m, i, invited)
	}
}

// moment draws a quarter of an hour within a span.
func (k *calendar) moment(w span) int64 {
	return (w.from + int64(k.s.Float64()*float64(w.to-w.from-1800)) + quarter - 1) / quarter * quarter
}

// A meetingPlan is what somebody calls.
type meetingPlan struct {
	kind    int8
	typ     int
	start   int64
	minutes int
	slot    int // of a series
	series  bool
	partner int
	guests  int
}

// call holds a meeting unless its host has no time for it.
func (k *calendar) call(m meetingPlan, host int, invited []int) {
	s, p := k.s, k.t.members[host]
	length := int64(m.minutes)*60 + int64(s.NormFloat64()*200)
	licensed := k.c.licence(p) == 2
	if !licensed {
		length = min(length, basicMinutes*60)
	}
	g := &gathering{
		team: k.t, local: k.local, seq: len(k.out), kind: m.kind, host: p, typ: m.typ, partner: m.partner,
		start: m.start + int64(s.IntN(180)) - 60, endToEnd: s.chance(shareEndToEnd),
	}
	g.end = g.start + max(length, 300)
	lead := int64(s.ExpFloat64() * 3 * secondsPerDay)
	if !k.free(host, span{g.start, g.end}) || k.slot[host] >= seriesSlot {
		return
	}
	switch {
	case m.series:
		g.typ, g.number = MeetingRecurring, k.c.numbers.meetingNumber(p.index, 0, m.slot)
		g.created = max(p.created, int64(k.c.first-90)*secondsPerDay)
	case g.typ == MeetingPersonal:
		g.number, g.created = k.c.personalNumber(p), g.start
	default:
		g.number = k.c.numbers.meetingNumber(p.index, k.local, k.slot[host])
		k.slot[host]++
		g.created = g.start
		if g.typ == MeetingScheduled {
			g.created = max(g.start-3600-lead, p.created)
		}
	}
	k.busy[host] = append(k.busy[host], span{g.start, g.end})
	g.sit(stay{who: p, join: g.start, leave: g.end})
	g.welcome(stay{who: p})
	for _, j := range invited {
		if j != host && k.free(j, span{g.start, g.end}) && s.chance(shareComes) {
			k.busy[j] = append(k.busy[j], span{g.start, g.end})
			g.attend(s, stay{who: k.t.members[j]})
		}
	}
	for n := range m.guests {
		g.attend(s, stay{guest: guest{m.partner, 1 + (s.IntN(4)+n*4)%40}, phone: !g.endToEnd && s.chance(3*shareDialIn)})
	}
	if g.people == 1 && m.kind != gatherCustomer && !s.chance(shareAlone) {
		return // called off
	}
	g.features(s)
	if p.host && licensed && !g.endToEnd && g.end-g.start > 300 {
		g.recorded = s.chance(recordingRate[g.kind])
	}
	g.count()
	k.out = append(k.out, g)
}

// free says whether a member can be somewhere for a while.
func (k *calendar) free(member int, at span) bool {
	w := k.open[member]
	if at.from < w.from || at.to > w.to+1800 || w.to == 0 {
		return false
	}
	meets := func(b span) bool { return at.from < b.to && b.from < at.to }
	return k.t.members[member].usable(at.from) && k.t.members[member].usable(at.to) && !slices.ContainsFunc(k.busy[member], meets) && !slices.ContainsFunc(k.blocks, meets)
}

// attend lets somebody come and go, now and then twice.
func (g *gathering) attend(s *stream, who stay) {
	g.welcome(who)
	length := g.end - g.start
	who.join = g.start + int64(s.ExpFloat64()*60)
	who.leave = g.end - int64(s.ExpFloat64()*20)
	if s.chance(shareLate) {
		who.join = g.start + length*int64(10+s.IntN(40))/100
	}
	if s.chance(shareLate) {
		who.leave = g.end - length*int64(10+s.IntN(40))/100
	}
	if who.leave < who.join+30 {
		who.join, who.leave = g.start, g.end
	}
	if who.who == nil && s.chance(shareWaits) {
		early := who
		early.waiting, early.leave = true, who.join
		early.join = who.join - 5 - int64(s.IntN(180))
		g.sit(early)
	}
	if who.who != nil && s.chance(shareDialIn) && !g.endToEnd {
		who.phone = true
	}
	if gap := int64(20 + s.IntN(100)); s.chance(shareRejoin) && who.leave-who.join > 4*gap {
		second := who
		who.leave = who.join + (who.leave-who.join)/3
		second.join = who.leave + gap
		g.sit(who)
		who = second
	}
	g.sit(who)
}

// sit adds a row.
func (g *gathering) sit(x stay) { g.stays = append(g.stays, x) }

// welcome counts somebody who comes.
func (g *gathering) welcome(x stay) {
	g.people++
	if x.who != nil {
		g.colleagues++
	}
}

// features draws what was used.
func (g *gathering) features(s *stream) {
	g.screen, g.chat, g.video = s.chance(0.6), s.chance(0.45) && !g.endToEnd, s.chance(0.9)
	g.remoteControl = g.kind == gatherSupport || s.chance(shareRemoteCtl)
	for _, x := range g.stays {
		g.phone = g.phone || x.phone
	}
}

// count sorts the stays and sums them.
func (g *gathering) count() {
	slices.SortStableFunc(g.stays, func(a, b stay) int { return cmp.Compare(a.join, b.join) })
	for _, x := range g.stays {
		if !x.waiting {
			g.seconds += x.leave - x.join
		}
	}
}

func minutes(seconds int64) int { return int(math.Ceil(float64(seconds) / 60)) }
