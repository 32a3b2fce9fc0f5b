package outlier

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The schedule of Rousseeuw and Van Driessen (Technometrics 41, 1999, section 3.3).
const (
	mcdStarts  = 500   // random starts, over all groups
	mcdKeep    = 10    // best fits that go on to the next stage
	mcdQuick   = 2     // concentration steps before that
	mcdSteps   = 30    // the paper never saw more until convergence
	mcdWhole   = 600   // up to here all rows are one group
	mcdGroup   = 300   // rows per group
	mcdGroups  = 5     // at most
	reweighted = 0.975 // quantile of chi-squared within which rows are kept at the end
)

// defaultSupport is the paper's compromise between robustness and efficiency (section 2).
const defaultSupport = 0.75

// MCDOptions say how the minimum covariance determinant is sought.
type MCDOptions struct {
	// Support is the share of the rows that are taken to be no outliers, from 0.5 (the most robust, and what scikit-learn does unless told) to 1; 0 means 0.75. Where
	// values repeat, as counts do, a half may well have no spread although the rows have.
	Support float64
	Seed    uint64
}

// MCD fits the minimum covariance determinant: location and scatter of those of the rows, as many as Support says, whose scatter has the least determinant, found
// by FastMCD (Rousseeuw, Van Driessen, 1999), scaled so that its median distance is that of normal rows, and then those of all rows that lie within the 0.975
// quantile of chi-squared. The share of outliers may be 1 - Support.
//
// Singular scatter: columns that do not vary, and directions in which columns follow from others, are left out (Rank says how many are left). Where rows vary
// but their bulk does not, its variance is floored at 1e-6 of the variance of all rows, in Whiten alone; Covariance is what was found. A row that has some
// spread where the bulk has none then lies beyond all rows that have none, whatever else they do.
//
// The covariance of the kept rows is returned as it is: for normal rows it is a little too small, as those beyond the quantile are missing.
//
// It fails for values that are not finite, if no column varies, and if there are too few rows: at least Rank + 2, though 5 for each column are advisable.
func MCD(x *mat.Dense, o MCDOptions) (*Ellipsoid, error) {
	if o.Support == 0 {
		o.Support = defaultSupport
	}
	if !(o.Support >= 0.5 && o.Support <= 1) {
		return nil, fmt.Errorf("fit minimum covariance determinant: support is %g: give a share of the rows from 0.5 to 1, or 0 for the default", o.Support)
	}
	if err := checkTable(x); err != nil {
		return nil, fmt.Errorf("fit minimum covariance determinant: %w", err)
	}
	s, err := newSpan(x)
	if err != nil {
		return nil, fmt.Errorf("fit minimum covariance determinant: %w", err)
	}
	if s.rows < s.rank+2 {
		return nil, fmt.Errorf("fit minimum covariance determinant: %d rows for %d independent columns: give more rows or take LedoitWolf", s.rows, s.rank)
	}
	m := mcd{q: s.rank, support: o.Support, seed: o.Seed}
	return s.ellipsoid(reweight(m.fit(s.z), s.z)), nil
}

// An mcd is the search for a raw fit.
type mcd struct {
	q       int // columns
	support float64
	seed    uint64
}

// half returns over how many of the rows the determinant is minimised.
func (m mcd) half(rows int) int {
	return min(max((rows+m.q+2)/2, int(m.support*float64(rows))), rows) // (n+q+1)/2, rounded up, allows for the most outliers
}

// fit returns the raw fit: groups of rows first, then some of all rows, then all.
func (m mcd) fit(z []float64) *fit {
	q := m.q
	rows := len(z) / q
	if rows <= mcdWhole {
		return best(m.concentrate(z, best(m.start(z, 0, mcdStarts), mcdKeep), mcdSteps), 1)[0]
	}
	// Groups of equal size, drawn at random.
	groups := min(rows/mcdGroup, mcdGroups)
	drawn := draw(rand.New(rand.NewPCG(m.seed, 0)), rows, min(rows, groups*mcdGroup))
	pool := make([]float64, 0, len(drawn)*q)
	for _, r := range drawn {
		pool = append(pool, z[r*q:r*q+q]...)
	}
	var fits []*fit
	for g := range groups {
		lo, hi := g*len(drawn)/groups, (g+1)*len(drawn)/groups
		fits = append(fits, best(m.start(pool[lo*q:hi*q], g, mcdStarts/groups), mcdKeep)...)
	}
	fits = best(m.concentrate(pool, fits, mcdQuick), mcdKeep)
	return best(m.concentrate(z, fits, mcdSteps), 1)[0]
}

// start fits q+1 random rows, n times, and concentrates each a little.
func (m mcd) start(z []float64, group, n int) []*fit {
	fits := make([]*fit, n)
	for i := range fits {
		rng := rand.New(rand.NewPCG(m.seed, 1+uint64(group*mcdStarts+i)))
		rows := make([]int32, 0, m.q+1)
		for _, r := range draw(rng, len(z)/m.q, m.q+1) {
			rows = append(rows, int32(r))
		}
		fits[i] = newFit(m.q)
		fits[i].take(z, rows)
	}
	return m.concentrate(z, fits, mcdQuick)
}

// concentrate refits every fit to the half of the rows nearest to it, which never raises the determinant (theorem 1 of the paper), until it stands still or the
// steps are used up.
func (m mcd) concentrate(z []float64, fits []*fit, steps int) []*fit {
	rows := len(z) / m.q
	h := m.half(rows)
	out := make([]*fit, len(fits))
	_ = parallel(len(fits), func(i int) error { // never fails
		f := fits[i]
		distances, scratch, order := make([]float64, rows), make([]float64, rows), make([]int32, 0, rows)
		for step := range steps {
			f.distances(distances, z)
			next := newFit(m.q)
			next.take(z, nearest(order, distances, scratch, h))
			// The first step comes from a fit to other rows, whose determinant says nothing.
			if step > 0 && next.logDet >= f.logDet {
				break
			}
			f = next
		}
		out[i] = f
		return nil
	})
	return out
}

// best returns the n fits of least determinant; of equals the earlier.
func best(fits []*fit, n int) []*fit {
	slices.SortStableFunc(fits, func(a, b *fit) int { return cmp.Compare(a.logDet, b.logDet) })
	return fits[:min(n, len(fits))]
}

// reweight scales a raw fit so that its median distance is that of normal rows, and fits the rows within.
func reweight(raw *fit, z []float64) *fit {
	q := len(raw.location)
	distances := make([]float64, len(z)/q)
	raw.distances(distances, z)
	chi := distuv.ChiSquared{K: float64(q)}
	scale := median(distances) / chi.Quantile(0.5)
	if scale == 0 {
		scale = 1 // more than half of the rows are equal: the floor alone says how near a row is
	}
	var kept []int32
	for i, d := range distances {
		if d < scale*chi.Quantile(reweighted) {
			kept = append(kept, int32(i))
		}
	}
	f := newFit(q)
	f.take(z, kept)
	return f
}

// median returns the mean of the two middle values if there is no single one.
func median(values []float64) float64 {
	s := slices.Clone(values)
	n := len(s)
	return (smallest(s, (n-1)/2) + smallest(s, n/2)) / 2
}
