package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

func alertsCommand() command {
	return command{
		name: "alerts", args: "[--since D] [--severity S] [--format table|csv|json|ndjson|ocsf] [--fail-on S]", summary: "list alerts",
		detail: `Lists the alerts of the published database, heaviest first and of those the newest. --since takes a day (2026-01-31), a time (RFC 3339) or an age (7d, 12h) and keeps the alerts
whose window ends at or after it; --severity keeps that severity and heavier ones. --format ocsf writes Detection Findings of OCSF 1.8.0, one a line. With --fail-on it ends with code 3 when the list holds a new alert of
that severity or a heavier one.`,
		example: "zoomward alerts --since 7d --severity high --format csv",
		flags: func(fs *flag.FlagSet) action {
			since, severity := fs.String("since", "", ""), fs.String("severity", "", "")
			format, failOn := fs.String("format", formatTable, ""), fs.String("fail-on", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				where, values, err := alertFilter(*since, *severity, a.asOf())
				if err != nil {
					return err
				}
				if err := checkSeverity("--fail-on", *failOn); err != nil {
					return err
				}
				if err := checkListFormat(*format, formatOCSF); err != nil {
					return err
				}
				return a.withPublished(ctx, func(db *store.DB) error {
					if err := a.listAlerts(ctx, db, where, values, *format); err != nil || *failOn == "" {
						return err
					}
					heavy, more := atOrAbove(*failOn)
					n, err := count(ctx, db, "alerts", "status = 'new' AND "+where+" AND "+heavy, append(values, more...)...)
					if err == nil && n > 0 {
						err = &exitError{code: exitFindings, err: fmt.Errorf("%d new alerts at or above %s", n, *failOn)}
					}
					return err
				})
			}
		},
	}
}

// alertFilter turns the flags of a list into an SQL condition on the view alerts.
func alertFilter(since, severity string, now time.Time) (where string, args []any, err error) {
	where = "true"
	if since != "" {
		t, err := parseSince(since, now)
		if err != nil {
			return "", nil, usageErrorf("--since: %w", err)
		}
		where, args = "window_end >= ?", append(args, t)
	}
	if err := checkSeverity("--severity", severity); err != nil {
		return "", nil, err
	}
	if severity != "" {
		heavy, more := atOrAbove(severity)
		where, args = where+" AND "+heavy, append(args, more...)
	}
	return where, args, nil
}

// alertRows are the columns of an alert that people see.
type alertRows struct {
	ID        []string    `col:"alert_id"`
	Detection []string    `col:"detection_id"`
	Severity  []string    `col:"severity"`
	Title     []string    `col:"title"`
	User      []string    `col:"user_email,null"`
	Start     []time.Time `col:"window_start"`
	End       []time.Time `col:"window_end"`
	Status    []string    `col:"status"`
	Summary   []string    `col:"summary"`
	Evidence  []string    `col:"evidence"` // JSON
}

const readAlerts = `SELECT alert_id, detection_id, severity, title, user_email, window_start, window_end, status, summary, evidence FROM alerts WHERE %s
	ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity), window_start DESC, alert_id`

// listAlerts writes alerts to stdout: people get a table, machines every column.
func (a *app) listAlerts(ctx context.Context, db *store.DB, where string, args []any, format string) error {
	if format == formatOCSF {
		return a.alertEvents(ctx, db, where, args, a.data())
	}
	if format != formatTable {
		_, err := db.Export(ctx, store.Export{View: "alerts", Format: format, Where: where, Args: args}, a.data())
		return err
	}
	var rows alertRows
	if err := db.Read(ctx, &rows, fmt.Sprintf(readAlerts, where), args...); err != nil {
		return fmt.Errorf("read alerts: %w", err)
	}
	t := newTable(a.stdout, "SEVERITY", "START", "USER", "TITLE", "STATUS", "ALERT", "SUMMARY")
	for i := range rows.ID {
		t.row(rows.Severity[i], rows.Start[i].Format(time.RFC3339), rows.User[i], rows.Title[i], rows.Status[i], rows.ID[i], rows.Summary[i])
	}
	return t.flush()
}

// count counts the rows of a view for which a condition holds.
func count(ctx context.Context, db store.Querier, view, where string, args ...any) (n int64, err error) {
	if err := db.Row(ctx, `SELECT count(*) FROM `+view+` WHERE `+where, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s: %w", view, err)
	}
	return n, nil
}

// parseSince reads a day, a time or an age before now.
func parseSince(s string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	if d, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(d); err == nil && n >= 0 && n <= 36500 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("%q is not a day like 2026-01-31, a time like 2026-01-31T08:00:00Z or an age like 7d or 12h", s)
}
