package zoomtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Kinds of Attack.
const (
	AttackNewCountry      = "account_takeover_new_country"
	AttackFamiliar        = "account_takeover_familiar" // same country: another network, client and rhythm
	AttackTravel          = "impossible_travel"
	AttackDormant         = "dormant_account"
	AttackTerminated      = "terminated_user"
	AttackOneAddress      = "one_address_many_accounts"
	AttackRecordings      = "mass_recording_deletion"
	AttackRogueAdmin      = "rogue_admin"
	AttackUserRemoval     = "mass_user_removal"
	AttackOffHours        = "off_hours_administration"
	AttackSlowBuildUp     = "slow_build_up"
	AttackPosture         = "admin_weakens_settings" // planted on request: see PostureAttack
	StrengthBlatant       = "blatant"
	StrengthModerate      = "moderate"
	StrengthSubtle        = "subtle"
	attackQuietShare      = 0.4 // of the window stays free of attacks, so that there is history
	attackMinDays         = 10
	dormantGapDays        = 91
	slowestBuildUpInWeeks = 6
)

// An Attack labels planted rows: the ground truth of a detection test.
type Attack struct {
	ID          string    // unique within the account
	Kind        string    // one of the Attack constants
	Strength    string    // blatant, moderate or subtle
	User        string    // the account whose activity is not its owner's, or is an abuse
	Operator    string    // who operates, when the attack shows in the operation log
	Users       []string  // every account touched, User included, sorted
	Start, End  time.Time // first and last planted row
	Description string
}

// Attacks returns the planted attacks by time.
func (c *Company) Attacks() []Attack {
	out := slices.Clone(c.planted.list)
	for i := range out {
		out[i].Users = slices.Clone(out[i].Users)
	}
	return out
}

// planted is what the attacks put among the generated rows.
type planted struct {
	list    []Attack
	signIns map[int][]signRow // by UTC day
	last    map[int]signRow   // by user: the latest sign-in
	used    map[int]bool      // users who already play a part
}

func (p *planted) init() {
	p.signIns, p.last, p.used = map[int][]signRow{}, map[int]signRow{}, map[int]bool{}
}

// An attackKind says how often a kind is planted in an account of ordinary size, and how.
type attackKind struct {
	kind    string
	count   int
	minDays int
	plant   func(*planter, string) bool // false: no fitting victim or day
}

var attackKinds = []attackKind{
	{AttackRogueAdmin, 1, attackMinDays, (*planter).rogueAdmin},
	{AttackUserRemoval, 1, attackMinDays, (*planter).userRemoval},
	{AttackOffHours, 2, 21, (*planter).offHours},
	{AttackDormant, 2, dormantGapDays + 20, (*planter).dormant},
	{AttackTerminated, 2, 30, (*planter).terminated},
	{AttackNewCountry, 3, attackMinDays, (*planter).newCountry},
	{AttackFamiliar, 3, attackMinDays, (*planter).familiar},
	{AttackTravel, 2, attackMinDays, (*planter).travel},
	{AttackRecordings, 2, attackMinDays, (*planter).recordings},
	{AttackSlowBuildUp, 2, slowestBuildUpInWeeks*7 + 30, (*planter).slowBuildUp},
	{AttackOneAddress, 2, attackMinDays, (*planter).oneAddress},
}

// plantAttacks draws victims and days. Three of a kind cover the strengths; fewer start at another strength for each kind, so
// that small accounts have a mixture too.
func (c *Company) plantAttacks() {
	strengths := []string{StrengthBlatant, StrengthModerate, StrengthSubtle}
	for k, kind := range attackKinds {
		if c.opt.Days < kind.minDays {
			continue
		}
		n := kind.count
		switch {
		case c.opt.Users < 100 || c.opt.Days < 45:
			n = 1
		case c.opt.Users >= 1000:
			n = 3
		}
		for i := range n {
			a := &planter{c: c, s: newStream()}
			a.s.reseed(hash(c.opt.Seed, forAttacks, k, i))
			a.attack.Kind, a.attack.Strength = kind.kind, strengths[(i+k)%3]
			if kind.plant(a, a.attack.Strength) {
				a.commit()
			}
		}
	}
}

// numberAttacks puts them in order.
func (c *Company) numberAttacks() {
	slices.SortStableFunc(c.planted.list, func(a, b Attack) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Kind, b.Kind)) })
	for i := range c.planted.list {
		c.planted.list[i].ID = fmt.Sprintf("attack-%03d", i+1)
	}
}

// A planter collects the rows of one attack; nothing reaches the account before commit.
type planter struct {
	c       *Company
	s       *stream
	attack  Attack
	signIns []signRow
	ops     []opRow
	users   []*person
}

func (a *planter) commit() {
	c := a.c
	var from, to int64
	note := func(at int64) {
		if from == 0 || at < from {
			from = at
		}
		to = max(to, at)
	}
	for _, r := range a.signIns {
		day := floorDiv(r.at, secondsPerDay)
		c.planted.signIns[day] = append(c.planted.signIns[day], r)
		if old, ok := c.planted.last[int(r.who)]; !r.out && (!ok || r.at > old.at) {
			c.planted.last[int(r.who)] = r
		}
		note(r.at)
	}
	for _, o := range a.ops {
		c.schedule(o.at, o.Operation)
		note(o.at)
	}
	for _, p := range a.users {
		c.planted.used[p.index] = true
		a.attack.Users = append(a.attack.Users, p.email)
	}
	slices.Sort(a.attack.Users)
	a.attack.Start, a.attack.End = timeAt(from), timeAt(to)
	c.planted.list = append(c.planted.list, a.attack)
}

// byStrength picks the value of the attack's strength.
func byStrength[T any](strength string, blatant, moderate, subtle T) T {
	switch strength {
	case StrengthBlatant:
		return blatant
	case StrengthModerate:
		return moderate
	default:
		return subtle
	}
}

// earliest and latest bound the days on which an attack may begin; the last day may be partial.
func (a *planter) earliest() int {
	return a.c.first + max(5, int(attackQuietShare*float64(a.c.opt.Days)))
}
func (a *planter) latest(span int) int { return a.c.last - 1 - span }

// victim draws a long-standing, regularly active user who plays no part yet.
func (a *planter) victim(fits func(*person) bool) *person {
	c := a.c
	from := a.s.IntN(len(c.people))
	for k := range c.people {
		p := c.people[(from+k)%len(c.people)]
		ordinary := !p.admin() && !p.pending && p.left == never64 && p.silent == never64 && p.presence > 0.6 && p.newLaptop == never && p.longLeave[0] == 0
		if ordinary && p.created < int64(c.first)*secondsPerDay && !c.planted.used[p.index] && !slices.Contains(a.users, p) && (fits == nil || fits(p)) {
			return p
		}
	}
	return nil
}

// administrator draws one who plays no part yet.
func (a *planter) administrator() *person {
	c := a.c
	from := a.s.IntN(len(c.admins))
	for k := range c.admins {
		if p := c.admins[(from+k)%len(c.admins)]; p.role == roleAdmin && !c.planted.used[p.index] && !slices.Contains(a.users, p) {
			return p
		}
	}
	return nil
}

// dayAt draws a day in [from, to] on which a person is present and not travelling.
func (a *planter) dayAt(p *person, from, to int) (int, dayPlan, bool) {
	if to < from {
		return 0, dayPlan{}, false
	}
	n := to - from + 1
	begin := a.s.IntN(n)
	for k := range n {
		day := from + (begin+k)%n
		stage, _ := a.c.trip(p, day)
		if at := a.c.plan(p, day); at.present && stage == tripNone && p.workdays>>weekday(day)&1 == 1 {
			return day, at, true
		}
	}
	return 0, dayPlan{}, false
}

// local converts an hour of a person's local day at home.
func (a *planter) local(p *person, day int, hour float64) int64 {
	return int64(day)*secondsPerDay - a.c.offset(p.office, day) + int64(hour*3600)
}

func (a *planter) sign(p *person, at int64, r signRow) {
	if at < int64(a.c.first)*secondsPerDay || at >= a.c.end {
		return
	}
	r.at, r.who = at, int32(p.index)
	a.signIns = append(a.signIns, r)
}

func (a *planter) operate(at int64, operator *person, category, action, detail string) {
	if at < a.c.end {
		a.ops = append(a.ops, opRow{at, Operation{Operator: operator.email, Category: category, Action: action, Detail: detail}})
	}
}

// session is a row without time and user: a client, its version and where it is.
func (a *planter) session(client, day, lag int, n *Network, pool uint64) signRow {
	return signRow{client: int8(client), version: a.c.versions.at(client, day, lag), addr: n.address(a.s.Uint64(), pool)}
}

// foreignTo draws a city of [from, to) in another country.
func (a *planter) foreignTo(p *person, from, to int) int {
	for {
		if i := from + a.s.IntN(to-from); cities[i].country != cities[p.office].country {
			return i
		}
	}
}

// otherClient is a client the person does not use on the desktop.
func otherClient(p *person) int { return clientWindows + clientMac - p.clients[0].client }
