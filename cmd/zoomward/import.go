package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/archive"
	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/store"
)

func importCommand() command {
	return command{
		name: "import", args: "[--kind K] [--timezone ZONE] FILE...", summary: "land history from exports and archives, and failed sign-ins of an identity provider",
		detail: `Lands the rows of files as if Zoom had reported them, however old they are, and publishes; the next run or score takes them in from the first day that they
touch. FILE is plain or gzip, "-" is standard input. What it holds is found out from its content, or given by --kind:

  zoom-activities  CSV of the portal's sign-in/sign-out report; rows of GET /report/activities as JSON, one a line or in a list or page
  zoom-operations  CSV of the portal's admin activity (operation) log; rows of GET /report/operationlogs as JSON
  okta             Okta System Log, JSON or CSV: failed sign-ins land in the view failed_sign_ins
  entra            sign-in log of Microsoft Entra ID, JSON of the Graph API or CSV: likewise

CSV has local times. The zone is taken from the header of the time when that names one, else from --timezone (an IANA name; default UTC).
Rows that are there already land once, whether they came from Zoom or from another file; an export without seconds or without a column is compared with what is landed
by user, minute, kind and address. Rows that cannot be read are reported with their line and kept in the view rejected_rows; importing the file again adds nothing.
Exit code 2 when no file is of a kind that can be read, 4 when some were not read to their end; what the others brought is kept.`,
		example: "zoomward import --timezone Europe/Berlin signin_report_2024.csv okta.ndjson.gz",
		flags: func(fs *flag.FlagSet) action {
			kind, zone := fs.String("kind", "", ""), fs.String("timezone", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				o, err := importOptions(*kind, *zone)
				if err != nil {
					return err
				}
				if err := a.checkImport(args); err != nil {
					return err
				}
				i := &importRun{files: args, options: o}
				err = a.runStages(ctx, "import", []stage{i.stage()}, nil)
				return errors.Join(err, i.print(a.data()))
			}
		},
	}
}

// importOptions checks the command's own flags.
func importOptions(kind, zone string) (o ingest.ImportOptions, err error) {
	if kind != "" {
		if o.Kind, err = archive.ParseKind(kind); err != nil {
			return o, usageErrorf("--kind: %w", err)
		}
	}
	if zone != "" {
		if o.Zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
			return o, usageErrorf("--timezone: %q is not an IANA time zone such as Europe/Berlin", zone)
		}
	}
	return o, nil
}

// checkImport refuses what could not work before anything is locked or opened.
func (a *app) checkImport(files []string) error {
	if len(files) == 0 {
		return withHint(usageErrorf("import: no file given"), "zoomward help import")
	}
	stdin := 0
	for _, f := range files {
		if f == "-" {
			if stdin++; stdin > 1 {
				return usageErrorf("import: standard input is given twice")
			}
			continue
		}
		info, err := os.Stat(f)
		if err != nil {
			return usageErrorf("import: %w", err)
		}
		if info.IsDir() {
			return withHint(usageErrorf("import: %s is a directory", f), "name the files in it, such as %s", filepath.Join(f, "*.csv"))
		}
	}
	places, err := geo.Open(a.cfg.GeoFiles)
	if err != nil {
		return usageErrorf("%w", err)
	}
	places.Close()
	return nil
}

// importRun imports files one after the other.
type importRun struct {
	files   []string
	options ingest.ImportOptions
	reports []ingest.ImportReport
}

func (i *importRun) stage() stage {
	return stage{"import", func(ctx context.Context, a *app, db *store.DB, r runInfo) (any, error) {
		places, err := geo.Open(a.cfg.GeoFiles)
		if err != nil {
			return nil, usageErrorf("%w", err)
		}
		defer places.Close()
		bar := newProgress(a.stderr, a.log, a.wall)
		defer bar.done()
		var unknown, broken []error
		for n, file := range i.files {
			o := i.options
			o.DB, o.Geo, o.Now, o.RunID, o.Logger = db, places, r.AsOf, r.ID, a.log
			o.Progress = func(rows int64) { bar.show(sourceName(file), n+1, len(i.files), rows) }
			rep, err := a.importFile(ctx, o, file)
			i.reports = append(i.reports, rep)
			var at *ingest.FileError
			var none *archive.UnknownError
			switch {
			case errors.As(err, &none):
				unknown = append(unknown, err)
			case errors.As(err, &at):
				broken = append(broken, err)
			case err != nil:
				return i.reports, err
			}
		}
		if err := places.Err(); err != nil {
			a.log.WarnContext(ctx, "some records of the location databases could not be read", "err", err)
		}
		return i.reports, i.outcome(unknown, broken)
	}}
}

// outcome is wrong usage when no file is of a kind that can be read, else partial when some file was not read to its end.
func (i *importRun) outcome(unknown, broken []error) error {
	failed := errors.Join(append(unknown, broken...)...)
	switch {
	case failed == nil:
		return nil
	case len(unknown) == len(i.files):
		return &exitError{code: exitUsage, err: failed}
	}
	return partialError(failed)
}

func (a *app) importFile(ctx context.Context, o ingest.ImportOptions, file string) (ingest.ImportReport, error) {
	name := sourceName(file)
	if file == "-" {
		return ingest.Import(ctx, o, name, a.stdin)
	}
	f, err := os.Open(file)
	if err != nil {
		return ingest.ImportReport{File: name, Error: err.Error()}, &ingest.FileError{File: name, Err: err}
	}
	defer f.Close()
	return ingest.Import(ctx, o, name, f)
}

// sourceName is what a file is called in the database: where it lay is nobody's business.
func sourceName(file string) string {
	if file == "-" {
		return "stdin"
	}
	return filepath.Base(file)
}

// print writes what became of every file: a table, and sentences on what the figures do not say.
func (i *importRun) print(w io.Writer) error {
	if len(i.reports) == 0 {
		return nil
	}
	t := newTable(w, "FILE", "KIND", "ROWS", "LANDED", "ALREADY THERE", "LATER", "REJECTED", "SUCCESSES SKIPPED")
	for _, r := range i.reports {
		n := func(v int64) string { return strconv.FormatInt(v, 10) }
		t.row(r.File, r.Kind, n(r.Rows), n(r.Landed), n(r.AlreadyThere), n(r.Later), n(r.Rejected), n(r.Successes))
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, r := range i.reports {
		for _, s := range importNotes(r) {
			if _, err := fmt.Fprintln(w, sanitize(r.File+": "+s)); err != nil {
				return fmt.Errorf("print notes: %w", err)
			}
		}
	}
	return nil
}

// importNotes says in sentences what else is worth knowing of a file.
func importNotes(r ingest.ImportReport) []string {
	var out []string
	note := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	zoom := strings.HasPrefix(r.Kind, "zoom-")
	switch {
	case r.Zone == "":
	case r.ZoneNamed:
		note("times are in %s, as its header says", r.Zone)
	case zoom:
		note("times that name no zone were read as %s (--timezone)", r.Zone)
	}
	if r.DayFirst {
		note("dates with slashes were read day first")
	}
	if r.Alike > 0 {
		note("of the rows already there %d were judged so by user, time, kind and address (operations: by their text), as not every field is told or written the same", r.Alike)
	}
	if r.Replaced > 0 {
		note("rows of earlier exports that gave way to rows of this file, which say the same more exactly: %d", r.Replaced)
	}
	if r.Others > 0 {
		note("skipped besides, as they are no sign-ins: %d", r.Others)
	}
	for _, b := range r.Rejects {
		note("line %d: %s", b.Line, b.Reason)
	}
	if more := r.Rejected - int64(len(r.Rejects)); more > 0 {
		note("%d more rows were rejected: see the view rejected_rows", more)
	}
	if r.Error != "" && r.Rows > 0 {
		note("not read to its end: %s", r.Error)
	} else if r.Error != "" {
		note("not read: %s", r.Error)
	}
	return out
}
