package models

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/features"
)

func TestReleases(t *testing.T) {
	for _, tt := range []struct {
		text string
		want release
		ok   bool
	}{{"6.3.10 (3501)", release{6, 3}, true}, {"5.17.11.3835", release{5, 17}, true}, {"6.12", release{6, 12}, true}, {"6.3b.1", release{6, 3}, true}, {"6", release{}, false},
		{"", release{}, false}, {"HeadlessChrome", release{}, false}, {"v6.3", release{}, false}} {
		got, ok := releaseOf(tt.text)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q: %v, %v", tt.text, got, ok)
		}
	}
	if (release{6, 9}).compare(release{6, 12}) >= 0 || (release{5, 17}).compare(release{6, 0}) >= 0 {
		t.Error("releases are compared as texts")
	}
}

func TestClients(t *testing.T) {
	for _, tt := range []struct {
		client, version string
		want            bool
	}{{"Mac", "6.3.0", false}, {"Zoom Rooms", "6.3.0", false}, {"iPad", "", false}, {"", "6.3.0", false}, {"python-requests", "2.32.3", true}, {"curl", "", true}, {"Browser", "HeadlessChrome", true}} {
		if got := programmatic(tt.client, tt.version); got != tt.want {
			t.Errorf("%s %s: %v", tt.client, tt.version, got)
		}
	}
	for in, want := range map[string]string{"6.3.10 (3501)": "9.9.9 (9)", "": "", "beta": "beta", "6.3.0": "9.9.9", "12.30.450": "9.9.9"} {
		if got := versionShape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRiskOfAddresses(t *testing.T) {
	for _, tt := range []struct {
		p    features.Place
		want string
	}{
		{features.Place{Category: "tor"}, "tor"},
		{features.Place{Category: "proxy", Tags: "threat"}, "threat"}, // a list says more than the category, which is the strongest of all
		{features.Place{Category: "proxy", Tags: "anonymous_vpn anonymizer"}, "proxy"},
		{features.Place{Category: "unknown", Tags: "anonymizer relay"}, ""},
		{features.Place{Category: "hosting"}, ""},
		{features.Place{Category: "corporate", Tags: "threat tor"}, ""}, // the config wins
		{features.Place{Category: "vpn", Tags: "proxy"}, ""},
	} {
		if got := riskType(tt.p); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.p, got, tt.want)
		}
	}
}

// Clocks differ by at most half a day, the same both ways; Kiritimati and Niue, 14 h ahead and 11 h behind, are an hour apart.
func TestClockDifference(t *testing.T) {
	if d := clockDifference(14*time.Hour, -11*time.Hour); d != 1 {
		t.Errorf("%g hours", d)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := time.Duration(rapid.IntRange(-12, 14).Draw(t, "a"))*time.Hour, time.Duration(rapid.IntRange(-12, 14).Draw(t, "b"))*time.Hour
		if d := clockDifference(a, b); d != clockDifference(b, a) || d < 0 || d > 12 || (a == b) != (d == 0) && math.Abs((a-b).Hours()) != 24 {
			t.Fatalf("%v, %v: %g", a, b, d)
		}
	})
}

// The more a user brings new things, the less another says; never is it certain.
func TestNovelty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.Int64Range(1, 1000).Draw(t, "days")
		n := rapid.IntRange(0, int(days)).Draw(t, "distinct")
		if p := noveltyP(n, days); !(p > 0 && p < 1 && p <= noveltyP(n+1, days) && p >= noveltyP(n, days+1)) {
			t.Fatalf("%d in %d days: %g", n, days, p)
		}
	})
}
