package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

// newClient makes the client of the configured account. It sends and writes nothing yet; the client is to be closed.
func (a *app) newClient() (*zoom.Client, error) {
	cfg, err := a.clientConfig()
	if err != nil {
		return nil, err
	}
	c, err := zoom.New(cfg)
	if err != nil {
		return nil, usageErrorf("%w", err)
	}
	return c, nil
}

// clientConfig is how the client of the configured account is made.
func (a *app) clientConfig() (zoom.Config, error) {
	cfg := zoom.Config{
		AccountID: a.cfg.AccountID, ClientID: a.cfg.ClientID, ClientSecret: a.cfg.ClientSecret,
		APIURL: a.cfg.APIURL, OAuthURL: a.cfg.OAuthURL, Plan: zoom.Plan(a.cfg.Plan), Logger: a.log, Now: a.wall, UserAgent: "zoomward/" + versionText(),
		Reserve: &a.cfg.QuotaReserve,
	}
	if a.cfg.DB != "" || a.cfg.App == appUserManaged {
		if err := checkDatabase(&a.cfg); err != nil { // what belongs to the connection stands beside the file itself, not beside a link to it
			return cfg, err
		}
		cfg.Ledger = zoom.FileLedger(quotaPath(a.cfg.DB), a.log)
	}
	if a.cfg.App == appUserManaged {
		cfg.Tokens = zoom.NewTokenFile(tokensPath(a.cfg.DB))
	}
	return cfg, nil
}

// closeClient gives back what the client claimed of the day and did not use. A failure costs a few calls of the day, not the run.
func closeClient(ctx context.Context, a *app, c *zoom.Client) {
	if err := c.Close(); err != nil {
		a.log.WarnContext(ctx, "close zoom client", "err", err)
	}
}

// ingestStage lands what is new in the account.
func ingestStage() stage {
	return stage{"ingest", func(ctx context.Context, a *app, db *store.DB, r runInfo) (any, error) {
		client, err := a.newClient()
		if err != nil {
			return nil, err
		}
		defer closeClient(ctx, a, client)
		places, err := a.openPlaces()
		if err != nil {
			return nil, err
		}
		defer places.Close()
		a.warnOfPlaces(ctx, places)
		bar := newProgress(a.stderr, a.log, a.wall)
		report, err := ingest.Run(ctx, ingest.Options{
			DB: db, Client: client, Geo: places, Now: r.AsOf, RunID: r.ID, Logger: a.log,
			Overlap: a.cfg.Overlap, BackfillDays: a.cfg.BackfillDays, Skip: a.cfg.SkipFeeds, VisitTime: a.cfg.VisitTime, Wall: a.wall,
			Progress: func(p ingest.Progress) { bar.show(p.Feed, p.Done, p.Total, p.Landed) },
		})
		bar.done()
		if err != nil {
			return report, connectionHint(err)
		}
		if err := places.Err(); err != nil {
			a.log.WarnContext(ctx, "some records of the location databases could not be read", "err", err)
		}
		return report, partialFeeds(report)
	}}
}

// partialFeeds is the error of feeds that were not read to their end, nil when all were. A feed that a scope or the plan keeps shut counts too: whoever looks at
// the exit code alone must not take silence for safety.
func partialFeeds(report ingest.Report) error {
	var failed []string
	for _, f := range report.Feeds {
		if f.State != ingest.StateOK && f.State != ingest.StateNotInPlan {
			text := f.Feed + ": " + f.State
			if f.Message != "" {
				text += " (" + f.Message + ")"
			}
			failed = append(failed, text)
		}
	}
	if failed == nil {
		return nil
	}
	return partialError(errors.New("some feeds were not read: " + strings.Join(failed, "; ")))
}

// connectionHint adds what to do when nothing of the account could be read.
func connectionHint(err error) error {
	var c *ingest.ConnectionError
	if !errors.As(err, &c) {
		return err
	}
	return withHint(err, "zoomward connect checks credentials, scopes and the way to Zoom")
}

// analysePart says how much of the analysis runs.
type analysePart int

const (
	analyseAll      analysePart = iota // the fold: observations, baselines, scores, alerts
	analyseFeatures                    // observations alone
)

// analyseStage is the fold, or a part of it.
func analyseStage(part analysePart) stage {
	name := "score"
	if part == analyseFeatures {
		name = "features"
	}
	return stage{name, func(ctx context.Context, a *app, db *store.DB, r runInfo) (any, error) {
		return analyse(ctx, a, db, r, part)
	}}
}

// analyse brings observations, baselines, scores and alerts up to the rows that landed.
func analyse(ctx context.Context, a *app, db *store.DB, r runInfo, part analysePart) (any, error) {
	if part == analyseFeatures {
		people, err := models.ReadDirectory(ctx, db)
		if err != nil {
			return nil, err
		}
		return features.Advance(ctx, db, r.AsOf, people.Peers)
	}
	bar := newProgress(a.stderr, a.log, a.wall)
	defer bar.done()
	fold, err := models.Fold(ctx, db, models.FoldOptions{
		Config: a.cfg.scoring(), Now: r.AsOf, RunID: r.ID, Logger: a.log,
		Progress: func(done, total int) { bar.show("days scored", done, total, 0) },
	})
	if err != nil {
		return nil, err
	}
	return a.runPolicies(ctx, db, r, fold)
}

// postureStage judges the settings that are stored.
func postureStage() stage {
	return stage{"posture", func(ctx context.Context, a *app, db *store.DB, r runInfo) (any, error) {
		s, err := posture.Run(ctx, db, posture.Options{
			RunID: r.ID, AccountID: a.cfg.AccountID, Now: func() time.Time { return r.AsOf },
			Params: a.cfg.PostureParams, Profile: a.cfg.PostureProfile, Exceptions: a.cfg.PostureExceptions, FeedScopes: feedScopes(), Logger: a.log,
		})
		if err != nil {
			return nil, err
		}
		unexplained, err := unexplainedNow(ctx, db, r.ID)
		if err != nil {
			return nil, err
		}
		if line := postureLine(&s, unexplained); line != "" {
			a.log.WarnContext(ctx, "posture changed for the worse", "regressed", s.Regressions(), "unexplained", unexplained)
			fmt.Fprintf(a.stderr, "zoomward: %s (zoomward posture diff)\n", line)
		}
		return map[string]any{"score": s.Score.Score, "achievable": s.Achievable, "coverage": s.Coverage, "counts": s.Counts, "changes": len(s.Changes),
			"regressed": s.Regressions(), "improved": s.Improvements(), "grown": s.Growths(), "unexplained": unexplained}, nil
	}}
}

// feedScopes are the OAuth scopes that open each feed.
func feedScopes() map[string][]string {
	scopes := map[string][]string{}
	for _, f := range ingest.Feeds() {
		for _, e := range f.Endpoints {
			scopes[f.Name] = append(scopes[f.Name], e.Scopes...)
		}
	}
	return scopes
}

// hintControls is where ids of controls and names of parameters can be looked up, also before the first run.
const hintControls = "zoomward catalog --controls lists the controls and their parameters; it needs no database"

// checkPosture refuses a posture configuration that could not work, before anything is done.
func (a *app) checkPosture() error {
	c, err := posture.Load()
	if err != nil {
		return err
	}
	if err := c.CheckParams(a.cfg.PostureParams); err != nil {
		return withHint(usageErrorf("%w", err), "%s", hintControls)
	}
	if err := c.CheckExceptions(a.cfg.PostureExceptions); err != nil {
		return withHint(usageErrorf("posture.exceptions: %w", err), "%s", hintControls)
	}
	return nil
}
