package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

//go:embed bench.sql
var benchSQL string

// benchStart is the first day of a made-up history of so many days, chosen so that the day after it, the step of a daily run, is a Wednesday.
func benchStart(days int) time.Time {
	monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	return monday.AddDate(0, 0, (int(time.Wednesday-time.Monday)+6*days)%7)
}

func benchCommand() command {
	return command{
		name: "bench", args: "[--users N] [--days N] [--rows N] [--dir D]", summary: "how fast this machine scores a history of a given size",
		detail: `Makes up a history of N users and N days, with about --rows rows per user and active day, in a database of its own, and prints for each stage seconds,
rows per second and the ratio to the limit of the machine: one scan of the same rows, grouped by user and day. Then the step of one more day, as a daily run
takes it. Peak memory is that of the whole process (Linux only). The database is removed unless --dir keeps it.`,
		example: "zoomward bench --users 20000 --days 180",
		flags: func(fs *flag.FlagSet) action {
			users, days, rows := fs.Int("users", 2000, ""), fs.Int("days", 90, ""), fs.Float64("rows", 5, "")
			dir := fs.String("dir", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				switch {
				case *users < 1 || *users > 10_000_000:
					return usageErrorf("--users %d: must be between 1 and 10,000,000", *users)
				case *days < 2 || *days > 3650:
					return usageErrorf("--days %d: must be between 2 and 3650", *days)
				case *rows < 1 || *rows > 1000:
					return usageErrorf("--rows %g: must be between 1 and 1000", *rows)
				}
				return a.bench(ctx, *users, *days, *rows, *dir)
			}
		},
	}
}

func (a *app) bench(ctx context.Context, users, days int, rows float64, dir string) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "zoomward-bench-"); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder that stays is no failure
	} else if dir, err = makeDir(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, "bench.duckdb")
	if _, err := os.Stat(path); err == nil {
		return usageErrorf("%s is there already: choose another folder", path)
	}
	db, err := store.Open(ctx, path, store.Options{Threads: a.cfg.Threads, MemoryLimit: a.cfg.MemoryLimit, Logger: a.log, AppVersion: versionText()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	fmt.Fprintf(a.stderr, "zoomward: making up %d users and %d days in %s\n", users, days, dir)
	first := benchStart(days)
	fill := strings.NewReplacer("$first", first.Format(time.DateOnly), "$users", strconv.Itoa(users), "$days", strconv.Itoa(days+1), "$rows", strconv.FormatFloat(rows, 'g', -1, 64)).Replace(benchSQL)
	if err := db.Tx(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, fill); return err }); err != nil {
		return fmt.Errorf("make up a history: %w", err)
	}
	if _, err := db.Exec(ctx, `CHECKPOINT`); err != nil {
		return fmt.Errorf("make up a history: %w", err)
	}

	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "STAGE\tSECONDS\tROWS/S\tTIMES SCAN\tPEAK MEMORY\t")
	var scans []float64
	var events int64
	for range 3 {
		start := a.wall()
		if events, err = scanRows(ctx, db, first.AddDate(0, 0, days)); err != nil {
			return err
		}
		scans = append(scans, a.wall().Sub(start).Seconds())
	}
	slices.Sort(scans)
	scan := scans[1]
	line := func(stage string, seconds float64, rows int64, memory string) {
		fmt.Fprintf(w, "%s\t%.2f\t%.0f\t%.2f\t%s\t\n", stage, seconds, float64(rows)/seconds, seconds/scan, memory)
	}
	line("scan and group", scan, events, "")

	fold := func(now time.Time) (models.FoldSummary, float64, string, error) {
		resetPeakMemory()
		start := a.wall()
		s, err := models.Fold(ctx, db, models.FoldOptions{Config: models.DefaultConfig(), Now: now, RunID: "bench", Logger: a.log})
		return s, a.wall().Sub(start).Seconds(), peakMemory(), err
	}
	// The history ends on the evening before `days`; the day after it has rows as well: it is the one under way now, and the step of the daily run.
	full, seconds, memory, err := fold(first.AddDate(0, 0, days))
	if err != nil {
		return err
	}
	stages := func(s models.Stages, rows int64) {
		for _, x := range []struct {
			name    string
			seconds float64
		}{{"  read", s.Read}, {"  features", s.Features}, {"  statements", s.Sets}, {"  score", s.Score}, {"  write", s.Write}, {"  checkpoint", s.Checkpoint}} {
			line(x.name, max(x.seconds, 1e-9), rows, "")
		}
	}
	stages(full.Stages, events)
	line("full fold", seconds, events, memory)
	one, step, memory, err := fold(first.AddDate(0, 0, days+1))
	if err != nil {
		return err
	}
	stages(one.Stages, events/int64(days))
	line("daily step", step, events/int64(days), memory)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print figures: %w", err)
	}
	fmt.Fprintf(a.stdout, "\n%d rows, %d user-days, %d users, %d days, %d cores. The full fold takes %.1f times a scan; the daily step %.1f %% of the full fold.\n",
		events, full.UserDays, users, days, runtime.GOMAXPROCS(0), seconds/scan, 100*step/seconds)
	return nil
}

// scanRows reads every row before a time and groups them by user and day: the least that a fold must do. The sums keep DuckDB from leaving out what nobody asks for.
func scanRows(ctx context.Context, q store.Querier, until time.Time) (events int64, err error) {
	var groups, first, last int64
	err = q.Row(ctx, `SELECT count(*), sum(n)::BIGINT, sum(a)::BIGINT, sum(b)::BIGINT FROM (
		SELECT user_email, day, count(*) AS n, epoch_us(min(at)) % 1000 AS a, epoch_us(max(at)) % 1000 AS b FROM (
			SELECT user_email, occurred_at::DATE AS day, occurred_at AS at FROM ingest.activities WHERE occurred_at < ?1
			UNION ALL SELECT operator, occurred_at::DATE, occurred_at FROM ingest.operations WHERE occurred_at < ?1)
		GROUP BY user_email, day)`, until).Scan(&groups, &events, &first, &last)
	if err != nil {
		return 0, fmt.Errorf("scan: %w", err)
	}
	return events, nil
}

// resetPeakMemory makes the kernel forget the peak so far, where it can.
func resetPeakMemory() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) }

// peakMemory returns the greatest resident memory since the last reset, "" where the system does not tell.
func peakMemory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return ""
	}
	for l := range strings.SplitSeq(string(status), "\n") {
		if f := strings.Fields(l); len(f) == 3 && f[0] == "VmHWM:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				return ""
			}
			return fmt.Sprintf("%.0f MiB", kb/1024)
		}
	}
	return ""
}
