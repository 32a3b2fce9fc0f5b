package features

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTokens(t *testing.T) {
	v := newVocabulary()
	n := v.dict.Code
	day := v.tokenise([]Event{
		{Second: 36000, LocalSecond: 36000, Action: n("Sign in"), SignIn: true, Prefix: n("192.0.2.0/24"), Client: n("Mac"), Version: n("Mac 6.0")},
		{Second: 36001, LocalSecond: 36001, Action: n("Sign in"), SignIn: true, Prefix: n("192.0.2.0/24"), Client: n("Mac")},
		{Second: 39700, LocalSecond: 39700, Action: n("User|Update"), Prefix: n("not a sign-in"), Setting: n("user|Waiting room")},
	})
	got := map[string]map[string]float64{}
	for c := range Channels {
		for i, id := range day[c].IDs {
			if got[c.String()] == nil {
				got[c.String()] = map[string]float64{}
			}
			got[c.String()][v.describe(c, id)] = day[c].X[i]
		}
	}
	one, two := math.Log(2), math.Log(3)
	want := map[string]map[string]float64{
		"act":     {"Sign in": two, "User|Update": one},
		"level":   {"Sign in, 2 to 3 times": 1, "User|Update, 1 to 1 times": 1},
		"pace":    {"Sign in first of the day": one, "Sign in after 1 s or more": one, "User|Update after 2048 s or more": one},
		"pair":    {"Sign in then Sign in at once": one, "Sign in then User|Update later": one},
		"rhythm":  {"pauses after 1 s or more, then after 2048 s or more": one},
		"run":     {"Sign in 2 to 3 times running": one, "User|Update 1 to 1 times running": one},
		"hour":    {"10 h, first of the day": one, "10 h, at once": one, "11 h, later": one, "working day 08 to 12 h": math.Log(4)},
		"prefix":  {"192.0.2.0/24": two},
		"client":  {"Mac": two},
		"version": {"Mac 6.0": one},
		"setting": {"user|Waiting room": one},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTokensAreSortedAndRepeatable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := newVocabulary(), newVocabulary()
		b.dict = a.dict
		var events []Event
		at := int64(0)
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			at += int64(rapid.IntRange(0, 4000).Draw(t, "gap"))
			events = append(events, Event{Second: at, LocalSecond: at, Action: a.dict.Code(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "action")), SignIn: rapid.Bool().Draw(t, "in"),
				Country: a.dict.Code(rapid.SampledFrom([]string{"", "DE", "US"}).Draw(t, "country"))})
		}
		x, y := a.tokenise(events), b.tokenise(events)
		if d := cmp.Diff(x, y); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(x, a.tokenise(events)); d != "" {
			t.Fatal(d)
		}
		for c := range Channels {
			if !slices.IsSorted(x[c].IDs) || len(slices.Compact(slices.Clone(x[c].IDs))) != len(x[c].IDs) {
				t.Fatalf("channel %s: %v", c, x[c].IDs)
			}
		}
	})
}

func TestPartOfTheWeek(t *testing.T) {
	v := newVocabulary()
	for at, want := range map[int64]string{
		4*86400 - 1:      "weekend 20 to 24 h",     // Saturday 3 January 1970 is over
		4 * 86400:        "working day 00 to 04 h", // Monday
		2 * 86400:        "weekend 00 to 04 h",     // Saturday
		2*86400 - 1:      "working day 20 to 24 h", // Friday
		1499990400 + 3e4: "working day 08 to 12 h", // Friday 14 July 2017
	} {
		if got := v.describe(Hour, v.token(Hour, weekPart(at))); got != want {
			t.Errorf("%d: %s, want %s", at, got, want)
		}
	}
}

// A long day counts for more than a short one in its user's past, but by less than in proportion; the plain form has no such damping.
func TestDamping(t *testing.T) {
	day := func(v *vocabulary, n int) Vector {
		var events []Event
		for i := range n {
			events = append(events, Event{Second: int64(i), LocalSecond: int64(i), Action: v.dict.Code(string(rune('a' + i%26)))})
		}
		return v.tokenise(events)[Act]
	}
	mass := func(x Vector) float64 {
		var p Profile
		p.learn(x, 20000)
		return p.Mass
	}
	v := newVocabulary()
	short, long := day(v, 5), day(v, 500)
	weight, grown := long.sum()/short.sum(), mass(long)/mass(short)
	if want := math.Pow(weight, 1-dampingPower); math.Abs(grown-want) > 1e-9*want {
		t.Errorf("%.1f times the weight makes %.2f times the mass, want %.2f", weight, grown, want)
	}
	v.plain = true
	if x := day(v, 500); mass(x) != x.sum() {
		t.Errorf("plain: mass %g, want %g", mass(x), x.sum())
	}
}
