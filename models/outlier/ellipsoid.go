package outlier

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// An Ellipsoid is a location and a scatter of rows, and the metric that they span.
type Ellipsoid struct {
	Columns    int
	Rank       int       // directions in which the rows vary, at most Columns
	Location   []float64 // Columns values
	Covariance []float64 // Columns x Columns, row by row; singular if Rank < Columns
	// Whiten is Rank x Columns, row by row: it maps a difference from the location to coordinates in which the scatter is the identity. Where the covariance is
	// regular it is the inverse of its Cholesky factor up to a rotation.
	Whiten []float64
}

// Score returns the squared Mahalanobis distance from the location, in the metric of the scatter; for normal rows it is about chi-squared with Rank degrees of
// freedom. The row must have the columns the ellipsoid was fitted on, all finite. What lies along directions in which no fitted row varied is not seen.
func (e *Ellipsoid) Score(row []float64) (float64, error) {
	if err := checkRow(row, e.Columns); err != nil {
		return 0, err
	}
	return e.distance(row), nil
}

// distance returns the squared Mahalanobis distance.
func (e *Ellipsoid) distance(row []float64) float64 {
	var d float64
	for w := e.Whiten; len(w) > 0; w = w[e.Columns:] {
		var z float64
		for j, v := range row {
			z += w[j] * (v - e.Location[j])
		}
		d += z * z
	}
	if !(d < math.MaxFloat64) {
		return math.MaxFloat64 // rows so far off that the square overflows are equally far
	}
	return d
}

// Scores scores every row of a table.
func (e *Ellipsoid) Scores(x *mat.Dense) ([]float64, error) {
	return scoreAll(x, e.Columns, func(rows [][]float64, out []float64) {
		for i, row := range rows {
			out[i] = e.distance(row)
		}
	})
}

// Check reports an ellipsoid that cannot be scored with, such as one read from a damaged file.
func (e *Ellipsoid) Check() error {
	if e.Columns < 1 || e.Rank < 1 || e.Rank > e.Columns {
		return errors.New("ellipsoid is empty: fit it")
	}
	if len(e.Location) != e.Columns || len(e.Covariance) != e.Columns*e.Columns || len(e.Whiten) != e.Rank*e.Columns {
		return fmt.Errorf("ellipsoid of %d columns and rank %d has %d, %d and %d values: fit it again",
			e.Columns, e.Rank, len(e.Location), len(e.Covariance), len(e.Whiten))
	}
	for _, values := range [][]float64{e.Location, e.Covariance, e.Whiten} {
		for _, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return errors.New("ellipsoid has values that are not finite: fit it again")
			}
		}
	}
	return nil
}

// NewEllipsoid returns the ellipsoid of a location and a covariance, which must be positive definite.
func NewEllipsoid(location []float64, covariance mat.Symmetric) (*Ellipsoid, error) {
	n := covariance.SymmetricDim()
	if n == 0 || len(location) != n {
		return nil, fmt.Errorf("ellipsoid: location has %d values, covariance %d rows: give as many, at least 1", len(location), n)
	}
	if err := checkRow(location, n); err != nil {
		return nil, fmt.Errorf("ellipsoid: location: %w", err)
	}
	var chol mat.Cholesky
	if !chol.Factorize(covariance) {
		return nil, errors.New("ellipsoid: covariance is not positive definite: leave out columns that follow from others")
	}
	var lower, inverse mat.TriDense
	chol.LTo(&lower)
	if err := inverse.InverseTri(&lower); err != nil {
		return nil, fmt.Errorf("ellipsoid: covariance is nearly singular, leave out columns that follow from others: %w", err)
	}
	e := &Ellipsoid{Columns: n, Rank: n, Location: append([]float64(nil), location...), Covariance: make([]float64, n*n), Whiten: make([]float64, n*n)}
	for i := range n {
		for j := range n {
			e.Covariance[i*n+j] = covariance.At(i, j)
			e.Whiten[i*n+j] = inverse.At(i, j)
		}
	}
	return e, e.Check()
}
