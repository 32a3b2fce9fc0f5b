package main

import (
	"context"
	"fmt"

	"github.com/zoomward/zoomward/store"
)

// shownSection is a section of the page on a control that lists the rows of a view beside posture.
type shownSection struct {
	Key   string     `json:"key"`
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
	Total int64      `json:"total"` // also of rows that are not listed
}

// A sectionOf says where the rows of a section come from. Of a database of an older version, which lacks the view, there is none.
type sectionOf struct {
	key, title, view string
	head             [4]string
	cells            [4]string // in SQL
	where, order     string    // the condition has one ? for the control
}

var showSections = []sectionOf{
	{
		key: "resources", title: "What does not hold or is not known", view: "posture_resources", head: [4]string{"STATUS", "KIND", "NAME", "OBSERVED"},
		cells: [4]string{"status", "resource_type", "coalesce(nullif(name, ''), resource_id)", "observed"},
		where: "control_id = ? AND status <> 'pass'", order: "status = 'unknown', name, resource_id",
	},
	{
		key: "alerts", title: "Alerts of late that it is there to prevent", view: "posture_prevented", head: [4]string{"SEVERITY", "FIRST SEEN", "USER", "ALERT"},
		cells: [4]string{"severity", "strftime(first_seen_at, '%Y-%m-%d %H:%M UTC')", "user_email", "detection_id || ' ' || alert_id"},
		where: "control_id = ?", order: "list_position(['critical', 'high', 'medium', 'low', 'info'], severity), first_seen_at DESC, alert_id",
	},
}

const (
	shownListed = 200 // rows of a section in JSON
	shownInText = 20  // and in the text
)

// readSections reads the sections that have rows.
func readSections(ctx context.Context, db store.Querier, controlID string) ([]*shownSection, error) {
	var out []*shownSection
	for _, x := range showSections {
		if n, err := count(ctx, db, "duckdb_views()", "schema_name = 'main' AND view_name = ?", x.view); err != nil {
			return nil, err
		} else if n == 0 {
			continue
		}
		total, err := count(ctx, db, x.view, x.where, controlID)
		if err != nil {
			return nil, err
		}
		if total == 0 {
			continue
		}
		var rows struct {
			A []string `col:"a"`
			B []string `col:"b"`
			C []string `col:"c"`
			D []string `col:"d"`
		}
		query := fmt.Sprintf(`SELECT %s AS a, %s AS b, %s AS c, %s AS d FROM %s WHERE %s ORDER BY %s LIMIT %d`,
			x.cells[0], x.cells[1], x.cells[2], x.cells[3], x.view, x.where, x.order, shownListed)
		if err := db.Read(ctx, &rows, query, controlID); err != nil {
			return nil, fmt.Errorf("read %s: %w", x.view, err)
		}
		s := &shownSection{Key: x.key, Title: x.title, Head: x.head[:], Total: total}
		for i := range rows.A {
			s.Rows = append(s.Rows, []string{rows.A[i], rows.B[i], rows.C[i], rows.D[i]})
		}
		out = append(out, s)
	}
	return out, nil
}
