package posture

import (
	"encoding/json"
	"strings"
	"testing"
)

// Every control that stands under a switch, with values that are right and wrong: on, they count; off, they do not; and a switch that is not known decides nothing by itself.
func TestEverySwitch(t *testing.T) {
	cases := readCases(t)
	for _, tc := range inputCases {
		c := cases[tc.id]
		switch {
		case tc.users != nil || tc.domains != nil:
		case tc.want == Pass:
			c.Good = append(c.Good, tc.settings)
		case tc.want == Fail && tc.params == nil:
			c.Bad = append(c.Bad, tc.settings)
		}
		cases[tc.id] = c
	}
	n := 0
	for _, ctl := range catalogue(t).Controls {
		u := ctl.Under
		if u == nil {
			continue
		}
		n++
		on, off := `true`, `false`
		if u.OffWord != "" {
			on, off = `"all"`, `"`+u.OffWord+`"`
		}
		try := func(m map[string]any, raw string, want Status) {
			t.Helper()
			in := inputOf(t, &ctl, m)
			for _, p := range append([]string{u.Switch}, u.AltPaths...) {
				in.Settings[p] = Setting{Value: json.RawMessage(raw)}
			}
			if ctl.Lock != nil {
				lockAll(in.Settings, true, ctl.Lock.Paths...)
			}
			in.Params = paramsOf(ctl.ID)
			r := judge(t, ctl.ID, in)
			if r.Status != want || (r.Points > 0) != (want == Pass && r.MaxPoints > 0) || r.Observed == "" && want.Judged() {
				t.Errorf("%s: %v under %s %s: %s with %v points, observed %q (%s), want %s", ctl.ID, m, u.Switch, raw, r.Status, r.Points, r.Observed, r.Reason, want)
			}
			if raw == off && (!strings.Contains(r.Reason, u.Switch) || !strings.Contains(r.Reason, u.See)) {
				t.Errorf("%s: the reason %q does not name %s and %s", ctl.ID, r.Reason, u.Switch, u.See)
			}
		}
		if len(cases[ctl.ID].Good) == 0 {
			t.Errorf("%s: no good value", ctl.ID)
		}
		for _, good := range cases[ctl.ID].Good {
			try(good, on, Pass)
			try(good, off, u.Off)
			try(good, ``, map[Status]Status{Pass: Pass, Fail: Unknown, NotApplicable: Unknown}[u.Off])
			try(good, `[7]`, map[Status]Status{Pass: Pass, Fail: Error, NotApplicable: Error}[u.Off])
		}
		for _, bad := range cases[ctl.ID].Bad {
			try(bad, on, Fail)
			try(bad, off, u.Off)
			try(bad, ``, map[Status]Status{Pass: Unknown, Fail: Fail, NotApplicable: Unknown}[u.Off])
			try(bad, `[7]`, map[Status]Status{Pass: Error, Fail: Fail, NotApplicable: Error}[u.Off])
		}
		// The switch alone decides where it is off.
		try(map[string]any{}, off, u.Off)
	}
	if n < 40 {
		t.Errorf("%d controls under a switch only", n)
	}
}

// Switching off what protects never brings points: only what is useful leaves the score with its switch, and of what protects the switch has a control of its own.
func TestSwitchingOffAProtectionBringsNothing(t *testing.T) {
	c := catalogue(t)
	for _, ctl := range c.Controls {
		if ctl.Under == nil || ctl.Under.Off == Pass {
			continue
		}
		see, _ := c.Control(ctl.Under.See)
		found := false
		see.Assert.walk(func(e *Expr) { found = found || e.Path == ctl.Under.Switch })
		if !found {
			t.Errorf("%s sees %s, which does not judge %s", ctl.ID, see.ID, ctl.Under.Switch)
		}
		if ctl.Under.Off == NotApplicable && ctl.Severity.Points() > Low.Points() {
			t.Errorf("%s is %s and leaves the score when %s is off", ctl.ID, ctl.Severity, ctl.Under.Switch)
		}
	}
}

// A group that has the switch otherwise than the account has what stands below it otherwise too.
func TestSwitchOfAGroup(t *testing.T) {
	const enable, option, view = "chat.share_files.enable", "chat.share_files.share_option", "chat.share_files.view_option"
	r := judge(t, "ZW-CHAT-04", objectInput(t, with(set(enable, false), set(option, "anyone"), set(view, "anyone"), someUsers(fine, func(u *User) { u.Groups, u.SettingsPresent = []string{"g"}, nil }),
		groups(Group{"g", "Sales", nil}), override(ScopeGroup, "g", enable, "true"))))
	if r.Status != PartialPass || r.Points != 4 {
		t.Errorf("%s with %v points (%s), want half", r.Status, r.Points, r.Reason)
	}
}
