package outlier

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// LedoitWolf fits mean and covariance, drawn towards a multiple of the identity by the share in [0, 1] that minimises the expected squared error (Ledoit, Wolf,
// Journal of Multivariate Analysis 88, 2004, lemma 3.3 and section 3.3). It holds with fewer rows than columns and with columns that follow from others. Because
// the target treats all columns alike, standardise them first. It fails if nothing varies.
func LedoitWolf(x *mat.Dense) (e *Ellipsoid, shrinkage float64, err error) {
	if err := checkTable(x); err != nil {
		return nil, 0, fmt.Errorf("fit Ledoit-Wolf covariance: %w", err)
	}
	rows, columns := x.Dims()
	n, p := float64(rows), float64(columns)
	location := columnMeans(x)
	var centred mat.Dense
	centred.CloneFrom(x)
	for i := range rows {
		floats.Sub(centred.RawRowView(i), location)
	}
	var s mat.SymDense // with divisor n, as in the paper
	s.SymOuterK(1/n, centred.T())
	target := mat.Trace(&s) / p // m_n of the paper
	if !(target > 0) {
		return nil, 0, errors.New("fit Ledoit-Wolf covariance: no column varies: there is nothing to tell rows by")
	}
	// d2 is the distance of s from the target, b2 what of it is sampling error: the mean squared distance of the rows' own outer products from s. |x x' - s|^2 is
	// |x|^4 - 2 x's x + |s|^2, and the middle term averages to 2 |s|^2. All squared norms are over p.
	norm := squaredNorm(&s)
	d2 := (norm - p*target*target) / p
	var fourth float64
	for i := range rows {
		r := centred.RawRowView(i)
		l := floats.Dot(r, r)
		fourth += l * l / n
	}
	b2 := min((fourth-norm)/n/p, d2)
	if d2 > 0 {
		shrinkage = max(b2/d2, 0)
	}
	for i := range columns {
		for j := i; j < columns; j++ {
			v := (1 - shrinkage) * s.At(i, j)
			if i == j {
				v += shrinkage * target
			}
			s.SetSym(i, j, v)
		}
	}
	e, err = NewEllipsoid(location, &s)
	if err != nil {
		return nil, 0, fmt.Errorf("fit Ledoit-Wolf covariance: %w", err)
	}
	return e, shrinkage, nil
}

// columnMeans returns the mean of every column.
func columnMeans(x *mat.Dense) []float64 {
	rows, columns := x.Dims()
	out, column := make([]float64, columns), make([]float64, rows)
	for j := range out {
		out[j] = stat.Mean(mat.Col(column, j, x), nil)
	}
	return out
}

// squaredNorm returns the sum of the squared elements.
func squaredNorm(s *mat.SymDense) float64 {
	n := mat.Norm(s, 2) // Frobenius
	return n * n
}
