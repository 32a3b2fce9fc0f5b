package zoomtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// BenchmarkReportPage serves full pages of 300 sign-ins out of days of 3,000, from memory.
func BenchmarkReportPage(b *testing.B) {
	src := rowSource{activities: map[string][]zoomtest.Activity{}}
	for d := range 28 {
		day := testNow.Truncate(24*time.Hour).AddDate(0, 0, -d)
		for i := range 3000 {
			src.activities[day.Format(time.DateOnly)] = append(src.activities[day.Format(time.DateOnly)], zoomtest.Activity{
				Email: fmt.Sprintf("u%05d@example.com", i), Time: day.Add(time.Duration(i) * time.Second).Format(time.RFC3339), Type: "Sign in",
				IPAddress: "198.18.0.1", ClientType: "Windows", Version: "6.0.0.1000",
			})
		}
	}
	a := open(b, src, zoomtest.ServerOptions{NoLimits: true, Now: time.Now, AsOf: testNow})
	target, token := "/v2/report/activities?from=2026-11-01&to=2026-11-23&page_size=300", ""
	b.ReportAllocs()
	for b.Loop() {
		res := a.get(target + token)
		if res.status != 200 {
			b.Fatal(res.body)
		}
		token = ""
		if i := len(`{"from":"2026-11-01T00:00:00Z","to":"2026-11-23T00:00:00Z","page_size":300,"next_page_token":"`); res.body[i] != '"' {
			for end := i; ; end++ {
				if res.body[end] == '"' {
					token = "&next_page_token=" + res.body[i:end]
					break
				}
			}
		}
	}
	b.ReportMetric(float64(b.N)*300/b.Elapsed().Seconds(), "rows/s")
}
