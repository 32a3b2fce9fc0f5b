package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"github.com/zoomward/zoomward/store"
)

// runInfo identifies one run in the database and in the logs.
type runInfo struct {
	ID      string
	Command string
	AsOf    time.Time // the clock of the data: windows, days, verdicts
	Started time.Time // the real clock
}

// stage is one step of a run. It returns its figures for the runs view; a partial error is kept for the end, any other ends the run.
type stage struct {
	name string
	do   func(ctx context.Context, a *app, db *store.DB, r runInfo) (figures any, err error)
}

// diedRun is the error of a run that was killed.
const diedRun = "did not come to its end"

// partialError says that some feeds failed and everything that landed is kept.
func partialError(err error) error { return &exitError{code: exitPartial, err: err} }

// workPath is the private file that a run works in; the published file is a copy of it.
func workPath(db string) string { return db + ".work" }

// asOf is the clock of the data.
func (a *app) asOf() time.Time {
	if !a.cfg.AsOf.IsZero() {
		return a.cfg.AsOf
	}
	return a.wall().UTC()
}

// withWork takes the lock, opens the working file, runs f and publishes when f was not stopped by an error other than a partial one. after, if not nil, runs once
// that is done: whatever goes wrong in it, analysts have their database.
func (a *app) withWork(ctx context.Context, command string, f, after func(db *store.DB) error) (err error) {
	if err := checkDatabase(&a.cfg); err != nil {
		return err
	}
	release, err := takeLock(ctx, a.cfg.DB, command, a.wall(), a.patience)
	if err != nil {
		return err
	}
	defer release()
	if err := restoreWork(a.cfg.DB); err != nil {
		return err
	}
	db, err := store.Open(ctx, workPath(a.cfg.DB), store.Options{
		Threads: a.cfg.Threads, MemoryLimit: a.cfg.MemoryLimit, Logger: a.log, AppVersion: versionText(),
	})
	if errors.Is(err, store.ErrLocked) {
		return withHint(&exitError{code: exitLocked, err: err}, "%s is private to zoomward: query %s instead", workPath(a.cfg.DB), a.cfg.DB)
	}
	if err != nil {
		return whenFull(err, a.cfg.DB)
	}
	defer func() { err = whenFull(errors.Join(err, db.Close()), a.cfg.DB) }()
	err = f(db)
	if err != nil && exitCode(err) != exitPartial {
		return err
	}
	if perr := db.Publish(ctx, a.cfg.DB); perr != nil {
		return perr
	}
	a.log.InfoContext(ctx, "published", "path", a.cfg.DB)
	if after == nil {
		return err
	}
	return both(err, after(db))
}

// both joins the error of a run that is published (a partial one or none) and that of what came after it. A failure outweighs partial, and partial outweighs
// findings: whoever looks at the exit code alone must learn that something was not seen.
func both(partial, after error) error {
	err := errors.Join(partial, after)
	if after != nil && exitCode(after) == exitFailed {
		return &exitError{code: exitFailed, err: err}
	}
	return err
}

// restoreWork starts a lost working file from the published one: Zoom keeps six months, the file may hold years.
func restoreWork(path string) error {
	work := workPath(path)
	if _, err := os.Stat(work); !errors.Is(err, fs.ErrNotExist) {
		return nil // there, or in a state that opening it will tell of
	}
	published, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the first run
	}
	if err != nil {
		return fmt.Errorf("restore the working file: %w", err)
	}
	defer published.Close()
	f, err := renameio.NewPendingFile(work, renameio.WithTempDir(filepath.Dir(work)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return fmt.Errorf("restore the working file: %w", err)
	}
	defer f.Cleanup() //nolint:errcheck // nothing is left to do about a temporary file that stays
	if _, err := io.Copy(f, published); err != nil {
		return fmt.Errorf("restore the working file: %w", err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("restore the working file: %w", err)
	}
	return nil
}

// whenFull adds to an error for want of room what to do. Of several errors in a row it keeps the first: the others met the same full disk.
func whenFull(err error, db string) error {
	if !errors.Is(err, store.ErrFull) {
		return err
	}
	for {
		several, ok := err.(interface{ Unwrap() []error })
		if !ok || !errors.Is(several.Unwrap()[0], store.ErrFull) {
			break
		}
		err = several.Unwrap()[0]
	}
	return withHint(err, "make room on the disk of %s (or raise duckdb.memory_limit) and run again: what was landed and scored so far is kept", db)
}

// runStages runs stages one after the other as one run, noted in the database from its start to its end. after, if not nil, runs once the stages are done
// and published.
func (a *app) runStages(ctx context.Context, command string, stages []stage, after func(db *store.DB, r runInfo) error) error {
	var r runInfo
	figures := map[string]any{}
	return a.withWork(ctx, command, func(db *store.DB) error {
		r = runInfo{ID: newRunID(a.wall()), Command: command, AsOf: a.asOf(), Started: a.wall().UTC()}
		plain := a.log
		a.log = plain.With("run_id", r.ID)
		defer func() { a.log = plain }()
		// A run that was killed never wrote its end; nobody else holds the lock, so it is not running.
		if _, err := db.Exec(ctx, `UPDATE meta.runs SET status = 'failed', error = ? WHERE status = 'running'`, diedRun); err != nil {
			return fmt.Errorf("note run: %w", err)
		}
		if _, err := db.Exec(ctx, `INSERT INTO meta.runs (run_id, command, version, account_id, as_of, started_at, status) VALUES (?, ?, ?, nullif(?, ''), ?, ?, 'running')`,
			r.ID, command, versionText(), a.cfg.AccountID, r.AsOf, r.Started); err != nil {
			return fmt.Errorf("note run: %w", err)
		}
		var partial, failed error
		for _, s := range stages {
			start := a.wall()
			a.log.InfoContext(ctx, "stage started", "stage", s.name)
			f, err := s.do(ctx, a, db, r)
			took := a.wall().Sub(start)
			figures[s.name] = map[string]any{"seconds": took.Round(time.Millisecond).Seconds(), "figures": f}
			if err != nil && exitCode(err) == exitPartial {
				partial = errors.Join(partial, err)
			} else if err != nil {
				if failed = err; !strings.HasPrefix(err.Error(), s.name+": ") {
					failed = fmt.Errorf("%s: %w", s.name, err)
				}
				break
			}
			a.log.InfoContext(ctx, "stage done", "stage", s.name, "dur_ms", took.Milliseconds())
		}
		outcome := failed
		status := "failed"
		if failed == nil {
			if status = "done"; partial != nil {
				status = "partial"
			}
			outcome = partial
		}
		if err := a.noteEnd(ctx, db, r, status, outcome, figures); err != nil {
			return errors.Join(outcome, err)
		}
		return outcome
	}, func(db *store.DB) error {
		if after == nil {
			return nil
		}
		err := after(db, r)
		if exitCode(err) == exitFailed { // what is published says done; status looks here as well
			err = errors.Join(err, a.noteEnd(ctx, db, r, "failed", err, figures))
		}
		return err
	})
}

// noteEnd writes how a run ended, also when the end is that it was interrupted.
func (a *app) noteEnd(ctx context.Context, db *store.DB, r runInfo, status string, outcome error, figures map[string]any) error {
	text, err := json.Marshal(figures)
	if err != nil {
		return fmt.Errorf("note run: %w", err)
	}
	message := ""
	if outcome != nil {
		message = describe(outcome)
	}
	_, err = db.Exec(context.WithoutCancel(ctx), `UPDATE meta.runs SET finished_at = ?, status = ?, error = nullif(?, ''), stages = ? WHERE run_id = ?`,
		a.wall().UTC(), status, message, string(text), r.ID)
	if err != nil {
		return fmt.Errorf("note run: %w", err)
	}
	return nil
}

// newRunID sorts by time and is unique.
func newRunID(now time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// openPublished opens the published file for reading.
func (a *app) openPublished(ctx context.Context) (*store.DB, error) {
	if err := checkDatabase(&a.cfg); err != nil {
		return nil, err
	}
	probe, err := os.Open(a.cfg.DB) // its errors are plainer than DuckDB's
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, noDatabase(a.cfg.DB)
	case errors.Is(err, fs.ErrPermission):
		return nil, withHint(fmt.Errorf("open database: %w", err), "the published file is for its owner and group: have yourself added to the group")
	case err != nil:
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := probe.Close(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return store.Open(ctx, a.cfg.DB, store.Options{ReadOnly: true, Threads: a.cfg.Threads, MemoryLimit: a.cfg.MemoryLimit, Logger: a.log})
}

// withPublished runs f on the published file.
func (a *app) withPublished(ctx context.Context, f func(db *store.DB) error) error {
	db, err := a.openPublished(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}
