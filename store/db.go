package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/marcboeker/go-duckdb"
)

// Options of Open. The zero value opens read-write with DuckDB's own defaults.
type Options struct {
	ReadOnly    bool
	Threads     int    // 0: one per core
	MemoryLimit string // as DuckDB writes it, such as "4GB"; "": 80 % of the machine
	AppVersion  string // noted with the migrations that this program applies
	Logger      *slog.Logger
}

// A Querier reads and writes: a database outside any transaction, or a transaction.
type Querier interface {
	// Exec runs a statement and returns the number of rows it changed.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Read runs a query and appends its rows to the frame that dst points to.
	Read(ctx context.Context, dst any, query string, args ...any) error
	// Row runs a query of one row.
	Row(ctx context.Context, query string, args ...any) *sql.Row
}

// DB is an open database. It holds one connection: its methods may be called from several goroutines, one after the other gets its turn.
type DB struct {
	mu   sync.Mutex
	sql  *sql.DB
	conn *sql.Conn
	path string
	log  *slog.Logger
}

// Tx is a running transaction. It must not outlive the function it was handed to.
type Tx struct{ db *DB }

var (
	_ Querier = (*DB)(nil)
	_ Querier = (*Tx)(nil)
)

// ErrLocked says that another process has the database file open in a way that keeps this one out.
var ErrLocked = errors.New("database is open in another process")

// ErrFull says that the disk, or the memory that DuckDB was given, is used up. What was committed before is safe.
var ErrFull = errors.New("no space left")

// Open opens the database at path, "" for one in memory. Unless read-only it creates the file with mode 0600 and brings its schema up to date. It sets the umask of the
// process to 077 (on Unix), so that DuckDB's log and temporary files are for the owner alone too: a file that others are to read needs its mode set afterwards.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	keepPrivate()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	dsn, err := dataSource(path, o)
	if err != nil {
		return nil, err
	}
	fresh, left := false, false
	if path != "" && !o.ReadOnly {
		if fresh, err = isNew(path); err != nil {
			return nil, err
		}
		left = leftLog(path)
	}
	connector, err := duckdb.NewConnector(dsn, nil)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, classify(err))
	}
	db := &DB{sql: sql.OpenDB(connector), path: path, log: o.Logger}
	if db.conn, err = db.sql.Conn(ctx); err != nil {
		_ = db.sql.Close()
		return nil, fmt.Errorf("open database %s: %w", path, classify(err))
	}
	if fresh { // DuckDB refuses a file that was made for it
		if err := os.Chmod(path, 0o600); err != nil {
			_ = db.Close()
			return nil, fmt.Errorf("keep the database private: %w", err)
		}
	}
	if left {
		// DuckDB 1.1 reads a log whose last entry was cut off by a kill up to there, and then writes on behind the rest of that entry: what comes after is lost, or the database cannot be
		// opened any more (https://github.com/duckdb/duckdb/pull/14785, mended in 1.2). A checkpoint before anything is written begins a new log.
		if _, err := db.exec(ctx, `CHECKPOINT`); err != nil {
			_ = db.Close()
			return nil, fmt.Errorf("take over what a killed process left in %s: %w", path, err)
		}
	}
	if !o.ReadOnly {
		if err := db.migrate(ctx, o.AppVersion); err != nil {
			_ = db.Close()
			return nil, fmt.Errorf("bring the schema of %s up to date: %w", path, err)
		}
	}
	return db, nil
}

func dataSource(path string, o Options) (string, error) {
	if strings.ContainsAny(path, "?%#") {
		return "", fmt.Errorf("database path %q: the characters ? %% # cannot be part of it", path)
	}
	q := url.Values{}
	// A mistyped function must be an error here, not a download.
	q.Set("autoinstall_known_extensions", "false")
	q.Set("autoload_known_extensions", "false")
	if o.ReadOnly {
		q.Set("access_mode", "read_only")
	}
	if o.Threads > 0 {
		q.Set("threads", strconv.Itoa(o.Threads))
	}
	if o.MemoryLimit != "" {
		q.Set("memory_limit", o.MemoryLimit)
	}
	return path + "?" + q.Encode(), nil
}

// isNew says whether there is no file at path yet, and makes its folder.
func isNew(path string) (bool, error) {
	if err := MakeDir(filepath.Dir(path)); err != nil {
		return false, fmt.Errorf("create folder of the database: %w", err)
	}
	_, err := os.Stat(path)
	if err == nil {
		return false, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("look for the database: %w", err)
	}
	return true, nil
}

// leftLog says whether the process before left a log of writes that are not in the file yet.
func leftLog(path string) bool {
	info, err := os.Stat(path + ".wal")
	return err == nil && info.Size() > 0
}

// Path returns what Open was given.
func (db *DB) Path() string { return db.path }

// Close writes what is pending into the file and closes it.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	err := errors.Join(db.conn.Close(), db.sql.Close())
	if err != nil {
		return fmt.Errorf("close database: %w", classify(err))
	}
	return nil
}

// Exec implements Querier.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.exec(ctx, query, args...)
}

// Read implements Querier.
func (db *DB) Read(ctx context.Context, dst any, query string, args ...any) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.read(ctx, dst, query, args...)
}

// Row implements Querier.
func (db *DB) Row(ctx context.Context, query string, args ...any) *sql.Row {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.conn.QueryRowContext(ctx, query, args...)
}

// Tx runs f in a transaction: committed when f returns nil, rolled back when it returns an error or panics. Inside f only the transaction's own methods may be
// used; those of the DB would wait for ever.
func (db *DB) Tx(ctx context.Context, f func(tx *Tx) error) (err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	// Cancelled while it begins, a transaction may be open all the same, and nobody would end it.
	if _, err := db.exec(context.WithoutCancel(ctx), "BEGIN TRANSACTION"); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			// The context may be the reason for the roll-back; it must not stop it.
			if _, rerr := db.exec(context.WithoutCancel(ctx), "ROLLBACK"); rerr != nil && err != nil {
				err = errors.Join(err, rerr)
			}
		}
	}()
	if err := f(&Tx{db}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done = true
	if _, err := db.exec(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		// A commit that fails has rolled back already, unless it failed before it began.
		_, _ = db.exec(context.WithoutCancel(ctx), "ROLLBACK")
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Exec implements Querier.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return tx.db.exec(ctx, query, args...)
}

// Read implements Querier.
func (tx *Tx) Read(ctx context.Context, dst any, query string, args ...any) error {
	return tx.db.read(ctx, dst, query, args...)
}

// Row implements Querier.
func (tx *Tx) Row(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.db.conn.QueryRowContext(ctx, query, args...)
}

func (db *DB) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := db.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, classify(err)
	}
	n, err := res.RowsAffected()
	return n, classify(err)
}

func (db *DB) read(ctx context.Context, dst any, query string, args ...any) error {
	cols, err := columnsOf(dst)
	if err != nil {
		return err
	}
	if !cols[0].slice.CanSet() {
		return fmt.Errorf("frame %T is not a pointer", dst)
	}
	return db.conn.Raw(func(raw any) error {
		ar, err := duckdb.NewArrowFromConn(raw.(driver.Conn))
		if err != nil {
			return err
		}
		rd, err := ar.QueryContext(ctx, query, args...)
		if err != nil {
			return classify(err)
		}
		defer rd.Release()
		index := make([]int, len(cols))
		if got, want := rd.Schema().NumFields(), len(cols); got != want {
			return fmt.Errorf("query returns %d columns, the frame %T has %d", got, dst, want)
		}
		for i, c := range cols {
			at := rd.Schema().FieldIndices(c.name)
			if len(at) != 1 {
				return fmt.Errorf("query returns no single column %s that the frame %T asks for", c.name, dst)
			}
			index[i] = at[0]
		}
		for rd.Next() {
			rec := rd.Record()
			for i, c := range cols {
				if err := appendArrow(c, rec.Column(index[i])); err != nil {
					return err
				}
			}
		}
		return rd.Err()
	})
}

// classify gives the errors that callers tell apart a name; the driver hands them over as text.
func classify(err error) error {
	if err == nil || errors.Is(err, ErrFull) || errors.Is(err, ErrLocked) {
		return err
	}
	switch text := err.Error(); {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG): // our own writing of files
		return fmt.Errorf("%w: %w", ErrFull, err)
	case strings.Contains(text, "Could not set lock on file"):
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case strings.Contains(text, "No space left on device"), strings.Contains(text, "could not write all data"),
		strings.Contains(text, "Could not write all"), strings.Contains(text, "Out of Memory Error"), strings.Contains(text, "File too large"):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
