package ingest

import (
	"context"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// reportOf makes the reader of a report whose rows land in a table as they are. dates names the two parameters of the window; fixed are further arguments.
func reportOf(t *table, endpoint string, fixed zoom.Args, dates ...string) func(ctx context.Context, r *runner, rep *FeedReport) error {
	if len(dates) == 0 {
		dates = []string{"from", "to"}
	}
	return func(ctx context.Context, r *runner, rep *FeedReport) error {
		rf := reportFeed{feed: rep.Feed, table: t.name, key: t.key,
			read: func(ctx context.Context, r *runner, w Window) (frame, counts, error) {
				rows := t.landing()
				err := r.collect(ctx, endpoint, fixed.Dates(dates[0], w.From, dates[1], w.To), rows)
				return &reportRows{landing: rows}, rows.counts, err
			}}
		if t.hashed {
			rf.hash = hashColumn
		}
		return r.readReport(ctx, rf, rep)
	}
}

// reportRows is a landing that waits for the number of its transaction.
type reportRows struct {
	*landing
	columns store.Columns
}

func (f *reportRows) stamp(batch int64, runID string) {
	// first_seen_at is for listings alone, so the clock does not matter here.
	f.columns = f.frame(earliestTime, batch, runID)
}

func (f *reportRows) rows() any { return f.columns }
