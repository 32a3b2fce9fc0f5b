package zoom

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The texts are those of Zoom's API reference and of published detection rules for Zoom's operation logs, addresses replaced.
func TestParseDetail(t *testing.T) {
	for _, tt := range []struct {
		text   string
		want   Detail
		target string
	}{
		{"", Detail{}, ""},
		{"Security  - Sign in with Two-Factor Authentication: from On to Off",
			Detail{"Security", []Change{{"Sign in with Two-Factor Authentication", "On", "Off"}}}, ""},
		{"Sign-in Methods  - Allow users to sign in with Google: from Off to On",
			Detail{"Sign-in Methods", []Change{{"Allow users to sign in with Google", "Off", "On"}}}, ""},
		{"Sign-In Password Requirement  - Have at least specified length of characters: from 8 to 14 - Include at least 1 letter: from On to Off",
			Detail{"Sign-In Password Requirement", []Change{{"Have at least specified length of characters", "8", "14"}, {"Include at least 1 letter", "On", "Off"}}}, ""},
		{"Change Role  - user1@example.com: from User to Co-Owner",
			Detail{"Change Role", []Change{{"user1@example.com", "User", "Co-Owner"}}}, "user1@example.com"},
		{"Edit User user1@example.com  - Change Type: from Basic to Licensed",
			Detail{"Edit User user1@example.com", []Change{{"Change Type", "Basic", "Licensed"}}}, "user1@example.com"},
		{"Update User user1@example.com  - Job Title: set to Contractor",
			Detail{"Update User user1@example.com", []Change{{"Job Title", "", "Contractor"}}}, "user1@example.com"},
		{"Edit Group Sales  - Personal Meeting ID (PMI) Passcode: from On to Off",
			Detail{"Edit Group Sales", []Change{{"Personal Meeting ID (PMI) Passcode", "On", "Off"}}}, ""},
		{"Edit Group East - West  - Chat: from On to Off", Detail{"Edit Group East - West", []Change{{"Chat", "On", "Off"}}}, ""},
		{"Add Group Engineers", Detail{"Add Group Engineers", nil}, ""},
		{"Activate User user1@example.com ", Detail{"Activate User user1@example.com", nil}, "user1@example.com"},
		{"Deactivate User user1@example.com ", Detail{"Deactivate User user1@example.com", nil}, "user1@example.com"},
		{"delete user - user2@example.com", Detail{"delete user - user2@example.com", nil}, "user2@example.com"},
		{"Add User admin-test%1223+123@example.co - User Type: Basic - Department: R&D",
			Detail{"Add User admin-test%1223+123@example.co", []Change{{"User Type", "", "Basic"}, {"Department", "", "R&D"}}}, "admin-test%1223+123@example.co"},
		{"Delete User - user2@example.com - Transfer: Yes", Detail{"Delete User - user2@example.com", []Change{{"Transfer", "", "Yes"}}}, "user2@example.com"},
		{"Meeting  - Waiting Room - Guests: from Off to On", Detail{"Meeting", []Change{{"Waiting Room - Guests", "Off", "On"}}}, ""},
		{"A  - B: from x to y - C - D: from 1 to 2", Detail{"A", []Change{{"B", "x", "y"}, {"C - D", "1", "2"}}}, ""},
		{"A  - B: from x to y - z", Detail{"A", []Change{{"B", "x", "y - z"}}}, ""},
		{"A  - B: from  to New", Detail{"A", []Change{{"B", "", "New"}}}, ""},
		{"A  - B: from Old to ", Detail{"A", []Change{{"B", "Old", ""}}}, ""},
		{"A  - B: from Old to  - C: set to ", Detail{"A", []Change{{"B", "Old", ""}, {"C", "", ""}}}, ""},
		{"A  - B: from here", Detail{"A", []Change{{"B", "", "from here"}}}, ""},
		{"Note  - nothing changed", Detail{"Note  - nothing changed", nil}, ""},
	} {
		got := ParseDetail(tt.text)
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, d)
		}
		if got.Target() != tt.target {
			t.Errorf("%q: target %q, want %q", tt.text, got.Target(), tt.target)
		}
	}
}

// anyDetail draws what Zoom's grammar can carry: text with dashes, colons and odd letters, but without its separators.
func anyDetail(t *rapid.T) Detail {
	const word = `[A-Za-z0-9@.,()%+/&é漢_-]{1,8}( [A-Za-z0-9@.(é漢:-][A-Za-z0-9@.é漢-]{0,7}){0,3}`
	clean := func(s string) bool {
		for _, sep := range []string{" - ", ": ", " to ", "set to "} {
			if strings.Contains(" "+s+" ", sep) {
				return false
			}
		}
		return true
	}
	text := rapid.StringMatching(word).Filter(clean)
	d := Detail{Subject: text.Draw(t, "subject")}
	for range rapid.IntRange(0, 5).Draw(t, "changes") {
		c := Change{Setting: text.Draw(t, "setting"), New: rapid.OneOf(text, rapid.Just("")).Draw(t, "new")}
		if rapid.Bool().Draw(t, "has old") {
			c.Old = text.Draw(t, "old")
		}
		if rapid.IntRange(0, 3).Draw(t, "dashed") == 0 {
			c.Setting = "Part - " + c.Setting
		}
		d.Changes = append(d.Changes, c)
	}
	return d
}

func TestDetailRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyDetail(t)
		if d := cmp.Diff(want, ParseDetail(want.String())); d != "" {
			t.Fatalf("%q (-want +got):\n%s", want.String(), d)
		}
	})
}

func FuzzParseDetail(f *testing.F) {
	for _, s := range []string{"", " - ", "  - ", "A  - B: from x to y - C: set to z", "A - : from  to ", ": ", "a - b - c: d", ": x - : y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := ParseDetail(text)
		_ = d.Target()
		n := len(d.Subject)
		for _, c := range d.Changes {
			if c.Setting == "" {
				t.Errorf("change without a setting in %q", text)
			}
			n += len(c.Setting) + len(c.Old) + len(c.New)
		}
		if n > len(text) {
			t.Errorf("%q gave more text than it has: %+v", text, d)
		}
	})
}

func TestParseDetailBounded(t *testing.T) {
	for _, s := range []string{strings.Repeat(" - ", 1<<20), strings.Repeat(": x - ", 10000), strings.Repeat("x: from a to b - ", 3000)} {
		ParseDetail(s) // must come back at once
	}
	if d := ParseDetail(strings.Repeat("a", maxDetail) + "  - B: from x to y"); d.Changes != nil {
		t.Error("over-long text was parsed")
	}
}
