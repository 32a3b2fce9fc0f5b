package models

import (
	"cmp"
	"slices"

	"github.com/zoomward/zoomward/features"
)

const (
	// busyPrior is how many expected counts back the level of a day towards the usual one.
	busyPrior = 0.2
	// busyMost is how much of one user's day counts towards it, so that a single burst excuses no other.
	busyMost = 20
	// busyUsers is how many others must do a thing as well before the day excuses anybody: a third as much at least, as one click of three colleagues excuses no two dozen.
	busyUsers = 3
	busyShare = 1.0 / 3
)

// busyDay is what all users of a day did together of one behaviour.
type busyDay struct {
	seen, expected float64   // counts, each user's up to busyMost, and what was expected of these users
	square         float64   // squared distances of the two
	counts         []float64 // of those who did it, in descending order
}

// countBusyDay sums up what the users of the day did. No score depends on it: scores know the past alone. It serves to decide what a person is to look at.
func (s *scene) countBusyDay() {
	s.busy = make([]busyDay, len(features.Behaviours))
	features.ParallelEach(len(s.busy), func(b int) {
		t := &s.busy[b]
		for i := range s.day.Users {
			x, mean, square := s.busyPart(i, b)
			t.seen, t.expected, t.square = t.seen+x, t.expected+mean, t.square+square
			if x := s.day.Users[i].Counts[b]; x > 0 {
				t.counts = append(t.counts, x)
			}
		}
		slices.SortFunc(t.counts, func(x, y float64) int { return cmp.Compare(y, x) })
	})
}

// busyPart is one user's part of a busyDay.
func (s *scene) busyPart(i, b int) (x, mean, square float64) {
	x, mean = min(s.day.Users[i].Counts[b], busyMost), s.predict[i][b].Mean
	return x, mean, (x - mean) * (x - mean)
}

// alike returns how many others did at least busyShare of what a user did.
func (s *scene) alike(i, b int) int {
	x := s.day.Users[i].Counts[b]
	n, _ := slices.BinarySearchFunc(s.busy[b].counts, busyShare*x, func(c, least float64) int {
		if c >= least {
			return -1
		}
		return 1
	})
	if x > 0 {
		n-- // the user
	}
	return n
}

// onBusyDay returns what to expect of a user given what everybody else did of the same on the same day: at the end of a quarter many clear up, after a change of policy
// everybody edits settings. What many do at once is no single user's anomaly. A quiet day lowers nothing.
func (s *scene) onBusyDay(i, b int) features.NegBin {
	nb, t := s.predict[i][b], s.busy[b]
	x, mean, square := s.busyPart(i, b)
	factor := (t.seen - x + busyPrior) / (t.expected - mean + busyPrior)
	if s.alike(i, b) < busyUsers || factor <= 1 {
		return nb
	}
	prior := s.priors.Of(s.day.Users[i].Email)[b]
	return prior.Busy(nb, factor, (t.square-square+prior.Dispersion*busyPrior)/(t.seen-x+busyPrior))
}
