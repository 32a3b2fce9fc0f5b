package models

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Pairs of UTS #39, table 1 and section 4, and what must stay apart.
func TestSkeleton(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"paypal", "p\u0430yp\u0430l", true}, // Cyrillic a
		{"scope", "\u0455\u0441\u043e\u0440\u0435", true},
		{"Slack", "S1ack", true},
		{"Slack", "SIack", true},
		{"Zoom", "Zoorn", true},
		{"Zoom", "Z00m", true},
		{"Zoom", "zoom ", true},
		{"Zoom", "Zo\u200bom", true}, // zero width space
		{"Zoom", "Zöom", false},
		{"Zoom", "Room", false},
		{"Box", "Fox", false},
	} {
		if got := skeleton(c.a) == skeleton(c.b); got != c.same {
			t.Errorf("%q and %q: skeletons %q and %q", c.a, c.b, skeleton(c.a), skeleton(c.b))
		}
	}
}

// A skeleton is its own skeleton: what looks like what looks like something looks like it too.
func TestSkeletonTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if once := skeleton(name); utf8.ValidString(name) && skeleton(once) != once {
			t.Errorf("%q: %q, then %q", name, once, skeleton(once))
		}
	})
}

func TestConfusablesFile(t *testing.T) {
	if n := len(confusables()); n < 1400 {
		t.Errorf("%d characters, want all of the file", n)
	}
	for r, looks := range confusables() {
		if strings.ContainsRune(looks, r) || strings.Trim(looks, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			t.Errorf("%q looks like %q", r, looks)
		}
	}
}

func TestMixedScripts(t *testing.T) {
	for name, want := range map[string][]string{
		"Z\u043eom":            {"Cyrillic", "Latin"},
		"Zoom для всех":        nil, // two words, each of one script
		"カメラ Zoom連携":           nil,
		"Σlack":                {"Greek", "Latin"},
		"Slack":                nil,
		"\u0410\u041e\u0417":   nil,
		"micro\u00b5 analysis": nil, // the micro sign is of no script
	} {
		if got := mixedScripts(name); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestSiftApps(t *testing.T) {
	for _, c := range []struct {
		name   string
		others []any
		of     string // "" for nothing wrong, "-" for scripts alone
	}{
		{"Slack", nil, ""},
		{"Sla\u0441k", nil, "Slack"},
		{"Acme Notes", []any{"Acme Note"}, ""},
		{"Acrne Notes", []any{"Acme Notes"}, "Acme Notes"},
		{"Acme Notes", []any{"Acrne Notes"}, "Acrne Notes"}, // neither is more plainly written: the later one is reported
		{"Zoom", []any{"Zo\u043em"}, ""},                    // the true one came after its imitation
		{"zoom", nil, ""},
		{"Pl\u0430nner", nil, "-"},
		{"Планировщик", nil, ""},
		{"B0x", nil, "Box"},
	} {
		f := &Finding{Summary: c.name, Evidence: Evidences{Details: map[string]any{"others": c.others}}}
		got, _ := "", false
		if siftApps(f) {
			if got, _ = f.Evidence.Details["lookalike_of"].(string); got == "" {
				got = "-"
			}
		}
		if got != c.of {
			t.Errorf("%q beside %v: %q, want %q (%s)", c.name, c.others, got, c.of, f.Summary)
		}
	}
}
