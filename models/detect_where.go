package models

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

func whereDetections() []Detection {
	const group = "Location"
	return []Detection{
		{ID: "ZW-LOC-03", Title: "Country uncommon among peers", Class: Behavior, Severity: "low", Group: group, Kind: "rule", Data: []string{signins, users, placeData}, Hint: true,
			Techniques: []string{"T1078.004"},
			About:      "A sign-in from a country that is new to the user and that none, or hardly any, of at least five peers ever signed in from.",
			find:       findPeerCountry},
		{ID: "ZW-LOC-04", Title: "City new to the user", Class: Behavior, Severity: "info", Group: group, Kind: "rule", Data: []string{signins, placeData}, Hint: true, Techniques: []string{"T1078.004"},
			About: "A sign-in from a city more than 100 km, net of its accuracy, from every city of the user's, of a user who seldom is in a new one. Not on telephone networks, which say " +
				"the region at best.",
			find: findCity},
		{ID: "ZW-LOC-05", Title: "Network operator new to the user", Class: Behavior, Severity: "info", Group: group, Kind: "rule", Data: []string{signins, placeData}, Hint: true,
			Techniques: []string{"T1078.004"},
			About: "A sign-in through a network operator (ASN) that the user never used, of a user who seldom uses a new one. Not where three others use it, nor on telephone networks of a " +
				"country of the user's.",
			find: findOperator},
		{ID: "ZW-LOC-06", Title: "Network prefix rare for the user", Class: Behavior, Severity: "info", Group: group, Kind: "rule", Data: []string{signins}, Hint: true, Techniques: []string{"T1078.004"},
			About: "A sign-in from a network prefix (/24, or /48 of IPv6) that the user never used, of a user whose prefixes hardly ever change. Not on telephone networks, nor from prefixes of " +
				"colleagues, nor in the other family of addresses of an operator of the user's.",
			find: findPrefix},
		{ID: "ZW-LOC-07", Title: "Time zone unlike the user's", Class: Behavior, Severity: "low", Group: group, Kind: "rule", Data: []string{signins, users, placeData}, Hint: true,
			Techniques: []string{"T1078"},
			About:      "A sign-in from a place whose clock, by its longitude, is at least three hours off the time zone of the user's profile and off every place that the user signed in from.",
			find:       findTimeZone},
	}
}

// mobile says whether a network is a carrier's for telephones.
func mobile(p features.Place) bool { return p.Category == "mobile" || p.HasTag("mobile") }

// novelPlaces calls f for every sign-in of a user-day that says where its user is, of users who are known well enough, and gathers a finding for each key at most.
func (s *scene) novelPlaces(f func(u *features.UserDay, a *features.Account, row int, p features.Place) (Finding, bool)) []Finding {
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) (out []Finding) {
		if !s.settledIn(a) {
			return nil
		}
		seen := map[string]bool{}
		for i := u.Lo; i < u.Hi; i++ {
			p, _ := r.Place(i)
			if !r.Has(i, features.SignIn) || ours(p) || s.state.NoPlace(p) {
				continue
			}
			x, ok := f(u, a, i, p)
			if !ok || seen[x.Key] {
				continue
			}
			seen[x.Key] = true
			x.span(r, []int{i})
			x.Evidence.Events = s.notes([]int{i})
			indicators := s.indicators(a, p)
			if own, ok := x.Evidence.Details["indicators"].(map[string]any); ok {
				maps.Copy(indicators, own)
			}
			x.Evidence.Details["indicators"] = indicators
			out = append(out, x)
		}
		return out
	})
}

const (
	// minCountryPeers is how many peers it takes to say what is common among them.
	minCountryPeers = 5
	// peerShare is below which share of the peers a country is uncommon.
	peerShare = 0.01
)

// findPeerCountry reports countries that are new to a user and uncommon among the peers.
func findPeerCountry(s *scene) []Finding {
	members := map[string][]*features.Account{}
	groupOf := s.state.GroupOf(s.people.Peers)
	for _, a := range s.state.Accounts() {
		if g := groupOf(a.Email); g != "" && len(a.Profiles[features.Country].IDs) > 0 {
			members[g] = append(members[g], a)
		}
	}
	return s.novelPlaces(func(u *features.UserDay, a *features.Account, row int, p features.Place) (f Finding, ok bool) {
		if p.Country == "" || len(a.Profiles[features.Country].IDs) == 0 || s.state.Own(a, features.Country, p.Country) > 0 {
			return f, false
		}
		group := groupOf(u.Email)
		peers, there := 0, 0
		for _, x := range members[group] {
			if x.Email == u.Email {
				continue
			}
			peers++
			if s.state.Own(x, features.Country, p.Country) > 0 {
				there++
			}
		}
		share := float64(there) / math.Max(float64(peers), 1)
		if peers < minCountryPeers || share >= peerShare {
			return f, false
		}
		f = s.finding(u)
		f.Key = p.Country
		f.P = (float64(there) + 0.5) / float64(peers+1)
		f.Observed, f.Unit, f.Score = float64(there), "peers in that country", -math.Log10(f.P)
		f.Evidence.Details = map[string]any{"country": p.Country, "peer_group": group, "peers": peers, "peer_share": rounded(share), "p_value": rounded(f.P),
			"indicators": map[string]any{"country_rarity_peers": rounded(f.P)}}
		f.Summary = fmt.Sprintf("%s: first sign-in from %s (%s), where %d of %d peers in %s were ever seen. Judged from %s.", u.Email, p.Country, place(s.day.Rows, row), there, peers, group, history(a))
		return f, true
	})
}

// findCity reports cities far from every one of a user's.
func findCity(s *scene) []Finding {
	return s.novelPlaces(func(u *features.UserDay, a *features.Account, row int, p features.Place) (f Finding, ok bool) {
		if p.City == "" || math.IsNaN(p.Lat+p.Lon) || mobile(p) || s.state.Own(a, features.Prefix, p.Prefix) > 0 {
			return f, false
		}
		km, known := a.NearestKM(p.Lat, p.Lon)
		if !math.IsNaN(p.AccuracyKM) {
			km -= p.AccuracyKM
		}
		chance := noveltyP(len(a.Cities), a.Days)
		if !known || km <= farKM || chance > novelBar {
			return f, false
		}
		f = s.finding(u)
		f.Key = p.Country + " " + p.City
		f.P, f.Observed, f.Unit, f.Score = chance, math.Round(km), "km from the nearest earlier city", -math.Log10(chance)
		f.Evidence.Details = map[string]any{"country": p.Country, "city": p.City, "km_from_nearest_prior": math.Round(km), "cities_before": len(a.Cities), "p_value": rounded(chance)}
		f.Summary = fmt.Sprintf("%s: first sign-in from %s, %s, %.0f km from the nearest of %d earlier cities. Judged from %s.", u.Email, p.City, p.Country, km, len(a.Cities), history(a))
		return f, true
	})
}

// findOperator reports network operators that are new to a user.
func findOperator(s *scene) []Finding {
	return s.novelPlaces(func(u *features.UserDay, a *features.Account, row int, p features.Place) (f Finding, ok bool) {
		chance, ok := s.newTo(a, features.Network, p.Network)
		if !ok || chance > novelBar || s.state.Owners(features.Network, p.Network, commonNetwork) >= commonNetwork || mobile(p) && s.state.Own(a, features.Country, p.Country) > 0 {
			return f, false
		}
		org := s.day.Rows.Org(row)
		f = s.finding(u)
		f.Key = p.Network
		f.P, f.Observed, f.Unit, f.Score = chance, 1, "new network operators", -math.Log10(chance)
		n := len(a.Profiles[features.Network].IDs)
		f.Evidence.Details = map[string]any{"asn": p.Network, "as_org": org, "p_user": rounded(chance), "p_tenant": rounded(s.state.Known(features.Network, p.Network) / math.Max(s.state.Pool(features.Network).Total, 1)),
			"operators_before": n, "indicators": map[string]any{"asn_rarity_user": rounded(s.rarity(a, features.Network, p.Network))}}
		f.Summary = fmt.Sprintf("%s: first sign-in through AS%s%s (%s); %d operators before. Judged from %s.", u.Email, p.Network, orgWords(org), place(s.day.Rows, row), n, history(a))
		return f, true
	})
}

// findPrefix reports network prefixes of users whose prefixes hardly ever change.
func findPrefix(s *scene) []Finding {
	return s.novelPlaces(func(u *features.UserDay, a *features.Account, row int, p features.Place) (f Finding, ok bool) {
		chance, ok := s.newTo(a, features.Prefix, p.Prefix)
		if !ok || chance > novelBar || mobile(p) || s.state.PrefixOwners(p.Prefix, 1) > 0 || s.state.Own(a, features.Network, p.Network) > 0 && s.otherFamily(a, p.Prefix) {
			return f, false
		}
		f = s.finding(u)
		f.Key = p.Prefix
		f.P, f.Observed, f.Unit, f.Score = chance, 1, "new network prefixes", -math.Log10(chance)
		n := len(a.Profiles[features.Prefix].IDs)
		f.Evidence.Details = map[string]any{"ip": p.IP, "prefix": p.Prefix, "prefixes_before": n, "p_value": rounded(chance)}
		f.Summary = fmt.Sprintf("%s: first sign-in from %s (%s); %d prefixes before. Judged from %s.", u.Email, p.Prefix, place(s.day.Rows, row), n, history(a))
		return f, true
	})
}

// otherFamily says whether all prefixes of a user are of the other family of addresses than this one: a line may have both.
func (s *scene) otherFamily(a *features.Account, prefix string) bool {
	for _, known := range s.valuesOf(a, features.Prefix) {
		if isSix(known) == isSix(prefix) {
			return false
		}
	}
	return true
}

func isSix(prefix string) bool { return strings.Contains(prefix, ":") }

// zoneHours is how far clocks must differ.
const zoneHours = 3

// findTimeZone reports places whose clock is neither that of the user's profile nor that of a place of the user's. Clocks there are reckoned by longitude.
func findTimeZone(s *scene) []Finding {
	r := s.day.Rows
	return s.novelPlaces(func(u *features.UserDay, a *features.Account, row int, p features.Place) (f Finding, ok bool) {
		if math.IsNaN(p.Lon) || len(a.Cities) == 0 {
			return f, false
		}
		there := solarOffset(p.Lon)
		profile := r.Local(row).Sub(r.At(row))
		nearest := math.Inf(1)
		modal := time.Duration(0)
		for _, c := range a.Cities {
			if d := clockDifference(there, solarOffset(c.Lon)); d < nearest {
				nearest, modal = d, solarOffset(c.Lon)
			}
		}
		if nearest < zoneHours || clockDifference(there, profile) < zoneHours {
			return f, false
		}
		f = s.finding(u)
		f.Key = fmt.Sprintf("%+.0f", there.Hours())
		f.P = noveltyP(len(a.Cities), a.Days)
		f.Observed, f.Unit, f.Score = clockDifference(there, profile), "hours off the profile's clock", -math.Log10(f.P)
		f.Evidence.Details = map[string]any{"profile_utc_offset_hours": profile.Hours(), "place_utc_offset_hours": there.Hours(), "nearest_earlier_utc_offset_hours": modal.Hours(),
			"offset_is_reckoned_from_longitude": true, "indicators": map[string]any{"timezone_mismatch": rounded(f.Observed)}}
		f.Summary = fmt.Sprintf("%s: signed in from %s, where the sun is at UTC%+.0f h; the profile's clock is at UTC%+g h, and the nearest place of the user's at UTC%+.0f h. Judged from %s.", u.Email,
			place(r, row), there.Hours(), profile.Hours(), modal.Hours(), history(a))
		return f, true
	})
}

// clockDifference returns by how many hours two clocks differ, around the globe.
func clockDifference(a, b time.Duration) float64 {
	d := math.Mod(math.Abs((a - b).Hours()), 24)
	return math.Min(d, 24-d)
}
