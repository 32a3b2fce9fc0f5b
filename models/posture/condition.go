package posture

import (
	"fmt"
	"slices"
	"strings"
)

// evaluation is one pass of a catalogue over an input.
type evaluation struct {
	in      *Input
	params  resolvedParams
	figures map[string]figure
	profile string
	skip    func(kind, id, name string) bool // objects to judge without; nil: none

	domains    []string // see internalDomains
	strictness *strictness
	overrides  *overriding
	covered    struct { // see cover
		done bool
		test userTest
		why  outcome
	}
}

func (ev *evaluation) condition(e *Expr) outcome {
	switch {
	case len(e.All) > 0:
		return combine(ev.conditions(e.All), no)
	case len(e.Any) > 0:
		return combine(ev.conditions(e.Any), yes)
	case e.Not != nil:
		return ev.condition(e.Not).negate()
	case strings.HasPrefix(e.Path, userPrefix):
		return ev.figure(e)
	case strings.HasPrefix(e.Path, domainPrefix):
		return ev.domainList(e)
	case e.In != "":
		return ev.scoped(e)
	case e.Path == imGroups:
		return ev.imGroups(e)
	case facts[e.Path] != nil:
		return ev.fact(e)
	}
	return ev.setting(e)
}

func (ev *evaluation) conditions(es []Expr) []outcome {
	parts := make([]outcome, len(es))
	for i := range es {
		parts[i] = ev.condition(&es[i])
	}
	return parts
}

// refused says why nothing of a feed may be judged. A feed that merely failed keeps what was read before.
func (ev *evaluation) refused(feed string) (outcome, bool) {
	state := ev.in.Feeds[feed]
	if parent, ok := feedParents[feed]; ok && (state.State == "" || state.State == FeedNever) {
		state = ev.in.Feeds[parent] // what it is asked for comes from there
	}
	var c cause
	var reason string
	switch state.State {
	case FeedNotAuthorised:
		c, reason = causeScope, "Zoom refused to hand out "+feedWords(feed)
	case FeedPlanTooLow, FeedNotInPlan:
		c, reason = causePlan, "the account's plan does not give access to "+feedWords(feed)
	default:
		return outcome{}, false
	}
	if state.Message != "" {
		reason += ": " + strings.TrimSuffix(state.Message, ".")
	}
	return unknownFor(c, reason), true
}

// feedParents names the feed from whose rows another takes what to ask for: when that is refused, the other one is never asked.
var feedParents = map[string]string{FeedGroupSettings: "groups", FeedUserSettings: FeedUsers}

func feedWords(feed string) string {
	switch feed {
	case FeedIMGroups:
		return "groups of the chat directory"
	case FeedGroupSettings:
		return "settings of groups"
	case FeedUserSettings:
		return "settings of users"
	}
	return feed
}

// absent explains a path without a value.
func (ev *evaluation) absent(what string) outcome { return ev.absentFrom(FeedSettings, what) }

func (ev *evaluation) absentFrom(feed, what string) outcome {
	switch state := ev.in.Feeds[feed]; state.State {
	case FeedOK:
		return unknownFor(causeMissing, what+" is not among what Zoom sends for this account")
	case FeedFailed:
		return unknownFor(causeMissing, fmt.Sprintf("%s was not read: the last reading of the %s failed", what, feedWords(feed)))
	}
	return unknownFor(causeMissing, what+" was not read yet: run `zoomward ingest`")
}

// setting evaluates a comparison on account settings or their locks.
func (ev *evaluation) setting(e *Expr) outcome {
	if o, no := ev.refused(FeedSettings); no {
		return o
	}
	if e.Of == OfLocked {
		return ev.lockOf(e)
	}
	if len(e.Flags) > 0 {
		return ev.flags(e)
	}
	for _, path := range e.paths() {
		s := ev.in.Settings[path]
		v, present, err := decodeJSON(s.Value)
		if err != nil {
			return unreadable(path, err.Error())
		}
		if !present {
			continue
		}
		o := ev.value(e, path, v)
		o.fetchedAt = s.FetchedAt
		return o
	}
	if e.Op == OpExists {
		if ev.in.Feeds[FeedSettings].State != FeedOK {
			return ev.absent(e.Path)
		}
		return outcome{truth: no, reasons: []string{e.Path + " is absent"}, seen: []seen{{e.Path, "absent"}}}
	}
	return ev.absent(e.Path)
}

func unreadable(path, why string) outcome {
	return unknownFor(causeError, path+" "+why+": please report it with the version of zoomward")
}

func (ev *evaluation) lockOf(e *Expr) outcome {
	s := ev.in.Settings[e.Path]
	if s.LockKind != "" {
		return unreadable("the lock of "+e.Path, misfit(s.LockKind, otherKind(s.LockKind), "switch"))
	}
	if s.Locked == nil {
		return ev.absent("the lock of " + e.Path)
	}
	word := "open"
	if *s.Locked {
		word = "locked"
	}
	want, _ := e.Value.(bool)
	return outcome{truth: truthOf((*s.Locked == want) == (e.Op == OpEq)), reasons: []string{"the lock of " + e.Path + " is " + word},
		seen: []seen{{e.Path, word}}, fetchedAt: s.FetchedAt}
}

// flags compares the list of those settings that are on. One that is on and must not be decides even if others were not read.
func (ev *evaluation) flags(e *Expr) outcome {
	var on []string
	var missing string
	var o outcome
	section := ""
	for _, path := range e.Flags {
		s := ev.in.Settings[path]
		v, present, err := decodeJSON(s.Value)
		if err != nil {
			return unreadable(path, err.Error())
		}
		if !present {
			missing = path
			continue
		}
		b, ok := asBool(v)
		if !ok {
			return unreadable(path, misfit(show(e, path, v), v, "switch"))
		}
		var name string
		section, name, _ = strings.Cut(path, ".")
		if b {
			on = append(on, name)
		}
		o.fetchedAt = oldest(o.fetchedAt, s.FetchedAt)
	}
	if section == "" {
		return ev.absent(missing)
	}
	fetched := o.fetchedAt
	o = ev.value(e, section, on)
	o.fetchedAt = fetched
	if o.truth == yes && missing != "" {
		u := ev.absent(missing)
		u.seen, u.fetchedAt = o.seen, fetched
		return u
	}
	return o
}

// value compares a present value.
func (ev *evaluation) value(e *Expr, path string, v any) outcome {
	if e.Select != nil {
		return ev.selected(e, path, v)
	}
	if e.Of == OfLength {
		n, ok := lengthOf(v)
		if !ok {
			return unreadable(path, misfit(show(e, path, v), v, "list"))
		}
		v = float64(n)
	}
	t, c, why := ev.compare(e, v)
	text := show(e, path, v)
	switch {
	case c == causeError:
		return unreadable(path, misfit(text, v, strings.TrimPrefix(why, noSuch)))
	case t == unknown:
		return outcome{truth: unknown, cause: c, reasons: []string{why}, seen: []seen{{path, text}}}
	}
	return outcome{truth: t, reasons: []string{path + " is " + text}, seen: []seen{{path, text}}}
}

// selected compares one field of the chosen objects of an array: all of them must pass, or one where Any says so.
func (ev *evaluation) selected(e *Expr, path string, v any) outcome {
	list, ok := v.([]any)
	if !ok {
		return unreadable(path, misfit(show(e, path, v), v, "list"))
	}
	inner := *e
	inner.Select = nil
	var parts []outcome
	for _, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			return unreadable(path, "holds an element that is no object")
		}
		if chosen, _ := asBool(object[e.Select.Where]); e.Select.Where != "" && !chosen {
			continue
		}
		field, ok := object[e.Select.Field]
		if !ok || field == nil {
			return unknownFor(causeMissing, fmt.Sprintf("%s has an entry without %s", path, e.Select.Field))
		}
		parts = append(parts, ev.value(&inner, path+"."+e.Select.Field, field))
	}
	switch {
	case len(parts) == 0 && e.Select.Any:
		return outcome{truth: no, reasons: []string{path + " has no entry"}, seen: []seen{{path, "none"}}}
	case len(parts) == 0:
		return unknownFor(causeMissing, fmt.Sprintf("%s has no entry that is %s", path, e.Select.Where))
	case e.Select.Any:
		return combine(parts, yes)
	}
	return combine(parts, no)
}

// noSuch begins what compare says of a value that is not of the kind it compares.
const noSuch = "which is no "

// compare applies the operator. Of an unknown truth it says why.
func (ev *evaluation) compare(e *Expr, v any) (truth, cause, string) {
	switch e.Op {
	case OpExists:
		return yes, causeNone, ""
	case OpEq, OpNe, OpIn:
		if why := e.undocumented(v); why != "" {
			return unknown, causeError, why
		}
	case OpEmpty:
		list, ok := asList(v)
		if !ok {
			return unknown, causeError, noSuch + "list"
		}
		return truthOf(len(list) == 0), causeNone, ""
	case OpLt, OpLe, OpGt, OpGe:
		n, ok := asNumber(v)
		if !ok {
			return unknown, causeError, noSuch + "number"
		}
		return truthOf(holds(e.Op, n, ev.number(e))), causeNone, ""
	case OpSubsetOf, OpSupersetOf, OpWithin, OpDisjointFrom:
		return ev.compareList(e, v)
	case OpPortsIn:
		return ev.comparePorts(e, v)
	}
	want := e.Value
	if e.Param != "" {
		if e.Op == OpIn {
			list := ev.params.lists[e.Param]
			if len(list) == 0 {
				return unknown, causeParam, unset(e.Param)
			}
			want = list
		} else {
			want = ev.number(e)
		}
	}
	equal, ok := false, false
	kind := "word"
	switch want := want.(type) {
	case bool:
		var b bool
		b, ok = asBool(v)
		equal, kind = b == want, "switch"
	case float64:
		var n float64
		n, ok = asNumber(v)
		equal, kind = n == want, "number"
	case []float64:
		var n float64
		n, ok = asNumber(v)
		equal, kind = slices.Contains(want, n), "number"
	case string:
		var s string
		s, ok = asText(v)
		equal = strings.EqualFold(s, want)
	case []string:
		var s string
		s, ok = asText(v)
		equal = containsFold(want, s)
	}
	if !ok {
		return unknown, causeError, noSuch + kind
	}
	return truthOf(equal != (e.Op == OpNe)), causeNone, ""
}

func (ev *evaluation) compareList(e *Expr, v any) (truth, cause, string) {
	have, ok := asList(v)
	if !ok {
		return unknown, causeError, noSuch + "list"
	}
	want, _ := e.Value.([]string)
	if e.Param != "" {
		want = ev.params.lists[e.Param]
	}
	if e.Op != OpSupersetOf && len(have) == 0 {
		return yes, causeNone, "" // nothing is in everything, whatever is configured
	}
	if len(want) == 0 {
		return unknown, causeParam, unset(e.Param)
	}
	switch e.Op {
	case OpSupersetOf:
		for _, s := range want {
			if !containsFold(have, s) {
				return no, causeNone, ""
			}
		}
	case OpDisjointFrom:
		for _, s := range have {
			if containsFold(want, s) {
				return no, causeNone, ""
			}
		}
		if why := e.undocumented(have); why != "" { // it may be another name of what is not wanted
			return unknown, causeError, why
		}
	case OpSubsetOf:
		for _, s := range have {
			if !containsFold(want, s) {
				return no, causeNone, ""
			}
		}
	case OpWithin:
		for _, s := range have {
			first, last, ok := addressSpan(s)
			if !ok {
				return unknown, causeError, noSuch + "list of addresses"
			}
			if !spanWithin(first, last, want) {
				return no, causeNone, ""
			}
		}
	}
	return yes, causeNone, ""
}

// comparePorts looks whether the range of ports that Zoom's clients listen on lies in one of the list.
func (ev *evaluation) comparePorts(e *Expr, v any) (truth, cause, string) {
	text, ok := asText(v)
	if !ok {
		return unknown, causeError, noSuch + "range of ports"
	}
	want, _ := e.Value.([]string)
	if e.Param != "" {
		want = ev.params.lists[e.Param]
	}
	first, last, ok := portSpan(text)
	switch {
	case text != "" && !ok:
		return unknown, causeError, noSuch + "range of ports"
	case len(want) == 0:
		return unknown, causeParam, unset(e.Param)
	case text == "":
		return no, causeNone, "" // on, and no range set: any port
	}
	for _, s := range want {
		if a, b, ok := portSpan(s); ok && a <= first && last <= b {
			return yes, causeNone, ""
		}
	}
	return no, causeNone, ""
}

func (ev *evaluation) number(e *Expr) float64 {
	if e.Param != "" {
		return ev.params.numbers[e.Param]
	}
	n, _ := e.Value.(float64)
	return n
}

func holds(op Op, a, b float64) bool {
	switch op {
	case OpEq:
		return a == b
	case OpNe:
		return a != b
	case OpLt:
		return a < b
	case OpLe:
		return a <= b
	case OpGt:
		return a > b
	case OpGe:
		return a >= b
	}
	return false
}

func unset(param string) string {
	return fmt.Sprintf("set %s.%s in the configuration to have this judged", ParamsKey, param)
}
