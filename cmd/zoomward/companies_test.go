package main

import (
	"context"
	"fmt"
	"maps"
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

// TestSimulatedCompanies measures the detection on simulated companies, each through the whole program, and prints the tables of README: attacks found by kind and
// strength, other alerts by detection, and for companies without attacks how the p-values came out by week. It takes minutes, so it runs when asked for:
//
//	ZOOMWARD_COMPANIES="300 users 180 days seeds 401 402" go test ./cmd/zoomward -run SimulatedCompanies -v -timeout 2h
//	ZOOMWARD_COMPANIES="1000 users 120 days quiet seeds 1" ...
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
	quiet := strings.Contains(head, "quiet")
	found, planted := map[string]int{}, map[string]int{}
	other := map[string]int{}
	var alerts, others int
	var weeks float64 // of 1,000 users
	for _, seed := range strings.Fields(seeds) {
		start := time.Now()
		dir := t.TempDir()
		args := []string{"demo", "--dir", dir, "--users", fmt.Sprint(users), "--days", fmt.Sprint(days), "--seed", seed, "--as-of", "2026-06-15T18:30:00Z", fmt.Sprintf("--attacks=%t", !quiet)}
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
		var rows alertRows
		if err := db.Read(t.Context(), &rows, fmt.Sprintf(readAlerts, "true")); err != nil {
			t.Fatal(err)
		}
		truth := company.Attacks()
		hits, _ := rows.compare(truth)
		for i, x := range truth {
			for _, k := range []string{string(x.Kind) + ", " + string(x.Strength), "all, " + string(x.Strength)} {
				planted[k]++
				if hits[i] {
					found[k]++
				}
			}
		}
		for i := range rows.User {
			if _, n := rows.only(i).compare(truth); n > 0 {
				other[rows.Title[i]]++
				others++
			}
		}
		alerts += len(rows.User)
		weeks += float64(users) / 1000 * float64(days-14) / 7
		t.Logf("seed %s: %d of %d attacks found, %d alerts, %s", seed, countTrue(hits), len(truth), len(rows.User), time.Since(start).Round(time.Second))
		if quiet {
			logCalibration(t, db)
			logRates(t, db)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(planted)) {
		t.Logf("%-45s %d of %d", k, found[k], planted[k])
	}
	for _, k := range slices.Sorted(maps.Keys(other)) {
		t.Logf("other: %-60s %d", k, other[k])
	}
	t.Logf("alerts per 1,000 users and week: %.1f, on no attack: %.1f", float64(alerts)/weeks, float64(others)/weeks)
}

// only returns row i alone.
func (m alertRows) only(i int) alertRows {
	return alertRows{User: m.User[i : i+1], Start: m.Start[i : i+1], End: m.End[i : i+1], Evidence: m.Evidence[i : i+1]}
}

// logRates prints how often each detection found something, and how often it became an alert, per 1,000 user-days.
func logRates(t *testing.T, db *store.DB) {
	var rates struct {
		ID        []string  `col:"detection_id"`
		Behaviors []float64 `col:"behaviors"`
		Alerts    []float64 `col:"alerts"`
	}
	err := db.Read(t.Context(), &rates, `SELECT detection_id, count(*)::DOUBLE AS behaviors, count(*) FILTER (WHERE behavior_id IN (SELECT alert_id FROM alerts))::DOUBLE AS alerts
		FROM behaviors GROUP BY detection_id ORDER BY detection_id`)
	if err != nil {
		t.Fatal(err)
	}
	n, err := count(t.Context(), db, "user_days", "true")
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range rates.ID {
		t.Logf("%s: %.3f findings, %.3f alerts per 1,000 user-days", id, 1000*rates.Behaviors[i]/float64(n), 1000*rates.Alerts[i]/float64(n))
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
