package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// unpublished is a schema whose tables mean nothing to a reader and would be most of the file: it is left out of what is published.
const unpublished = "checkpoints"

// Publish writes a compact copy of the whole database beside path and puts it there by rename: whoever has the old file open keeps reading it undisturbed,
// whoever opens path afterwards sees the new one. The copy has mode 0440: it is for reading.
func (db *DB) Publish(ctx context.Context, path string) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	tmp := path + ".new"
	if err := db.publish(ctx, tmp, path); err != nil {
		_, _ = os.Remove(tmp), os.Remove(tmp+".wal")
		return fmt.Errorf("publish %s: %w", path, classify(err))
	}
	return nil
}

func (db *DB) publish(ctx context.Context, tmp, path string) error {
	for _, old := range []string{tmp, tmp + ".wal"} { // of a run that was killed
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := db.copyTo(ctx, tmp); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o440); err != nil {
		return err
	}
	if err := syncFile(tmp); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func (db *DB) copyTo(ctx context.Context, file string) (err error) {
	var name string
	if err := db.conn.QueryRowContext(ctx, `SELECT current_database()`).Scan(&name); err != nil {
		return classify(err)
	}
	if _, err := db.exec(ctx, `ATTACH `+quote(file)+` AS zoomward_snapshot`); err != nil {
		return err
	}
	defer func() {
		// After a copy that failed this may fail too, from the same cause.
		if _, derr := db.exec(context.WithoutCancel(ctx), `DETACH zoomward_snapshot`); err == nil {
			err = derr
		}
	}()
	if _, err := db.exec(ctx, `COPY FROM DATABASE `+identifier(name)+` TO zoomward_snapshot (SCHEMA)`); err != nil {
		return err
	}
	var tables struct {
		Schema []string `col:"schema_name"`
		Table  []string `col:"table_name"`
	}
	err = db.read(ctx, &tables, `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND NOT internal AND NOT temporary ORDER BY 1, 2`, name)
	if err != nil {
		return err
	}
	for i, schema := range tables.Schema {
		table := identifier(schema) + "." + identifier(tables.Table[i])
		if schema == unpublished {
			continue
		}
		if _, err := db.exec(ctx, `INSERT INTO zoomward_snapshot.`+table+` SELECT * FROM `+identifier(name)+`.`+table); err != nil {
			return err
		}
	}
	if _, err := db.exec(ctx, `DROP SCHEMA IF EXISTS zoomward_snapshot.`+unpublished+` CASCADE`); err != nil {
		return err
	}
	_, err = db.exec(ctx, `CHECKPOINT zoomward_snapshot`)
	return err
}

// syncFile makes sure that the bytes are on disk before a name points to them.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// quote writes a string as an SQL literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// identifier writes a name as an SQL identifier.
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
