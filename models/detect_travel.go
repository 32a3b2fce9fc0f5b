package models

import (
	"fmt"
	"math"
	"time"

	"github.com/zoomward/zoomward/features"
)

func travelDetections() []Detection {
	return []Detection{
		{ID: "ZW-TRV-02", Title: "Impossible travel between cities", Class: Behavior, Severity: "low", Group: "Location", Kind: "rule", Data: []string{signins, placeData}, Hint: true,
			Techniques: []string{"T1078.004"},
			About: "Two sign-ins in cities of one country, or of two that border on each other, more than 500 km apart net of the accuracy of both places, faster than 900 km/h. " +
				"Databases place cities wrongly too often for an alert.",
			find: findCityTravel},
		{ID: "ZW-TRV-03", Title: "Sessions from different countries at once", Class: Alert, Severity: "high", Group: "Location", Kind: "rule", Data: []string{signins, placeData},
			Techniques: []string{"T1078.004", "T1550.004"},
			About: "While a session is open, and is seen again from its place within eight hours, another client or network signs in from a country that does not border on the first; " +
				"one of both places is new. Where coordinates are not known, two such sign-ins within two hours.",
			find: findOverlap},
	}
}

// What findTravel and findOverlap rule out before they report, in words for the evidence.
var travelChecks = []string{"same address, network prefix or network operator", "same country, or a bordering one within 1,000 km", "less than 500 km net of the accuracy of both places",
	"exit of a VPN, by the config or by the journeys of colleagues", "privacy relay or satellite", "both ends corporate networks", "both ends familiar to the user or the organisation",
	"an end behind Tor or a proxy, or on the telephone network of the user's own"}

// safeEnds says whether the config names both networks as the organisation's own. One is not enough: somebody else may be at the other.
func safeEnds(a, b features.Place) bool {
	return a.Category == "corporate" && b.Category == "corporate"
}

// elusive says whether a place, though it is one, may not be where its user is: behind Tor or a proxy, of which other detections speak, or on the telephone network of the
// user's own, as telephones abroad often reach the internet through their carrier at home.
func (s *scene) elusive(a *features.Account, p features.Place) bool {
	return p.Anonymised() || mobile(p) && s.state.Own(a, features.Network, p.Network) > 0
}

// journeyFinding is a finding about a journey.
func (s *scene) journeyFinding(u *features.UserDay, a *features.Account, j features.Journey, row int) Finding {
	f := s.finding(u)
	f.First, f.Last = time.Unix(j.From.Second, 0).UTC(), s.day.Rows.At(row)
	f.Start = minTime(f.Start, f.First) // the journey may have begun the day before
	f.Observed, f.Unit, f.Score = j.KMH, "km/h", math.Log10(j.KMH)
	f.Key = min(j.From.Country, j.To.Country) + "-" + max(j.From.Country, j.To.Country)
	indicators := s.indicators(a, j.To)
	indicators["required_speed_kmh"] = math.Round(j.KMH)
	trust := "neither end"
	switch from, to := s.familiarPlace(a, j.From), s.familiarPlace(a, j.To); {
	case from && to:
		trust = "both ends"
	case from || to:
		trust = "one end"
	}
	indicators["endpoint_trust"] = trust
	f.Evidence.Details = map[string]any{"from": describePlace(j.From), "to": describePlace(j.To), "distance_km": math.Round(j.KM), "elapsed_minutes": math.Round(j.Elapsed.Minutes()),
		"speed_kmh": math.Round(j.KMH), "min_travel_hours": rounded(j.KM / features.MaxSpeedKMH), "from_familiar": s.familiarPlace(a, j.From), "to_familiar": s.familiarPlace(a, j.To),
		"client_1": j.From.Client, "client_2": j.To.Client, "suppressions_checked": travelChecks, "indicators": indicators}
	f.Evidence.Events = s.notes([]int{row})
	f.Summary = fmt.Sprintf("%s: signed in from %s and %s later from %s, %.0f km away net of the accuracy of both places: %.0f km/h.",
		u.Email, describePlace(j.From), j.Elapsed.Round(time.Minute), describePlace(j.To), j.KM, j.KMH)
	return f
}

// findTravel compares each sign-in with the one before it. It is mute while the organisation is new to it: exits of VPNs must be learnt first.
func findTravel(s *scene) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	return s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		j, row, ok := s.state.Jump(s.day.Rows, u, a)
		// Both ends familiar: a line that a database places wrongly, or two lines of the user's. Only somewhere new makes it worth a look.
		if !ok || safeEnds(j.From, j.To) || s.familiarPlace(a, j.From) && s.familiarPlace(a, j.To) || s.elusive(a, j.From) || s.elusive(a, j.To) {
			return nil
		}
		f := s.journeyFinding(u, a, j, row)
		f.Alert = !s.judged[n].learning
		return []Finding{f}
	})
}

// findCityTravel reports journeys within a country, or over a border, between cities that the database names.
func findCityTravel(s *scene) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	return s.users(func(_ int, u *features.UserDay, a *features.Account) (out []Finding) {
		if !s.settledIn(a) {
			return nil
		}
		s.state.Journeys(s.day.Rows, u, a, func(j features.Journey, row int) bool {
			from, to := j.From, j.To
			if j.Abroad() || !j.Impossible() || from.City == "" || to.City == "" || math.IsNaN(from.AccuracyKM+to.AccuracyKM) || safeEnds(from, to) ||
				s.familiarPlace(a, from) && s.familiarPlace(a, to) || s.elusive(a, from) || s.elusive(a, to) {
				return true
			}
			f := s.journeyFinding(u, a, j, row)
			f.Key = min(from.Country+" "+from.City, to.Country+" "+to.City) + "-" + max(from.Country+" "+from.City, to.Country+" "+to.City)
			f.Evidence.Details["radius_1_km"], f.Evidence.Details["radius_2_km"] = from.AccuracyKM, to.AccuracyKM
			out = append(out, f)
			return false
		})
		return out
	})
}

const (
	// overlapReach is within how long a session must be seen again from its place to have gone on there all the while: less than most journeys there and back.
	overlapReach = 8 * time.Hour
	// overlapSoon is how soon after each other two sign-ins in countries that do not border count where coordinates are not known: nobody is from door to door in less.
	overlapSoon = 2 * time.Hour
)

// findOverlap reports sign-ins from another country while a session goes on.
func findOverlap(s *scene) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	r := s.day.Rows
	return s.users(func(n int, u *features.UserDay, a *features.Account) (out []Finding) {
		if !s.settledIn(a) {
			return nil
		}
		features.Follow(r, u, func(row int, sessions []features.Session) {
			b, known := r.Place(row)
			if len(out) > 0 || !known || !r.Has(row, features.SignIn) || s.state.Elsewhere(b) || s.elusive(a, b) {
				return
			}
			for _, x := range sessions {
				if x.Closed != 0 || x.Country == "" || features.Bordering(x.Country, b.Country) || x.Client == b.Client && x.Network == b.Network || s.state.Elsewhere(x.Place) ||
					s.elusive(a, x.Place) || safeEnds(x.Place, b) || s.familiarPlace(a, x.Place) && s.familiarPlace(a, b) {
					continue
				}
				again := s.seenAgain(u, row, x)
				_, placed := features.Travel(x.Place, b)
				if again < 0 && (placed || b.Second-x.Second > int64(overlapSoon/time.Second)) {
					continue
				}
				f := s.overlapFinding(u, a, x, b, row, again)
				f.Alert = !s.judged[n].learning
				out = append(out, f)
				return
			}
		})
		return out
	})
}

// seenAgain returns the first row after row that shows a session at its place again, a sign-in or sign-out of that client from that network prefix, -1 for none within overlapReach
// of its sign-in.
func (s *scene) seenAgain(u *features.UserDay, row int, x features.Session) int {
	r := s.day.Rows
	for i := row + 1; i < u.Hi && r.Second(i)-x.Second <= int64(overlapReach/time.Second); i++ {
		if r.Kind(i) != "operation" && r.Client(i) == x.Client && r.Prefix(i) == x.Prefix && x.Prefix != "" {
			return i
		}
	}
	return -1
}

func (s *scene) overlapFinding(u *features.UserDay, a *features.Account, x features.Session, b features.Place, row, again int) Finding {
	r := s.day.Rows
	f := s.finding(u)
	opened, at := time.Unix(x.Second, 0).UTC(), r.At(row)
	f.First, f.Last = opened, at
	f.Start = minTime(f.Start, f.First)
	f.Key = min(x.Country, b.Country) + "-" + max(x.Country, b.Country)
	f.Observed, f.Unit, f.Score = math.Round(at.Sub(opened).Minutes()), "minutes into the other session", 2
	rows := []int{row}
	words := "no sign-out of it is known"
	indicators := s.indicators(a, b)
	if again >= 0 {
		rows = append(rows, again)
		f.Last = r.At(again)
		minutes := math.Round(r.At(again).Sub(at).Minutes())
		f.Observed, f.Unit = minutes, "minutes of overlap"
		indicators["session_overlap_minutes"] = minutes
		words = fmt.Sprintf("which was seen there again at %s", r.At(again).Format(time.TimeOnly))
	}
	f.Evidence.Details = map[string]any{"session_a": describePlace(x.Place) + " since " + opened.Format(time.RFC3339), "session_b": describePlace(b), "countries": []string{x.Country, b.Country},
		"clients": []string{x.Client, b.Client}, "suppressions_checked": travelChecks, "indicators": indicators}
	f.Evidence.Events = s.notes(rows)
	f.Summary = fmt.Sprintf("%s: signed in from %s with %s during a session from %s with %s, opened %s before; %s.", u.Email, describePlace(b), clientWords(b.Client), describePlace(x.Place),
		clientWords(x.Client), at.Sub(opened).Round(time.Minute), words)
	return f
}

func clientWords(client string) string {
	if client == "" {
		return "an unknown client"
	}
	return client
}
