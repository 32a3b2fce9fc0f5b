package models

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"pgregory.net/rapid"
)

func TestCalibratorRanks(t *testing.T) {
	var c Calibrator
	for i := range 99 {
		c.Past = append(c.Past, float64(i)) // 0 .. 98
	}
	c.prepare()
	for _, x := range []struct{ s, p float64 }{{-1, 1}, {0, 1}, {49, 0.51}, {98, 0.02}, {97.5, 0.02}} {
		if p, tail := c.P(x.s); tail || !scalar.EqualWithinAbs(p, x.p, 1e-12) {
			t.Errorf("P(%g) = %g (tail %v), want %g", x.s, p, tail, x.p)
		}
	}
	if p, _ := new(Calibrator).P(3); p != 1 {
		t.Errorf("without a past p = %g, want 1", p)
	}
}

// Beyond the last rank p goes on as the tail does: values of an exponential distribution of mean 1 get p near exp(-s).
func TestCalibratorTail(t *testing.T) {
	var c Calibrator
	const n = 10_000
	for i := range n {
		c.Past = append(c.Past, -math.Log((float64(i)+0.5)/n)) // quantiles of the exponential distribution
	}
	c.prepare()
	for _, s := range []float64{11, 13, 16} {
		p, tail := c.P(s)
		// The last rank of n stands for 1/(n+1) where its quantile is 1/(2n): p is a factor of 2 on the safe side.
		if ratio := p / math.Exp(-s); !tail || ratio < 1 || ratio > 2.2 {
			t.Errorf("P(%g) = %g (tail %v), want near %g", s, p, tail, math.Exp(-s))
		}
	}
}

func TestCalibratorProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Calibrator{Past: rapid.SliceOfN(rapid.Float64Range(-50, 50), 0, 300).Draw(t, "past")}
		c.prepare()
		a, b := rapid.Float64Range(-100, 100).Draw(t, "a"), rapid.Float64Range(-100, 100).Draw(t, "b")
		pa, _ := c.P(min(a, b))
		pb, _ := c.P(max(a, b))
		if !(pb > 0 || pb == 0 && math.Abs(max(a, b)) > 60) || pa > 1 || pb > pa {
			t.Fatalf("P(%g) = %g, P(%g) = %g", min(a, b), pa, max(a, b), pb)
		}
	})
}

func TestCalibratorForgetsTheOldest(t *testing.T) {
	var c Calibrator
	most := poolSize / poolDays
	for day := range int64(poolDays) + 2 {
		c.learn(day, slices.Repeat([]float64{float64(day)}, most))
	}
	if len(c.Past) != poolSize || c.Past[poolSize-1] != poolDays+1 || c.Past[0] == 0 {
		t.Errorf("%d values, first %g, last %g", len(c.Past), c.Past[0], c.Past[len(c.Past)-1])
	}
	// A large day gives a sample of itself, the same every time.
	var a, b Calibrator
	values := make([]float64, 10*most)
	for i := range values {
		values[i] = float64(i)
	}
	a.learn(7, values)
	b.learn(7, values)
	sum := 0.0
	for _, x := range a.Past {
		sum += x
	}
	if len(a.Past) != most || !slices.Equal(a.Past, b.Past) || math.Abs(sum/float64(most)/float64(len(values))-0.5) > 0.05 {
		t.Errorf("%d values of mean %g", len(a.Past), sum/float64(most))
	}
}

// Among few values the tail must not be carried far: ten of them cannot tell 1 in 10,000 from 1 in 1,000,000.
func TestCalibratorTailReach(t *testing.T) {
	c := Calibrator{Past: make([]float64, 140)}
	for i := range c.Past {
		c.Past[i] = -math.Log(1 - float64(i)/140)
	}
	c.prepare()
	if p, tail := c.P(1000); !tail || !scalar.EqualWithinRel(p, 1.0/141/100, 1e-9) {
		t.Errorf("p = %g, tail %v", p, tail)
	}
}

// A statistic of few values has p-values that are uniform once ties are drawn.
func TestCalibratorRanksTies(t *testing.T) {
	c := Calibrator{Past: make([]float64, 1000)}
	for i := range c.Past {
		c.Past[i] = float64(i % 4)
	}
	c.prepare()
	below := 0
	for i := range 4000 {
		if p, _ := c.rank(float64(i%4), float64(i/4)/1000+0.0005); p <= 0.05 {
			below++
		}
	}
	if math.Abs(float64(below)/4000-0.05) > 0.005 {
		t.Errorf("%d of 4,000 p-values are at most 0.05", below)
	}
}

// p-values that come out otherwise than promised are put right within weeks, those of Saturdays apart; true ones are left near where they are.
func TestCorrection(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, factor := range []float64{1, 2} {
		var c Correction
		below, saturdays, days := 0.0, 0.0, 0.0
		for day := range 7 * 40 {
			weekday := day % 7
			f := factor
			if weekday == 6 {
				f *= 3
			}
			ps := make([]float64, 2000)
			for i := range ps {
				ps[i] = min(1, (1-rng.Float64())/f)
			}
			c.apply(weekday, ps)
			for _, p := range ps {
				if day >= 140 && p <= 0.01 && weekday == 6 {
					saturdays++
				} else if day >= 140 && p <= 0.01 {
					below++
				}
			}
			if day >= 140 {
				days++
			}
			c.learn(weekday, ps)
		}
		below, saturdays = below/(days*2000*6/7), saturdays/(days*2000/7)
		if math.Abs(below-0.01) > 0.0007 || math.Abs(saturdays-0.01) > 0.002 {
			t.Errorf("factor %g: %.4f of the p-values are at most 0.01, %.4f on Saturdays", factor, below, saturdays)
		}
	}
}

func TestCorrectionKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Correction
		for range rapid.IntRange(0, 30).Draw(t, "days") {
			c.learn(rapid.IntRange(0, 6).Draw(t, "weekday"), rapid.SliceOfN(rapid.Float64Range(1e-6, 1), 0, 200).Draw(t, "ps"))
		}
		a, b := rapid.Float64Range(1e-9, 1).Draw(t, "a"), rapid.Float64Range(1e-9, 1).Draw(t, "b")
		ps := []float64{min(a, b), max(a, b)}
		c.apply(rapid.IntRange(0, 6).Draw(t, "of"), ps)
		if ps[0] > ps[1]*(1+1e-9) || ps[0] <= 0 || ps[1] > 1+1e-12 {
			t.Fatalf("%g and %g give %v with %v", min(a, b), max(a, b), ps, c)
		}
	})
}

// The worked example of Benjamini and Hochberg (1995), section 4.1: 15 p-values, q = 0.05: the four smallest are rejected.
func TestBenjaminiHochberg1995(t *testing.T) {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000}
	if got := BenjaminiHochberg(p, 0.05); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("rejected %v, the paper rejects the first four", got)
	}
	if got := BenjaminiHochberg(nil, 0.05); got != nil {
		t.Errorf("of nothing %v", got)
	}
}

func TestBenjaminiHochbergProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOf(rapid.Float64Range(0, 1)).Draw(t, "p")
		q := rapid.Float64Range(0.01, 0.5).Draw(t, "q")
		got := BenjaminiHochberg(p, q)
		// By definition: the largest k with p_(k) <= q k / m.
		sorted := slices.Sorted(slices.Values(p))
		want := 0
		for k := range sorted {
			if sorted[k] <= q*float64(k+1)/float64(len(p)) {
				want = k + 1
			}
		}
		if len(got) != want {
			t.Fatalf("%d rejected, want %d", len(got), want)
		}
		for i, k := range got {
			if p[k] != sorted[i] {
				t.Fatalf("rejected %v are not the smallest of %v", got, p)
			}
		}
	})
}

func TestCauchy(t *testing.T) {
	// One p-value is left as it is; two equal ones too (the mean of equal tangents).
	for _, p := range []float64{1e-200, 1e-16, 1e-6, 0.01, 0.3, 0.9} {
		if got := Cauchy(p); !scalar.EqualWithinRel(got, p, 1e-6) {
			t.Errorf("Cauchy(%g) = %g", p, got)
		}
		if got := Cauchy(p, p); !scalar.EqualWithinRel(got, p, 1e-6) {
			t.Errorf("Cauchy(%g, %g) = %g", p, p, got)
		}
	}
	// Far out the smallest of k counts k-fold: Cauchy(p, 1/2, 1/2) is near 3 p (tan 0 = 0).
	if got := Cauchy(1e-8, 0.5, 0.5); !scalar.EqualWithinRel(got, 3e-8, 1e-6) {
		t.Errorf("Cauchy(1e-8, 0.5, 0.5) = %g, want 3e-8", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		ps := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 6).Draw(t, "ps")
		if p := Cauchy(ps...); !(p > 0 && p < 1) {
			t.Fatalf("%g", p)
		}
		lower := slices.Clone(ps)
		lower[0] /= 2
		if Cauchy(lower...) > Cauchy(ps...)+1e-12 {
			t.Fatalf("a smaller p raised the joint one: %v", ps)
		}
	})
}

func TestBudget(t *testing.T) {
	b := Budget{PerThousandUsersWeek: 5}
	users := 1000
	spent := 0
	for day := int64(20000); day < 20000+140; day++ {
		b.fill(day, users)
		for b.spend(bounded, users) {
			spent++
		}
	}
	if spent != 5*20+1 && spent != 5*20 && spent != 5*20+4 { // 20 weeks of 5, and the first week's worth at once
		t.Errorf("%d alerts in 20 weeks of 5", spent)
	}
	b, users = Budget{PerThousandUsersWeek: 5}, 10
	b.fill(20000, 10)
	if !b.spend(bounded, users) || b.spend(bounded, users) {
		t.Error("a small tenant has one alert a week")
	}
	b.fill(20007, 10)
	if !b.spend(bounded, users) {
		t.Error("a week later one more")
	}
	b.fill(20207, 10)
	n := 0
	for b.spend(bounded, users) {
		n++
	}
	if n != 4 {
		t.Errorf("%d alerts saved up, want four weeks' worth", n)
	}
	if !b.spend(forced, users) || b.Held < 0 {
		t.Error("a forced alert must pass and never leave a debt")
	}
	n = 0
	for b.spend(urgent, users) {
		n++
	}
	if n != 4 || b.Held != -4 {
		t.Errorf("%d urgent alerts on an empty budget, want four weeks' worth of debt; held %g", n, b.Held)
	}
	b.fill(20207+7*5, users)
	if !b.spend(bounded, users) || b.spend(bounded, users) {
		t.Error("the debt must be paid back before the next alert")
	}
}

// The fit must find the direction that separates the classes and ignore the noise.
func TestLogisticSeparates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g, p [][]float64
		for i := range 200 {
			x, y := float64(i%20)/10-0.95, float64(i/20)/5-0.9 // a grid: neither tells of the other
			g = append(g, []float64{x - 1, y})
			p = append(p, []float64{x + 1, y})
		}
		m := fitLogistic(g, p)
		if m.B[1] < 0.5 || math.Abs(m.B[2]) > 0.05 {
			t.Fatalf("weights %v", m.B)
		}
		shift := rapid.Float64Range(-100, 100).Draw(t, "shift")
		scale := rapid.Float64Range(0.5, 50).Draw(t, "scale")
		move := func(rows [][]float64) [][]float64 {
			out := make([][]float64, len(rows))
			for i, r := range rows {
				out[i] = []float64{r[0]*scale + shift, r[1]}
			}
			return out
		}
		n := fitLogistic(move(g), move(p))
		z := []float64{0.3, -0.2}
		if a, b := m.LogOdds(z), n.LogOdds(move([][]float64{z})[0]); math.Abs(a-b) > 1e-6 {
			t.Fatalf("log-odds %g, after a change of units %g", a, b)
		}
	})
}

func TestRecordTail(t *testing.T) {
	for _, c := range []struct {
		x, record float64
		days      int64
		want      float64
	}{
		{9, 0, 50, 0},              // never done: no bound
		{5, 8, 49, 0.02},           // done before on one day of 50
		{16, 8, 49, 0.02 / 16},     // twice the record
		{80, 8, 49, 0.02 / 10_000}, // ten times
	} {
		if got := recordTail(c.x, c.record, c.days); !scalar.EqualWithinRel(got, c.want, 1e-12) && got != c.want {
			t.Errorf("%g after %g in %d days: %g, want %g", c.x, c.record, c.days, got, c.want)
		}
	}
}
