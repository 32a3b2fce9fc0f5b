package policy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A Checker finds out whether policies can be run. It holds an empty database that reaches nothing: a statement that would read a file fails here.
type Checker struct {
	db    *store.DB
	views []string
}

// NewChecker makes a checker; it is to be closed.
func NewChecker(ctx context.Context) (*Checker, error) {
	db, err := store.Sandbox(ctx)
	if err != nil {
		return nil, err
	}
	var v struct {
		Name []string `col:"view_name"`
	}
	if err := db.Read(ctx, &v, `SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal ORDER BY 1`); err != nil {
		return nil, errors.Join(fmt.Errorf("list the views: %w", err), db.Close())
	}
	return &Checker{db, v.Name}, nil
}

// Close closes the checker.
func (c *Checker) Close() error { return c.db.Close() }

// checkTime bounds how long it takes to find out what a statement means.
const checkTime = 10 * time.Second

// Check says whether a policy can be run: one SELECT, over views that exist, with the columns that its head needs. Nothing of the account is read.
func (c *Checker) Check(ctx context.Context, p Policy) (Checked, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	out, err := c.check(ctx, p)
	if err != nil {
		return out, fmt.Errorf("policy %s: %w", p.File, err)
	}
	return out, nil
}

// Checked is a policy that can be run.
type Checked struct {
	Policy
	Columns    []string // that it returns
	parameters []string // that it uses
}

func (c *Checker) check(ctx context.Context, p Policy) (Checked, error) {
	out := Checked{Policy: p}
	var serialized string
	if err := c.db.Row(ctx, `SELECT json_serialize_sql(?::VARCHAR)::VARCHAR`, p.SQL).Scan(&serialized); err != nil {
		return out, fmt.Errorf("parse the statement: %w", err)
	}
	st, err := readStatement(serialized, c.views)
	if err != nil {
		return out, fmt.Errorf("the statement %w", p.moved(err))
	}
	out.parameters = st.parameters
	types := map[string]string{}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		if err := tx.Bind(ctx, p.SQL); err != nil {
			return err
		}
		return tx.Rows(ctx, func(rows *sql.Rows) error {
			cols, err := rows.ColumnTypes()
			if err != nil {
				return err
			}
			for _, t := range cols {
				name := strings.ToLower(t.Name())
				types[name] = t.DatabaseTypeName()
				out.Columns = append(out.Columns, name)
			}
			return nil
		}, "SELECT * FROM (\n"+p.SQL+"\n) AS p LIMIT 0", out.arguments(time.Time{}, time.Time{}.Add(p.Window))...)
	})
	if err != nil {
		return out, fmt.Errorf("the statement: %w", p.moved(err))
	}
	return out, checkColumns(p, types)
}

// checkColumns refuses a statement that does not return what the head needs.
func checkColumns(p Policy, types map[string]string) error {
	have := strings.Join(slices.Sorted(maps.Keys(types)), ", ")
	need := append([]string{"occurred_at"}, p.Grouping...)
	if p.Threshold.Column != "" {
		need = append(need, p.Threshold.Column)
	}
	for _, n := range need {
		if _, ok := types[n]; !ok {
			return fmt.Errorf("the statement returns no column %s, which the head needs: it returns %s", n, have)
		}
	}
	if t := types["occurred_at"]; t != "TIMESTAMP" {
		return fmt.Errorf("occurred_at is of type %s: make it the TIMESTAMP (UTC) of what the row tells of", t)
	}
	if col := p.Threshold.Column; col != "" && !isNumber(types[col]) {
		return fmt.Errorf("threshold: column %s is of type %s, which is no number", col, types[col])
	}
	return nil
}

func isNumber(t string) bool {
	return slices.Contains([]string{"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"}, t) || strings.HasPrefix(t, "DECIMAL")
}

// arguments are the parameters that the statement uses.
func (c Checked) arguments(since, until time.Time) (args []any) {
	for _, name := range c.parameters {
		at := since
		if name == "until" {
			at = until
		}
		args = append(args, sql.Named(name, at.UTC()))
	}
	return args
}

var duckLine = regexp.MustCompile(`LINE (\d+):`)

// moved counts the lines in DuckDB's message from the beginning of the file, and makes one line of it: the mark below a column means nothing in a table or a log.
func (p Policy) moved(err error) error {
	var parts []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && line != "^" {
			parts = append(parts, line)
		}
	}
	text := strings.Join(parts, "; ")
	text = duckLine.ReplaceAllStringFunc(text, func(m string) string {
		n, _ := strconv.Atoi(duckLine.FindStringSubmatch(m)[1])
		return fmt.Sprintf("line %d of the file:", n+p.line-1)
	})
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
