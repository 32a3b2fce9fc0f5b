package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// Outcomes of a visit, as meta.visits keeps them.
const (
	visitPlanned = "planned" // due one day
	visitDone    = "done"
	visitGone    = "gone" // Zoom has the user, meeting, ... no more, or never shows it
	visitFailed  = "failed"
)

// visit is one call, or a few, about one user, meeting, group, channel or window.
type visit struct {
	parent   string
	from, to time.Time // days, both included; zero where the endpoint takes none
	mark     string    // what is known of the parent; another mark makes another visit due
	via      string    // a second id that the call needs
	fresh    bool      // worth more than history
	attempts int64     // that failed before
}

func (v visit) key(feed string) string {
	return strings.Join([]string{feed, v.parent, dateText(v.from), dateText(v.to)}, "\x1f")
}

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// args are the arguments of the call: the parent under the name that the path has for it, and the window where there is one.
func (v visit) args(parent string) zoom.Args {
	a := zoom.Args{}
	if parent != "" {
		a[parent] = v.parent
	}
	if !v.from.IsZero() {
		a = a.Dates("from", v.from, "to", v.to)
	}
	return a
}

// visitFeed is a feed that costs a call for every one of many. What is due is worked out in the database; a run makes as many visits as its share of the time and
// of the day's calls allows, the most valuable first, and the next run goes on.
type visitFeed struct {
	// due lists visits: parent, window_from, window_to, mark, via, fresh, attempts; the most valuable first. $feed, $now, $floor (the oldest day that Zoom
	// keeps), $overlap and $retry (a failed visit v is due again) are filled in.
	due string
	// plan, if not nil, adds to meta.visits what will be due.
	plan func(ctx context.Context, r *runner, tx *store.Tx, feed string) error
	// ask makes the calls of one visit.
	ask func(ctx context.Context, r *runner, v visit) (*landing, error)
	// scope is the column of the parent in a table of rows that come and go: what a visit does not list any more is removed.
	scope string
}

const (
	// visitsAtATime is how many visits land in one transaction: landing costs some 50 ms, a visit some 25 to 100.
	visitsAtATime = 200
	// landEvery bounds what a crash makes a run ask again.
	landEvery = 10 * time.Second
	// maxVisits bounds the plan of one run that is held in memory; a run makes fewer.
	maxVisits = 100_000
	// patience is how many visits in a row may fail before a feed is given up for this run.
	patience = 5
)

// result of a visit.
type visited struct {
	visit
	rows    *landing
	outcome string
	err     error
}

// readVisits makes the due visits of a feed, fresh ones or the others, until the deadline (zero: none) or until calls of the day are used up to limit (negative: not bounded).
func (r *runner) readVisits(ctx context.Context, f Feed, rep *FeedReport, fresh bool, deadline time.Time, limit int) error {
	vf := f.visits
	if vf.plan != nil && fresh {
		if err := r.DB.Tx(ctx, func(tx *store.Tx) error { return vf.plan(ctx, r, tx, f.Name) }); err != nil {
			return fmt.Errorf("plan visits: %w", err)
		}
	}
	due, err := r.due(ctx, f)
	if err != nil {
		return err
	}
	var todo []visit
	for _, v := range due {
		if v.fresh == fresh {
			todo = append(todo, v)
		}
	}
	total := len(due)
	if limit >= 0 && len(todo) > limit {
		todo = todo[:limit]
	}
	made, err := r.makeVisits(ctx, f, rep, todo, deadline)
	rep.Due = total - made
	rep.Visits += made
	return err
}

// due reads which visits of a feed are due.
func (r *runner) due(ctx context.Context, f Feed) ([]visit, error) {
	var rows struct {
		Parent   []string    `col:"parent"`
		From     []time.Time `col:"window_from"`
		To       []time.Time `col:"window_to"`
		Mark     []string    `col:"mark,null"`
		Via      []string    `col:"via,null"`
		Fresh    []bool      `col:"fresh"`
		Attempts []int64     `col:"attempts"`
	}
	query := strings.NewReplacer("$retry", retryWhen, "$overlap", fmt.Sprintf("to_seconds(%d)", int64(r.Overlap/time.Second)), "$feed", "'"+f.Name+"'").Replace(f.visits.due)
	query = strings.NewReplacer("$now", timestamp(r.Now), "$floor", timestamp(oldest(r.Now, MaxBackfillMonths))).Replace(query)
	query = fmt.Sprintf(`SELECT parent, window_from::TIMESTAMP AS window_from, window_to::TIMESTAMP AS window_to, mark, via, coalesce(fresh, false) AS fresh,
		coalesce(attempts, 0)::BIGINT AS attempts FROM (%s) AS due LIMIT %d`, query, maxVisits)
	if err := r.DB.Read(ctx, &rows, query); err != nil {
		return nil, fmt.Errorf("plan visits: %w", err)
	}
	out := make([]visit, len(rows.Parent))
	for i := range out {
		out[i] = visit{rows.Parent[i], rows.From[i], rows.To[i], rows.Mark[i], rows.Via[i], rows.Fresh[i], rows.Attempts[i]}
	}
	return out, nil
}

// retryWhen says when a visit that failed is due again: at once twice, then ever later.
const retryWhen = `(v.attempts < 3 OR v.visited_at <= $now - to_hours(v.attempts * v.attempts))`

// timestamp writes an instant as SQL; it comes from this program's clock alone.
func timestamp(t time.Time) string {
	return "TIMESTAMP '" + t.UTC().Format("2006-01-02 15:04:05.000000") + "'"
}

// errEnough ends a feed's visits for this run without anything being wrong.
var errEnough = errors.New("enough for this run")

func (r *runner) makeVisits(ctx context.Context, f Feed, rep *FeedReport, todo []visit, deadline time.Time) (made int, err error) {
	if len(todo) == 0 {
		return 0, ctx.Err()
	}
	g, gctx := errgroup.WithContext(ctx)
	next := make(chan visit)
	results := make(chan visited)
	idle := make(chan struct{})
	g.Go(func() error { // hands out visits until the time is up
		defer close(next)
		for _, v := range todo {
			if !deadline.IsZero() && !r.Wall().Before(deadline) {
				return nil
			}
			select {
			case next <- v:
			case <-idle:
				return nil // every worker has gone home
			case <-gctx.Done():
				return gctx.Err()
			}
		}
		return nil
	})
	var workers sync.WaitGroup
	for range r.atATime(f.Endpoints[0].Label) {
		workers.Add(1)
		g.Go(func() error {
			defer workers.Done()
			for v := range next {
				if !deadline.IsZero() && !r.Wall().Before(deadline) {
					return nil // it was handed out while the one before was under way
				}
				res := r.visit(gctx, f, v)
				select {
				case results <- res:
				case <-gctx.Done():
					return gctx.Err()
				}
			}
			return nil
		})
	}
	go func() { workers.Wait(); close(idle); close(results) }()
	var (
		pending []visited
		refused error
		failing int
		landed  = r.Wall()
	)
	flush := func() error {
		if len(pending) == 0 {
			return nil
		}
		if err := r.landVisits(ctx, f, rep, pending); err != nil {
			return err
		}
		made += len(pending)
		pending, landed = nil, r.Wall()
		r.tell(Progress{Feed: f.Name, Done: made, Total: len(todo), Landed: rep.Landed})
		return nil
	}
	g.Go(func() error {
		for res := range results {
			if res.outcome == "" && zoom.IsPlanTooLow(res.err) && made+len(pending) > 0 {
				res.outcome, res.rows = visitFailed, nil // Zoom's one code for a plan too low also stands for one channel or recording that is not shown
			}
			switch {
			case res.outcome == "":
				refused = res.err
				return errEnough
			case res.outcome == visitFailed:
				if failing++; failing >= patience {
					refused = res.err
				}
			default:
				failing = 0
			}
			pending = append(pending, res)
			if refused != nil {
				return errEnough
			}
			if len(pending) >= visitsAtATime || r.Wall().Sub(landed) >= landEvery {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	err = g.Wait()
	if err != nil && !errors.Is(err, errEnough) {
		return made, err
	}
	if err := flush(); err != nil {
		return made, err
	}
	return made, fetched(refused)
}

// atATime is how many calls of a label have to be under way for its limit to be reached.
func (r *runner) atATime(l zoom.Label) int {
	if l == zoom.LabelResourceIntensive {
		return 1 // a call every three seconds or more: others would wait beyond the end of the time for visits
	}
	if c, ok := r.Client.(interface{ Concurrency(zoom.Label) int }); ok {
		return max(1, c.Concurrency(l))
	}
	return windowsAhead
}

// visit asks and says how it went; an empty outcome means that the feed is refused as a whole.
func (r *runner) visit(ctx context.Context, f Feed, v visit) visited {
	rows, err := f.visits.ask(ctx, r, v)
	res := visited{visit: v, rows: rows, err: err}
	switch {
	case err == nil:
		res.outcome = visitDone
	case isGone(err):
		res.outcome, res.rows = visitGone, nil
	case ctx.Err() != nil, asConnectionError(err) != nil && !isUnreachable(err), zoom.IsMissingScope(err), zoom.IsDailyLimit(err), zoom.IsPlanTooLow(err):
	default:
		res.outcome, res.rows = visitFailed, nil
	}
	return res
}

// isUnreachable says whether a call got no usable answer. For one parent that may be about this one alone; for several in a row it is about the connection.
func isUnreachable(err error) bool {
	var u *zoom.UnreachableError
	return errors.As(err, &u)
}

// Zoom's codes for what is not, or not any more, to be had.
const (
	zoomCodeUserUnknown    = 1001
	zoomCodeNotOfAccount   = 1010
	zoomCodeMeetingUnknown = 3001
	zoomCodeNoRecording    = 3301
	zoomCodeGroupUnknown   = 4130
	zoomCodeTooOld         = 12702
	zoomCodeNoEndpoint     = 2300 // says nothing of the parent
)

func isGone(err error) bool {
	var api *zoom.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.Code {
	case zoomCodeUserUnknown, zoomCodeNotOfAccount, zoomCodeMeetingUnknown, zoomCodeNoRecording, zoomCodeGroupUnknown, zoomCodeTooOld:
		return true
	}
	return api.Status == http.StatusNotFound && api.Code != zoomCodeNoEndpoint
}

// landVisits lands what visits found and notes them, in one transaction.
func (r *runner) landVisits(ctx context.Context, f Feed, rep *FeedReport, done []visited) error {
	var c counts
	var written int64
	err := r.DB.Tx(ctx, func(tx *store.Tx) error {
		var rows *landing
		var parents []string
		for _, d := range done {
			if d.rows == nil {
				continue
			}
			c.merge(d.rows.counts)
			if rows == nil {
				rows = d.rows.table.landing()
			}
			rows.merge(d.rows)
			parents = append(parents, d.parent)
		}
		if rows != nil {
			n, err := rows.land(ctx, r, tx)
			if err != nil {
				return err
			}
			written += n
			if f.visits.scope != "" {
				n, err := markRemoved(ctx, tx, rows.table, r.Now, rows.keys(), f.visits.scope, parents)
				if err != nil {
					return err
				}
				written += n
			}
		}
		if err := r.noteVisits(ctx, tx, f.Name, done); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE meta.feeds SET rows_landed = rows_landed + ? WHERE feed = ?`, written, f.Name)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range done {
		if d.outcome == visitFailed {
			rep.Failed++
			r.Logger.WarnContext(ctx, "visit failed, a later run repeats it", "feed", f.Name, "parent", d.parent, "error", d.err)
		}
	}
	rep.Landed += written
	rep.Rejected += c.rejected
	rep.Later += c.later
	if c.rejected > 0 {
		r.Logger.WarnContext(ctx, "rows rejected", "feed", f.Name, "rows", c.rejected, "first_reason", c.reason)
	}
	return nil
}

// visitRows are rows of meta.visits.
type visitRows struct {
	Key      []string    `col:"visit_key"`
	Feed     []string    `col:"feed"`
	Parent   []string    `col:"parent"`
	From     []time.Time `col:"window_from"`
	To       []time.Time `col:"window_to"`
	At       []time.Time `col:"visited_at"`
	Outcome  []string    `col:"outcome"`
	Attempts []int64     `col:"attempts"`
	Rows     []int64     `col:"rows"`
	Mark     []string    `col:"mark,null"`
}

func (f *visitRows) add(feed string, v visit, at time.Time, outcome string, attempts, rows int64) {
	f.Key, f.Feed, f.Parent = append(f.Key, v.key(feed)), append(f.Feed, feed), append(f.Parent, v.parent)
	f.From, f.To, f.At = append(f.From, v.from), append(f.To, v.to), append(f.At, at)
	f.Outcome, f.Attempts, f.Mark = append(f.Outcome, outcome), append(f.Attempts, attempts), append(f.Mark, v.mark)
	f.Rows = append(f.Rows, rows)
}

func (r *runner) noteVisits(ctx context.Context, tx *store.Tx, feed string, done []visited) error {
	var rows visitRows
	for _, d := range done {
		var attempts, found int64
		if d.outcome == visitFailed {
			attempts = d.attempts + 1
		}
		if d.rows != nil {
			found = int64(d.rows.distinct())
		}
		rows.add(feed, d.visit, r.Now, d.outcome, attempts, found)
	}
	keys, err := compactJSON(rows.Key)
	if err != nil {
		return fmt.Errorf("note visits: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM meta.visits WHERE visit_key IN (SELECT unnest(from_json(?, '["VARCHAR"]')))`, keys); err != nil {
		return fmt.Errorf("note visits: %w", err)
	}
	if _, err := tx.Append(ctx, "meta.visits", rows); err != nil {
		return fmt.Errorf("note visits: %w", err)
	}
	return nil
}

// dueText says in a report what is left for later runs.
func dueText(due int) string {
	return strconv.Itoa(due) + " calls are left for later runs: they are spread over the day's quota and the time that a run may take"
}
