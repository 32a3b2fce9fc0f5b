package outlier

import "math"

// eulerGamma is the Euler-Mascheroni constant.
const eulerGamma = 0.57721566490153286060651209008240243

// AveragePath returns c(n), the average depth at which a search for a value that is not there ends in a binary search tree of n random values: 2 H(n-1) - 2
// (n-1)/n with the harmonic number H (Liu, Ting, Zhou, ICDM 2008, equation 1). It is 0 for n < 2.
func AveragePath(n int) float64 {
	if n < 2 {
		return 0
	}
	return 2*harmonic(n-1) - 2*float64(n-1)/float64(n)
}

// harmonic returns 1 + 1/2 + ... + 1/n. The paper estimates it by ln n + gamma, which is 0.42 too low at n = 1; small leaves are common, so small n are summed.
// Beyond, the next terms of the asymptotic series leave an error below 1e-12.
func harmonic(n int) float64 {
	if n > 64 {
		x := float64(n)
		return math.Log(x) + eulerGamma + 1/(2*x) - 1/(12*x*x) + 1/(120*x*x*x*x)
	}
	var h float64
	for i := n; i > 0; i-- {
		h += 1 / float64(i)
	}
	return h
}
