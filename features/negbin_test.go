package features

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"pgregory.net/rapid"
)

// Values of scipy.stats.nbinom 1.10.1 with n = size, p = size/(size+mean).
func TestNegBinAgainstScipy(t *testing.T) {
	for _, c := range []struct {
		mean, size, k         float64
		cdf, sf, logpmf, q975 float64
	}{
		{2.5, 1.5, 0, 0.22963966338592295, 0.770360336614077, -1.4712438795175893, 9},
		{2.5, 1.5, 4, 0.8219925926248245, 0.17800740737517542, -2.4507160215945154, 9},
		{2.5, 1.5, 20, 0.9998272895230876, 0.0001727104769123581, -9.234224826875382, 9},
		{0.001, 0.05, 1, 0.9999897805737585, 1.0219426241502985e-05, -6.928548037643123, 0},
		{0.05, 2, 3, 0.999998265090705, 1.734909295014749e-06, -9.803807064173785, 1},
		{120, 8, 300, 0.9990158964143788, 0.0009841035856211944, -10.048385065068512, 220},
		{3, 1e6, 12, 0.999983850205722, 1.6149794277963778e-05, -9.803832533080339, 7},
		{10, 0.5, 100, 0.9982843738509768, 0.001715626149023272, -9.27747766651551, 51},
	} {
		d := NegBin{c.mean, c.size}
		for _, v := range []struct {
			name      string
			got, want float64
		}{
			{"CDF", d.CDF(c.k), c.cdf}, {"Survival", d.Survival(c.k), c.sf}, {"LogProb", d.LogProb(c.k), c.logpmf}, {"Quantile", d.Quantile(0.975), c.q975},
			{"UpperTail", d.UpperTail(c.k), c.sf + math.Exp(c.logpmf)/2},
		} {
			if !scalar.EqualWithinRel(v.got, v.want, 1e-8) {
				t.Errorf("%+v at %g: %s = %.12g, scipy %.12g", d, c.k, v.name, v.got, v.want)
			}
		}
	}
}

func TestNegBinProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NegBin{rapid.Float64Range(1e-4, 1e4).Draw(t, "mean"), rapid.Float64Range(0.05, 1e4).Draw(t, "size")}
		k := float64(rapid.IntRange(0, 100000).Draw(t, "k"))
		// gonum's incomplete beta function loses digits where one shape is small: 1e-6 at size 0.016 and mean 400.
		if s := d.CDF(k) + d.Survival(k); math.Abs(s-1) > 1e-6 {
			t.Fatalf("CDF + survival = %g", s)
		}
		if a, b := d.UpperTail(k), d.UpperTail(k+1); !(a > 0) || a > 1 || b > a*(1+1e-8) {
			t.Fatalf("tail %g at %g, %g at %g", a, k, b, k+1)
		}
		q := rapid.Float64Range(0, 0.999).Draw(t, "q")
		x := d.Quantile(q)
		if d.CDF(x) < q || x > 0 && d.CDF(x-1) >= q {
			t.Fatalf("quantile(%g) = %g: CDF %g before %g", q, x, d.CDF(x), d.CDF(x-1))
		}
	})
}

// The sum of terms and the incomplete beta function must be one tail.
func TestUpperTailTwoWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NegBin{rapid.Float64Range(1e-4, 200).Draw(t, "mean"), rapid.Float64Range(0.01, 1e4).Draw(t, "size")}
		k := float64(rapid.IntRange(0, fewCounts).Draw(t, "k"))
		want := d.Survival(k) + 0.5*math.Exp(d.LogProb(k))
		if got := d.UpperTail(k); math.Abs(got-want) > 1e-6*want+1e-300 {
			t.Fatalf("%+v at %g: %.12g, want %.12g", d, k, got, want)
		}
	})
}

func BenchmarkUpperTail(b *testing.B) {
	d := NegBin{2.5, 1.5}
	for i := 0; b.Loop(); i++ {
		_ = d.UpperTail(float64(1 + i%6))
	}
}
