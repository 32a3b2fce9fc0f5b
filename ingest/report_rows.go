package ingest

import (
	"context"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// reportOf makes the reader of a report whose rows land in a table as they are. dates names the two parameters of the window; fixed are further arguments.
func reportOf(t *table, endpoint string, fixed zoom.Args, dates ...string) func(ctx context.Context, r *runner, rep *FeedReport) error {
	if len(dates) == 0 {
		dates = []string{"from", "to"}
	}
	return func(ctx context.Context, r *runner, rep *FeedReport) error {
		return r.readReport(ctx, reportFeed{feed: rep.Feed, read: func(ctx context.Context, r *runner, w Window) (lander, counts, error) {
			rows := t.landing()
			err := r.collect(ctx, endpoint, fixed.Dates(dates[0], w.From, dates[1], w.To), rows)
			return rows, rows.counts, err
		}}, rep)
	}
}
