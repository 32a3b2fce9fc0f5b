package outlier

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Fisher joins the p-values of independent tests: -2 sum ln p_i is chi-squared with 2 k degrees of freedom (Fisher, Statistical Methods for Research Workers,
// 1932, section 21.1). Of tests that share evidence it takes the same evidence twice. A p of 0 counts as the smallest positive number; without p-values the result
// is 1.
func Fisher(ps ...float64) float64 {
	if len(ps) == 0 {
		return 1
	}
	var sum float64
	for _, p := range ps {
		sum -= 2 * math.Log(max(p, math.SmallestNonzeroFloat64))
	}
	return distuv.ChiSquared{K: 2 * float64(len(ps))}.Survival(sum)
}

// HarmonicMean joins p-values that may share evidence: their harmonic mean is, where it is small, near the p-value of all whatever the dependence (Wilson, PNAS
// 116, 2019). The smallest p counts most. A p of 0 gives 0; without p-values the result is 1.
func HarmonicMean(ps ...float64) float64 {
	if len(ps) == 0 {
		return 1
	}
	var sum float64
	for _, p := range ps {
		sum += 1 / p
	}
	return min(float64(len(ps))/sum, 1) // rounding may pass 1
}
