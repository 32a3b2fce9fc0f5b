package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/zoomward/zoomward/store"
)

// lookDatabase opens the published file, and the working file when nobody works in it.
func lookDatabase(ctx context.Context, p *patient) []finding {
	if p.noDB != nil {
		return []finding{skipped("no place for a database is known")}
	}
	err := p.needsData()
	if err != nil {
		return []finding{skipped("%s holds nothing yet", p.cfg.DB).todo("zoomward run makes it")}
	}
	return append(p.publishedFile(ctx), p.workingFile(ctx)...)
}

func (p *patient) publishedFile(ctx context.Context) []finding {
	path := p.cfg.DB
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return []finding{warn("%s is not published yet: no run came to its end", path).todo("zoomward run")}
	}
	var version int64
	err := p.withPublished(ctx, func(db *store.DB) error {
		if err := db.Row(ctx, `SELECT coalesce(max(version), 0) FROM meta.schema_migrations`).Scan(&version); err != nil {
			return fmt.Errorf("read schema version of %s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		f := broken(err)
		if f.Advice == "" {
			f.Advice = fmt.Sprintf("if it is not one of zoomward's, name another with db; else move %s away: the next run publishes it anew from %s", path, workPath(path))
		}
		return []finding{f}
	}
	if known := store.SchemaVersion(); version > known {
		return []finding{fail("%s has schema version %d, this program knows up to %d", path, version, known).todo("install the zoomward that made it, or a newer one")}
	}
	if f := tooOpen(path, 0o337, "it is to be read by owner and group alone"); f != nil {
		return []finding{f.todo("chmod 440 %s", path)}
	}
	return []finding{ok("%s opens, schema version %d", path, version)}
}

func (p *patient) workingFile(ctx context.Context) []finding {
	path := workPath(p.cfg.DB)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return []finding{ok("%s is not there: the next run starts it from the published file", path)}
	}
	if f := tooOpen(path, 0o177, "it is for its owner alone"); f != nil {
		return []finding{f.todo("chmod 600 %s", path)}
	}
	held, _, release, err := p.tryLock()
	switch {
	case err != nil:
		return []finding{skipped("%s: %s", path, err)}
	case held:
		return []finding{skipped("%s is not opened while a run is under way", path)}
	}
	defer release()
	db, err := store.Open(ctx, path, store.Options{ReadOnly: true, Threads: p.cfg.Threads, MemoryLimit: p.cfg.MemoryLimit, Logger: p.log})
	if errors.Is(err, store.ErrLocked) {
		return []finding{warn("%s", err).todo("it is private to zoomward and runs cannot work meanwhile: query %s instead", p.cfg.DB)}
	}
	if probe, perr := os.Open(path); errors.Is(perr, fs.ErrPermission) {
		return []finding{skipped("%s is for its owner alone, who is another user", path)}
	} else if perr == nil {
		_ = probe.Close()
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return []finding{fail("%s", err).todo("move %s and %s.wal away: the next run starts again from the published file", path, path)}
	}
	return []finding{ok("%s opens", path)}
}

// tryLock holds the lock as a reader until release is called, unless somebody holds it to write. It makes no file.
func (p *patient) tryLock() (held bool, by lockNote, release func(), err error) {
	path := p.cfg.DB + ".lock"
	release = func() {}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, by, release, nil
	}
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := l.TryRLock()
	if err != nil {
		return false, by, release, fmt.Errorf("look at the lock: %w", err)
	}
	if !free {
		by, _ = readLockNote(path)
		return true, by, release, nil
	}
	return false, by, func() { _ = l.Unlock() }, nil
}

// longRun is longer than runs take: the first one of a large account works for hours.
const longRun = 24 * time.Hour

// lookLock says who works in the database. A file that nobody holds is no trouble, whatever it says.
func lookLock(_ context.Context, p *patient) []finding {
	if p.noDB != nil {
		return []finding{skipped("no place for a database is known")}
	}
	held, by, release, err := p.tryLock()
	release()
	switch {
	case err != nil:
		return []finding{skipped("%s", err)}
	case !held:
		return []finding{ok("nobody holds it")}
	case by.PID == 0:
		return []finding{ok("a run is under way, whose it does not say")}
	case p.wall().Sub(by.Since) > longRun:
		return []finding{warn("held by %s", by).todo("see whether that process still works: runs end with code 5 until it is gone")}
	}
	return []finding{ok("a run is under way: %s", by)}
}

// lateRun is how long ago the last run may have been: twice a day's.
const lateRun = 48 * time.Hour

// lookLastRun says how the last run ended, and whether there was one lately.
func lookLastRun(ctx context.Context, p *patient) []finding {
	if p.noDB != nil {
		return []finding{skipped("no place for a database is known")}
	}
	if p.needsData() != nil {
		return []finding{skipped("there was none yet").todo("zoomward run, or a schedule for it")}
	}
	var rep statusReport
	if _, err := os.Stat(p.cfg.DB); err == nil {
		err := p.withPublished(ctx, func(db *store.DB) (err error) { rep.LastRun, err = lastRun(ctx, db); return err })
		if err != nil {
			return []finding{skipped("%s", err)}
		}
	}
	if _, err := os.Stat(workPath(p.cfg.DB)); err == nil {
		if err := p.newerRun(ctx, &rep); err != nil {
			return []finding{skipped("%s", err)}
		}
	}
	return []finding{judgeLastRun(rep, p.wall())}
}

// judgeLastRun judges the last run as of now, by the clock of the machine.
func judgeLastRun(rep statusReport, now time.Time) finding {
	r := rep.LastRun
	if r == nil {
		if rep.Running {
			return ok("the first one is under way")
		}
		return skipped("there was none yet").todo("zoomward run, or a schedule for it")
	}
	at := r.StartedAt
	if r.FinishedAt != nil {
		at = *r.FinishedAt
	}
	seen := fmt.Sprintf("%s, %s, %s", r.Status, r.Command, at.Format(time.RFC3339))
	if r.Error != "" {
		seen += ": " + r.Error
	}
	switch {
	case r.Status == "failed":
		return fail("%s", seen).todo("the message says why; zoomward run tries again")
	case now.Sub(at) > lateRun && !rep.Running:
		return warn("%s: that is %d days ago", seen, int(now.Sub(at).Hours()/24)).todo("see that the schedule works (systemctl list-timers, or cron's log)")
	case r.Status == "partial":
		return warn("%s", seen).todo("what was read is kept; zoomward status lists the feeds that were not")
	}
	return ok("%s", seen)
}
