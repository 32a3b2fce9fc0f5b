package models

import (
	"testing"

	"pgregory.net/rapid"
)

// Labels and values are those of Zoom's portal, its API reference and published rules on the operation log.
func TestWeaker(t *testing.T) {
	for _, tt := range []struct {
		risk     risk
		old, new string
		want     bool
	}{
		{whenOff, "On", "Off", true},
		{whenOff, "Off", "On", false},
		{whenOff, "", "Off", true},
		{whenOff, "Off", "Off", false},
		{whenOff, "Disabled", "Off", false},
		{whenOff, "All users in your account", "None", true},
		{whenOff, "Enabled for all users", "Enabled for users in specific groups", true},
		{whenOff, "Users in specific groups", "All users in your account", false},
		{whenOff, "Users in specific groups", "None", true},
		{whenOff, "Users in specific groups", "Users with specific roles", false},
		{whenOff, "all", "role", true},
		{whenOff, "none", "all", false},
		{whenOff, "Everyone", "Users not in your account", true},
		{whenOff, "", "Users in specific groups", false},
		{whenOff, "Blue", "Green", false},
		{whenOn, "Off", "On", true},
		{whenOn, "On", "Off", false},
		{whenOn, "", "On", true},
		{whenOn, "Off", "Users in specific groups", true},
		{whenOn, "Users in specific groups", "Everyone", true},
		{whenOn, "On", "Enabled", false},
		{whenLonger, "30 minutes", "2 hours", true},
		{whenLonger, "2 hours", "30 minutes", false},
		{whenLonger, "1 hour 30 minutes", "100 minutes", true},
		{whenLonger, "30 minutes", "120 minutes", true},
		{whenLonger, "30 minutes", "Never", true},
		{whenLonger, "30 minutes", "Off", true},
		{whenLonger, "Off", "30 minutes", false},
		{whenLonger, "180", "90", false},
		{whenLonger, "90", "180", true},
		{whenLonger, "30", "0", true},
		{whenLonger, "0", "30", false},
		{whenLonger, "30", "2 hours", false},
		{whenLess, "14", "8", true},
		{whenLess, "8", "14", false},
		{whenLess, "On", "Off", true},
		{whenLess, "8 characters", "6 characters", true},
		{whenShorter, "6 months", "90 days", true},
		{whenShorter, "90 days", "6 months", false},
		{whenShorter, "1y", "6m", true},
		{whenShorter, "30 days", "Off", false},
		{whenShorter, "30 days", "forever", false},
		{whenShorter, "forever", "10 years", true},
		{whenForAll, "Host Only", "All Participants", true},
		{whenForAll, "All Participants", "Host Only", false},
		{whenLost, "View", "None", true},
		{whenLost, "None", "View", false},
		{whenLost, "View", "", true},
		{whenHigher, "0", "1", true},
		{whenHigher, "2", "0", false},
	} {
		if got := tt.risk.weaker(tt.old, tt.new); got != tt.want {
			t.Errorf("risk %d, from %q to %q: weaker %v, want %v", tt.risk, tt.old, tt.new, got, tt.want)
		}
	}
}

// Whatever the values, a change and its opposite do not both weaken, nor does what changes nothing.
func TestWeakerHasOneDirection(t *testing.T) {
	value := rapid.OneOf(rapid.SampledFrom([]string{"On", "Off", "None", "All users in your account", "Users in specific groups", "Never", "forever", "Host", "All", "0", "8", "30 minutes", "2 hours", "1 day", "View", "Enabled"}),
		rapid.StringMatching(`[0-9]{1,4}( (seconds|minutes|hours|days|weeks|months|years))?`))
	rapid.Check(t, func(t *rapid.T) {
		k := risk(rapid.IntRange(int(whenOff), int(whenHigher)).Draw(t, "risk"))
		old, new := value.Draw(t, "old"), value.Draw(t, "new")
		if k.weaker(old, old) {
			t.Fatalf("risk %d: from %q to itself is weaker", k, old)
		}
		if k.weaker(old, new) && k.weaker(new, old) {
			t.Fatalf("risk %d: from %q to %q is weaker, and so is the way back", k, old, new)
		}
	})
}

func TestRiskOfLabel(t *testing.T) {
	for label, want := range map[string]risk{
		"require a passcode when scheduling new meetings":              whenOff,
		"bypass the passcode when joining meetings from meeting list":  whenOn,
		"only allow numeric passcode":                                  whenOn,
		"allow participants to join without a passcode":                whenOn,
		"meeting passcode requirement have a minimum passcode length":  whenOff,
		"allow authentication exception":                               whenOn,
		"passcode for participants joining by phone (numeric, 6 long)": whenOff,
	} {
		if got := whenOff.of(label); got != want {
			t.Errorf("%q: risk %d, want %d", label, got, want)
		}
	}
}

// FuzzAmount must come back with a number of its own, whatever a log holds.
func FuzzAmount(f *testing.F) {
	for _, s := range []string{"", "30 minutes", "1 hour 30 minutes", "1m", "8 (recommended 10)", "999999999999999999999999", "-1", "forever"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		n, unit, ok := amount(value)
		if n < 0 || !ok && (n != 0 || unit) {
			t.Errorf("%q is %v, unit %v, ok %v", value, n, unit, ok)
		}
	})
}
