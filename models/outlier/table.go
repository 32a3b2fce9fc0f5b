package outlier

import (
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/mat"
)

// minRows is the fewest rows among which one can be unlike the others.
const minRows = 2

// checkTable refuses what no detector can be fitted on: too few rows, no columns, values that are not finite.
func checkTable(x *mat.Dense) error {
	if x == nil || x.IsEmpty() {
		return fmt.Errorf("table is empty: give at least %d rows", minRows)
	}
	rows, columns := x.Dims()
	if rows < minRows {
		return fmt.Errorf("table has %d row: give at least %d", rows, minRows)
	}
	for i := range rows {
		if err := checkRow(x.RawRowView(i), columns); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// checkRow refuses a row of another width or with a value that is not finite.
func checkRow(row []float64, columns int) error {
	if len(row) != columns {
		return fmt.Errorf("row has %d columns, the model has %d: give the columns it was fitted on", len(row), columns)
	}
	for j, v := range row {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("column %d is %g: fill it or leave the row out", j, v)
		}
	}
	return nil
}

// scoreAll scores every row of a table on all cores, in blocks. score sets out[i], which is 0, to the score of rows[i].
func scoreAll(x *mat.Dense, columns int, score func(rows [][]float64, out []float64)) ([]float64, error) {
	if x == nil || x.IsEmpty() {
		return nil, nil
	}
	n, _ := x.Dims()
	rows, out := make([][]float64, n), make([]float64, n)
	for i := range rows {
		rows[i] = x.RawRowView(i)
		if err := checkRow(rows[i], columns); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
	}
	const block = 128 // rows: enough work for a goroutine, few enough for the cache
	err := parallel((n+block-1)/block, func(b int) error {
		lo, hi := b*block, min((b+1)*block, n)
		score(rows[lo:hi], out[lo:hi])
		return nil
	})
	return out, err
}

// parallel calls f(0) to f(n-1) on all cores. f(i) may write to slot i alone, so the result does not depend on the order.
func parallel(n int, f func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error { return f(i) })
	}
	return g.Wait()
}
