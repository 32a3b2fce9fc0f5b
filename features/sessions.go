package features

import (
	"cmp"
	"math"
	"slices"
)

// A Session is the latest time that a user signed in with one kind of client. Rows of the operation log carry no address and not every client reports a sign-out, so this is
// what is known of where somebody works from.
type Session struct {
	Place         // of the sign-in; Country is "" when it is not known
	Closed  int64 // when a sign-out of that client followed, in seconds since 1970; 0 while none has
	Lengths Spread
}

// A Spread is mean and variance of ln(hours) of sessions from sign-in to sign-out, decayed by Decay for each. Sessions without a sign-out are not in it.
type Spread struct {
	N    float64
	Mean float64
	M2   float64 // sum of squared deviations
}

const (
	// maxSessions bounds the kinds of client that are remembered of a user: those of the latest sign-ins stay.
	maxSessions = 6
	// spreadClip is how many standard deviations one session may pull: a forgotten one must not make the next look usual.
	spreadClip = 3
	// minSpread keeps a user of very even sessions from looking strange after a few minutes more, in ln(hours).
	minSpread = 0.5
	// spreadLearnt is how many sessions it takes before deviations are bounded.
	spreadLearnt = 5
	// minHours is the shortest session that is told apart.
	minHours = 1.0 / 60
)

// Deviation returns the standard deviation, at least minSpread.
func (s Spread) Deviation() float64 {
	if s.N <= 1 {
		return minSpread
	}
	return math.Max(math.Sqrt(s.M2/(s.N-1)), minSpread)
}

// Z returns how many standard deviations a session of so many hours is from the usual.
func (s Spread) Z(hours float64) float64 {
	return (math.Log(math.Max(hours, minHours)) - s.Mean) / s.Deviation()
}

// learn adds a session.
func (s *Spread) learn(hours float64) {
	x := math.Log(math.Max(hours, minHours))
	if s.N >= spreadLearnt {
		reach := spreadClip * s.Deviation()
		x = math.Min(math.Max(x, s.Mean-reach), s.Mean+reach)
	}
	s.N, s.M2 = s.N*Decay+1, s.M2*Decay
	d := x - s.Mean
	s.Mean += d / s.N
	s.M2 += d * (x - s.Mean)
}

// follow goes through the sign-ins and sign-outs of a day. It calls each, when given, for every row that opens or closes a session, with the session of that client
// as it was before (Second 0 when there was none), and returns the sessions at the end.
func follow(r *Rows, u *UserDay, known []Session, each func(row int, before Session)) []Session {
	out := slices.Clone(known)
	for i := u.Lo; i < u.Hi; i++ {
		kind := r.Kind(i)
		if kind != "sign_in" && kind != "sign_out" {
			continue
		}
		client := r.Client(i)
		k := slices.IndexFunc(out, func(s Session) bool { return s.Client == client })
		var before Session
		if k >= 0 {
			before = out[k]
		}
		if each != nil {
			each(i, before)
		}
		if kind == "sign_out" {
			if k >= 0 && out[k].Closed == 0 {
				out[k].Closed = r.Second(i)
			}
			continue
		}
		p, _ := r.Place(i)
		if k < 0 {
			out = append(out, Session{})
			k = len(out) - 1
		}
		out[k].Place, out[k].Closed = p, 0
	}
	if len(out) > maxSessions {
		slices.SortStableFunc(out, func(a, b Session) int { return cmp.Compare(b.Second, a.Second) })
		out = out[:maxSessions]
	}
	return out
}

// Follow calls each for every sign-in and sign-out of a user-day in order of time, with the session of that kind of client as it was before: Second is 0 when there was none.
func Follow(r *Rows, u *UserDay, each func(row int, before Session)) {
	follow(r, u, u.Account.Sessions, each)
}

// Hours returns how long a session lasted that a sign-out ends at a second; ok is false when it is not known to have been open.
func (s Session) Hours(until int64) (hours float64, ok bool) {
	if s.Second == 0 || s.Closed != 0 || until < s.Second {
		return 0, false
	}
	return float64(until-s.Second) / 3600, true
}

// learnSessions takes over the sessions of a day; how long they lasted is learnt unless the day is gated.
func (a *Account) learnSessions(r *Rows, u *UserDay, gated bool) {
	lengths := map[string]Spread{}
	after := follow(r, u, a.Sessions, func(row int, before Session) {
		if gated || r.Kind(row) != "sign_out" {
			return
		}
		if hours, ok := before.Hours(r.Second(row)); ok {
			s, seen := lengths[before.Client]
			if !seen {
				s = before.Lengths
			}
			s.learn(hours)
			lengths[before.Client] = s
		}
	})
	for i := range after {
		if s, ok := lengths[after[i].Client]; ok {
			after[i].Lengths = s
		}
	}
	a.Sessions = after
}

// A City is one that a user has signed in from.
type City struct {
	Country, Name string
	Lat, Lon      float64 // degrees
	Day           int64   // last
}

// maxCities bounds the cities that are remembered of a user: the latest seen stay.
const maxCities = 12

// learnCities notes the cities of a day. Exits of VPNs and relays say nothing about where somebody is.
func (s *State) learnCities(r *Rows, u *UserDay, a *Account, day int64) {
	for i := u.Lo; i < u.Hi; i++ {
		if !r.Has(i, SignIn) {
			continue
		}
		p, ok := r.Place(i)
		if !ok || p.City == "" || math.IsNaN(p.Lat+p.Lon) || s.NoPlace(p) {
			continue
		}
		k := slices.IndexFunc(a.Cities, func(c City) bool { return c.Country == p.Country && c.Name == p.City })
		if k < 0 {
			a.Cities = append(a.Cities, City{})
			k = len(a.Cities) - 1
		}
		a.Cities[k] = City{p.Country, p.City, p.Lat, p.Lon, day}
	}
	if len(a.Cities) > maxCities {
		slices.SortStableFunc(a.Cities, func(x, y City) int { return cmp.Compare(y.Day, x.Day) })
		a.Cities = a.Cities[:maxCities]
	}
}

// NearestKM returns how far the nearest of a user's cities is, in km; ok is false when none is known.
func (a *Account) NearestKM(lat, lon float64) (km float64, ok bool) {
	km = math.Inf(1)
	for _, c := range a.Cities {
		km = math.Min(km, Haversine(lat, lon, c.Lat, c.Lon))
	}
	return km, len(a.Cities) > 0
}

// anonymised says whether a sign-in of the day came through Tor or a proxy.
func anonymised(r *Rows, u *UserDay) bool {
	for i := u.Lo; i < u.Hi; i++ {
		if c := r.NetworkCategory(i); (c == "tor" || c == "proxy") && r.Has(i, SignIn) {
			return true
		}
	}
	return false
}

// Anonymised says whether a network hides who its users are: Tor, a proxy, or a VPN service that anybody can buy.
func (p Place) Anonymised() bool { return p.Category == "tor" || p.Category == "proxy" }
