package zoomtest

import "fmt"

// teamSize is how many people share a calendar. Meetings stay within a team, so that a team's day can be made without the rest of the company.
const teamSize = 8

// A team is a handful of people of one office and department. Its lead calls the regular meetings.
type team struct {
	index   int
	office  int
	dept    int
	members []*person // the lead first
}

// teams groups everybody who ever had an account: by office and department, in the order of the users.
func (c *Company) teams() []*team {
	c.teamsOnce.Do(func() {
		var open [officeCities][]*team // by department
		for i := range open {
			open[i] = make([]*team, len(departments))
		}
		c.teamOf = make([]*team, len(c.people))
		for _, p := range c.people {
			if p.pending {
				continue
			}
			t := open[p.office][p.dept]
			if t == nil || len(t.members) == teamSize {
				t = &team{index: len(c.teamList), office: p.office, dept: p.dept}
				open[p.office][p.dept] = t
				c.teamList = append(c.teamList, t)
			}
			t.members = append(t.members, p)
			c.teamOf[p.index] = t
		}
		for _, t := range c.teamList { // somebody who records and stays makes the better lead
			for i, p := range t.members {
				if p.host && p.left == never64 && p.silent == never64 && p.presence > 0.5 {
					t.members[0], t.members[i] = t.members[i], t.members[0]
					break
				}
			}
		}
	})
	return c.teamList
}

// team returns a person's team, nil for somebody who never came.
func (c *Company) team(p *person) *team {
	c.teams()
	return c.teamOf[p.index]
}

// byID finds a person by user id, nil for a stranger.
func (c *Company) byID(id string) *person {
	c.idsOnce.Do(func() {
		c.ids = make(map[string]*person, len(c.people))
		for _, p := range c.people {
			if p.id != "" {
				c.ids[p.id] = p
			}
		}
	})
	return c.ids[id]
}

// name is how the users list displays a person.
func (p *person) name() string { return fmt.Sprintf("%s %05d", departments[p.dept].title, p.index+1) }

// licence is the type of a person's account while it is active: 1 basic, 2 licensed, 4 unassigned.
func (c *Company) licence(p *person) int {
	switch h := hash(c.opt.Seed, forIdentity, 3, p.index); {
	case p.admin():
		return 2
	case h%9 == 0:
		return 1
	case h%251 == 1:
		return 4
	default:
		return 2
	}
}

// personalNumber is the number of a person's own meeting room (PMI).
func (c *Company) personalNumber(p *person) int64 {
	return 2_000_000_000 + int64(hash(c.opt.Seed, forIdentity, 3, p.index)%7_900_000_000)
}
