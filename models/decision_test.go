package models

import (
	"fmt"
	"testing"
	"time"

	"github.com/zoomward/zoomward/features"
)

// What is grave and seldom is an alert by its own bar, also where the rarest day of the week would not be one by the false discovery rate and where nothing of the budget is left;
// what is not so grave is withheld, and said to be.
func TestGraveFindingsHaveTheirOwnBar(t *testing.T) {
	const users = 1000
	people, err := ReadDirectory(t.Context(), memory(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		detection string
		p, eased  float64
		left      float64 // of the budget
		want      bool
		withheld  bool
	}{
		{"ZW-ADM-08", graveP, 0, 5, true, false},
		{"ZW-ADM-08", graveP, 0, 0, true, false},
		{"ZW-ADM-08", 2 * graveP, 0, 5, false, false},
		{"ZW-ADM-08", 1e-5, 2 * graveP, 5, false, false}, // many did the same on that day
		{"ZW-RTE-05", graveP, 0, 5, false, false},
		{"ZW-RTE-05", 1e-9, 0, 5, true, false}, // stands out among all
		{"ZW-RTE-05", 3e-5, 0, 5, true, false},
		{"ZW-RTE-05", 3e-5, 0, 0, false, true}, // does not, beyond doubt, and nothing is left
	} {
		e := newEngine(DefaultConfig())
		e.policy = newPolicy(e.config, people)
		day := &features.Day{Number: 100, Rows: &features.Rows{}}
		s := &scene{day: day, state: features.NewState(), people: people, config: e.config, policy: e.policy}
		for i := range users {
			day.Users = append(day.Users, features.UserDay{Email: fmt.Sprintf("u%04d@example.com", i), Account: &features.Account{}})
			p := (float64(i) + 0.5) / users
			if i == 0 {
				p = max(tt.p, tt.eased)
			}
			s.judged = append(s.judged, judged{volumeP: p, decided: p, identityP: 1, joint: p})
		}
		at := time.Date(2026, 4, 6, 0, 0, 0, 0, time.UTC)
		f := Finding{Detection: detectionOf(tt.detection), Email: day.Users[0].Email, Day: at, Start: at, End: at.AddDate(0, 0, 1), Observed: 15, P: tt.p, easedP: tt.eased, Score: 4, Alert: true}
		e.Spending.fill(day.Number, users)
		e.Spending.Held = tt.left
		r := &dayResult{scene: s, alerted: map[string]bool{}, held: map[string]bool{}, withheld: map[string]string{}, findings: []Finding{f}}
		e.decide(r)
		if got := len(r.alerts) == 1; got != tt.want || (r.withheld[f.id()] == f.Email) != tt.withheld {
			t.Errorf("%s with p %g (eased %g) and %g alerts left: %d alerts, want %t; withheld %v, want %t", tt.detection, tt.p, tt.eased, tt.left, len(r.alerts), tt.want, r.withheld, tt.withheld)
		}
	}
}
