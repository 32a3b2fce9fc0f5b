package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/zoomward/zoomward/store"
)

func reportCommand() command {
	return command{
		name: "report", args: "--out FILE.html", summary: "one self-contained page: alerts, users at risk, posture, and what was not seen",
		detail: `Writes one HTML page with charts from the published database, put in place whole; - writes it to standard output. The page has no script and loads nothing, so it
can be sent and opened anywhere. Each of the first 50 open alerts, the heaviest and of those the newest, has its explanation with it, as zoomward explain prints it.`,
		example: "zoomward report --out /srv/www/zoomward.html",
		flags: func(fs *flag.FlagSet) action {
			out := fs.String("out", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if *out == "" {
					return usageErrorf("report needs --out")
				}
				return a.withPublished(ctx, func(db *store.DB) error { return a.writeReport(ctx, db, *out) })
			}
		},
	}
}

// writeReport writes the page to a file, or to stdout for "-".
func (a *app) writeReport(ctx context.Context, db *store.DB, path string) error {
	page, err := a.readReport(ctx, db)
	if err != nil {
		return err
	}
	if path == "-" {
		return page.Write(a.data())
	}
	return writeWhole(path, page.Write)
}

// writeWhole writes a file that others may read by group and puts it in place when it is whole.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o640))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	if err := write(f); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
