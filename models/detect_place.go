package models

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	earthRadiusKM = 6371.0088 // mean radius, IUGG
	maxSpeedKMH   = 900       // airliners cruise at about that
	minDistanceKM = 500       // below it two places may be one, wrongly placed
	minElapsed    = time.Minute
	tenantPrefix  = 3 // user-days of late that make a network prefix one of the organisation's own
)

// Haversine returns the great-circle distance in km between two points given in degrees.
func Haversine(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * earthRadiusKM * math.Asin(math.Min(1, math.Sqrt(a)))
}

// A journey is what it takes to have been at two places.
type journey struct {
	km, kmh float64
	elapsed time.Duration
}

// travel returns the journey between two sightings, net of the accuracy of both places; ok is false when it says nothing: a place is not known, or the time too short
// to divide by.
func travel(from, to features.Place) (journey, bool) {
	j := journey{elapsed: time.Duration(to.Second-from.Second) * time.Second}
	if from.Second == 0 || j.elapsed < 0 || math.IsNaN(from.Lat+from.Lon+to.Lat+to.Lon) {
		return journey{}, false
	}
	radius := func(p features.Place) float64 {
		if math.IsNaN(p.AccuracyKM) {
			return 100 // databases that state none place a country's rest at its centre
		}
		return p.AccuracyKM
	}
	j.km = max(0, Haversine(from.Lat, from.Lon, to.Lat, to.Lon)-radius(from)-radius(to))
	j.kmh = j.km / max(j.elapsed, minElapsed).Hours()
	return j, true
}

// findTravel compares each sign-in with the one before it.
func findTravel(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		last := a.Place
		for i := u.Lo; i < u.Hi; i++ {
			if r.Kind[i] != "sign_in" {
				continue
			}
			here, ok := r.Place(i)
			if !ok {
				continue
			}
			from := last
			last = here
			if from.Country == here.Country || from.Prefix == here.Prefix || from.Network != "" && from.Network == here.Network {
				continue
			}
			j, ok := travel(from, here)
			if !ok || j.km < minDistanceKM || j.kmh < maxSpeedKMH {
				continue
			}
			// Both ends familiar: a VPN, or a line that a database places wrongly. Only somewhere new makes it worth a look.
			if s.familiarPlace(a, from) && s.familiarPlace(a, here) {
				continue
			}
			f := s.finding(u)
			f.First, f.Last = time.Unix(from.Second, 0).UTC(), r.At[i]
			f.Observed, f.Unit, f.Score = j.kmh, "km/h", math.Log10(j.kmh)
			f.Key = min(from.Country, here.Country) + "-" + max(from.Country, here.Country)
			f.Alert = !s.judged[n].learning
			f.Evidence.Details = map[string]any{"from": describePlace(from), "to": describePlace(here), "distance_km": math.Round(j.km), "elapsed_minutes": math.Round(j.elapsed.Minutes()),
				"speed_kmh": math.Round(j.kmh), "from_familiar": s.familiarPlace(a, from), "to_familiar": s.familiarPlace(a, here)}
			f.Evidence.Events = s.notes([]int{i})
			f.Summary = fmt.Sprintf("%s: signed in from %s and %s later from %s, %.0f km away net of the accuracy of both places: %.0f km/h.",
				u.Email, describePlace(from), j.elapsed.Round(time.Minute), describePlace(here), j.km, j.kmh)
			return []Finding{f}
		}
		return nil
	})
}

// familiarPlace says whether a place is one the user has signed in from before, by prefix or by operator and country, or a network of the organisation.
func (s *scene) familiarPlace(a *features.Account, p features.Place) bool {
	return s.state.Own(a, features.Prefix, p.Prefix) > 0 || s.state.KnownPrefix(p.Prefix) >= tenantPrefix ||
		s.state.Own(a, features.Network, p.Network) > 0 && s.state.Own(a, features.Country, p.Country) > 0
}

func describePlace(p features.Place) string {
	var parts []string
	for _, s := range []string{p.City, p.Country} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ") + " (" + p.IP + ")"
}

// findCountry reports countries that are new to a user.
func findCountry(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(i int, u *features.UserDay, a *features.Account) []Finding {
		if s.judged[i].learning {
			return nil
		}
		seen := map[string]bool{}
		var out []Finding
		for k := u.Lo; k < u.Hi; k++ {
			code := r.Country[k]
			if r.Kind[k] != "sign_in" || code == "" || seen[code] {
				continue
			}
			seen[code] = true
			if s.state.Own(a, features.Country, code) > 0 || a.Profiles[features.Country].Mass == 0 {
				continue
			}
			f := s.finding(u)
			f.Key = code
			f.First, f.Last = r.At[k], r.At[k]
			f.Observed, f.Unit = 1, "new countries"
			f.Evidence.Details = map[string]any{"country": code, "user_days_in_organisation": s.state.KnownCountry(code)}
			f.Evidence.Events = s.notes([]int{k})
			f.Summary = fmt.Sprintf("%s: first sign-in from %s (%s). Judged from %s.", u.Email, code, place(r, k), history(a))
			out = append(out, f)
		}
		return out
	})
}

// minTenantDays is how long the organisation must have been watched before something is new to it.
const minTenantDays = 14

// findTenantCountry reports countries that are new to everybody.
func findTenantCountry(s *scene) []Finding {
	if s.state.FirstDay == 0 || s.day.Number-s.state.FirstDay < minTenantDays {
		return nil
	}
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, _ *features.Account) []Finding {
		for k := u.Lo; k < u.Hi; k++ {
			code := r.Country[k]
			if r.Kind[k] != "sign_in" || code == "" || s.state.KnownCountry(code) > 0 {
				continue
			}
			f := s.finding(u)
			f.Key = code
			f.First, f.Last = r.At[k], r.At[k]
			f.Observed, f.Unit = 1, "new countries"
			f.Evidence.Details = map[string]any{"country": code}
			f.Evidence.Events = s.notes([]int{k})
			f.Summary = fmt.Sprintf("%s: signed in from %s (%s), where nobody in the organisation has been seen in %d days.", u.Email, code, place(r, k), s.day.Number-s.state.FirstDay)
			return []Finding{f}
		}
		return nil
	})
}

// minFanOut is how many accounts an address must reach.
const minFanOut = 5

// findFanOut reports network prefixes that sign in to many accounts at once.
func findFanOut(s *scene) []Finding {
	if s.state.FirstDay == 0 || s.day.Number-s.state.FirstDay < watchedWeek {
		return nil
	}
	r := s.day.Rows
	type hit struct {
		accounts map[string]int // e-mail -> first row
		rows     []int
	}
	hits := map[string]*hit{}
	for i := range s.day.Users {
		u := &s.day.Users[i]
		a := s.state.Account(u.Email)
		for k := u.Lo; k < u.Hi; k++ {
			p := r.Prefix[k]
			if r.Kind[k] != "sign_in" || p == "" || s.state.Own(a, features.Prefix, p) > 0 {
				continue
			}
			h, ok := hits[p]
			if !ok {
				h = &hit{accounts: map[string]int{}}
				hits[p] = h
			}
			if _, ok := h.accounts[u.Email]; !ok {
				h.accounts[u.Email] = k
				h.rows = append(h.rows, k)
			}
		}
	}
	var out []Finding
	for _, p := range sortedKeys(hits) {
		h := hits[p]
		if len(h.accounts) < minFanOut || s.state.KnownPrefix(p) >= tenantPrefix {
			continue
		}
		first, last := r.At[h.rows[0]], r.At[h.rows[0]]
		for _, k := range h.rows {
			if r.At[k].Before(first) {
				first = r.At[k]
			}
			if r.At[k].After(last) {
				last = r.At[k]
			}
		}
		names := sortedKeys(h.accounts)
		out = append(out, Finding{Key: p, Named: names, Start: s.day.Start(), End: s.day.Start().Add(24 * time.Hour), First: first, Last: last,
			Observed: float64(len(names)), Expected: math.NaN(), P: math.NaN(), Unit: "accounts", Score: float64(len(names)), Alert: true,
			Evidence: Evidences{Details: map[string]any{"prefix": p, "users": names[:min(len(names), 100)], "accounts": len(names), "user_days_before": s.state.KnownPrefix(p)}, Events: s.notes(h.rows)},
			Summary: fmt.Sprintf("%s signed in to %d accounts on one day; none of them, and next to nobody in the organisation, used it before: %s.",
				p, len(names), strings.Join(names[:min(len(names), 8)], ", "))})
	}
	return out
}

// watchedWeek is a week of watching before an address can be called new.
const watchedWeek = 7
