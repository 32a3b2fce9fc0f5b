package models

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// A Sensitivity says how easily a detection alerts. What it moves depends on the kind of detection:
//
//   - statistical: the bar that p-values must pass, for alerts and for behaviors, is divided by 4 at low and multiplied by 4 at high. A false discovery rate of q at
//     medium so becomes one of about q/4 and 4q among the alerts of that detection, because so many more or fewer of the user-days without fault pass.
//     At high what is a behavior by its class may alert as well.
//   - sequential: the sum of excesses that alerts is a quarter higher at low and a quarter lower at high.
//   - rule: at low only findings of severity high and above alert, the others are behaviors; at high every finding alerts.
type Sensitivity string

// The sensitivities. Medium is that of a detection and a user that the config says nothing of.
const (
	SensitivityLow    Sensitivity = "low"
	SensitivityMedium Sensitivity = "medium"
	SensitivityHigh   Sensitivity = "high"
)

// Sensitivities lists them, least first.
func Sensitivities() []Sensitivity {
	return []Sensitivity{SensitivityLow, SensitivityMedium, SensitivityHigh}
}

// weight is what the bar of p-values is multiplied by.
func (s Sensitivity) weight() float64 {
	switch s {
	case SensitivityLow:
		return 0.25
	case SensitivityHigh:
		return 4
	}
	return 1
}

// height is what the bar of sums is multiplied by.
func (s Sensitivity) height() float64 {
	switch s {
	case SensitivityLow:
		return 1.25
	case SensitivityHigh:
		return 0.75
	}
	return 1
}

func (s Sensitivity) rank() int { return slices.Index(Sensitivities(), cmp.Or(s, SensitivityMedium)) }

// A Setting is what the config says of one detection.
type Setting struct {
	Sensitivity Sensitivity `json:",omitempty"` // "" for medium
	Severity    string      `json:",omitempty"` // of all its findings; "" for the detection's own
	Off         bool        `json:",omitempty"` // it finds nothing, not even behaviors
}

// People names users: by e-mail, by group (Zoom's id or name), by department, by role. Case does not matter.
type People struct {
	Users       []string `json:",omitempty"`
	Groups      []string `json:",omitempty"`
	Departments []string `json:",omitempty"`
	Roles       []string `json:",omitempty"`
}

// lists pairs the keys of the config with what they hold.
func (p People) lists() map[string][]string {
	return map[string][]string{"users": p.Users, "groups": p.Groups, "departments": p.Departments, "roles": p.Roles}
}

func (p People) empty() bool { return len(p.Users)+len(p.Groups)+len(p.Departments)+len(p.Roles) == 0 }

// A Selection is findings by detection and user: of those in In who are not in Out.
type Selection struct {
	Name       string   `json:"-"` // for people; changes nothing
	Detections []string `json:",omitempty"`
	In         People
	Out        People
}

// A Scope gives the findings that it selects a sensitivity of their own. Of several that select a finding the most sensitive counts; it wins over the detection's setting.
type Scope struct {
	Selection
	Sensitivity Sensitivity
}

// validatePolicy checks settings, scopes and exclusions. Its errors name the key and what to do.
func (c Config) validatePolicy() error {
	for _, id := range slices.Sorted(maps.Keys(c.Detections)) {
		s, key := c.Detections[id], "detections."+id
		switch {
		case !known(id):
			return fmt.Errorf("%s: unknown detection: it is one of %s", key, strings.Join(detectionIDs(), ", "))
		case s == Setting{}:
			return fmt.Errorf("%s says nothing: give sensitivity, severity or off: true, or remove it", key)
		case s.Off && (s.Sensitivity != "" || s.Severity != ""):
			return fmt.Errorf("%s: off: true contradicts sensitivity and severity: remove the one or the others", key)
		case s.Severity != "" && severityRank(s.Severity) < 0:
			return fmt.Errorf("%s.severity: %q is not one of critical, high, medium, low, info", key, s.Severity)
		}
		if err := s.Sensitivity.check(key); err != nil {
			return err
		}
	}
	for i, s := range c.Scopes {
		key := s.key("scopes", i)
		if s.Sensitivity == "" {
			return fmt.Errorf("%s says nothing: give it a sensitivity, or remove it", key)
		}
		if err := s.Sensitivity.check(key); err != nil {
			return err
		}
		if err := c.checkSelection(key, s.Selection); err != nil {
			return err
		}
	}
	for i, s := range c.Exclusions {
		if err := c.checkSelection(s.key("exclusions", i), s); err != nil {
			return err
		}
	}
	return c.Watch.validate()
}

func (s Sensitivity) check(key string) error {
	if s != "" && s.rank() < 0 {
		return fmt.Errorf("%s.sensitivity: %q is not one of low, medium, high", key, s)
	}
	return nil
}

// key says where in the config a selection stands.
func (s Selection) key(list string, i int) string {
	if s.Name == "" {
		return fmt.Sprintf("%s entry %d", list, i+1)
	}
	return fmt.Sprintf("%s entry %d (%s)", list, i+1, s.Name)
}

func (c Config) checkSelection(key string, s Selection) error {
	if s.In.empty() {
		return fmt.Errorf("%s selects nobody: name users, groups, departments or roles under in", key)
	}
	for _, id := range s.Detections {
		switch {
		case !known(id):
			return fmt.Errorf("%s: unknown detection %s: it is one of %s", key, id, strings.Join(detectionIDs(), ", "))
		case c.Detections[id].Off:
			return fmt.Errorf("%s names %s, which detections.%s turns off: remove the one or the other", key, id, id)
		}
	}
	out := s.Out.lists()
	for kind, names := range s.In.lists() {
		for _, name := range append(slices.Clone(names), out[kind]...) {
			if strings.TrimSpace(name) == "" {
				return fmt.Errorf("%s has an empty name under %s: remove it", key, kind)
			}
		}
		for _, name := range names {
			if slices.ContainsFunc(out[kind], func(o string) bool { return strings.EqualFold(o, name) }) {
				return fmt.Errorf("%s has %s %q both in and out: remove the one or the other", key, kind, name)
			}
		}
	}
	return nil
}

func known(id string) bool {
	return slices.ContainsFunc(Catalogue, func(d Detection) bool { return d.ID == id })
}

func detectionIDs() []string {
	out := make([]string, len(Catalogue))
	for i, d := range Catalogue {
		out[i] = d.ID
	}
	slices.Sort(out)
	return out
}

// canonical returns the config with everything that has no order in one order, so that rearranging a file scores nothing anew.
func (c Config) canonical() Config {
	c.Scopes, c.Exclusions = slices.Clone(c.Scopes), slices.Clone(c.Exclusions)
	for i := range c.Scopes {
		c.Scopes[i].Selection = c.Scopes[i].canonical()
	}
	for i := range c.Exclusions {
		c.Exclusions[i] = c.Exclusions[i].canonical()
	}
	c.AllowCountries, c.DenyCountries = sortedSet(c.AllowCountries, false), sortedSet(c.DenyCountries, false)
	c.Watch = c.Watch.canonical()
	slices.SortFunc(c.Scopes, func(a, b Scope) int { return cmp.Compare(jsonText(a), jsonText(b)) })
	slices.SortFunc(c.Exclusions, func(a, b Selection) int { return cmp.Compare(jsonText(a), jsonText(b)) })
	return c
}

func (s Selection) canonical() Selection {
	s.Detections = sortedSet(s.Detections, false)
	s.In, s.Out = s.In.canonical(), s.Out.canonical()
	return s
}

func (p People) canonical() People {
	return People{sortedSet(p.Users, true), sortedSet(p.Groups, true), sortedSet(p.Departments, true), sortedSet(p.Roles, true)}
}

func sortedSet(names []string, fold bool) []string {
	out := slices.Clone(names)
	if fold {
		for i := range out {
			out[i] = folded(out[i])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// folded is a name as it is compared.
func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func jsonText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts always encode
	}
	return string(raw)
}

// A policy is the settings, scopes and exclusions of a config, ready to be asked. The nil pointer is that of a config that says nothing.
type policy struct {
	people     *Directory
	settings   map[string]Setting
	scopes     []scopeSet
	exclusions []selectionSet
}

type scopeSet struct {
	selectionSet
	sensitivity Sensitivity
}

type selectionSet struct {
	detections map[string]bool // nil for all
	in, out    peopleSet
}

type peopleSet struct{ users, groups, departments, roles map[string]bool }

func newPolicy(c Config, people *Directory) *policy {
	p := &policy{people: people, settings: c.Detections}
	for _, s := range c.Scopes {
		p.scopes = append(p.scopes, scopeSet{s.set(), s.Sensitivity})
	}
	for _, s := range c.Exclusions {
		p.exclusions = append(p.exclusions, s.set())
	}
	return p
}

func (s Selection) set() selectionSet {
	out := selectionSet{in: s.In.set(), out: s.Out.set()}
	if len(s.Detections) > 0 {
		out.detections = setOf(s.Detections)
	}
	return out
}

func (p People) set() peopleSet {
	p = p.canonical()
	return peopleSet{setOf(p.Users), setOf(p.Groups), setOf(p.Departments), setOf(p.Roles)}
}

func setOf(names []string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, n := range names {
		out[n] = true
	}
	return out
}

func (s peopleSet) has(email string, who Person) bool {
	return s.users[folded(email)] || s.departments[folded(who.Dept)] || s.roles[folded(who.Role)] || slices.ContainsFunc(who.Groups, func(g string) bool { return s.groups[g] })
}

func (s selectionSet) selects(id, email string, who Person) bool {
	return (s.detections == nil || s.detections[id]) && s.in.has(email, who) && !s.out.has(email, who)
}

// of returns the sensitivity of a detection towards a user, and whether the user is excluded from it. An exclusion wins over every scope.
func (p *policy) of(id, email string) (s Sensitivity, excluded bool) {
	if p == nil {
		return SensitivityMedium, false
	}
	s = cmp.Or(p.settings[id].Sensitivity, SensitivityMedium)
	if len(p.scopes)+len(p.exclusions) == 0 {
		return s, false
	}
	who, _ := p.people.Of(email)
	for _, x := range p.exclusions {
		if x.selects(id, email, who) {
			return s, true
		}
	}
	scoped := Sensitivity("")
	for _, x := range p.scopes {
		if x.selects(id, email, who) && (scoped == "" || x.sensitivity.rank() > scoped.rank()) {
			scoped = x.sensitivity
		}
	}
	return cmp.Or(scoped, s), false
}

// ofFinding is of for a finding: one that names several users is as sensitive as towards the most sensitive of them, and excluded when all of them are.
func (p *policy) ofFinding(f *Finding) (s Sensitivity, excluded bool) {
	if f.Email != "" || len(f.Named) == 0 {
		return p.of(f.Detection.ID, f.Email)
	}
	excluded = true
	for _, email := range f.Named {
		one, out := p.of(f.Detection.ID, email)
		if out {
			continue
		}
		if excluded || one.rank() > s.rank() {
			s = one
		}
		excluded = false
	}
	return cmp.Or(s, SensitivityMedium), excluded
}

// off says whether a detection is turned off.
func (p *policy) off(id string) bool { return p != nil && p.settings[id].Off }

// warnOfNobody logs names in scopes and exclusions that nobody in the account has: a slip there would go unseen.
func (c Config) warnOfNobody(ctx context.Context, people *Directory, log *slog.Logger) {
	if len(c.Scopes)+len(c.Exclusions) == 0 {
		return
	}
	there := map[string]map[string]bool{"users": {}, "groups": {}, "departments": {}, "roles": {}}
	for email, p := range people.people {
		there["users"][folded(email)], there["departments"][folded(p.Dept)], there["roles"][folded(p.Role)] = true, true, true
		for _, g := range p.Groups {
			there["groups"][g] = true
		}
	}
	warn := func(key string, s Selection) {
		for _, side := range []People{s.In, s.Out} {
			for kind, names := range side.lists() {
				for _, name := range names {
					if !there[kind][folded(name)] {
						log.WarnContext(ctx, "a name selects nobody: nobody in the account has it", "key", key, "kind", kind, "name", name)
					}
				}
			}
		}
	}
	for i, s := range c.Scopes {
		warn(s.key("scopes", i), s.Selection)
	}
	for i, s := range c.Exclusions {
		warn(s.key("exclusions", i), s)
	}
}

// reportP is the p-value below which a statistical finding of the detection that is looking is kept.
func (s *scene) reportP(email string) float64 {
	x, _ := s.policy.of(s.looking, email)
	return reportP * x.weight()
}

// driftBar is the sum of excesses that alerts.
func (s *scene) driftBar(email string) float64 {
	x, _ := s.policy.of(s.looking, email)
	return driftAlert * x.height()
}

// settle decides what a finding may become: an alert by its class, moved by sensitivity, unless its user is excluded.
func (p *policy) settle(f *Finding, learning bool) {
	d := f.Detection
	s, excluded := p.ofFinding(f)
	f.Severity = cmp.Or(p.settings[d.ID].Severity, f.Severity)
	f.weight = s.weight()
	switch {
	case excluded:
		f.Alert, f.muted = false, true
	case d.Kind == "rule" && s == SensitivityHigh:
		f.Alert = true
	case d.Kind == "rule" && s == SensitivityLow:
		f.Alert = f.Alert && d.Class == Alert && severityRank(f.severity()) >= severityRank("high")
	case d.Kind == "rule":
		f.Alert = f.Alert && d.Class == Alert
	case d.Kind == "statistical" && d.Class == Behavior && s == SensitivityHigh:
		f.Alert = !learning
	}
}
