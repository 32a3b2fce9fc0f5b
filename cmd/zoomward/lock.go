package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// lockPatience is how long a command waits for the lock.
const lockPatience = time.Second

// takeLock makes this process the only one that writes to the database until the returned function is called. The kernel gives the lock back when the process
// ends, however it ends. Held already: exit 5.
func takeLock(ctx context.Context, db, command string, now time.Time) (release func(), err error) {
	if err := store.MakeDir(filepath.Dir(db)); err != nil {
		return nil, fmt.Errorf("create folder of the database: %w", err)
	}
	path := db + ".lock"
	l := flock.New(path, flock.SetPermissions(0o640), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	// `zoomward status` holds the lock for a moment; that must not cost a scheduled run.
	patience, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	got, err := l.TryLockContext(patience, lockPatience/20)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
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
