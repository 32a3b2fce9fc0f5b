package store

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/marcboeker/go-duckdb"
)

// Export says which rows go into a file and how they are written.
//
// CSV is RFC 4180 with line feeds and a header line: NULL and empty text are the empty cell, lists are joined by ";", and text that a spreadsheet would run as
// a formula gets a leading apostrophe (= + - @ TAB CR NUL in front); numbers never do. JSON is one array, NDJSON one object a line, both with typed values and columns of JSON
// text embedded; nothing is neutralised there. Times are RFC 3339 in UTC, dates YYYY-MM-DD, NaN and infinities are NULL. No rows make a valid empty file.
type Export struct {
	View   string // a view of schema main
	Format string // one of [ExportFormats]; in a file also [Parquet]

	// Where keeps the rows for which this SQL condition holds; it may have ? for Args. It is part of the program, never of what users type. "" keeps all.
	Where string
	Args  []any
	// OrderBy is what follows ORDER BY in SQL. "": the view's own order, by which the same rows always make the same file.
	OrderBy string
}

// exportPage is how many rows are in Go's memory at a time.
const exportPage = 20_000

// exportTable holds the rows of an export in their order while it runs. DuckDB spills a temporary table to disk; a result it would keep in memory whole.
const exportTable = "temp.zoomward_export"

// ExportFormats returns the formats of text that Export writes; each is the ending of its files too.
func ExportFormats() []string { return []string{"csv", "json", "ndjson"} }

// severityRank orders severities from the most to the least severe.
const severityRank = `list_position(['critical', 'high', 'medium', 'low', 'info'], severity)`

// viewOrder returns the order of a view's rows in files, "" for a view without one of its own.
func viewOrder(view string) string {
	switch view {
	case "activities":
		return "occurred_at, activity_id"
	case "alerts":
		return severityRank + ", window_start DESC, alert_id"
	case "baselines":
		return "user_email, behaviour"
	case "behaviors":
		return "window_start, behavior_id"
	case "failed_sign_ins":
		return "occurred_at, sign_in_id"
	case "calibration":
		return "week, nominal"
	case "observations":
		return "day, user_email, behaviour"
	case "operations":
		return "occurred_at, operation_id"
	case "policies":
		return "policy_id"
	case "posture_plan":
		return "rank, control_id"
	case "posture":
		return "control_id, resource_type, resource_id"
	case "posture_changes":
		return "changed_at, control_id, group_name, setting, change, old_value, new_value"
	case "posture_resources":
		return "control_id, resource_type, resource_id"
	case "posture_prevented":
		return "control_id, first_seen_at, alert_id"
	case "posture_score":
		return "at, run_id"
	case "rejected_rows":
		return "source, line, reason, raw"
	case "runs":
		return "started_at, run_id"
	case "settings":
		return "path"
	case "suppressions":
		return "set_at, alert_id"
	case "user_days":
		return "day, user_email"
	case "alert_history":
		return "set_at, alert_id, status, owner"
	case "risk_indicators":
		return "window_start, behavior_id, indicator"
	case "user_risk":
		return "score DESC, user_email"
	case "users":
		return "email"
	case "meetings":
		return "started_at, meeting_uuid"
	case "meeting_participants":
		return "joined_at, meeting_uuid, user_id, participant_id, name, left_at"
	case "recordings":
		return "started_at, meeting_uuid"
	case "chat_channels":
		return "channel_id"
	case "chat_channel_members":
		return "channel_id, member_id, user_id, email"
	case "chat_channel_activities", "meeting_activities":
		return "occurred_at, activity_id"
	case "roles":
		return "role_id"
	case "role_members":
		return "role_id, email, user_id"
	case "groups", "im_groups":
		return "group_id"
	case "scoped_settings":
		return "scope, scope_id, path"
	case "domains":
		return "kind, domain"
	case "apps":
		return "listing, app_id, name"
	case "daily_usage":
		return `"day"`
	case "telephone_usage":
		return "started_at, usage_id"
	case "user_details":
		return "user_id"
	case "user_assistants":
		return "user_id, email, assistant_id"
	case "upcoming_meetings":
		return "starts_at, meeting_id, host_id"
	case "remote_support":
		return "started_at, support_id"
	}
	return ""
}

// jsonText says whether a VARCHAR column of a view holds JSON text.
func jsonText(view, column string) bool {
	switch column {
	case "evidence", "contributions", "changes", "stages", "details":
		return true
	case "value":
		return view == "settings" || view == "scoped_settings"
	}
	return false
}

// ExportFile writes an export into the file at path, mode 0640, and returns the number of rows. The file is put in place by rename once it is whole: after an
// error the old one is still there.
func (db *DB) ExportFile(ctx context.Context, e Export, path string) (rows int64, err error) {
	dir := filepath.Dir(path)
	if err := MakeDir(dir); err != nil {
		return 0, fmt.Errorf("create folder of the export: %w", err)
	}
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithStaticPermissions(0o640))
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, classify(err))
	}
	defer func() { _ = f.Cleanup() }() // does nothing once the file is in place
	if e.Format == Parquet {
		rows, err = db.exportParquet(ctx, e, f.Name())
	} else {
		rows, err = db.Export(ctx, e, f)
	}
	if err != nil {
		return rows, fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return rows, fmt.Errorf("write %s: %w", path, classify(err))
	}
	return rows, nil
}

// Export writes an export to w and returns the number of rows. The rows are those of one moment, and only a page of them is in Go's memory at a time. Until it
// returns, the other methods of the database wait; w must not use them.
func (db *DB) Export(ctx context.Context, e Export, w io.Writer) (rows int64, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if !slices.Contains(ExportFormats(), e.Format) {
		return 0, fmt.Errorf("export %s: there is no format %q; there are %s", e.View, e.Format, strings.Join(ExportFormats(), ", "))
	}
	cols, err := db.exportColumns(ctx, e.View)
	if err != nil {
		return 0, err
	}
	query, last, err := exportQuery(e, cols)
	if err != nil {
		return 0, err
	}
	if _, err := db.exec(ctx, query, e.Args...); err != nil {
		return 0, fmt.Errorf("export %s: %w", e.View, err)
	}
	defer func() {
		// The context may be the reason for the end; it must not stop the tidying up.
		_, derr := db.exec(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+exportTable)
		err = errors.Join(err, derr)
	}()
	buf := bufio.NewWriterSize(w, 1<<16)
	out := newRowWriter(e.Format, buf, cols)
	if rows, err = db.exportPages(ctx, cols, last, out); err == nil {
		err = errors.Join(out.close(), buf.Flush())
	}
	if err != nil {
		return rows, fmt.Errorf("export %s: %w", e.View, classify(err))
	}
	return rows, nil
}

// exportPages hands the rows of the export table to out, page by page.
func (db *DB) exportPages(ctx context.Context, cols []exportColumn, query string, out rowWriter) (rows int64, err error) {
	err = db.conn.Raw(func(raw any) error {
		ar, err := duckdb.NewArrowFromConn(raw.(driver.Conn))
		if err != nil {
			return err
		}
		for {
			n, err := exportPageOf(ctx, ar, cols, fmt.Sprintf(query, rows, rows+exportPage), out)
			rows += n
			if err != nil || n < exportPage {
				return err
			}
		}
	})
	return rows, err
}

func exportPageOf(ctx context.Context, ar *duckdb.Arrow, cols []exportColumn, query string, out rowWriter) (rows int64, err error) {
	rd, err := ar.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rd.Release()
	cells := make([]cell, len(cols))
	for rd.Next() {
		rec := rd.Record()
		for i, c := range cols {
			if cells[i], err = cellOf(c, rec.Column(i)); err != nil {
				return rows, err
			}
		}
		for i := range int(rec.NumRows()) {
			if err := out.row(cells, i); err != nil {
				return rows, err
			}
			rows++
		}
	}
	return rows, rd.Err()
}

// source returns what follows FROM.
func (e *Export) source() string {
	if e.Where == "" {
		return "main." + identifier(e.View)
	}
	return "main." + identifier(e.View) + " WHERE " + e.Where
}

// order returns what follows ORDER BY.
func (e *Export) order(cols []exportColumn) string {
	if e.OrderBy != "" {
		return e.OrderBy
	}
	if order := viewOrder(e.View); order != "" {
		return order
	}
	all := make([]string, len(cols))
	for i, c := range cols {
		all[i] = identifier(c.name)
	}
	return strings.Join(all, ", ")
}

// exportQuery returns the statement that makes the export table, and the format of the one that reads rows (from, to] of it.
func exportQuery(e Export, cols []exportColumn) (create, page string, err error) {
	names, exprs := make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		names[i] = fmt.Sprintf("c%d", i) // own names: a column of the view may be called nth
		exprs[i] = c.expr + " AS " + names[i]
	}
	// The number of the row is a stored column, so that reading a page skips the blocks of all others.
	create = fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE %s AS SELECT row_number() OVER (ORDER BY %s) AS nth, %s FROM %s`,
		strings.TrimPrefix(exportTable, "temp."), e.order(cols), strings.Join(exprs, ", "), e.source())
	page = fmt.Sprintf(`SELECT %s FROM %s WHERE nth > %%d AND nth <= %%d ORDER BY nth`, strings.Join(names, ", "), exportTable)
	return create, page, nil
}

// exportColumns describes a view of schema main, whose name it looks up: nothing that is not a view gets into a statement.
func (db *DB) exportColumns(ctx context.Context, view string) ([]exportColumn, error) {
	var views struct {
		Name []string `col:"view_name"`
	}
	if err := db.read(ctx, &views, `SELECT view_name FROM duckdb_views()
		WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal ORDER BY view_name`); err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	if !slices.Contains(views.Name, view) {
		return nil, fmt.Errorf("export: there is no view %q; there are %s", view, strings.Join(views.Name, ", "))
	}
	var have struct {
		Name []string `col:"column_name"`
		Type []string `col:"column_type"`
	}
	if err := db.read(ctx, &have, `SELECT column_name, column_type FROM (DESCRIBE main.`+identifier(view)+`)`); err != nil {
		return nil, fmt.Errorf("describe view %s: %w", view, err)
	}
	cols := make([]exportColumn, len(have.Name))
	for i, name := range have.Name {
		cols[i] = exportColumn{name: name}
		cols[i].kind, cols[i].expr = exportType(have.Type[i], identifier(name), jsonText(view, name))
	}
	return cols, nil
}
