package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// operationRows are rows of ingest.operations.
type operationRows struct {
	repeated
	ID       []string    `col:"operation_id"`
	Operator []string    `col:"operator,null"`
	At       []time.Time `col:"occurred_at"`
	Category []string    `col:"category,null"`
	Action   []string    `col:"action,null"`
	Detail   []string    `col:"detail,null"`
	Subject  []string    `col:"subject,null"`
	Setting  []string    `col:"setting,null"`
	Old      []string    `col:"old_value,null"`
	New      []string    `col:"new_value,null"`
	Changes  []string    `col:"changes,null"`
	Batch    []int64     `col:"batch"`
	RunID    []string    `col:"run_id"`
}

func readOperations(ctx context.Context, r *runner, rep *FeedReport) error {
	return r.readReport(ctx, reportFeed{feed: rep.Feed,
		read: func(ctx context.Context, r *runner, w Window) (lander, counts, error) {
			var rows *operationRows
			var c counts
			err := r.Client.Operations(ctx, w.From, w.To, func(p zoom.Page[zoom.Operation]) error {
				if p.Number == 1 || rows == nil {
					rows, c = &operationRows{}, counts{}
				}
				c.rejectAll(p.Rejected)
				rows.turn()
				for i := range p.Rows {
					if err := rows.add(r, &p.Rows[i], &c); err != nil {
						return err
					}
				}
				return nil
			})
			if rows == nil {
				rows = &operationRows{}
			}
			return rows, c, err
		}}, rep)
}

// change is one change of an operation, as the column changes holds it.
type change struct {
	Setting string `json:"setting"`
	Old     string `json:"old"`
	New     string `json:"new"`
}

// add maps a row as Zoom sent it. Rows of the system have no operator and land without one.
func (f *operationRows) add(r *runner, o *zoom.Operation, c *counts) error {
	switch {
	case o.Time.Before(earliestTime):
		c.reject(badTime)
		return nil
	case o.Time.After(r.Now):
		c.later++
		return nil
	}
	id := identity("operations", o.Time.UTC().Format(time.RFC3339Nano), o.Operator, o.Category, o.Action, o.Detail)
	if f.again(id) {
		return nil
	}
	d := zoom.ParseDetail(o.Detail)
	subject := strings.TrimSpace(d.Subject)
	if who := d.Target(); who != "" {
		subject = email(who) // joins with the users
	}
	var first change
	var changes string
	if len(d.Changes) > 0 {
		first = change(d.Changes[0])
		all := make([]change, len(d.Changes))
		for i, c := range d.Changes {
			all[i] = change(c)
		}
		text, err := compactJSON(all)
		if err != nil {
			return fmt.Errorf("write changes: %w", err)
		}
		changes = text
	}
	f.ID = append(f.ID, id)
	f.Operator = append(f.Operator, email(o.Operator))
	f.At = append(f.At, o.Time.UTC())
	f.Category = append(f.Category, o.Category)
	f.Action = append(f.Action, o.Action)
	f.Detail = append(f.Detail, o.Detail)
	f.Subject = append(f.Subject, subject)
	f.Setting = append(f.Setting, first.Setting)
	f.Old = append(f.Old, first.Old)
	f.New = append(f.New, first.New)
	f.Changes = append(f.Changes, changes)
	return nil
}

func (f *operationRows) ids() ([]string, []int64) { return f.ID, f.Repeats }

func (f *operationRows) land(ctx context.Context, r *runner, tx *store.Tx) (int64, error) {
	n, _, err := landFrame(ctx, tx, "operations", f, nil, r.RunID)
	return n, err
}

func (f *operationRows) stamp(batch int64, runID string) {
	f.Batch, f.RunID = stamps(len(f.ID), batch, runID)
}

// compactJSON writes a value on one line, with < > & as they are: the text is for people and databases, not for HTML.
func compactJSON(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
