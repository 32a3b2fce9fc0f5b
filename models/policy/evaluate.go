package policy

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Bounds of one evaluation.
const (
	maxRows        = 10_000           // rows it may return: nobody looks at more
	maxRow         = 16 << 10         // bytes of one row as JSON
	DefaultTimeout = 30 * time.Second // of one evaluation
)

// A window is what one evaluation looks at: after since, up to and with until.
type window struct{ since, until time.Time }

// A row is what the statement returned, as it stands in the evidence.
type row struct {
	at     time.Time
	raw    json.RawMessage
	values map[string]any
}

// A group is the rows that have the values of the grouping columns in common, in order of time.
type group struct {
	key  string // JSON object of the grouping columns
	rows []row
}

// evaluate runs a policy over one window and groups what it returns. It returns the number of rows as well. It writes nothing.
func (c Checked) evaluate(ctx context.Context, db *store.DB, w window, timeout time.Duration) ([]group, int, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var rows []row
	err := db.View(limited, func(tx *store.Tx) error {
		return tx.Rows(limited, func(r *sql.Rows) error {
			for r.Next() {
				var at time.Time
				var raw string
				if err := r.Scan(&at, &raw); err != nil {
					return err
				}
				if len(raw) > maxRow {
					return fmt.Errorf("returns a row of %d bytes, at most %d are kept: select fewer columns", len(raw), maxRow)
				}
				values := map[string]any{}
				d := json.NewDecoder(strings.NewReader(raw))
				d.UseNumber()
				if err := d.Decode(&values); err != nil {
					return fmt.Errorf("read a row: %w", err)
				}
				rows = append(rows, row{at.UTC(), json.RawMessage(raw), lowerKeys(values)})
			}
			return nil
		}, "SELECT zoomward_row.occurred_at AS zoomward_at, to_json(zoomward_row)::VARCHAR AS zoomward_json FROM (\n"+c.SQL+"\n) AS zoomward_row\n"+
			"WHERE zoomward_row.occurred_at > $since AND zoomward_row.occurred_at <= $until ORDER BY 1, 2 LIMIT "+fmt.Sprint(maxRows+1),
			sql.Named("since", w.since.UTC()), sql.Named("until", w.until.UTC()))
	})
	switch {
	case ctx.Err() != nil:
		return nil, 0, ctx.Err() // the run is over, which is not the policy's fault
	case limited.Err() != nil:
		return nil, 0, fmt.Errorf("took longer than %s and was stopped: read less, such as by $since", timeout)
	case err != nil:
		return nil, 0, c.moved(err)
	case len(rows) > maxRows:
		return nil, 0, fmt.Errorf("returns more than %d rows: narrow it down, or count in the statement", maxRows)
	}
	return c.groups(rows), len(rows), nil
}

func lowerKeys(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[strings.ToLower(k)] = v
	}
	return out
}

// groups puts rows that count together, in order of their first row.
func (c Checked) groups(rows []row) []group {
	byKey := map[string]*group{}
	var out []*group
	for _, r := range rows {
		if t := c.Threshold; t.Column != "" {
			if v, ok := number(r.values[t.Column]); !ok || v < t.AtLeast {
				continue
			}
		}
		k := c.key(r)
		g := byKey[k]
		if g == nil {
			g = &group{key: k}
			byKey[k] = g
			out = append(out, g)
		}
		g.rows = append(g.rows, r)
	}
	groups := make([]group, 0, len(out))
	for _, g := range out {
		if len(g.rows) >= c.Threshold.Rows {
			groups = append(groups, *g)
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Or(a.rows[0].at.Compare(b.rows[0].at), cmp.Compare(a.key, b.key)) })
	return groups
}

// key writes the values of the grouping columns. Addresses are compared in lower case, as everywhere.
func (c Checked) key(r row) string {
	var b bytes.Buffer
	for i, name := range c.Grouping {
		b.WriteByte("{,"[min(i, 1)])
		v := r.values[name]
		if s, ok := v.(string); ok && (name == "user_email" || name == "operator") {
			v = strings.ToLower(s)
		}
		text, err := plainJSON(v)
		if err != nil { // what was read from JSON can be written as JSON
			text = []byte("null")
		}
		fmt.Fprintf(&b, "%q:%s", name, text)
	}
	b.WriteByte('}')
	return b.String()
}

// plainJSON writes a value without escaping what only HTML would need.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// maxCatchUp bounds how many windows are made up for after runs were missed.
const maxCatchUp = 31

// windows are what is to be looked at up to now, when everything up to seen was looked at: one window that ends now, and before it as many as it takes to leave no gap,
// each as long as the head says, since a statement may count in it. A policy that is new looks at its window alone.
func (p Policy) windows(seen, now time.Time) []window {
	n := 1
	if gap := now.Sub(seen); !seen.IsZero() && gap > p.Window {
		n = int(min((gap+p.Window-1)/p.Window, maxCatchUp))
	}
	out := make([]window, n)
	for i := range out {
		until := now.Add(-time.Duration(n-1-i) * p.Window)
		out[i] = window{until.Add(-p.Window), until}
	}
	return out
}

// jitter is how much earlier than due a policy is run: schedulers start runs a little early or late.
const jitter = 5 * time.Minute

// due says whether a policy is to be run now.
func (p Policy) due(seen, now time.Time) bool {
	return seen.IsZero() || !now.Before(seen) && now.Sub(seen) >= p.Schedule.interval()-min(jitter, p.Schedule.interval())
}
