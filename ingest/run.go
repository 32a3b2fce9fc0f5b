package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// Run reads every feed from where the last run left it, and lands what is new. A feed that Zoom refuses is part of the report, not an error. It fails at
// once when nothing can be read (*ConnectionError), when the disk is full (store.ErrFull), when the database fails otherwise, or when ctx ends; the report then says what
// landed until then, all of which is kept.
func Run(ctx context.Context, o Options) (Report, error) {
	var rep Report
	o, err := o.prepare()
	if err != nil {
		return rep, fmt.Errorf("ingest: %w", err)
	}
	feeds, err := selectFeeds(o.Feeds, o.Skip)
	if err != nil {
		return rep, fmt.Errorf("ingest: %w", err)
	}
	r := &runner{Options: o}
	rep.Feeds = make([]FeedReport, len(feeds))
	for i, f := range feeds {
		rep.Feeds[i] = FeedReport{Feed: f.Name, State: StateNever}
	}
	before := r.requests()
	err = r.readAll(ctx, feeds, rep.Feeds)
	if err == nil {
		err = r.noteConnector(ctx, feeds)
	}
	rep.Requests = r.requests() - before
	if gerr := o.Geo.Err(); gerr != nil {
		o.Logger.WarnContext(ctx, "location database cannot be read everywhere", "error", gerr)
	}
	if errors.Is(err, store.ErrFull) {
		return rep, fmt.Errorf("ingest: the disk is full or the memory limit is reached: make room and run again; everything landed so far is kept: %w", err)
	}
	if err != nil {
		return rep, fmt.Errorf("ingest: %w", err)
	}
	return rep, nil
}

// runner is one run.
type runner struct {
	Options
	progress sync.Mutex
}

func (r *runner) requests() int64 {
	if c, ok := r.Client.(counter); ok {
		return c.Stats().Requests
	}
	return 0
}

// readAll reads the feeds stage by stage. Feeds that cost a call for each of many go through their stages twice: for what is fresh, so that no backlog of half a
// year stands before yesterday, and then for the rest, as far as the time goes.
func (r *runner) readAll(ctx context.Context, feeds []Feed, reports []FeedReport) error {
	stages := map[int][]int{}
	var order []int
	for i, f := range feeds {
		if stages[f.stage] == nil {
			order = append(order, f.stage)
		}
		stages[f.stage] = append(stages[f.stage], i)
	}
	slices.Sort(order)
	var deadline time.Time
	for _, pass := range []pass{passAll, passFresh, passRest} {
		if pass == passFresh && r.VisitTime > 0 {
			deadline = r.Wall().Add(r.VisitTime)
		}
		for i, stage := range order {
			if err := r.readStage(ctx, pass, stages[stage], len(order)-i, feeds, reports, deadline); err != nil {
				return err
			}
		}
	}
	return r.noteGroupSettings(ctx)
}

// pass says which part of the feeds is read.
type pass int

const (
	passAll   pass = iota // feeds that are read whole
	passFresh             // fresh visits
	passRest              // the other visits
)

// readStage reads the feeds of a stage, those under the same rate limit one after the other: side by side they would only wait for each other. Of the time until the
// deadline each stage that is still to come has an equal part, and within a stage each feed in a row.
func (r *runner) readStage(ctx context.Context, p pass, stage []int, left int, feeds []Feed, reports []FeedReport, deadline time.Time) error {
	lanes := map[zoom.Label][]int{}
	for _, i := range stage {
		if (feeds[i].visits == nil) == (p == passAll) {
			label := feeds[i].Endpoints[0].Label
			lanes[label] = append(lanes[label], i)
		}
	}
	end := r.part(deadline, left)
	g, ctx := errgroup.WithContext(ctx)
	for _, lane := range lanes {
		g.Go(func() error {
			for n, i := range lane {
				if p == passRest && reports[i].refused {
					continue // refused a moment ago
				}
				if err := r.feed(ctx, feeds[i], &reports[i], p, r.part(end, len(lane)-n), waiting(feeds, i)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// part returns the end of the first of so many equal parts of the time until a deadline; zero: there is none.
func (r *runner) part(deadline time.Time, parts int) time.Time {
	if deadline.IsZero() {
		return deadline
	}
	now := r.Wall()
	return now.Add(deadline.Sub(now) / time.Duration(parts))
}

// waiting counts the feeds from number i on whose visits cost calls of the daily quota.
func waiting(feeds []Feed, i int) int {
	n := 0
	for _, f := range feeds[i:] {
		if f.visits != nil && costsQuota(f) {
			n++
		}
	}
	return max(n, 1)
}

// feed reads one feed, or a pass of it. An error of it is one that ends the run.
func (r *runner) feed(ctx context.Context, f Feed, rep *FeedReport, p pass, deadline time.Time, share int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	log := r.Logger.With("feed", f.Name)
	if err := noteAttempt(ctx, r.DB, f.Name, r.Now); err != nil {
		return err
	}
	if !r.inPlan(f) {
		rep.refused = true
		rep.State, rep.Message = StateNotInPlan, "takes the "+planTitle(f, nil)+" plan or higher; if the account has it, say so in the configuration"
		return noteOutcome(ctx, r.DB, rep, r.Now)
	}
	err := r.readFeed(ctx, f, rep, p, deadline, share)
	var refused *fetchError
	switch {
	case err == nil:
		if rep.State == StateNever {
			if rep.State = StateOK; p == passRest {
				rep.Message = "" // of the pass before, when there was nothing to ask for
			}
		}
		if f.visits != nil && rep.Visits+rep.Due == 0 {
			if err := r.awaits(ctx, f, rep); err != nil {
				return err
			}
		}
		if rep.Failed > 0 {
			rep.State, rep.Message = StateFailed, fmt.Sprintf("%d of %d calls failed, a later run repeats them", rep.Failed, rep.Visits)
		}
	case ctx.Err() != nil:
		return err
	case errors.As(err, &refused):
		conn := asConnectionError(refused.err)
		if conn != nil {
			rep.State, rep.Message = StateFailed, conn.Error()
			if err := noteOutcome(ctx, r.DB, rep, r.Now); err != nil {
				return errors.Join(conn, err)
			}
			return conn
		}
		if f.visits != nil && zoom.IsDailyLimit(refused.err) { // what is due is spread over days
			rep.State, rep.Message, rep.refused = StateOK, dueText(rep.Due), true
			break
		}
		rep.State, rep.Message = refusal(f, refused.err)
		rep.refused = true
		log.WarnContext(ctx, "feed not read to its end", "state", rep.State, "error", refused.err)
	default:
		return fmt.Errorf("land %s: %w", f.Name, err)
	}
	if f.visits != nil && rep.State == StateOK && p == passRest {
		if err := r.settle(ctx, f, rep); err != nil {
			return err
		}
	}
	if err := noteOutcome(ctx, r.DB, rep, r.Now); err != nil {
		return err
	}
	if f.visits == nil {
		log.InfoContext(ctx, "feed read", "state", rep.State, "landed", rep.Landed, "windows", rep.Windows, "rejected", rep.Rejected, "later", rep.Later)
	} else if p == passRest || rep.State != StateOK {
		log.InfoContext(ctx, "feed read", "state", rep.State, "landed", rep.Landed, "visits", rep.Visits, "failed", rep.Failed, "due", rep.Due, "rejected", rep.Rejected)
	}
	return nil
}

// inPlan says whether a feed is worth asking for: what only Business has is not there on Pro. What even Pro has is asked for all the same, so that an account without it learns
// in Zoom's words what it lacks.
func (r *runner) inPlan(f Feed) bool {
	c, ok := r.Client.(interface{ Plan() zoom.Plan })
	return !ok || f.Endpoints[0].MinPlan != zoom.PlanBusiness || c.Plan() == zoom.PlanBusiness || c.Plan() == zoom.PlanNone
}

// awaits marks a feed that had nothing to ask for because none of the feeds that would say what was ever read.
func (r *runner) awaits(ctx context.Context, f Feed, rep *FeedReport) error {
	if len(f.after) == 0 {
		return nil
	}
	names, err := compactJSON(f.after)
	if err != nil {
		return fmt.Errorf("look for what a feed awaits: %w", err)
	}
	var n int64
	if err := r.DB.Row(ctx, `SELECT count(*) FROM meta.feeds WHERE last_success_at IS NOT NULL AND feed IN (SELECT unnest(from_json(?, '["VARCHAR"]')))`, names).Scan(&n); err != nil {
		return fmt.Errorf("look for what a feed awaits: %w", err)
	}
	if n == 0 {
		rep.State, rep.Message = StateNever, "what to ask for comes from the feed "+strings.Join(f.after, " or ")+", which was never read"
	}
	return nil
}

func (r *runner) readFeed(ctx context.Context, f Feed, rep *FeedReport, p pass, deadline time.Time, share int) error {
	if f.visits == nil {
		return f.read(ctx, r, rep)
	}
	limit := -1
	if b, ok := r.Client.(budgeter); ok && p == passRest && costsQuota(f) {
		if n, bounded := b.Budget(); bounded {
			limit = n / share
		}
	}
	return r.readVisits(ctx, f, rep, p == passFresh, deadline, limit)
}

// settle notes that a feed with visits has nothing left to ask for, or says how much there is.
func (r *runner) settle(ctx context.Context, f Feed, rep *FeedReport) error {
	if rep.Due > 0 {
		if rep.Message == "" {
			rep.Message = dueText(rep.Due)
		}
		return nil
	}
	return r.DB.Tx(ctx, func(tx *store.Tx) error {
		return moveOn(ctx, tx, f.Name, oldest(r.Now, r.BackfillMonths), r.Now, r.Now.Add(-r.Overlap), 0)
	})
}

// budgeter is a Client that knows how many calls of the day's quota are left to it; bounded is false where there is no quota.
type budgeter interface{ Budget() (n int, bounded bool) }

// costsQuota says whether the calls of a feed count against the daily quota.
func costsQuota(f Feed) bool {
	l := f.Endpoints[0].Label
	return l == zoom.LabelHeavy || l == zoom.LabelResourceIntensive
}

// fetchError marks an error of the client, as against one of the database.
type fetchError struct{ err error }

func (e *fetchError) Error() string { return e.err.Error() }
func (e *fetchError) Unwrap() error { return e.err }

func fetched(err error) error {
	if err == nil {
		return nil
	}
	return &fetchError{err}
}

func (r *runner) tell(p Progress) {
	if r.Progress == nil {
		return
	}
	r.progress.Lock()
	defer r.progress.Unlock()
	r.Progress(p)
}
