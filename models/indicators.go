package models

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	// rarityPrior is the weight of what everybody does beside a user's own past, in the units of his profile: about as many days.
	rarityPrior = 10
	// novelDays and novelSignIns are the earlier active days and sign-ins that a user needs before something new says anything of him.
	novelDays    = 7
	novelSignIns = 10
	// novelBar is how seldom a user must bring something new of a kind for one more to be worth noting: no more than on 1 day in 20.
	novelBar = 0.05
	// rareBar is below which share something counts as rare among the indicators.
	rareBar = 0.05
	// farKM is how far from all earlier cities of a user a place must be to be another region (Elastic and Okta ask about 100 km too).
	farKM = 100
)

var signInBehaviour = features.BehaviourIndex("sign_ins")

// settledIn says whether user and organisation have been watched long enough for something to be new.
func (s *scene) settledIn(a *features.Account) bool {
	return s.watched() >= watchedWeek && a.Days >= novelDays && a.Volumes[signInBehaviour].Sum >= novelSignIns
}

// commonness returns the share of a value in what everybody does on a channel. What nobody ever did has half a user-day: never is no probability of 0.
func (s *scene) commonness(c features.Channel, value string) float64 {
	return min(1, math.Max(s.state.Known(c, value), 0.5)/(s.state.Pool(c).Total+1))
}

// rarity returns the expected share of a value in what a user does on a channel: his own past, backed off to everybody's.
func (s *scene) rarity(a *features.Account, c features.Channel, value string) float64 {
	return (s.state.Own(a, c, value) + rarityPrior*s.commonness(c, value)) / (a.Profiles[c].Mass + rarityPrior)
}

// noveltyP returns how often something of a kind is new to a user who has used so many in so many active days, the first not counted: the estimate of Jeffreys.
func noveltyP(distinct int, days int64) float64 {
	return (float64(max(distinct-1, 0)) + 0.5) / float64(days+1)
}

// newTo says whether a value is new to a user of some history, and how often he brings something new of that kind.
func (s *scene) newTo(a *features.Account, c features.Channel, value string) (p float64, ok bool) {
	if value == "" || !s.settledIn(a) || len(a.Profiles[c].IDs) == 0 || s.state.Own(a, c, value) > 0 {
		return 1, false
	}
	return noveltyP(len(a.Profiles[c].IDs), a.Days), true
}

// commonAddress is how many users of an address of late make an address one of everybody's, which a list has wrong: five, or 2 % of the users but at least three.
func (s *scene) commonAddress() int {
	return min(5, max(3, int(math.Ceil(0.02*float64(s.people.Active())))))
}

// widelyUsed returns how many users signed in from an address itself in the addressDays before, and whether that is common. Where that cannot be known, it counts those of the prefix.
func (s *scene) widelyUsed(p features.Place) (users int, common bool) {
	bar := s.commonAddress()
	before, known := s.people.past.usersOf(p, s.day.Number)
	users = len(before)
	if !known {
		users = s.state.PrefixOwners(p.Prefix, bar)
	}
	return users, users >= bar
}

// ours says whether the config names a network: the organisation's own, or its VPN.
func ours(p features.Place) bool { return p.Category == "corporate" || p.Category == "vpn" }

// isTor, isProxy and isThreat say what lists say of an address; nothing that the config names as one's own is any of it.
func isTor(p features.Place) bool   { return !ours(p) && (p.Category == "tor" || p.HasTag("tor")) }
func isProxy(p features.Place) bool { return p.Category == "proxy" }
func isThreat(p features.Place) bool {
	return !ours(p) && (p.Category == "threat" || p.HasTag("threat"))
}

// riskType names what makes an address risky, the gravest first; "" for nothing.
func riskType(p features.Place) string {
	switch {
	case isTor(p):
		return "tor"
	case isThreat(p):
		return "threat"
	case isProxy(p):
		return "proxy"
	}
	return ""
}

// addressIndicators returns those of an address that hold, by their names.
func (s *scene) addressIndicators(p features.Place) map[string]any {
	out := map[string]any{}
	for name, holds := range map[string]bool{"ip_is_tor": isTor(p), "ip_is_anonymous_proxy": isProxy(p), "ip_in_threat_list": isThreat(p),
		"ip_is_hosting_asn": p.Category == "hosting", "ip_is_private_relay_or_satellite": p.HasTag("relay") || p.HasTag("satellite")} {
		if holds {
			out[name] = true
		}
	}
	if p.Category != "" && p.Category != "unknown" {
		out["ip_tag_category"] = p.Category
	}
	if p.Country != "" {
		out["geo_confidence"] = s.geoConfidence(p)
	}
	return out
}

const (
	// halfKM is the radius of accuracy at which a place is half as sure as one without any: a city and what belongs to it.
	halfKM = 100
	// regionOnly is how sure the country is of what names no city.
	regionOnly = 0.5
)

// geoConfidence says how sure the place of an address is, 0 to 1: the smaller the radius of accuracy the surer, half as sure where no city is named, not at all where the place is not the
// user's (see NoPlace). Where no radius is known, a country's is taken.
func (s *scene) geoConfidence(p features.Place) float64 {
	if s.state.NoPlace(p) {
		return 0
	}
	radius := p.AccuracyKM
	if math.IsNaN(radius) {
		radius = features.MinDistanceKM
	}
	sure := 1 / (1 + max(radius, 0)/halfKM)
	if p.City == "" {
		sure *= regionOnly
	}
	return rounded(sure)
}

// indicators returns those of a sign-in that hold, by their names.
func (s *scene) indicators(a *features.Account, p features.Place) map[string]any {
	out := s.addressIndicators(p)
	if a.Days == 0 {
		return out
	}
	for _, x := range []struct {
		name  string
		c     features.Channel
		value string
	}{{"country_rarity_user", features.Country, p.Country}, {"asn_rarity_user", features.Network, p.Network}, {"client_type_rarity", features.Client, p.Client}} {
		if share := s.rarity(a, x.c, x.value); x.value != "" && share < rareBar {
			out[x.name] = rounded(share)
		}
	}
	if p.Prefix != "" && s.state.Own(a, features.Prefix, p.Prefix) == 0 {
		out["prefix_novelty"] = true
	}
	if km, ok := a.NearestKM(p.Lat, p.Lon); ok && !math.IsNaN(km) && km > farKM {
		out["region_city_novelty"] = math.Round(km)
	}
	return out
}

// lastIndicators returns those of the last sign-in of a user-day, none where it has none.
func (s *scene) lastIndicators(u *features.UserDay) map[string]any {
	for i := u.Hi - 1; i >= u.Lo; i-- {
		if s.day.Rows.Has(i, features.SignIn) {
			p, _ := s.day.Rows.Place(i)
			return s.indicators(u.Account, p)
		}
	}
	return map[string]any{}
}

// rates returns what a volume says as an indicator, by the rows that it counts.
func (s *scene) rates(u *features.UserDay, b int, rows []int) map[string]any {
	r := s.day.Rows
	out := map[string]any{}
	switch features.Behaviours[b].ID {
	case "sign_ins":
		out["signin_rate_user"] = u.Counts[b]
	case "admin_operations":
		out["admin_op_rate"] = u.Counts[b]
	case "user_removals":
		out["user_removal_rate"] = mostWithin(r, rows, time.Hour)
	case "recording_deletions":
		out["deletion_rate"] = mostInSession(r, u, rows)
	case "recording_accesses":
		out["recording_access_rate"] = mostInSession(r, u, rows)
	case "further_countries", "further_networks":
		if len(distinct(rows, r.Country)) > 0 {
			out["distinct_countries_24h"] = 1 + u.Counts[furtherCountries]
		}
	}
	return out
}

var furtherCountries = features.BehaviourIndex("further_countries")

// mostInSession returns the most of some rows of a user-day that lie in one session (see features.Sessions).
func mostInSession(r *features.Rows, u *features.UserDay, rows []int) (most int) {
	features.Sessions(r, u, func(lo, hi int) {
		n := 0
		for _, i := range rows {
			if lo <= i && i < hi {
				n += r.Repeats(i)
			}
		}
		most = max(most, n)
	})
	return most
}

// mostWithin returns the most of some rows, in order of time, that lie within a span.
func mostWithin(r *features.Rows, rows []int, span time.Duration) (most int) {
	lo, n := 0, 0
	for _, i := range rows {
		n += r.Repeats(i)
		for ; r.At(i).Sub(r.At(rows[lo])) > span; lo++ {
			n -= r.Repeats(rows[lo])
		}
		most = max(most, n)
	}
	return most
}

// rounded keeps two significant digits.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 1-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

// distinct returns the values of rows, each once, in order of first use, without empty ones.
func distinct(rows []int, value func(i int) string) []string {
	var out []string
	for _, i := range rows {
		if v := value(i); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// few joins the first of some words.
func few(words []string) string {
	if len(words) > 4 {
		return strings.Join(words[:4], ", ") + ", ..."
	}
	return strings.Join(words, ", ")
}
