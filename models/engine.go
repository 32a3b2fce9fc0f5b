package models

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/zoomward/zoomward/features"
)

// absorbDays is how long an alert takes in further findings of the same kind about the same user instead of a new alert being raised.
const absorbDays = 3

// engine is the models' side of the fold: what the scoring remembers from day to day.
type engine struct {
	Identity     *Identity
	IdentityPast Calibrator
	VolumePast   Calibrator
	DriftPast    Calibrator
	Correction   Correction
	Spending     Budget
	Open         []raised // alerts that may still take in findings
	Week         []testedDay

	config Config
}

// testedDay keeps the p-values of a day of the last week.
type testedDay struct {
	Day int64
	P   []float64
}

// raised is an alert and the last day that it rests on.
type raised struct {
	Finding  Finding
	ID       string
	Day      int64 // that raised it
	LastDay  int64
	Severity string
}

func newEngine(c Config) *engine {
	all := make([]features.Channel, features.Channels)
	for i := range all {
		all[i] = features.Channel(i)
	}
	id := NewIdentity(all...)
	id.Familiar = true
	return &engine{Identity: id, config: c, Spending: Budget{PerThousandUsersWeek: c.BudgetPerThousandUsersWeek}}
}

// GobEncode writes a detection as its id.
func (d *Detection) GobEncode() ([]byte, error) { return []byte(d.ID), nil }

// GobDecode finds the detection of that id again; one that is in the catalogue no more keeps its id alone.
func (d *Detection) GobDecode(raw []byte) error {
	for i := range Catalogue {
		if Catalogue[i].ID == string(raw) {
			*d = Catalogue[i]
			return nil
		}
	}
	d.ID = string(raw)
	return nil
}

func (e *engine) encode() ([]byte, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(e); err != nil {
		return nil, fmt.Errorf("encode state of the models: %w", err)
	}
	return b.Bytes(), nil
}

func decodeEngine(raw []byte, c Config) (*engine, error) {
	e := newEngine(c)
	if err := gob.NewDecoder(bytes.NewReader(raw)).Decode(e); err != nil {
		return nil, fmt.Errorf("decode state of the models: %w", err)
	}
	return e, nil
}

// dayResult is what scoring a day leaves behind.
type dayResult struct {
	scene    *scene
	findings []Finding
	alerts   []raised // raised or extended on this day
	alerted  map[string]bool
	gated    []bool
	open     []raised // what the engine takes over when the day is closed
	spending Budget
	tested   []float64 // joint p-values of the day's user-days that were judged
}

// score judges a day from the state of the evening before. It changes nothing that a later day depends on, so that the day under way can be scored as it stands.
func (e *engine) score(st *features.State, d *features.Day, people *Directory) *dayResult {
	st.CountOwners()
	for i := range d.Users {
		st.Tokenise(&d.Users[i])
	}
	e.Identity.Fit()
	e.IdentityPast.prepare()
	e.VolumePast.prepare()
	e.DriftPast.prepare()
	s := &scene{day: d, state: st, people: people, id: e.Identity, config: e.config, pastIdentity: e.IdentityPast.Len(), pastDrift: e.DriftPast.Len()}
	s.priors = st.Priors(people.Peers)
	s.usual = st.Predictions(d, s.priors)
	s.expectBusyDays()
	s.identity = e.Identity.Score(st, d)
	e.judge(s)
	r := &dayResult{scene: s, alerted: map[string]bool{}}
	for i := range Catalogue {
		if Catalogue[i].find == nil {
			continue
		}
		for _, f := range Catalogue[i].find(s) {
			f.Detection = &Catalogue[i]
			r.findings = append(r.findings, f)
		}
	}
	e.decide(r)
	return r
}

// decide picks the alerts of a day: rules by their own bar; statistical findings through the false discovery rate over the day's users and the weekly budget;
// then combinations of findings.
func (e *engine) decide(r *dayResult) {
	s := r.scene
	day := s.day.Number
	open := slices.DeleteFunc(slices.Clone(e.Open), func(o raised) bool { return day-o.LastDay > cmp.Or(o.Finding.Detection.Absorb, absorbDays) })
	spending := e.Spending
	population := max(s.people.Active(), len(s.day.Users))
	spending.fill(day, population)

	raise := func(f Finding, u urgency) bool {
		for k := range open {
			o := &open[k]
			if o.Finding.Detection.ID == f.Detection.ID && o.Finding.Email == f.Email && (o.Finding.Key == f.Key || f.Detection.Kind != "rule") {
				o.Finding.absorb(f)
				o.LastDay = day
				r.alerts = append(r.alerts, *o)
				r.mark(f)
				return true
			}
		}
		if !spending.spend(u, population) {
			return false
		}
		o := raised{Finding: f, ID: f.id(), Day: day, LastDay: day, Severity: f.severity()}
		open = append(open, o)
		r.alerts = append(r.alerts, o)
		r.mark(f)
		return true
	}

	byUser := map[string][]int{}
	rules := map[string][]int{} // rule findings that are alerts, by user
	var ruled []string
	for k := range r.findings {
		f := &r.findings[k]
		byUser[f.Email] = append(byUser[f.Email], k)
		if f.Detection.Kind == "rule" && f.Detection.Class == Alert && f.Alert {
			key := f.Email
			if key == "" { // about no single user: an alert of its own
				key = f.Detection.ID + f.Key
			}
			if rules[key] == nil {
				ruled = append(ruled, key)
			}
			rules[key] = append(rules[key], k)
		}
	}
	// Of several rules that fire on one user and day the gravest is the alert, the others its evidence.
	for _, key := range ruled {
		list := rules[key]
		slices.SortStableFunc(list, func(a, b int) int {
			return cmp.Compare(severityRank(r.findings[b].severity()), severityRank(r.findings[a].severity()))
		})
		f := r.findings[list[0]]
		for _, k := range list[1:] {
			g := &r.findings[k]
			f.Evidence.Contributions = append(f.Evidence.Contributions, Contribution{Name: g.Detection.ID, Observed: g.Summary})
			f.First, f.Last = minTime(f.First, g.First), maxTime(f.Last, g.Last)
			f.Summary += " Also: " + g.Detection.Title + "."
		}
		raise(f, forced)
	}

	var tested []int
	var today []float64
	for i, j := range s.judged {
		if !j.learning {
			tested = append(tested, i)
			today = append(today, j.joint)
		}
	}
	// The false discovery rate holds over a week: a day of few users must not lower the bar.
	ps := slices.Clone(today)
	for _, d := range e.Week {
		if d.Day > day-7 {
			ps = append(ps, d.P...)
		}
	}
	rejected := BenjaminiHochberg(ps, e.config.FDR)
	bar := e.config.FDR * float64(len(rejected)) / float64(max(len(ps), 1))
	for _, k := range rejected {
		if k >= len(today) {
			continue // decided on its own day
		}
		email := s.day.Users[tested[k]].Email
		if r.alerted[email] {
			continue // a person looks at this user and day already
		}
		// The alert answers the question that was the stranger, in the words of the first detection of the catalogue that does: the particular stand before the
		// general. It must itself be rare enough, as the day's least p may belong to something below every detection's floor.
		j := s.judged[tested[k]]
		stranger := muchQuestion
		if j.identityP < j.volumeP {
			stranger = whoQuestion
		}
		best := -1
		for _, f := range byUser[email] {
			x := &r.findings[f]
			if !x.Alert || x.Detection.question == noQuestion || x.P > bar {
				continue
			}
			if best < 0 || x.Detection.question == stranger && r.findings[best].Detection.question != stranger {
				best = f
			}
		}
		if best >= 0 {
			// Strong enough to be rejected among all the user-days of a month: it must not be lost to earlier, weaker ones.
			u := bounded
			if ps[k] <= e.config.FDR/float64(4*len(ps)) {
				u = urgent
			}
			raise(r.findings[best], u)
		}
	}

	for i := range r.findings {
		if f := r.findings[i]; f.Detection.Kind == "sequential" && f.Alert && !r.alerted[f.Email] {
			u := bounded
			if f.Score >= 2*driftAlert { // it goes on: it must not wait for ever behind other alerts
				u = urgent
			}
			raise(f, u)
		}
	}

	for i := range s.day.Users {
		email := s.day.Users[i].Email
		if r.alerted[email] {
			continue
		}
		if f, ok := combine(s, &s.day.Users[i], r.findings, byUser[email]); ok {
			r.findings = append(r.findings, f)
			raise(f, bounded)
		}
	}
	r.open, r.spending, r.tested = open, spending, today
}

// mark notes whom an alert names.
func (r *dayResult) mark(f Finding) {
	if f.Email != "" {
		r.alerted[f.Email] = true
	}
	for _, email := range f.Named {
		r.alerted[email] = true
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

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

const (
	combineFindings = 3
	combineGroups   = 2
)

// combine reports a user-day with several findings.
func combine(s *scene, u *features.UserDay, findings []Finding, mine []int) (Finding, bool) {
	ids, groups := map[string]bool{}, map[string]bool{}
	var parts []Contribution
	var words []string
	for _, k := range mine {
		f := &findings[k]
		if f.P > reportP || ids[f.Detection.ID] {
			continue
		}
		group := f.Detection.Group
		if group == "Identity" {
			group = "Location" // whoever is somewhere new looks unlike himself: no second kind of finding
		}
		ids[f.Detection.ID], groups[group] = true, true
		c := Contribution{Name: f.Detection.ID, Observed: f.Observed}
		if math.IsNaN(f.Observed) {
			c.Observed = nil
		}
		if !math.IsNaN(f.P) {
			c.P = ptr(f.P)
		}
		parts = append(parts, c)
		words = append(words, f.Detection.Title)
	}
	if len(ids) < combineFindings || len(groups) < combineGroups {
		return Finding{}, false
	}
	f := s.finding(u)
	f.Detection = combination
	f.Observed, f.Unit, f.Score, f.Alert = float64(len(ids)), "findings", float64(len(ids)), true
	f.Evidence.Contributions = parts
	f.Evidence.Events = s.notes(s.rows(u, func(*features.Rows, int) bool { return true }))
	f.Summary = fmt.Sprintf("%s: %d findings on one day: %s.", u.Email, len(ids), joinWords(words))
	return f, true
}

func joinWords(w []string) string {
	var b bytes.Buffer
	for i, s := range w {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(s)
	}
	return b.String()
}

// settledDays is how many earlier active days a user has before his volumes join the past that others are ranked in.
const settledDays = 7

// close ends a day that is over: what alerted or looks like somebody else is gated, the rest teaches the models and the state.
func (e *engine) close(st *features.State, r *dayResult) {
	s := r.scene
	d := s.day
	e.Open, e.Spending = r.open, r.spending
	e.Week = append(slices.DeleteFunc(e.Week, func(w testedDay) bool { return w.Day <= d.Number-7 }), testedDay{d.Number, r.tested})
	r.gated = e.Identity.Gate(st, d, s.identity, func(i int) bool { return r.alerted[d.Users[i].Email] })
	var scores, volumes, drifts, joints []float64
	for i, j := range s.judged {
		if j.ready && !r.alerted[d.Users[i].Email] { // what a person is to look at is no sign that the others' p-values are off
			joints = append(joints, j.joint)
		}
		if !j.learning {
			e.IdentityPast.observe(j.identityP)
			e.VolumePast.observe(j.volumeP)
			e.DriftPast.observe(j.driftP)
		}
		if email := d.Users[i].Email; r.alerted[email] || st.Account(email).Days < e.config.LearningDays {
			continue
		}
		if e.Identity.Model != nil { // scores before the first model are on another scale
			scores = append(scores, s.identity[i].Score)
		}
		drifts = append(drifts, j.drift)
		if st.Account(d.Users[i].Email).Days >= settledDays { // before, what is usual is not known yet
			volumes = append(volumes, j.volume)
		}
	}
	e.Correction.learn(d.Weekday(), joints)
	e.IdentityPast.learn(d.Number, scores)
	e.VolumePast.learn(d.Number, volumes)
	e.DriftPast.learn(d.Number, drifts)
	e.Identity.Close(st, d, s.identity, r.gated, hashedPicker(d))
	gated := make(map[string]bool, 8)
	for i, g := range r.gated {
		if g {
			gated[d.Users[i].Email] = true
		}
	}
	st.Learn(d, s.usual, s.priors, func(email string) bool { return gated[email] })
}

// bySeverity orders alerts for a reader: worst first.
func bySeverity(a, b raised) int {
	return cmp.Or(cmp.Compare(severityRank(b.Severity), severityRank(a.Severity)), a.Finding.Start.Compare(b.Finding.Start), cmp.Compare(a.ID, b.ID))
}

func severityRank(s string) int {
	return slices.Index([]string{"info", "low", "medium", "high", "critical"}, s)
}
