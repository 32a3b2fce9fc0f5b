package outlier

import (
	"bytes"
	"encoding/gob"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/floats/scalar"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

// c(n) by the paper's formula with exact harmonic numbers: H(1) = 1, H(2) = 3/2, H(4) = 25/12, H(9) = 7129/2520, H(255) = 6.1204245...
func TestAveragePath(t *testing.T) {
	for _, c := range []struct {
		n    int
		want float64
	}{
		{0, 0}, {1, 0}, {2, 1}, {3, 5.0 / 3}, {5, 2*25.0/12 - 8.0/5}, {10, 2*7129.0/2520 - 9.0/5},
		// The paper's formula with H(n) = ln n + gamma is 1e-3 to 2e-3 lower at 256: 10.244770920 in scikit-learn 1.2.1 (_average_path_length).
		{256, 10.244770920 + 2*(1/(2*255.0)-1/(12*255.0*255))},
	} {
		if got := AveragePath(c.n); !scalar.EqualWithinAbs(got, c.want, 1e-8) {
			t.Errorf("c(%d) = %.12g, want %.12g", c.n, got, c.want)
		}
	}
	// The two ways to the harmonic number meet.
	var h float64
	for i := 1; i <= 1000; i++ {
		h += 1 / float64(i)
		if got := harmonic(i); !scalar.EqualWithinAbs(got, h, 1e-12) {
			t.Fatalf("H(%d) = %.15g, want %.15g", i, got, h)
		}
	}
}

// A tree by hand over 4 rows: column 0 is cut at 5, its left side in column 1 at 2.
//
//	x0 <= 5 ? (x1 <= 2 ? one row : two rows) : one row
//
// Path lengths: 2; 2 + c(2) = 3; 1. With c(4) = 2 (1 + 1/2 + 1/3) - 3/2 = 13/6 the scores are 2^(-12/13), 2^(-18/13), 2^(-6/13).
func TestForestByHand(t *testing.T) {
	f := &Forest{Columns: 2, Sample: 4, Roots: []int32{0}, Nodes: []Node{
		{Value: 5, Column: 0, Child: 1},
		{Value: 2, Column: 1, Child: 3}, {Value: 1},
		{Value: 2}, {Value: 2 + AveragePath(2)},
	}}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		row  []float64
		want float64
	}{{[]float64{5, 2}, -12.0 / 13}, {[]float64{4, 2.1}, -18.0 / 13}, {[]float64{5.1, 0}, -6.0 / 13}} {
		if got, err := f.Score(c.row); err != nil || !scalar.EqualWithinRel(got, math.Exp2(c.want), 1e-14) {
			t.Errorf("score of %v is %g (%v), want %g", c.row, got, err, math.Exp2(c.want))
		}
	}
}

// Of the values 0, 1, 3 the first cut falls between 0 and 1 with probability 1/3, else between 1 and 3. So 0 stands alone after 1 cut in 1/3 and 2 in 2/3 of the
// trees, 5/3 on average; 1 always after 2; 3 after 4/3. (Depth is limited to ceil(log2 3) = 2, which cuts nothing off.)
func TestForestExpectedPath(t *testing.T) {
	f, err := FitForest(table([][]float64{{0}, {1}, {3}}), ForestOptions{Trees: 20_000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want float64 }{{0, 5.0 / 3}, {1, 2}, {3, 4.0 / 3}} {
		if got := f.meanPath([]float64{c.at}); math.Abs(got-c.want) > 5*math.Sqrt(2.0/9/20_000) { // five standard errors; the variance is 1/3 2/3
			t.Errorf("path of %g is %g, want %g", c.at, got, c.want)
		}
	}
}

// meanPath returns the average path length of a row over all trees.
func (f *Forest) meanPath(row []float64) float64 {
	var sum float64
	for _, root := range f.Roots {
		sum += f.walk(root, row) / float64(len(f.Roots))
	}
	return sum
}

// Uniform rows in a depth-limited tree: the average path of the rows themselves is near c(256), so scores are near 0.5 as the paper says.
func TestForestOfOrdinaryRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	x := mat.NewDense(2000, 3, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return rng.Float64() }, x)
	f, err := FitForest(x, ForestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scores, err := f.Scores(x)
	if err != nil {
		t.Fatal(err)
	}
	if m := stat.Mean(scores, nil); m < 0.45 || m > 0.55 {
		t.Errorf("mean score %g", m)
	}
	far, _ := f.Score([]float64{3, -3, 3})
	if far < 0.6 || far <= slices.Max(scores) {
		t.Errorf("a row far away scores %g, the highest of the others %g", far, slices.Max(scores))
	}
}

func TestForestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		value := rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.SampledFrom([]float64{0, 1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}))
		rows := rapid.SliceOfN(rapid.SliceOfN(value, columns, columns), 2, 60).Draw(t, "rows")
		o := ForestOptions{Trees: rapid.IntRange(1, 20).Draw(t, "trees"), Seed: rapid.Uint64().Draw(t, "seed")}
		x := table(rows)
		f, err := FitForest(x, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Check(); err != nil {
			t.Fatal(err)
		}
		scores, err := f.Scores(x)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range scores {
			if one, err := f.Score(rows[i]); err != nil || one != s || !(s > 0 && s < 1) {
				t.Fatalf("row %d scores %g, alone %g (%v)", i, s, one, err)
			}
		}
		// Every tree sees all of up to 256 rows, so their order does not matter.
		again, err := FitForest(rowsOf(x, rapid.Permutation(indices(len(rows))).Draw(t, "order")), o)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(f, again) {
			t.Fatal("the same rows in another order grow another forest")
		}
		// A change of units changes no score: powers of two are exact.
		var scaled mat.Dense
		scaled.Scale(0.25, x)
		if g, err := FitForest(&scaled, o); err != nil {
			t.Fatal(err)
		} else if other, _ := g.Scores(&scaled); !floats.EqualApprox(scores, other, 1e-12) && !slices.Contains(slices.Concat(rows...), math.SmallestNonzeroFloat64) {
			t.Fatalf("scores %v, in other units %v", scores, other)
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestForestOfEqualRows(t *testing.T) {
	f, err := FitForest(mat.NewDense(500, 3, nil), ForestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]float64{{0, 0, 0}, {1, 2, 3}} {
		if s, err := f.Score(row); err != nil || !scalar.EqualWithinRel(s, 0.5, 1e-14) {
			t.Errorf("score %g (%v), want 0.5: nothing tells rows apart", s, err)
		}
	}
}

func TestFitDoesNotDependOnCores(t *testing.T) {
	x := normal(rand.New(rand.NewPCG(3, 4)), 3000, 5)
	var fits []*Joint
	for _, cores := range []int{1, 2, 5} {
		old := runtime.GOMAXPROCS(cores)
		j, err := FitJoint(x, ForestOptions{Seed: 9}, MCDOptions{Seed: 9})
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		fits = append(fits, j)
	}
	for _, j := range fits[1:] {
		if !reflect.DeepEqual(fits[0], j) {
			t.Error("another number of cores, another fit")
		}
	}
	other, err := FitJoint(x, ForestOptions{Seed: 10}, MCDOptions{Seed: 10})
	if err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(fits[0].Forest, other.Forest) {
		t.Error("another seed grew the same forest")
	}
}

func TestJointIsKeptByGob(t *testing.T) {
	x := normal(rand.New(rand.NewPCG(3, 4)), 700, 4)
	j, err := FitJoint(x, ForestOptions{}, MCDOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(j); err != nil {
		t.Fatal(err)
	}
	var back Joint
	if err := gob.NewDecoder(&b).Decode(&back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(j, &back) {
		t.Error("the decoded model differs")
	}
	if err := back.Check(); err != nil {
		t.Error(err)
	}
}

func TestForestRefuses(t *testing.T) {
	nan := math.NaN()
	good := table([][]float64{{1, 2}, {3, 4}})
	for _, c := range []struct {
		name, want string
		x          *mat.Dense
		o          ForestOptions
	}{
		{"nothing", "fit forest: table is empty: give at least 2 rows", nil, ForestOptions{}},
		{"one row", "fit forest: table has 1 row: give at least 2", table([][]float64{{1, 2}}), ForestOptions{}},
		{"NaN", "fit forest: row 1: column 1 is NaN: fill it or leave the row out", table([][]float64{{1, 2}, {3, nan}}), ForestOptions{}},
		{"infinite", "fit forest: row 0: column 0 is -Inf: fill it or leave the row out", table([][]float64{{math.Inf(-1), 2}, {3, 4}}), ForestOptions{}},
		{"sample of one", "fit forest: 0 trees of 1 rows: give at least 1 of 2, or 0 for the defaults", good, ForestOptions{Sample: 1}},
		{"fewer than no trees", "fit forest: -1 trees of 0 rows: give at least 1 of 2, or 0 for the defaults", good, ForestOptions{Trees: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := FitForest(c.x, c.o); err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	f, err := FitForest(good, ForestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Score([]float64{1}); err == nil || !strings.Contains(err.Error(), "row has 1 columns, the model has 2") {
		t.Errorf("a short row: %v", err)
	}
	if _, err := f.Score([]float64{1, nan}); err == nil {
		t.Error("NaN was scored")
	}
	if _, err := f.Scores(table([][]float64{{1, 2}, {nan, 2}})); err == nil || !strings.HasPrefix(err.Error(), "row 1: column 0 is NaN") {
		t.Errorf("a table with NaN: %v", err)
	}
}

func TestCheckFindsDamage(t *testing.T) {
	x := normal(rand.New(rand.NewPCG(3, 4)), 300, 2)
	for name, damage := range map[string]func(*Joint){
		"no forest":         func(j *Joint) { j.Forest = nil },
		"no covariance":     func(j *Joint) { j.Robust = nil },
		"empty forest":      func(j *Joint) { j.Forest.Nodes = nil },
		"root beyond":       func(j *Joint) { j.Forest.Roots[0] = 1 << 30 },
		"child beyond":      func(j *Joint) { j.Forest.Nodes[0].Child = int32(len(j.Forest.Nodes) - 1) },
		"circle":            func(j *Joint) { j.Forest.Nodes[1].Child = 1 },
		"column beyond":     func(j *Joint) { j.Forest.Nodes[0].Column = 2 },
		"NaN cut":           func(j *Joint) { j.Forest.Nodes[0].Value = math.NaN() },
		"short location":    func(j *Joint) { j.Robust.Location = j.Robust.Location[:1] },
		"NaN metric":        func(j *Joint) { j.Robust.Whiten[0] = math.NaN() },
		"rank beyond":       func(j *Joint) { j.Robust.Rank = 3 },
		"other columns":     func(j *Joint) { j.Forest.Columns = 3 },
		"unsorted ranks":    func(j *Joint) { slices.Reverse(j.ForestRank.Sorted) },
		"no ranks":          func(j *Joint) { j.RobustRank.Sorted = nil },
		"ranks of NaN only": func(j *Joint) { j.RobustRank.Sorted = []float64{math.NaN()} },
	} {
		t.Run(name, func(t *testing.T) {
			j, err := FitJoint(x, ForestOptions{Trees: 3}, MCDOptions{})
			if err != nil {
				t.Fatal(err)
			}
			damage(j)
			if j.Check() == nil {
				t.Error("not found")
			}
		})
	}
}

func BenchmarkFitForest(b *testing.B) {
	x := normal(rand.New(rand.NewPCG(1, 2)), 10_000, 16)
	for b.Loop() {
		if _, err := FitForest(x, ForestOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkForestScore(b *testing.B) {
	x := normal(rand.New(rand.NewPCG(1, 2)), 10_000, 16)
	f, err := FitForest(x, ForestOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := f.Score(x.RawRowView(i % 10_000)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkForestScores(b *testing.B) {
	x := normal(rand.New(rand.NewPCG(1, 2)), 10_000, 16)
	f, err := FitForest(x, ForestOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := f.Scores(x); err != nil {
			b.Fatal(err)
		}
	}
}
