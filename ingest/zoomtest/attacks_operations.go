package zoomtest

import (
	"fmt"
	"math"
)

// recordings: a host deletes far more recordings than ever.
func (a *planter) recordings(strength string) bool {
	p := a.victim(func(p *person) bool { return p.host && !p.tidy })
	if p == nil {
		return false
	}
	day, at, ok := a.dayAt(p, a.earliest(), a.latest(2))
	if !ok {
		return false
	}
	n, minutes := byStrength(strength, 80, 25, 10), byStrength(strength, 25, 120, 240)
	begin := a.local(p, day, at.start+1+2*a.s.Float64())
	for range n {
		a.ops = append(a.ops, recordingOperation(begin+int64(a.s.IntN(minutes*60)), p.email, recordingDelete, a.s.Uint64()))
	}
	a.users = []*person{p}
	a.attack.User, a.attack.Operator = p.email, p.email
	a.attack.Description = fmt.Sprintf("%d recordings deleted within %d minutes", n, minutes)
	return true
}

// A weakening is what a rogue administrator changes: the row in the log and the setting that has the new value at End.
type weakening struct {
	section, label, from, to string
	path                     string
	value                    any
}

// Weakenings by strength. The sets are disjoint, so that several attacks leave a consistent account.
var (
	weakenBlatant = []weakening{
		{"Security", "Sign in with Two-Factor Authentication", "On", "Off", "security.sign_in_with_two_factor_auth", "none"},
		{"Security", "Automatically sign users out after a specified time", "On", "Off", "security.sign_again_period_for_inactivity_on_web", 0},
		{"Sign-In Password Requirement", "Have at least specified length of characters", "10", "8", "security.password_requirement.minimum_password_length", 8},
		{"Security", "Require a passcode when scheduling new meetings", "On", "Off", "schedule_meeting.require_password_for_scheduling_new_meetings", false},
		{"Recording", "Only account members can view cloud recordings", "On", "Off", "recording.account_user_access_recording", false},
	}
	weakenModerate = []weakening{
		{"Security", "Require that all meetings are secured with one security option", "On", "Off", "meeting_security.auto_security", false},
		{"Recording", "Require passcode to access shared cloud recordings", "On", "Off", "recording.required_password_for_shared_cloud_recordings", false},
		{"In Meeting (Basic)", "File transfer", "Off", "On", "in_meeting.file_transfer", true},
	}
	weakenSubtle = []weakening{
		{"Security", "Only authenticated users can join meetings from Web client", "On", "Off", "meeting_security.only_authenticated_can_join_from_webclient", false},
	}
)

// rogueAdmin: an administrator's account raises an accomplice and opens the doors.
func (a *planter) rogueAdmin(strength string) bool {
	c, s := a.c, a.s
	q := a.administrator()
	m := a.victim(nil)
	if q == nil || m == nil {
		return false
	}
	day, at, ok := a.dayAt(q, a.earliest(), a.latest(3))
	if !ok {
		return false
	}
	begin := a.local(q, day, at.start+2+4*s.Float64())
	changes := byStrength(strength, weakenBlatant, weakenModerate, weakenSubtle)
	operator := q
	a.users = []*person{q}
	if strength == StrengthBlatant { // at night, from abroad
		begin = a.local(q, day+1, 2.5)
		where := a.foreignTo(q, tripCities, len(cities))
		a.sign(q, begin-240, a.session(clientBrowser, day, 0, c.nets.hosting[where], hostingPool))
	}
	if strength != StrengthSubtle {
		a.operate(begin, q, catUser, "Batch Update", change("Change Role", m.email, "User", "Admin"))
		a.users = append(a.users, m)
		operator = m
		m.role, m.promoted = roleAdmin, begin
		a.sign(m, begin+180, a.session(m.clients[0].client, day, m.clients[0].lag, c.nets.home[m.office][m.isp][m.suburb], 0))
	}
	for i, w := range changes {
		at := begin + 300 + int64(i*(60+s.IntN(240)))
		a.operate(at, operator, catAccount, "Update", change(w.section, w.label, w.from, w.to))
		c.posture.weaken(w, at)
	}
	if strength == StrengthBlatant {
		a.operate(begin+3000, operator, catAccount, "Update", change("Sign-in Methods", "Allow users to sign in with Google", "Off", "On"))
	}
	a.attack.User, a.attack.Operator = q.email, operator.email
	a.attack.Description = fmt.Sprintf("%d protective settings weakened", len(changes))
	if operator != q {
		a.attack.Description = q.email + " made " + m.email + " an administrator; " + a.attack.Description
	}
	return true
}

// userRemoval: an administrator's account locks many users out; a colleague lets them in again the next day.
func (a *planter) userRemoval(strength string) bool {
	c, s := a.c, a.s
	q := a.administrator()
	if q == nil {
		return false
	}
	day, at, ok := a.dayAt(q, a.earliest(), a.latest(3))
	if !ok {
		return false
	}
	n := min(byStrength(strength, 40, 15, 6), c.opt.Users/4)
	minutes := byStrength(strength, 20, 60, 240)
	a.users = []*person{q}
	for len(a.users) <= n {
		p := a.victim(nil)
		if p == nil {
			break
		}
		a.users = append(a.users, p)
	}
	if len(a.users) < 5 {
		return false
	}
	begin := a.local(q, day, at.start+1+5*s.Float64())
	repair := begin + int64(s.between(18, 24)*3600)
	by := c.adminOnDuty(repair, day, q)
	for _, p := range a.users[1:] {
		off, on := begin+int64(s.IntN(minutes*60)), repair+int64(s.IntN(1800))
		a.operate(off, q, catUser, "Update", "Deactivate User "+p.email+" ")
		p.held = append(p.held, span{off, on})
		c.schedule(on, Operation{Operator: by, Category: catUser, Action: "Update", Detail: "Activate User " + p.email + " "})
	}
	a.attack.User, a.attack.Operator = q.email, q.email
	a.attack.Description = fmt.Sprintf("%d users deactivated within %d minutes", len(a.users)-1, minutes)
	return true
}

// offHours: an administrator's account works when its owner sleeps.
func (a *planter) offHours(strength string) bool {
	c, s := a.c, a.s
	q := a.administrator()
	if q == nil {
		return false
	}
	day, _, ok := a.dayAt(q, a.earliest(), a.latest(3))
	if !ok {
		return false
	}
	n := byStrength(strength, 25, 12, 6)
	hour := byStrength(strength, 2.5, 2.5, 22.5)
	if strength == StrengthBlatant { // and at the weekend, as far as the window allows
		for d := day; d <= a.latest(1); d++ {
			if q.workdays>>weekday(d)&1 == 0 {
				day = d
				break
			}
		}
	}
	begin := a.local(q, day, hour)
	a.sign(q, begin-300, signRow{client: int8(q.clients[0].client), version: c.versions.at(q.clients[0].client, day, q.clients[0].lag), addr: c.homeAddress(q, day)})
	for range n {
		at := begin + int64(s.IntN(5400))
		o := c.adminOperation(s, q.flavour)
		a.operate(at, q, o.Category, o.Action, o.Detail)
	}
	a.users = []*person{q}
	a.attack.User, a.attack.Operator = q.email, q.email
	a.attack.Description = fmt.Sprintf("%d administrative operations from %02d:30 local time", n, int(hour))
	return true
}

// slowBuildUp: an insider takes a little more every day.
func (a *planter) slowBuildUp(strength string) bool {
	c, s := a.c, a.s
	p := a.victim(func(p *person) bool { return p.host && !p.tidy && p.trips < 0.1 })
	if p == nil {
		return false
	}
	days := 7 * byStrength(strength, slowestBuildUpInWeeks, 5, 4)
	peak := byStrength(strength, 25.0, 12, 6)
	from, to := a.earliest(), a.latest(days)
	if to < from {
		return false
	}
	begin, total := from+s.IntN(to-from+1), 0
	for k := range days {
		at := c.plan(p, begin+k)
		if !at.present {
			continue
		}
		for range int(math.Round(peak * math.Pow(float64(k+1)/float64(days), 1.5))) {
			if when, ok := moment(s, at, begin+k); ok && when < c.end {
				a.ops = append(a.ops, recordingOperation(when, p.email, recordingDownload, s.Uint64()))
				total++
			}
		}
	}
	a.users = []*person{p}
	a.attack.User, a.attack.Operator = p.email, p.email
	a.attack.Description = fmt.Sprintf("%d recordings downloaded over %d days, up to %.0f a day", total, days, peak)
	return total > 0
}
