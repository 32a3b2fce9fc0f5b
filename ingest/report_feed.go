package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// windowsAhead is how many windows of a feed are read at a time where the client does not say how many calls its limits stand for: a listing can only be walked
// page after page, so an answer that takes long would leave the rate limit unused. They land one by one, the oldest first.
const windowsAhead = 2

// maxWindowsAhead bounds the rows that wait in memory for an older window to land.
const maxWindowsAhead = 16

// reportFeed is what report feeds differ in.
type reportFeed struct {
	feed string // name
	read func(ctx context.Context, r *runner, w Window) (lander, counts, error)
}

// lander is rows that know how to land.
type lander interface {
	land(ctx context.Context, r *runner, tx *store.Tx) (int64, error)
}

// frame is the rows of a window, column by column.
type frame interface {
	// stamp writes into every row which transaction and run land it.
	stamp(batch int64, runID string)
	// ids returns what the rows are known by, and how often each came.
	ids() (ids []string, repeats []int64)
}

// counts are the rows of a window that do not land.
type counts struct {
	rejected int64
	reason   string // why the first one was rejected
	later    int64
}

func (c *counts) reject(reason string) {
	if c.rejected == 0 {
		c.reason = reason
	}
	c.rejected++
}

func (c *counts) merge(o counts) {
	if c.rejected == 0 {
		c.reason = o.reason
	}
	c.rejected += o.rejected
	c.later += o.later
}

func (c *counts) rejectAll(rows []zoom.Rejected) {
	for _, r := range rows {
		c.reject(r.Reason)
	}
}

// earliestTime is before anything that Zoom can report: the service opened in 2013. Earlier times are mistakes, and some do not fit the database.
var earliestTime = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

const badTime = "time is out of range"

// result is a window that was read.
type result struct {
	window Window
	rows   lander
	counts counts
	err    error
	done   chan struct{}
}

// maxLaterStarts bounds how many days later a run starts at most when Zoom finds its oldest day too old after all: six calendar months are up to 184 days,
// and a Zoom that counted 180 of them would refuse every first run. The days lost are the first of half a year.
const maxLaterStarts = 7

// readReport reads the windows from the watermark to the run's clock and lands them, each with its watermark in one transaction.
func (r *runner) readReport(ctx context.Context, rf reportFeed, rep *FeedReport) error {
	pos, err := readPosition(ctx, r.DB, rf.feed)
	if err != nil {
		return err
	}
	p, err := r.plan(ctx, rf.feed, pos)
	if err != nil {
		return err
	}
	if p.gap != "" {
		r.Logger.WarnContext(ctx, "rows are lost", "feed", rf.feed, "gap", p.gap)
		rep.Message = p.gap
	}
	for later := 0; ; later++ {
		err := r.readWindows(ctx, rf, p.windows(r.Now, later), rep)
		if !p.oldest || rep.Windows > 0 || later == maxLaterStarts || !isTooOld(err) {
			return err
		}
		r.Logger.InfoContext(ctx, "zoom finds the oldest day too old, starting a day later", "feed", rf.feed)
	}
}

// zoomCodeBadRequest is Zoom's code for dates (and page tokens) that it does not accept.
const zoomCodeBadRequest = 300

func isTooOld(err error) bool {
	var api *zoom.APIError
	return errors.As(err, &api) && api.Code == zoomCodeBadRequest && !zoom.IsPageTokenExpired(err)
}

func (r *runner) readWindows(ctx context.Context, rf reportFeed, todo []Window, rep *FeedReport) error {
	rep.Remaining = len(todo)
	var reason string
	for res := range r.ahead(ctx, rf, todo) {
		if res.err != nil {
			return fetched(res.err)
		}
		n, err := r.land(ctx, rf, res)
		if err != nil {
			return fmt.Errorf("window %s to %s: %w", res.window.From.Format(time.DateOnly), res.window.To.Format(time.DateOnly), err)
		}
		rep.Landed += n
		rep.Later += res.counts.later
		rep.Rejected += res.counts.rejected
		rep.Windows++
		rep.Remaining--
		if res.counts.rejected > 0 {
			if reason == "" {
				reason = res.counts.reason
			}
			r.Logger.WarnContext(ctx, "rows rejected", "feed", rf.feed, "from", res.window.From.Format(time.DateOnly), "to", res.window.To.Format(time.DateOnly),
				"rows", res.counts.rejected, "first_reason", res.counts.reason)
		}
		r.tell(Progress{Feed: rf.feed, Window: res.window, Done: rep.Windows, Total: len(todo), Landed: rep.Landed})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if rep.Rejected > 0 {
		rep.Message = sentences(rep.Message, rejectedText(rep.Rejected, reason))
	}
	return nil
}

func rejectedText(n int64, reason string) string {
	return fmt.Sprintf("%d rows could not be read and did not land, the first because its %s: if they keep coming, report it", n, reason)
}

// sentences joins texts, leaving out empty ones.
func sentences(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// plan is what a run reads of a feed.
type plan struct {
	from   time.Time // zero: nothing
	days   int       // longest window
	oldest bool      // from is as far back as Zoom's reports go
	gap    string    // in words what Zoom has forgotten since the last run, "" when nothing
}

// windows returns the windows to read when the run starts so many days later than planned.
func (p plan) windows(now time.Time, later int) []Window {
	if p.from.IsZero() {
		return nil
	}
	return windows(p.from.AddDate(0, 0, later), now, p.days)
}

func (r *runner) plan(ctx context.Context, feed string, pos position) (plan, error) {
	floor := oldest(r.Now, MaxBackfillMonths)
	var p plan
	if pos.watermark.IsZero() {
		p.from = oldest(r.Now, r.BackfillMonths)
		if d := dayOf(r.Now).AddDate(0, 0, -r.BackfillDays); r.BackfillDays > 0 && d.After(p.from) {
			p.from = d
		}
	} else {
		if r.Now.Before(pos.watermark) {
			return p, nil // a run as of an earlier time: everything until then was read
		}
		p.from = dayOf(pos.watermark.Add(-r.Overlap))
		if p.from.Before(pos.covered) {
			p.from = pos.covered // no further back than was asked for
		}
		if pos.watermark.Before(floor) {
			p.gap = fmt.Sprintf("the last run reached %s, and zoom keeps six months: what happened until %s cannot be read any more", stamp(pos.watermark), stamp(floor))
		}
	}
	if !p.from.After(floor) {
		p.from, p.oldest = floor, true
	}
	users, err := countUsers(ctx, r.DB)
	if err != nil {
		return p, err
	}
	p.days = windowDays(users, endpoints(feed)[0].MaxWindow)
	return p, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ahead reads windows side by side, a few at a time, and hands them out in order. It stops reading when the loop over it ends.
func (r *runner) ahead(ctx context.Context, rf reportFeed, todo []Window) func(yield func(*result) bool) {
	return func(yield func(*result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		next := 0
		ahead := min(r.atATime(endpoints(rf.feed)[0].Label), maxWindowsAhead)
		var reading []*result
		for {
			for ; next < len(todo) && len(reading) < ahead; next++ {
				res := &result{window: todo[next], done: make(chan struct{})}
				reading = append(reading, res)
				wg.Go(func() {
					defer close(res.done)
					res.rows, res.counts, res.err = rf.read(ctx, r, res.window)
				})
			}
			if len(reading) == 0 {
				return
			}
			<-reading[0].done
			if !yield(reading[0]) {
				return
			}
			reading = reading[1:]
		}
	}
}

// land writes one window and moves the watermark over it.
func (r *runner) land(ctx context.Context, rf reportFeed, res *result) (landed int64, err error) {
	watermark := res.window.end()
	if watermark.After(r.Now) {
		watermark = r.Now
	}
	err = r.DB.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if landed, err = res.rows.land(ctx, r, tx); err != nil {
			return err
		}
		return moveOn(ctx, tx, rf.feed, res.window.From, watermark, watermark.Add(-r.Overlap), landed)
	})
	return landed, err
}
