package models

import (
	"strings"
	"testing"
)

// Countries are two capital letters, of one list; their order scores nothing anew, and without them the config is what it was.
func TestCountriesOfTheConfig(t *testing.T) {
	with := func(allow, deny []string) Config {
		c := DefaultConfig()
		c.AllowCountries, c.DenyCountries = allow, deny
		return c
	}
	for _, tt := range []struct {
		allow, deny []string
		want        string // part of the error; "" for none
	}{
		{nil, nil, ""}, {[]string{"DE", "IE"}, nil, ""}, {nil, []string{"KP"}, ""}, {[]string{"DE"}, []string{"KP"}, "both given"}, {[]string{"de"}, nil, `country "de"`}, {nil, []string{"Germany"}, "two capital letters"},
	} {
		if err := with(tt.allow, tt.deny).Validate(); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, %v: %v, want %q", tt.allow, tt.deny, err, tt.want)
		}
	}
	plain := DefaultConfig().fingerprint()
	if with([]string{}, []string{}).fingerprint() != plain {
		t.Error("empty lists have another fingerprint than none")
	}
	if a, b := with([]string{"DE", "IE"}, nil).fingerprint(), with([]string{"IE", "DE"}, nil).fingerprint(); a != b || a == plain {
		t.Errorf("fingerprints %s, %s and %s without", a, b, plain)
	}
	if with([]string{"DE"}, nil).fingerprint() == with(nil, []string{"DE"}).fingerprint() {
		t.Error("allowed and denied have the same fingerprint")
	}
}
