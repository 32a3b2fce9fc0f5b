package models

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"maps"
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
	ShapePast    Calibrator
	Shape        Shape
	Correction   Correction
	Spending     Budget
	Open         []raised // alerts that may still take in findings
	Week         []testedDay
	Traces       []trace // findings of late
	Waiting      []wait  // what the budget held back in the last week

	config   Config
	policy   *policy   // of the config, for the people of the fold
	feedback *feedback // what people said of alerts; nil for nothing
	exposure *exposure // what the settings asked of who signs in; nil for not known
	warnings []string
}

// testedDay keeps the p-values of a day of the last week.
type testedDay struct {
	Day int64
	P   []float64
}

// wait is that a detection's finding on a user was withheld on a day.
type wait struct {
	Day          int64
	Thing, Email string
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
	return &engine{Identity: newProductIdentity(), config: c, Spending: Budget{PerThousandUsersWeek: c.BudgetPerThousandUsersWeek}}
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

// warn notes what whoever runs the fold should know, once.
func (e *engine) warn(text string) {
	if !slices.Contains(e.warnings, text) {
		e.warnings = append(e.warnings, text)
	}
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
	held     map[string]bool // of those, who are not to be learnt: an alert on them is not closed as harmless
	withheld map[string]wait // by id: findings that are no alerts as the budget is used up, where nothing else is one on their user
	gated    []bool
	open     []raised // what the engine takes over when the day is closed
	spending Budget
	tested   []float64 // joint p-values of the day's user-days that were judged
	traces   []trace
}

// score judges a day from the state of the evening before; sets is what the statements found on it. It changes nothing that a later day depends on, so that the day under way can be scored as it stands.
func (e *engine) score(st *features.State, d *features.Day, people *Directory, sets []Finding, stages *Stages) (*dayResult, error) {
	start := time.Now()
	st.Tokenise(d.Users)
	start = lap(&stages.Features, start)
	st.Regroup(d.Number, func(email string) bool { return people.Peers(email) != "" })
	groupOf := st.GroupOf(people.Peers)
	e.Identity.GroupBy(groupOf)
	e.Identity.Fit()
	e.IdentityPast.prepare()
	e.VolumePast.prepare()
	e.DriftPast.prepare()
	e.ShapePast.prepare()
	if err := e.Shape.prepare(d.Number); err != nil { // days go on being judged by the rest
		e.warn(err.Error())
	}
	if e.policy == nil {
		e.policy = newPolicy(e.config, people)
	}
	s := &scene{day: d, state: st, people: people, id: e.Identity, config: e.config, policy: e.policy, pastIdentity: e.IdentityPast.Len(), pastDrift: e.DriftPast.Len()}
	start = lap(&stages.Score, start)
	s.priors = st.Priors(groupOf)
	s.predict = st.Predictions(d, s.priors)
	start = lap(&stages.Features, start)
	s.countBusyDay()
	s.identity = e.Identity.Score(st, d)
	if err := e.judge(s); err != nil {
		return nil, err
	}
	s.readChanges()
	r := &dayResult{scene: s, alerted: map[string]bool{}, held: map[string]bool{}, withheld: map[string]wait{}}
	found := make([][]Finding, len(Catalogue))
	features.ParallelEach(len(Catalogue), func(i int) {
		if Catalogue[i].find != nil && !s.policy.off(Catalogue[i].ID) {
			own := *s
			own.looking = Catalogue[i].ID
			found[i] = Catalogue[i].find(&own)
		}
	})
	for i, list := range found {
		for _, f := range list {
			f.Detection = &Catalogue[i]
			f.nameIndicators(people)
			r.findings = append(r.findings, f)
		}
	}
	r.findings = append(r.findings, sets...)
	e.decide(r)
	lap(&stages.Score, start)
	return r, nil
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
	rows := map[string]map[string]bool{} // by group: what the findings counted rest on
	var parts []Contribution
	var words []string
	for _, k := range mine {
		f := &findings[k]
		if f.P > reportP || f.muted || f.Detection.Hint || ids[f.Detection.ID] {
			continue
		}
		group := evidenceGroup(f.Detection.Group)
		if rows[group] == nil {
			rows[group] = map[string]bool{}
		}
		// Two rules of a kind about the same rows are one finding; a place new to the organisation says more than one new to the user.
		if old := len(rows[group]); math.IsNaN(f.P) && group != "Location" && len(f.Evidence.Events) > 0 {
			for _, e := range f.Evidence.Events {
				rows[group][e.ID] = true
			}
			if len(rows[group]) == old {
				continue
			}
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
func (e *engine) close(st *features.State, r *dayResult, stages *Stages) {
	start := time.Now()
	s := r.scene
	d := s.day
	e.Open, e.Spending = r.open, r.spending
	e.Week = append(slices.DeleteFunc(e.Week, func(w testedDay) bool { return w.Day <= d.Number-7 }), testedDay{d.Number, r.tested})
	e.keepTraces(d.Number, r.traces, r.alerted)
	e.keepWaiting(d.Number, r.withheld)
	shut := maps.Clone(r.held) // whose day is not to be learnt in any case: an alert that nobody closed is on it, or would be had the budget allowed it
	for _, w := range r.withheld {
		shut[w.Email] = true
	}
	r.gated = e.Identity.Gate(st, d, s.identity, func(i int) bool { return shut[d.Users[i].Email] })
	e.release(r)
	var scores, volumes, drifts, shapes, joints []float64
	for i, j := range s.judged {
		if j.ready && !r.alerted[d.Users[i].Email] { // what a person is to look at is no sign that the others' p-values are off
			joints = append(joints, j.decided)
		}
		if !j.learning {
			if j.identityP <= strangeP {
				a := e.Identity.account(d.Users[i].Email)
				a.StrangeDay, a.StrangeP = d.Number, j.identityP
			}
			e.IdentityPast.observe(j.identityP)
			e.VolumePast.observe(j.volumeP)
			e.DriftPast.observe(j.driftP)
		}
		if u := &d.Users[i]; r.held[u.Email] || u.Account.Days < e.config.LearningDays {
			continue
		}
		if e.Identity.Model != nil { // scores before the first model are on another scale
			scores = append(scores, s.identity[i].Score)
		}
		drifts = append(drifts, j.drift)
		if e.Shape.Model != nil {
			shapes = append(shapes, j.shape)
		}
		if st.Account(d.Users[i].Email).Days >= settledDays { // before, what is usual is not known yet
			volumes = append(volumes, j.ordinary)
		}
	}
	e.Correction.learn(d.Weekday(), joints)
	e.IdentityPast.learn(d.Number, scores)
	e.VolumePast.learn(d.Number, volumes)
	e.DriftPast.learn(d.Number, drifts)
	e.ShapePast.learn(d.Number, shapes)
	sampled := subsample(d, shapePerDay)
	e.Shape.learn(s.residuals, func(i int) bool { return s.judged[i].ready && !r.gated[i] && sampled(i) })
	e.Identity.Close(st, d, s.identity, r.gated, hashedPicker(d, st.GroupOf(s.people.Peers)))
	start = lap(&stages.Score, start)
	st.Learn(d, s.predict, s.priors, func(i int) bool { return r.gated[i] })
	lap(&stages.Features, start)
}

// bySeverity orders alerts for a reader: worst first.
func bySeverity(a, b raised) int {
	return cmp.Or(cmp.Compare(severityRank(b.Severity), severityRank(a.Severity)), a.Finding.Start.Compare(b.Finding.Start), cmp.Compare(a.ID, b.ID))
}

func severityRank(s string) int {
	return slices.Index(severityRanks, s)
}

// severityRanks are the severities from the least.
var severityRanks = []string{"info", "low", "medium", "high", "critical"}
