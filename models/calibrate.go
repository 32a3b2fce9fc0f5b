package models

import (
	"math"
	"slices"
)

const (
	// poolSize is how many past user-days a calibrator ranks among: enough for p-values of 1 in 20,000 by rank alone.
	poolSize = 20_000
	// tailShare of the pool, at least tailMin values, shapes the tail beyond the last rank.
	tailShare = 0.02
	tailMin   = 10
)

// A Calibrator turns a statistic into a p-value by its rank among the tenant's own past user-days (conformal p-values: Bates, Candes, Lei, Romano, Sesia, Annals of
// Statistics 51, 2023). Beyond the last rank it goes on with an exponential tail fitted to the greatest excesses (the Gumbel domain of the generalised Pareto tail:
// Pickands, Annals of Statistics 3, 1975).
type Calibrator struct {
	Past []float64 // in order of time, at most poolSize
	// The realised exceedance of what it promised, over everything it judged.
	Judged, Below01, Below001 float64

	sorted []float64
	mean   float64 // mean excess of the tail
}

// Len returns how many past values there are.
func (c *Calibrator) Len() int { return len(c.Past) }

// prepare sorts the past; P may be called from several goroutines afterwards.
func (c *Calibrator) prepare() {
	c.sorted = slices.Clone(c.Past)
	slices.Sort(c.sorted)
	c.mean = 0
	n := len(c.sorted)
	k := max(int(tailShare*float64(n)), tailMin)
	if n <= k {
		return
	}
	threshold := c.sorted[n-k-1]
	for _, s := range c.sorted[n-k:] {
		c.mean += (s - threshold) / float64(k)
	}
}

// P returns the share of past values at least as great as s, counting s itself: (1 + #{past >= s}) / (1 + n). tail says that s is beyond every past value and that p
// comes from the fitted tail. Without a past p is 1.
func (c *Calibrator) P(s float64) (p float64, tail bool) {
	n := len(c.sorted)
	if n == 0 {
		return 1, false
	}
	i, _ := slices.BinarySearch(c.sorted, s)
	p = float64(1+n-i) / float64(1+n)
	if i < n || c.mean <= 0 {
		return p, false
	}
	return p * math.Exp(-(s-c.sorted[n-1])/c.mean), true
}

// observe notes how a judged value came out.
func (c *Calibrator) observe(p float64) {
	c.Judged++
	if p <= 0.01 {
		c.Below01++
	}
	if p <= 0.001 {
		c.Below001++
	}
}

// learn adds the values of a day that is over.
func (c *Calibrator) learn(values []float64) {
	c.Past = append(c.Past, values...)
	if extra := len(c.Past) - poolSize; extra > 0 {
		c.Past = slices.Clone(c.Past[extra:])
	}
}

// Cauchy joins p-values that may share evidence: the mean of tan(pi (1/2 - p_i)) has, far out, the tail of a Cauchy variable whatever the dependence (Liu, Xie, JASA
// 115, 2020). p-values near 1 are held at 0.99, where the tangent would drown the others.
func Cauchy(ps ...float64) float64 {
	var t float64
	for _, p := range ps {
		p = min(max(p, 1e-300), 0.99)
		if p < 1e-15 { // tan loses its digits there; its limit does not
			t += 1 / (p * math.Pi)
		} else {
			t += math.Tan(math.Pi * (0.5 - p))
		}
	}
	t /= float64(len(ps))
	if t > 1e15 {
		return 1 / (t * math.Pi)
	}
	return 0.5 - math.Atan(t)/math.Pi
}
