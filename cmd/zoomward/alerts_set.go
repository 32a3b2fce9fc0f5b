package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/store"
)

// triageStatuses are what a person can say of an alert.
func triageStatuses() []string {
	return []string{"new", "in_progress", "true_positive", "benign", "false_positive"}
}

// maxNote bounds a triage note, in bytes.
const maxNote = 4000

func alertsSetCommand() command {
	return command{
		name: "alerts set", args: "ID --status S [--note N]", summary: "note what was found out about an alert",
		detail:  "Sets the status of an alert (" + strings.Join(triageStatuses(), ", ") + ") with a note, and publishes. Scoring again never loses it.",
		example: `zoomward alerts set 3f2a9c0d11e7 --status benign --note "business trip, confirmed"`,
		flags: func(fs *flag.FlagSet) action {
			status, note := fs.String("status", "", ""), fs.String("note", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) != 1 {
					return usageErrorf("alerts set needs one alert id, got %d", len(args))
				}
				if !slices.Contains(triageStatuses(), *status) {
					return usageErrorf("--status: %q is not one of %s", *status, strings.Join(triageStatuses(), ", "))
				}
				if len(*note) > maxNote {
					return usageErrorf("--note: %d bytes, at most %d", len(*note), maxNote)
				}
				if err := a.needsData(); err != nil {
					return err
				}
				return a.withWork(ctx, "alerts set", func(db *store.DB) error {
					return db.Tx(ctx, func(tx *store.Tx) error {
						var n int64
						if err := tx.Row(ctx, `SELECT count(*) FROM models.alerts WHERE alert_id = ?`, args[0]).Scan(&n); err != nil {
							return fmt.Errorf("find alert: %w", err)
						}
						if n == 0 {
							return withHint(fmt.Errorf("no alert has the id %s", args[0]), "zoomward alerts lists them")
						}
						_, err := tx.Exec(ctx, `INSERT INTO models.triage (alert_id, status, note, set_at) VALUES (?, ?, nullif(?, ''), ?)`, args[0], *status, *note, a.asOf())
						if err != nil {
							return fmt.Errorf("note triage: %w", err)
						}
						return nil
					})
				}, nil)
			}
		},
	}
}
