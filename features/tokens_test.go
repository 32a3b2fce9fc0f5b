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
		{Second: 39700, LocalSecond: 39700, Action: n("User|Update"), Prefix: n("not a sign-in")},
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
		"hour":    {"10 h, first of the day": one, "10 h, at once": one, "11 h, later": one},
		"prefix":  {"192.0.2.0/24": two},
		"client":  {"Mac": two},
		"version": {"Mac 6.0": one},
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
