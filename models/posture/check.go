package posture

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	idForm          = regexp.MustCompile(`^(CIS|MS-ZOOM|ZW)-[A-Z0-9.-]+$`)
	pathForm        = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)
	placeholderForm = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

	endpoints = []string{"account_settings", "lock_settings", "users", "domains", "im_groups", "group_settings", "user_settings", endpointConnector}
)

func (c *Catalog) check(ctl *Control, ids map[string]bool) error {
	if err := c.checkSteps(ctl); err != nil {
		return err
	}
	switch {
	case !idForm.MatchString(ctl.ID):
		return errors.New("id is not CIS-, MS-ZOOM- or ZW- and a number")
	case ctl.Version < 1:
		return errors.New("version is not positive")
	case ctl.Title == "":
		return errors.New("title is missing")
	case !ctl.Severity.valid():
		return fmt.Errorf("severity %q is unknown", ctl.Severity)
	case ctl.Scope != ScopeAccount && ctl.Scope != ScopeConnector && kinds[ctl.Scope].count == nil:
		return fmt.Errorf("scope %q is unknown", ctl.Scope)
	case kinds[ctl.Scope].count != nil && len(ctl.Source.Feeds) == 0:
		return fmt.Errorf("source names no feeds for scope %s", ctl.Scope)
	case slices.ContainsFunc(ctl.Source.Lists, func(f string) bool { return !slices.Contains(ctl.Source.Feeds, f) }):
		return fmt.Errorf("lists %v are not among the feeds", ctl.Source.Lists)
	case ctl.Where != nil && kinds[ctl.Scope].count == nil:
		return fmt.Errorf("scope %s takes no where", ctl.Scope)
	case ctl.Automation != AutomationAuto && ctl.Automation != AutomationProbe && ctl.Automation != AutomationManual:
		return fmt.Errorf("automation %q is not auto, probe or manual", ctl.Automation)
	case !ctl.Effort.valid() || !ctl.UserImpact.valid():
		return fmt.Errorf("effort %q or user_impact %q is not low, moderate or high", ctl.Effort, ctl.UserImpact)
	case ctl.Remediation.Portal == "" || ctl.Remediation.Text == "":
		return errors.New("remediation is missing")
	}
	for _, p := range ctl.Profiles {
		if !slices.Contains(Profiles(), p) {
			return fmt.Errorf("profile %q is unknown", p)
		}
	}
	for _, id := range ctl.ConflictsWith {
		if !ids[id] || id == ctl.ID {
			return fmt.Errorf("conflicts_with names %q, which is no other control", id)
		}
	}
	if other, ok := c.Control(ctl.CountedBy); ctl.CountedBy != "" && (!ok || ctl.CountedBy == ctl.ID || other.CountedBy != "" || !slices.Equal(other.Profiles, ctl.Profiles)) {
		return fmt.Errorf("counted_by names %q, which is no other control of the same profiles that has points", ctl.CountedBy)
	}
	if err := c.checkUnder(ctl, ids); err != nil {
		return err
	}
	if ctl.Automation == AutomationManual {
		return checkManual(ctl)
	}
	switch {
	case ctl.Review != "":
		return errors.New("review is for manual controls")
	case len(ctl.RequiresScopes) == 0:
		return errors.New("requires_scopes is missing")
	case (len(ctl.Source.Feeds) == 0 || ctl.Source.Endpoint != "") && !slices.Contains(endpoints, ctl.Source.Endpoint):
		return fmt.Errorf("endpoint %q is unknown", ctl.Source.Endpoint)
	}
	for _, m := range placeholderForm.FindAllStringSubmatch(ctl.Expected, -1) {
		if _, ok := c.params[m[1]]; !ok {
			return fmt.Errorf("expected names {%s}, which is no parameter", m[1])
		}
	}
	if ctl.Lock != nil {
		if len(ctl.Lock.Paths) == 0 {
			return errors.New("lock has no paths")
		}
		switch ctl.Lock.Want {
		case LockRequired, LockRecommended, LockOptional:
		default:
			return fmt.Errorf("lock want %q is unknown", ctl.Lock.Want)
		}
	}
	if ctl.Partial != nil {
		if err := c.checkPartial(ctl); err != nil {
			return err
		}
	}
	if ctl.Where != nil {
		if err := c.checkExpr(ctl.Where); err != nil {
			return err
		}
	}
	if err := c.checkExpr(&ctl.Assert); err != nil {
		return err
	}
	return c.checkFields(ctl)
}

// checkFields refuses fields that the objects of the control's scope do not have.
func (c *Catalog) checkFields(ctl *Control) (err error) {
	look := func(e *Expr) {
		prefix, _, _ := strings.Cut(e.Path, ".")
		k, isField := kinds[prefix]
		isField = isField && (ctl.Scope == prefix || k.fields[e.Path] != nil)
		if isField && (ctl.Scope != prefix || k.fields[e.Path] == nil) {
			err = fmt.Errorf("path %q is no field of scope %s", e.Path, ctl.Scope)
		}
		if (isField || facts[e.Path] != nil) && (e.Op == OpExists || e.Of != OfValue || e.Select != nil || len(e.AltPaths) > 0) {
			err = fmt.Errorf("path %q is no setting: it takes no exists, of, select or alt_paths", e.Path)
		}
	}
	if ctl.Where != nil {
		ctl.Where.walk(look)
	}
	ctl.Assert.walk(look)
	return err
}

// checkManual refuses a manual control that does not say what to look at, and one that could be evaluated.
func checkManual(ctl *Control) error {
	switch {
	case ctl.Review == "":
		return errors.New("a manual control needs a review")
	case ctl.Source.Endpoint != "" || len(ctl.Source.Feeds) > 0 || ctl.Where != nil || ctl.Lock != nil || ctl.Partial != nil || len(ctl.RequiresScopes) > 0 || ctl.Expected != "":
		return errors.New("a manual control has no source, lock, partial, requires_scopes or expected")
	case ctl.Assert.leaf() || len(ctl.Assert.All) > 0 || len(ctl.Assert.Any) > 0 || ctl.Assert.Not != nil:
		return errors.New("a manual control has no assert")
	}
	return nil
}

func (c *Catalog) checkPartial(ctl *Control) error {
	p := ctl.Partial
	switch p.Ratio {
	case ratioTwoFactor:
	case ratioShareOfAll:
		if len(ctl.Assert.All) == 0 {
			return fmt.Errorf("partial ratio %s needs an assertion of the form all", p.Ratio)
		}
	case ratioShareOfScope:
		if ctl.Assert.In == "" {
			return fmt.Errorf("partial ratio %s needs an assertion on the settings of groups or users", p.Ratio)
		}
	case ratioUnaffected:
		if ctl.Assert.figurePath() == "" {
			return fmt.Errorf("partial ratio %s needs an assertion on a figure of the user list", p.Ratio)
		}
	default:
		return fmt.Errorf("partial ratio %q is unknown", p.Ratio)
	}
	if p.When != nil {
		return c.checkExpr(p.When)
	}
	return nil
}

// checkExpr validates a condition and brings its values into the form that evaluation compares: numbers as float64, lists as []string or []float64.
func (c *Catalog) checkExpr(e *Expr) error {
	forms := 0
	for _, present := range []bool{len(e.All) > 0, len(e.Any) > 0, e.Not != nil, e.leaf()} {
		if present {
			forms++
		}
	}
	if forms != 1 {
		return errors.New("a condition is exactly one of all, any, not, or a comparison")
	}
	for i := range e.All {
		if err := c.checkExpr(&e.All[i]); err != nil {
			return err
		}
	}
	for i := range e.Any {
		if err := c.checkExpr(&e.Any[i]); err != nil {
			return err
		}
	}
	if e.Not != nil {
		return c.checkExpr(e.Not)
	}
	if e.leaf() {
		return c.checkLeaf(e)
	}
	return nil
}

func (c *Catalog) checkLeaf(e *Expr) error {
	if (e.Path == "") == (len(e.Flags) == 0) {
		return errors.New("a comparison has either a path or flags")
	}
	for _, p := range e.paths() {
		if !pathForm.MatchString(p) {
			return fmt.Errorf("path %q is malformed", p)
		}
		if _, ok := userFigures[p]; strings.HasPrefix(p, userPrefix) && !ok {
			return fmt.Errorf("path %q is no figure of the user list", p)
		}
		if _, ok := domainLists[p]; strings.HasPrefix(p, domainPrefix) && !ok {
			return fmt.Errorf("path %q is no list of domains", p)
		}
	}
	if _, ok := scopedFeeds[e.In]; e.In != "" && (!ok || e.Path == "" || e.Of != OfValue || e.Select != nil) {
		return fmt.Errorf("in %q wants a plain comparison of one path of groups or users", e.In)
	}
	if s := e.Select; s != nil && s.Field == "" {
		return errors.New("select names no field")
	}
	if e.Of != OfValue && e.Of != OfLength && e.Of != OfLocked {
		return fmt.Errorf("of %q is unknown", e.Of)
	}
	v, err := normalise(e.Value)
	if err != nil {
		return err
	}
	e.Value = v
	e.documented = c.documentedOf(e)
	if e.Op == OpEmpty || e.Op == OpExists {
		if e.Value != nil || e.Param != "" {
			return fmt.Errorf("%s takes no value", e.Op)
		}
		return nil
	}
	if (e.Value == nil) == (e.Param == "") {
		return fmt.Errorf("%s needs either a value or a param", e.Op)
	}
	var isNumber, isList bool
	if e.Param != "" {
		p, ok := c.params[e.Param]
		if !ok {
			return fmt.Errorf("parameter %q is unknown", e.Param)
		}
		isNumber, isList = p.Number != nil, p.Number == nil
	} else {
		switch e.Value.(type) {
		case float64:
			isNumber = true
		case []string, []float64:
			isList = true
		}
	}
	switch e.Op {
	case OpEq, OpNe:
		if isList {
			return fmt.Errorf("%s takes no list", e.Op)
		}
	case OpLt, OpLe, OpGt, OpGe:
		if !isNumber {
			return fmt.Errorf("%s takes a number", e.Op)
		}
	case OpIn, OpSubsetOf, OpSupersetOf, OpWithin, OpPortsIn, OpDisjointFrom:
		if !isList {
			return fmt.Errorf("%s takes a list", e.Op)
		}
	default:
		return fmt.Errorf("operator %q is unknown", e.Op)
	}
	return nil
}

func normalise(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, float64:
		return v, nil
	case int:
		return float64(v), nil
	case []string, []float64:
		return v, nil
	case []any:
		if len(v) == 0 {
			return nil, errors.New("list is empty")
		}
		var texts []string
		var numbers []float64
		for _, e := range v {
			switch e := e.(type) {
			case string:
				texts = append(texts, e)
			case int:
				numbers = append(numbers, float64(e))
			case float64:
				numbers = append(numbers, e)
			default:
				return nil, fmt.Errorf("list holds a %T", e)
			}
		}
		if len(texts) == len(v) {
			return texts, nil
		}
		if len(numbers) == len(v) {
			return numbers, nil
		}
		return nil, errors.New("list mixes strings and numbers")
	}
	return nil, fmt.Errorf("value is a %T", v)
}
