package zoomtest

import "time"

// companyTeam stands for everybody in the id of a meeting.
const companyTeam = -1

// companyMinutes is the length of the monthly meeting of the whole company, mostCompany how many come: the largest meeting Zoom sells.
const (
	companyMinutes = 45
	mostCompany    = 900
)

// companyMeeting is when everybody meets on the owner's local day: on the first Wednesday of a month.
func (c *Company) companyMeeting(local int) (span, bool) {
	if weekday(local) != time.Wednesday || dayTime(local).Day() > 7 {
		return span{}, false
	}
	w := c.working(c.people[0], local)
	start := (w.from + 2*3600) / quarter * quarter
	if w.to == 0 || start+companyMinutes*60 > w.to {
		return span{}, false
	}
	return span{start, start + companyMinutes*60}, true
}

// companyGathering makes the meeting of the whole company, nil on other days.
func (c *Company) companyGathering(s *stream, local int) *gathering {
	at, ok := c.companyMeeting(local)
	if !ok {
		return nil
	}
	owner := c.people[0]
	g := &gathering{
		local: local, kind: gatherCompany, host: owner, typ: MeetingRecurring, number: c.numbers.meetingNumber(owner.index, 0, companySeries),
		created: max(owner.created, int64(c.first-90)*secondsPerDay), start: at.from, end: at.to,
	}
	s.reseed(hash(c.opt.Seed, forAttendance, 0, local))
	g.sit(stay{who: owner, join: g.start, leave: g.end})
	g.welcome(stay{who: owner})
	share := min(0.6, mostCompany/float64(len(c.people)))
	for _, p := range c.people[1:] {
		if unit(hash(c.opt.Seed, forAttendance, p.index, local)) >= share {
			continue
		}
		day := floorDiv(g.start+c.offset(p.office, local), secondsPerDay)
		if w := c.working(p, day); w.to != 0 && w.from <= g.start && w.to >= g.end {
			g.attend(s, stay{who: p})
		}
	}
	g.features(s)
	g.recorded = c.licence(owner) == 2
	g.count()
	return g
}
