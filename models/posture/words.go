package posture

import (
	"fmt"
	"strconv"
	"strings"
)

// Entry describes a control to people: for lists and references.
type Entry struct {
	ID            string
	Title         string
	Severity      Severity
	MaxPoints     float64
	Scopes        []string // OAuth scopes that open it
	Paths         []string // settings and figures that it reads
	Locks         []string // locks that it looks at
	LockWant      LockWant // "" for none
	Expected      string   // pass condition in words, with default parameters
	Params        []string // parameters that it takes
	Profiles      []string // none: every profile
	ConflictsWith []string
	Frameworks    map[string][]string
	Automation    string
	Review        string // of a manual control: what to look at, and what is right
	Effort        Weight
	UserImpact    Weight
	Note          string
	Remediation   Remediation
}

// Catalogue describes every control of the embedded catalogue, in its order.
func Catalogue() ([]Entry, error) {
	c, err := Load()
	if err != nil {
		return nil, err
	}
	return c.Entries(), nil
}

// Entries describes every control, in the order of the catalogue.
func (c *Catalog) Entries() []Entry {
	params, _ := c.resolve(nil)
	entries := make([]Entry, len(c.Controls))
	for i := range c.Controls {
		ctl := &c.Controls[i]
		e := Entry{
			ID: ctl.ID, Title: ctl.Title, Severity: ctl.Severity, MaxPoints: ctl.maxPoints(), Scopes: ctl.RequiresScopes,
			Expected: c.expected(ctl, params), Profiles: ctl.Profiles, ConflictsWith: ctl.ConflictsWith, Frameworks: ctl.Frameworks,
			Automation: ctl.Automation, Review: ctl.Review, Effort: ctl.Effort, UserImpact: ctl.UserImpact, Note: ctl.Note, Remediation: ctl.Remediation,
		}
		if ctl.Lock != nil {
			e.Locks, e.LockWant = ctl.Lock.Paths, ctl.Lock.Want
		}
		ctl.reads(func(l *Expr) {
			for _, p := range l.paths() {
				e.Paths = appendNew(e.Paths, p)
			}
			if l.Param != "" {
				e.Params = appendNew(e.Params, l.Param)
			}
		})
		for _, m := range placeholderForm.FindAllStringSubmatch(ctl.Expected, -1) {
			e.Params = appendNew(e.Params, m[1])
		}
		entries[i] = e
	}
	return entries
}

func appendNew(list []string, s string) []string {
	for _, e := range list {
		if e == s {
			return list
		}
	}
	return append(list, s)
}

// expected writes the pass condition of a control in words; that of a manual one is its title.
func (c *Catalog) expected(ctl *Control, params resolvedParams) string {
	if ctl.Automation == AutomationManual {
		return ctl.Title
	}
	text := ctl.Expected
	if text == "" {
		text = words(&ctl.Assert, params, false)
	} else {
		text = placeholderForm.ReplaceAllStringFunc(text, func(m string) string { return paramWords(m[1:len(m)-1], params) })
	}
	text = underWords(ctl.Under, text)
	if ctl.Lock != nil && ctl.Lock.Want == LockRequired {
		text += ", and locked"
	}
	return text
}

func paramWords(name string, params resolvedParams) string {
	if n, ok := params.numbers[name]; ok {
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	if list := params.lists[name]; len(list) > 0 {
		return strings.Join(list, ", ")
	}
	return "what " + ParamsKey + "." + name + " lists"
}

// words writes a condition; named says whether comparisons need the name of what they compare.
func words(e *Expr, params resolvedParams, named bool) string {
	join := func(es []Expr, by string) string {
		parts := make([]string, len(es))
		for i := range es {
			parts[i] = words(&es[i], params, true)
		}
		return strings.Join(parts, by)
	}
	switch {
	case len(e.All) > 0:
		return join(e.All, " and ")
	case len(e.Any) > 0:
		return join(e.Any, " or ")
	case e.Not != nil:
		return "not (" + words(e.Not, params, named) + ")"
	}
	text := comparisonWords(e, params)
	if e.Of == OfLength {
		text += " of them"
	}
	if named {
		name := e.Path[strings.LastIndexByte(e.Path, '.')+1:]
		return strings.ReplaceAll(name, "_", " ") + " " + text
	}
	return text
}

func comparisonWords(e *Expr, params resolvedParams) string {
	value := ""
	switch {
	case e.Param != "":
		value = paramWords(e.Param, params)
	case e.Of == OfLocked:
		value = map[any]string{true: "locked", false: "open"}[e.Value]
	default:
		value = valueWords(e, e.Value)
	}
	switch e.Op {
	case OpNe:
		return "anything but " + value
	case OpLt:
		return "less than " + value
	case OpLe:
		return "at most " + value
	case OpGt:
		return "more than " + value
	case OpGe:
		return "at least " + value
	case OpIn:
		return "one of " + value
	case OpSubsetOf:
		return "nothing but " + value
	case OpSupersetOf:
		return "all of " + value
	case OpDisjointFrom:
		return "none of " + value
	case OpWithin, OpPortsIn:
		return "inside " + value
	case OpEmpty:
		return "empty"
	case OpExists:
		return "present"
	}
	return value
}

func valueWords(e *Expr, v any) string {
	switch v := v.(type) {
	case []string:
		parts := make([]string, len(v))
		for i, s := range v {
			parts[i] = valueWords(e, s)
		}
		return strings.Join(parts, ", ")
	case []float64:
		parts := make([]string, len(v))
		for i, n := range v {
			parts[i] = valueWords(e, n)
		}
		return strings.Join(parts, ", ")
	case bool:
		if v {
			return "on"
		}
		return "off"
	case string, float64:
		text := fmt.Sprint(v)
		if label, ok := e.Labels[text]; ok {
			return text + " (" + label + ")"
		}
		return text
	}
	return ""
}
