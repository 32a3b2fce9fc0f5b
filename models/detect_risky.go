package models

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	placeData    = "places"
	networkLists = "network lists"
	// proxyDays is for how long proxies are no news after a user was seen behind one.
	proxyDays = 30
	// commonNetwork is how many users of late make a network operator one of everybody's.
	commonNetwork = 3
)

func riskyAddressDetections() []Detection {
	const group = "Risky address"
	return []Detection{
		{ID: "ZW-RIP-01", Title: "Sign-in through Tor", Class: Alert, Severity: "high", Group: group, Kind: "rule", Data: []string{signins, networkLists},
			Techniques: []string{"T1078.004", "T1090.003"},
			About:      "A sign-in from an address that a list has as an exit of Tor. Not where the config names the network as one's own, and no more than a behavior where so many colleagues use that very address that the list is wrong.",
			find:       findTor},
		{ID: "ZW-RIP-02", Title: "Sign-in through a proxy or a VPN service", Class: Alert, Severity: "medium", Group: group, Kind: "rule", Data: []string{signins, networkLists},
			Techniques: []string{"T1078.004", "T1090"},
			About: "A sign-in through a proxy or a VPN service that anybody can buy. An alert when the user was behind none in the 30 days before and is known well enough, and colleagues " +
				"do not use it; else a behavior.",
			find: findProxy},
		{ID: "ZW-RIP-03", Title: "Sign-in from a threat-listed address", Class: Alert, Severity: "high", Group: group, Kind: "rule", Data: []string{signins, networkLists},
			Techniques: []string{"T1078.004"},
			About: "A sign-in from an address that a list of threats holds. Not where the config names the network as one's own, and no more than a behavior where so many " +
				"colleagues use that very address that the list is wrong.",
			find: findThreat},
		{ID: "ZW-RIP-04", Title: "Sign-in from a data centre new to the user", Class: Behavior, Severity: "low", Group: group, Kind: "rule", Data: []string{signins, networkLists},
			Techniques: []string{"T1078.004", "T1090"},
			About:      "A sign-in from the network of a hosting or cloud provider that the user never used, of a user who seldom uses a new network; not where three others use it.",
			find:       findHosting},
		{ID: "ZW-RIP-05", Title: "Administration from a risky address", Class: Alert, Severity: "high", Group: group, Kind: "rule", Data: []string{signins, oplog, networkLists},
			Techniques: []string{"T1078.004", "T1098"},
			About: "Administrative operations whose session was opened through Tor, from a threat-listed address or through a proxy that is new to the operator. Operations carry no address: " +
				"the operator's last sign-in of at most 24 hours before is taken for their session. A behavior where so many colleagues use that very address that the list is wrong.",
			find: findRiskyAdministration},
		{ID: "ZW-RIP-06", Title: "Sign-in from a country that is not allowed", Class: Alert, Severity: "medium", Group: group, Kind: "rule", Data: []string{signins, placeData},
			Techniques: []string{"T1078.004"},
			About:      "A sign-in from a country of countries.deny, or from none of countries.allow, of the config; mute without them. Networks that the config names as one's own are no country.",
			find:       findForbiddenCountry},
	}
}

// signInPlaces returns the sign-ins of a user-day that match, with where they came from.
func (s *scene) signInPlaces(u *features.UserDay, match func(p features.Place) bool) (rows []int, at []features.Place) {
	for i := u.Lo; i < u.Hi; i++ {
		if !s.day.Rows.Has(i, features.SignIn) {
			continue
		}
		if p, _ := s.day.Rows.Place(i); match(p) {
			rows, at = append(rows, i), append(at, p)
		}
	}
	return rows, at
}

// rarest returns which place of sign-ins the fewest users had of late, with how many did, and whether all of the places are common.
func (s *scene) rarest(at []features.Place) (k, users int, common bool) {
	common = true
	s.people.past.lookUp(at, s.day.Number)
	for i, p := range at {
		n, is := s.widelyUsed(p)
		if i == 0 || n < users {
			k, users = i, n
		}
		common = common && is
	}
	return k, users, common
}

// riskyFinding is a finding about sign-ins from addresses that lists have something against.
func (s *scene) riskyFinding(u *features.UserDay, rows []int, at []features.Place, risk string) Finding {
	r := s.day.Rows
	f := s.finding(u)
	f.span(r, rows)
	ips := distinct(rows, r.IP)
	_, users, _ := s.rarest(at)
	f.Observed, f.Unit, f.Score = float64(len(rows)), "sign-ins", float64(len(ips))
	f.Evidence.Details = map[string]any{"ips": ips[:min(len(ips), 20)], "num_ips": len(ips), "risk_type": risk, "lists": distinct(rows, func(i int) string { return strings.Join(r.Tags(i), " ") }),
		"client_type": distinct(rows, r.Client), "users_on_ip_30d": users, "indicators": s.indicators(u.Account, at[0])}
	if countries := distinct(rows, r.Country); len(countries) > 0 {
		f.Evidence.Details["countries"] = countries
	}
	if org := r.Org(rows[0]); org != "" {
		f.Evidence.Details["as_org"] = org
	}
	f.Evidence.Events = s.notes(rows)
	return f
}

// listed reports the sign-ins of addresses that are something. An address that many colleagues use is mis-tagged: its sign-ins are kept and are no alert. What counts is the address
// itself, as next to an exit of Tor anybody may live.
func (s *scene) listed(is func(features.Place) bool, risk, words string) []Finding {
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		rows, at := s.signInPlaces(u, is)
		if len(rows) == 0 {
			return nil
		}
		f := s.riskyFinding(u, rows, at, risk)
		k, users, common := s.rarest(at)
		f.Alert = !common
		f.Summary = fmt.Sprintf("%s: signed in %s, from %s (%s). %s signed in from %s in the %d days before. Judged from %s.", u.Email, words, few(distinct(rows, s.day.Rows.IP)),
			plural(float64(len(rows)), "sign-ins"), usersWords(users), at[k].IP, addressDays, history(a))
		if common {
			f.P = s.shareOf(users)
			f.Summary += " Not an alert: so many use it that the list must be wrong. If it is yours, name it in geo.corporate."
		}
		return []Finding{f}
	})
}

// shareOf returns which share of the organisation so many users are: what so many do is no finding that others could lean on.
func (s *scene) shareOf(users int) float64 {
	return min(1, max(10*reportP, float64(users)/float64(max(s.people.Active(), 1))))
}

func usersWords(n int) string {
	switch n {
	case 0:
		return "Nobody"
	case 1:
		return "One user"
	}
	return fmt.Sprintf("%d users", n)
}

func findTor(s *scene) []Finding { return s.listed(isTor, "tor", "through Tor") }
func findThreat(s *scene) []Finding {
	return s.listed(isThreat, "threat", "from an address that a list of threats holds")
}

// findProxy reports proxies and VPN services on networks that are new to a user.
func findProxy(s *scene) []Finding {
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		rows, at := s.signInPlaces(u, func(p features.Place) bool { return isProxy(p) && s.state.Own(a, features.Prefix, p.Prefix) == 0 })
		if len(rows) == 0 {
			return nil
		}
		f := s.riskyFinding(u, rows, at, "proxy")
		_, _, common := s.rarest(at)
		common = common || at[0].Network != "" && s.state.Owners(features.Network, at[0].Network, s.commonAddress()) >= s.commonAddress()
		recent := a.Proxied != 0 && s.day.Number-a.Proxied <= proxyDays
		f.Alert = s.settledIn(a) && !recent && !common
		f.Evidence.Details["first_seen_for_user"] = !recent
		if !f.Alert { // how often this user brings a new prefix: of somebody who lives behind such services hardly a finding
			f.P = noveltyP(len(a.Profiles[features.Prefix].IDs), a.Days)
		}
		why := ""
		switch {
		case common:
			why = " Not an alert: colleagues use it."
		case recent:
			why = fmt.Sprintf(" Not an alert: the user was behind a proxy on %s.", features.DayTime(a.Proxied).Format(time.DateOnly))
		case !f.Alert:
			why = " Not an alert: too little is known of the user."
		}
		f.Summary = fmt.Sprintf("%s: signed in through a proxy or VPN service new to the user, from %s (%s). Judged from %s.%s", u.Email, few(distinct(rows, s.day.Rows.IP)),
			plural(float64(len(rows)), "sign-ins"), history(a), why)
		return []Finding{f}
	})
}

// findHosting reports data centres that are new to a user.
func findHosting(s *scene) []Finding {
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		p := 1.0
		rows, at := s.signInPlaces(u, func(x features.Place) bool {
			novel, ok := s.newTo(a, features.Network, x.Network)
			if !ok || x.Category != "hosting" || x.HasTag("relay") || s.state.Own(a, features.Prefix, x.Prefix) > 0 || s.state.Owners(features.Network, x.Network, commonNetwork) >= commonNetwork {
				return false
			}
			p = min(p, novel)
			return true
		})
		if len(rows) == 0 || p > novelBar {
			return nil
		}
		f := s.riskyFinding(u, rows, at, "hosting")
		f.P = p
		f.Evidence.Details["asn"], f.Evidence.Details["asn_class"], f.Evidence.Details["networks_before"] = at[0].Network, "hosting", len(a.Profiles[features.Network].IDs)
		f.Summary = fmt.Sprintf("%s: signed in from a data centre (AS%s%s; %s) that the user never used; %d networks in %s.", u.Email, at[0].Network, orgWords(s.day.Rows.Org(rows[0])), at[0].IP,
			len(a.Profiles[features.Network].IDs), history(a))
		return []Finding{f}
	})
}

func orgWords(org string) string {
	if org == "" {
		return ""
	}
	return " " + org
}

// findRiskyAdministration reports administration in sessions that were opened from a risky address.
func findRiskyAdministration(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var first session
		users, common := 0, true
		for _, i := range s.rows(u, func(r *features.Rows, i int) bool { return r.Has(i, features.AdminOperation) }) {
			x, ok := s.sessionOf(u, i)
			if !ok || riskType(x.Place) == "" || riskType(x.Place) == "proxy" && s.state.Own(a, features.Prefix, x.Prefix) > 0 {
				continue
			}
			n, is := s.widelyUsed(x.Place)
			if len(rows) == 0 || common && !is {
				first, users = x, n
			}
			common = common && is
			rows = append(rows, i)
		}
		if len(rows) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(r, rows)
		f.First = minTime(f.First, first.At())
		f.Start = minTime(f.Start, f.First) // the session may have begun the day before
		f.Observed, f.Unit, f.Score, f.Alert = float64(len(rows)), "admin operations", float64(len(rows)), !common
		ops := distinct(rows, func(i int) string { return r.Action(i) + ": " + r.Detail(i) })
		f.Evidence.Details = map[string]any{"session_ip": first.IP, "risk_type": riskType(first.Place), "signin_time": first.At().Format(time.RFC3339), "session_client": first.Client,
			"session_is_inferred": true, "users_on_ip_30d": users, "ops": ops[:min(len(ops), 10)], "indicators": s.indicators(a, first.Place)}
		if first.Row >= 0 {
			f.Evidence.Events = s.notes(append([]int{first.Row}, rows...))
		} else {
			f.Evidence.Events = s.notes(rows)
		}
		f.Summary = fmt.Sprintf("%s: %s in a session that was opened %s (%s, %s; inferred from the last sign-in, as operations carry no address): %s.", u.Email,
			plural(f.Observed, f.Unit), riskWords(riskType(first.Place)), first.IP, first.At().Format(time.DateTime), few(distinct(rows, r.Action)))
		if common {
			f.P = s.shareOf(users)
			f.Summary += fmt.Sprintf(" Not an alert: %d users signed in from that address in the %d days before, so that the list must be wrong.", users, addressDays)
		}
		return []Finding{f}
	})
}

func riskWords(risk string) string {
	switch risk {
	case "tor":
		return "through Tor"
	case "threat":
		return "from a threat-listed address"
	}
	return "through a proxy or VPN service"
}

// findForbiddenCountry reports sign-ins from countries that the config denies, or does not allow.
func findForbiddenCountry(s *scene) []Finding {
	allow, deny := s.config.AllowCountries, s.config.DenyCountries
	if len(allow)+len(deny) == 0 {
		return nil
	}
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		byCountry := map[string][]int{}
		where := map[string]features.Place{}
		for i := u.Lo; i < u.Hi; i++ {
			p, known := r.Place(i)
			if !known || !r.Has(i, features.SignIn) || ours(p) || len(allow) > 0 && slices.Contains(allow, p.Country) || len(allow) == 0 && !slices.Contains(deny, p.Country) {
				continue
			}
			byCountry[p.Country] = append(byCountry[p.Country], i)
			where[p.Country] = p
		}
		var out []Finding
		for _, code := range sortedKeys(byCountry) {
			rows := byCountry[code]
			f := s.finding(u)
			f.span(r, rows)
			f.Key = code
			f.Observed, f.Unit, f.Score, f.Alert = float64(len(rows)), "sign-ins", float64(len(rows)), true
			f.Evidence.Details = map[string]any{"country": code, "ips": distinct(rows, r.IP), "asn": distinct(rows, r.Network), "client_type": distinct(rows, r.Client),
				"denied": slices.Contains(deny, code), "indicators": s.indicators(a, where[code])}
			f.Evidence.Events = s.notes(rows)
			rule := "which countries.allow does not hold"
			if slices.Contains(deny, code) {
				rule = "which countries.deny holds"
			}
			f.Summary = fmt.Sprintf("%s: %s from %s, %s (%s).", u.Email, plural(f.Observed, f.Unit), code, rule, few(distinct(rows, r.IP)))
			out = append(out, f)
		}
		return out
	})
}
