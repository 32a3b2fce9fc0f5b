package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// meantFor names the detections made for what an attack of a kind leaves behind. The others may find it too, as several findings on one user or as a combination; these must.
var meantFor = map[string][]string{
	zoomtest.AttackNewCountry: {"ZW-LOC-01", "ZW-LOC-02", "ZW-LOC-03", "ZW-DEV-06", "ZW-IDN-01", "ZW-IDN-02", "ZW-TRV-01", "ZW-TRV-03", "ZW-TRV-04"}, // the owner may be at work at home meanwhile
	zoomtest.AttackFamiliar:   {"ZW-IDN-01", "ZW-IDN-02", "ZW-DEV-06"},
	zoomtest.AttackTravel:     {"ZW-TRV-01", "ZW-TRV-02", "ZW-TRV-03", "ZW-TRV-04"},
	zoomtest.AttackDormant:    {"ZW-INA-01", "ZW-INA-06"},
	zoomtest.AttackTerminated: {"ZW-INA-02"},
	zoomtest.AttackOneAddress: {"ZW-RIP-07"},
	zoomtest.AttackRecordings: {"ZW-RTE-05"},
	zoomtest.AttackRogueAdmin: {"ZW-ADM-03", "ZW-ADM-04", "ZW-ADM-05", "ZW-ADM-12", "ZW-CFG-01", "ZW-CFG-02", "ZW-CFG-03", "ZW-CFG-04", "ZW-CFG-05", "ZW-CFG-06", "ZW-CFG-07", "ZW-CFG-08",
		"ZW-CFG-09", "ZW-CFG-11", "ZW-CFG-12", "ZW-CFG-13", "ZW-CFG-14", "ZW-CFG-18"},
	zoomtest.AttackUserRemoval: {"ZW-ADM-08"},
	zoomtest.AttackOffHours:    {"ZW-ADM-07"},
	zoomtest.AttackSlowBuildUp: {"ZW-SLW-01", "ZW-RTE-04"},
}

// detectionShare is how much of the alert budget (per 1,000 users and week) one detection may use up where nothing happens: a fifth.
const detectionShare = 0.2

// TestSimulatedCompanies measures the detection on simulated companies, each through the whole program, and prints the tables of README: attacks found by kind and
// strength, by any detection and by those meant for them, how often each detection finds something, and for companies without attacks how the p-values came out by week.
// It takes minutes, so it runs when asked for:
//
//	ZOOMWARD_COMPANIES="300 users 180 days seeds 401 402" go test ./cmd/zoomward -run SimulatedCompanies -v -timeout 2h
//	ZOOMWARD_COMPANIES="1000 users 120 days quiet seeds 1" ...
//	ZOOMWARD_COMPANIES="300 users 120 days quiet full seeds 1" ...
//
// The word full has every meeting, recording and channel asked for (demo --full), which the detections on these feeds need.
func TestSimulatedCompanies(t *testing.T) {
	spec := os.Getenv("ZOOMWARD_COMPANIES")
	if spec == "" {
		t.Skip("ZOOMWARD_COMPANIES names no companies")
	}
	var users, days int
	if _, err := fmt.Sscanf(spec, "%d users %d days", &users, &days); err != nil {
		t.Fatalf("ZOOMWARD_COMPANIES=%q: want for example 300 users 180 days seeds 401 402: %v", spec, err)
	}
	head, seeds, _ := strings.Cut(spec, "seeds")
	quiet, full := strings.Contains(head, "quiet"), strings.Contains(head, "full")
	caught := map[string]*catch{}
	rates := map[string]*rate{}
	var userDays, alerts, others int
	var weeks float64 // of 1,000 users
	for _, seed := range strings.Fields(seeds) {
		start := time.Now()
		dir := t.TempDir()
		args := []string{"demo", "--dir", dir, "--users", fmt.Sprint(users), "--days", fmt.Sprint(days), "--seed", seed, "--as-of", "2026-06-15T18:30:00Z", fmt.Sprintf("--attacks=%t", !quiet), fmt.Sprintf("--full=%t", full)}
		var out, logs strings.Builder
		if err := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &out, &logs); err != nil {
			t.Fatalf("seed %s: %v\n%s", seed, err, logs.String())
		}
		var n uint64
		if _, err := fmt.Sscan(seed, &n); err != nil {
			t.Fatal(err)
		}
		company, err := zoomtest.NewCompany(zoomtest.Options{Seed: n, Users: users, Days: days, End: time.Date(2026, 6, 15, 18, 30, 0, 0, time.UTC), Attacks: !quiet})
		if err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(t.Context(), filepath.Join(dir, "zoomward.duckdb"), store.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		var rows, findings alertRows
		if err := db.Read(t.Context(), &rows, fmt.Sprintf(readAlerts, "true")); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context(), &findings, `SELECT behavior_id AS alert_id, detection_id, '' AS severity, '' AS title, user_email, window_start, window_end, '' AS status, summary, evidence FROM behaviors`); err != nil {
			t.Fatal(err)
		}
		truth := company.Attacks()
		hits, _ := rows.compare(truth)
		for i, x := range truth {
			byMeant, _ := rows.of(meantFor[x.Kind]).compare(truth[i : i+1])
			kept, _ := findings.of(meantFor[x.Kind]).compare(truth[i : i+1])
			for _, k := range []string{x.Kind + ", " + x.Strength, "all, " + x.Strength} {
				c := at(caught, k)
				c.planted++
				c.found += one(hits[i])
				c.meant += one(byMeant[0])
				c.noted += one(kept[0])
			}
			if !byMeant[0] {
				t.Logf("seed %s: not by those meant for it: %s, %s, %s: %s (alerts of %s; behaviors of %s)", seed, x.Kind, x.Strength, x.Start.Format(time.RFC3339), x.Description,
					rows.finders(truth[i:i+1]), findings.finders(truth[i:i+1]))
			}
		}
		for i, id := range findings.Detection {
			r := at(rates, id)
			r.findings++
			if _, n := findings.only(i).compare(truth); n > 0 {
				r.otherFindings++
			}
		}
		for i, id := range rows.Detection {
			r := at(rates, id)
			r.alerts++
			if _, n := rows.only(i).compare(truth); n > 0 {
				r.others++
				others++
				t.Logf("seed %s: other: %s %s: %s", seed, id, rows.Start[i].Format(time.DateOnly), rows.Summary[i])
			}
		}
		alerts += len(rows.User)
		weeks += float64(users) / 1000 * float64(days-14) / 7
		d, err := count(t.Context(), db, "user_days", "true")
		if err != nil {
			t.Fatal(err)
		}
		userDays += int(d)
		t.Logf("seed %s: %d of %d attacks found, %d alerts, %s", seed, countTrue(hits), len(truth), len(rows.User), time.Since(start).Round(time.Second))
		if quiet {
			logCalibration(t, db)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(caught)) {
		c := caught[k]
		t.Logf("%-45s %d planted, %d found, %d by a detection meant for it (%d with its behaviors)", k, c.planted, c.found, c.meant, c.noted)
	}
	budget := 5.0
	var silent []string
	for i := range models.Catalogue {
		id := models.Catalogue[i].ID
		r := at(rates, id)
		per := float64(r.others) / weeks
		if r.findings+r.alerts == 0 {
			silent = append(silent, id)
			continue
		}
		t.Logf("%-10s %8.3f findings on no attack per 1,000 user-days, %d alerts (%d on no attack: %.2f per 1,000 users and week, %.0f %% of the budget)", id, 1000*float64(r.otherFindings)/float64(userDays),
			r.alerts, r.others, per, 100*per/budget)
		// more than its share, and more than chance adds to that (two standard deviations of a Poisson count)
		if most := detectionShare * budget * weeks; quiet && float64(r.others) > most+2*math.Sqrt(most) {
			t.Errorf("%s cries wolf: %.2f alerts per 1,000 users and week where nothing happens, its share is %g", id, per, detectionShare*budget)
		}
	}
	t.Logf("no finding at all: %s", strings.Join(silent, " "))
	t.Logf("alerts per 1,000 users and week: %.1f, on no attack: %.1f", float64(alerts)/weeks, float64(others)/weeks)
	if per := float64(others) / weeks; per > budget {
		t.Errorf("%.1f alerts per 1,000 users and week on no attack, the budget is %g", per, budget)
	}
}

// A catch counts the attacks of one kind and strength.
type catch struct {
	planted, found, meant, noted int // noted: by a detection meant for it, be it as a behavior
}

// A rate counts what one detection found.
type rate struct {
	findings, otherFindings, alerts, others int // others: on no attack
}

func at[T any](m map[string]*T, k string) *T {
	if m[k] == nil {
		m[k] = new(T)
	}
	return m[k]
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// only returns row i alone.
func (m alertRows) only(i int) alertRows {
	return alertRows{User: m.User[i : i+1], Start: m.Start[i : i+1], End: m.End[i : i+1], Evidence: m.Evidence[i : i+1]}
}

// of returns the rows of some detections.
func (m alertRows) of(ids []string) (out alertRows) {
	for i, id := range m.Detection {
		if slices.Contains(ids, id) {
			out.User, out.Start, out.End, out.Evidence = append(out.User, m.User[i]), append(out.Start, m.Start[i]), append(out.End, m.End[i]), append(out.Evidence, m.Evidence[i])
		}
	}
	return out
}

// finders names the detections whose rows are on an attack.
func (m alertRows) finders(attack []zoomtest.Attack) string {
	ids := map[string]bool{}
	for i, id := range m.Detection {
		if hit, _ := m.only(i).compare(attack); hit[0] {
			ids[id] = true
		}
	}
	if len(ids) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), " ")
}

// Every kind of attack has detections meant for it, and these are in the catalogue.
func TestAttacksHaveDetectionsMeantForThem(t *testing.T) {
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 1, Users: 300, Days: 180, End: time.Date(2026, 6, 15, 18, 30, 0, 0, time.UTC), Attacks: true})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, x := range company.Attacks() {
		if kinds[x.Kind] = true; len(meantFor[x.Kind]) == 0 {
			t.Errorf("no detection is meant for %s", x.Kind)
		}
	}
	for kind, ids := range meantFor {
		if !kinds[kind] {
			t.Errorf("no attack of kind %s is planted", kind)
		}
		for _, id := range ids {
			if !slices.ContainsFunc(models.Catalogue, func(d models.Detection) bool { return d.ID == id }) {
				t.Errorf("%s: no detection has the id %s", kind, id)
			}
		}
	}
}

func logCalibration(t *testing.T, db *store.DB) {
	weeks, err := models.ReadCalibration(context.Background(), db, time.Time{}.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	inside, all := map[float64]int{}, map[float64]int{}
	for _, w := range weeks {
		mark := "outside"
		all[w.Nominal]++
		if w.Realised >= w.Lower && w.Realised <= w.Upper {
			mark = "inside"
			inside[w.Nominal]++
		}
		t.Logf("week of %s at %.2f: %.4f of %d user-days, %s %.4f to %.4f", w.Week.Format(time.DateOnly), w.Nominal, w.Realised, w.UserDays, mark, w.Lower, w.Upper)
	}
	for _, level := range slices.Sorted(maps.Keys(all)) {
		t.Logf("inside at %.2f: %d of %d weeks", level, inside[level], all[level])
	}
}
