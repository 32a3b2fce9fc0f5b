package models

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	// watchedWeek is a week of watching before an address can be called new.
	watchedWeek  = 7
	minFanOut    = 5 // accounts that an address must reach
	sharedSource = 3 // users of an address in the days before, or with a history on its prefix, that make it a shared place: an office, a campus, a hotel
	// apartKM and apartKMH are how far and fast the owner of an account must have travelled to be at the address himself: door to door no train or flight is as fast over such distances.
	apartKM, apartKMH = 100, 500
	// backWithin is how soon after an address signed in to an account its user is not back from a hotel or a conference; nearWithin is how long before or after it he may have been at a
	// place of his own where people do not gather, which takes them at most gathering.
	backWithin, nearWithin, gathering = 2 * time.Hour, 3 * time.Hour, time.Hour
	// minFailures is how many users whose sign-ins failed from an address, in failuresWithin before it signed in, show somebody who tries passwords.
	minFailures    = 3
	failuresWithin = 24 * time.Hour
)

// fanOut is the accounts that an address signed in to on a day and to which its network is new.
type fanOut struct {
	at   features.Place
	rows []int // first sign-in of each account
	of   []int // by row, the user-day
}

// fanOuts gathers the day's fan-outs by address (see sourceOf). Networks that the config names as one's own, what is no place (VPNs, relays) and telephone networks, whose addresses
// thousands share, are left out.
func (s *scene) fanOuts() map[string]*fanOut {
	r := s.day.Rows
	out := map[string]*fanOut{}
	for i := range s.day.Users {
		u := &s.day.Users[i]
		seen := map[string]bool{}
		for k := u.Lo; k < u.Hi; k++ {
			if !r.Has(k, features.SignIn) || r.IP(k) == "" {
				continue
			}
			source := sourceOf(r.IP(k))
			if seen[source] {
				continue
			}
			seen[source] = true
			p, _ := r.Place(k)
			if s.state.Own(u.Account, features.Prefix, p.Prefix) > 0 || ours(p) || mobile(p) || s.state.NoPlace(p) {
				continue
			}
			h, ok := out[source]
			if !ok {
				h = &fanOut{at: p}
				out[source] = h
			}
			h.rows, h.of = append(h.rows, k), append(h.of, i)
		}
	}
	return out
}

// strangers returns how many accounts of a fan-out were signed in to with a client that their users do not have, of those of whom clients are known.
func (s *scene) strangers(h *fanOut) (n, known int) {
	for i, k := range h.rows {
		x, ok := s.state.ContextOf(s.day.Rows, k)
		if !ok {
			continue
		}
		if f, ok := s.state.Familiarity(s.day.Users[h.of[i]].Account, x); ok {
			known++
			if f.Device() >= features.OlderDevice {
				n++
			}
		}
	}
	return n, known
}

// whereabouts says how many users of a fan-out are seen elsewhere around its sign-in to their account: back at a place of their own within backWithin after it, or anywhere that nobody
// gets to so fast; and how many at a place of their own within nearWithin before or after it.
func (s *scene) whereabouts(h *fanOut) (back, near int) {
	r := s.day.Rows
	for n, i := range h.of {
		u := &s.day.Users[i]
		isBack, isNear := false, false
		for k := u.Lo; k < u.Hi; k++ {
			p, _ := r.Place(k)
			if !r.Has(k, features.SignIn) || p.Prefix == h.at.Prefix || !ours(p) && s.state.Own(u.Account, features.Prefix, p.Prefix) == 0 {
				continue
			}
			after := r.At(k).Sub(r.At(h.rows[n]))
			isBack = isBack || after >= 0 && after <= backWithin
			isNear = isNear || after.Abs() <= nearWithin
		}
		s.state.Journeys(r, u, u.Account, func(j features.Journey, _ int) bool {
			isBack = isBack || (j.From.Prefix == h.at.Prefix || j.To.Prefix == h.at.Prefix) && j.KM >= apartKM && j.KMH >= apartKMH
			return !isBack
		})
		if isBack {
			back++
		}
		if isNear || isBack {
			near++
		}
	}
	return back, near
}

// signs says in words what tells an address from one that colleagues share, such as a hotel's: none where nothing does.
func (s *scene) signs(h *fanOut, first, last time.Time, details map[string]any) (out []string) {
	accounts := len(h.rows)
	switch risk := riskType(h.at); {
	case risk != "":
		out = append(out, "it is "+map[string]string{"tor": "an exit of Tor", "threat": "on a list of threats", "proxy": "a proxy or VPN service"}[risk])
	case h.at.Category == "hosting":
		out = append(out, "it is a data centre's")
	}
	strange, known := s.strangers(h)
	if strange >= 2 && 2*strange >= known {
		out = append(out, fmt.Sprintf("%d of %d accounts were opened with a client that is not their user's", strange, accounts))
	}
	back, near := s.whereabouts(h)
	if back >= 2 && 3*back >= accounts {
		out = append(out, fmt.Sprintf("%d of the users were back at a place of their own within %.0f hours, or too far away", back, backWithin.Hours()))
	}
	if last.Sub(first) > gathering && near >= 2 && 5*near >= 2*accounts { // people who meet come about the same time
		out = append(out, fmt.Sprintf("it went on for %s, while %d of the users were at a place of their own within %.0f hours before or after", last.Sub(first).Round(time.Minute), near,
			nearWithin.Hours()))
	}
	failed := s.people.past.failuresAt(h.at, first.Add(-failuresWithin), last)
	if failed >= minFailures {
		out = append(out, fmt.Sprintf("sign-ins of %d users failed from it", failed))
	}
	details["accounts_with_new_client"], details["users_back"], details["users_near"], details["users_failed"] = strange, back, near, failed
	return out
}

// carrierUsers is how many users' past in one prefix make it a carrier's, a company's or a campus's, whatever the single address: new accounts on it are no news.
const carrierUsers = 20

func (s *scene) carriers(p features.Place) bool {
	return p.Prefix != "" && s.state.PrefixOwners(p.Prefix, carrierUsers) >= carrierUsers
}

// findFanOut reports addresses that sign in to many accounts at once.
func findFanOut(s *scene) []Finding {
	if s.watched() < watchedWeek {
		return nil
	}
	r := s.day.Rows
	var out []Finding
	hits := s.fanOuts()
	var places []features.Place
	for source, h := range hits {
		if len(h.rows) < minFanOut || s.carriers(h.at) {
			delete(hits, source)
			continue
		}
		places = append(places, h.at)
	}
	s.people.past.lookUp(places, s.day.Number)
	for _, source := range sortedKeys(hits) {
		h := hits[source]
		before, known := s.people.past.usersOf(h.at, s.day.Number)
		if len(before) >= sharedSource {
			continue
		}
		near := s.state.PrefixOwners(h.at.Prefix, sharedSource)
		if !known && near >= sharedSource {
			continue
		}
		byTime := slices.Clone(h.rows)
		slices.SortStableFunc(byTime, func(a, b int) int { return r.At(a).Compare(r.At(b)) })
		first, last := r.At(byTime[0]), r.At(byTime[len(byTime)-1])
		var names []string
		for _, i := range h.of {
			names = append(names, s.day.Users[i].Email)
		}
		slices.Sort(names)
		f := Finding{Key: source, Named: names, Day: s.day.Start(), Start: s.day.Start(), End: s.day.Start().Add(24 * time.Hour), First: first, Last: last,
			Observed: float64(len(names)), Expected: math.NaN(), P: math.NaN(), Unit: "accounts", Score: float64(len(names))}
		details := map[string]any{"ip": h.at.IP, "prefix": h.at.Prefix, "users": names[:min(len(names), 100)], "accounts": len(names), "most_accounts_in_1_hour": accountsWithin(r, byTime, time.Hour),
			"users_before": len(before), "users_of_prefix_before": near}
		signs := s.signs(h, first, last, details)
		f.Alert = len(signs) > 0
		indicators := s.addressIndicators(h.at)
		indicators["ip_user_fanout"] = len(names)
		details["indicators"] = indicators
		f.Evidence = Evidences{Details: details, Events: s.notes(byTime)}
		f.Summary = fmt.Sprintf("%s signed in to %d accounts on one day, of which none used its network before; %s: %s.", withLength(source), len(names), usedBefore(len(before)), few(names))
		if f.Alert {
			f.Summary += " What tells it from a place that colleagues share: " + strings.Join(signs, "; ") + "."
		} else {
			f.Summary += " Not an alert: every sign that it is more than a place where colleagues meet is missing."
		}
		out = append(out, f)
	}
	return out
}

// withLength writes an address as the network of one that it is.
func withLength(source string) string {
	switch {
	case strings.Contains(source, "/"):
		return source
	case strings.Contains(source, ":"):
		return source + "/128"
	}
	return source + "/32"
}

// accountsWithin returns the most of some accounts' first sign-ins, in order of time, that lie within a span.
func accountsWithin(r *features.Rows, rows []int, span time.Duration) (most int) {
	lo := 0
	for hi, i := range rows {
		for r.At(i).Sub(r.At(rows[lo])) > span {
			lo++
		}
		most = max(most, hi-lo+1)
	}
	return most
}

// usedBefore says how many others had an address before.
func usedBefore(n int) string {
	switch n {
	case 0:
		return "nobody else had that address"
	case 1:
		return "one other had that address"
	}
	return fmt.Sprintf("%d others had that address", n)
}
