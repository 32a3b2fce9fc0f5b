package models

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns the indices of the p-values that are rejected at false discovery rate q among len(p) tests, least p first (Benjamini, Hochberg, JRSS B 57,
// 1995; valid under positive dependence, which conformal p-values of one pool have).
func BenjaminiHochberg(p []float64, q float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	for k := len(order); k > 0; k-- {
		if p[order[k-1]] <= q*float64(k)/float64(len(p)) {
			return order[:k]
		}
	}
	return nil
}

// A Budget bounds alerts over time: it fills by so many a week and holds at most four weeks' worth, so that a quiet month may pay for a bad day. It starts with one
// week's worth, and never holds less than one alert a week allows.
type Budget struct {
	PerThousandUsersWeek float64
	Held                 float64
	Day                  int64 // up to which it is filled; 0 before the first
}

// fill brings the budget up to a day, in a tenant of so many users.
func (b *Budget) fill(day int64, users int) {
	weekly := max(1, b.PerThousandUsersWeek*float64(users)/1000)
	if b.Day == 0 {
		b.Held = weekly
	} else if day > b.Day {
		b.Held = min(b.Held+weekly*float64(day-b.Day)/7, 4*weekly)
	}
	b.Day = day
}

// spend takes one alert from the budget; it returns false, and takes nothing, when there is none left. A forced one is taken in any case.
func (b *Budget) spend(forced bool) bool {
	if b.Held < 1 && !forced {
		return false
	}
	b.Held = max(b.Held-1, 0)
	return true
}
