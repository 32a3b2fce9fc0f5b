package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/zoomward/zoomward/store"
)

// lockNote is what the holder of the lock leaves in it for the message of whoever comes second.
type lockNote struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

const (
	// lockPatience is how long a command waits for the lock unless it was told to wait longer.
	lockPatience = time.Second
	// lockRetry is how often a command that waits looks again.
	lockRetry = 50 * time.Millisecond
)

// takeLock makes this process the only one that writes to the database until the returned function is called. The kernel gives the lock back when the process
// ends, however it ends. Held for longer than patience: exit 5.
func takeLock(ctx context.Context, db, command string, now time.Time, patience time.Duration) (release func(), err error) {
	if err := store.MakeDir(filepath.Dir(db)); err != nil {
		return nil, fmt.Errorf("create folder of the database: %w", err)
	}
	path := db + ".lock"
	l := flock.New(path, flock.SetPermissions(0o640), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	// `zoomward status` holds the lock for a moment; that must not cost a scheduled run.
	waiting, cancel := context.WithTimeout(ctx, max(patience, lockPatience))
	defer cancel()
	got, err := l.TryLockContext(waiting, lockRetry)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	if err != nil {
		owner, mine := ownerOf(db)
		return nil, lockError(fmt.Errorf("lock %s: %w", path, err), command, owner, mine)
	}
	if !got {
		return nil, &exitError{
			code: exitLocked, err: fmt.Errorf("another run holds %s%s", path, readNote(path)),
			hint: "wait until it is done; a lock whose process is gone does not hold anybody up",
		}
	}
	_ = os.Chmod(path, 0o640) // whatever the umask was: the group may see who holds it; a file of another owner stays as it is
	note, err := json.Marshal(lockNote{os.Getpid(), command, now.UTC().Truncate(time.Second)})
	if err == nil {
		// For the message alone: a lock without its note locks as well.
		_ = os.WriteFile(path, append(note, '\n'), 0o640)
	}
	return func() { _ = l.Unlock() }, nil
}

// lockError adds to the error of a lock that could not be taken who can, and how.
func lockError(err error, command, owner string, mine bool) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if mine || owner == "" {
		return withHint(err, "what changes the database is for the user that runs zoomward: it needs to write in that folder")
	}
	return withHint(err, "you may read the database; only its owner %s may change it: sudo -u %s zoomward %s ...", owner, shellQuote(owner), command)
}

// readNote is who holds the lock, for the end of a sentence.
func readNote(path string) string {
	n, ok := readLockNote(path)
	if !ok {
		return ""
	}
	return ": " + n.String()
}

// String says who and since when.
func (n lockNote) String() string {
	return fmt.Sprintf("pid %d, zoomward %s, since %s", n.PID, sanitize(n.Command), n.Since.UTC().Format(time.RFC3339))
}

func readLockNote(path string) (n lockNote, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return n, false
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, 4096)).Decode(&n); err != nil || n.PID == 0 {
		return lockNote{}, false
	}
	return n, true
}
