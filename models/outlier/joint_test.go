package outlier

import (
	"bytes"
	"encoding/gob"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"pgregory.net/rapid"
)

// Two p-values p, q give pq (1 - ln pq): the upper tail of chi-squared with 4 degrees of freedom at x is exp(-x/2) (1 + x/2).
func TestFisher(t *testing.T) {
	for _, c := range []struct {
		ps   []float64
		want float64
	}{
		{nil, 1}, {[]float64{1, 1}, 1}, {[]float64{0.03}, 0.03}, {[]float64{0.05, 0.05}, 0.0025 * (1 - math.Log(0.0025))},
		{[]float64{0.01, 0.8}, 0.008 * (1 - math.Log(0.008))},
	} {
		if got := Fisher(c.ps...); !scalar.EqualWithinAbsOrRel(got, c.want, 1e-14, 1e-10) {
			t.Errorf("Fisher(%v) = %g, want %g", c.ps, got, c.want)
		}
	}
	if p := Fisher(0, 0.5); !(p >= 0 && p < 1e-300) {
		t.Errorf("of an impossible p %g", p)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(1e-9, 1).Draw(t, "a"), rapid.Float64Range(1e-9, 1).Draw(t, "b")
		if p, q := Fisher(a, b), Fisher(b, a); p != q || !(p >= 0 && p <= 1) || Fisher(a/2, b) > p+1e-15 {
			t.Fatalf("Fisher(%g, %g) = %g, the other way round %g", a, b, p, q)
		}
	})
}

// Of 0.01 and 0.04: 2 / (100 + 25). The values lie between the smallest and k times the smallest.
func TestHarmonicMean(t *testing.T) {
	for _, c := range []struct {
		ps   []float64
		want float64
	}{{nil, 1}, {[]float64{1, 1}, 1}, {[]float64{0.03}, 0.03}, {[]float64{0.01, 0.04}, 0.016}, {[]float64{0, 0.5}, 0}} {
		if got := HarmonicMean(c.ps...); !scalar.EqualWithinAbsOrRel(got, c.want, 1e-16, 1e-14) {
			t.Errorf("HarmonicMean(%v) = %g, want %g", c.ps, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		ps := rapid.SliceOfN(rapid.Float64Range(1e-12, 1), 1, 6).Draw(t, "ps")
		least := slices.Min(ps)
		if p := HarmonicMean(ps...); p < least*(1-1e-12) || p > least*float64(len(ps))*(1+1e-12) || p > 1 {
			t.Fatalf("%g of %v", p, ps)
		}
	})
}

func TestRank(t *testing.T) {
	scores := []float64{3, 1, 2, 2}
	r := NewRank(scores)
	if scores[0] != 3 {
		t.Error("the scores given were reordered")
	}
	for _, c := range []struct{ s, want float64 }{{0, 1}, {1, 1}, {1.5, 0.8}, {2, 0.8}, {3, 0.4}, {9, 0.2}} { // (1 + #{>= s}) / 5
		if got := r.P(c.s); got != c.want {
			t.Errorf("P(%g) = %g, want %g", c.s, got, c.want)
		}
	}
	if got := (Rank{}).P(1); got != 1 {
		t.Errorf("among nothing p = %g", got)
	}
}

// p-values of rows drawn like those fitted on are uniform: of 4,000 about 5 % are below 0.05 by either detector.
func TestJointPIsUniform(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 0))
	j, err := FitJoint(normal(rng, 4000, 3), ForestOptions{Seed: 4}, MCDOptions{Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	var forest, robust, joint float64
	const n = 4000
	x := normal(rng, n, 3)
	for i := range n {
		v, err := j.Judge(x.RawRowView(i))
		if err != nil {
			t.Fatal(err)
		}
		if v.P != HarmonicMean(v.Forest, v.Robust) {
			t.Fatalf("%+v", v)
		}
		for p, count := range map[float64]*float64{v.Forest: &forest, v.Robust: &robust, v.P: &joint} {
			if p <= 0.05 {
				*count += 1.0 / n
			}
		}
	}
	// Both the ranks and the shares have a standard error of sqrt(0.05 0.95 / 4000): 0.0049 together.
	if math.Abs(forest-0.05) > 0.025 || math.Abs(robust-0.05) > 0.025 {
		t.Errorf("shares below 0.05: forest %g, covariance %g", forest, robust)
	}
	// Of wholly shared evidence 0.05; of independent p-values the area of 1/p + 1/q >= 40 in the unit square, 0.0546.
	if joint < 0.035 || joint > 0.07 {
		t.Errorf("share below 0.05 of both: %g", joint)
	}
}

// Each detector is blind to something: the forest barely sees a row that breaks a correlation, and the joint verdict does.
func TestJointSeesBrokenCorrelation(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	x := normal(rng, 2000, 2)
	for i := range 2000 {
		x.Set(i, 1, x.At(i, 0)+0.05*x.At(i, 1))
	}
	j, err := FitJoint(x, ForestOptions{}, MCDOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := j.Judge([]float64{1, -1})
	if err != nil {
		t.Fatal(err)
	}
	if v.Robust > 0.001 || v.P > 0.01 || v.Forest < v.Robust {
		t.Errorf("%+v", v)
	}
}

func TestMeasures(t *testing.T) {
	// Four rows, two outliers: pairs ranked right 3 of 4; precision 1/1 at recall 1/2 and 2/3 at 1. The third: all tied.
	for _, c := range []struct {
		scores  []float64
		outlier []bool
		auc, ap float64
	}{
		{[]float64{4, 3, 2, 1}, []bool{true, false, true, false}, 0.75, (1 + 2.0/3) / 2},
		{[]float64{4, 3, 2, 1}, []bool{true, true, false, false}, 1, 1},
		{[]float64{1, 1, 1, 1}, []bool{true, false, false, false}, 0.5, 0.25},
		{[]float64{2, 2, 1, 1}, []bool{true, false, true, false}, 0.5, 0.5},
	} {
		auc, ap := rocAUC(c.scores, c.outlier), averagePrecision(c.scores, c.outlier)
		if !scalar.EqualWithinRel(auc, c.auc, 1e-15) || !scalar.EqualWithinRel(ap, c.ap, 1e-15) {
			t.Errorf("%v: AUC %g, AP %g, want %g, %g", c, auc, ap, c.auc, c.ap)
		}
	}
}

// Whatever a file holds, a model that passes Check can be scored with.
func FuzzCheck(f *testing.F) {
	j, err := FitJoint(normal(rand.New(rand.NewPCG(3, 4)), 20, 2), ForestOptions{Trees: 2}, MCDOptions{})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(j); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		var j Joint
		if gob.NewDecoder(bytes.NewReader(data)).Decode(&j) != nil || j.Check() != nil {
			return
		}
		v, err := j.Judge(make([]float64, j.Forest.Columns))
		if err != nil || !(v.P >= 0 && v.P <= 1) {
			t.Fatalf("%+v, %v", v, err)
		}
	})
}
