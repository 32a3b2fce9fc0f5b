package features

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// NegBin is a negative binomial distribution of counts by mean and size: variance Mean + Mean^2/Size. As Size grows it becomes Poisson.
type NegBin struct {
	Mean float64 // > 0
	Size float64 // > 0
}

// Variance returns the variance.
func (d NegBin) Variance() float64 { return d.Mean + d.Mean*d.Mean/d.Size }

// CDF returns P(X <= k), by the regularised incomplete beta function: I_p(Size, k+1) with p = Size/(Size+Mean).
func (d NegBin) CDF(k float64) float64 {
	if k < 0 {
		return 0
	}
	return mathext.RegIncBeta(d.Size, math.Floor(k)+1, d.Size/(d.Size+d.Mean))
}

// Survival returns P(X > k) without losing the digits that 1 - CDF loses.
func (d NegBin) Survival(k float64) float64 {
	if k < 0 {
		return 1
	}
	return mathext.RegIncBeta(math.Floor(k)+1, d.Size, d.Mean/(d.Size+d.Mean))
}

// LogProb returns ln P(X = k).
func (d NegBin) LogProb(k float64) float64 {
	a, _ := math.Lgamma(k + d.Size)
	b, _ := math.Lgamma(d.Size)
	c, _ := math.Lgamma(k + 1)
	return a - b - c + d.Size*math.Log(d.Size/(d.Size+d.Mean)) + k*math.Log(d.Mean/(d.Size+d.Mean))
}

const (
	// fewCounts is up to where a tail is summed term by term, which takes a fraction of the time of the incomplete beta function.
	fewCounts = 64
	// exactTail is below which 1 - sum would have lost digits: a sum of terms is exact to about 1e-15.
	exactTail = 1e-6
)

// UpperTail returns the mid-p value P(X > k) + P(X = k)/2, which for discrete counts is uniform on average (Lancaster, JASA 56, 1961). It is never 0.
//
// For small k the probabilities follow from P(0) = (r/(r+m))^r and P(i+1) = P(i) (r+i)/(i+1) m/(r+m), with r the size and m the mean.
func (d NegBin) UpperTail(k float64) float64 {
	if k = math.Floor(k); k >= 0 && k <= fewCounts {
		q := d.Mean / (d.Size + d.Mean)
		term := math.Exp(-d.Size * math.Log1p(d.Mean/d.Size))
		p := 1.0
		for i := 0.0; i < k; i++ {
			p -= term
			term *= (d.Size + i) / (i + 1) * q
		}
		if p -= term / 2; p > exactTail {
			return min(p, 1)
		}
	}
	p := d.Survival(k) + 0.5*math.Exp(d.LogProb(k))
	return min(max(p, math.SmallestNonzeroFloat64), 1)
}

// Quantile returns the least k with CDF(k) >= q, for q in [0, 1).
func (d NegBin) Quantile(q float64) float64 {
	if d.CDF(0) >= q {
		return 0
	}
	hi := math.Max(1, d.Mean)
	for d.CDF(hi) < q {
		hi *= 2
	}
	hi = math.Floor(hi)
	lo := 0.0 // CDF(lo) < q <= CDF(hi)
	for hi-lo > 1 {
		mid := math.Floor((lo + hi) / 2)
		if d.CDF(mid) >= q {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}
