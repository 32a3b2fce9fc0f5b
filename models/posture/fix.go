package posture

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A fix is what an administrator changes to put a control right: values of account settings, and locks to close. Rank judges what it moves under it.
type fix struct {
	values map[string]json.RawMessage
	locks  []string
}

// maxFixes bounds the ways of putting one control right that are tried.
const maxFixes = 16

// fixOf returns the way of putting a control right that moves least beside it, with what moves: the results of every control that reads what it changes. nil where no change of
// settings that zoomward can name does it, as with the settings of single users.
func (ev *evaluation) fixOf(c *Catalog, ctl *Control, readers map[string][]int) (moved map[int]Result) {
	own := slices.IndexFunc(c.Controls, func(x Control) bool { return x.ID == ctl.ID })
	best := 0.0
	for _, f := range ev.waysTo(ctl) {
		for _, locks := range [][]string{nil, locksOf(ctl)} {
			f.locks = locks
			if len(f.values)+len(locks) == 0 {
				continue // nothing is changed
			}
			after := ev.with(f)
			r := after.control(c, &c.Controls[own])
			if r.Points < r.MaxPoints {
				continue // not enough: with its locks closed, perhaps
			}
			results, points := map[int]Result{own: r}, 0.0
			for _, i := range f.touches(readers) {
				if i != own {
					results[i] = after.control(c, &c.Controls[i])
				}
				if r := results[i]; r.counts() {
					points += r.Points
				}
			}
			if moved == nil || points < best {
				moved, best = results, points
			}
			break
		}
	}
	return moved
}

// waysTo lists changes of values that may put a control right; the first of them changes none, for where only a lock is open.
func (ev *evaluation) waysTo(ctl *Control) []fix {
	ways := []fix{{}}
	reads := ctl.Paths()
	if ctl.Partial != nil && ctl.Partial.Ratio == ratioTwoFactor || slices.Contains(reads, twoFactorMode) && !settingsOnly(&ctl.Assert) {
		ways = append(ways, ev.twoFactorWays()...)
	}
	if settingsOnly(&ctl.Assert) {
		ways = append(ways, ev.ways(&ctl.Assert, &ctl.Assert)...)
	}
	return ways[:min(len(ways), maxFixes)]
}

// settingsOnly says whether a condition is about settings of the account and nothing else.
func settingsOnly(e *Expr) bool {
	only := true
	e.walk(func(l *Expr) {
		for _, p := range l.paths() {
			only = only && isSetting(p)
		}
		only = only && l.In == ""
	})
	return only
}

// twoFactorWays requires the second factor of administrators, or of everybody.
func (ev *evaluation) twoFactorWays() []fix {
	roles := []string{roleOwner, roleAdmin}
	if have, _ := ev.list(twoFactorRoles); ev.text(twoFactorMode) == "role" {
		for _, r := range have {
			roles = appendNew(roles, r)
		}
	}
	everybody := fix{values: map[string]json.RawMessage{twoFactorMode: jsonOf("all")}}
	if mode := ev.text(twoFactorMode); mode != "none" && mode != "role" {
		return []fix{everybody} // those of a group would lose it
	}
	return []fix{{values: map[string]json.RawMessage{twoFactorMode: jsonOf("role"), twoFactorRoles: jsonOf(roles)}}, everybody}
}

func (ev *evaluation) text(path string) string {
	v, _, _ := decodeJSON(ev.in.Settings[path].Value)
	s, _ := asText(v)
	return s
}

// ways lists changes after which a condition holds. root is the whole of which it is a part: other comparisons of the same path say how far to go.
func (ev *evaluation) ways(e, root *Expr) []fix {
	switch {
	case ev.condition(e).truth == yes:
		return []fix{{}}
	case len(e.All) > 0:
		ways := []fix{{}}
		for i := range e.All {
			var next []fix
			for _, w := range ways {
				for _, more := range ev.with(w).ways(&e.All[i], root) {
					both := fix{values: maps.Clone(w.values)}
					if both.values == nil {
						both.values = map[string]json.RawMessage{}
					}
					maps.Copy(both.values, more.values)
					next = append(next, both)
				}
			}
			ways = next[:min(len(next), maxFixes)]
		}
		return ways
	case len(e.Any) > 0:
		var ways []fix
		for i := range e.Any {
			ways = append(ways, ev.ways(&e.Any[i], root)...)
		}
		return ways[:min(len(ways), maxFixes)]
	case e.Not != nil && e.Not.leaf():
		turned := *e.Not
		turned.Op = map[Op]Op{OpEq: OpNe, OpNe: OpEq, OpLt: OpGe, OpLe: OpGt, OpGt: OpLe, OpGe: OpLt}[e.Not.Op]
		if turned.Op == "" {
			return nil
		}
		return ev.ways(&turned, root)
	case !e.leaf():
		return nil
	}
	return ev.leafWays(e, root)
}

// leafWays lists changes after which a comparison holds.
func (ev *evaluation) leafWays(e, root *Expr) []fix {
	if len(e.Flags) > 0 {
		want := ev.wanted(e)
		values := map[string]json.RawMessage{}
		for _, path := range e.Flags {
			v, _, _ := decodeJSON(ev.in.Settings[path].Value)
			on, ok := asBool(v)
			_, name, _ := strings.Cut(path, ".")
			if in := containsFold(want, name); ok && (on && e.Op == OpSubsetOf && !in || on && e.Op == OpDisjointFrom && in || !on && e.Op == OpSupersetOf && in) {
				values[path] = jsonOf(!on)
			}
		}
		return []fix{{values: values}}
	}
	path := e.Path
	for _, p := range e.paths() {
		if _, present, err := decodeJSON(ev.in.Settings[p].Value); present && err == nil {
			path = p
			break
		}
	}
	var out []fix
	for _, v := range ev.candidates(e, root, path) {
		f := fix{values: map[string]json.RawMessage{path: jsonOf(v)}}
		if ev.with(f).condition(e).truth == yes {
			out = append(out, f)
		}
	}
	return out
}

// wanted is the list that a comparison asks for.
func (ev *evaluation) wanted(e *Expr) []string {
	if e.Param != "" {
		return ev.params.lists[e.Param]
	}
	want, _ := e.Value.([]string)
	return want
}

// candidates lists values at which a comparison may hold, those that go least far first.
func (ev *evaluation) candidates(e, root *Expr, path string) (out []any) {
	now, _, _ := decodeJSON(ev.in.Settings[path].Value)
	if e.Select != nil {
		return ev.selectedCandidates(e, now)
	}
	list, _ := asList(now)
	if e.Of == OfLength {
		if all, ok := now.([]any); ok && (e.Op == OpLe || e.Op == OpEq) {
			return []any{all[:min(len(all), int(max(0, ev.number(e))))]}
		}
		return nil
	}
	keep := func(f func(string) bool) any {
		return slices.DeleteFunc(append([]string{}, list...), func(s string) bool { return !f(s) })
	}
	switch e.Op {
	case OpEmpty:
		return []any{[]string{}, ""}
	case OpSubsetOf:
		return []any{keep(func(s string) bool { return containsFold(ev.wanted(e), s) })}
	case OpDisjointFrom:
		return []any{keep(func(s string) bool { return !containsFold(ev.wanted(e), s) })}
	case OpSupersetOf:
		return []any{append(append([]string{}, list...), ev.wanted(e)...)}
	case OpWithin:
		return []any{keep(func(s string) bool {
			first, last, ok := addressSpan(s)
			return ok && spanWithin(first, last, ev.wanted(e))
		})}
	case OpPortsIn:
		for _, s := range ev.wanted(e) {
			out = append(out, s)
		}
		return out
	case OpGt, OpGe, OpLt, OpLe:
		n := ev.number(e)
		// Where the path is bounded from the other side as well, that bound goes least far: of "more than 0 and at most 60 minutes" it is 60.
		root.walk(func(l *Expr) {
			if upper := l.Op == OpLe || l.Op == OpLt; l.Path == e.Path && l.Of == OfValue && upper != (e.Op == OpLe || e.Op == OpLt) && l != e {
				out = append(out, ev.number(l))
			}
		})
		return append(out, n, map[Op]float64{OpGt: n + 1, OpLt: n - 1, OpGe: n, OpLe: n}[e.Op])
	case OpNe:
		if b, ok := e.Value.(bool); ok {
			return []any{!b}
		}
		root.walk(func(l *Expr) { // words and numbers that the catalogue knows of the path
			if l.Path != e.Path {
				return
			}
			for _, w := range slices.Sorted(maps.Keys(l.Labels)) {
				if _, number := e.Value.(float64); !number {
					out = append(out, w)
				}
			}
			out = append(out, valuesOf(l.Value)...)
		})
		if n, ok := e.Value.(float64); ok {
			out = append(out, n+1)
		}
		return out
	case OpEq, OpIn:
		if e.Param != "" && e.Op == OpEq {
			return []any{ev.number(e)}
		}
		if e.Param != "" {
			return valuesOf(ev.wanted(e))
		}
		return valuesOf(e.Value)
	}
	return nil
}

// selectedCandidates sets the field of every chosen entry to what is wanted of it.
func (ev *evaluation) selectedCandidates(e *Expr, now any) (out []any) {
	entries, ok := now.([]any)
	if !ok {
		return nil
	}
	wants := valuesOf(e.Value)
	if e.Param != "" {
		wants = valuesOf(ev.wanted(e))
	}
	for _, want := range wants {
		changed := make([]any, len(entries))
		for i, x := range entries {
			changed[i] = x
			object, ok := x.(map[string]any)
			if chosen, _ := asBool(object[e.Select.Where]); ok && (e.Select.Where == "" || chosen) {
				object = maps.Clone(object)
				object[e.Select.Field] = want
				changed[i] = object
			}
		}
		out = append(out, changed)
	}
	return out
}

func valuesOf(v any) (out []any) {
	switch v := v.(type) {
	case nil:
	case []string:
		for _, s := range v {
			out = append(out, s)
		}
	case []float64:
		for _, n := range v {
			out = append(out, n)
		}
	default:
		out = append(out, v)
	}
	return out
}

func jsonOf(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return nil // a number that is none, which holds nothing
	}
	return text
}

// locksOf lists the locks that hold what a control is about: its own, or else those of the settings that it reads.
func locksOf(ctl *Control) []string {
	if ctl.Lock != nil {
		return ctl.Lock.Paths
	}
	var out []string
	ctl.Assert.walk(func(e *Expr) {
		for _, p := range e.paths() {
			if l, ok := lockPaths[p]; ok {
				p = l
			}
			if isSetting(p) {
				out = appendNew(out, p)
			}
		}
	})
	return out
}

// with is the evaluation of the account with a fix in place.
func (ev *evaluation) with(f fix) *evaluation {
	in := *ev.in
	in.Settings = maps.Clone(in.Settings)
	if in.Settings == nil {
		in.Settings = map[string]Setting{}
	}
	after := &evaluation{in: &in, params: ev.params, figures: ev.figures, profile: ev.profile, domains: ev.domains, overrides: ev.overrides}
	for path, v := range f.values {
		s := in.Settings[path]
		s.Value = v
		in.Settings[path] = s
		if path == twoFactorMode || path == twoFactorRoles || path == twoFactorGroups {
			after.figures = map[string]figure{} // what is counted goes by them
		}
	}
	closed := true
	for _, path := range f.locks {
		s := in.Settings[path]
		s.Locked = &closed
		in.Settings[path] = s
		after.overrides = nil // a lock holds everybody to the account's value
	}
	return after
}

// touches lists the numbers of the controls that read what a fix changes, in order.
func (f fix) touches(readers map[string][]int) []int {
	var out []int
	for path := range f.values {
		out = append(out, readers[path]...)
	}
	for _, lock := range f.locks {
		for path, who := range readers {
			if path == lock || strings.HasPrefix(path, lock+".") || lockPaths[path] == lock {
				out = append(out, who...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// readersOf lists by path the numbers of the controls that read it.
func (c *Catalog) readersOf() map[string][]int {
	readers := map[string][]int{}
	for i := range c.Controls {
		ctl := &c.Controls[i]
		paths := ctl.Paths()
		note := func(e *Expr) {
			if strings.Contains(e.Path, ".weaker_") { // than the account's
				for _, w := range weakPaths {
					paths = appendNew(paths, w.path)
				}
			}
		}
		ctl.Assert.walk(note)
		if ctl.Where != nil {
			ctl.Where.walk(note)
		}
		for _, p := range paths {
			readers[p] = append(readers[p], i)
		}
	}
	return readers
}
