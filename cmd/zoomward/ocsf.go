package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/models/ocsf"
	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

// eventSource says who reports: this version, on the account of the last run, as of its clock.
func eventSource(ctx context.Context, db store.Querier) (ocsf.Source, error) {
	var last struct {
		Account []string    `col:"account_id"`
		AsOf    []time.Time `col:"as_of"`
	}
	if err := db.Read(ctx, &last, `SELECT account_id, as_of FROM runs WHERE status IN ('done', 'partial') ORDER BY started_at DESC LIMIT 1`); err != nil {
		return ocsf.Source{}, fmt.Errorf("read runs: %w", err)
	}
	s := ocsf.Source{ProductVersion: versionText()}
	if len(last.Account) > 0 {
		s.AccountID, s.LoggedAt = last.Account[0], last.AsOf[0]
	}
	return s, nil
}

// writeEvents writes events as they are, one a line.
func writeEvents(w io.Writer, n int, event func(i int) ocsf.Event) error {
	buf := bufio.NewWriter(w)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	for i := range n {
		if err := enc.Encode(event(i)); err != nil {
			return fmt.Errorf("write event: %w", err)
		}
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

// alertEvents writes alerts as Detection Findings, in the order of the list.
func (a *app) alertEvents(ctx context.Context, db store.Querier, where string, args []any, w io.Writer) error {
	src, err := eventSource(ctx, db)
	if err != nil {
		return err
	}
	var rows struct {
		ID         []string    `col:"alert_id"`
		Detection  []string    `col:"detection_id"`
		Title      []string    `col:"title"`
		Severity   []string    `col:"severity"`
		User       []string    `col:"user_email"`
		Start      []time.Time `col:"window_start"`
		End        []time.Time `col:"window_end"`
		FirstSeen  []time.Time `col:"first_seen_at"`
		LastSeen   []time.Time `col:"last_seen_at"`
		RaisedAt   []time.Time `col:"raised_at"`
		Score      []string    `col:"score"`
		PValue     []string    `col:"p_value"`
		Status     []string    `col:"status"`
		Summary    []string    `col:"summary"`
		Evidence   []string    `col:"evidence"`
		Techniques []string    `col:"attack_techniques"`
		Attack     []string    `col:"attack_version"`
		Note       []string    `col:"note"`
		Owner      []string    `col:"owner"`
	}
	// Numbers come as JSON, as one that is missing is none and not 0. The policies of the account's own name the version of ATT&CK in their evidence.
	query := fmt.Sprintf(`SELECT alert_id, detection_id, title, severity, user_email, window_start, window_end, first_seen_at, last_seen_at,
			(SELECT as_of FROM runs WHERE runs.run_id = alerts.run_id) AS raised_at,
			CASE WHEN isfinite(score) THEN score::VARCHAR END AS score, CASE WHEN isfinite(p_value) THEN p_value::VARCHAR END AS p_value, status, summary, evidence, attack_techniques,
			coalesce(TRY_CAST(evidence AS JSON) ->> '$.attack_version', ?) AS attack_version, note, owner
		FROM alerts WHERE %s ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity), window_start DESC, alert_id`, where)
	if err := db.Read(ctx, &rows, query, append([]any{models.AttackVersion}, args...)...); err != nil {
		return fmt.Errorf("read alerts: %w", err)
	}
	kinds := map[string]string{}
	for i := range models.Catalogue {
		kinds[models.Catalogue[i].ID] = models.Catalogue[i].Kind
	}
	return writeEvents(w, len(rows.ID), func(i int) ocsf.Event {
		return ocsf.Detection(src, ocsf.Alert{
			ID: rows.ID[i], DetectionID: rows.Detection[i], Title: rows.Title[i], Severity: rows.Severity[i], UserEmail: rows.User[i], WindowStart: rows.Start[i], WindowEnd: rows.End[i],
			FirstSeen: rows.FirstSeen[i], LastSeen: rows.LastSeen[i], RaisedAt: rows.RaisedAt[i], Score: json.Number(rows.Score[i]), PValue: json.Number(rows.PValue[i]), Status: rows.Status[i],
			Summary: rows.Summary[i], Evidence: rows.Evidence[i], Techniques: strings.Split(rows.Techniques[i], ";"), Attack: rows.Attack[i], Note: rows.Note[i], Owner: rows.Owner[i],
			Kind: kinds[rows.Detection[i]],
		})
	})
}

// postureEvents writes verdicts as Compliance Findings, in the order of the view.
func (a *app) postureEvents(ctx context.Context, db store.Querier, w io.Writer) error {
	src, err := eventSource(ctx, db)
	if err != nil {
		return err
	}
	var rows struct {
		Control      []string    `col:"control_id"`
		Title        []string    `col:"title"`
		Severity     []string    `col:"severity"`
		ResourceType []string    `col:"resource_type"`
		ResourceID   []string    `col:"resource_id"`
		Status       []string    `col:"status"`
		Observed     []string    `col:"observed"`
		Expected     []string    `col:"expected"`
		Reason       []string    `col:"reason"`
		Remediation  []string    `col:"remediation"`
		ChangedAt    []time.Time `col:"changed_at"`
		Points       []float64   `col:"points"`
		Max          []float64   `col:"max_points"`
		Raw          []float64   `col:"raw_points"`
		Gain         []float64   `col:"gain"`
		Rank         []int64     `col:"rank"`
		Lock         []string    `col:"lock_state"`
		Missing      [][]string  `col:"missing_scopes"`
		Exception    []string    `col:"exception"`
		Why          []string    `col:"exception_reason"`
		Owner        []string    `col:"exception_owner"`
	}
	if err := db.Read(ctx, &rows, `SELECT control_id, title, severity, resource_type, resource_id, status, observed, expected, reason, remediation, changed_at, points, max_points, raw_points,
			coalesce(gain, 0) AS gain, rank, lock_state, missing_scopes, exception, exception_reason, exception_owner
		FROM posture ORDER BY control_id, resource_type, resource_id`); err != nil {
		return fmt.Errorf("read posture: %w", err)
	}
	catalogue, err := posture.Load()
	if err != nil {
		return err
	}
	return writeEvents(w, len(rows.Control), func(i int) ocsf.Event {
		v := ocsf.Verdict{
			ControlID: rows.Control[i], Title: rows.Title[i], Severity: rows.Severity[i], ResourceType: rows.ResourceType[i], ResourceID: rows.ResourceID[i], Status: rows.Status[i],
			Observed: rows.Observed[i], Expected: rows.Expected[i], Reason: rows.Reason[i], Remediation: rows.Remediation[i], ChangedAt: rows.ChangedAt[i], Points: rows.Points[i],
			MaxPoints: rows.Max[i], RawPoints: rows.Raw[i], Gain: rows.Gain[i], Rank: rows.Rank[i], LockState: rows.Lock[i], MissingScope: rows.Missing[i],
		}
		if v.Exception = rows.Exception[i]; v.Exception != "" {
			v.ExceptionReason, v.ExceptionOwner = rows.Why[i], rows.Owner[i]
		}
		if ctl, ok := catalogue.Control(v.ControlID); ok {
			for _, key := range slices.Sorted(maps.Keys(ctl.Frameworks)) {
				if name := ocsf.StandardName(key); name != "" {
					v.Standards = append(v.Standards, name)
					v.Requirements = append(v.Requirements, ctl.Frameworks[key]...)
				}
			}
		}
		return ocsf.Compliance(src, v)
	})
}
