package models

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	reportP = 0.001 // a statistical finding below it is kept as a behavior
	// graveP is the p at which what is grave and seldom is an alert by itself, though the week may have rarer days.
	graveP = 0.0002
	// driftAlert is the sum of excesses that makes a drift an alert: six or more active days in a row far above expectation. Its days depend on one another, so that
	// ranks and false discovery rates do not apply; for normal data a CUSUM of this height runs for more than a million days without a false alarm (Siegmund's formula,
	// Montgomery, Statistical Quality Control, section 9.1: exp(2 k b) with k = 0.5, b = h + 1.166).
	driftAlert = 12
	driftID    = "ZW-SLW-01"
	driftDays  = 20 // earlier active days before a slow change can be told from getting to know a user
	signins    = "sign-ins"
	oplog      = "operation log"
	users      = "users"
	failures   = "failed sign-ins"
)

// Catalogue is every detection. Adding one means adding a value here and a scenario folder.
var Catalogue = slices.Concat([]Detection{
	{ID: "ZW-IDN-01", Title: "Account used unlike its owner", Class: Alert, Severity: "high", Group: "Identity", Kind: "statistical", question: whoQuestion, Data: []string{signins, oplog},
		Techniques: []string{"T1078.004"},
		About:      "The user's day looks like another person's: what was done, in what order and pace, when, from which network and with which client, against the user's own past and the peers'.",
		find:       findIdentity},
	{ID: "ZW-IDN-02", Title: "Account used unlike its owner on several days", Of: "ZW-IDN-01", Class: Alert, Severity: "high", Group: "Identity", Kind: "sequential", Data: []string{signins, oplog},
		Techniques: []string{"T1078.004"},
		About:      "Two days within five look like another person's, each rarer than 1 in 500 past user-days of the organisation, though neither is rare enough to be an alert by itself.",
		question:   whoQuestion,
		find:       findStrangeDays},
	{ID: driftID, Title: "Activity creeping up", Class: Alert, Absorb: 21, Severity: "medium", Group: "Activity rate", Kind: "sequential", Data: []string{signins, oplog},
		Techniques: []string{"T1530"},
		About:      "A volume stays above what is expected day after day, each day unremarkable by itself (CUSUM of standardised excesses).",
		find:       findDrift},
	{ID: "ZW-TRV-01", Title: "Impossible travel", Class: Alert, Severity: "medium", Group: "Location", Kind: "rule", Data: []string{signins, "places"}, Techniques: []string{"T1078.004"},
		About: "Two sign-ins in two countries, more than 500 km apart net of the accuracy of both places (1,000 km where the countries border on each other), faster than 900 km/h; not between networks the user or " +
			"the organisation uses, nor through exits of VPNs, relays or satellites.",
		find: findTravel},
	{ID: "ZW-LOC-01", Title: "Country new to the user", Class: Behavior, Severity: "low", Group: "Location", Kind: "rule", Data: []string{signins, "places"}, Techniques: []string{"T1078.004"},
		About: "A sign-in from a country that the user has not been seen in. Networks that the config names as one's own, exits of VPNs, relays and satellites are no country.",
		find:  findCountry},
	{ID: "ZW-LOC-02", Title: "Country new to the organisation", Class: Behavior, Severity: "medium", Group: "Location", Kind: "rule", Data: []string{signins, "places"}, Techniques: []string{"T1078.004"},
		About: "A sign-in from a country that nobody in the organisation has been seen in. Networks that the config names as one's own, exits of VPNs, relays and satellites are no country.",
		find:  findTenantCountry},
	{ID: "ZW-RIP-07", Title: "One address signs in to many accounts", Class: Alert, Severity: "high", Group: "Risky address", Kind: "rule", Data: []string{signins}, Techniques: []string{"T1110.003", "T1110.004"},
		About: "On one day at least five accounts sign in from one address (a /64 of IPv6) whose network is new to each of them and that no three others used in 30 days. An alert where " +
			"something tells it from a hotel or a conference: a data centre, Tor, a proxy or a threat list; clients that are not the users' own; users who are at places of their own meanwhile; " +
			"sign-ins that failed from it. Not the organisation's own networks, VPNs, relays and telephone networks.",
		find: findFanOut},
	{ID: "ZW-INA-01", Title: "Dormant account used", Class: Alert, Severity: "medium", Group: "Inactive account", Kind: "rule", Data: []string{signins, oplog, users}, Techniques: []string{"T1078.004"},
		About: "The first activity of an account after at least 90 days without a sign-in, an operation or a meeting. A behavior where place and client are the user's own, or where the user was " +
			"silent nearly as long before.",
		find: findDormant},
	{ID: "ZW-INA-02", Title: "Activity of a removed user", Class: Alert, Severity: "high", Group: "Inactive account", Kind: "rule", Data: []string{signins, oplog, users}, Techniques: []string{"T1078.004"},
		About: "Activity of an account after it was deactivated or deleted, or after the last day of its user by a list of leavers (watch.leavers).",
		find:  findRemoved},
	{ID: "ZW-ADM-03", Title: "First administrative activity of an account", Class: Alert, Severity: "medium", Group: "Admin activity", Kind: "rule", Data: []string{oplog, users}, Techniques: []string{"T1078.004", "T1098"},
		About: "An account that was never seen administrating starts to. An alert when it is a plain member by what was read and logged until then, or by the first reading where none is older, and it touches accounts, roles or settings of all; else a behavior.",
		find:  findNewOperator},
	{ID: "ZW-ADM-04", Title: "Privileged role granted", Class: Alert, Severity: "medium", Group: "Admin activity", Kind: "rule", Data: []string{oplog}, Techniques: []string{"T1098.003"},
		About: "A user who had none gets a role that administrates, or a role comes to: owner, co-owner, admin, billing admin, and roles of the account's own whose privileges, as read or as the log has them, " +
			"change users, roles, settings, recordings or apps. Of roles that were never read their names tell.",
		find: findRoleGrant},
	{ID: "ZW-LGF-01", rows: []string{"ingest.failed_sign_ins"}, Title: "Many failed sign-ins of a user", Class: Alert, Severity: "medium", Group: "Login failures", Kind: "sequential", Data: []string{failures}, Techniques: []string{"T1110.001"},
		About: "More than ten failed sign-ins within five minutes, or twenty within an hour or fifty on a day from networks that are not the user's, and far more than the month before foretells. Zoom reports no failures: they come from an identity provider's log (zoomward import).",
		set:   true},
}, feedDetections(), volumeDetections(), weakeningDetections(), correlationDetections(), riskyAddressDetections(), travelDetections(), deviceDetections(), whereDetections(), rhythmDetections(), operatorDetections(), accountDetections(), []Detection{
	{ID: "ZW-COR-02", Title: "Several findings on one user", Class: Alert, Severity: "high", Group: "Combination", Kind: "rule", Data: []string{"findings"}, Techniques: []string{"T1078.004"},
		About: "At least three detections of at least two risk groups on one user and day, none of which is an alert by itself."},
})

// combination is the detection that rests on the findings of the others.
var combination = func() *Detection {
	i := slices.IndexFunc(Catalogue, func(d Detection) bool { return d.ID == "ZW-COR-02" })
	return &Catalogue[i]
}()

// findIdentity reports user-days that look like another person's.
func findIdentity(s *scene) []Finding {
	return s.users(func(i int, u *features.UserDay, a *features.Account) []Finding {
		if j := s.judged[i]; j.learning || j.identityP > s.reportP(u.Email)*10 {
			return nil
		}
		return []Finding{s.identityFinding(i, u, a)}
	})
}

// findStrangeDays reports users of whom two days within strangeDays look like another person's: neither need be rare enough by itself.
func findStrangeDays(s *scene) []Finding {
	return s.users(func(i int, u *features.UserDay, a *features.Account) []Finding {
		j := s.judged[i]
		known, ok := s.id.Accounts[u.Email]
		if j.learning || !ok || known.StrangeDay == 0 || s.day.Number-known.StrangeDay > strangeDays || j.identityP > strangeP*s.reportP(u.Email)/reportP {
			return nil
		}
		both := min(1, j.identityP*known.StrangeP*strangeDays) // any of the days before would have done
		if both > strangePair*s.reportP(u.Email)/reportP {
			return nil
		}
		f := s.identityFinding(i, u, a)
		first := features.DayTime(known.StrangeDay)
		f.Start, f.P = first, both
		f.Evidence.Details = map[string]any{"earlier_day": first.Format(time.DateOnly), "earlier_p": known.StrangeP, "p_of_this_day": j.identityP}
		f.Summary += fmt.Sprintf(" So did %s (about 1 in %.0f).", first.Format(time.DateOnly), 1/known.StrangeP)
		return []Finding{f}
	})
}

const (
	// strangeDays is how many days may lie between two days that look like another person's.
	strangeDays = 5
	// strangeP is how rare each of them must be, strangePair both together: chosen on simulated companies, where takeovers of several days pass it and hardly a journey does.
	strangeP    = 0.002
	strangePair = 1e-6
	// strangeUrgent is how rare the pair is that must not wait behind other alerts.
	strangeUrgent = 1e-7
)

// identityFinding says why a user-day looks like another person's.
func (s *scene) identityFinding(i int, u *features.UserDay, a *features.Account) Finding {
	j := s.judged[i]
	f := s.finding(u)
	sc := s.identity[i]
	f.P, f.Score, f.Observed, f.Unit = j.identityP, sc.Score, sc.Score, "log-odds"
	f.Expected = math.NaN()
	f.Alert = true
	parts := s.id.Model.Parts(sc.Z)
	order := make([]int, len(parts))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(parts[y], parts[x]) })
	names := s.id.Inputs()
	var telling []string
	for _, k := range order {
		if parts[k] <= 0 || sc.Z[k] == 0 {
			continue
		}
		c := Contribution{Name: names[k], Observed: sc.Z[k], Expected: ptr(s.id.Model.Mean[k]), Part: ptr(parts[k]), HistoryDays: ptr(a.Days)}
		meaning := "how familiar place and client are"
		if k < len(s.id.Channels) {
			meaning = s.id.Channels[k].Meaning()
			c.Tokens = tellingTokens(s, a, u, s.id.Channels[k])
		} else {
			c.Tokens = familiarWords(s, a, u)
		}
		f.Evidence.Contributions = append(f.Evidence.Contributions, c)
		if len(telling) < 3 && len(c.Tokens) > 0 {
			telling = append(telling, fmt.Sprintf("%s (%s)", meaning, c.Tokens[0]))
		}
	}
	f.Evidence.Method = method(j.identityT, "past user-days of the organisation", s)
	f.Evidence.Events = s.notes(s.rows(u, func(*features.Rows, int) bool { return true }))
	group, size := s.priors.Peers(u.Email)
	f.Summary = fmt.Sprintf("%s: %s looks like another person's day, odds of %s to 1 at even chances (score %.1f; %s). Most telling: %s. Judged from %s against %d peers%s.",
		u.Email, f.Day.Format(time.DateOnly), odds(sc.Score), sc.Score, oneIn(j.identityP, j.identityT, s.pastIdentity), strings.Join(telling, "; "), history(a), size, ofGroup(group))
	return f
}

func ofGroup(group string) string {
	if group == "" {
		return ""
	}
	return " in " + group
}

func odds(logOdds float64) string {
	o := math.Exp(min(logOdds, 14))
	switch {
	case o >= 1e6:
		return "more than 1,000,000"
	case o >= 10:
		return fmt.Sprintf("%.0f", o)
	}
	return fmt.Sprintf("%.1f", o)
}

// oneIn writes a p-value as people read it: n is the number of past user-days that it ranks among, tail that none of them was as strange.
func oneIn(p float64, tail bool, n int) string {
	if tail {
		return fmt.Sprintf("stranger than all %d past user-days", n)
	}
	x := 1 / p
	if x >= 100 {
		scale := math.Pow(10, math.Floor(math.Log10(x))-1)
		x = math.Round(x/scale) * scale
	}
	return fmt.Sprintf("about 1 in %.0f past user-days was as strange", x)
}

func method(tail bool, among string, s *scene) string {
	if tail {
		return "beyond every one of the " + among + "; p from an exponential tail fitted to the greatest of them"
	}
	return "rank among the " + among
}

// tellingTokens puts the heaviest tokens of a channel into words.
func tellingTokens(s *scene, a *features.Account, u *features.UserDay, c features.Channel) []string {
	type token struct {
		id             uint32
		part, own, all float64
	}
	var tokens []token
	Evidence(&a.Profiles[c], s.state.Pool(c), places(u, c), s.state.Day, func(id uint32, part, own, peers float64) {
		if part > 0 {
			tokens = append(tokens, token{id, part, own, peers})
		}
	})
	slices.SortStableFunc(tokens, func(x, y token) int { return cmp.Compare(y.part, x.part) })
	var out []string
	for _, t := range tokens[:min(3, len(tokens))] {
		own := "never by this user"
		if t.own > 0 {
			own = fmt.Sprintf("%.1f %% of what this user does", 100*t.own/max(a.Profiles[c].Mass, 1e-9))
		}
		out = append(out, fmt.Sprintf("%s: %s, %.2g %% among peers", s.state.Describe(c, t.id), own, 100*t.all))
	}
	return out
}

// familiarWords puts into words how unfamiliar the places and clients of a day are, the least familiar first.
func familiarWords(s *scene, a *features.Account, u *features.UserDay) []string {
	p := s.state.FamiliarityOf(a)
	seen := map[features.Familiarity]bool{}
	var classes []features.Familiarity
	for _, x := range u.Contexts {
		if f, ok := s.state.Familiarity(a, x); ok && !seen[f] {
			seen[f] = true
			classes = append(classes, f)
		}
	}
	slices.SortStableFunc(classes, func(x, y features.Familiarity) int { return cmp.Compare(p[x], p[y]) })
	var out []string
	for _, f := range classes {
		out = append(out, fmt.Sprintf("%s: expected of %.2g %% of this user's sign-ins", f, 100*p[f]))
	}
	return out
}

// findDrift reports volumes that stay high.
func findDrift(s *scene) []Finding {
	return s.users(func(i int, u *features.UserDay, a *features.Account) []Finding {
		j := s.judged[i]
		if j.learning || a.Days < driftDays || j.worstDrift < 0 || j.driftP > s.reportP(u.Email) && j.drift < s.driftBar(u.Email) {
			return nil
		}
		b := j.worstDrift
		f := s.finding(u)
		f.Key = features.Behaviours[b].ID
		f.P, f.Score, f.Observed, f.Unit, f.Expected, f.Alert = j.driftP, j.drift, u.Counts[b], features.Behaviours[b].Unit, s.predict[i][b].Mean, j.drift >= s.driftBar(u.Email)
		f.Evidence.Contributions = []Contribution{volumeContribution(s, i, u, a, b)}
		f.Evidence.Details = map[string]any{"cusum": j.drift}
		f.Evidence.Method = method(j.driftT, "past user-days of the organisation", s)
		f.Summary = fmt.Sprintf("%s: %s have been above expectation for days on end; the excess has added up to %.1f standard deviations (%s). Today %s, expected %.1f. Judged from %s.",
			u.Email, features.Behaviours[b].Unit, j.drift, oneIn(j.driftP, j.driftT, s.pastDrift), plural(u.Counts[b], features.Behaviours[b].Unit), s.predict[i][b].Mean, history(a))
		return []Finding{f}
	})
}

func volumeContribution(s *scene, i int, u *features.UserDay, a *features.Account, b int) Contribution {
	nb := s.predict[i][b]
	prior := s.priors.Of(u.Email)[b]
	group, size := s.priors.Peers(u.Email)
	peers := fmt.Sprintf("%d users%s", size, ofGroup(group))
	return Contribution{Name: features.Behaviours[b].ID, Observed: u.Counts[b], Expected: ptr(nb.Mean), Lower: ptr(nb.Quantile(0.025)), Upper: ptr(nb.Quantile(0.975)),
		HistoryDays: ptr(a.Days), Peers: peers, PeerRate: ptr(prior.Shape / prior.Rate), P: ptr(nb.UpperTail(u.Counts[b]))}
}

// A volumeRule names the detection that an unusual volume belongs to.
type volumeRule struct {
	behaviour string
	floor     float64 // fewer are never worth a finding
	detection Detection
	first     string // what to say of the first ever of an operator, below the floor; "" for nothing
}

var volumeRules = []volumeRule{
	{"recording_deletions", 10, Detection{ID: "ZW-RTE-05", Title: "Mass recording deletion", Class: Alert, Severity: "high", Group: "Activity rate", Techniques: []string{"T1485"}}, ""},
	{"recording_accesses", 10, Detection{ID: "ZW-RTE-04", Title: "Mass recording download or sharing", Class: Alert, Severity: "medium", Group: "Activity rate", Techniques: []string{"T1530", "T1213"}}, ""},
	// So seldom, and so grave, that it need not stand out among all that the week has.
	{"user_removals", 5, Detection{ID: "ZW-ADM-08", Title: "Mass user deletion or deactivation", Class: Alert, Severity: "high", Group: "Admin activity", Kind: "sequential", ownBar: graveP, urgent: true, Techniques: []string{"T1531"}}, ""},
	{"user_additions", 5, Detection{ID: "ZW-ADM-09", Title: "Unusual account creation", Class: Alert, Severity: "medium", Group: "Admin activity", Techniques: []string{"T1136.003"}}, "first account made by this operator"},
	{"admin_operations", 10, Detection{ID: "ZW-ADM-01", Title: "Unusual volume of administrative activity", Class: Alert, Severity: "medium", Group: "Admin activity", Techniques: []string{"T1098"}}, ""},
	{"off_hours_admin_operations", 5, Detection{ID: "ZW-ADM-07", Title: "Administration at unusual hours", Class: Alert, Severity: "medium", Group: "Admin activity", Techniques: []string{"T1078.004"}}, ""},
	{"role_changes", 3, Detection{ID: "ZW-ADM-15", Title: "Unusual number of role changes", Class: Alert, Severity: "medium", Group: "Admin activity", Techniques: []string{"T1098.003"}}, ""},
	{"setting_changes", 4, Detection{ID: "ZW-CFG-18", Title: "Unusual number of account setting changes", Class: Alert, Severity: "medium", Group: "Configuration", Techniques: []string{"T1562.001"}}, ""},
	{"operations", 10, Detection{ID: "ZW-RTE-14", Title: "Unusual volume of operations", Class: Alert, Severity: "low", Group: "Activity rate", Techniques: []string{"T1530"}}, ""},
	{"sign_ins", 10, Detection{ID: "ZW-RTE-01", Title: "Unusual number of sign-ins", Class: Behavior, Severity: "low", Group: "Activity rate", Techniques: []string{"T1110", "T1078.004"}}, ""},
	{"further_countries", 2, Detection{ID: "ZW-LOC-08", Title: "Many countries in a day", Class: Alert, Severity: "medium", Group: "Location", Techniques: []string{"T1078.004", "T1550.004"}}, ""},
	{"further_networks", 3, Detection{ID: "ZW-LOC-09", Title: "Many networks in a day", Class: Behavior, Severity: "low", Group: "Location", Techniques: []string{"T1078.004"}}, ""},
}

func volumeDetections() []Detection {
	var out []Detection
	for _, r := range volumeRules {
		d := r.detection
		b := features.BehaviourIndex(r.behaviour)
		d.Kind, d.question = cmp.Or(d.Kind, "statistical"), muchQuestion
		d.Data = []string{signins, oplog}
		d.About = fmt.Sprintf("At least %g %s in a day, and more than the user's own rate and the peers' explain (negative binomial predictive tail).", r.floor, features.Behaviours[b].Unit)
		if d.ownBar > 0 {
			d.About += fmt.Sprintf(" An alert by itself where p is at most %g.", d.ownBar)
		}
		d.find = func(s *scene) []Finding { return findVolume(s, b, r.floor, d.Class == Alert) }
		if r.first != "" {
			d.About += " The first of them by an operator is kept as a behavior."
			d.find = func(s *scene) []Finding {
				return append(findVolume(s, b, r.floor, true), findFirst(s, b, r.floor, r.first)...)
			}
		}
		out = append(out, d)
	}
	return out
}

func findVolume(s *scene, b int, floor float64, alert bool) []Finding {
	unit := features.Behaviours[b].Unit
	return s.users(func(i int, u *features.UserDay, a *features.Account) []Finding {
		j, x := s.judged[i], u.Counts[b]
		if s.watched() < watchedWeek || j.learning && a.Days > 0 || x < floor {
			return nil
		}
		nb := s.predict[i][b]
		p := nb.UpperTail(x)
		if p > s.reportP(u.Email) {
			return nil
		}
		f := s.finding(u)
		f.Observed, f.Expected, f.Unit, f.Score = x, nb.Mean, unit, -math.Log10(p)
		f.P = max(p, j.volumeP) // the tail of the model, but never surer than its own track record
		f.Alert = alert && !j.learning
		rows := s.rows(u, func(r *features.Rows, k int) bool { return behaviourRow(b, r, k) })
		indicators := s.lastIndicators(u)
		maps.Copy(indicators, s.rates(u, b, rows))
		f.Evidence.Details = map[string]any{"indicators": indicators}
		busy := s.onBusyDay(i, b)
		f.easedP = max(busy.UpperTail(x), j.ordinaryP)
		busyDay := f.Alert && busy.UpperTail(x) > s.reportP(u.Email)
		if busyDay {
			f.Alert = false
			f.Evidence.Details["others_did_a_third_as_much"], f.Evidence.Details["expected_on_such_a_day"] = s.alike(i, b), math.Round(100*busy.Mean)/100
		}
		f.Evidence.Contributions = []Contribution{volumeContribution(s, i, u, a, b)}
		f.Evidence.Method = "negative binomial predictive tail; " + method(j.volumeT, "past user-days of the organisation", s)
		f.span(s.day.Rows, rows)
		f.Evidence.Events = s.notes(rows)
		group, size := s.priors.Peers(u.Email)
		prior := s.priors.Of(u.Email)[b]
		f.Summary = fmt.Sprintf("%s: %s in a day, expected %.2g, at most %g on 19 days of 20. Judged from %s; %d peers%s do %.2g a day.",
			u.Email, plural(x, unit), nb.Mean, nb.Quantile(0.95), history(a), size, ofGroup(group), prior.Shape/prior.Rate)
		if busyDay {
			f.Summary += fmt.Sprintf(" Not an alert: on that day %d others did at least a third as much.", s.alike(i, b))
		}
		return []Finding{f}
	})
}

// findFirst reports operators who do for the first time what the behaviour counts, fewer than the floor of its volume.
func findFirst(s *scene, b int, floor float64, what string) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		if x := u.Counts[b]; x == 0 || x >= floor || a.Volumes[b].Max > 0 {
			return nil
		}
		rows := s.rows(u, func(r *features.Rows, k int) bool { return behaviourRow(b, r, k) })
		f := s.finding(u)
		f.span(s.day.Rows, rows)
		f.Observed, f.Expected, f.Unit, f.Score = u.Counts[b], 0, features.Behaviours[b].Unit, u.Counts[b]
		f.Evidence.Details = map[string]any{"operator": u.Email, "operator_is_new_to_it": true}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: %s, %s in a day. Judged from %s.", u.Email, what, plural(f.Observed, f.Unit), history(a))
		return []Finding{f}
	})
}

// behaviourRow says which rows to show for a volume.
func behaviourRow(b int, r *features.Rows, i int) bool {
	x := &features.Behaviours[b]
	switch {
	case x.Rows != 0:
		return x.Counts(r, i)
	case x.Further != 0:
		return r.Has(i, features.SignIn)
	}
	return true
}

// sortedKeys returns a set's members in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
