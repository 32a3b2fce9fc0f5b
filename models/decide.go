package models

import (
	"cmp"
	"math"
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

// A Budget bounds alerts per trailing week.
type Budget struct {
	PerThousandUsersWeek float64
	Spent                []int64 // days on which an alert was raised, over the last 7 days
}

// left returns how many more alerts day may raise in a tenant of so many users: at least one a week is always allowed.
func (b *Budget) left(day int64, users int) int {
	b.Spent = slices.DeleteFunc(b.Spent, func(d int64) bool { return d <= day-7 })
	allowed := int(math.Max(1, math.Ceil(b.PerThousandUsersWeek*float64(users)/1000)))
	return max(0, allowed-len(b.Spent))
}

func (b *Budget) spend(day int64) { b.Spent = append(b.Spent, day) }
