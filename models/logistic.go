package models

import (
	"math"

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
	x := mat.NewDense(n, dim+1, nil)
	for i, r := range rows {
		x.Set(i, 0, 1)
		for c := range dim {
			x.Set(i, c+1, (r[c]-m.Mean[c])/m.SD[c])
		}
	}
	total := float64(min(2*len(genuine), maxRowWeight))
	weight := [2]float64{total / 2 / float64(len(genuine)), total / 2 / float64(len(impostor))}
	penalty := make([]float64, dim+1)
	for i := range penalty {
		penalty[i] = ridge
	}
	penalty[0] = interceptFix

	var (
		b       = mat.NewVecDense(dim+1, m.B)
		eta     = mat.NewVecDense(n, nil)
		resid   = mat.NewVecDense(n, nil)
		scaled  = mat.NewDense(n, dim+1, nil)
		hessian = mat.NewDense(dim+1, dim+1, nil)
		grad    = mat.NewVecDense(dim+1, nil)
		step    = mat.NewVecDense(dim+1, nil)
	)
	for range maxSteps {
		eta.MulVec(x, b)
		for i := range n {
			y, w := 0.0, weight[0]
			if i >= len(genuine) {
				y, w = 1, weight[1]
			}
			p := 1 / (1 + math.Exp(-min(max(eta.AtVec(i), -30), 30)))
			resid.SetVec(i, w*(y-p))
			k := w*p*(1-p) + 1e-9
			src, dst := x.RawRowView(i), scaled.RawRowView(i)
			for c, v := range src {
				dst[c] = k * v
			}
		}
		hessian.Mul(scaled.T(), x)
		grad.MulVec(x.T(), resid)
		sym := mat.NewSymDense(dim+1, nil)
		for i := range dim + 1 {
			for j := i; j <= dim; j++ {
				sym.SetSym(i, j, hessian.At(i, j))
			}
			sym.SetSym(i, i, hessian.At(i, i)+penalty[i])
			grad.SetVec(i, grad.AtVec(i)-penalty[i]*m.B[i])
		}
		var chol mat.Cholesky
		if !chol.Factorize(sym) {
			break // cannot happen with the penalty; keeping the last iterate is safe
		}
		if err := chol.SolveVecTo(step, grad); err != nil {
			break
		}
		largest := mat.Norm(step, math.Inf(1))
		f := min(1, maxMove/max(largest, 1e-12))
		b.AddScaledVec(b, f, step)
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
