package features

import (
	"math"
	"slices"
	"strings"
	"time"
)

const (
	earthRadiusKM = 6371.0088 // mean radius, IUGG
	// MaxSpeedKMH is faster than airliners cruise.
	MaxSpeedKMH = 900
	// MinDistanceKM is the distance below which two places may be one that a database places wrongly: free city databases put 42 % of addresses more than
	// 500 km apart from each other.
	MinDistanceKM = 500
	// centroidKM stands for the accuracy of a place whose database states none.
	centroidKM = 100
	minElapsed = time.Minute
)

// Haversine returns the great-circle distance in km between two points given in degrees.
func Haversine(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * earthRadiusKM * math.Asin(math.Min(1, math.Sqrt(a)))
}

// A Journey is what it takes to have been at two places.
type Journey struct {
	From, To Place
	KM       float64 // net of the accuracy of both places
	KMH      float64
	Elapsed  time.Duration
}

// borderKM is a distance that neither a drive over the border nor an address placed on its wrong side explains: from Denver to Mexico City the countries border, the places
// do not.
const borderKM = 1000

// Abroad says whether it leads to a country that does not border on the one it came from, or deep into one that does.
func (j Journey) Abroad() bool {
	if !Bordering(j.From.Country, j.To.Country) {
		return true
	}
	return j.From.Country != j.To.Country && j.KM >= borderKM && !math.IsNaN(j.From.AccuracyKM+j.To.AccuracyKM)
}

// Impossible says whether nobody travels that far and fast.
func (j Journey) Impossible() bool { return j.KM >= MinDistanceKM && j.KMH >= MaxSpeedKMH }

// Travel returns the journey between two sightings; ok is false when it says nothing, because a place is not known or both are one network.
func Travel(from, to Place) (j Journey, ok bool) {
	j = Journey{From: from, To: to, Elapsed: time.Duration(to.Second-from.Second) * time.Second}
	if from.Second == 0 || j.Elapsed < 0 || math.IsNaN(from.Lat+from.Lon+to.Lat+to.Lon) || from.Prefix == to.Prefix || from.Network != "" && from.Network == to.Network {
		return j, false
	}
	radius := func(p Place) float64 {
		if math.IsNaN(p.AccuracyKM) {
			return centroidKM
		}
		return p.AccuracyKM
	}
	j.KM = max(0, Haversine(from.Lat, from.Lon, to.Lat, to.Lon)-radius(from)-radius(to))
	j.KMH = j.KM / max(j.Elapsed, minElapsed).Hours()
	return j, true
}

// Journeys calls yield for every journey between consecutive sign-ins of a user-day, beginning with the last place before it, and the row that ends it, until it returns false.
// What is no place (see NoPlace) or a gateway is passed over.
func (s *State) Journeys(r *Rows, u *UserDay, a *Account, yield func(j Journey, row int) bool) {
	last := a.Place
	for i := u.Lo; i < u.Hi; i++ {
		if !r.Has(i, SignIn) {
			continue
		}
		here, known := r.Place(i)
		if !known || s.Elsewhere(here) {
			continue
		}
		if !s.Elsewhere(last) {
			if j, ok := Travel(last, here); ok && !yield(j, i) {
				return
			}
		}
		last = here
	}
}

// Jump returns the first impossible journey of a user-day abroad (see Journey.Abroad), and the row that ends it.
func (s *State) Jump(r *Rows, u *UserDay, a *Account) (jump Journey, row int, ok bool) {
	s.Journeys(r, u, a, func(j Journey, i int) bool {
		if j.Abroad() && j.Impossible() {
			jump, row, ok = j, i, true
		}
		return !ok
	})
	return jump, row, ok
}

// exitUsers is how many users' journeys a prefix must have made impossible to be taken for an exit of a VPN: with the one who is judged, three.
const exitUsers = 2

// IsExit says whether a network prefix is an exit of a VPN: at least exitUsers people, none of whom is at home in its country, seem to have jumped there or away.
func (s *State) IsExit(prefix string) bool { return len(s.exits[prefix]) >= exitUsers }

const (
	// gatewayUsers and gatewayCountries are how many users' journeys, to how many countries that are not theirs, the addresses of a network operator must have made impossible to be
	// taken for a gateway that everybody's traffic leaves through, from another address every time. Three of each: a provider of data centres, which strangers rent too, is not
	// excused by one tunnel.
	gatewayUsers     = 3
	gatewayCountries = 3
	// gatewayKept bounds what is kept of an operator.
	gatewayKept = 16
)

// IsGateway says whether a network operator carries traffic of people who are elsewhere.
func (s *State) IsGateway(network string) bool {
	seen := s.exits[network]
	if network == "" || len(seen) < gatewayUsers {
		return false
	}
	users, countries := map[string]bool{}, map[string]bool{}
	for _, x := range seen {
		email, country, _ := strings.Cut(x, " ")
		users[email], countries[country] = true, true
	}
	return len(users) >= gatewayUsers && len(countries) >= gatewayCountries
}

// NoPlace says whether an address tells nothing of where its user is: an exit of a VPN, by the config or by IsExit, a privacy relay, which keeps the region at best, or a
// satellite, whose ground station may be a country away.
func (s *State) NoPlace(p Place) bool { return p.detached() || s.IsExit(p.Prefix) }

// Elsewhere says whether a journey that begins or ends at p is none: p is no place, or belongs to a gateway. A gateway excuses journeys alone, for strangers may rent from the same
// operator: that somebody is new to a country or to a network stands.
func (s *State) Elsewhere(p Place) bool { return s.NoPlace(p) || s.IsGateway(p.Network) }

func (p Place) detached() bool {
	return p.Category == "vpn" || p.HasTag("relay") || p.HasTag("satellite")
}

// HasTag says whether a list with that tag held the address.
func (p Place) HasTag(tag string) bool { return slices.Contains(strings.Fields(p.Tags), tag) }

// learnExits blames the ends of a user's impossible journey that lie outside his home country: their prefixes and their operators.
func (s *State) learnExits(j Journey, u *UserDay) {
	home := s.homeCountry(u.Account)
	for _, p := range []Place{j.From, j.To} {
		if p.Country == home {
			continue
		}
		s.blame(p.Prefix, u.Email, exitUsers)
		if p.Network != "" && s.blames(p.Network, u.Email) < gatewayCountries {
			s.blame(p.Network, u.Email+" "+p.Country, gatewayKept)
		}
	}
}

// blames counts the countries that a user blames an operator for: one who travels much must not fill the list.
func (s *State) blames(network, email string) int {
	n := 0
	for _, x := range s.exits[network] {
		if by, _, _ := strings.Cut(x, " "); by == email {
			n++
		}
	}
	return n
}

func (s *State) blame(what, by string, most int) {
	if list := s.exits[what]; len(list) < most && !slices.Contains(list, by) {
		s.exits[what] = append(list, by)
	}
}

// homeCountry returns the country that a user signs in from most, "" when none is known.
func (s *State) homeCountry(a *Account) string {
	p := &a.Profiles[Country]
	best, home := float32(0), ""
	for i, w := range p.W {
		if w > best {
			best, home = w, s.vocab.describe(Country, p.IDs[i])
		}
	}
	return home
}
