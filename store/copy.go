package store

import (
	"context"
	"fmt"
)

// CopyFrom adds the rows of tables (schema.table) of another database file to the tables of the same names here. Columns that the other file lacks become NULL or their
// default. The other file is opened for reading; this process must not have it open already.
func (db *DB) CopyFrom(ctx context.Context, path string, tables ...string) (err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if _, err := db.exec(ctx, `ATTACH `+quote(path)+` AS zoomward_source (READ_ONLY)`); err != nil {
		return fmt.Errorf("copy from %s: %w", path, err)
	}
	defer func() {
		if _, derr := db.exec(context.WithoutCancel(ctx), `DETACH zoomward_source`); err == nil && derr != nil {
			err = fmt.Errorf("copy from %s: %w", path, derr)
		}
	}()
	for _, t := range tables {
		if _, err := db.exec(ctx, `INSERT INTO `+t+` BY NAME SELECT * FROM zoomward_source.`+t); err != nil {
			return fmt.Errorf("copy %s from %s: %w", t, path, err)
		}
	}
	return nil
}
