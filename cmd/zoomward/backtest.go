package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

func backtestCommand() command {
	return command{
		name: "backtest", args: "[--policy FILE] [--budget N] [--fdr Q] [--days N] [--labels FILE] [--format table|json]",
		summary: "how many alerts other settings would have raised",
		detail: `Scores the history of the published database twice on a private copy, under the settings in force and under a candidate's, and compares the alerts: how many of
each detection and severity, per 1,000 users and week, and which appear and vanish. The candidate is the settings in force with what --policy FILE holds in their place
(YAML, the config's alerts, detections, scopes, exclusions, countries and watch), then --budget (alerts per 1,000 users and week) and --fdr. --days N compares the alerts of the last N days;
all days are scored in any case. --labels FILE (CSV: user_email,start,end,kind,strength, and id for rows that belong together) adds how many of them are found;
simulate --labels and demo write such a file.
A --policy FILE that ends in .sql is a policy of your own: what it would have raised is shown, as by zoomward policy test. Triaged alerts are compared too. Nothing is published. It is as of the last run unless --as-of says otherwise.`,
		example: "zoomward backtest --policy stricter.yaml --days 30",
		flags: func(fs *flag.FlagSet) action {
			var b backtestFlags
			fs.StringVar(&b.policy, "policy", "", "")
			fs.StringVar(&b.budget, "budget", "", "")
			fs.StringVar(&b.fdr, "fdr", "", "")
			fs.StringVar(&b.labels, "labels", "", "")
			fs.StringVar(&b.format, "format", formatTable, "")
			fs.IntVar(&b.days, "days", 0, "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				return a.backtest(ctx, b)
			}
		},
	}
}

type backtestFlags struct {
	policy, budget, fdr, labels, format string
	days                                int
}

// candidate puts the candidate's settings together.
func (b backtestFlags) candidate(current Config) (Config, error) {
	c := current
	keys := map[string]configKey{}
	for _, k := range configKeys(func(string) string { return "" }) {
		keys[k.name] = k
	}
	if b.policy != "" {
		values, err := readConfigFile(b.policy)
		if err != nil {
			return c, err
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			v := values[name]
			if !slices.Contains(scoringKeys(), name) {
				return c, usageErrorf("policy %s: line %d: key %s is no part of the scoring: a policy holds %s", b.policy, v.line, name, strings.Join(scoringKeys(), ", "))
			}
			if err := keys[name].set(&c, v.text, v); err != nil {
				return c, usageErrorf("policy %s: line %d: %s: %w", b.policy, v.line, name, err)
			}
		}
		if err := c.scoring().Validate(); err != nil {
			return c, usageErrorf("policy %s: %w", b.policy, err)
		}
	}
	for _, f := range []struct{ flag, key, text string }{{"--budget", keyBudget, b.budget}, {"--fdr", keyFDR, b.fdr}} {
		if f.text != "" {
			if err := keys[f.key].set(&c, f.text, fileValue{}); err != nil {
				return c, usageErrorf("%s: %w", f.flag, err)
			}
		}
	}
	return c, nil
}

func (a *app) backtest(ctx context.Context, b backtestFlags) (err error) {
	if b.format != formatTable && b.format != "json" {
		return usageErrorf("--format: %q is not one of table, json", b.format)
	}
	if b.days < 0 {
		return usageErrorf("--days: %d is not a number of days", b.days)
	}
	if strings.HasSuffix(b.policy, ".sql") {
		return a.backtestPolicy(ctx, b)
	}
	candidate, err := b.candidate(a.cfg)
	if err != nil {
		return err
	}
	var labels []models.Label
	if b.labels != "" {
		if labels, err = readLabels(b.labels); err != nil {
			return err
		}
	}
	now := a.cfg.AsOf
	err = a.withPublished(ctx, func(db *store.DB) error { // also says in plain words what is wrong with the file
		if now.IsZero() {
			if now, err = lastAsOf(ctx, db, a.asOf()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "zoomward-backtest-")
	if err != nil {
		return fmt.Errorf("make a private copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := store.Open(ctx, filepath.Join(dir, "copy.duckdb"), store.Options{Threads: a.cfg.Threads, MemoryLimit: a.cfg.MemoryLimit, Logger: a.log, AppVersion: versionText()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.CopyFrom(ctx, a.cfg.DB, models.BacktestTables()...); err != nil {
		return withHint(err, "a database that an older zoomward published lacks tables: zoomward run publishes it anew")
	}
	bar := newProgress(a.stderr, a.log, a.wall)
	defer bar.done()
	out, err := models.Backtest(ctx, db, models.BacktestOptions{
		Current: a.cfg.scoring(), Candidate: candidate.scoring(), Now: now, Days: b.days, Labels: labels, Logger: a.log,
		Progress: func(settings string, done, total int) { bar.show("days scored, "+settings+" settings", done, total, 0) },
	})
	if err != nil {
		return err
	}
	bar.done()
	if b.format == "json" {
		enc := json.NewEncoder(a.data())
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return fmt.Errorf("write backtest: %w", err)
		}
		return nil
	}
	return a.printBacktest(out)
}

// lastAsOf is the clock of the last run.
func lastAsOf(ctx context.Context, db store.Querier, now time.Time) (time.Time, error) {
	var rows struct {
		At []time.Time `col:"at"`
	}
	if err := db.Read(ctx, &rows, `SELECT max(as_of) AS at FROM meta.runs`); err != nil {
		return now, fmt.Errorf("read runs: %w", err)
	}
	if rows.At[0].IsZero() {
		return now, nil
	}
	return rows.At[0], nil
}

func (a *app) printBacktest(b models.Comparison) error {
	n := strconv.Itoa
	share := func(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }
	fmt.Fprintf(a.stdout, "Days %s to %s, %d users\n\n", b.From.Format(time.DateOnly), b.Through.Format(time.DateOnly), b.Users)
	t := newTable(a.stdout, "", "NOW", "CANDIDATE")
	t.row("alerts", n(b.Current.Alerts), n(b.Candidate.Alerts))
	t.row("per 1,000 users and week", share(b.Current.Realised), share(b.Candidate.Realised))
	t.row("budget", share(b.Current.Budget), share(b.Candidate.Budget))
	if len(b.Labels) > 0 {
		t.row("without a label", n(b.Current.Unlabeled), n(b.Candidate.Unlabeled))
	}
	if err := t.flush(); err != nil {
		return err
	}
	if len(b.Detections) > 0 {
		fmt.Fprintln(a.stdout)
		t = newTable(a.stdout, "DETECTION", "SEVERITY", "NOW", "CANDIDATE", "TITLE")
		for _, d := range b.Detections {
			t.row(d.Detection, d.Severity, n(d.Current), n(d.Candidate), d.Title)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		word   string
		alerts []models.BacktestAlert
	}{{"appear", b.Appear}, {"vanish", b.Vanish}} {
		fmt.Fprintf(a.stdout, "\nAlerts that %s: %d\n", part.word, len(part.alerts))
		if len(part.alerts) == 0 {
			continue
		}
		t = newTable(a.stdout, "DAY", "SEVERITY", "DETECTION", "USER", "ALERT", "SUMMARY")
		for _, x := range part.alerts {
			t.row(x.Day.Format(time.DateOnly), x.Severity, x.Detection, x.Email, x.ID, x.Summary)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		word string
		list []models.BacktestOutcome
	}{{"Labels found", b.Labels}, {"Triaged alerts that are raised", b.Triage}} {
		if len(part.list) == 0 {
			continue
		}
		fmt.Fprintf(a.stdout, "\n%s\n", part.word)
		t = newTable(a.stdout, "KIND", "STRENGTH", "NUMBER", "NOW", "CANDIDATE", "RECALL NOW", "RECALL CANDIDATE")
		for _, o := range part.list {
			t.row(o.Kind, o.Strength, n(o.Labels), n(o.Current), n(o.Candidate), share(o.Recall(o.Current)), share(o.Recall(o.Candidate)))
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	return nil
}
