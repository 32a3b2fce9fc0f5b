package main

import (
	"context"
	"errors"
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
		name: "alerts set", args: "ID [--status S [--note N]] [--owner O]", summary: "note what was found out about an alert",
		detail: "Sets the status of an alert (" + strings.Join(models.Statuses(), ", ") + ") with a note, or who looks after it (--owner, empty for nobody), and publishes.\nScoring again never loses it; the view alert_history keeps every step.\n" + `The next run goes by it. The days of an alert do not teach the baselines until it is benign or a false_positive; of a true_positive never. What is like a false_positive (same
detection, user and key, not clearly stronger) is suppressed from then on: the view suppressions lists what. Another status undoes it.`,
		example: `zoomward alerts set 3f2a9c0d11e7 --status benign --note "business trip, confirmed"`,
		flags: func(fs *flag.FlagSet) action {
			status, note := fs.String("status", "", ""), fs.String("note", "", "")
			owner := fs.String("owner", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) != 1 {
					return usageErrorf("alerts set needs one alert id, got %d", len(args))
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
				return a.withWork(ctx, "alerts set", func(db *store.DB) error {
					return db.Tx(ctx, func(tx *store.Tx) error {
						var err error
						if given["status"] {
							err = models.SetTriage(ctx, tx, args[0], *status, *note, a.asOf())
						}
						if err == nil && given["owner"] {
							err = models.SetOwner(ctx, tx, args[0], *owner, a.asOf())
						}
						if errors.Is(err, models.ErrNoAlert) {
							err = withHint(err, "zoomward alerts lists them")
						}
						return err
					})
				}, nil)
			}
		},
	}
}
