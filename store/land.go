package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
)

// landChunk is how many rows are copied into Arrow at a time: enough to keep DuckDB's vectors full, few enough to keep the copy small.
const landChunk = 100_000

// incoming is the name under which DuckDB sees the rows that are being landed.
const incoming = "zoomward_incoming"

// Append adds every row of the frame to the table (schema.table) and returns how many there were. Columns of the table that the frame lacks become NULL or
// their default.
func (tx *Tx) Append(ctx context.Context, table string, rows any) (int64, error) {
	return tx.insert(ctx, table, "", rows, func(columns []string) []string {
		list := strings.Join(columns, ", ")
		return []string{fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", table, list, list, incoming)}
	})
}

// Land adds the rows whose key is not in the table yet; of rows with equal keys the first one lands. It returns how many landed, so that reading the same rows
// again lands nothing.
func (tx *Tx) Land(ctx context.Context, table, key string, rows any) (int64, error) {
	return tx.insert(ctx, table, key, rows, func(columns []string) []string {
		return []string{landNew(table, key, strings.Join(columns, ", "), incoming)}
	})
}

func landNew(table, key, columns, from string) string {
	return fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM %[4]s AS i WHERE NOT EXISTS (SELECT 1 FROM %[1]s AS t WHERE t.%[3]s = i.%[3]s)`,
		table, columns, identifier(key), from)
}

// staged is where rows wait that two statements need.
const staged = "temp.zoomward_staged"

// Upsert is Land for rows that change: a row whose key is there already replaces what it holds when the two differ in the column hash. The columns named in keep
// stay as they were. It returns how many rows were added or changed.
func (tx *Tx) Upsert(ctx context.Context, table, key, hash string, rows any, keep ...string) (int64, error) {
	return tx.insert(ctx, table, key, rows, func(columns []string) []string {
		var set []string
		for _, c := range columns {
			if name := strings.Trim(c, `"`); name != key && !slices.Contains(keep, name) {
				set = append(set, fmt.Sprintf("%[1]s = i.%[1]s", c))
			}
		}
		list := strings.Join(columns, ", ")
		return []string{
			// DuckDB asks a stream of Arrow for the columns that a statement uses and in its order, and the driver's hands out all in its own. So the rows are
			// copied first, by a statement that uses every column in order.
			fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE %s AS SELECT %s FROM %s`, strings.TrimPrefix(staged, "temp."), list, incoming),
			fmt.Sprintf(`UPDATE %[1]s AS t SET %[2]s FROM %[5]s AS i WHERE t.%[3]s = i.%[3]s AND t.%[4]s IS DISTINCT FROM i.%[4]s`,
				table, strings.Join(set, ", "), identifier(key), identifier(hash), staged),
			landNew(table, key, list, staged),
			`DROP TABLE ` + staged,
		}
	})
}

// insert adds rows in chunks. With a key, only the first of the rows that share it is offered.
func (tx *Tx) insert(ctx context.Context, table, key string, rows any, statements func(columns []string) []string) (int64, error) {
	cols, err := columnsOf(rows)
	if err != nil {
		return 0, err
	}
	n, err := rowsOf(cols)
	if err != nil {
		return 0, fmt.Errorf("land into %s: %w", table, err)
	}
	if key != "" {
		if cols, n, err = distinct(cols, n, key); err != nil {
			return 0, fmt.Errorf("land into %s: %w", table, err)
		}
	}
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = `"` + c.name + `"`
	}
	queries := statements(names)
	var landed int64
	for from := 0; from < n; from += landChunk {
		rec, err := recordOf(cols, from, min(from+landChunk, n))
		if err != nil {
			return 0, fmt.Errorf("land into %s: %w", table, err)
		}
		err = tx.db.conn.Raw(func(raw any) error {
			return withView(raw.(driver.Conn), rec, incoming, func() error {
				for i, query := range queries {
					res, err := raw.(driver.ExecerContext).ExecContext(ctx, query, nil)
					if err != nil {
						return classify(err)
					}
					if i > 0 || len(queries) == 1 { // the first of several only copies
						count, err := res.RowsAffected()
						if err != nil {
							return err
						}
						landed += count
					}
				}
				// The driver makes the view part of the schema; it must be gone before the transaction ends.
				_, err := raw.(driver.ExecerContext).ExecContext(ctx, "DROP VIEW "+incoming, nil)
				return err
			})
		})
		rec.Release()
		if err != nil {
			return 0, fmt.Errorf("land into %s: %w", table, err)
		}
	}
	return landed, nil
}
