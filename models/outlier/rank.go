package outlier

import "slices"

// A Rank turns scores into p-values by their rank among the scores of the rows a detector was fitted on.
type Rank struct {
	Sorted []float64 // ascending
}

// NewRank sorts a copy of the scores.
func NewRank(scores []float64) Rank {
	s := slices.Clone(scores)
	slices.Sort(s)
	return Rank{Sorted: s}
}

// P returns the share of scores at least as great as s, counting s itself: (1 + #{score >= s}) / (1 + n), so never 0, and 1 without scores. The rows that were
// ranked among also shaped the detector, so rows it has not seen look a little stranger than they are where rows are few for their columns: p is for ordering;
// calibrate what raises alerts on rows the detector has not seen.
func (r Rank) P(s float64) float64 {
	n := len(r.Sorted)
	i, _ := slices.BinarySearch(r.Sorted, s)
	return float64(1+n-i) / float64(1+n)
}
