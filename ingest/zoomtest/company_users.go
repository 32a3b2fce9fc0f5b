package zoomtest

import "fmt"

// Users returns every user of the account as of End, in a stable order. Callers must not change the rows.
func (c *Company) Users() []User {
	c.usersOnce.Do(func() {
		c.users = make([]User, len(c.people))
		c.inParallel(len(c.people), func(_ *stream, i int) { c.users[i] = c.user(c.people[i]) })
	})
	return c.users
}

func (c *Company) user(p *person) User {
	number := fmt.Sprintf("%05d", p.index+1)
	title := departments[p.dept].title
	u := User{
		ID: p.id, FirstName: title, LastName: number, DisplayName: title + " " + number, Email: p.email, Type: c.licence(p), Timezone: p.timezone, Verified: 1,
		Dept: departments[p.dept].name, CreatedAt: stamp(p.created), UserCreatedAt: stamp(p.created), RoleID: p.role, Status: "active",
	}
	h := hash(c.opt.Seed, forIdentity, 3, p.index)
	u.PMI = c.personalNumber(p)
	if p.pending {
		return User{FirstName: title, LastName: number, Email: p.email, Type: 2, Dept: u.Dept, CreatedAt: u.CreatedAt, Status: "pending"}
	}
	if p.left < c.end {
		u.Status, u.Type = "inactive", 1
	}
	if h>>20%40 == 0 {
		u.Verified = 0
	}
	u.GroupIDs = []string{c.groupID(p.dept)}
	if p.host {
		u.GroupIDs = append(u.GroupIDs, c.groupID(len(departments)))
	}
	at, client, version := c.lastSignIn(p)
	if at > 0 {
		u.LastLoginTime = stamp(at)
		if version != "" && client >= clientWindows {
			u.LastClientVersion = version + "(" + clientSuffix[client] + ")"
		}
	}
	return u
}

// groupID is the id of a department's group; one more group holds the people who record.
func (c *Company) groupID(n int) string { return identifier(c.opt.Seed, 2, n) }

func groupName(n int) string {
	if n < len(departments) {
		return departments[n].name
	}
	return "Recording Hosts"
}

// lastLoginBuffer is the documented coarseness of last_login_time: sign-ins within three days of the stored one do not move it.
const lastLoginBuffer = 3 * secondsPerDay

// lastSignIn finds what the users list shows. Looking back stops at the start of the window; before it the value is drawn.
func (c *Company) lastSignIn(p *person) (at int64, client int, version string) {
	s := newStream()
	var rows []signRow
	if sign, ok := c.planted.last[p.index]; ok {
		at, client, version = sign.at, int(sign.client), sign.version
	}
	stop := max(c.first, dayNumber(timeAt(p.created)), dayNumber(timeAt(at)))
	from := min(c.last, dayNumber(timeAt(min(p.left, p.silent, c.end))))
	for day := from; day >= stop; day-- {
		rows = c.ownSignIns(s, p, day, rows[:0])
		found := false
		for _, r := range rows {
			if !r.out && r.at < c.end && r.at > at {
				at, client, version, found = r.at, int(r.client), r.version, true
			}
		}
		if found {
			break
		}
	}
	h := hash(c.opt.Seed, forIdentity, 4, p.index)
	if at == 0 && p.created < int64(c.first)*secondsPerDay {
		until := min(p.left, p.silent, int64(c.first)*secondsPerDay)
		at = until - int64(unit(h)*float64(min(until-p.created, 20*secondsPerDay)))
		client = p.clients[0].client
		version = c.versions.at(client, dayNumber(timeAt(at)), p.clients[0].lag)
	}
	if at > 0 {
		at = max(at-int64(unit(mix(h))*lastLoginBuffer), p.created)
	}
	return at, client, version
}
