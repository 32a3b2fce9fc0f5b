package models

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns the indices of the p-values that are rejected at false discovery rate q among len(p) tests, least p first (Benjamini, Hochberg, JRSS B 57,
// 1995; valid under positive dependence, which conformal p-values of one pool have).
func BenjaminiHochberg(p []float64, q float64) []int {
	var order []int
	for i, x := range p {
		if x <= q { // no other can be rejected
			order = append(order, i)
		}
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
	weekly := b.weekly(users)
	if b.Day == 0 {
		b.Held = weekly
	} else if day > b.Day {
		b.Held = min(b.Held+weekly*float64(day-b.Day)/7, 4*weekly)
	}
	b.Day = day
}

// An urgency says how an alert draws on the budget.
type urgency int

const (
	bounded urgency = iota // only while there is budget
	urgent                 // may overdraw it by up to four weeks' worth, which later alerts then wait for
	forced                 // in any case: rules that need no statistics
)

// spend takes one alert from the budget; it returns false, and takes nothing, when the urgency does not allow it.
func (b *Budget) spend(u urgency, users int) bool {
	switch {
	case b.Held >= 1:
		b.Held--
	case u == urgent && b.Held-1 >= -4*b.weekly(users):
		b.Held--
	case u == forced:
		b.Held = min(b.Held, max(b.Held-1, 0)) // never makes a debt
	default:
		return false
	}
	return true
}

func (b *Budget) weekly(users int) float64 { return max(1, b.PerThousandUsersWeek*float64(users)/1000) }
