package models

import (
	"slices"

	"github.com/zoomward/zoomward/features"
)

// A quietTime is the time before a user-day in which nothing was seen of its user: no sign-in, no operation and no meeting, as far as those feeds land.
type quietTime struct {
	days    int64 // since the last day with activity; 0 for none
	last    int64 // that day, in days since 1970; 0 for none on record
	longest int64 // of the silences before, in days; 0 for none
	met     bool  // the last activity was in a meeting alone
	quarter int   // days with activity within activeWindow days before
}

// activeWindow is over how many days the share of active ones is taken.
const activeWindow = 90

// silenceOf looks up what came before a user-day. from is the day to count from for a user of whom nothing is on record.
func (s *scene) silenceOf(u *features.UserDay, from int64) quietTime {
	a := u.Account
	days := s.people.past.daysOf(u.Email, s.day.Rows.At(u.Lo))
	if a.Days > 0 && !slices.Contains(days, a.LastDay) {
		days = append(days, a.LastDay)
		slices.Sort(days)
	}
	x := quietTime{}
	for i, d := range days {
		if i > 0 {
			x.longest = max(x.longest, d-days[i-1])
		}
		if d >= s.day.Number-activeWindow && d < s.day.Number {
			x.quarter++
		}
		x.last = d
	}
	x.met = x.last != 0 && (a.Days == 0 || x.last > a.LastDay)
	x.days = s.day.Number - max(x.last, from)
	return x
}
