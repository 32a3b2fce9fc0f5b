package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"github.com/zoomward/zoomward/store"
)

func exportCommand() command {
	return command{
		name: "export", args: "--dir D [--format csv,json,ndjson]", summary: "write alerts, behaviors, user_days, user_risk and posture as files",
		detail: `Writes one file per view and format from the published database, each put in place whole, and prints their paths. CSV is RFC 4180 with line feeds and
times like 2026-01-31T08:00:00Z; text that a spreadsheet would run as a formula gets a leading apostrophe. JSON is one array, NDJSON one object a line.
No rows make a valid empty file.`,
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
	for _, view := range exportedViews() {
		for _, f := range formats {
			path := filepath.Join(dir, view+"."+f)
			n, err := db.ExportFile(ctx, store.Export{View: view, Format: f}, path)
			if err != nil {
				return paths, err
			}
			a.log.DebugContext(ctx, "exported", "path", path, "rows", n)
			paths = append(paths, path)
		}
	}
	return paths, nil
}
