package features

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawVector(t *rapid.T, maxToken int) Vector {
	ids := rapid.SliceOfNDistinct(rapid.Uint32Range(0, uint32(maxToken)), 0, 20, rapid.ID[uint32]).Draw(t, "ids")
	slices.Sort(ids)
	v := Vector{IDs: ids}
	for range ids {
		v.X = append(v.X, rapid.Float64Range(0.5, 5).Draw(t, "x"))
	}
	return v
}

// A profile and a pool must equal the plain definition: each day's weights times Decay to the number of days since.
func TestProfileAndPoolDecay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Profile
		var pool Pool
		own, all := map[uint32]float64{}, map[uint32]float64{}
		var mass, total, days float64
		day := int64(20000)
		for range rapid.IntRange(1, 60).Draw(t, "days") {
			gap := int64(rapid.IntRange(1, 400).Draw(t, "gap"))
			v := drawVector(t, 60)
			day += gap
			pool.decay(gap)
			f := math.Pow(Decay, float64(gap))
			total *= f
			for k := range all {
				all[k] *= f
			}
			if len(v.IDs) == 0 {
				days *= f
				continue
			}
			pool.learn(v)
			p.learn(v, day)
			days = days*f + 1
			mass *= Decay
			for k := range own {
				own[k] *= Decay
			}
			for i, id := range v.IDs {
				own[id] += v.X[i]
				mass += v.X[i]
				all[id] += v.X[i] / v.sum()
			}
			total++
		}
		within := func(what string, got, want, tolerance float64) {
			if math.Abs(got-want) > tolerance*(1+want) {
				t.Fatalf("%s = %g, want %g", what, got, want)
			}
		}
		near := func(what string, got, want float64) { within(what, got, want, 1e-9) }
		for id, w := range own {
			if w > 2*minWeight { // lighter ones may have been forgotten
				within("own weight", p.Weight(id), w, 60.0/(1<<24)) // a rounding to single precision a day
			}
		}
		for id, w := range all {
			near("pool weight", pool.Weight(id), w)
		}
		near("mass", p.Mass, mass)
		near("total", pool.Total, total)
		near("days", p.DaysAt(day), days)
	})
}

func TestHeaviestKeepsTheHeaviest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SliceOfN(rapid.Float32Range(0, 3), 0, 50).Draw(t, "w")
		n := rapid.IntRange(1, 30).Draw(t, "n")
		ids := make([]uint32, len(w))
		for i := range ids {
			ids[i] = uint32(i)
		}
		sorted := slices.Sorted(slices.Values(w))
		gotIDs, got := heaviest(ids, slices.Clone(w), n)
		if len(got) != min(n, len(w)) || !slices.IsSorted(gotIDs) {
			t.Fatalf("%d kept of %d, at most %d", len(got), len(w), n)
		}
		kept := slices.Sorted(slices.Values(got))
		if !slices.Equal(kept, sorted[len(sorted)-len(kept):]) {
			t.Fatalf("kept %v of %v", kept, sorted)
		}
	})
}

// A group's shared profile equals the pool of its members, token by token.
func TestSharedEqualsThePool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var shared Shared
		var pool Pool
		day := int64(20000)
		for range rapid.IntRange(1, 20).Draw(t, "days") {
			gap := int64(rapid.IntRange(1, 60).Draw(t, "gap"))
			day += gap
			pool.decay(gap)
			var bags []Vector
			for range rapid.IntRange(0, 3).Draw(t, "users") {
				v := drawVector(t, 60)
				bags = append(bags, v)
				pool.learn(v)
			}
			shared.Learn(bags, day)
		}
		if math.Abs(shared.Total-pool.Total) > 1e-9 {
			t.Fatalf("total %g, want %g", shared.Total, pool.Total)
		}
		for id := range uint32(61) {
			if got, want := shared.Weight(id), pool.Weight(id); math.Abs(got-want) > 1e-9 {
				t.Fatalf("token %d: %g, want %g", id, got, want)
			}
		}
	})
}
