package models

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A decision picks the alerts of one day.
type decision struct {
	e          *engine
	r          *dayResult
	day        int64
	population int
	open       []raised
	spending   Budget
	byUser     map[string][]int // findings
}

// decide picks the alerts of a day: rules by their own bar; statistical findings through the false discovery rate over the day's users and the weekly budget;
// then combinations of findings. Sensitivity, exclusions and what was dismissed are settled before.
func (e *engine) decide(r *dayResult) {
	s := r.scene
	c := &decision{e: e, r: r, day: s.day.Number, population: max(s.people.Active(), len(s.day.Users)), spending: e.Spending, byUser: map[string][]int{}}
	c.open = slices.DeleteFunc(slices.Clone(e.Open), func(o raised) bool { return c.day-o.LastDay > cmp.Or(o.Finding.Detection.Absorb, absorbDays) })
	c.spending.fill(c.day, c.population)
	c.settle()
	c.correlate()
	c.rules()
	tested := c.statistics()
	for i := range r.findings {
		f := r.findings[i]
		if bar := f.Detection.ownBar; bar > 0 && max(f.P, f.easedP) > bar*f.weight {
			continue
		}
		if f.Detection.Kind == "sequential" && f.Alert {
			u := bounded
			// What goes on, is grave, or is rare beyond doubt, must not wait for ever behind other alerts.
			if f.Detection.urgent || !f.Detection.set && f.Score >= 2*driftAlert || f.Detection.question == whoQuestion && f.P <= strangeUrgent {
				u = urgent
			}
			c.tell(f, u)
		}
	}
	c.combinations()
	c.accumulate()
	maps.DeleteFunc(r.withheld, func(_ string, w wait) bool { return r.alerted[w.Email] }) // a person looks at that user and day anyway
	r.open, r.spending, r.tested = c.open, c.spending, tested
}

// settle moves every finding by sensitivity, exclusions and suppressions.
func (c *decision) settle() {
	learning := map[string]bool{}
	for i, j := range c.r.scene.judged {
		if j.learning {
			learning[c.r.scene.day.Users[i].Email] = true
		}
	}
	for k := range c.r.findings {
		f := &c.r.findings[k]
		c.byUser[f.Email] = append(c.byUser[f.Email], k)
		c.e.policy.settle(f, learning[f.Email])
		c.e.feedback.suppress(f, c.day, c.open)
	}
	for _, mine := range c.byUser {
		suppressContained(c.r.findings, mine)
	}
}

// thing names what a detection is of: its id, or that of the detection whose alerts are of the same.
func (d *Detection) thing() string { return cmp.Or(d.Of, d.ID) }

// raise makes a finding an alert, or part of an open one of its kind. It returns false when the budget does not allow it.
func (c *decision) raise(f Finding, u urgency) bool {
	c.expose(&f)
	said := c.e.feedback
	for k := range c.open {
		o := &c.open[k]
		same := o.Finding.Detection.thing() == f.Detection.thing() && o.Finding.Email == f.Email && (f.Detection.Kind != "rule" || o.Finding.Key == f.Key && !tellsNew(&f, &o.Finding))
		if same && said.takesIn(o.ID, &f, c.day) {
			o.Finding.absorb(f)
			o.LastDay = c.day
			if severityRank(f.severity()) > severityRank(o.Severity) { // it got worse, and its story may be this day's
				o.Severity = f.severity()
			}
			c.r.alerts = append(c.r.alerts, *o)
			c.r.mark(f, said.harmless(o.ID))
			return true
		}
	}
	for k := range c.open {
		o := &c.open[k]
		if o.Finding.Email != f.Email || !kin(&o.Finding, &f) || severityRank(f.severity()) > severityRank(o.Severity) || !said.takesIn(o.ID, &f, c.day) {
			continue
		}
		o.Finding.add(f)
		o.Finding.End, o.LastDay = maxTime(o.Finding.End, f.End), c.day
		c.r.alerts = append(c.r.alerts, *o)
		c.r.mark(f, said.harmless(o.ID))
		return true
	}
	w := wait{c.day, f.Detection.thing(), f.Email}
	if u == bounded && c.e.waited(w) {
		u = urgent
	}
	if !c.spending.spend(u, c.population) {
		c.r.withheld[f.id()] = w
		return false
	}
	o := raised{Finding: f, ID: f.id(), Day: c.day, LastDay: c.day, Severity: f.severity()}
	c.open = append(c.open, o)
	c.r.alerts = append(c.r.alerts, o)
	c.r.mark(f, said.harmless(o.ID))
	return true
}

// tell raises a finding, or makes it part of the alert on its user that the day has already, which becomes as grave: a person looks there anyway. What was done by the dozen and is
// graver is an alert of its own, lest it be read under the title of something small; the budget permitting.
func (c *decision) tell(f Finding, u urgency) {
	if !c.r.alerted[f.Email] {
		c.raise(f, u)
		return
	}
	gravest := -1 // of the alerts that name the user
	for k := range c.r.alerts {
		a := &c.r.alerts[k]
		if a.Finding.Email != f.Email && !slices.Contains(a.Finding.Named, f.Email) {
			continue
		}
		if gravest < 0 || severityRank(a.Severity) > severityRank(c.r.alerts[gravest].Severity) {
			gravest = k
		}
	}
	if gravest < 0 {
		return
	}
	graver := severityRank(f.severity()) > severityRank(c.r.alerts[gravest].Severity)
	if graver && f.Detection.question == muchQuestion && c.raise(f, u) {
		return
	}
	a := c.r.alerts[gravest]
	if a.Finding.Detection.thing() == f.Detection.thing() {
		return // the same in other words
	}
	a.Finding.add(f)
	if graver {
		a.Severity = f.severity()
	}
	for _, list := range [][]raised{c.r.alerts, c.open} {
		for k := range list {
			if list[k].ID == a.ID {
				list[k] = a
			}
		}
	}
}

// What the budget holds back on patience days of a week waits no longer: what goes on that long is no accident of one day.
const (
	patience     = 3
	patienceDays = 7
)

// waited reports whether the patience with a finding is over.
func (e *engine) waited(w wait) bool {
	days := 1
	for _, x := range e.Waiting {
		if x.Thing == w.Thing && x.Email == w.Email && w.Day-x.Day < patienceDays {
			days++
		}
	}
	return days >= patience
}

// keepWaiting notes what a day that is over held back, each thing of a user once, and forgets what is too old to matter.
func (e *engine) keepWaiting(day int64, withheld map[string]wait) {
	today := slices.SortedFunc(maps.Values(withheld), func(a, b wait) int { return cmp.Or(cmp.Compare(a.Thing, b.Thing), cmp.Compare(a.Email, b.Email)) })
	e.Waiting = append(slices.DeleteFunc(e.Waiting, func(x wait) bool { return day+1-x.Day >= patienceDays }), slices.Compact(today)...)
}

// kin says whether two findings on a user are about too much of the same: the one of what creeps up and the other of a day of it, or the one of all operations and the other of some. An alert of the
// one takes in the other, unless that is graver.
func kin(a, b *Finding) bool {
	x, y := volumeDetectionOf(a), volumeDetectionOf(b)
	return x != "" && y != "" && (x == y || slices.Contains(contains[x], y) || slices.Contains(contains[y], x))
}

// volumeDetectionOf returns the detection of volumes that counts what a finding counts, "" for a finding on something else.
func volumeDetectionOf(f *Finding) string {
	switch {
	case f.Detection.question == muchQuestion:
		return f.Detection.ID
	case f.Detection.ID == driftID:
		for _, r := range volumeRules {
			if r.behaviour == f.Key {
				return r.detection.ID
			}
		}
	}
	return ""
}

// tellsNew says whether a finding is about something in particular that another one does not have.
func tellsNew(f, other *Finding) bool {
	parts := particulars(f)
	return len(parts) > 0 && !within(parts, particulars(other))
}

// rules raises the alerts that need no statistics. Of several rules that fire on one user and day the gravest is the alert, the others its evidence.
func (c *decision) rules() {
	findings := c.r.findings
	fired := map[string][]int{} // by user
	var order []string
	for k := range findings {
		f := &findings[k]
		if f.Detection.Kind != "rule" || !f.Alert {
			continue
		}
		key := f.Email
		if key == "" { // about no single user: an alert of its own
			key = f.Detection.ID + f.Key
		}
		if fired[key] == nil {
			order = append(order, key)
		}
		fired[key] = append(fired[key], k)
	}
	for _, key := range order {
		list := fired[key]
		// Of equally grave ones that which ties others together tells most.
		ties := func(k int) int {
			if findings[k].Detection.Group == "Combination" {
				return 1
			}
			return 0
		}
		slices.SortStableFunc(list, func(a, b int) int {
			return cmp.Or(cmp.Compare(severityRank(findings[b].severity()), severityRank(findings[a].severity())), cmp.Compare(ties(b), ties(a)))
		})
		f := findings[list[0]]
		for _, k := range list[1:] {
			f.add(findings[k])
		}
		c.raise(f, forced)
	}
}

// statistics raises the user-days that the false discovery rate lets stand out. It returns the joint p-values of the user-days that were judged.
func (c *decision) statistics() []float64 {
	s := c.r.scene
	var tested []int
	var today []float64
	for i, j := range s.judged {
		if !j.learning {
			tested = append(tested, i)
			today = append(today, j.decided)
		}
	}
	// The false discovery rate holds over a week: a day of few users must not lower the bar.
	ps := slices.Clone(today)
	for _, d := range c.e.Week {
		if d.Day > c.day-7 {
			ps = append(ps, d.P...)
		}
	}
	q := c.e.config.FDR
	// What is not rejected lies above the bar, also where nothing is rejected; only a high sensitivity reaches beyond.
	bar := q * float64(max(len(BenjaminiHochberg(ps, q)), 1)) / float64(max(len(ps), 1))
	order := make([]int, len(today))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(today[a], today[b]) })
	for _, k := range order {
		if today[k] > bar*SensitivityHigh.weight() {
			break
		}
		best := c.answer(s.judged[tested[k]], s.day.Users[tested[k]].Email, bar)
		if best < 0 {
			continue
		}
		// Strong enough to be rejected among all the user-days of a month: it must not be lost to earlier, weaker ones.
		u := bounded
		if today[k] <= q/float64(4*len(ps)) {
			u = urgent
		}
		c.tell(c.r.findings[best], u)
	}
	return today
}

// answer returns the finding that tells of a user-day that stands out, -1 for none. It answers the question that was the stranger, in the words of the first detection of
// the catalogue that does: the particular stand before the general. It must itself be rare enough, as the day's least p may belong to something below every
// detection's floor.
func (c *decision) answer(j judged, email string, bar float64) int {
	stranger := muchQuestion
	if j.identityP < j.volumeP {
		stranger = whoQuestion
	}
	best := -1
	for _, k := range c.byUser[email] {
		x := &c.r.findings[k]
		if !x.Alert || x.Detection.question == noQuestion || max(x.P, x.easedP, j.decided) > bar*x.weight {
			continue
		}
		if best < 0 || x.Detection.question == stranger && c.r.findings[best].Detection.question != stranger {
			best = k
		}
	}
	return best
}

// combinations raises user-days with several findings.
func (c *decision) combinations() {
	s := c.r.scene
	if c.e.policy.off(combination.ID) {
		return
	}
	for i := range s.day.Users {
		u := &s.day.Users[i]
		if c.r.alerted[u.Email] {
			continue
		}
		f, ok := combine(s, u, c.r.findings, c.byUser[u.Email])
		if !ok {
			continue
		}
		c.e.policy.settle(&f, s.judged[i].learning)
		c.e.feedback.suppress(&f, c.day, c.open)
		c.r.findings = append(c.r.findings, f)
		if f.Alert {
			c.raise(f, bounded)
		}
	}
}

// mark notes whom an alert names; harmless says that a person closed it so that the day may be learnt.
func (r *dayResult) mark(f Finding, harmless bool) {
	for _, email := range append([]string{f.Email}, f.Named...) {
		if email != "" {
			r.alerted[email] = true
			r.held[email] = r.held[email] || !harmless
		}
	}
}

// absorb extends an alert by a later finding of its kind.
func (f *Finding) absorb(g Finding) {
	f.End = maxTime(f.End, g.End)
	f.Last = maxTime(f.Last, g.Last)
	if g.Score > f.Score { // the strongest day tells the story
		f.Score, f.P, f.Observed, f.Expected, f.Summary, f.Evidence = g.Score, g.P, g.Observed, g.Expected, g.Summary, g.Evidence
	}
}

// add makes another finding on the same user and day part of an alert. What the finding has of its own stays as it is: days may be scored again from it.
func (f *Finding) add(g Finding) {
	also := " Also: " + g.Detection.Title + "."
	if strings.Contains(f.Summary, also) { // of an earlier day of the alert
		return
	}
	f.Summary += also
	if !slices.ContainsFunc(f.Evidence.Contributions, func(c Contribution) bool { return c.Name == g.Detection.ID }) { // a sequence has its findings already
		f.Evidence.Contributions = append(slices.Clip(f.Evidence.Contributions), Contribution{Name: g.Detection.ID, Observed: g.Summary})
	}
	f.Evidence.Events = slices.Clip(f.Evidence.Events)
	for _, e := range g.Evidence.Events {
		if len(f.Evidence.Events) < maxEvents && !slices.Contains(f.Evidence.Events, e) {
			f.Evidence.Events = append(f.Evidence.Events, e)
		}
	}
	f.First, f.Last = minTime(f.First, g.First), maxTime(f.Last, g.Last)
}

// release lets the days be learnt whose alerts are all closed as harmless, even where the identity alone would keep them out.
func (e *engine) release(r *dayResult) {
	users := r.scene.day.Users
	for i := range users {
		if email := users[i].Email; r.alerted[email] && !r.held[email] {
			r.gated[i] = false
			e.Identity.account(email).Streak = 0
		}
	}
}
