package store

import (
	"context"
	"fmt"
)

// Parquet is the format of files that other engines read as they are, with the types of the columns.
const Parquet = "parquet"

// exportParquet writes an export into the file at path, which is there: its mode stays. DuckDB writes it by itself, compressed by Zstandard: columns keep their types (times are TIMESTAMP
// in microseconds, UTC; lists stay lists; JSON is text), NaN and infinities included.
func (db *DB) exportParquet(ctx context.Context, e Export, path string) (rows int64, err error) {
	if len(e.Args) > 0 {
		return 0, fmt.Errorf("export %s: a Parquet file takes no arguments", e.View) // COPY has none
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	cols, err := db.exportColumns(ctx, e.View)
	if err != nil {
		return 0, err
	}
	rows, err = db.exec(ctx, fmt.Sprintf(`COPY (SELECT * FROM %s ORDER BY %s) TO %s (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`, e.source(), e.order(cols), quote(path)))
	if err != nil {
		return 0, fmt.Errorf("export %s: %w", e.View, err)
	}
	return rows, nil
}
