package features

import (
	"fmt"
	"math"
	"testing"
)

// Twenty people who do the same every day scatter less than chance would have them, and no weekday differs. The first days, foretold by nothing, must not say otherwise.
func TestFirstDaysTellNothingOfScatter(t *testing.T) {
	s := NewState()
	var p *Priors
	for day := int64(20000); day < 20030; day++ {
		d := &Day{Number: day, Rows: &Rows{}}
		for i := range 20 {
			u := signInDay(s, day, fmt.Sprintf("u%02d@example.com", i), "192.0.2.0/24", "64500", "6.7.0.10")
			u.Account = s.Account(u.Email)
			u.Counts = make([]float64, len(Behaviours))
			u.Counts[signInsIndex] = float64(2 + (i+int(day))%3)
			d.Users = append(d.Users, *u)
		}
		p = s.Priors(func(string) string { return "" })
		s.Learn(d, s.Predictions(d, p), p, func(int) bool { return false })
	}
	prior := p.Of("u00@example.com")[signInsIndex]
	if prior.Dispersion > 1.2 {
		t.Errorf("dispersion %g of counts that hardly scatter", prior.Dispersion)
	}
	for d, f := range prior.Weekday {
		if math.Abs(f-1) > 0.1 {
			t.Errorf("weekday %d has factor %g, want 1", d, f)
		}
	}
}
