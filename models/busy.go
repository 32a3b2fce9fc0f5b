package models

import "github.com/zoomward/zoomward/features"

const (
	// busyPrior is how many expected counts back the level of a day towards the usual one.
	busyPrior = 0.2
	// busyMost is how much of one user's day counts towards it, so that a single burst excuses no other.
	busyMost = 20
	// busyUsers is how many others must do a thing before the day is called busy.
	busyUsers = 3
)

// busyDay is what all users of a day did together of one behaviour.
type busyDay struct {
	seen, expected float64 // counts, each user's up to busyMost, and what was expected of these users
	square         float64 // squared distances of the two
	users          int     // who did it at all
}

// countBusyDay sums up what the users of the day did. No score depends on it: scores know the past alone. It serves to decide what a person is to look at.
func (s *scene) countBusyDay() {
	s.busy = make([]busyDay, len(features.Behaviours))
	features.ParallelEach(len(s.busy), func(b int) {
		t := &s.busy[b]
		for i := range s.day.Users {
			x, mean, square, users := s.busyPart(i, b)
			t.seen, t.expected, t.square, t.users = t.seen+x, t.expected+mean, t.square+square, t.users+users
		}
	})
}

// busyPart is one user's part of a busyDay.
func (s *scene) busyPart(i, b int) (x, mean, square float64, users int) {
	x, mean = s.day.Users[i].Counts[b], s.predict[i][b].Mean
	if x > 0 {
		users = 1
	}
	x = min(x, busyMost)
	return x, mean, (x - mean) * (x - mean), users
}

// onBusyDay returns what to expect of a user given what everybody else did of the same on the same day: at the end of a quarter many clear up, after a change of policy
// everybody edits settings. What many do at once is no single user's anomaly. A quiet day lowers nothing.
func (s *scene) onBusyDay(i, b int) features.NegBin {
	nb, t := s.predict[i][b], s.busy[b]
	x, mean, square, users := s.busyPart(i, b)
	factor := (t.seen - x + busyPrior) / (t.expected - mean + busyPrior)
	if t.users-users < busyUsers || factor <= 1 {
		return nb
	}
	prior := s.priors.Of(s.day.Users[i].Email)[b]
	return prior.Busy(nb, factor, (t.square-square+prior.Dispersion*busyPrior)/(t.seen-x+busyPrior))
}
