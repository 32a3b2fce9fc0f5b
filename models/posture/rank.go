package posture

import (
	"cmp"
	"maps"
	"slices"
)

// Rank works out what putting each open recommendation right does to the score, and in which order to go about it.
//
// The gain is found by judging the account anew with the setting corrected, and its locks closed where that takes more: the points, and the percentage points of the score, by
// which all controls together rise. One switch may move several of them. Of several ways the one that moves least counts, so that nobody is promised too much; where no setting
// of the account does it, as with what single users do, it is the points that the control itself lacks. A control of severity info is worth no points, so it has no rank.
//
// The rank orders by points gained over the mean of effort and user impact, where low weighs 1, moderate 1.5 and high 2:
//
//	priority = points gained / ((effort + user impact) / 2)
//
// so that 8 points for a hard change which everybody notices (8 / 2 = 4) come after 5 points for an easy one which nobody does (5 / 1), and 10 such points (10 / 2) beside
// them: what is critical is not put off for being work. Microsoft says of its own rank
// that it rests on points left, difficulty, user impact and complexity, and gives no formula; this one is zoomward's. Of equal priorities the greater gain comes first, then the
// heavier severity, then the order of the catalogue. What a control before it in this order settles has the rank of that one, as it is one thing to do; only what is planned, which
// has an owner and a date of its own, stands for itself.
func Rank(c *Catalog, in Input, results []Result) {
	before := ScoreOf(results)
	ev := newEvaluation(c, &in)
	ev.overriding() // once for all
	readers := c.readersOf()
	var open []*Result
	number := map[string]int{}
	for i := range results {
		r := &results[i]
		number[r.ControlID] = i
		ctl, known := c.Control(r.ControlID)
		if known {
			r.Effort, r.UserImpact = cmp.Or(ctl.Effort, WeightLow), cmp.Or(ctl.UserImpact, WeightLow)
		}
		r.GainPoints, r.Gain, r.Rank, r.Settles, r.SettledBy = 0, 0, 0, nil, ""
		if !r.Open() || before.MaxPoints == 0 {
			continue
		}
		open = append(open, r)
		r.GainPoints = r.MaxPoints - r.Points
		r.Gain = percent(r.GainPoints, before.MaxPoints)
		if !known {
			continue
		}
		moved := ev.fixOf(c, &ctl, readers)
		if moved == nil {
			continue
		}
		points, most := before.Points, before.MaxPoints
		for _, j := range slices.Sorted(maps.Keys(moved)) {
			was, is := &results[j], moved[j]
			if was.counts() {
				points, most = points-was.Points, most-was.MaxPoints
			}
			if is.counts() {
				points, most = points+is.Points, most+is.MaxPoints
			}
			if j != i && was.Open() && is.counts() && is.Points == is.MaxPoints {
				r.Settles = append(r.Settles, is.ControlID)
			}
		}
		r.GainPoints, r.Gain = points-before.Points, percent(points, most)-before.Score
	}
	slices.SortStableFunc(open, func(a, b *Result) int {
		return cmp.Or(cmp.Compare(b.priority(), a.priority()), cmp.Compare(b.GainPoints, a.GainPoints), cmp.Compare(b.MaxPoints, a.MaxPoints))
	})
	rank := 0
	for _, r := range open {
		if r.Rank > 0 {
			continue
		}
		rank++
		r.Rank = rank
		for _, id := range r.Settles {
			if other := &results[number[id]]; other.Rank == 0 && other.Exception != Planned {
				other.Rank, other.SettledBy = rank, r.ControlID
			}
		}
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
