package posture

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// resultRows is the frame of models.posture_results.
type resultRows struct {
	ControlID    []string    `col:"control_id"`
	Title        []string    `col:"title"`
	Severity     []string    `col:"severity"`
	ResourceType []string    `col:"resource_type"`
	ResourceID   []string    `col:"resource_id"`
	Status       []string    `col:"status"`
	Observed     []string    `col:"observed,null"`
	Expected     []string    `col:"expected,null"`
	Locked       []*bool     `col:"locked"`
	Points       []float64   `col:"points"`
	MaxPoints    []float64   `col:"max_points"`
	Exception    []string    `col:"exception,null"`
	Reason       []string    `col:"reason,null"`
	Remediation  []string    `col:"remediation,null"`
	ChangedAt    []time.Time `col:"changed_at"`
	RunID        []string    `col:"run_id"`
	Cause        []string    `col:"cause,null"`
	Why          []string    `col:"cause_text,null"`
}

func (rows *resultRows) add(r *Result, at time.Time, runID, cause, why string) {
	rows.Cause = append(rows.Cause, cause)
	rows.Why = append(rows.Why, why)
	rows.ControlID = append(rows.ControlID, r.ControlID)
	rows.Title = append(rows.Title, r.Title)
	rows.Severity = append(rows.Severity, string(r.Severity))
	rows.ResourceType = append(rows.ResourceType, r.ResourceType)
	rows.ResourceID = append(rows.ResourceID, r.ResourceID)
	rows.Status = append(rows.Status, string(r.Status))
	rows.Observed = append(rows.Observed, r.Observed)
	rows.Expected = append(rows.Expected, r.Expected)
	rows.Locked = append(rows.Locked, r.Locked)
	rows.Points = append(rows.Points, r.Points)
	rows.MaxPoints = append(rows.MaxPoints, r.MaxPoints)
	rows.Exception = append(rows.Exception, string(r.Exception))
	rows.Reason = append(rows.Reason, r.Reason)
	rows.Remediation = append(rows.Remediation, r.Remediation)
	rows.ChangedAt = append(rows.ChangedAt, at)
	rows.RunID = append(rows.RunID, runID)
}

type resource struct{ control, kind, id string }

// verdict is the latest row of a control and resource.
type verdict struct {
	Result
	changedAt time.Time
}

// write appends what changed against the latest verdicts, and closes those of controls that the catalogue has no more.
func (s *Summary) write(ctx context.Context, tx *store.Tx, runID string, c *Catalog, than *comparison) error {
	before, order, err := readVerdicts(ctx, tx)
	if err != nil {
		return err
	}
	if err := s.stageResources(ctx, tx, runID, than); err != nil {
		return err
	}
	var rows resultRows
	for i := range s.Results {
		r := &s.Results[i]
		key := resource{r.ControlID, r.ResourceType, r.ResourceID}
		old, known := before[key]
		delete(before, key)
		var cause, why string
		if known {
			cause, why = than.cause(&c.Controls[i], i, &old.Result, r)
		}
		if known && cause == "" && sameVerdict(&old.Result, r) {
			continue
		}
		rows.add(r, after(s.At, old.changedAt), runID, cause, why)
		if old.Status != r.Status || cause != "" {
			s.Changes = append(s.Changes, Change{r.ControlID, r.Title, r.Severity, old.Status, r.Status, cause, why})
		}
	}
	for _, key := range order {
		old, left := before[key]
		if !left || (old.Status == NotApplicable && old.MaxPoints == 0) {
			continue
		}
		gone := old.Result
		gone.Status, gone.Points, gone.MaxPoints, gone.Observed, gone.Locked, gone.Exception = NotApplicable, 0, 0, "", nil, ""
		gone.Reason = "no longer judged: the control or the resource is not there any more."
		rows.add(&gone, after(s.At, old.changedAt), runID, "", "")
	}
	s.Written = len(rows.ControlID)
	if s.Written > 0 {
		if _, err := tx.Append(ctx, "models.posture_results", rows); err != nil {
			return fmt.Errorf("write results: %w", err)
		}
	}
	if s.Resources, err = s.writeResources(ctx, tx); err != nil {
		return err
	}
	return s.writeState(ctx, tx)
}

func readVerdicts(ctx context.Context, q store.Querier) (map[resource]verdict, []resource, error) {
	var rows struct {
		ControlID    []string    `col:"control_id"`
		Title        []string    `col:"title"`
		Severity     []string    `col:"severity"`
		ResourceType []string    `col:"resource_type"`
		ResourceID   []string    `col:"resource_id"`
		Status       []string    `col:"status"`
		Observed     []string    `col:"observed"`
		Expected     []string    `col:"expected"`
		Locked       []*bool     `col:"locked"`
		Points       []float64   `col:"points"`
		MaxPoints    []float64   `col:"max_points"`
		Exception    []string    `col:"exception"`
		Remediation  []string    `col:"remediation"`
		ChangedAt    []time.Time `col:"changed_at"`
	}
	if err := q.Read(ctx, &rows, query("latest")+" ORDER BY control_id, resource_type, resource_id"); err != nil {
		return nil, nil, fmt.Errorf("read verdicts: %w", err)
	}
	verdicts := make(map[resource]verdict, len(rows.ControlID))
	order := make([]resource, len(rows.ControlID))
	for i, id := range rows.ControlID {
		order[i] = resource{id, rows.ResourceType[i], rows.ResourceID[i]}
		verdicts[order[i]] = verdict{Result{
			ControlID: id, Title: rows.Title[i], Severity: Severity(rows.Severity[i]), ResourceType: rows.ResourceType[i], ResourceID: rows.ResourceID[i],
			Status: Status(rows.Status[i]), Observed: rows.Observed[i], Expected: rows.Expected[i], Locked: rows.Locked[i], Points: rows.Points[i],
			MaxPoints: rows.MaxPoints[i], Exception: ExceptionState(rows.Exception[i]), Remediation: rows.Remediation[i],
		}, rows.ChangedAt[i]}
	}
	return verdicts, order, nil
}

// sameVerdict compares what makes a new row worth writing. The wording of a reason is no change by itself.
func sameVerdict(a, b *Result) bool {
	sameLock := (a.Locked == nil) == (b.Locked == nil) && (a.Locked == nil || *a.Locked == *b.Locked)
	return sameLock && a.Status == b.Status && a.Observed == b.Observed && a.Expected == b.Expected && a.Points == b.Points && a.MaxPoints == b.MaxPoints &&
		a.Exception == b.Exception && a.Severity == b.Severity
}

// after is at, but later than the row before: the latest row counts even when a run's clock was set back.
func after(at, before time.Time) time.Time {
	if at.After(before) {
		return at
	}
	return before.Add(time.Microsecond)
}
