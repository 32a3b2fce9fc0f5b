package models

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"
)

const (
	// poolSize is how many past user-days a calibrator ranks among: enough for p-values of 1 in 40,000 by rank alone.
	poolSize = 40_000
	// poolDays is over how many days the past of a large organisation is spread: two weeks, so that every weekday is in it twice and a slow change soon leaves it.
	poolDays = 14
	// tailShare of the pool, at least tailMin values, shapes the tail beyond the last rank.
	tailShare = 0.02
	tailMin   = 10
)

// A Calibrator turns a statistic into a p-value by its rank among the tenant's own past user-days (conformal p-values: Bates, Candes, Lei, Romano, Sesia, Annals of
// Statistics 51, 2023). Beyond the last rank it goes on with an exponential tail fitted to the greatest excesses (the Gumbel domain of the generalised Pareto tail:
// Pickands, Annals of Statistics 3, 1975), but not beyond the last rank by more than the
// square of the number of values that the tail was fitted to: a young organisation cannot say "1 in 1,000,000".
type Calibrator struct {
	Past []float64 // in order of time, at most poolSize
	// The realised exceedance of what it promised, over everything it judged.
	Judged, Below01 float64

	sorted []float64
	mean   float64 // mean excess of the tail
	reach  float64 // by which factor the tail may go below the last rank
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
	c.reach = float64(k) * float64(k)
}

// P returns the share of past values at least as great as s, counting s itself: (1 + #{past >= s}) / (1 + n). tail says that s is beyond every past value and that p
// comes from the fitted tail. Without a past p is 1.
func (c *Calibrator) P(s float64) (p float64, tail bool) { return c.rank(s, 1) }

// rank is P with values equal to s, s itself among them, counted by the share u in (0, 1]: drawn at random, it makes p uniform also for a statistic that takes few
// values (the smoothed p-value of Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, section 2.2).
func (c *Calibrator) rank(s, u float64) (p float64, tail bool) {
	n := len(c.sorted)
	if n == 0 {
		return 1, false
	}
	lo, _ := slices.BinarySearch(c.sorted, s)
	hi := lo
	if lo < n && c.sorted[lo] == s {
		hi = lo + sort.Search(n-lo, func(i int) bool { return c.sorted[lo+i] > s })
	}
	p = (float64(n-hi) + u*float64(1+hi-lo)) / float64(1+n)
	if lo < n || c.mean <= 0 {
		return p, false
	}
	return max(math.Exp(-(s-c.sorted[n-1])/c.mean), 1/c.reach) / float64(1+n), true
}

// observe notes how a judged value came out.
func (c *Calibrator) observe(p float64) {
	c.Judged++
	if p <= 0.01 {
		c.Below01++
	}
}

// learn adds the values of a day that is over: of a large day as many, drawn by a hash, as keep the past poolDays long.
func (c *Calibrator) learn(day int64, values []float64) {
	if most := poolSize / poolDays; len(values) > most {
		order := make([]int, len(values))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(mix(uint64(day), uint64(a)), mix(uint64(day), uint64(b))) })
		drawn := make([]float64, most)
		for i, k := range order[:most] {
			drawn[i] = values[k]
		}
		values = drawn
	}
	c.Past = append(c.Past, values...)
	if extra := len(c.Past) - poolSize; extra > 0 {
		c.Past = slices.Clone(c.Past[extra:])
	}
}

// adaptLevels are the nominal levels at which a Correction compares what was promised with what came.
var adaptLevels = [...]float64{0.003, 0.01, 0.02, 0.05, 0.1, 0.3}

const (
	// A day moves a level by its surplus of exceedances over adaptWeight + adaptDays times what was expected: the verdict of many user-days counts a third, that of few
	// less, so that chance does not shake the thresholds.
	adaptWeight = 30
	adaptDays   = 3
	// adaptMost bounds a correction: a factor of 10 either way.
	adaptMost = 2.303
	// adaptWeekday is how fast the rhythm of single weekdays is learnt, beside what all of a kind have in common.
	adaptWeekday = 0.3
	// adaptGap is the least distance, in ln p, between the thresholds of two levels.
	adaptGap = 0.1
)

type levelShifts [len(adaptLevels)]float64

// A Correction keeps p-values true while the organisation changes: people's profiles grow, habits drift, and a Saturday's few rows are no exchangeable draw from last
// week's. For every level it follows the raw p-value that this share of user-days really falls below: after a day the threshold moves by how many more, or fewer,
// than promised fell below it (adaptive conformal inference: Gibbs, Candes, NeurIPS 2021; by level as in the quantile tracking of Angelopoulos, Candes, Tibshirani,
// NeurIPS 2023). Working days, Saturdays and Sundays are followed apart. It learns from days that are over alone.
type Correction struct {
	Kind    [3]levelShifts // working days, Saturdays, Sundays: ln of the factor that a p-value at the threshold of a level needs
	Weekday [7]levelShifts // what single weekdays need besides
}

// kindOfDay returns the index of Kind.
func kindOfDay(weekday int) int {
	switch time.Weekday(weekday) {
	case time.Saturday:
		return 1
	case time.Sunday:
		return 2
	}
	return 0
}

// thresholds returns, by level, ln of the raw p-value that stands for it on a weekday; they rise from level to level and stay below 0.
func (c *Correction) thresholds(weekday int) levelShifts {
	var out levelShifts
	above := 0.0
	for k := len(adaptLevels) - 1; k >= 0; k-- {
		out[k] = min(math.Log(adaptLevels[k])-c.Kind[kindOfDay(weekday)][k]-c.Weekday[weekday][k], above-adaptGap)
		above = out[k]
	}
	return out
}

// apply corrects p-values of a day in place: between the thresholds by ln p, below the least by its factor, and 1 stays 1.
func (c *Correction) apply(weekday int, ps []float64) {
	at := c.thresholds(weekday)
	last := len(adaptLevels) - 1
	for i, p := range ps {
		x := math.Log(p)
		k := 0
		for k <= last && x > at[k] {
			k++
		}
		switch k {
		case 0:
			ps[i] = p * adaptLevels[0] / math.Exp(at[0])
		case last + 1:
			ps[i] = math.Exp(math.Log(adaptLevels[last]) * min(1, x/at[last]))
		default:
			lo, hi := math.Log(adaptLevels[k-1]), math.Log(adaptLevels[k])
			ps[i] = math.Exp(lo + (hi-lo)*(x-at[k-1])/(at[k]-at[k-1]))
		}
	}
}

// learn moves the thresholds by the corrected p-values of a day that is over.
func (c *Correction) learn(weekday int, ps []float64) {
	kind := kindOfDay(weekday)
	for k, level := range adaptLevels {
		expected, seen := level*float64(len(ps)), 0.0
		for _, p := range ps {
			if p <= level {
				seen++
			}
		}
		step := (min(seen, 3*expected+3) - expected) / (adaptDays*expected + adaptWeight)
		move := func(x *float64, by float64) { *x = min(max(*x+by, -adaptMost), adaptMost) }
		move(&c.Kind[kind][k], step)
		if kind == 0 {
			move(&c.Weekday[weekday][k], adaptWeekday*step)
		}
	}
}

// Cauchy is WeightedCauchy with equal weights.
func Cauchy(ps ...float64) float64 {
	return WeightedCauchy(ps, slices.Repeat([]float64{1 / float64(len(ps))}, len(ps)))
}

// WeightedCauchy joins p-values that may share evidence: the weighted mean of tan(pi (1/2 - p_i)), weights adding up to 1, has, far out, the tail of a Cauchy variable
// whatever the dependence (Liu, Xie, JASA 115, 2020). p-values near 1 are held at 0.99, where the tangent would drown the others.
func WeightedCauchy(ps, weights []float64) float64 {
	var t float64
	for i, p := range ps {
		p = min(max(p, 1e-300), 0.99)
		if p < 1e-15 { // tan loses its digits there; its limit does not
			t += weights[i] / (p * math.Pi)
		} else {
			t += weights[i] * math.Tan(math.Pi*(0.5-p))
		}
	}
	if t > 1e15 {
		return 1 / (t * math.Pi)
	}
	return 0.5 - math.Atan(t)/math.Pi
}
