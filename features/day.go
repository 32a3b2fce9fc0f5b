package features

import (
	"strconv"
	"time"
)

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

// Rows are rows of the stream of sign-ins and operations, column by column.
type Rows struct {
	Email    []string    `col:"user_email"`
	Day      []time.Time `col:"day,date"`
	At       []time.Time `col:"occurred_at"`
	Local    []time.Time `col:"local_at"`
	Kind     []string    `col:"kind"` // sign_in, sign_out, operation, ...
	Action   []string    `col:"action"`
	Category []string    `col:"category"` // lower case
	OpAction []string    `col:"op_action"`
	Detail   []string    `col:"detail"`
	Subject  []string    `col:"subject"`
	Setting  []string    `col:"setting"`
	Changes  []string    `col:"changes"` // JSON
	IP       []string    `col:"ip_address"`
	Prefix   []string    `col:"ip_prefix"`
	ASN      []int64     `col:"asn"`
	Country  []string    `col:"country_code"`
	City     []string    `col:"city"`
	Lat      []float64   `col:"latitude"`
	Lon      []float64   `col:"longitude"`
	Accuracy []float64   `col:"accuracy_km"`
	Client   []string    `col:"client_type"`
	Version  []string    `col:"client_version"`
	ID       []string    `col:"id"`
}

// Network returns the network operator of a row as text, "" when not known.
func (r *Rows) Network(i int) string {
	if r.ASN[i] == 0 {
		return ""
	}
	return strconv.FormatInt(r.ASN[i], 10)
}

// Place returns where a row came from; ok is false when its country is not known.
func (r *Rows) Place(i int) (p Place, ok bool) {
	if r.Country[i] == "" {
		return Place{}, false
	}
	return Place{Second: r.At[i].Unix(), IP: r.IP[i], Prefix: r.Prefix[i], Network: r.Network(i), Country: r.Country[i], City: r.City[i],
		Lat: r.Lat[i], Lon: r.Lon[i], AccuracyKM: r.Accuracy[i]}, true
}

// event returns row i as the tokens see it.
func (r *Rows) event(i int) Event {
	e := Event{Second: r.At[i].Unix(), LocalSecond: r.Local[i].Unix(), Action: r.Action[i], SignIn: r.Kind[i] == "sign_in"}
	if e.SignIn {
		e.Prefix, e.Network, e.Country, e.Client = r.Prefix[i], r.Network(i), r.Country[i], r.Client[i]
		if r.Version[i] != "" {
			e.Version = r.Client[i] + " " + r.Version[i]
		}
	}
	return e
}

// lastPlace returns the place of the user's last sign-in of the day that has one; exits of VPNs are no places.
func (s *State) lastPlace(r *Rows, u *UserDay) (Place, bool) {
	for i := u.Hi - 1; i >= u.Lo; i-- {
		if r.Kind[i] == "sign_in" {
			if p, ok := r.Place(i); ok && !s.IsExit(p.Prefix) {
				return p, true
			}
		}
	}
	return Place{}, false
}
