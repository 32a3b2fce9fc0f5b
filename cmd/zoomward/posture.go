package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/zoomward/zoomward/store"
)

func postureCommand() command {
	return command{
		name: "posture", args: "[--format table|csv|json|ndjson] [--fail-on S]", summary: "judge the account's settings, or list the verdicts",
		detail: `Without --format it judges the settings that the last ingest stored, publishes and prints the verdicts with score and coverage. With --format it only
lists what is published. With --fail-on it ends with code 3 when a control of that severity or a heavier one fails.`,
		example: "zoomward posture --format csv",
		flags: func(fs *flag.FlagSet) action {
			format, failOn := fs.String("format", "", ""), fs.String("fail-on", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if err := checkSeverity("--fail-on", *failOn); err != nil {
					return err
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
				if err := checkListFormat(*format); err != nil {
					return err
				}
				return a.withPublished(ctx, func(db *store.DB) error {
					if err := a.listPosture(ctx, db, *format); err != nil {
						return err
					}
					return failedControls(ctx, db, *failOn)
				})
			}
		},
	}
}

// listPosture writes the verdicts to stdout: people get a table, what to fix first, and the score; machines every column.
func (a *app) listPosture(ctx context.Context, db *store.DB, format string) error {
	if format != formatTable {
		_, err := db.Export(ctx, store.Export{View: "posture", Format: format}, a.data())
		return err
	}
	var rows struct {
		Status   []string  `col:"status"`
		Severity []string  `col:"severity"`
		Control  []string  `col:"control_id"`
		Title    []string  `col:"title"`
		Observed []string  `col:"observed,null"`
		Points   []float64 `col:"points"`
		Max      []float64 `col:"max_points"`
	}
	if err := db.Read(ctx, &rows, `SELECT status, severity, control_id, title, observed, points, max_points FROM posture
		ORDER BY list_position(['fail', 'partial', 'error', 'manual', 'unknown', 'pass', 'not_applicable'], status),
		         list_position(['critical', 'high', 'medium', 'low', 'info'], severity), control_id, resource_id`); err != nil {
		return fmt.Errorf("read posture: %w", err)
	}
	t := newTable(a.stdout, "STATUS", "SEVERITY", "CONTROL", "POINTS", "TITLE", "OBSERVED")
	for i := range rows.Control {
		t.row(rows.Status[i], rows.Severity[i], rows.Control[i], fmt.Sprintf("%g/%g", rows.Points[i], rows.Max[i]), rows.Title[i], rows.Observed[i])
	}
	if err := t.flush(); err != nil {
		return err
	}
	line, err := scoreLine(ctx, db)
	if err == nil {
		_, err = fmt.Fprintln(a.stdout, "\n"+line)
	}
	return err
}

// scoreLine is the latest posture score in words.
func scoreLine(ctx context.Context, db store.Querier) (string, error) {
	var last struct {
		Score      []float64 `col:"score"`
		Achievable []float64 `col:"achievable_score"`
		Coverage   []float64 `col:"coverage"`
	}
	if err := db.Read(ctx, &last, `SELECT score, achievable_score, coverage FROM posture_score ORDER BY at DESC LIMIT 1`); err != nil {
		return "", fmt.Errorf("read posture score: %w", err)
	}
	if len(last.Score) == 0 {
		return "Posture score: none yet", nil
	}
	return fmt.Sprintf("Posture score: %.0f %% of what could be judged (achievable %.0f %%), coverage %.0f %% of all controls by weight",
		last.Score[0], last.Achievable[0], last.Coverage[0]), nil
}

func failedControls(ctx context.Context, db store.Querier, failOn string) error {
	if failOn == "" {
		return nil
	}
	heavy, args := atOrAbove(failOn)
	n, err := count(ctx, db, "posture", "status IN ('fail', 'partial') AND "+heavy, args...)
	if err == nil && n > 0 {
		err = &exitError{code: exitFindings, err: fmt.Errorf("%d failing controls at or above %s", n, failOn)}
	}
	return err
}
