package outlier

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/floats/scalar"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// A reference is a published table with what scikit-learn makes of it; the files say which versions and settings.
type reference struct {
	Rows       [][]float64 `json:"rows"`
	MCD        []estimate  `json:"mcd"`
	LedoitWolf estimate    `json:"ledoit_wolf"`
	Empirical  estimate    `json:"empirical"`
}

type estimate struct {
	Support         float64   `json:"support_fraction"`
	RawLogDet       float64   `json:"raw_log_det"`
	Shrinkage       float64   `json:"shrinkage"`
	Location        []float64 `json:"location"`
	Covariance      []float64 `json:"covariance"`
	SquaredDistance []float64 `json:"squared_distance"`
}

func readReference(t *testing.T, name string) (reference, *mat.Dense) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r, table(r.Rows)
}

func table(rows [][]float64) *mat.Dense {
	return mat.NewDense(len(rows), len(rows[0]), slices.Concat(rows...))
}

// agree fails unless every value is within a share of the reference, or of the largest value of the reference for those near 0.
func agree(t *testing.T, what string, got, want []float64, share float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, reference %d", what, len(got), len(want))
	}
	bound := share * floats.Norm(want, math.Inf(1))
	for i := range want {
		if !scalar.EqualWithinAbsOrRel(got[i], want[i], bound, share) {
			t.Errorf("%s %d: %.12g, reference %.12g", what, i, got[i], want[i])
		}
	}
}

func agreeEllipsoid(t *testing.T, e *Ellipsoid, x *mat.Dense, want estimate, share, distanceShare float64) {
	t.Helper()
	agree(t, "location", e.Location, want.Location, share)
	agree(t, "covariance", e.Covariance, want.Covariance, share)
	distances, err := e.Scores(x)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "squared distance", distances, want.SquaredDistance, distanceShare)
	if err := e.Check(); err != nil {
		t.Error(err)
	}
}

func TestMahalanobisAgrees(t *testing.T) {
	for _, name := range []string{"stackloss", "setosa"} {
		t.Run(name, func(t *testing.T) {
			r, x := readReference(t, name)
			n := float64(len(r.Rows))
			var s mat.SymDense
			stat.CovarianceMatrix(&s, x, nil)
			s.ScaleSym((n-1)/n, &s) // scikit-learn divides by n
			e, err := NewEllipsoid(columnMeans(x), &s)
			if err != nil {
				t.Fatal(err)
			}
			agreeEllipsoid(t, e, x, r.Empirical, 1e-12, 1e-9)
			// gonum's own, row by row.
			var chol mat.Cholesky
			chol.Factorize(&s)
			for i, row := range r.Rows {
				d := stat.Mahalanobis(mat.NewVecDense(len(row), row), mat.NewVecDense(len(row), e.Location), &chol)
				if got, _ := e.Score(row); !scalar.EqualWithinRel(got, d*d, 1e-9) {
					t.Errorf("row %d: %g, gonum %g", i, got, d*d)
				}
			}
		})
	}
}

func TestLedoitWolfAgrees(t *testing.T) {
	for _, name := range []string{"stackloss", "setosa"} {
		t.Run(name, func(t *testing.T) {
			r, x := readReference(t, name)
			e, shrinkage, err := LedoitWolf(x)
			if err != nil {
				t.Fatal(err)
			}
			if !scalar.EqualWithinRel(shrinkage, r.LedoitWolf.Shrinkage, 1e-9) {
				t.Errorf("shrinkage %.12g, reference %.12g", shrinkage, r.LedoitWolf.Shrinkage)
			}
			agreeEllipsoid(t, e, x, r.LedoitWolf, 1e-9, 1e-9)
		})
	}
}

// scikit-learn's default support is what 0.5 is here.
func (e estimate) options(seed uint64) MCDOptions {
	return MCDOptions{Support: max(e.Support, 0.5), Seed: seed}
}

// The floor of 1e-6 of the variance of all rows is what the distances may differ by.
func TestMCDAgrees(t *testing.T) {
	for _, name := range []string{"stackloss", "setosa"} {
		r, x := readReference(t, name)
		for _, want := range r.MCD {
			t.Run(fmt.Sprintf("%s, support %g", name, want.Support), func(t *testing.T) {
				for seed := range uint64(5) {
					e, err := MCD(x, want.options(seed))
					if err != nil {
						t.Fatal(err)
					}
					agreeEllipsoid(t, e, x, want, 1e-9, 1e-3)
				}
			})
		}
	}
}

// No subset of 13 or 15 of the 21 rows of the stack loss data has a smaller determinant than the one found: all 203,490 and 54,264 are tried.
func TestMCDIsTheMinimum(t *testing.T) {
	if testing.Short() {
		t.Skip("tries 257,754 subsets")
	}
	r, x := readReference(t, "stackloss")
	s, err := newSpan(x)
	if err != nil {
		t.Fatal(err)
	}
	var total mat.SymDense // covariance of all rows, which is 1 in the coordinates of the span
	stat.CovarianceMatrix(&total, x, nil)
	n := float64(s.rows)
	total.ScaleSym((n-1)/n, &total)
	unit, _ := mat.LogDet(&total)
	for _, want := range r.MCD {
		m := mcd{q: s.rank, support: want.options(0).Support}
		subset := make([]int, m.half(s.rows))
		rows := make([]int32, len(subset))
		least := math.Inf(1)
		f := newFit(s.rank)
		for all := combin.NewCombinationGenerator(s.rows, len(subset)); all.Next(); {
			for i, v := range all.Combination(subset) {
				rows[i] = int32(v)
			}
			f.take(s.z, rows)
			least = min(least, f.logDet)
		}
		for m.seed = range 20 {
			if got := m.fit(s.z).logDet; got > least+1e-9 {
				t.Errorf("%d rows, seed %d: log-determinant %.9g, the least is %.9g", len(rows), m.seed, got, least)
			}
		}
		if got := least + unit; !scalar.EqualWithinAbs(got, want.RawLogDet, 1e-3) { // the floor adds a little
			t.Errorf("%d rows: log-determinant %.9g, reference %.9g", len(rows), got, want.RawLogDet)
		}
	}
}

// normal returns rows of independent standard normal values.
func normal(rng *rand.Rand, rows, columns int) *mat.Dense {
	x := mat.NewDense(rows, columns, nil)
	for i := range rows {
		for j := range columns {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	return x
}

// For normal rows the estimate is near the truth, and 40 % of rows far away do not move it: the mean would be at 4.
func TestMCDResists(t *testing.T) {
	for _, rows := range []int{200, 1000, 5000} { // one group, three groups, five groups
		rng := rand.New(rand.NewPCG(7, uint64(rows)))
		x := normal(rng, rows, 4)
		for i := range 2 * rows / 5 {
			for j := range 4 {
				x.Set(i, j, 10+x.At(i, j))
			}
		}
		e, err := MCD(x, MCDOptions{Support: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		// Standard error of a mean of the 60 % clean rows, five times; of a variance likewise, and the factor by which the tail beyond the 0.975 quantile is missed:
		// F(q; 6)/0.975 with q the quantile for 4 columns.
		clean := 0.6 * float64(rows)
		q := distuv.ChiSquared{K: 4}.Quantile(0.975)
		variance := distuv.ChiSquared{K: 6}.CDF(q) / 0.975
		for j := range 4 {
			if m := e.Location[j]; math.Abs(m) > 5/math.Sqrt(clean) {
				t.Errorf("%d rows: location %g", rows, m)
			}
			if v := e.Covariance[5*j]; v > variance+5*math.Sqrt(2/clean) || v < 0.7 {
				t.Errorf("%d rows: variance %g, expected about %g", rows, v, variance)
			}
		}
	}
}

// A map of the columns changes no distance: rows and map are drawn.
func TestMCDIsAffineInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		x := normal(rng, rapid.IntRange(4*columns+8, 60).Draw(t, "rows"), columns)
		// A rotation-like map with a bounded condition: the identity plus something small, times scales of the columns.
		m := normal(rng, columns, columns)
		m.Scale(0.3/float64(columns), m)
		for j := range columns {
			m.Set(j, j, 1)
			scale := math.Pow(10, rapid.Float64Range(-3, 3).Draw(t, "power"))
			for i := range columns {
				m.Set(i, j, m.At(i, j)*scale)
			}
		}
		shift := rapid.Float64Range(-10, 10).Draw(t, "shift")
		var y mat.Dense
		y.Mul(x, m)
		y.Apply(func(_, _ int, v float64) float64 { return v + shift }, &y)
		for name, fit := range map[string]func(*mat.Dense) (*Ellipsoid, error){
			"MCD": func(x *mat.Dense) (*Ellipsoid, error) { return MCD(x, MCDOptions{Seed: 3}) },
			"covariance": func(x *mat.Dense) (*Ellipsoid, error) {
				var s mat.SymDense
				stat.CovarianceMatrix(&s, x, nil)
				return NewEllipsoid(columnMeans(x), &s)
			},
		} {
			a, b := scoresOf(t, fit, x), scoresOf(t, fit, &y)
			for i := range a {
				if !scalar.EqualWithinAbsOrRel(a[i], b[i], 1e-6, 1e-6) {
					t.Fatalf("%s: row %d has distance %g, mapped %g", name, i, a[i], b[i])
				}
			}
		}
	})
}

func scoresOf(t *rapid.T, fit func(*mat.Dense) (*Ellipsoid, error), x *mat.Dense) []float64 {
	e, err := fit(x)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Scores(x)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Shrinkage stays within [0, 1], keeps the trace, and does not depend on the order of the rows.
func TestLedoitWolfProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 8).Draw(t, "columns")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		x := normal(rng, rapid.IntRange(3, 30).Draw(t, "rows"), columns)
		e, shrinkage, err := LedoitWolf(x)
		if err != nil {
			t.Fatal(err)
		}
		if !(shrinkage >= 0 && shrinkage <= 1) {
			t.Fatalf("shrinkage %g", shrinkage)
		}
		rows, _ := x.Dims()
		var trace, want float64
		for j := range columns {
			trace += e.Covariance[j*columns+j]
			want += stat.PopVariance(mat.Col(nil, j, x), nil)
		}
		if !scalar.EqualWithinRel(trace, want, 1e-9) {
			t.Fatalf("trace %g, of the rows %g", trace, want)
		}
		shuffled, again, err := LedoitWolf(rowsOf(x, rng.Perm(rows)))
		if err != nil {
			t.Fatal(err)
		}
		if !scalar.EqualWithinAbs(shrinkage, again, 1e-9) || !floats.EqualApprox(e.Covariance, shuffled.Covariance, 1e-9) {
			t.Fatalf("shrinkage %g, of the same rows in another order %g", shrinkage, again)
		}
	})
}

// Columns that are constant, repeated, sums of others or 0 for most rows leave a fit that still sees an outlier.
func TestMCDOfSingularTables(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 0))
	for name, change := range map[string]func(row []float64, i int){
		"constant":         func(row []float64, _ int) { row[2] = 7 },
		"constant, large":  func(row []float64, _ int) { row[2] = 0.1 + 1e9 },
		"repeated":         func(row []float64, _ int) { row[2] = row[0] },
		"a sum, rounded":   func(row []float64, _ int) { row[2] = math.Round((row[0]-2*row[1])*1e6) / 1e6 },
		"mostly 0":         func(row []float64, i int) { row[2] *= float64(max(i%10-8, 0)) },
		"all equal but 50": func(row []float64, i int) { clear(row[:min(3, max(0, i-49)*3)]) },
	} {
		t.Run(name, func(t *testing.T) {
			x := normal(rng, 300, 3)
			for i := range 300 {
				change(x.RawRowView(i), i)
			}
			e, err := MCD(x, MCDOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Check(); err != nil {
				t.Fatal(err)
			}
			scores, err := e.Scores(x)
			if err != nil {
				t.Fatal(err)
			}
			far, err := e.Score([]float64{15, -15, x.At(0, 2)})
			if err != nil {
				t.Fatal(err)
			}
			if far <= median(scores) {
				t.Errorf("a row far away has distance %g, the median of all is %g", far, median(scores))
			}
		})
	}
}

func TestMCDRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name, want string
		x          *mat.Dense
	}{
		{"nothing", "fit minimum covariance determinant: table is empty: give at least 2 rows", nil},
		{"one row", "fit minimum covariance determinant: table has 1 row: give at least 2", table([][]float64{{1, 2}})},
		{"NaN", "fit minimum covariance determinant: row 1: column 0 is NaN: fill it or leave the row out", table([][]float64{{1}, {nan}, {3}})},
		{"infinite", "fit minimum covariance determinant: row 2: column 0 is +Inf: fill it or leave the row out", table([][]float64{{1}, {2}, {inf}})},
		{"constant", "fit minimum covariance determinant: no column varies: there is nothing to tell rows by", table([][]float64{{1, 2}, {1, 2}, {1, 2}})},
		{"too few", "fit minimum covariance determinant: 3 rows for 2 independent columns: give more rows or take LedoitWolf", table([][]float64{{1, 2}, {2, 1}, {3, 7}})},
		{"too great", "fit minimum covariance determinant: values are too great to be squared: standardise the columns", table([][]float64{{1e300}, {-1e300}, {0}})},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := MCD(c.x, MCDOptions{}); err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	if _, _, err := LedoitWolf(table([][]float64{{1, 2}, {1, 2}})); err == nil {
		t.Error("Ledoit-Wolf fitted rows that do not vary")
	}
	if _, _, err := LedoitWolf(table([][]float64{{1, nan}, {1, 2}})); err == nil {
		t.Error("Ledoit-Wolf fitted NaN")
	}
	if _, err := NewEllipsoid([]float64{0, 0}, mat.NewSymDense(2, []float64{1, 1, 1, 1})); err == nil {
		t.Error("a singular covariance was taken")
	}
}

// A row beyond what can be squared is as far as can be said, not NaN.
func TestMahalanobisOverflows(t *testing.T) {
	e, err := MCD(normal(rand.New(rand.NewPCG(1, 1)), 50, 2), MCDOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]float64{{1e200, 0}, {math.MaxFloat64, -math.MaxFloat64}, {math.MaxFloat64, math.MaxFloat64}} {
		if d, err := e.Score(row); err != nil || d != math.MaxFloat64 {
			t.Errorf("distance of %v is %g (%v)", row, d, err)
		}
	}
}

func TestSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-3, 3), 1, 50).Draw(t, "values")
		if rapid.Bool().Draw(t, "ties") {
			for i := range values {
				values[i] = math.Round(values[i])
			}
		}
		k := rapid.IntRange(0, len(values)-1).Draw(t, "k")
		want := slices.Sorted(slices.Values(values))
		rows := nearest(nil, values, make([]float64, len(values)), k+1)
		var got []float64
		for _, r := range rows {
			got = append(got, values[r])
		}
		slices.Sort(got)
		if !slices.Equal(got, want[:k+1]) || !slices.IsSorted(rows) {
			t.Fatalf("nearest %d: %v, want %v", k+1, got, want[:k+1])
		}
		if v := smallest(values, k); v != want[k] {
			t.Fatalf("%g at %d, want %g", v, k, want[k])
		}
	})
}

func BenchmarkMCD(b *testing.B) {
	x := normal(rand.New(rand.NewPCG(1, 2)), 10_000, 16)
	for b.Loop() {
		if _, err := MCD(x, MCDOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEllipsoidScore(b *testing.B) {
	x := normal(rand.New(rand.NewPCG(1, 2)), 1000, 16)
	e, err := MCD(x, MCDOptions{})
	if err != nil {
		b.Fatal(err)
	}
	row := x.RawRowView(0)
	for b.Loop() {
		if _, err := e.Score(row); err != nil {
			b.Fatal(err)
		}
	}
}
