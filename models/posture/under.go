package posture

import (
	"errors"
	"fmt"
	"strings"
)

// Under names the switch that a control's settings stand below, and what it means that the switch is off: they change nothing then, whatever they say.
type Under struct {
	Switch   string   `yaml:"switch"`
	AltPaths []string `yaml:"alt_paths"` // as of a condition
	OffWord  string   `yaml:"off_word"`  // what the setting says when it is off, where it is no switch but a word
	// Off is the verdict then: pass for a control that restricts what is off anyway, fail for one on how a protection works that is not there, not_applicable for one on
	// how something useful works.
	Off Status `yaml:"off"`
	See string `yaml:"see"` // the control on the switch itself, for fail and not_applicable

	on *Expr // that the switch is on
}

// assertion evaluates what a control asserts, under its switch.
func (ev *evaluation) assertion(ctl *Control) outcome {
	u := ctl.Under
	if u == nil {
		return ev.condition(&ctl.Assert)
	}
	on := ev.condition(u.on)
	if on.truth == no {
		switch u.Off {
		case Pass:
			on.truth = yes
		case NotApplicable:
			on.truth, on.cause = unknown, causeNothing
			on.reasons = []string{on.reason() + ", so that there is nothing to judge; " + u.See + " is about that"}
		case Fail:
			on.reasons = []string{on.reason() + ", so that nothing below it takes effect; " + u.See + " is about that"}
		}
		return on
	}
	own := ev.condition(&ctl.Assert)
	switch {
	case on.truth == yes:
		return own
	case u.Off == Pass && own.truth == yes, u.Off == Fail && own.truth == no:
		return own // right, or wrong, either way
	case own.truth == unknown:
		return combine([]outcome{own, on}, no)
	}
	on.seen = own.seen
	return on
}

// below says whether the switch that a control stands under is off.
func (ev *evaluation) below(ctl *Control) bool {
	return ctl.Under != nil && ev.condition(ctl.Under.on).truth == no
}

// reads calls f for every comparison that the verdict on the value rests on.
func (c *Control) reads(f func(*Expr)) {
	if c.Under != nil {
		f(c.Under.on)
	}
	c.Assert.walk(f)
}

// underWords adds the switch to the pass condition in words.
func underWords(u *Under, text string) string {
	if u == nil {
		return text
	}
	what := strings.ReplaceAll(u.Switch[strings.LastIndexByte(u.Switch, '.')+1:], "_", " ")
	if what == "enable" {
		_, what, _ = strings.Cut(strings.TrimSuffix(u.Switch, ".enable"), ".")
		what = strings.ReplaceAll(what, "_", " ")
	}
	switch u.Off {
	case Pass:
		return text + ", or " + what + " off"
	case Fail:
		return text + ", and " + what + " on"
	}
	return text + ", where " + what + " is on"
}

func (c *Catalog) checkUnder(ctl *Control, ids map[string]bool) error {
	u := ctl.Under
	switch {
	case u == nil:
		return nil
	case ctl.Automation == AutomationManual || ctl.onObjects():
		return errors.New("under is for controls on settings")
	case u.Off != Pass && u.Off != Fail && u.Off != NotApplicable:
		return fmt.Errorf("under is off means %q, want pass, fail or not_applicable", u.Off)
	case u.See == ctl.ID || !ids[u.See] && (u.See != "" || u.Off != Pass):
		return fmt.Errorf("under sees %q, which is no other control", u.See)
	}
	u.on = &Expr{Path: u.Switch, AltPaths: u.AltPaths, Op: OpEq, Value: true}
	if u.OffWord != "" {
		u.on.Op, u.on.Value = OpNe, u.OffWord
	}
	return c.checkExpr(u.on)
}
