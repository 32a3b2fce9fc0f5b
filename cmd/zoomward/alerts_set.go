package main

import (
	"context"
	"flag"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// maxNote bounds a triage note, in bytes.
const maxNote = 4000

// maxOwner bounds the name of an owner, in bytes.
const maxOwner = 200

func alertsSetCommand() command {
	return command{
		name: "alerts set", args: "ID [--status S [--note N]] [--owner O] [--wait D]", summary: "note what was found out about an alert",
		detail: "Sets the status of an alert (" + strings.Join(models.Statuses(), ", ") + ") with a note, or who looks after it (--owner, empty for nobody), and publishes.\nThe beginning of an id is enough where it is the only one. Scoring again never loses it; the view alert_history keeps every step.\n" + `The next run goes by it. The days of an alert do not teach the baselines until it is benign or a false_positive; of a true_positive never. What is like a false_positive (same
detection, user and key, not clearly stronger) is suppressed from then on: the view suppressions lists what. Another status undoes it.

It changes the database, so it is for the user who owns that, as a run is: sudo -u zoomward zoomward alerts set ... While a run is under way it ends with code 5; with --wait (10m, 2h) it waits
so long for the run to end.`,
		example: `zoomward alerts set 3f2a9c0d11e75b48 --status benign --note "business trip, confirmed"`,
		flags: func(fs *flag.FlagSet) action {
			status, note := fs.String("status", "", ""), fs.String("note", "", "")
			owner := fs.String("owner", "", "")
			wait := fs.Duration("wait", 0, "")
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) != 1 || args[0] == "" {
					return withHint(usageErrorf("alerts set needs one alert id, got %d", len(args)), "zoomward alerts lists them")
				}
				if *wait < 0 {
					return usageErrorf("--wait: %s is less than nothing", *wait)
				}
				given := map[string]bool{}
				fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
				switch {
				case !given["status"] && given["note"]:
					return usageErrorf("--note goes with --status")
				case !given["status"] && !given["owner"]:
					return usageErrorf("alerts set needs --status, --owner or both")
				case len(*owner) > maxOwner:
					return usageErrorf("--owner: %d bytes, at most %d", len(*owner), maxOwner)
				}
				if given["status"] && !slices.Contains(models.Statuses(), *status) {
					return usageErrorf("--status: %q is not one of %s", *status, strings.Join(models.Statuses(), ", "))
				}
				if len(*note) > maxNote {
					return usageErrorf("--note: %d bytes, at most %d", len(*note), maxNote)
				}
				if err := a.needsData(); err != nil {
					return err
				}
				a.patience = *wait
				err := a.withWork(ctx, "alerts set", func(db *store.DB) error {
					return db.Tx(ctx, func(tx *store.Tx) error {
						id, err := findAlert(ctx, tx, everAlerts, args[0])
						if err == nil && given["status"] {
							err = models.SetTriage(ctx, tx, id, *status, *note, a.asOf())
						}
						if err == nil && given["owner"] {
							err = models.SetOwner(ctx, tx, id, *owner, a.asOf())
						}
						if err == nil {
							a.log.InfoContext(ctx, "triage noted", "alert_id", id)
						}
						return err
					})
				}, nil)
				if exitCode(err) == exitLocked {
					err = withHint(err, "--wait 30m waits for a run that is under way")
				}
				return err
			}
		},
	}
}
