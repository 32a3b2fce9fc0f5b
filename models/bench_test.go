package models

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// BenchmarkFold runs the whole fold (observations, scores, decisions, checkpoints) beside the limit of the machine: one scan of the same rows, grouped by user and
// day. fold/scan is the ratio.
func BenchmarkFold(b *testing.B) {
	for _, size := range []struct {
		users, days, perDay int
		name                string
	}{
		{50, 60, 8, "small"},
		{500, 60, 8, "medium"},
		{5000, 30, 9, "1M-events-5000-users"},
	} {
		b.Run(size.name, func(b *testing.B) {
			ctx := context.Background()
			db, err := store.Open(ctx, b.TempDir()+"/z.duckdb", store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			now := fill(b, db, size.users, size.days, size.perDay)
			var events int64
			if err := db.Row(ctx, `SELECT (SELECT count(*) FROM activities) + (SELECT count(*) FROM operations)`).Scan(&events); err != nil {
				b.Fatal(err)
			}
			var fold, scan time.Duration
			for i := 0; b.Loop(); i++ {
				if _, err := db.Exec(ctx, `DELETE FROM meta.fold`); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				if _, err := Fold(ctx, db, FoldOptions{Config: DefaultConfig(), Now: now, RunID: fmt.Sprint(i)}); err != nil {
					b.Fatal(err)
				}
				fold += time.Since(start)
				start = time.Now()
				// The sums keep the database from leaving out what nobody asks for.
				var groups, rows, first, last int64
				err := db.Row(ctx, `SELECT count(*), sum(n), sum(a), sum(b) FROM (SELECT user_email, day, count(*) AS n, epoch_us(min(at)) % 1000 AS a, epoch_us(max(at)) % 1000 AS b FROM (
					SELECT user_email, occurred_at::DATE AS day, occurred_at AS at FROM activities
					UNION ALL SELECT operator, occurred_at::DATE, occurred_at FROM operations) GROUP BY user_email, day)`).Scan(&groups, &rows, &first, &last)
				if err != nil {
					b.Fatal(err)
				}
				scan += time.Since(start)
			}
			b.ReportMetric(float64(events)*float64(b.N)/fold.Seconds(), "events/s")
			b.ReportMetric(fold.Seconds()/scan.Seconds(), "fold/scan")
			b.ReportMetric(float64(events), "events")
		})
	}
}
