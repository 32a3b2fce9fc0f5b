package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// landChunk is how many rows are copied into Arrow at a time: enough to keep DuckDB's vectors full, few enough to keep the copy small.
const landChunk = 100_000

// incoming is the name under which DuckDB sees the rows that are being landed.
const incoming = "zoomward_incoming"

// Append adds every row of the frame to the table (schema.table) and returns how many there were. Columns of the table that the frame lacks become NULL or
// their default.
func (tx *Tx) Append(ctx context.Context, table string, rows any) (int64, error) {
	return tx.insert(ctx, table, "", rows, func(list string) string {
		return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", table, list, list, incoming)
	})
}

// Land adds the rows whose key is not in the table yet; of rows with equal keys the first one lands. It returns how many landed, so that reading the same rows
// again lands nothing.
func (tx *Tx) Land(ctx context.Context, table, key string, rows any) (int64, error) {
	return tx.insert(ctx, table, key, rows, func(list string) string {
		return fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM %[4]s AS i WHERE NOT EXISTS (SELECT 1 FROM %[1]s AS t WHERE t.%[3]s = i.%[3]s)`,
			table, list, identifier(key), incoming)
	})
}

// insert adds rows in chunks. With a key, only the first of the rows that share it is offered.
func (tx *Tx) insert(ctx context.Context, table, key string, rows any, statement func(columns string) string) (int64, error) {
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
	query := statement(strings.Join(names, ", "))
	var landed int64
	for from := 0; from < n; from += landChunk {
		rec, err := recordOf(cols, from, min(from+landChunk, n))
		if err != nil {
			return 0, fmt.Errorf("land into %s: %w", table, err)
		}
		err = tx.db.conn.Raw(func(raw any) error {
			return withView(raw.(driver.Conn), rec, incoming, func() error {
				res, err := raw.(driver.ExecerContext).ExecContext(ctx, query, nil)
				if err != nil {
					return classify(err)
				}
				count, err := res.RowsAffected()
				landed += count
				if err != nil {
					return err
				}
				// The driver makes the view part of the schema; it must be gone before the transaction ends.
				_, err = raw.(driver.ExecerContext).ExecContext(ctx, "DROP VIEW "+incoming, nil)
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
