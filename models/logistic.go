package models

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

const (
	ridge        = 30   // penalty ridge/2 |w|^2 on the weights of standardised inputs
	interceptFix = 1e-6 // the intercept's own penalty, to keep the system regular
	minSD        = 0.05 // floor of an input's standard deviation
	maxSteps     = 12
	maxMove      = 5    // no coordinate moves further in one step
	tolerance    = 1e-4 // steps smaller than this end the fit
	maxRowWeight = 2000 // total weight of the training rows, however many there are
)

// A Logistic is a ridge logistic regression on standardised inputs: log-odds = B[0] + sum B[i+1] (z[i] - Mean[i]) / SD[i].
type Logistic struct {
	Mean, SD []float64
	B        []float64
}

// fitLogistic fits genuine rows (0) against impostor rows (1) with equal total weight each, by Newton's method from 0; the result depends on nothing but the rows.
// Source of the constants: experiments on two real data sets; the choice sits on a plateau.
func fitLogistic(genuine, impostor [][]float64) *Logistic {
	n, dim := len(genuine)+len(impostor), len(genuine[0])
	rows := make([][]float64, 0, n)
	rows = append(append(rows, genuine...), impostor...)
	m := &Logistic{Mean: make([]float64, dim), SD: make([]float64, dim), B: make([]float64, dim+1)}
	column := make([]float64, n)
	for c := range dim {
		for i, r := range rows {
			column[i] = r[c]
		}
		mean, sd := stat.PopMeanStdDev(column, nil)
		m.Mean[c], m.SD[c] = mean, max(sd, minSD)
	}
	width := dim + 1
	x := make([]float64, 0, n*width) // standardised rows with a leading 1
	for _, r := range rows {
		x = append(x, 1)
		for c := range dim {
			x = append(x, (r[c]-m.Mean[c])/m.SD[c])
		}
	}
	total := float64(min(2*len(genuine), maxRowWeight))
	weight := [2]float64{total / 2 / float64(len(genuine)), total / 2 / float64(len(impostor))}
	penalty := make([]float64, width)
	for i := range penalty {
		penalty[i] = ridge
	}
	penalty[0] = interceptFix

	var (
		hessian = make([]float64, width*width) // upper triangle
		grad    = make([]float64, width)
		step    = mat.NewVecDense(width, nil)
		chol    mat.Cholesky
	)
	for range maxSteps {
		for i := range width {
			clear(hessian[i*width : (i+1)*width])
			hessian[i*width+i] = penalty[i]
			grad[i] = -penalty[i] * m.B[i]
		}
		for i := range n {
			row := x[i*width : (i+1)*width]
			y, w := 0.0, weight[0]
			if i >= len(genuine) {
				y, w = 1, weight[1]
			}
			p := 1 / (1 + math.Exp(-min(max(floats.Dot(row, m.B), -30), 30)))
			floats.AddScaled(grad, w*(y-p), row)
			k := w*p*(1-p) + 1e-9
			for c, v := range row { // one triangle is all that Cholesky reads
				kv, tail := k*v, row[c:]
				h := hessian[c*width+c : (c+1)*width]
				for e := range h { // rows are too short for a call to pay
					h[e] += kv * tail[e]
				}
			}
		}
		if !chol.Factorize(mat.NewSymDense(width, hessian)) {
			break // cannot happen with the penalty; keeping the last iterate is safe
		}
		if err := chol.SolveVecTo(step, mat.NewVecDense(width, grad)); err != nil {
			break
		}
		largest := mat.Norm(step, math.Inf(1))
		f := min(1, maxMove/max(largest, 1e-12))
		floats.AddScaled(m.B, f, step.RawVector().Data)
		if largest*f < tolerance {
			break
		}
	}
	return m
}

// Parts returns what each input adds to the log-odds.
func (m *Logistic) Parts(z []float64) []float64 {
	out := make([]float64, len(z))
	for i, v := range z {
		out[i] = m.B[i+1] * (v - m.Mean[i]) / m.SD[i]
	}
	return out
}

// LogOdds returns the log-odds of a row being an impostor's.
func (m *Logistic) LogOdds(z []float64) float64 {
	s := m.B[0]
	for _, p := range m.Parts(z) {
		s += p
	}
	return s
}
