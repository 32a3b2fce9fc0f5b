package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/features"
)

// tenantPrefix is how many user-days of late make a network prefix one of the organisation's own.
const tenantPrefix = 3

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

// abroad returns the country of a sign-in that says something of where its user is: not of networks that the config names as one's own, nor of what is no place.
func (s *scene) abroad(row int) (code string, ok bool) {
	p, known := s.day.Rows.Place(row)
	return p.Country, known && s.day.Rows.Has(row, features.SignIn) && !ours(p) && !s.state.NoPlace(p)
}

// valuesOf lists what a user has used on a channel of places and clients, that of most weight first.
func (s *scene) valuesOf(a *features.Account, c features.Channel) []string {
	p := &a.Profiles[c]
	order := slices.Clone(p.IDs)
	slices.SortStableFunc(order, func(x, y uint32) int { return cmp.Compare(p.Weight(y), p.Weight(x)) })
	var out []string
	for _, id := range order {
		out = append(out, s.state.Describe(c, id))
	}
	return out
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
			code, ok := s.abroad(k)
			if !ok || seen[code] {
				continue
			}
			seen[code] = true
			if s.state.Own(a, features.Country, code) > 0 || a.Profiles[features.Country].Mass == 0 {
				continue
			}
			f := s.finding(u)
			f.Key = code
			f.First, f.Last = r.At(k), r.At(k)
			f.Observed, f.Unit = 1, "new countries"
			p, _ := r.Place(k)
			before := s.valuesOf(a, features.Country)
			rarity := rounded(s.rarity(a, features.Country, code))
			indicators := s.indicators(a, p)
			indicators["country_rarity_user"] = rarity
			f.Evidence.Details = map[string]any{"country": code, "user_days_in_organisation": s.state.KnownCountry(code), "num_countries": len(before), "prior_countries": before[:min(len(before), 20)],
				"asn": p.Network, "p_value": rarity, "indicators": indicators}
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
	if s.watched() < minTenantDays {
		return nil
	}
	r := s.day.Rows
	known := s.state.Pool(features.Country)
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		for k := u.Lo; k < u.Hi; k++ {
			code, ok := s.abroad(k)
			if !ok || s.state.KnownCountry(code) > 0 {
				continue
			}
			f := s.finding(u)
			f.Key = code
			f.First, f.Last = r.At(k), r.At(k)
			f.Observed, f.Unit = 1, "new countries"
			p, _ := r.Place(k)
			indicators := s.indicators(a, p)
			indicators["country_rarity_tenant"] = rounded(s.commonness(features.Country, code))
			f.Evidence.Details = map[string]any{"country": code, "days": s.watched(), "num_countries": known.Known, "indicators": indicators}
			f.Evidence.Events = s.notes([]int{k})
			f.Summary = fmt.Sprintf("%s: signed in from %s (%s), where nobody in the organisation has been seen in %d days.", u.Email, code, place(r, k), s.day.Number-s.state.FirstDay)
			return []Finding{f}
		}
		return nil
	})
}
