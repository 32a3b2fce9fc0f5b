package zoom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// lockPoll is how often a lock that somebody holds is asked for again.
const lockPoll = 20 * time.Millisecond

// lockFile makes this the only holder of path.lock, of all processes and within this one, until unlock is called or the process ends. It makes the folder.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	l := flock.New(path+".lock", flock.SetPermissions(0o600))
	got, err := l.TryLockContext(ctx, lockPoll)
	if err != nil {
		return nil, fmt.Errorf("lock %s.lock: %w", path, err)
	}
	if !got {
		return nil, fmt.Errorf("lock %s.lock: somebody holds it", path)
	}
	return func() { _ = l.Unlock() }, nil
}

// writeDurably replaces a file, mode 0600, so that after a crash or a power cut either the old text or the new one is there, and the new one once it returned.
func writeDurably(path string, text []byte) error {
	dir := filepath.Dir(path)
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithStaticPermissions(0o600)) // whatever mode the old file has
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return err
	}
	return syncFolder(dir)
}

// removeUnfinished removes the temporary files of writers of path that died. No writer of it may be under way.
func removeUnfinished(path string) error {
	dir, prefix := filepath.Dir(path), "."+filepath.Base(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), prefix)
		if !ours || number == "" || strings.Trim(number, "0123456789") != "" || !e.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// syncFolder makes a rename or a removal in a folder last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

var errFileTooLarge = errors.New("the file is larger than any that was written here")

// readSmall reads a regular file of at most n bytes; errFileTooLarge for a larger one.
func readSmall(path string, n int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, n+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if int64(len(text)) > n {
		return nil, fmt.Errorf("%s: %w", path, errFileTooLarge)
	}
	return text, nil
}
