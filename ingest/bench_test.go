package ingest_test

import (
	"fmt"
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
