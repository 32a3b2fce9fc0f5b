package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/zoomward/zoomward/store"
)

// Formats beside the store's.
const (
	formatTable = "table" // for people
	formatOCSF  = "ocsf"  // events of the Open Cybersecurity Schema Framework, one a line: of alerts and posture
	formatPlan  = "plan"  // the action plan of posture, as CSV
)

// fileFormats are what export writes.
func fileFormats() []string {
	return append(store.ExportFormats(), formatOCSF, store.Parquet, formatPlan)
}

// parseFormats reads a list of file formats such as "csv,json".
func parseFormats(s string) ([]string, error) {
	known := fileFormats()
	var out []string
	for f := range strings.SplitSeq(s, ",") {
		f = strings.ToLower(strings.TrimSpace(f))
		if f == "" || slices.Contains(out, f) {
			continue
		}
		if !slices.Contains(known, f) {
			return nil, fmt.Errorf("format %q is not one of %s", f, strings.Join(known, ", "))
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no format given: one or more of %s", strings.Join(known, ", "))
	}
	return out, nil
}

// checkListFormat checks the --format of a command that lists; more are the formats that it has beside those of every list.
func checkListFormat(f string, more ...string) error {
	all := slices.Concat([]string{formatTable}, store.ExportFormats(), more)
	if !slices.Contains(all, f) {
		return usageErrorf("--format: %q is not one of %s", f, strings.Join(all, ", "))
	}
	return nil
}

// table writes aligned columns for people. Cells are sanitised; an empty one shows as a dash.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, head ...string) table {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(t.w, strings.Join(head, "\t"))
	return t
}

func (t table) row(cells ...string) {
	for i, c := range cells {
		if cells[i] = sanitize(c); c == "" {
			cells[i] = "-"
		}
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t"))
}

// flush writes the table and returns the first error of its writer.
func (t table) flush() error {
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	return nil
}
