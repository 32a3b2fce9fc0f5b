package posture

import "slices"

// standing orders the verdicts from the worst; others are no verdict.
var standing = []Status{Fail, PartialPass, Pass}

// Regression says whether the control held better before, by what was known before.
func (c Change) Regression() bool { return c.Cause == CauseWeakened || c.Cause == "" && c.turn() < 0 }

// Improvement says whether the control holds better than before.
func (c Change) Improvement() bool { return c.Cause == CauseRepaired || c.Cause == "" && c.turn() > 0 }

// Growth says whether the verdict changed because zoomward knows of more, and not because anything that it knew before turned.
func (c Change) Growth() bool { return c.Cause == CauseCoverage || c.Cause == CauseJoined }

// turn is negative for worse, positive for better, 0 where one of them is no verdict.
func (c Change) turn() int { return turn(c.From, c.To) }

func turn(a, b Status) int {
	from, to := slices.Index(standing, a), slices.Index(standing, b)
	if from < 0 || to < 0 {
		return 0
	}
	return to - from
}

// Regressions counts them.
func (s *Summary) Regressions() int { return s.count(Change.Regression) }

// Improvements counts them.
func (s *Summary) Improvements() int { return s.count(Change.Improvement) }

// Growths counts the verdicts that changed because more is known.
func (s *Summary) Growths() int { return s.count(Change.Growth) }

func (s *Summary) count(holds func(Change) bool) (n int) {
	for _, c := range s.Changes {
		if holds(c) {
			n++
		}
	}
	return n
}
