package posture

import "slices"

// standing orders the verdicts from the worst; others are no verdict.
var standing = []Status{Fail, PartialPass, Pass}

// Regression says whether the control held better before.
func (c Change) Regression() bool { return c.turn() < 0 }

// Improvement says whether the control holds better than before.
func (c Change) Improvement() bool { return c.turn() > 0 }

// turn is negative for worse, positive for better, 0 where one of them is no verdict.
func (c Change) turn() int {
	from, to := slices.Index(standing, c.From), slices.Index(standing, c.To)
	if from < 0 || to < 0 {
		return 0
	}
	return to - from
}

// Regressions counts them.
func (s *Summary) Regressions() (n int) {
	for _, c := range s.Changes {
		if c.Regression() {
			n++
		}
	}
	return n
}

// Improvements counts them.
func (s *Summary) Improvements() (n int) {
	for _, c := range s.Changes {
		if c.Improvement() {
			n++
		}
	}
	return n
}
