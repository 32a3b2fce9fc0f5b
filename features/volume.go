package features

import "math"

// A Volume is the history of one user's counts of one behaviour on active days, decayed by Decay per active day.
type Volume struct {
	Days  float64 // decayed number of active days
	Sum   float64 // decayed sum of counts, each divided by its weekday factor
	Max   float64 // greatest count ever, not decayed
	Drift float64 // CUSUM of the standardised excess; see Drift
}

// A VolumePrior is what the peers tell of a behaviour before the user's own history: a Gamma distribution of daily rates, with the overdispersion of single days
// around the rate and a factor per weekday.
type VolumePrior struct {
	Shape   float64    // of the Gamma distribution of rates among peers
	Rate    float64    // of the same, in days: as many days of pseudo-history
	Excess  float64    // 1/k: the variance of a day of mean m is m + Excess m^2 besides the uncertainty of the rate
	Weekday [7]float64 // factor on the mean, by time.Weekday
}

// Predict returns the negative binomial predictive distribution of a user's count on a weekday.
//
// The rate has the posterior Gamma(Shape + Sum, Rate + Days) of a Gamma-Poisson model (Gelman et al., Bayesian Data Analysis, section 2.6); days scatter around it
// with Excess, so that with m the mean
//
//	variance = m + m^2 (1/(Shape+Sum) + Excess),    size = 1 / (1/(Shape+Sum) + Excess)
func (p VolumePrior) Predict(v Volume, weekday int) NegBin {
	a, b := p.Shape+v.Sum, p.Rate+v.Days
	return NegBin{Mean: a / b * p.Weekday[weekday], Size: 1 / (1/a + p.Excess)}
}

// driftAllowance is the excess per active day, in standard deviations, that the drift forgives: half the shift that it is tuned to find (Page, Biometrika 41,
// 1954; Montgomery, Statistical Quality Control, section 9.1).
const driftAllowance = 0.5

// maxExcess bounds what a single day adds to the drift: one great day is for the day's own test, drift is for many.
const maxExcess = 2.5

// NextDrift returns the CUSUM after a day of count x that was predicted by nb.
func NextDrift(drift, x float64, nb NegBin) float64 {
	z := (x - nb.Mean) / math.Sqrt(nb.Variance())
	return max(0, drift+min(z, maxExcess)-driftAllowance)
}

// volumeMoments gathers, over all users and accepted days, what the prior of one behaviour is estimated from.
type volumeMoments struct {
	Pearson  float64    // sum over days of (x-m)^2/m - 1
	Mean     float64    // sum over the same days of m
	Observed [7]float64 // by weekday: sum of x
	Expected [7]float64 // by weekday: sum of m without the weekday's factor
}

const (
	// maxPearson bounds one day's share in the estimate of the excess; otherwise a single burst would excuse every later one.
	maxPearson = 1000
	// maxDispersion bounds the estimate itself: rare behaviours that come in bursts reach some hundred.
	maxDispersion = 500
	// weekdayPrior is the expected count per weekday that backs its factor towards 1.
	weekdayPrior = 50
	// momentDecay per calendar day gives the tenant's moments a half-life of 69 days.
	momentDecay = Decay
)

func (m *volumeMoments) decay(days int64) {
	f := math.Pow(momentDecay, float64(days))
	m.Pearson *= f
	m.Mean *= f
	for i := range m.Observed {
		m.Observed[i] *= f
		m.Expected[i] *= f
	}
}

func (m *volumeMoments) learn(x float64, nb NegBin, weekday int, factor float64) {
	m.Observed[weekday] += x
	m.Expected[weekday] += nb.Mean / factor
	m.Pearson += min((x-nb.Mean)*(x-nb.Mean)/nb.Mean, maxPearson) - 1
	m.Mean += nb.Mean
}

// priorOf estimates a prior by the method of moments from the users' histories (empirical Bayes): rates[i] is a user's mean count, days[i] his exposure.
//
// With n_i the exposures and r the pooled rate, the variance between users is
//
//	( sum n_i (r_i - r)^2 - (U-1) r ) / ( N - sum n_i^2 / N )
//
// (Marshall, Applied Statistics 40, 1991). With nothing seen, the prior is one that expects about one in 1,000 days.
func priorOf(volumes []Volume, m volumeMoments) VolumePrior {
	var users, n, n2, sum float64
	for _, v := range volumes {
		if v.Days > 0 {
			users++
			n += v.Days
			n2 += v.Days * v.Days
			sum += v.Sum
		}
	}
	p := VolumePrior{Shape: 0.05, Rate: 50}
	if sum > 0 {
		r := sum / n
		var between float64
		for _, v := range volumes {
			if v.Days > 0 {
				d := v.Sum/v.Days - r
				between += v.Days * d * d
			}
		}
		between = (between - (users-1)*r) / math.Max(n-n2/n, 1)
		// Between a prior of one day's weight (users differ widely) and 60 (they are alike).
		p.Rate = min(max(r/math.Max(between, 1e-12), 1), 60)
		p.Shape = r * p.Rate
	}
	if m.Mean > 0 {
		p.Excess = min(max(m.Pearson/m.Mean, 0), maxDispersion)
	}
	for d := range p.Weekday {
		p.Weekday[d] = (m.Observed[d] + weekdayPrior) / (m.Expected[d] + weekdayPrior)
	}
	return p
}
