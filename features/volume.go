package features

import "math"

// A Volume is the history of one user's counts of one behaviour on active days, decayed by Decay per active day.
type Volume struct {
	Days float64 // decayed number of active days
	Sum  float64 // decayed sum of counts, each divided by its weekday factor
	Max  float64 // greatest count ever seen, learnt or not, not decayed
	// Record is the greatest count of a day that was learnt.
	Record float64
	Drift  float64 // CUSUM of the standardised excess; see Drift
}

// A VolumePrior is what the peers tell of a behaviour before the user's own history: a Gamma distribution of daily rates, with the overdispersion of single days
// around the rate and a factor per weekday.
type VolumePrior struct {
	Shape      float64    // of the Gamma distribution of rates among peers
	Rate       float64    // of the same, in days: as many days of pseudo-history
	Dispersion float64    // >= 1: the variance of a day of mean m is Dispersion m, besides the uncertainty of the rate
	Weekday    [7]float64 // factor on the mean, by time.Weekday
}

// Predict returns the negative binomial predictive distribution of a user's count on a weekday.
//
// The rate has the posterior Gamma(Shape + Sum, Rate + Days) of a Gamma-Poisson model (Gelman et al., Bayesian Data Analysis, section 2.6). Days scatter around it in
// bursts: their variance is proportional to their mean (NB1 of Cameron, Trivedi, Regression Analysis of Count Data, section 3.3), which keeps one burst size for
// people who do a thing daily and for those who do it twice a year. With m the mean
//
//	variance = Dispersion m + m^2 / (Shape + Sum),    size = 1 / ( (Dispersion - 1)/m + 1/(Shape + Sum) )
func (p VolumePrior) Predict(v Volume, weekday int) NegBin {
	a, b := p.Shape+v.Sum, p.Rate+v.Days
	m := a / b * p.Weekday[weekday]
	return NegBin{Mean: m, Size: 1 / ((p.Dispersion-1)/m + 1/a)}
}

// Busy returns what to expect on a day on which the organisation does factor times as much of it as usual, in bursts of the given dispersion where those are greater
// than the usual ones: the mean grows, the uncertainty of the user's rate stays what it is.
func (p VolumePrior) Busy(nb NegBin, factor, dispersion float64) NegBin {
	m := nb.Mean * factor
	rate := 1/nb.Size - (p.Dispersion-1)/nb.Mean // what the uncertainty of the rate adds
	return NegBin{Mean: m, Size: 1 / (max(rate, 0) + (max(p.Dispersion, dispersion)-1)/m)}
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
	Square   float64    // sum over days of (x-m)^2
	Mean     float64    // sum over the same days of m
	Observed [7]float64 // by weekday: sum of x
	Expected [7]float64 // by weekday: sum of m without the weekday's factor
}

const (
	// priorDispersion is the dispersion before anything was seen, dispersionPrior its weight in expected counts.
	priorDispersion = 4
	dispersionPrior = 5
	// weekdayPrior is the expected count per weekday that backs its factor towards 1.
	weekdayPrior = 50
)

func (m *volumeMoments) decay(days int64) {
	f := math.Pow(Decay, float64(days))
	m.Square *= f
	m.Mean *= f
	for i := range m.Observed {
		m.Observed[i] *= f
		m.Expected[i] *= f
	}
}

const (
	// burstBound is how many standard deviations a single day may tell of the dispersion: a rare clean-up must not make the next one of anybody look ordinary.
	burstBound = 10
	// burstCount is a distance from the mean that always counts in full: of what is done once in a thousand days even one is many standard deviations.
	burstCount = 5
)

// informedDays is how many earlier active days a user has before his days tell how far days scatter and what a weekday is like: a week, so that his rate mixes every
// weekday. Days foretold by next to nothing, above all an organisation's first, would otherwise tell of scatter and weekdays what is ignorance, for months.
const informedDays = 7

func (m *volumeMoments) learn(x float64, nb NegBin, weekday int, factor float64) {
	m.Observed[weekday] += x
	m.Expected[weekday] += nb.Mean / factor
	m.Square += min((x-nb.Mean)*(x-nb.Mean), max(burstBound*burstBound*nb.Variance(), burstCount*burstCount))
	m.Mean += nb.Mean
}

// priorOf estimates a prior by the method of moments from the users' histories (empirical Bayes).
//
// With n_i the exposures and r the pooled rate, the variance between users is
//
//	( sum n_i (r_i - r)^2 - (U-1) r ) / ( N - sum n_i^2 / N )
//
// (Marshall, Applied Statistics 40, 1991). With nothing seen, the prior is one that expects about one in 1,000 days.
func priorOf(volume func(i int) Volume, accounts int, m volumeMoments) VolumePrior {
	var users, n, n2, sum float64
	for i := range accounts {
		if v := volume(i); v.Days > 0 {
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
		for i := range accounts {
			if v := volume(i); v.Days > 0 {
				d := v.Sum/v.Days - r
				between += v.Days * d * d
			}
		}
		between = (between - (users-1)*r) / math.Max(n-n2/n, 1)
		// Between a prior of one day's weight (users differ widely) and 60 (they are alike).
		p.Rate = min(max(r/math.Max(between, 1e-12), 1), 60)
		p.Shape = r * p.Rate
	}
	p.Dispersion = max(1, (m.Square+priorDispersion*dispersionPrior)/(m.Mean+dispersionPrior))
	for d := range p.Weekday {
		p.Weekday[d] = (m.Observed[d] + weekdayPrior) / (m.Expected[d] + weekdayPrior)
	}
	return p
}
