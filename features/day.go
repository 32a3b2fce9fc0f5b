package features

import "time"

// Day is what happened on one UTC day.
type Day struct {
	Number    int64     // days since 1970
	Users     []UserDay // by e-mail
	Lifecycle []Lifecycle
	Rows      *Rows // rows of this day and its neighbours
}

// Weekday returns 0 for Sunday to 6 for Saturday, as time.Weekday.
func (d *Day) Weekday() int { return int(DayTime(d.Number).Weekday()) }

// Start returns the first instant of the day.
func (d *Day) Start() time.Time { return DayTime(d.Number) }

// UserDay is one user's part of it.
type UserDay struct {
	Email  string
	Lo, Hi int // rows [Lo, Hi) of Day.Rows, in order of time
	Events []Event
	Counts []float64 // by Behaviours
	// Filled by State.Tokenise:
	Account   *Account // what is known of the user as of the evening before
	Tokens    [Channels]Vector
	Contexts  []Context
	Elsewhere [Client - Prefix]Vector // Tokens of Prefix, Network and Country without the organisation's own networks
}

// Lifecycle is an operation that removed an account or brought it back.
type Lifecycle struct {
	Email   string
	Second  int64
	Removed bool
}

// lastPlace returns the place of the user's last sign-in of the day that has one; exits of VPNs are no places.
func (s *State) lastPlace(r *Rows, u *UserDay) (Place, bool) {
	for i := u.Hi - 1; i >= u.Lo; i-- {
		if r.Has(i, SignIn) {
			if p, ok := r.Place(i); ok && !s.NoPlace(p) {
				return p, true
			}
		}
	}
	return Place{}, false
}
