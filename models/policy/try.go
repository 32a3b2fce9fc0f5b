package policy

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A Trial is what a policy would have found.
type Trial struct {
	Policy       string
	Since, Until time.Time
	Evaluations  int
	Rows         int // that all evaluations returned: windows overlap, so the same row may count several times
	Findings     []Finding
	Users        int     // active users of the account
	PerWeek      float64 // findings a week
	PerThousand  float64 // findings per 1,000 users and week; 0 without users
	LimitedDays  int     // days on which the daily limit would have held alerts back
	Warnings     []string
}

// usualBudget is the engine's default budget in alerts per 1,000 users and week: what one policy should stay well below.
const usualBudget = 5

// maxEvaluations bounds a trial; over a long time it steps further, at most a window at a time.
const maxEvaluations = 1000

// Try runs a policy over past time as its schedule would have, and writes nothing. It knows of no triage and no earlier alerts.
func Try(ctx context.Context, db *store.DB, c Checked, since, until time.Time, timeout time.Duration) (Trial, error) {
	t := Trial{Policy: c.ID, Since: since, Until: until}
	if !since.Before(until) {
		return t, fmt.Errorf("nothing lies between %s and %s", since.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	l := &ledger{policy: c, changed: map[string]bool{}}
	step := max(c.Schedule.interval(), time.Hour, until.Sub(since)/maxEvaluations)
	step = min(step, c.Window)
	if n := until.Sub(since) / step; n > 10*maxEvaluations {
		return t, fmt.Errorf("policy %s: %d evaluations lie between %s and %s: choose a shorter time", c.File, n, since.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	var slowest time.Duration
	// The last evaluation is as of the end. Earlier ones go back from it to the beginning.
	first := until.Add(-(until.Sub(since) - 1) / step * step)
	perDay := map[time.Time]int{}
	for at := first; !at.After(until); at = at.Add(step) {
		start := time.Now()
		w := window{later(at.Add(-c.Window), since), at}
		groups, rows, err := c.evaluate(ctx, db, w, timeout)
		if err != nil {
			return t, fmt.Errorf("policy %s, from %s to %s: %w", c.File, w.since.Format(time.RFC3339), w.until.Format(time.RFC3339), err)
		}
		slowest = max(slowest, time.Since(start))
		t.Evaluations++
		t.Rows += rows
		before := l.raised
		l.take(groups, at, "", math.MaxInt)
		perDay[at.UTC().Truncate(day)] += l.raised - before
	}
	t.Findings = l.findings
	if err := db.Row(ctx, `SELECT count(*) FROM main.users WHERE status = 'active'`).Scan(&t.Users); err != nil {
		return t, fmt.Errorf("count users: %w", err)
	}
	weeks := until.Sub(since).Hours() / (7 * 24)
	t.PerWeek = float64(len(t.Findings)) / weeks
	if t.Users > 0 {
		t.PerThousand = t.PerWeek / float64(t.Users) * 1000
	}
	for _, n := range perDay {
		if n > c.DailyLimit {
			t.LimitedDays++
		}
	}
	t.warn(c, slowest, timeout)
	return t, nil
}

func (t *Trial) warn(c Checked, slowest, timeout time.Duration) {
	add := func(format string, args ...any) { t.Warnings = append(t.Warnings, fmt.Sprintf(format, args...)) }
	if c.Class == Alert && t.PerThousand > usualBudget && len(t.Findings) > 1 {
		add("%.3g alerts per 1,000 users and week: people stop reading above %d; raise the threshold, or make it a behavior", t.PerThousand, usualBudget)
	}
	if t.LimitedDays > 0 {
		add("its daily limit of %d alerts would have held some back on %s", c.DailyLimit, plural(t.LimitedDays, "day"))
	}
	if slowest > timeout/3 {
		add("one evaluation took %s; after %s it is stopped", slowest.Round(time.Millisecond), timeout)
	}
	if c.Window < day {
		add("window %s: Zoom's reports lag by hours now and then; rows that come later than that are never looked at", c.Window)
	}
	if len(c.parameters) == 0 {
		add("it uses neither $since nor $until: rows outside the window are dropped all the same, but are read for nothing")
	}
}
