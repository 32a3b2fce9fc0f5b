package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/zoomward/zoomward/store"
)

// feedsAtATime bounds how many feeds are read side by side. Report feeds share one rate limit, so more would only wait longer.
const feedsAtATime = 2

// Run reads every feed from where the last run left it, and lands what is new. A feed that Zoom refuses is part of the report, not an error. It fails at
// once when nothing can be read (*ConnectionError), when the disk is full (store.ErrFull), when the database fails otherwise, or when ctx ends; the report then says what
// landed until then, all of which is kept.
func Run(ctx context.Context, o Options) (Report, error) {
	var rep Report
	o, err := o.prepare()
	if err != nil {
		return rep, fmt.Errorf("ingest: %w", err)
	}
	feeds, err := selectFeeds(o.Feeds)
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

func (r *runner) readAll(ctx context.Context, feeds []Feed, reports []FeedReport) error {
	for i, f := range feeds {
		if f.first {
			if err := r.feed(ctx, f, &reports[i]); err != nil {
				return err
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(feedsAtATime)
	for i, f := range feeds {
		if !f.first {
			g.Go(func() error { return r.feed(ctx, f, &reports[i]) })
		}
	}
	return g.Wait()
}

// feed reads one feed. An error of it is one that ends the run.
func (r *runner) feed(ctx context.Context, f Feed, rep *FeedReport) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	log := r.Logger.With("feed", f.Name)
	if err := noteAttempt(ctx, r.DB, f.Name, r.Now); err != nil {
		return err
	}
	err := f.read(ctx, r, rep)
	var refused *fetchError
	switch {
	case err == nil:
		if rep.State == StateNever {
			rep.State = StateOK
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
		rep.State, rep.Message = refusal(f, refused.err)
		log.WarnContext(ctx, "feed not read to its end", "state", rep.State, "error", refused.err)
	default:
		return fmt.Errorf("land %s: %w", f.Name, err)
	}
	if err := noteOutcome(ctx, r.DB, rep, r.Now); err != nil {
		return err
	}
	log.InfoContext(ctx, "feed read", "state", rep.State, "landed", rep.Landed, "windows", rep.Windows, "rejected", rep.Rejected, "later", rep.Later)
	return nil
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
