package posture

import (
	"regexp"
	"slices"
	"testing"
)

func TestPrevents(t *testing.T) {
	detection := regexp.MustCompile(`^ZW-[A-Z]{3}-\d\d$`)
	if len(Prevents()) < 50 {
		t.Errorf("%d controls prevent something", len(Prevents()))
	}
	for id, list := range Prevents() {
		if _, ok := catalogue(t).Control(id); !ok || len(list) == 0 || slices.ContainsFunc(list, func(d string) bool { return !detection.MatchString(d) }) {
			t.Errorf("%s prevents %v", id, list)
		}
	}
	if !slices.Contains(Prevents()["MS-ZOOM-01"], "ZW-TRV-01") {
		t.Error("two-factor sign-in does not prevent impossible travel")
	}
}

func TestControlPaths(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]string{
		"CIS-1.1.1.2": {"meeting_security.waiting_room"},
		"MS-ZOOM-02":  {"security.sign_again_period_for_inactivity_on_web"},
		"ZW-ID-04":    {twoFactorMode, twoFactorGroups, twoFactorRoles},
		"ZW-ID-05":    {twoFactorMode, twoFactorGroups, ssoOn, ssoDomains, ssoBypass},
		"ZW-USR-02":   {twoFactorMode, twoFactorGroups, twoFactorRoles},
		"ZW-USR-04":   nil,
	} {
		ctl, ok := c.Control(id)
		if !ok {
			t.Fatalf("no control %s", id)
		}
		got := ctl.Paths()
		for _, p := range want {
			if !slices.Contains(got, p) {
				t.Errorf("%s reads %v, want %s among them", id, got, p)
			}
		}
	}
	for _, ctl := range c.Controls {
		if got := ctl.Paths(); slices.ContainsFunc(got, func(p string) bool { return !isSetting(p) }) || !slices.IsSorted(got) {
			t.Errorf("%s reads %v, want settings alone, sorted", ctl.ID, got)
		}
	}
}

func TestTurn(t *testing.T) {
	for _, tt := range []struct {
		from, to      Status
		worse, better bool
	}{
		{Pass, Fail, true, false}, {Pass, PartialPass, true, false}, {PartialPass, Fail, true, false},
		{Fail, Pass, false, true}, {Fail, PartialPass, false, true}, {PartialPass, Pass, false, true},
		{"", Fail, false, false}, {Pass, Unknown, false, false}, {Unknown, Fail, false, false}, {NotApplicable, Pass, false, false}, {Pass, Error, false, false}, {Manual, Fail, false, false},
	} {
		c := Change{From: tt.from, To: tt.to}
		if c.Regression() != tt.worse || c.Improvement() != tt.better {
			t.Errorf("from %q to %q: worse %v, better %v", tt.from, tt.to, c.Regression(), c.Improvement())
		}
	}
}
