package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Sandbox opens an empty database in memory that has every table and view and can reach nothing else: what a stranger's statement means, and whether it would read files,
// shows here before it sees a row.
func Sandbox(ctx context.Context) (*DB, error) {
	db, err := Open(ctx, "", Options{Threads: 1, AppVersion: "sandbox"})
	if err != nil {
		return nil, fmt.Errorf("make a sandbox: %w", err)
	}
	if err := db.Confine(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// Confine takes from the database, until it is closed, everything that reaches beyond it: files, other databases, extensions, and the configuration that could give
// them back. A confined database cannot be published.
func (db *DB) Confine(ctx context.Context) error {
	for _, q := range []string{`SET enable_external_access = false`, `SET lock_configuration = true`} {
		if _, err := db.Exec(ctx, q); err != nil {
			return fmt.Errorf("confine the database: %w", err)
		}
	}
	return nil
}

// View runs f in a transaction that cannot write, whatever is run in it, and that ends without a trace.
func (db *DB) View(ctx context.Context, f func(tx *Tx) error) (err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	free := context.WithoutCancel(ctx) // cancelled while it begins or ends, it might stay open
	if _, err := db.exec(free, "BEGIN TRANSACTION READ ONLY"); err != nil {
		return err
	}
	defer func() {
		if _, rerr := db.exec(free, "ROLLBACK"); rerr != nil && err == nil {
			err = rerr
		}
	}()
	return f(&Tx{db})
}

// Rows runs a query whose columns are not known beforehand and hands its rows to f. Named parameters ($name) are given with sql.Named.
func (tx *Tx) Rows(ctx context.Context, f func(rows *sql.Rows) error, query string, args ...any) (err error) {
	rows, err := tx.db.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return classify(err)
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = classify(cerr)
		}
	}()
	if err := f(rows); err != nil {
		return err
	}
	return classify(rows.Err())
}

// Bind finds out what a statement means, without running it: an unknown column, table or function is the error.
func (tx *Tx) Bind(ctx context.Context, query string) error {
	st, err := tx.db.conn.PrepareContext(ctx, query)
	if err != nil {
		return classify(err)
	}
	return classify(st.Close())
}
