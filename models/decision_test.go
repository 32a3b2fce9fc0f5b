package models

import (
	"fmt"
	"strings"
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
		waits     int // days before on which it was withheld already
	}{
		{"ZW-ADM-08", graveP, 0, 5, true, false, 0},
		{"ZW-ADM-08", graveP, 0, 0, true, false, 0},
		{"ZW-ADM-08", 2 * graveP, 0, 5, false, false, 0},
		{"ZW-ADM-08", 1e-5, 2 * graveP, 5, false, false, 0}, // many did the same on that day
		{"ZW-RTE-05", graveP, 0, 5, false, false, 0},
		{"ZW-RTE-05", 1e-9, 0, 5, true, false, 0}, // stands out among all
		{"ZW-RTE-05", 3e-5, 0, 5, true, false, 0},
		{"ZW-RTE-05", 3e-5, 0, 0, false, true, 0}, // does not, beyond doubt, and nothing is left
		{"ZW-RTE-05", 3e-5, 0, 0, true, false, 2}, // and goes on
		{"ZW-SLW-01", 3e-5, 0, 0, false, true, 1},
		{"ZW-SLW-01", 3e-5, 0, 0, true, false, 2},
		{"ZW-SLW-01", 3e-5, 0, -20, false, true, 2}, // four weeks' worth are overdrawn already
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
		for d := range tt.waits {
			e.keepWaiting(day.Number-int64(d)-1, map[string]wait{f.id(): {day.Number - int64(d) - 1, f.Detection.ID, f.Email}})
		}
		r := &dayResult{scene: s, alerted: map[string]bool{}, held: map[string]bool{}, withheld: map[string]wait{}, findings: []Finding{f}}
		e.decide(r)
		if got := len(r.alerts) == 1; got != tt.want || (r.withheld[f.id()].Email == f.Email) != tt.withheld {
			t.Errorf("%s with p %g (eased %g) and %g alerts left: %d alerts, want %t; withheld %v, want %t", tt.detection, tt.p, tt.eased, tt.left, len(r.alerts), tt.want, r.withheld, tt.withheld)
		}
	}
}

// What the budget holds back three days of a week waits no longer, though it never had been grave by itself. Days longer ago, another user's days, or another detection's, do not count.
func TestPatience(t *testing.T) {
	drift, night, me := "ZW-SLW-01", "ZW-TIM-01", "a@example.com"
	for _, tt := range []struct {
		name   string
		before []wait
		want   bool
	}{
		{"never before", nil, false},
		{"once before", []wait{{99, drift, me}}, false},
		{"twice before", []wait{{98, drift, me}, {99, drift, me}}, true},
		{"six days ago", []wait{{94, drift, me}, {99, drift, me}}, true},
		{"seven days ago", []wait{{93, drift, me}, {99, drift, me}}, false},
		{"another user", []wait{{98, drift, "b@example.com"}, {99, drift, me}}, false},
		{"another detection", []wait{{98, night, me}, {99, drift, me}}, false},
	} {
		e := newEngine(DefaultConfig())
		for _, w := range tt.before {
			// As days end: by the order of their days, a second finding of the thing not counting again.
			e.keepWaiting(w.Day, map[string]wait{"1": w, "2": w})
		}
		e.keepWaiting(99, nil)
		if got := e.waited(wait{100, drift, me}); got != tt.want {
			t.Errorf("%s: %t, want %t (%v)", tt.name, got, tt.want, e.Waiting)
		}
	}
}

// What creeps up and a day of it are one alert, and so are all operations and some of them; what is graver, or about something else, is one of its own.
func TestKinShareAnAlert(t *testing.T) {
	const user = "u0000@example.com"
	people, err := ReadDirectory(t.Context(), memory(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		open, key string
		now       string
		want      bool // one alert
	}{
		{"ZW-SLW-01", "recording_accesses", "ZW-RTE-04", true},
		{"ZW-SLW-01", "recording_accesses", "ZW-RTE-14", true},
		{"ZW-SLW-01", "recording_accesses", "ZW-RTE-05", false},
		{"ZW-SLW-01", "recording_deletions", "ZW-RTE-05", false}, // high
		{"ZW-SLW-01", "recording_accesses", "ZW-ADM-01", false},
		{"ZW-RTE-04", "", "ZW-RTE-14", true},
		{"ZW-RTE-14", "", "ZW-RTE-04", false}, // medium after low
		{"ZW-RTE-05", "", "ZW-RTE-14", true},
		{"ZW-IDN-01", "", "ZW-RTE-14", false},
	} {
		e := newEngine(DefaultConfig())
		e.policy = newPolicy(e.config, people)
		at := time.Date(2026, 4, 6, 0, 0, 0, 0, time.UTC)
		find := func(id, key string, day time.Time) Finding {
			return Finding{Detection: detectionOf(id), Email: user, Key: key, Day: day, Start: day, End: day.AddDate(0, 0, 1), First: day, Last: day, P: 1e-6, Score: 6, Alert: true, Summary: "So it was."}
		}
		before := find(tt.open, tt.key, at)
		e.Open = []raised{{Finding: before, ID: before.id(), Day: 99, LastDay: 99, Severity: before.severity()}}
		e.Spending.fill(100, 1000)
		c := &decision{e: e, day: 100, population: 1000, spending: e.Spending, open: e.Open, r: &dayResult{alerted: map[string]bool{}, held: map[string]bool{}, withheld: map[string]wait{},
			scene: &scene{day: &features.Day{Number: 100}, config: e.config, policy: e.policy, people: people}}}
		now := find(tt.now, "", at.AddDate(0, 0, 1))
		if !c.raise(now, bounded) || len(c.r.alerts) != 1 {
			t.Fatalf("%s after %s: %d alerts", tt.now, tt.open, len(c.r.alerts))
		}
		a := c.r.alerts[0]
		if got := a.ID == before.id(); got != tt.want || got && (!strings.HasSuffix(a.Finding.Summary, "Also: "+now.Detection.Title+".") || !a.Finding.End.Equal(now.End) || c.open[0].LastDay != 100) {
			t.Errorf("%s after %s: one alert %t, want %t: %q until %s", tt.now, tt.open, got, tt.want, a.Finding.Summary, a.Finding.End)
		}
	}
}
