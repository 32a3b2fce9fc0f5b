package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

type findingRows struct {
	ID         []string    `col:"finding_id"`
	Policy     []string    `col:"policy_id"`
	Class      []string    `col:"class"`
	Title      []string    `col:"title"`
	Severity   []string    `col:"severity"`
	Email      []string    `col:"user_email,null"`
	Key        []string    `col:"key"`
	Start      []time.Time `col:"window_start"`
	End        []time.Time `col:"window_end"`
	Observed   []float64   `col:"observed"`
	Unit       []string    `col:"unit"`
	Summary    []string    `col:"summary"`
	Evidence   []string    `col:"evidence"`
	Techniques []string    `col:"attack_techniques,null"`
	First      []time.Time `col:"first_seen_at"`
	Last       []time.Time `col:"last_seen_at"`
	Raised     []time.Time `col:"raised_at"`
	Run        []string    `col:"run_id"`
	Suppressed []string    `col:"suppressed_by,null"`
}

// readLedger reads what a policy raised that its window may still touch.
func readLedger(ctx context.Context, db store.Querier, p Checked, since time.Time) (*ledger, error) {
	l := &ledger{policy: p, said: map[string]verdict{}, changed: map[string]bool{}}
	var r findingRows
	err := db.Read(ctx, &r, `SELECT * FROM models.policy_findings WHERE policy_id = ? AND (last_seen_at >= ? OR finding_id IN (SELECT alert_id FROM models.triage WHERE status = 'false_positive')
		OR suppressed_by IS NOT NULL) ORDER BY first_seen_at, finding_id`, p.ID, since.Add(-2*p.absorb()))
	if err != nil {
		return nil, fmt.Errorf("read what policy %s raised: %w", p.ID, err)
	}
	for i, id := range r.ID {
		f := Finding{ID: id, Policy: r.Policy[i], Class: Class(r.Class[i]), Title: r.Title[i], Severity: r.Severity[i], Email: r.Email[i], Key: r.Key[i], Observed: r.Observed[i],
			Unit: r.Unit[i], Summary: r.Summary[i], Evidence: r.Evidence[i], First: r.First[i], Last: r.Last[i], Raised: r.Raised[i], Run: r.Run[i], SuppressedBy: r.Suppressed[i]}
		if r.Techniques[i] != "" {
			f.Techniques = strings.Split(r.Techniques[i], ";")
		}
		l.findings = append(l.findings, f)
	}
	var said struct {
		Alert  []string    `col:"alert_id"`
		Status []string    `col:"status"`
		Set    []time.Time `col:"set_at"`
	}
	err = db.Read(ctx, &said, `SELECT alert_id, status, set_at FROM models.triage WHERE alert_id IN (SELECT finding_id FROM models.policy_findings WHERE policy_id = ?)
		QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY set_at DESC, rowid DESC) = 1`, p.ID)
	if err != nil {
		return nil, fmt.Errorf("read triage: %w", err)
	}
	for i, id := range said.Alert {
		l.said[id] = verdict{said.Status[i], said.Set[i]}
	}
	return l, nil
}

// raisedOn counts the alerts that a policy raised on the UTC day of a time.
func raisedOn(ctx context.Context, db store.Querier, id string, at time.Time) (n int, err error) {
	err = db.Row(ctx, `SELECT count(*) FROM models.policy_findings WHERE policy_id = ? AND class = 'alert' AND suppressed_by IS NULL AND raised_at::DATE = ?::TIMESTAMP::DATE`, id, at.UTC()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what policy %s raised: %w", id, err)
	}
	return n, nil
}

// write writes what changed.
func (l *ledger) write(ctx context.Context, tx *store.Tx) error {
	var r findingRows
	for _, f := range l.findings {
		if !l.changed[f.ID] {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM models.policy_findings WHERE finding_id = ?`, f.ID); err != nil {
			return err
		}
		r.ID, r.Policy, r.Class, r.Title = append(r.ID, f.ID), append(r.Policy, f.Policy), append(r.Class, string(f.Class)), append(r.Title, f.Title)
		r.Severity, r.Email, r.Key = append(r.Severity, f.Severity), append(r.Email, f.Email), append(r.Key, f.Key)
		r.Start, r.End, r.First, r.Last = append(r.Start, f.First), append(r.End, f.Last), append(r.First, f.First), append(r.Last, f.Last)
		r.Observed, r.Unit, r.Summary, r.Evidence = append(r.Observed, f.Observed), append(r.Unit, f.Unit), append(r.Summary, f.Summary), append(r.Evidence, f.Evidence)
		r.Techniques, r.Raised, r.Run = append(r.Techniques, strings.Join(f.Techniques, ";")), append(r.Raised, f.Raised), append(r.Run, f.Run)
		r.Suppressed = append(r.Suppressed, f.SuppressedBy)
	}
	if len(r.ID) == 0 {
		return nil
	}
	_, err := tx.Append(ctx, "models.policy_findings", r)
	return err
}

// ErrNoPolicy says that no policy that was ever run has an id.
var ErrNoPolicy = errors.New("no policy has the id")

// States of a policy.
const (
	On       = "on"
	Off      = "off"      // by its file
	Stopped  = "stopped"  // by a person
	Disabled = "disabled" // by itself: it ran away, or failed again and again
	Broken   = "broken"   // its file does not load
)

// A Status is how a policy fares.
type Status struct {
	ID, File, Digest, Title string
	Class                   Class
	Severity                string
	State, Reason           string
	Since                   time.Time
	SeenUntil               time.Time // zero: never evaluated
	LastError               string
	Failures                int64 // in a row
	Rows                    int64 // of the last evaluation
	Seconds                 float64
	Withheld                int64     // alerts of the last evaluation that the daily limit held back
	LimitedOn               time.Time // last day on which the limit was reached
	LimitedDays             int64     // such days in a row
}

type statusRows struct {
	ID          []string    `col:"policy_id"`
	File        []string    `col:"file"`
	Digest      []string    `col:"digest"`
	Title       []string    `col:"title"`
	Class       []string    `col:"class"`
	Severity    []string    `col:"severity"`
	State       []string    `col:"state"`
	Reason      []string    `col:"reason,null"`
	Since       []time.Time `col:"since"`
	Seen        []time.Time `col:"seen_until"`
	Error       []string    `col:"last_error,null"`
	Failures    []int64     `col:"failures"`
	Rows        []int64     `col:"last_rows"`
	Seconds     []float64   `col:"last_seconds"`
	Withheld    []int64     `col:"withheld"`
	LimitedOn   []time.Time `col:"limited_on,date"`
	LimitedDays []int64     `col:"limited_days"`
}

// ReadStatus reads how the policies fare, as the last run left them, in order of their ids.
func ReadStatus(ctx context.Context, db store.Querier) ([]Status, error) {
	var r statusRows
	if err := db.Read(ctx, &r, `SELECT * FROM models.policies ORDER BY policy_id, file`); err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	out := make([]Status, len(r.ID))
	for i := range out {
		out[i] = Status{r.ID[i], r.File[i], r.Digest[i], r.Title[i], Class(r.Class[i]), r.Severity[i], r.State[i], r.Reason[i], r.Since[i], r.Seen[i], r.Error[i], r.Failures[i], r.Rows[i],
			r.Seconds[i], r.Withheld[i], r.LimitedOn[i], r.LimitedDays[i]}
	}
	return out, nil
}

// writeStatus replaces what is known of the policies.
func writeStatus(ctx context.Context, tx *store.Tx, list []Status) error {
	if _, err := tx.Exec(ctx, `DELETE FROM models.policies`); err != nil {
		return fmt.Errorf("note how policies fare: %w", err)
	}
	var r statusRows
	for _, s := range list {
		r.ID, r.File, r.Digest, r.Title = append(r.ID, s.ID), append(r.File, s.File), append(r.Digest, s.Digest), append(r.Title, s.Title)
		r.Class, r.Severity, r.State, r.Reason = append(r.Class, string(s.Class)), append(r.Severity, s.Severity), append(r.State, s.State), append(r.Reason, s.Reason)
		r.Since, r.Seen, r.Error, r.Failures = append(r.Since, s.Since), append(r.Seen, s.SeenUntil), append(r.Error, s.LastError), append(r.Failures, s.Failures)
		r.Rows, r.Seconds, r.Withheld = append(r.Rows, s.Rows), append(r.Seconds, s.Seconds), append(r.Withheld, s.Withheld)
		r.LimitedOn, r.LimitedDays = append(r.LimitedOn, s.LimitedOn), append(r.LimitedDays, s.LimitedDays)
	}
	if _, err := tx.Append(ctx, "models.policies", r); err != nil {
		return fmt.Errorf("note how policies fare: %w", err)
	}
	return nil
}

// Enable lets a policy run again that a person stopped or that was disabled.
func Enable(ctx context.Context, tx *store.Tx, id string, at time.Time) error {
	return setState(ctx, tx, id, func(s *Status) error {
		switch s.State {
		case Off:
			return fmt.Errorf("policy %s is switched off by its file: write enabled: true into %s", id, s.File)
		case Broken:
			return fmt.Errorf("policy %s does not load: %s", id, s.Reason)
		case On:
			return nil
		}
		s.State, s.Reason, s.Since, s.Failures, s.LimitedDays, s.LimitedOn = On, "", at, 0, 0, time.Time{}
		return nil
	})
}

// Disable stops a policy until Enable.
func Disable(ctx context.Context, tx *store.Tx, id string, at time.Time) error {
	return setState(ctx, tx, id, func(s *Status) error {
		if s.State != Stopped {
			s.State, s.Reason, s.Since = Stopped, "stopped by zoomward policy disable", at
		}
		return nil
	})
}

func setState(ctx context.Context, tx *store.Tx, id string, f func(*Status) error) error {
	list, err := ReadStatus(ctx, tx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(s Status) bool { return s.ID == id })
	if i < 0 {
		return fmt.Errorf("%w %s", ErrNoPolicy, id)
	}
	if err := f(&list[i]); err != nil {
		return err
	}
	return writeStatus(ctx, tx, list)
}
