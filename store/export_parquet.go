package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Parquet is the format of files that other engines read as they are, with the types of the columns.
const Parquet = "parquet"

// exportParquet writes an export into a Parquet file at path as [DB.ExportFile] says. DuckDB writes it by itself, compressed by Zstandard: columns keep their types (times are TIMESTAMP in
// microseconds, UTC; lists stay lists; JSON is text), NaN and infinities included.
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
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o640))
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, classify(err))
	}
	defer func() { _ = f.Cleanup() }() // does nothing once the file is in place
	where := ""
	if e.Where != "" {
		where = " WHERE " + e.Where
	}
	// Into the file that is there, so that its mode stays.
	rows, err = db.exec(ctx, fmt.Sprintf(`COPY (SELECT * FROM main.%s%s ORDER BY %s) TO %s (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
		identifier(e.View), where, e.order(cols), quote(f.Name())))
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return rows, fmt.Errorf("write %s: %w", path, classify(err))
	}
	return rows, nil
}

// makeFolder makes the folder that a file of an export goes into.
func makeFolder(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("create folder of the export: %w", err)
	}
	return nil
}
