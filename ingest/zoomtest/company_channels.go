package zoomtest

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Kinds of channel, as in a channel's id.
const (
	channelEverybody = iota
	channelDepartment
	channelTopic
	channelTeam
	channelPartner
)

// How many topics people talk about, and how many join each.
const (
	topicsAtLeast   = 4
	usersPerTopic   = 60
	topicsAtMost    = 200
	shareTopic      = 0.03
	partnerChannels = 2    // of a team at most
	shareExternal   = 0.3  // of the teams that share a channel with a partner, and of those again that share a second
	shareColleagues = 0.5  // of a team, in such a channel beside its owner
	shareGuestLeft  = 0.15 // of the guests who came to one
)

// A crowd keeps the members of the channel asked for last, because a client reads them page by page.
type crowd struct {
	mu      sync.Mutex
	id      string
	members []ChannelMember
}

// Channels implements Messenger: those of everybody, of departments and topics first, then those of teams and partners.
func (c *Company) Channels() []Channel {
	out := []Channel{c.channel(channelEverybody, 0)}
	for n := range departments {
		out = append(out, c.channel(channelDepartment, n))
	}
	for n := range c.topics() {
		out = append(out, c.channel(channelTopic, n))
	}
	for _, t := range c.teams() {
		out = append(out, c.teamChannels(t)...)
	}
	return out
}

func (c *Company) topics() int { return min(topicsAtLeast+c.opt.Users/usersPerTopic, topicsAtMost) }

// teamChannels are a team's own channel and those it shares with partners; none once everybody has gone.
func (c *Company) teamChannels(t *team) []Channel {
	if !slices.ContainsFunc(t.members, c.present) {
		return nil
	}
	out := []Channel{c.channel(channelTeam, t.index)}
	for n := range partnerChannels {
		if unit(hash(c.opt.Seed, forChannels, t.index, n)) >= shareExternal {
			break
		}
		out = append(out, c.channel(channelPartner, t.index*partnerChannels+n))
	}
	return out
}

// present says whether somebody is a user at End.
func (c *Company) present(p *person) bool { return !p.pending && p.created < c.end && p.left >= c.end }

func (c *Company) channel(kind, index int) Channel {
	ch := Channel{ID: c.numbers.channelID(kind, index), Type: ChannelPublic, AddMembers: 1, Posting: 1, SeeHistory: true}
	switch kind {
	case channelEverybody:
		ch.Name, ch.AddMembers, ch.Posting = "Everybody", 2, 2
	case channelDepartment:
		ch.Name = departments[index].name
	case channelTopic:
		ch.Name = fmt.Sprintf("Topic %03d", index+1)
	case channelTeam:
		t := c.teams()[index]
		ch.Name, ch.Type = fmt.Sprintf("Team %s %04d", departments[t.dept].name, index+1), ChannelPrivateAccount
	case channelPartner:
		ch.Name, ch.Type = fmt.Sprintf("With %s %05d", partnerName(c.channelPartner(index)), index+1), ChannelPrivate
		ch.AddExternal = 1 + int(hash(c.opt.Seed, forChannels, index, -2)%2)
		ch.SeeHistory = hash(c.opt.Seed, forChannels, index, -3)%3 == 0
	}
	return ch
}

func (c *Company) channelPartner(index int) int {
	return int(hash(c.opt.Seed, forChannels, index, -1) % partners)
}

// Channel implements Messenger.
func (c *Company) Channel(id string) (Channel, bool) {
	kind, index, ok := c.numbers.readChannelID(id)
	if !ok || !c.channelExists(kind, index) {
		return Channel{}, false
	}
	return c.channel(kind, index), true
}

func (c *Company) channelExists(kind, index int) bool {
	id := c.numbers.channelID(kind, index)
	switch kind {
	case channelEverybody:
		return index == 0
	case channelDepartment:
		return index >= 0 && index < len(departments)
	case channelTopic:
		return index >= 0 && index < c.topics()
	case channelPartner:
		index /= partnerChannels
		fallthrough
	case channelTeam:
		teams := c.teams()
		return index >= 0 && index < len(teams) && slices.ContainsFunc(c.teamChannels(teams[index]), func(ch Channel) bool { return ch.ID == id })
	}
	return false
}

// UserChannels implements Messenger.
func (c *Company) UserChannels(userID string) []Channel {
	p := c.byID(userID)
	if p == nil || !c.present(p) {
		return nil
	}
	out := []Channel{c.channel(channelEverybody, 0), c.channel(channelDepartment, p.dept)}
	for n := range c.topics() {
		if c.follows(p, n) {
			out = append(out, c.channel(channelTopic, n))
		}
	}
	for i, ch := range c.teamChannels(c.team(p)) {
		if i == 0 || slices.Contains(c.partnerColleagues(c.team(p), i-1), p) {
			out = append(out, ch)
		}
	}
	return out
}

func (c *Company) follows(p *person, topic int) bool {
	return unit(hash(c.opt.Seed, forChannels, -1-p.index, topic)) < shareTopic
}

// partnerColleagues are the users in a team's channel with a partner, its owner first.
func (c *Company) partnerColleagues(t *team, n int) []*person {
	var out []*person
	from := int(hash(c.opt.Seed, forChannels, t.index, 10+n) % uint64(len(t.members)))
	for k := range t.members {
		p := t.members[(from+k)%len(t.members)]
		if c.present(p) && (out == nil || unit(hash(c.opt.Seed, forChannels, -1-p.index, -1-n)) < shareColleagues) {
			out = append(out, p)
		}
	}
	return out
}

// A visit is a guest's time in a channel, in Unix seconds; to is never64 while it lasts.
type visit struct {
	guest guest
	span
}

// channelBegan is when a channel with a partner was made.
func (c *Company) channelBegan(index int) int64 {
	h := hash(c.opt.Seed, forChannels, index, -4)
	return int64(c.last-int(h%uint64(c.opt.Days+120)))*secondsPerDay + int64(h>>32%secondsPerDay)/2
}

// visits are the guests of a channel with a partner, gone ones included.
func (c *Company) visits(index int) []visit {
	h := hash(c.opt.Seed, forChannels, index, -5)
	began := c.channelBegan(index)
	var out []visit
	for i := range 1 + int(h%4) {
		h = mix(h)
		v := visit{guest{c.channelPartner(index), 1 + i*9 + int(h>>32%9)}, span{began + 60 + int64(unit(h)*unit(mix(h))*float64(c.end-began-61)), never64}}
		if unit(h<<7|h>>57) < shareGuestLeft && i > 0 {
			v.to = v.from + int64(float64(c.end-v.from)*unit(mix(h+1)))
		}
		if v.from < c.end {
			out = append(out, v)
		}
	}
	return out
}

// ChannelMembers implements Messenger. Callers must not change them.
func (c *Company) ChannelMembers(id string) []ChannelMember {
	kind, index, ok := c.numbers.readChannelID(id)
	if !ok || !c.channelExists(kind, index) {
		return nil
	}
	c.crowd.mu.Lock()
	defer c.crowd.mu.Unlock()
	if c.crowd.id != id {
		c.crowd.id, c.crowd.members = id, c.channelMembers(kind, index)
	}
	return c.crowd.members
}

func (c *Company) channelMembers(kind, index int) []ChannelMember {
	if kind == channelPartner {
		var out []ChannelMember
		for _, p := range c.partnerColleagues(c.teams()[index/partnerChannels], index%partnerChannels) {
			out = append(out, c.colleague(p, len(out) == 0))
		}
		for _, v := range c.visits(index) {
			if v.to >= c.end {
				out = append(out, c.outsider(v.guest))
			}
		}
		return out
	}
	people, in := c.people, func(*person) bool { return true }
	switch kind {
	case channelDepartment:
		in = func(p *person) bool { return p.dept == index }
	case channelTopic:
		in = func(p *person) bool { return c.follows(p, index) }
	case channelTeam:
		people = c.teams()[index].members
	}
	var out []ChannelMember
	for _, p := range people {
		if c.present(p) && in(p) {
			out = append(out, c.colleague(p, len(out) == 0))
		}
	}
	return out
}

func (c *Company) colleague(p *person, owner bool) ChannelMember {
	m := ChannelMember{
		ID: p.id, MemberID: opaque(hash(c.opt.Seed, forChannels, p.index, 1000), 16), Email: p.email,
		FirstName: departments[p.dept].title, LastName: fmt.Sprintf("%05d", p.index+1), Role: "member",
	}
	switch {
	case owner:
		m.Role = "owner"
	case p.role == roleAdmin && p.index%2 == 0:
		m.Role = "admin"
	}
	return m
}

func (c *Company) outsider(g guest) ChannelMember {
	return ChannelMember{
		MemberID: opaque(hash(c.opt.Seed, forChannels, -1-g.partner, 1000+g.n), 16), Email: g.email(), FirstName: fmt.Sprintf("Guest %02d", g.n),
		LastName: "(" + partnerName(g.partner) + ")", Role: "member", External: true,
	}
}

// ChannelActivities implements Messenger: people come and go with their accounts, guests when somebody lets them.
func (c *Company) ChannelActivities(day time.Time) []ChannelActivity {
	d := dayNumber(day)
	if d < c.first || d > c.last {
		return nil
	}
	from, to := int64(d)*secondsPerDay, min(int64(d+1)*secondsPerDay, c.end)
	in := func(at int64) bool { return at >= from && at < to }
	var out []ChannelActivity
	add := func(kind, index int, at int64, operator ChannelMember, joined bool, members ...ChannelMember) {
		out = append(out, ChannelActivity{c.numbers.channelID(kind, index), timeAt(at), operator, joined, members})
	}
	for _, p := range c.people {
		if p.pending || !in(p.created) && !in(p.left) {
			continue
		}
		me, t := c.colleague(p, false), c.team(p)
		for _, at := range []int64{p.created, p.left} {
			if !in(at) || !slices.ContainsFunc(t.members, c.present) {
				continue
			}
			add(channelEverybody, 0, at, me, at == p.created, me)
			add(channelDepartment, p.dept, at, me, at == p.created, me)
			add(channelTeam, t.index, at, me, at == p.created, me)
		}
	}
	for _, t := range c.teams() {
		for n := range max(0, len(c.teamChannels(t))-1) {
			index := t.index*partnerChannels + n
			colleagues := c.partnerColleagues(t, n)
			owner := c.colleague(colleagues[0], true)
			if began := c.channelBegan(index); in(began) {
				var members []ChannelMember
				for i, p := range colleagues {
					members = append(members, c.colleague(p, i == 0))
				}
				add(channelPartner, index, began, owner, true, members...)
			}
			for _, v := range c.visits(index) {
				if in(v.from) {
					add(channelPartner, index, v.from, owner, true, c.outsider(v.guest))
				}
				if in(v.to) {
					add(channelPartner, index, v.to, owner, false, c.outsider(v.guest))
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ChannelActivity) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	return out
}
