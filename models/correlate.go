package models

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

// correlationDetections tie findings together that are weak, or of no one day, by themselves.
func correlationDetections() []Detection {
	return []Detection{
		{ID: "ZW-COR-01", Title: "Findings add up over a week", Class: Alert, Severity: "medium", Group: "Combination", Kind: "sequential", Absorb: 7, Data: []string{"findings"}, Techniques: []string{"T1078.004"},
			About: "The findings of a user's last seven days weigh far more than those of the month before, though no day of them is an alert: at least three risk groups on at least two days."},
		{ID: "ZW-COR-03", Title: "Risky sign-in followed by a change of security or roles", Class: Alert, Severity: "high", Group: "Combination", Kind: "rule", Data: []string{"findings", oplog},
			Techniques: []string{"T1098", "T1556"},
			About:      "Within 24 hours of a sign-in that some detection found risky, the same account weakens a protection or grants a role."},
		{ID: "ZW-COR-04", Title: "Risky sign-in followed by collection or destruction", Class: Alert, Severity: "high", Group: "Combination", Kind: "rule", Data: []string{"findings", oplog},
			Techniques: []string{"T1530", "T1485"},
			About:      "Within 24 hours of a sign-in that some detection found risky, the same account downloads, exposes or deletes recordings, or removes users, by the dozen."},
		{ID: "ZW-COR-05", Title: "Risky sign-ins of several users from one network", Class: Alert, Severity: "high", Group: "Combination", Kind: "rule", Data: []string{"findings", signins},
			Techniques: []string{"T1078.004", "T1110.003"},
			About:      "Within a week, risky sign-ins of at least two users from a network prefix that at most one other has used. A journey that colleagues make together is none: a new place alone does not count."},
	}
}

const (
	traceDays    = 7              // for which a finding may be tied to later ones
	sequenceSpan = 24 * time.Hour // from a risky sign-in to what follows

	riskDays    = 7  // over which points add up
	riskHistory = 30 // days before that they are compared with
	riskLeast   = 8  // points: nearly three rules, or less of what is rare
	riskZ       = 4  // standard deviations above the days before
	riskSpread  = 2  // least standard deviation of a week's points, for users without findings
	riskKinds   = 3  // different risk groups
	riskOnDays  = 2  // different days
)

// A trace is what is kept of a finding for correlations.
type trace struct {
	Day       int64
	Email     string
	Detection string
	ID        string
	First     int64 // seconds since 1970
	Risky     bool  // a sign-in that may be somebody else's
	Strong    bool  // ... by more than a new place
	Points    float64
	Alerted   bool     // the user was named by an alert on that day
	Prefixes  []string // that are new to the user, of a risky sign-in
}

// riskySignIn tells whether a finding says that somebody else may have signed in.
func riskySignIn(f *Finding) bool {
	switch f.Detection.Group {
	case "Location", "Impossible travel", "Risky address", "Device", "Login failures", "Inactive account", "Identity":
	default:
		return false
	}
	return !f.muted && !f.Detection.Hint && (math.IsNaN(f.P) || f.P <= reportP)
}

// securityChange tells whether a finding is a change of security settings or roles.
func securityChange(f *Finding) bool {
	return !f.muted && (f.Detection.Group == "Configuration" || slices.Contains([]string{"ZW-ADM-04", "ZW-ADM-05", "ZW-ADM-13"}, f.Detection.ID))
}

// harm tells whether a finding is collection or destruction by the dozen.
func harm(f *Finding) bool {
	return !f.muted && slices.Contains([]string{"ZW-RTE-04", "ZW-RTE-05", "ZW-RTE-06", "ZW-ADM-08"}, f.Detection.ID) && (math.IsNaN(f.P) || f.P <= reportP)
}

// evidenceGroup is a detection's risk group; whoever is somewhere new looks unlike himself, which is no second kind of finding.
func evidenceGroup(group string) string {
	switch group {
	case "Identity", "Impossible travel":
		return "Location"
	}
	return group
}

// points weighs a finding: by how rare it is where there is a p-value, as one in a thousand where there is none.
func points(f *Finding) float64 {
	switch {
	case f.muted, f.Detection.Hint:
		return 0
	case math.IsNaN(f.P):
		return 3
	}
	return min(-math.Log10(max(f.P, f.easedP, 1e-300)), 6) // what many do on the day weighs less
}

// trace notes the findings of the day, before combinations are made of them.
func (c *decision) trace() []trace {
	s := c.r.scene
	at := map[string]int{}
	for i := range s.day.Users {
		at[s.day.Users[i].Email] = i
	}
	var out []trace
	for k := range c.r.findings {
		f := &c.r.findings[k]
		if f.Email == "" || f.Detection.Group == "Combination" {
			continue
		}
		x := trace{Day: c.day, Email: f.Email, Detection: f.Detection.ID, ID: f.id(), First: f.First.Unix(), Points: points(f)}
		if x.Risky = riskySignIn(f); x.Risky {
			x.Strong = evidenceGroup(f.Detection.Group) != "Location" || strings.HasPrefix(f.Detection.ID, "ZW-TRV-")
			if i, ok := at[f.Email]; ok {
				x.Prefixes = s.newPrefixes(&s.day.Users[i])
			}
		}
		out = append(out, x)
	}
	return out
}

// newPrefixes returns the networks of a day's sign-ins that are new to the user and no exit of a VPN.
func (s *scene) newPrefixes(u *features.UserDay) []string {
	var out []string
	r := s.day.Rows
	for i := u.Lo; i < u.Hi; i++ {
		p := r.Prefix(i)
		if !r.Has(i, features.SignIn) || p == "" || slices.Contains(out, p) || s.state.IsExit(p) || s.state.Own(u.Account, features.Prefix, p) > 0 {
			continue
		}
		if c := r.NetworkCategory(i); c == "corporate" || c == "vpn" {
			continue
		}
		out = append(out, p)
	}
	return out
}

// correlate adds what follows from findings of the day together with those of the days before.
func (c *decision) correlate() {
	if len(c.r.findings) == 0 {
		return
	}
	today := c.trace()
	c.r.traces = today
	add := func(f Finding) {
		if c.e.policy.off(f.Detection.ID) {
			return
		}
		f.Alert = true
		c.e.policy.settle(&f, false)
		c.e.feedback.suppress(&f, c.day, c.open)
		c.byUser[f.Email] = append(c.byUser[f.Email], len(c.r.findings))
		c.r.findings = append(c.r.findings, f)
	}
	for i := range c.r.scene.day.Users {
		u := &c.r.scene.day.Users[i]
		for _, x := range []struct {
			id     string
			second func(*Finding) bool
		}{{"ZW-COR-03", securityChange}, {"ZW-COR-04", harm}} {
			if f, ok := c.sequence(u, detectionOf(x.id), x.second); ok {
				add(f)
			}
		}
	}
	for _, f := range c.sharedNetworks(today) {
		add(f)
	}
}

// sequence reports a user's risky sign-in that was followed by something worse.
func (c *decision) sequence(u *features.UserDay, d *Detection, second func(*Finding) bool) (Finding, bool) {
	var seconds, then []*Finding
	for _, k := range c.byUser[u.Email] {
		if f := &c.r.findings[k]; second(f) {
			seconds = append(seconds, f)
		}
	}
	if len(seconds) == 0 {
		return Finding{}, false
	}
	risky := c.riskyOf(u.Email)
	var lead *Finding   // that followed first
	var first trace     // the sign-in before it
	var worse time.Time // when it did
	for _, f := range seconds {
		x, at, ok := follows(risky, f)
		if !ok {
			continue
		}
		if then = append(then, f); lead == nil || at.Before(worse) {
			lead, first, worse = f, x, at
		}
	}
	if lead == nil {
		return Finding{}, false
	}
	f := c.r.scene.finding(u)
	f.Detection = d
	f.First, f.Last = time.Unix(first.First, 0).UTC(), worse
	f.Start = minTime(f.Start, f.First)
	lag := worse.Sub(f.First)
	f.Observed, f.Expected, f.Unit, f.Score = lag.Minutes(), math.NaN(), "minutes from the sign-in to the change", float64(1+len(then))
	var ids, changes []string
	f.Evidence.Contributions = []Contribution{{Name: first.Detection, Observed: detectionOf(first.Detection).Title}}
	for _, x := range then {
		f.Last = maxTime(f.Last, x.Last)
		if made, ok := x.Evidence.Details["changes"].([]string); ok {
			changes = append(changes, made...)
		}
		ids = append(ids, x.id())
		f.Evidence.Contributions = append(f.Evidence.Contributions, Contribution{Name: x.Detection.ID, Observed: x.Summary})
		f.Evidence.Events = append(f.Evidence.Events, x.Evidence.Events...)
	}
	f.Evidence.Events = f.Evidence.Events[:min(len(f.Evidence.Events), maxEvents)]
	f.Evidence.Details = map[string]any{"signin_finding": first.ID, "signin_detection": first.Detection, "followup_findings": ids, "lag_minutes": math.Round(lag.Minutes())}
	if len(changes) > 0 {
		slices.Sort(changes) // one change may be of two kinds
		changes = slices.Compact(changes)
		f.Evidence.Details["changes"], f.Evidence.Details["settings_weakened"] = changes[:min(len(changes), 100)], len(changes)
	}
	f.Summary = fmt.Sprintf("%s: %s at %s, and %s later: %s", u.Email, lowerFirst(detectionOf(first.Detection).Title), f.First.Format(time.DateTime), lag.Round(time.Minute), lead.Summary)
	if len(changes) > 1 {
		f.Summary += fmt.Sprintf(" In all %d settings were weakened.", len(changes))
	}
	return f, true
}

// riskyOf returns the risky sign-ins of a user, of detections that the catalogue has, in order of time.
func (c *decision) riskyOf(email string) []trace {
	var out []trace
	for _, list := range [][]trace{c.e.Traces, c.r.traces} {
		for _, x := range list {
			if x.Risky && x.Email == email && c.day-x.Day <= 1 && detectionOf(x.Detection) != nil {
				out = append(out, x)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b trace) int { return cmp.Compare(a.First, b.First) })
	return out
}

// follows returns the risky sign-in that a finding followed within a day, and when it did: of its first row that has one before it, the latest. Of what was done by the dozen
// half must come after one, lest a day's work be laid on a sign-in of the evening.
func follows(risky []trace, f *Finding) (trace, time.Time, bool) {
	var first trace
	var at time.Time
	after := 0
	times := f.times()
	for _, t := range times {
		for _, x := range slices.Backward(risky) {
			lag := t.Sub(time.Unix(x.First, 0))
			if lag < 0 {
				continue
			}
			if lag <= sequenceSpan {
				if after++; after == 1 {
					first, at = x, t
				}
			}
			break
		}
	}
	return first, at, after > 0 && (!harm(f) || 2*after >= len(times))
}

// detectionOf returns the value of the catalogue with an id, nil when it has none any more.
func detectionOf(id string) *Detection {
	if i := slices.IndexFunc(Catalogue, func(d Detection) bool { return d.ID == id }); i >= 0 {
		return &Catalogue[i]
	}
	return nil
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

const (
	// minShared is how many users with risky sign-ins make a network suspicious.
	minShared = 2
	// maxOthers is how many others may have used it: one may be a victim whom nothing gave away, two are colleagues on the same line.
	maxOthers = 1
)

// sharedNetworks reports networks that several users' risky sign-ins came from, and that nobody else uses.
func (c *decision) sharedNetworks(today []trace) []Finding {
	s := c.r.scene
	type network struct {
		users  []string
		ids    []string
		first  int64
		latest int64
	}
	all := map[string]*network{}
	for _, list := range [][]trace{c.e.Traces, today} {
		for _, x := range list {
			if !x.Strong || x.Points == 0 || c.day-x.Day >= traceDays {
				continue
			}
			for _, p := range x.Prefixes {
				n := all[p]
				if n == nil {
					n = &network{first: x.First}
					all[p] = n
				}
				if !slices.Contains(n.users, x.Email) {
					n.users = append(n.users, x.Email)
				}
				n.ids = append(n.ids, x.ID)
				n.first, n.latest = min(n.first, x.First), max(n.latest, x.Day)
			}
		}
	}
	var out []Finding
	for _, p := range sortedKeys(all) {
		n := all[p]
		if len(n.users) < minShared || n.latest != c.day || s.state.UsedByOthers(p, n.users) > maxOthers {
			continue
		}
		slices.Sort(n.users)
		day := s.day.Start()
		f := Finding{Detection: detectionOf("ZW-COR-05"), Key: p, Named: n.users, Day: day, Start: day, End: day.Add(24 * time.Hour), First: time.Unix(n.first, 0).UTC(), Last: day.Add(24*time.Hour - time.Second),
			Observed: float64(len(n.users)), Expected: math.NaN(), P: math.NaN(), Unit: "users", Score: float64(len(n.users))}
		f.Start = minTime(f.Start, f.First)
		f.Evidence.Details = map[string]any{"prefix": p, "users": n.users[:min(len(n.users), 100)], "findings": n.ids[:min(len(n.ids), 100)]}
		f.Summary = fmt.Sprintf("%s: risky sign-ins of %d users within %d days came from this network, which hardly anybody else uses: %s.", p, len(n.users), traceDays, few(n.users))
		out = append(out, f)
	}
	return out
}

// accumulate raises users whose findings of a week add up, though no day of it was an alert.
func (c *decision) accumulate() {
	d := detectionOf("ZW-COR-01")
	if c.e.policy.off(d.ID) {
		return
	}
	s := c.r.scene
	for i := range s.day.Users {
		u := &s.day.Users[i]
		if len(c.byUser[u.Email]) == 0 || c.r.alerted[u.Email] || s.judged[i].learning {
			continue
		}
		f, ok := c.accumulated(u, d)
		if !ok {
			continue
		}
		c.e.policy.settle(&f, false)
		c.e.feedback.suppress(&f, c.day, c.open)
		c.r.findings = append(c.r.findings, f)
		if f.Alert {
			c.raise(f, bounded)
		}
	}
}

func (c *decision) accumulated(u *features.UserDay, d *Detection) (Finding, bool) {
	var week float64
	var before [riskHistory]float64
	kinds, days := map[string]trace{}, map[int64]bool{}
	first := int64(math.MaxInt64)
	for _, list := range [][]trace{c.e.Traces, c.r.traces} {
		for _, x := range list {
			age := c.day - x.Day
			switch {
			case x.Email != u.Email || x.Points == 0:
			case age < riskDays:
				if x.Alerted {
					return Finding{}, false
				}
				// What several detections of one risk group say, or one says for days, counts by its strongest.
				group := "?"
				if d := detectionOf(x.Detection); d != nil {
					group = evidenceGroup(d.Group)
				}
				if old := kinds[group]; x.Points > old.Points {
					week += x.Points - old.Points
					kinds[group] = x
				}
				days[x.Day] = true
				first = min(first, x.First)
			case age < riskDays+riskHistory:
				before[age-riskDays] += x.Points
			}
		}
	}
	if week < riskLeast || len(kinds) < riskKinds || len(days) < riskOnDays {
		return Finding{}, false
	}
	var mean, square float64
	for _, x := range before {
		mean += x / riskHistory
		square += x * x / riskHistory
	}
	expected := mean * riskDays
	z := (week - expected) / max(math.Sqrt(max(square-mean*mean, 0)*riskDays), riskSpread)
	if z < riskZ {
		return Finding{}, false
	}
	f := c.r.scene.finding(u)
	f.Detection = d
	f.Observed, f.Expected, f.Unit, f.Score, f.Alert = week, expected, "points of findings in 7 days", z, true
	f.First = time.Unix(first, 0).UTC()
	f.Start = minTime(f.Start, f.First)
	var words []string
	for _, group := range sortedKeys(kinds) {
		x := kinds[group]
		f.Evidence.Contributions = append(f.Evidence.Contributions, Contribution{Name: x.Detection, Observed: math.Round(100*x.Points) / 100})
		if d := detectionOf(x.Detection); d != nil {
			words = append(words, lowerFirst(d.Title))
		}
	}
	f.Evidence.Details = map[string]any{"score_7d": week, "expected_7d": expected, "z": z, "days": len(days)}
	f.Evidence.Method = "points: -log10 p of a finding, at most 6, 3 for rules; each risk group once a week"
	f.Summary = fmt.Sprintf("%s: %d kinds of findings on %d days of the last week, none an alert by itself: %s. Their weight is %.0f, that of a usual week %.1f.",
		u.Email, len(kinds), len(days), strings.Join(words, "; "), week, expected)
	return f, true
}

// keepTraces adds the traces of a day that is over and forgets those that nothing looks at any more.
func (e *engine) keepTraces(day int64, today []trace, alerted map[string]bool) {
	for i := range today {
		today[i].Alerted = alerted[today[i].Email]
	}
	e.Traces = append(slices.DeleteFunc(e.Traces, func(x trace) bool { return day-x.Day >= riskDays+riskHistory }), today...)
}
