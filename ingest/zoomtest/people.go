package zoomtest

import (
	"fmt"
	"math"
)

// Role ids of a Zoom account: the three built-in roles and a custom one.
const (
	roleOwner   = "0"
	roleAdmin   = "1"
	roleMember  = "2"
	roleBilling = "RZwSimBillingAdmin0001"
)

// departments with their share of the company; the first is where administrators work.
var departments = []struct {
	name  string
	title string // stands in for a first name
	share float64
}{
	{"IT", "Systems", 0.06}, {"Engineering", "Engineer", 0.27}, {"Sales", "Account", 0.20}, {"Support", "Support", 0.15}, {"Operations", "Operations", 0.11},
	{"Marketing", "Campaign", 0.08}, {"Finance", "Finance", 0.06}, {"People", "People", 0.04}, {"Legal", "Counsel", 0.03},
}

// never is a day that does not come.
const never = math.MaxInt32

// A habit is how a person uses one client.
type habit struct {
	client  int
	rate    float64 // sessions per working day
	hour    float64 // centre, local hours; desktops start with the working day instead
	spread  float64 // hours
	signOut float64 // probability that a session is signed out
	lag     int     // days behind the latest release
}

// A person is a user of the account with the habits that make their days recognisable. Everything is drawn once from the
// seed; a day then follows from the person, the day number and the seed alone.
type person struct {
	index         int
	id, email     string
	office, dept  int
	role          string
	pending       bool
	created       int64 // Unix seconds; nothing happens before
	left          int64 // deactivated; never is "still here"
	silent        int64 // own activity stops here although the account stays active
	promoted      int64 // since when the role holds (0: always)
	flavour       int   // what an administrator does most
	adminRate     float64
	timezone      string
	workdays      uint8 // bit per weekday
	officeDays    uint8
	presence      float64 // share of working days with any sign-in
	weekend       float64
	start, spread float64 // local hours
	length        float64
	drift, phase  float64 // slow change of the start, hours and radians
	driftDays     float64
	vpn           float64 // share of sessions from home through the company's egress
	egress        int
	isp, suburb   int
	carrier, ipv6 int
	lease         int // days that a home address lasts
	trips         float64
	clients       []habit
	newLaptop     int // day on which the desktop changes system
	host, tidy    bool
	opRate        float64 // chance of own operations on a working day
	opHabit       [2]int
	longLeave     [2]int // day numbers of an absence of months: first day away, first day back
	held          []span // times at which the account could not be used
	replaced      []int  // days on which somebody else's persona takes over
}

// A span is a half-open time interval in Unix seconds.
type span struct{ from, to int64 }

func (p *person) admin() bool {
	return p.role == roleOwner || p.role == roleAdmin || p.role == roleBilling
}

// usable says whether the account exists and is not deactivated at a time.
func (p *person) usable(at int64) bool {
	if p.pending || at < p.created || at >= p.left || at >= p.silent {
		return false
	}
	for _, h := range p.held {
		if at >= h.from && at < h.to {
			return false
		}
	}
	return true
}

// Shares of the account's users. Rates of joining and leaving are per 180 days.
const (
	shareIdle    = 0.04 // active accounts nobody has used for long
	shareGone    = 0.04 // deactivated before the window
	sharePending = 0.015
	shareRare    = 0.05
	shareJoin    = 0.07
	shareLeave   = 0.05
	shareHosts   = 0.3

	shareLongLeave = 0.02
	shareTravel    = 0.1
	adminShare     = 0.01
	maxAdmins      = 40
)

func (c *Company) buildPeople() {
	n := c.opt.Users
	c.people = make([]*person, n)
	offices := min(officeCities, 3+n/60)
	weights := make([]float64, offices)
	for i := range weights {
		weights[i] = 1 / (float64(i) + 1.2) * (0.7 + 0.6*unit(hash(c.opt.Seed, forAccount, i, 1)))
	}
	admins := min(maxAdmins, max(2, int(math.Round(adminShare*float64(n)))))
	s := newStream()
	for i := range n {
		s.reseed(hash(c.opt.Seed, forPerson, i, 0))
		p := &person{index: i, email: "u" + fmt.Sprintf("%05d", i+1) + "@example.com", office: pick(s, weights), role: roleMember}
		c.people[i] = p
		p.dept = pickDepartment(s)
		switch {
		case i == 0:
			p.role = roleOwner
		case i <= admins:
			p.role, p.dept = roleAdmin, 0
		case i == admins+1 && n >= 50:
			p.role, p.dept = roleBilling, 6
		}
		c.drawLife(s, p)
		c.drawHabits(s, p)
		if p.admin() {
			c.admins = append(c.admins, p)
		}
	}
}

func pick(s *stream, weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	u := s.Float64() * sum
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func pickDepartment(s *stream) int {
	u := s.Float64()
	for i, d := range departments {
		if u -= d.share; u < 0 {
			return i
		}
	}
	return 1
}

// idAlphabet is that of Zoom's user ids, which are 22 characters long.
const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func identifier(seed uint64, kind, n int) string {
	var b [22]byte
	h := hash(seed, forIdentity, kind, n)
	for i := range b {
		if i%10 == 9 {
			h = mix(h)
		}
		b[i] = idAlphabet[h>>(6*(i%10))&63]
	}
	return string(b[:])
}

// drawLife decides when the account came and went.
func (c *Company) drawLife(s *stream, p *person) {
	p.left, p.silent = never64, never64
	first, days := c.first, float64(c.opt.Days)
	old := first - 30 - int(s.ExpFloat64()*500)
	old = max(old, first-3000)
	p.created = int64(old)*secondsPerDay + int64(s.IntN(secondsPerDay))
	joinDay, leaveDay := first+s.IntN(c.opt.Days), first+s.IntN(c.opt.Days)
	hour := int64(s.between(7, 16) * 3600)
	fate := s.Float64()
	if p.admin() {
		return
	}
	joins, leaves := min(shareJoin*days/180, 0.4), min(shareLeave*days/180, 0.3)
	window := int64(first) * secondsPerDay
	within := func(share float64) bool { // splits [0, 1) of fate among the lives below
		fate -= share
		return fate < 0
	}
	switch {
	case within(sharePending): // invited lately, never came
		p.pending = true
		p.created = int64(c.last-min(c.opt.Days, 20)+1)*secondsPerDay + hour
	case within(shareGone):
		p.left = min(p.created+int64(s.between(10, 400)*secondsPerDay), window-3600)
		p.left = max(p.left, p.created+secondsPerDay)
	case within(shareIdle):
		p.silent = max(window-int64(s.between(1, 300)*secondsPerDay), p.created+secondsPerDay)
	case within(joins):
		p.created = int64(joinDay)*secondsPerDay + hour
	case within(leaves):
		p.left = int64(leaveDay)*secondsPerDay + hour
	}
	p.created = min(p.created, c.end-1)
	if p.left >= c.end {
		p.left = never64
	}
}

// never64 is a time that does not come.
const never64 = int64(math.MaxInt64)

// drawHabits gives a person the regularities an identity model can learn.
func (c *Company) drawHabits(s *stream, p *person) {
	if !p.pending {
		p.id = identifier(c.opt.Seed, 1, p.index)
	}
	home := cities[p.office]
	p.timezone = home.zone
	p.workdays = workweek(home.country)
	if s.chance(0.12) { // part time: one day off
		p.workdays &^= 1 << s.IntN(7)
	}
	days := s.IntN(4) // remote, or up to three of the five days at the office, always the same ones
	if s.chance(0.3) {
		days = 5
	}
	for _, d := range s.Perm(7)[:min(7, days*7/5)] {
		p.officeDays |= 1 << d
	}
	p.presence = s.between(0.78, 0.99)
	p.weekend = 0.12 * s.Float64() * s.Float64()
	if s.chance(shareRare) && !p.admin() {
		p.presence, p.weekend = s.between(0.03, 0.15), 0
	}
	p.start = 8.8 + 1.1*s.NormFloat64()
	p.start = min(max(p.start, 5.5), 13)
	p.spread = s.between(0.25, 0.9)
	p.length = s.between(7, 10)
	p.drift, p.phase, p.driftDays = s.between(0, 0.6), s.between(0, 2*math.Pi), s.between(120, 400)
	p.vpn = 0.04 * s.Float64()
	if s.chance(0.15) {
		p.vpn = s.between(0.25, 0.6)
	}
	p.egress = s.IntN(egresses)
	p.isp, p.suburb = s.IntN(homeProviders), s.IntN(homeSuburbs)
	p.carrier, p.lease = s.IntN(mobileCarriers), 15+s.IntN(180)
	if s.chance(0.35) {
		p.ipv6 = 1
	}
	p.trips = 0.04 * s.Float64()
	if s.chance(shareTravel) {
		p.trips = s.between(0.2, 0.5)
	}
	c.drawClients(s, p)
	p.newLaptop = never
	if s.chance(min(0.5, 0.07*float64(c.opt.Days)/180)) {
		p.newLaptop = c.first + s.IntN(c.opt.Days)
	}
	if s.chance(min(0.2, shareLongLeave*float64(c.opt.Days)/180)) && !p.admin() { // parental leave, sabbatical: honest, and alike a dormant account
		p.longLeave[0] = c.first + s.IntN(c.opt.Days)
		p.longLeave[1] = p.longLeave[0] + 60 + s.IntN(50)
	}
	p.host = s.chance(shareHosts)
	p.tidy = p.host && s.chance(0.4)
	p.opRate = 0.01 + 0.08*s.ExpFloat64()*s.Float64()
	if p.host {
		p.opRate += 0.08 * s.Float64()
	}
	p.opRate = min(p.opRate, 0.4)
	p.opHabit = [2]int{s.IntN(len(ownOperations)), s.IntN(len(ownOperations))}
	if p.admin() {
		p.adminRate = math.Exp(s.between(0, 1.9)) // 1 to 7 rows on a working day
		p.flavour = s.IntN(adminFlavours)
		p.presence = max(p.presence, 0.85)
		switch p.role {
		case roleOwner:
			p.flavour, p.adminRate = flavourSecurity, 0.4
		case roleBilling:
			p.flavour, p.adminRate = flavourBilling, 0.8
		}
	}
}

// drawClients picks a person's devices and how much each is used.
func (c *Company) drawClients(s *stream, p *person) {
	lag := func(mean float64) int { return int(min(s.ExpFloat64()*mean, 400)) }
	desktop := clientWindows
	if s.chance([]float64{0.5, 0.7, 0.45, 0.2, 0.15, 0.75, 0.1, 0.4, 0.3}[p.dept]) {
		desktop = clientMac
	}
	p.clients = append(p.clients, habit{desktop, s.between(0.6, 2.2), 0, p.spread, s.between(0.15, 0.9), lag(30)})
	if s.chance(0.72) {
		phone := clientIOS
		if s.chance(0.42) {
			phone = clientAndroid
		}
		hour := s.between(6.5, 8.5)
		if s.chance(0.6) {
			hour = s.between(16.5, 21)
		}
		p.clients = append(p.clients, habit{phone, s.between(0.1, 1.3), hour, s.between(0.5, 2), s.between(0, 0.35), lag(14)})
	}
	if s.chance(0.8) {
		rate := 1.4 * s.Float64() * s.Float64()
		if s.chance(0.15) {
			rate += 1.2
		}
		p.clients = append(p.clients, habit{clientBrowser, 0.08 + rate, p.start + s.between(1, p.length-1), s.between(0.7, 2.5), s.between(0.05, 0.8), 0})
	}
}

// workweek is Monday to Friday, in Saudi Arabia Sunday to Thursday, as bits of time.Weekday.
func workweek(country string) uint8 {
	if country == "SA" {
		return 0b0011111
	}
	return 0b0111110
}
