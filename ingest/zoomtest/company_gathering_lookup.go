package zoomtest

import (
	"cmp"
	"slices"
)

// gatherings returns the meetings that began on a UTC day before End, sorted by start. Callers must not change them.
func (c *Company) gatherings(day int) []*gathering {
	if day < c.first || day > c.last {
		return nil
	}
	return c.gathered.get(day, c.generateGatherings)
}

func (c *Company) generateGatherings(day int) []*gathering {
	teams := c.teams()
	parts := make([][]*gathering, len(teams)+1)
	from, to := int64(day)*secondsPerDay, min(int64(day+1)*secondsPerDay, c.end)
	c.inParallel(len(teams)+1, func(s *stream, i int) {
		for local := day - 1; local <= day+1; local++ {
			var today []*gathering
			if i < len(teams) {
				today = c.teamDay(s, teams[i], local)
			} else if g := c.companyGathering(s, local); g != nil {
				today = []*gathering{g}
			}
			for _, g := range today {
				if g.start >= from && g.start < to {
					parts[i] = append(parts[i], g)
				}
			}
		}
	})
	out := slices.Concat(parts...)
	slices.SortStableFunc(out, func(a, b *gathering) int { return cmp.Compare(a.start, b.start) })
	return out
}

// personGatherings returns the meetings of a UTC day that a person hosted or, if joined, came to.
func (c *Company) personGatherings(p *person, day int, joined bool) []*gathering {
	t := c.team(p)
	if t == nil || day < c.first || day > c.last {
		return nil
	}
	s := newStream()
	from, to := int64(day)*secondsPerDay, min(int64(day+1)*secondsPerDay, c.end)
	var out []*gathering
	for local := day - 1; local <= day+1; local++ {
		today := c.teamDay(s, t, local)
		if all, ok := c.companyMeeting(local); ok && (joined || p.index == 0) && all.from >= from && all.from < to {
			today = append(today, c.companyGathering(s, local))
		}
		for _, g := range today {
			in := g.host == p || joined && slices.ContainsFunc(g.stays, func(x stay) bool { return x.who == p && !x.waiting })
			if in && g.start >= from && g.start < to {
				out = append(out, g)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *gathering) int { return cmp.Compare(a.start, b.start) })
	return out
}

// find returns the gathering a UUID stands for, nil for a stranger's or one that has not begun.
func (c *Company) find(uuid string) *gathering {
	index, local, seq, ok := c.numbers.readMeetingUUID(uuid)
	if !ok || local < c.first-1 || local > c.last+1 {
		return nil
	}
	var found *gathering
	if teams := c.teams(); index == companyTeam {
		found = c.companyGathering(newStream(), local)
	} else if index >= 0 && index < len(teams) {
		if today := c.teamDay(newStream(), teams[index], local); seq >= 0 && seq < len(today) {
			found = today[seq]
		}
	}
	if found == nil || found.seq != seq || found.start >= c.end || found.start < int64(c.first)*secondsPerDay {
		return nil
	}
	return found
}

// findLast returns the latest gathering with a number that has ended, nil for none.
func (c *Company) findLast(number int64) *gathering {
	p := c.inRoom(number)
	from, to := c.first-1, c.last+1
	if host, day, slot, ok := c.numbers.readMeetingNumber(number); ok && host < len(c.people) {
		p = c.people[host]
		if slot < seriesSlot {
			from = max(from, to-(to-day)&(numberDays-1))
			to = min(to, from)
		}
	}
	if p == nil || c.team(p) == nil {
		return nil
	}
	s := newStream()
	for local := to; local >= from; local-- {
		today := c.teamDay(s, c.team(p), local)
		if g := c.companyGathering(s, local); g != nil && g.number == number {
			today = append(today, g)
		}
		var last *gathering
		for _, g := range today {
			if g.number == number && g.end < c.end && g.start >= int64(c.first)*secondsPerDay && (last == nil || g.start > last.start) {
				last = g
			}
		}
		if last != nil {
			return last
		}
	}
	return nil
}
