package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/zoomward/zoomward/store"
)

func exportCommand() command {
	return command{
		name: "export", args: "--dir D [--format csv,json,ndjson,ocsf,parquet,plan]", summary: "write alerts, behaviors, user_days, user_risk and posture as files",
		detail: `Writes one file per view and format from the published database, each put in place whole, and prints their paths. CSV is RFC 4180 with line feeds and
times like 2026-01-31T08:00:00Z; text that a spreadsheet would run as a formula gets a leading apostrophe. JSON is one array, NDJSON one object a line.
No rows make a valid empty file. ocsf writes alerts.ocsf.ndjson (Detection Findings) and posture.ocsf.ndjson (Compliance Findings), events of OCSF 1.8.0, one a line;
parquet keeps the types of the columns, for engines such as DuckDB, Spark, Trino, BigQuery and ClickHouse; plan writes action_plan.csv, the open recommendations
of posture in the order of their rank.`,
		example: "zoomward export --dir /srv/siem --format ndjson",
		flags: func(fs *flag.FlagSet) action {
			dir, format := fs.String("dir", "", ""), fs.String("format", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if *dir == "" {
					if *dir = a.cfg.ExportDir; *dir == "" {
						return usageErrorf("export needs --dir")
					}
				}
				formats := a.cfg.ExportFormats
				if *format != "" {
					var err error
					if formats, err = parseFormats(*format); err != nil {
						return usageErrorf("--format: %w", err)
					}
				}
				return a.withPublished(ctx, func(db *store.DB) error {
					paths, err := a.exportAll(ctx, db, *dir, formats)
					for _, p := range paths {
						if _, perr := fmt.Fprintln(a.stdout, p); perr != nil {
							return errors.Join(err, fmt.Errorf("print paths: %w", perr))
						}
					}
					return err
				})
			}
		},
	}
}

// exportedViews are the files that export writes.
func exportedViews() []string {
	return []string{"alerts", "behaviors", "user_days", "user_risk", "posture", "posture_resources"}
}

// exportAll writes every exported view in every format into dir and returns the paths.
func (a *app) exportAll(ctx context.Context, db *store.DB, dir string, formats []string) (paths []string, err error) {
	write := func(e store.Export, file string) error {
		path := filepath.Join(dir, file)
		n, err := db.ExportFile(ctx, e, path)
		if err == nil {
			a.log.DebugContext(ctx, "exported", "path", path, "rows", n)
			paths = append(paths, path)
		}
		return err
	}
	for _, view := range exportedViews() {
		for _, f := range formats {
			if f == formatOCSF || f == formatPlan {
				continue
			}
			if err := write(store.Export{View: view, Format: f}, view+"."+f); err != nil {
				return paths, err
			}
		}
	}
	if slices.Contains(formats, formatOCSF) {
		if err := store.MakeDir(dir); err != nil {
			return paths, fmt.Errorf("create folder of the export: %w", err)
		}
		for _, x := range []struct {
			file   string
			events func(w io.Writer) error
		}{
			{"alerts.ocsf.ndjson", func(w io.Writer) error { return a.alertEvents(ctx, db, "true", nil, w) }},
			{"posture.ocsf.ndjson", func(w io.Writer) error { return a.postureEvents(ctx, db, w) }},
		} {
			path := filepath.Join(dir, x.file)
			if err := writeWhole(path, x.events); err != nil {
				return paths, err
			}
			paths = append(paths, path)
		}
	}
	if slices.Contains(formats, formatPlan) {
		return paths, write(planExport(), "action_plan.csv")
	}
	return paths, nil
}

// planExport is the action plan: a CSV that people fill in.
func planExport() store.Export { return store.Export{View: "posture_plan", Format: "csv"} }
