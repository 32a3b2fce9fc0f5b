package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

func runCommand() command {
	return command{
		name: "run", args: "[--fail-on SEVERITY]", summary: "the scheduled job: ingest, score, posture, publish, export",
		detail: `Reads what is new in the Zoom account, lands it, scores every new day, judges the settings, publishes the database and writes the exports
(export.dir, by default the folder export beside the database; export.formats, by default csv and json). Running it again changes nothing but the
record of runs. With --fail-on it ends with code 3 when this run raised an alert of that severity or a heavier one.`,
		example: "zoomward run --config /etc/zoomward/config.yaml --fail-on high",
		flags: func(fs *flag.FlagSet) action {
			failOn := fs.String("fail-on", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if err := checkSeverity("--fail-on", *failOn); err != nil {
					return err
				}
				return a.pipeline(ctx, "run", *failOn)
			}
		},
	}
}

// pipeline is the whole job; run and demo share it.
func (a *app) pipeline(ctx context.Context, command, failOn string) error {
	if err := a.checkIngest(); err != nil {
		return err
	}
	if err := a.checkPosture(); err != nil {
		return err
	}
	if err := a.checkPolicies(); err != nil {
		return err
	}
	return a.runStages(ctx, command, []stage{ingestStage(), analyseStage(analyseAll), postureStage()}, func(db *store.DB, r runInfo) error {
		if _, err := a.exportAll(ctx, db, a.exportDir(), a.cfg.ExportFormats); err != nil {
			return err
		}
		return findings(ctx, db, r, failOn)
	})
}

// exportDir is where a run writes its exports.
func (a *app) exportDir() string {
	if a.cfg.ExportDir != "" {
		return a.cfg.ExportDir
	}
	return filepath.Join(filepath.Dir(a.cfg.DB), "export")
}

// findings ends with code 3 when the run raised an alert at or above a severity.
func findings(ctx context.Context, db store.Querier, r runInfo, failOn string) error {
	if failOn == "" {
		return nil
	}
	heavy, args := atOrAbove(failOn)
	n, err := count(ctx, db, "alerts", "run_id = ? AND "+heavy, append([]any{r.ID}, args...)...)
	if err == nil && n > 0 {
		err = &exitError{code: exitFindings, err: fmt.Errorf("%d new alerts at or above %s", n, failOn), hint: "zoomward alerts --severity " + failOn}
	}
	return err
}

// checkIngest refuses what could not work before anything is locked or opened.
func (a *app) checkIngest() error {
	if err := a.checkCredentials(); err != nil {
		return err
	}
	if err := checkClock(a.cfg.AsOf, a.wall(), a.cfg.APIURL); err != nil {
		return err
	}
	if _, err := a.newClient(); err != nil {
		return err
	}
	places, err := a.openPlaces()
	if err != nil {
		return err
	}
	return places.Close()
}

// clockLeeway is how far ahead of this machine's clock --as-of may be.
const clockLeeway = 24 * time.Hour

// checkClock refuses to read a real account as of a time to come: everything until then would count as read, and later runs would skip it. A simulated account
// (plain http, so on a loopback address) lives in whatever time it was made for.
func checkClock(asOf, now time.Time, apiURL string) error {
	if strings.HasPrefix(apiURL, "http://") || !asOf.After(now.Add(clockLeeway)) {
		return nil
	}
	return usageErrorf("--as-of: %s is in the future: what happens until then would count as read", asOf.Format(time.RFC3339))
}

// checkCredentials names what is missing before anything is locked or opened.
func (a *app) checkCredentials() error {
	var missing []string
	account, kind := a.cfg.AccountID, "server-to-server"
	if a.cfg.App == appUserManaged {
		account, kind = "the one of who consents", "user-managed"
	}
	for _, v := range []struct{ name, value string }{
		{"ZOOM_ACCOUNT_ID", account}, {"ZOOM_CLIENT_ID", a.cfg.ClientID}, {"ZOOM_CLIENT_SECRET", a.cfg.ClientSecret.Reveal()},
	} {
		if v.value == "" {
			missing = append(missing, v.name)
		}
	}
	if missing == nil {
		return nil
	}
	return withHint(usageErrorf("credentials missing: %w", errors.New(strings.Join(missing, ", "))),
		"set them to the values of your %s OAuth app, or try zoomward demo", kind)
}
