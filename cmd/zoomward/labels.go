package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/models"
)

// labelColumns are the columns of a file of labels; id may be left out.
var labelColumns = []string{"id", "user_email", "start", "end", "kind", "strength"}

// maxLabelBytes bounds a file of labels: some 100,000 of them.
const maxLabelBytes = 16 << 20

// readLabels reads what is known to have happened: CSV with a header. Rows that share an id are one label on several accounts.
func readLabels(path string) ([]models.Label, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageErrorf("read labels: %w", err)
	}
	defer f.Close()
	labels, err := parseLabels(io.LimitReader(f, maxLabelBytes))
	if err != nil {
		return nil, usageErrorf("read labels %s: %w", path, err)
	}
	return labels, nil
}

func parseLabels(r io.Reader) ([]models.Label, error) {
	in := csv.NewReader(r)
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file is empty: the first line names the columns %s", strings.Join(labelColumns[1:], ","))
	}
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if !slices.Contains(labelColumns, name) {
			return nil, fmt.Errorf("unknown column %q: it is one of %s", name, strings.Join(labelColumns, ", "))
		}
		at[name] = i
	}
	for _, name := range labelColumns[1:] {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("column %s is missing", name)
		}
	}
	var out []models.Label
	byID := map[string]int{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		l := models.Label{Kind: row[at["kind"]], Strength: row[at["strength"]]}
		email := strings.ToLower(strings.TrimSpace(row[at["user_email"]]))
		if email == "" {
			return nil, fmt.Errorf("line %d: user_email is empty", line)
		}
		if l.Start, err = labelTime(row[at["start"]], 0); err != nil {
			return nil, fmt.Errorf("line %d: start: %w", line, err)
		}
		if l.End, err = labelTime(row[at["end"]], 24*time.Hour-time.Second); err != nil {
			return nil, fmt.Errorf("line %d: end: %w", line, err)
		}
		if l.End.Before(l.Start) {
			return nil, fmt.Errorf("line %d: end lies before start", line)
		}
		if i, ok := at["id"]; ok && row[i] != "" {
			if k, ok := byID[row[i]]; ok {
				out[k].Accounts = append(out[k].Accounts, email)
				continue
			}
			byID[row[i]] = len(out)
			l.ID = "label:" + row[i] // never an alert's
		}
		l.Accounts = []string{email}
		out = append(out, l)
	}
}

// labelTime reads a time, or a day and which instant of it is meant.
func labelTime(s string, within time.Duration) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Add(within), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%q is not a day like 2026-01-31 or a time like 2026-01-31T08:00:00Z", s)
	}
	return t.UTC(), nil
}

// writeLabels writes the attacks of a simulated account in the form that readLabels takes: a row for the attacked user and one for the operator.
func writeLabels(path string, attacks []zoomtest.Attack) error {
	rows := [][]string{labelColumns}
	for _, x := range attacks {
		for i, who := range []string{x.User, x.Operator} {
			if who != "" && (i == 0 || who != x.User) {
				rows = append(rows, []string{x.ID, who, x.Start.UTC().Format(time.RFC3339), x.End.UTC().Format(time.RFC3339), x.Kind, x.Strength})
			}
		}
	}
	return writeWhole(path, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) })
}
