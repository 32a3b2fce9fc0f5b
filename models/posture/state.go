package posture

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/zoomward/zoomward/store"
)

// stateRows is the frame of models.posture_state: what a run says of a control beside its verdict. It depends on the configuration and on all other controls, so a run
// writes it anew.
type stateRows struct {
	ControlID        []string    `col:"control_id"`
	ResourceType     []string    `col:"resource_type"`
	ResourceID       []string    `col:"resource_id"`
	LockState        []string    `col:"lock_state"`
	RawPoints        []float64   `col:"raw_points"`
	GainPoints       []float64   `col:"gain_points,null"`
	Gain             []float64   `col:"gain,null"`
	Rank             []int64     `col:"rank,null"`
	Settles          [][]string  `col:"settles,null"`
	SettledBy        []string    `col:"settled_by,null"`
	Effort           []string    `col:"effort"`
	UserImpact       []string    `col:"user_impact"`
	ExceptionState   []string    `col:"exception_state,null"`
	ExceptionReason  []string    `col:"exception_reason,null"`
	ExceptionOwner   []string    `col:"exception_owner,null"`
	ExceptionExpires []time.Time `col:"exception_expires_on,date"`
	ExceptionExpired []bool      `col:"exception_expired"`
	MissingScopes    [][]string  `col:"missing_scopes,null"`
	Reason           []string    `col:"reason,null"`
	FetchedAt        []time.Time `col:"fetched_at"`
}

func (rows *stateRows) add(r *Result) {
	var x Exception
	if r.Entry != nil {
		x = *r.Entry
	}
	rows.ControlID = append(rows.ControlID, r.ControlID)
	rows.ResourceType = append(rows.ResourceType, r.ResourceType)
	rows.ResourceID = append(rows.ResourceID, r.ResourceID)
	rows.LockState = append(rows.LockState, string(r.Lock))
	rows.RawPoints = append(rows.RawPoints, r.RawPoints)
	rows.GainPoints = append(rows.GainPoints, r.GainPoints)
	rows.Gain = append(rows.Gain, r.Gain)
	rows.Rank = append(rows.Rank, int64(r.Rank))
	rows.Settles = append(rows.Settles, r.Settles)
	rows.SettledBy = append(rows.SettledBy, r.SettledBy)
	rows.Effort = append(rows.Effort, string(r.Effort))
	rows.UserImpact = append(rows.UserImpact, string(r.UserImpact))
	rows.ExceptionState = append(rows.ExceptionState, string(x.State))
	rows.ExceptionReason = append(rows.ExceptionReason, x.Reason)
	rows.ExceptionOwner = append(rows.ExceptionOwner, x.Owner)
	rows.ExceptionExpires = append(rows.ExceptionExpires, x.ExpiresOn)
	rows.ExceptionExpired = append(rows.ExceptionExpired, r.Expired)
	rows.MissingScopes = append(rows.MissingScopes, r.MissingScopes)
	rows.Reason = append(rows.Reason, r.Reason)
	rows.FetchedAt = append(rows.FetchedAt, r.FetchedAt)
}

// writeState replaces what the run before said.
func (s *Summary) writeState(ctx context.Context, tx *store.Tx) error {
	var rows stateRows
	for i := range s.Results {
		rows.add(&s.Results[i])
	}
	if _, err := tx.Exec(ctx, `DELETE FROM models.posture_state`); err != nil {
		return fmt.Errorf("write state of controls: %w", err)
	}
	if _, err := tx.Append(ctx, "models.posture_state", rows); err != nil {
		return fmt.Errorf("write state of controls: %w", err)
	}
	return nil
}

// open counts the recommendations that somebody should look at.
func (s *Summary) open() int64 {
	var n int64
	for i := range s.Results {
		if s.Results[i].Open() {
			n++
		}
	}
	return n
}

// warnExpired says which exceptions apply no more.
func (s *Summary) warnExpired(log *slog.Logger) {
	for i := range s.Results {
		if r := &s.Results[i]; r.Expired {
			log.Warn("exception ran out and applies no more", "control", r.ControlID, "state", r.Entry.State, "expired_on", r.Entry.ExpiresOn.Format(time.DateOnly), "owner", r.Entry.Owner,
				"status", r.Status)
		}
	}
}
