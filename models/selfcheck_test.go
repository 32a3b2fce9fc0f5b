package models

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestWinsEqualTheirDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		score := rapid.SliceOfN(rapid.Map(rapid.IntRange(-4, 4), func(i int) float64 { return float64(i) }), 1, 30)
		a, b := score.Draw(t, "a"), score.Draw(t, "b")
		want := 0.0
		for _, x := range a {
			for _, y := range b {
				switch {
				case x > y:
					want++
				case x == y:
					want += 0.5
				}
			}
		}
		if got := wins(a, b); got != want {
			t.Fatalf("%g wins, want %g", got, want)
		}
		if got := wins(a, b) + wins(b, a); got != float64(len(a)*len(b)) {
			t.Fatalf("%g wins of both, want every pair", got)
		}
	})
}

func TestSelfCheckFollowsADrop(t *testing.T) {
	id := NewIdentity()
	if auc, pairs := id.SelfCheck(); !math.IsNaN(auc) || pairs != 0 {
		t.Fatalf("before any day: %g from %g pairs", auc, pairs)
	}
	day := int64(20000)
	days := func(n int, impostor float64) {
		for range n {
			day++
			id.Check.learn(day, []float64{0, 1}, []float64{impostor})
		}
	}
	days(100, 2) // above every genuine day
	if auc, pairs := id.SelfCheck(); math.Abs(auc-1) > 1e-12 || math.Abs(pairs-2/(1-math.Exp(-1./28))) > 2 {
		t.Errorf("after 100 good days: %g from %g pairs", auc, pairs)
	}
	days(28, -1) // below every genuine day
	recent, _ := id.SelfCheck()
	usual, _ := id.UsualSelfCheck()
	// With e = 1/28 a day, the good days keep (e^-1 - e^-(1+100/28)) of 1 - e^-(128/28).
	want := (math.Exp(-1) - math.Exp(-128./28)) / (1 - math.Exp(-128./28))
	if math.Abs(recent-want) > 1e-9 || usual < recent+0.2 {
		t.Errorf("after four bad weeks: %g, want %g; usual %g", recent, want, usual)
	}
	before := id.Check
	id.Check.learn(day+1, nil, []float64{1})
	if id.Check != before {
		t.Error("a day without genuine scores changed the check")
	}
}
