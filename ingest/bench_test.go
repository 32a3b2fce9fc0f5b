package ingest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// BenchmarkRun measures first runs (a quarter of a year over HTTP on this machine, no rate limits) and the run right after, by size of the account. The simulated
// server is part of what is measured.
func BenchmarkRun(b *testing.B) {
	for _, users := range []int{100, 1000} {
		b.Run(fmt.Sprintf("first/users=%d", users), func(b *testing.B) {
			var rows int64
			var took time.Duration
			for b.Loop() {
				b.StopTimer()
				s := simulate(b, users, 90, zoomtest.ServerOptions{})
				b.StartTimer()
				start := time.Now()
				rows += s.run(b, companyNow).Landed()
				took += time.Since(start)
			}
			b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
		})
		b.Run(fmt.Sprintf("again/users=%d", users), func(b *testing.B) {
			s := simulate(b, users, 90, zoomtest.ServerOptions{})
			s.run(b, companyNow)
			var rep ingest.Report
			for b.Loop() {
				rep = s.run(b, companyNow)
			}
			if rep.Landed() != 0 {
				b.Errorf("%+v", rep)
			}
		})
	}
}

// BenchmarkDailyRun counts the calls of a daily run of an account that was read whole the day before, by endpoint. What each of them is for stands in README under
// "Feeds"; here is how many, beside the rows they brought.
func BenchmarkDailyRun(b *testing.B) {
	unit := strings.NewReplacer("/v2/", "", "{}", "*")
	for _, users := range []int{300, 10_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			for b.Loop() {
				s := simulate(b, users, 10, zoomtest.ServerOptions{Plan: "business"})
				s.days = 5
				yesterday := companyNow.AddDate(0, 0, -1)
				first := s.runAll(b, yesterday)
				if first.Partial() {
					b.Fatalf("%+v", first)
				}
				before := s.server.Traffic().Calls
				rep := s.runAll(b, companyNow)
				if rep.Partial() {
					b.Fatalf("%+v", rep)
				}
				total, quota := 0, 0
				after := s.server.Traffic().Calls
				for _, path := range slices.Sorted(maps.Keys(after)) {
					if n := after[path] - before[path]; n > 0 {
						b.ReportMetric(float64(n), unit.Replace(path))
						total += n
						if strings.HasPrefix(path, "/v2/report/") || strings.HasPrefix(path, "/v2/metrics/") {
							quota += n
						}
					}
				}
				b.ReportMetric(float64(total), "calls")
				b.ReportMetric(float64(quota), "of_daily_quota")
				b.ReportMetric(float64(rep.Landed()), "rows")
			}
		})
	}
}
