package main

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

// explainFacts makes an explanation of what the database holds.
func explainFacts(f *alertFacts, database string, call again) explanation {
	a := &f.Alert
	zone := f.zone()
	x := explanation{
		Alert: explainedAlert{ID: a.ID, Detection: a.Detection, Title: a.Title, Severity: a.Severity, Status: a.Status, Summary: a.Summary,
			WindowStart: rfc(a.Start), WindowEnd: rfc(a.End), FirstSeen: rfc(a.First), LastSeen: rfc(a.Last), Day: f.Day.Format(time.DateOnly), DayIs: f.dayIs(),
			Days: int64(math.Ceil(a.End.Sub(a.Start.UTC().Truncate(24*time.Hour)).Hours() / 24)), Score: known(a.Score), RunID: a.RunID},
		Timezone: zone.String(), Reasons: f.reasons(a, f.Evidence), Certainty: f.certainty(), Around: f.around(), Triage: triage{Status: a.Status},
	}
	for t := range strings.SplitSeq(a.Techniques, ";") {
		if t = strings.TrimSpace(t); t != "" {
			x.Alert.Techniques = append(x.Alert.Techniques, t)
		}
	}
	for _, email := range f.users() {
		u := f.user(email)
		if a.User != "" {
			u.Usual = f.usual()
			x.User = &u
		} else {
			x.Accounts = append(x.Accounts, u)
		}
	}
	for _, e := range f.Evidence.Events {
		x.Events = append(x.Events, f.event(e, zone))
	}
	x.Unlisted = f.unlisted()
	x.Chart = f.chart()
	for _, t := range f.Triage {
		x.Triage.History = append(x.Triage.History, triageEntry{rfc(t.At), t.Status, t.Note})
	}
	g := f.guide()
	x.Harmless, x.Check = g.harmless, g.check
	x.Commands = f.commands(database, call)
	x.fillLists()
	return x
}

func rfc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// zone is the time zone of the user's profile; UTC when it is not known.
func (f *alertFacts) zone() *time.Location {
	for _, p := range f.People {
		if p.Email == f.Alert.User && p.Zone != "" && p.Zone != "Local" {
			if zone, err := time.LoadLocation(p.Zone); err == nil {
				return zone
			}
		}
	}
	return time.UTC
}

func (f *alertFacts) user(email string) explainedUser {
	u := explainedUser{Email: email}
	for _, p := range f.People {
		if p.Email == email {
			u = explainedUser{Email: email, Known: true, Name: p.Name, Status: p.Status, Role: p.Role, Dept: p.Dept, Type: p.Type, Created: rfc(p.Created), LastLogin: rfc(p.LastLogin),
				RiskScore: known(p.Risk), RiskPercentile: known(p.RiskPercentile)}
		}
	}
	for _, b := range f.Alerts {
		if b.User == email {
			u.OtherAlerts++
		}
	}
	return u
}

const usualListed = 3 // of the commonest places, networks and clients

func (f *alertFacts) usual() *usual {
	if f.Usual.Total == 0 {
		return nil
	}
	return &usual{SignIns: f.Usual.Total, Days: usualDays, Places: shares(f.Usual.Places, f.Usual.Total),
		Networks: shares(f.Usual.Networks, f.Usual.Total), Clients: shares(f.Usual.Clients, f.Usual.Total)}
}

// shares returns the commonest values that are known, with their shares of all.
func shares(counts map[string]int64, total int64) []share {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	var out []share
	for _, name := range names[:min(len(names), usualListed)] {
		out = append(out, share{name, float64(counts[name]) / float64(total)})
	}
	return out
}

// event joins what the evidence says of a row with the row itself, where it is still there.
func (f *alertFacts) event(e eventNote, zone *time.Location) explainedEvent {
	out := explainedEvent{ID: e.ID, At: e.At, Local: e.At, What: e.What}
	if t, err := time.Parse(time.RFC3339, e.At); err == nil {
		out.Local = t.In(zone).Format(time.RFC3339)
	}
	r, ok := f.Events[e.ID]
	if !ok {
		return out
	}
	out.User = r.User
	switch r.Kind {
	case "sign_in":
		out.What = "Sign-in"
	case "sign_out":
		out.What = "Sign-out"
	default:
		out.What = operationWords(r)
		return out
	}
	out.Place, out.Address, out.Network = placeWords(r.City, r.Country), r.IP, r.ASOrg
	if r.Network != "unknown" {
		out.Category = r.Network
	}
	out.Client = r.Client
	if v := r.Version; v != "" && v != r.Client {
		out.Client = strings.TrimSpace(strings.TrimSuffix(r.Client+" "+strings.TrimPrefix(v, r.Client+" "), " "))
	}
	if u := f.Usual; u.Total > 0 && r.Kind == "sign_in" {
		for _, x := range []struct {
			what, value string
			seen        map[string]int64
		}{{"country", r.Country, u.Countries}, {"network operator", r.ASOrg, u.Networks}, {"client", r.Client, u.Clients}} {
			if x.value != "" && x.seen[x.value] == 0 {
				out.New = append(out.New, x.what)
			}
		}
	}
	return out
}

// operationWords writes a row of the operation log without the blanks and bars that Zoom sets.
func operationWords(r eventRow) string {
	detail := strings.Join(strings.Fields(r.Detail), " ")
	head := strings.Trim(r.Category+" / "+r.Action, " /")
	switch {
	case detail == "":
		return head
	case r.Action != "" && strings.HasPrefix(strings.ToLower(detail), strings.ToLower(r.Action)): // it says so itself
		return detail
	}
	return detail + " [" + head + "]"
}

// unlisted is how many events of a counted kind the evidence leaves out.
func (f *alertFacts) unlisted() int64 {
	for _, c := range f.Evidence.Contributions {
		n, ok := c.Observed.(float64)
		listed := float64(len(f.Evidence.Events))
		if ok && listed > 0 && n > listed && c.Part == nil && behaviourUnit(c.Name) != "" {
			return int64(n - listed)
		}
	}
	return f.EarlierMore
}

// behaviourUnit is what a behaviour counts, "" for what is none.
func behaviourUnit(id string) string {
	for _, b := range features.Behaviours {
		if b.ID == id {
			return b.Unit
		}
	}
	return ""
}

// certainty says how sure the system is, and of what.
func (f *alertFacts) certainty() certainty {
	a, method := &f.Alert, f.Evidence.Method
	c := certainty{PValue: known(a.P), Severity: f.severityWords()}
	d := detectionOf(a.Detection)
	p := ""
	if c.PValue != nil {
		p = oneInWords(*c.PValue)
	}
	pair, isPair := f.Evidence.pair()
	switch {
	case isPair && p != "":
		c.Basis = "product"
		c.Words = append(c.Words, pairCertainty(pair, f.Day, a.P)...)
	case p == "" && f.Evidence.addsUp():
		c.Basis = "combination"
		c.Words = append(c.Words, "None of these findings would be an alert by itself. Several of different kinds, on one user within a week, are.")
	case p == "" && d.Group == "Combination":
		c.Basis = "combination"
		c.Words = append(c.Words, "None of these findings would be an alert by itself. Several of different kinds, on one user and day, are.")
	case p == "":
		c.Basis, c.PValue = "rule", nil
		c.Words = append(c.Words, "No statistics: a rule that holds or does not hold. What is reported is certain as far as Zoom, and for places the location databases, have it right; "+
			"whether it was meant is for you to find out.")
	case f.byForecast():
		c.Basis = "forecast"
		c.Words = append(c.Words, fmt.Sprintf("%s, by the forecast for this user. %s The figure is a model's: good for putting alerts in order, rough in its size.", capital(p),
			pick(strings.Contains(method, "beyond every"), "No past user-day of the organisation was as rare.", "By its rank among the organisation's past user-days it is rarer still.")))
	case strings.Contains(method, "tail fitted") || strings.Contains(method, "beyond every"):
		c.Basis = "tail"
		c.Words = append(c.Words, fmt.Sprintf("Rarer than anything in the organisation's past user-days: %s, read off a curve fitted to the rarest of them. "+
			"That is an estimate: good for putting alerts in order, rough in its size.", p))
	case strings.Contains(method, "rank among"):
		c.Basis = "rank"
		c.Words = append(c.Words, fmt.Sprintf("%s of the organisation's past user-days was as strange or stranger. That is a count, no model.", capital(p)))
	default:
		c.Basis = "other"
		c.Words = append(c.Words, fmt.Sprintf("%s user-days is as strange or stranger%s.", capital(p), pick(method == "", "", " ("+method+")")))
	}
	if c.PValue != nil {
		if s := chanceWords(*c.PValue, f.WeeklyDays); s != "" {
			c.Words = append(c.Words, s)
		}
		c.Words = append(c.Words, "It says how rare such a day is, not how likely it is that somebody did wrong.")
	}
	if day, ok := f.Days[f.Day.Format(time.DateOnly)]; ok && a.User != "" {
		c.Learning, c.Gated = &day.Learning, &day.Gated
		if day.Learning {
			c.Words = append(c.Words, "The system was still getting to know this user: statistics raise no alert then, rules do.")
		} else if c.PValue != nil {
			c.Words = append(c.Words, "The system knew this user well enough to judge the day.")
		}
		if day.Gated {
			c.Words = append(c.Words, "The day was left out of the user's baseline, so that it does not come to look normal.")
		}
	}
	return c
}

// byForecast tells whether the p-value is the forecast's own: of that and of the rank among past user-days, the less sure one counts.
func (f *alertFacts) byForecast() bool {
	return slices.ContainsFunc(f.Evidence.Contributions, func(c contribution) bool {
		return c.P != nil && behaviourUnit(c.Name) != "" && math.Abs(*c.P-f.Alert.P) <= 1e-9*f.Alert.P
	})
}

// chanceWords says how often a day so rare comes up by chance, in an organisation with so many user-days a week.
func chanceWords(p, weekly float64) string {
	if p <= 0 || weekly < 1 {
		return ""
	}
	head := fmt.Sprintf("With the %s user-days that are judged here in a week, chance alone brings one as rare ", thousands(twoDigits(weekly)))
	switch weeks := 1 / (p * weekly); {
	case weeks < 2:
		return head + "about every week."
	case weeks < 9:
		return head + fmt.Sprintf("about every %s weeks.", amount(math.Round(weeks)))
	case weeks < 104:
		return head + fmt.Sprintf("about every %s months.", amount(math.Round(weeks/4.345)))
	case weeks < 5200:
		return head + fmt.Sprintf("about every %s years.", amount(twoDigits(weeks/52.18)))
	}
	return head + "less than once in a hundred years."
}

func (f *alertFacts) severityWords() string {
	a := &f.Alert
	own := detectionOf(a.Detection).Severity
	self, _ := f.Evidence.Details["to_himself"].(bool)
	gap, _ := f.Evidence.Details["gap_days"].(float64)
	switch {
	case own == "" || own == a.Severity:
		return fmt.Sprintf("%s, as every alert of this kind: it stands for how bad it would be, not for how sure it is", a.Severity)
	case self:
		return fmt.Sprintf("%s: alerts of this kind are %s, but here the operator's own account was raised", a.Severity, own)
	case gap > 0:
		return fmt.Sprintf("%s: alerts of this kind are %s, but here the silence was very long", a.Severity, own)
	}
	return fmt.Sprintf("%s: alerts of this kind are %s, but what this one holds weighs differently", a.Severity, own)
}

// around lists what else was found on the users, in order of time. Behaviors that the alert holds, or that became one of the other alerts, are not told twice.
func (f *alertFacts) around() []neighbour {
	told := map[string]bool{f.Alert.ID: true}
	for _, b := range f.related() {
		told[b.ID] = true
	}
	var out []neighbour
	for _, b := range f.Alerts {
		told[b.ID] = true
		out = append(out, neighbour{Kind: "alert", ID: b.ID, Day: b.Start.Format(time.DateOnly), User: b.User, Title: b.Title, Severity: b.Severity, Status: b.Status,
			Summary: withoutUser(b.Summary, b.User), Days: 1})
	}
	type kind struct{ detection, user string }
	first := map[kind]int{}
	for _, b := range f.Findings {
		sameDays := b.Detection == f.Alert.Detection && b.User == f.Alert.User && b.Start.Before(f.Alert.End) && b.End.After(f.Alert.Start)
		if told[b.ID] || sameDays {
			continue
		}
		k := kind{b.Detection, b.User}
		if i, ok := first[k]; ok {
			out[i].Days++
			continue
		}
		first[k] = len(out)
		out = append(out, neighbour{Kind: "behavior", ID: b.ID, Day: b.End.Add(-time.Nanosecond).Format(time.DateOnly), User: b.User, Title: b.Title,
			Summary: withoutUser(b.Summary, b.User), Days: 1})
	}
	slices.SortStableFunc(out, func(a, b neighbour) int { return cmp.Compare(a.Day, b.Day) })
	return out
}

// chart picks the number that tells most of the alert, for every day around it.
func (f *alertFacts) chart() chart {
	key := func(t time.Time) string { return t.Format(time.DateOnly) }
	c := chart{Zero: "active, but none of it"}
	value := func(day string) float64 { return f.Counts["sign_ins"][day] + f.Counts["operations"][day] }
	contributions := slices.Clone(f.Evidence.Contributions)
	for _, b := range f.related() {
		if f.Evidence.addsUp() {
			break // of different days and kinds: none of them tells the week
		}
		contributions = append(contributions, readEvidence(b.Evidence).Contributions...)
	}
	volume := slices.IndexFunc(contributions, func(c contribution) bool { return behaviourUnit(c.Name) != "" })
	switch {
	case len(f.Prefix) > 0:
		c.Title = fmt.Sprintf("Accounts that signed in from %v, by UTC day", f.Evidence.Details["prefix"])
		c.Unit, c.Zero = "accounts", "none"
		value = func(day string) float64 { return f.Prefix[day] }
	case slices.ContainsFunc(contributions, func(c contribution) bool { return c.Part != nil }):
		c.Title, c.Unit, c.Zero = "How much each day looks like another person's: the score of each UTC day", "score", "active, and like the user (score 0 or below)"
		value = func(day string) float64 { return f.Days[day].Score }
	case volume >= 0:
		b := contributions[volume]
		c.Unit, c.Expected, c.Lower, c.Upper = behaviourUnit(b.Name), b.Expected, b.Lower, b.Upper
		c.Title = capital(c.Unit) + ", by UTC day"
		value = func(day string) float64 { return f.Counts[b.Name][day] }
	default:
		c.Title, c.Unit = "Sign-ins and operations, by UTC day", "sign-ins and operations"
	}
	from, to := f.span()
	windowFrom := key(f.Alert.Start)
	windowTo := key(f.Alert.End.Add(-time.Nanosecond))
	for t := from; !t.After(to); t = t.AddDate(0, 0, 1) {
		day := chartDay{Day: key(t), State: dayAway}
		_, active := f.Days[day.Day]
		inside := !f.FirstDay.IsZero() && !t.Before(f.FirstDay) && !t.After(f.LastDay)
		switch {
		case active || f.Alert.User == "" && inside:
			day.State, day.Value = dayActive, known(value(day.Day))
		case !inside:
			day.State = dayNoData
		}
		day.Marked = t.Equal(f.Day)
		day.Window = day.Day >= windowFrom && day.Day <= windowTo
		c.Days = append(c.Days, day)
	}
	c.Words = c.words(f.Alert.User != "")
	return c
}

// words compares the marked day with the days before it that are no part of the alert.
func (c chart) words(ofUser bool) []string {
	var active, away, covered int64
	most, today := math.Inf(-1), (*float64)(nil)
	for _, d := range c.Days {
		if d.Marked {
			today = d.Value
			break
		}
		switch {
		case d.Window && d.State == dayActive:
			covered++
		case d.State == dayActive:
			active++
			if d.Value != nil {
				most = math.Max(most, *d.Value)
			}
		case d.State == dayAway:
			away++
		}
	}
	if today == nil {
		return nil
	}
	name := c.Unit
	if active == 0 {
		return []string{fmt.Sprintf("%s: %s on the day of the evidence. Nothing to compare with: no active day in the %d days before.", capital(name), amount(*today), daysBefore)}
	}
	s := fmt.Sprintf("%s: %s on the day of the evidence; %s on the %s before it that the chart shows", capital(name), amount(*today),
		pick(most == 0, "none", "at most "+amount(most)), countWords(active, pick(ofUser, "active day", "day"), pick(ofUser, "active days", "days")))
	if covered > 0 {
		s += ", leaving out the other days of the alert"
	}
	if away > 0 {
		s += fmt.Sprintf(" (%s away %s not counted)", countWords(away, "day", "days"), pick(away == 1, "is", "are"))
	}
	return []string{s + "."}
}

// setAlert begins a command line that says what an alert was.
const setAlert = "zoomward alerts set "

// commands are command lines that take an analyst further.
func (f *alertFacts) commands(database string, call again) []commandLine {
	a := &f.Alert
	set := call.as + setAlert + a.ID + call.flags + " --status "
	out := []commandLine{
		{"somebody looks at it", set + "in_progress"},
		{"it happened, and was harmless", set + `benign --note "why"`},
		{"there was nothing in it", set + `false_positive --note "why"`},
		{"it was an incident", set + `true_positive --note "what was done"`},
	}
	from, to := a.Start.AddDate(0, 0, -1).UTC().Format(time.DateOnly), a.End.AddDate(0, 0, 1).UTC().Format(time.DateOnly)
	between := fmt.Sprintf("occurred_at BETWEEN '%s' AND '%s' ORDER BY occurred_at", from, to)
	query := func(to, sql string) {
		out = append(out, commandLine{to, "duckdb -readonly " + shellQuote(database) + " " + shellText(sql)})
	}
	if prefix, ok := f.Evidence.Details["prefix"].(string); ok && a.User == "" {
		query("see every sign-in from there", "SELECT occurred_at, user_email, ip_address, client_type FROM activities WHERE ip_prefix = "+sqlText(prefix)+" AND "+between)
	}
	if a.User != "" {
		query("see every sign-in of those days", "SELECT occurred_at, kind, ip_address, city, country_code, as_org, client_type FROM activities WHERE user_email = "+sqlText(a.User)+" AND "+between)
		query("see every operation of those days", "SELECT occurred_at, category, action, detail FROM operations WHERE operator = "+sqlText(a.User)+" AND "+between)
	}
	return out
}

// sqlText writes text as an SQL literal.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// shellText quotes a statement for a shell: in double quotes where it holds nothing that they leave alive, which reads better around SQL.
func shellText(s string) string {
	if strings.ContainsAny(s, "$`\"\\!") {
		return shellQuote(s)
	}
	return `"` + s + `"`
}
