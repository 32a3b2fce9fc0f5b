package outlier

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

const (
	// flat is the standard deviation, as a share of the largest value, below which a column is taken as constant: rounding alone leaves about 1e-16.
	flat = 1e-13
	// collinear is the eigenvalue of the correlation matrix, as a share of the largest, below which a direction is taken as the rounding of columns that follow from
	// others: tables hold about six digits, whose rounding leaves 1e-12.
	collinear = 1e-10
)

// A span holds rows in coordinates in which they have mean 0 and covariance 1, in all the directions in which they vary. An affine map of the columns turns these
// coordinates at most, so what is computed in them does not depend on units, and constants such as a floor mean the same for every table.
type span struct {
	rows, rank int
	z          []float64 // rows x rank
	mean       []float64 // columns
	to         []float64 // rank x columns: z = to (x - mean)
	from       []float64 // columns x rank: x = mean + from z
}

// newSpan fails if no column varies or values are too great to be squared.
func newSpan(x *mat.Dense) (*span, error) {
	rows, columns := x.Dims()
	s := &span{rows: rows, mean: make([]float64, columns)}
	sd := make([]float64, columns)
	var varies []int
	column := make([]float64, rows)
	for j := range columns {
		mat.Col(column, j, x)
		s.mean[j], sd[j] = stat.PopMeanStdDev(column, nil)
		if math.IsInf(sd[j], 0) || math.IsNaN(sd[j]) {
			return nil, errors.New("values are too great to be squared: standardise the columns")
		}
		if sd[j] > flat*floats.Norm(column, math.Inf(1)) {
			varies = append(varies, j)
		}
	}
	if len(varies) == 0 {
		return nil, errors.New("no column varies: there is nothing to tell rows by")
	}
	standard := mat.NewDense(rows, len(varies), nil)
	for i := range rows {
		from, to := x.RawRowView(i), standard.RawRowView(i)
		for k, j := range varies {
			to[k] = (from[j] - s.mean[j]) / sd[j]
		}
	}
	correlation := mat.NewSymDense(len(varies), nil)
	correlation.SymOuterK(1/float64(rows), standard.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(correlation, true) {
		return nil, errors.New("eigenvalues of the correlation matrix did not converge")
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	largest := values[len(values)-1] // ascending
	var kept []int
	for k, v := range values {
		if v > collinear*largest {
			kept = append(kept, k)
		}
	}
	s.rank = len(kept)
	s.to, s.from = make([]float64, s.rank*columns), make([]float64, columns*s.rank)
	for c, k := range kept {
		root := math.Sqrt(values[k])
		for i, j := range varies {
			v := vectors.At(i, k)
			s.to[c*columns+j] = v / root / sd[j]
			s.from[j*s.rank+c] = v * root * sd[j]
		}
	}
	s.z = make([]float64, rows*s.rank)
	for i := range rows {
		row, z := x.RawRowView(i), s.z[i*s.rank:(i+1)*s.rank]
		for c := range z {
			for j, t := range s.to[c*columns : (c+1)*columns] {
				z[c] += t * (row[j] - s.mean[j])
			}
		}
	}
	return s, nil
}

// ellipsoid returns a fit in these coordinates as one of the columns.
func (s *span) ellipsoid(f *fit) *Ellipsoid {
	columns, q := len(s.mean), s.rank
	from := mat.NewDense(columns, q, s.from)
	e := &Ellipsoid{Columns: columns, Rank: q, Location: make([]float64, columns), Covariance: make([]float64, columns*columns), Whiten: make([]float64, q*columns)}
	mat.NewVecDense(columns, e.Location).MulVec(from, mat.NewVecDense(q, f.location))
	floats.Add(e.Location, s.mean)
	scatter := mat.NewSymDense(q, nil)
	for i := range q {
		for j := i; j < q; j++ {
			scatter.SetSym(i, j, f.scatter[j*q+i])
		}
	}
	var half mat.Dense
	half.Mul(from, scatter)
	mat.NewDense(columns, columns, e.Covariance).Mul(&half, from.T())
	mat.NewDense(q, columns, e.Whiten).Mul(mat.NewDense(q, q, f.inverse), mat.NewDense(q, columns, s.to))
	return e
}
