package features

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The prior must be found again in data drawn from it: daily rates Gamma(2, 1/1.5), Poisson days.
func TestPriorIsRecovered(t *testing.T) {
	src := rand.NewPCG(1, 1)
	gamma := distuv.Gamma{Alpha: 2, Beta: 1.5, Src: src}
	var vols []Volume
	for range 4000 {
		rate := gamma.Rand()
		v := Volume{}
		for range 40 {
			v.Days++
			v.Sum += distuv.Poisson{Lambda: rate, Src: src}.Rand()
		}
		vols = append(vols, v)
	}
	p := priorOf(func(i int) Volume { return vols[i] }, len(vols), volumeMoments{})
	if math.Abs(p.Rate-1.5) > 0.1 || math.Abs(p.Shape-2) > 0.13 {
		t.Errorf("prior Gamma(%.3f, %.3f), drawn from Gamma(2, 1.5)", p.Shape, p.Rate)
	}
}

func TestPriorOfNothing(t *testing.T) {
	p := priorOf(nil, 0, volumeMoments{})
	nb := p.Predict(Volume{}, 0)
	if nb.Mean <= 0 || nb.Mean > 0.01 || math.IsNaN(nb.UpperTail(3)) {
		t.Errorf("without data %+v", nb)
	}
	if q := nb.UpperTail(10); q > 0.01 {
		t.Errorf("ten of something never seen: p = %g", q)
	}
}

// A user's own history must win over the peers as it grows.
func TestPredictShrinks(t *testing.T) {
	prior := VolumePrior{Shape: 2, Rate: 2, Dispersion: 1, Weekday: [7]float64{1, 1, 1, 1, 1, 1, 1}}
	last := prior.Predict(Volume{}, 0).Mean
	if last != 1 {
		t.Fatalf("no history: mean %g, want the peers' 1", last)
	}
	for _, days := range []float64{1, 5, 20, 60} {
		m := prior.Predict(Volume{Days: days, Sum: 10 * days}, 0).Mean
		if want := (2 + 10*days) / (2 + days); math.Abs(m-want) > 1e-12 || m <= last {
			t.Errorf("%g days of 10: mean %g, want %g", days, m, want)
		}
		last = m
	}
}

// The dispersion must be found again in days drawn with it, for the frequent and the rare alike.
func TestDispersionIsRecovered(t *testing.T) {
	src := rand.NewPCG(2, 2)
	const phi = 6
	var m volumeMoments
	for i := range 200_000 {
		mean := []float64{0.02, 0.5, 8}[i%3]
		x := distuv.Poisson{Lambda: distuv.Gamma{Alpha: mean / (phi - 1), Beta: 1 / float64(phi-1), Src: src}.Rand(), Src: src}.Rand()
		m.learn(x, NegBin{Mean: mean, Size: 1}, 1, 1)
	}
	if p := priorOf(nil, 0, m); math.Abs(p.Dispersion-phi) > 0.2 {
		t.Errorf("dispersion %.2f, drawn with %d", p.Dispersion, phi)
	}
	for _, mean := range []float64{0.02, 8} {
		p := VolumePrior{Shape: 1e9 * mean, Rate: 1e9, Dispersion: phi, Weekday: [7]float64{1}}
		if nb := p.Predict(Volume{}, 0); math.Abs(nb.Variance()/nb.Mean-phi) > 1e-6 {
			t.Errorf("mean %g: predicted variance is %.3f means, want %d", mean, nb.Variance()/nb.Mean, phi)
		}
	}
}

func TestDriftNeedsPersistence(t *testing.T) {
	nb := NegBin{Mean: 5, Size: 1e6}
	single, d := NextDrift(0, 1000, nb), 0.0
	if single > maxExcess {
		t.Errorf("one day alone drifts by %g", single)
	}
	for range 20 {
		d = NextDrift(d, 5, nb)
	}
	if d != 0 {
		t.Errorf("ordinary days drift to %g", d)
	}
	for range 20 {
		d = NextDrift(d, 9, nb) // 1.8 standard deviations
	}
	if d < 20 {
		t.Errorf("20 days of 9 instead of 5 drift to %g only", d)
	}
}

// On a busy day the mean grows by the factor and the variance takes the day's bursts; a factor of 1 with the usual dispersion changes nothing.
func TestBusy(t *testing.T) {
	p := VolumePrior{Shape: 0.5, Rate: 20, Dispersion: 2, Weekday: [7]float64{1, 1, 1, 1, 1, 1, 1}}
	nb := p.Predict(Volume{Days: 30, Sum: 1}, 0)
	same := p.Busy(nb, 1, 1)
	if math.Abs(same.Mean-nb.Mean) > 1e-12 || math.Abs(same.Size-nb.Size) > 1e-9 {
		t.Errorf("%+v became %+v", nb, same)
	}
	busy := p.Busy(nb, 10, 12)
	want := 12*busy.Mean + busy.Mean*busy.Mean/1.5 // dispersion times mean, and the rate's own uncertainty: Shape + Sum = 1.5
	if math.Abs(busy.Mean-10*nb.Mean) > 1e-12 || math.Abs(busy.Variance()-want) > 1e-9 {
		t.Errorf("mean %g, variance %g, want %g and %g", busy.Mean, busy.Variance(), 10*nb.Mean, want)
	}
	if a, b := nb.UpperTail(15), busy.UpperTail(15); a > 1e-6 || b < 1e-3 {
		t.Errorf("fifteen: p = %g on an ordinary day, %g on a busy one", a, b)
	}
}

// One clean-up may not make the next one look ordinary.
func TestDispersionOutlivesABurst(t *testing.T) {
	var m volumeMoments
	nb := NegBin{Mean: 0.05, Size: 0.05}
	for i := range 5000 {
		m.learn(float64(i%20/19), nb, i%7, 1)
	}
	before := priorOf(nil, 0, m).Dispersion
	m.learn(80, nb, 1, 1)
	if after := priorOf(nil, 0, m).Dispersion; after > before+0.15 {
		t.Errorf("dispersion from %g to %g", before, after)
	}
}
