package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// postureTop is how many recommendations the table shows unless it is told otherwise.
const postureTop = 10

func postureCommand() command {
	return command{
		name: "posture", args: "[--format table|csv|json|ndjson|ocsf|plan] [--top N] [--all] [--fail-on S]", summary: "judge the account's settings, or list the verdicts",
		detail: `Without --format it judges the settings that the last ingest stored, publishes and prints the verdicts with score and coverage. With --format it only
lists what is published: csv, json and ndjson hold every control, ocsf is one Compliance Finding of OCSF 1.8.0 a line, plan is the action plan: the open recommendations in the
order of their rank, as CSV with columns for reason, owner and date to fill in.

The table begins with the score, what it could become and how much could be judged; then comes what to fix first (the ten of the highest rank, or --top N), what is
decided (exceptions), and what further scopes would open. --all lists every control instead. With --fail-on it ends with code 3 when a control of that severity or a heavier
one fails, wholly or in part, and no exception other than planned applies to it.`,
		example: "zoomward posture --format csv",
		flags: func(fs *flag.FlagSet) action {
			format, failOn := fs.String("format", "", ""), fs.String("fail-on", "", "")
			top, all := fs.Int("top", postureTop, ""), fs.Bool("all", false, "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if err := checkSeverity("--fail-on", *failOn); err != nil {
					return err
				}
				if *top < 0 {
					return usageErrorf("--top: %d is not a number of recommendations", *top)
				}
				if *format == "" {
					if err := a.checkPosture(); err != nil {
						return err
					}
					if err := a.needsData(); err != nil {
						return err
					}
					if err := a.runStages(ctx, "posture", []stage{postureStage()}, nil); err != nil {
						return err
					}
					*format = formatTable
				}
				if err := checkListFormat(*format, formatOCSF, formatPlan); err != nil {
					return err
				}
				return a.withPublished(ctx, func(db *store.DB) error {
					if err := a.listPosture(ctx, db, *format, *top, *all); err != nil {
						return err
					}
					return failedControls(ctx, db, *failOn, a.asOf())
				})
			}
		},
	}
}

// listPosture writes the verdicts to stdout: people get a table, machines every column.
func (a *app) listPosture(ctx context.Context, db *store.DB, format string, top int, all bool) error {
	switch format {
	case formatTable:
		return a.postureTable(ctx, db, top, all)
	case formatOCSF:
		return a.postureEvents(ctx, db, a.data())
	case formatPlan:
		_, err := db.Export(ctx, planExport(), a.data())
		return err
	}
	_, err := db.Export(ctx, store.Export{View: "posture", Format: format}, a.data())
	return err
}

// scoreLine is the latest posture score in words.
func scoreLine(ctx context.Context, db store.Querier) (string, error) {
	var last struct {
		Score      []float64 `col:"score"`
		Achievable []float64 `col:"achievable_score"`
		Coverage   []float64 `col:"coverage"`
	}
	if err := db.Read(ctx, &last, `SELECT score, achievable_score, coverage FROM posture_score ORDER BY at DESC, run_id DESC LIMIT 1`); err != nil {
		return "", fmt.Errorf("read posture score: %w", err)
	}
	if len(last.Score) == 0 {
		return "Posture score: none yet", nil
	}
	return fmt.Sprintf("Posture score: %.0f %% of what could be judged (achievable %.0f %%), coverage %.0f %% of all controls by weight",
		last.Score[0], last.Achievable[0], last.Coverage[0]), nil
}

// SQL conditions on the view posture: unmetControls fail and lack something, and of openControls nobody decided to live with them.
const (
	unmetControls = "status IN ('fail', 'partial') AND (raw_points < max_points OR max_points = 0)"
	openControls  = unmetControls + " AND (exception IS NULL OR exception = 'planned')"
)

// failedControls is an error where a control of that severity or a heavier one is open on a day. The verdicts may be older than the day: an exception that ran out
// since they were written covers nothing any more.
func failedControls(ctx context.Context, db store.Querier, failOn string, day time.Time) error {
	if failOn == "" {
		return nil
	}
	heavy, args := atOrAbove(failOn)
	n, err := count(ctx, db, "posture", "("+openControls+" OR "+unmetControls+" AND exception_expires_on < CAST(? AS DATE)) AND "+heavy, append([]any{day.UTC().Format(time.DateOnly)}, args...)...)
	if err == nil && n > 0 {
		err = &exitError{code: exitFindings, err: fmt.Errorf("%d failing controls at or above %s", n, failOn)}
	}
	return err
}
