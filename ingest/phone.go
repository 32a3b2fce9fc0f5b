package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// readPhoneSettings reads whether Zoom Phone records calls by itself. An account without Zoom Phone has no such endpoint or plan: that is no fault of the run.
func readPhoneSettings(ctx context.Context, r *runner, rep *FeedReport) error {
	row, err := r.Client.Get(ctx, zoom.EndpointNamed(zoom.EndpointPhoneSettings), zoom.Args{"setting_types": "auto_call_recording"})
	var api *zoom.APIError
	none := errors.As(err, &api) && (isGone(err) || api.Code == zoomCodeNoEndpoint || api.Code == zoomCodePlan)
	if err != nil && !none {
		return fetched(err)
	}
	if none {
		rep.State, rep.Message = StateNotInPlan, "the account has no Zoom Phone"
	}
	err = r.DB.Tx(ctx, func(tx *store.Tx) error {
		on, locked := optional(row.Bool("auto_call_recording.enable")), optional(row.Bool("auto_call_recording.locked"))
		gone, err := tx.Exec(ctx, `DELETE FROM ingest.phone_settings WHERE ? OR call_recording IS DISTINCT FROM ?::BOOLEAN OR call_recording_locked IS DISTINCT FROM ?::BOOLEAN`, none, on, locked)
		if err != nil || none {
			rep.Landed = gone
			return err
		}
		if rep.Landed, err = tx.Exec(ctx, `INSERT INTO ingest.phone_settings SELECT ?::BOOLEAN, ?::BOOLEAN, ?::TIMESTAMP, ? WHERE NOT EXISTS (SELECT 1 FROM ingest.phone_settings)`,
			on, locked, r.Now, r.RunID); err != nil {
			return err
		}
		return moveOn(ctx, tx, rep.Feed, r.Now, r.Now, r.Now, rep.Landed)
	})
	if err != nil {
		return fmt.Errorf("replace settings of Zoom Phone: %w", err)
	}
	r.tell(Progress{Feed: rep.Feed, Done: 1, Total: 1, Landed: rep.Landed})
	return nil
}

// optional is a truth value as a driver takes it, nil for none.
func optional(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}
