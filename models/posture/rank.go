package posture

import (
	"cmp"
	"slices"
)

// Rank works out what putting each open recommendation right does to the score, and in which order to go about it.
//
// The gain is the points still missing, and the percentage points by which the score rises with them: 100 x points missing / points of all controls judged. It is exact,
// as a control that is put right stays one that was judged. A control of severity info is worth no points, so it has no rank.
//
// The rank orders by points missing over the mean of effort and user impact, where low weighs 1, moderate 1.5 and high 2:
//
//	priority = points missing / ((effort + user impact) / 2)
//
// so that 8 points for a hard change which everybody notices (8 / 2 = 4) come after 5 points for an easy one which nobody does (5 / 1), and 10 such points (10 / 2) beside
// them: what is critical is not put off for being work. Microsoft says of its own rank
// that it rests on points left, difficulty, user impact and complexity, and gives no formula; this one is zoomward's. Of equal priorities the greater gain comes first, then the
// heavier severity, then the order of the catalogue.
func Rank(c *Catalog, results []Result) {
	total := ScoreOf(results).MaxPoints
	var open []*Result
	for i := range results {
		r := &results[i]
		if ctl, ok := c.Control(r.ControlID); ok {
			r.Effort, r.UserImpact = cmp.Or(ctl.Effort, WeightLow), cmp.Or(ctl.UserImpact, WeightLow)
		}
		r.GainPoints, r.Gain, r.Rank = 0, 0, 0
		if r.Open() && total > 0 {
			r.GainPoints = r.MaxPoints - r.Points
			r.Gain = percent(r.GainPoints, total)
			open = append(open, r)
		}
	}
	slices.SortStableFunc(open, func(a, b *Result) int {
		return cmp.Or(cmp.Compare(b.priority(), a.priority()), cmp.Compare(b.GainPoints, a.GainPoints), cmp.Compare(b.MaxPoints, a.MaxPoints))
	})
	for i, r := range open {
		r.Rank = i + 1
	}
}

// priority is what Rank orders by, in points.
func (r *Result) priority() float64 {
	return r.GainPoints / ((r.Effort.weight() + r.UserImpact.weight()) / 2)
}

func (w Weight) weight() float64 {
	switch w {
	case WeightModerate:
		return 1.5
	case WeightHigh:
		return 2
	}
	return 1
}
