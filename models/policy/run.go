package policy

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Options of Run.
type Options struct {
	Dir     string    // folder of the files
	Now     time.Time // the run's clock: windows end at it
	RunID   string
	Timeout time.Duration    // of one evaluation; 0 for DefaultTimeout
	Wall    func() time.Time // for how long things took; nil for time.Now
	Logger  *slog.Logger
}

// Summary says what a run of the policies did.
type Summary struct {
	Policies  int      `json:"policies"`  // files in the folder
	Evaluated int      `json:"evaluated"` // that were due and on
	Alerts    int      `json:"alerts"`    // raised by this run
	Behaviors int      `json:"behaviors"` // found by this run, with suppressed alerts
	Withheld  int      `json:"withheld"`  // alerts that daily limits held back
	Failed    []string `json:"failed,omitempty"`
	Broken    []string `json:"broken,omitempty"`
	Disabled  []string `json:"disabled,omitempty"` // by this run or an earlier one
}

// When a policy is disabled until somebody looks at it.
const (
	maxFailures    = 3  // evaluations in a row that failed
	maxLimitedDays = 3  // days in a row on which it reached its daily limit
	runaway        = 10 // times its daily limit, at once
)

// Run runs the policies of a folder that are due, and notes how they fare. A policy that fails is counted, noted and run again by the next run; the error is of the
// database, the folder or the context.
func Run(ctx context.Context, db *store.DB, o Options) (Summary, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	files, err := ReadFolder(o.Dir)
	if err != nil {
		return Summary{}, err
	}
	before, err := ReadStatus(ctx, db)
	if err != nil {
		return Summary{}, err
	}
	checker, err := NewChecker(ctx)
	if err != nil {
		return Summary{}, err
	}
	defer checker.Close() //nolint:errcheck // in memory: nothing is lost
	r := &runner{db: db, o: o, checker: checker}
	r.sum.Policies = len(files)
	for _, f := range files {
		if err := r.file(ctx, f, before); err != nil {
			return r.sum, err
		}
	}
	return r.sum, db.Tx(ctx, func(tx *store.Tx) error { return writeStatus(ctx, tx, r.after) })
}

type runner struct {
	db      *store.DB
	o       Options
	checker *Checker
	after   []Status
	sum     Summary
}

// file runs one policy and notes how it fares.
func (r *runner) file(ctx context.Context, f File, before []Status) error {
	s := Status{State: On, Since: r.o.Now}
	known := func(o Status) bool {
		return o.ID == f.ID || f.ID == "" && filepath.Base(o.File) == filepath.Base(f.File)
	}
	if i := slices.IndexFunc(before, known); i >= 0 {
		s = before[i]
	}
	edited := s.Digest != f.Digest
	s.File = f.File
	var c Checked
	if f.Err == nil {
		s.ID, s.Digest, s.Title, s.Class, s.Severity = f.ID, f.Digest, f.Title, f.Class, f.Severity
		c, f.Err = r.checker.Check(ctx, f.Policy)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	state, reason := s.State, s.Reason
	switch {
	case f.Err != nil:
		s.ID = cmp.Or(s.ID, filepath.Base(f.File))
		r.sum.Broken = append(r.sum.Broken, s.ID)
		r.o.Logger.WarnContext(ctx, "policy does not load", "err", f.Err)
		if s.State != Stopped {
			state, reason = Broken, f.Err.Error()
		}
	case s.State == Stopped:
	case !f.Enabled:
		state, reason = Off, "its file says enabled: false"
	case s.State != On && (s.State != Disabled || edited):
		state, reason, s.Failures, s.LimitedDays = On, "", 0, 0
	}
	r.set(&s, state, reason)
	if s.State == On && f.Err == nil && (edited || c.due(s.SeenUntil, r.o.Now)) {
		if err := r.evaluate(ctx, c, &s); err != nil {
			return err
		}
	}
	if s.State == Disabled {
		r.sum.Disabled = append(r.sum.Disabled, s.ID)
	}
	r.after = append(r.after, s)
	return nil
}

func (r *runner) set(s *Status, state, reason string) {
	if s.State != state {
		s.Since = r.o.Now
	}
	s.State, s.Reason = state, reason
}

// evaluate looks at the windows that are due.
func (r *runner) evaluate(ctx context.Context, c Checked, s *Status) error {
	r.sum.Evaluated++
	start := r.o.Wall()
	windows := c.windows(s.SeenUntil, r.o.Now)
	l, err := readLedger(ctx, r.db, c, windows[0].since)
	if err != nil {
		return err
	}
	today, err := raisedOn(ctx, r.db, c.ID, r.o.Now)
	if err != nil {
		return err
	}
	l.release()
	known := len(l.findings)
	limit := max(c.DailyLimit-today, 0)
	s.Rows = 0
	for _, w := range windows {
		groups, rows, ferr := c.evaluate(ctx, r.db, w, r.o.Timeout)
		if err := ctx.Err(); err != nil {
			return err
		}
		if ferr != nil {
			r.failed(ctx, s, ferr, r.o.Wall().Sub(start))
			return nil
		}
		s.Rows += int64(rows)
		l.take(groups, r.o.Now, r.o.RunID, limit)
	}
	if err := r.db.Tx(ctx, func(tx *store.Tx) error { return l.write(ctx, tx) }); err != nil {
		return fmt.Errorf("write what policy %s raised: %w", c.ID, err)
	}
	s.SeenUntil, s.Seconds, s.LastError, s.Failures = later(s.SeenUntil, r.o.Now), r.o.Wall().Sub(start).Seconds(), "", 0
	s.Withheld = int64(l.withheld)
	r.sum.Alerts += l.raised
	r.sum.Behaviors += len(l.findings) - known - l.raised
	r.sum.Withheld += l.withheld
	r.limited(ctx, c, s, l)
	return nil
}

// failed notes an evaluation that came to nothing.
func (r *runner) failed(ctx context.Context, s *Status, err error, took time.Duration) {
	s.LastError, s.Seconds = err.Error(), took.Seconds()
	s.Failures++
	r.sum.Failed = append(r.sum.Failed, s.ID)
	r.o.Logger.WarnContext(ctx, "policy failed", "policy", s.ID, "in_a_row", s.Failures, "err", err)
	if s.Failures >= maxFailures {
		r.disable(ctx, s, fmt.Sprintf("failed %d times in a row: %v", s.Failures, err))
	}
}

// limited notes that the daily limit held alerts back, and disables a policy that ran away.
func (r *runner) limited(ctx context.Context, c Checked, s *Status, l *ledger) {
	if l.withheld == 0 {
		return
	}
	today := r.o.Now.UTC().Truncate(day)
	if !s.LimitedOn.Equal(today) {
		if !s.LimitedOn.Equal(today.Add(-day)) {
			s.LimitedDays = 0
		}
		s.LimitedOn = today
		s.LimitedDays++
	}
	r.o.Logger.WarnContext(ctx, "policy reached its daily limit: it raises no further alerts today", "policy", s.ID, "daily_limit", c.DailyLimit, "withheld", l.withheld)
	switch found := l.raised + l.withheld; {
	case found > runaway*c.DailyLimit:
		r.disable(ctx, s, fmt.Sprintf("ran away: %d alerts at once, its daily limit is %d", found, c.DailyLimit))
	case s.LimitedDays >= maxLimitedDays:
		r.disable(ctx, s, fmt.Sprintf("reached its daily limit of %d alerts on %d days in a row", c.DailyLimit, s.LimitedDays))
	}
}

func (r *runner) disable(ctx context.Context, s *Status, reason string) {
	r.set(s, Disabled, reason)
	r.o.Logger.WarnContext(ctx, "policy is disabled until its file is edited or it is enabled", "policy", s.ID, "reason", reason)
}
