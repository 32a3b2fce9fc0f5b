//go:build unix

package store_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/zoomward/zoomward/store"
)

// TestFilesArePrivate looks at the modes of what DuckDB makes by itself, the log and the temporary files, for a program whose umask keeps nothing from anybody.
func TestFilesArePrivate(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "var", "lib")
	path := filepath.Join(dir, "work")
	db, err := store.Open(t.Context(), path, store.Options{Threads: 1, MemoryLimit: "30MB"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		`CREATE TABLE kept AS SELECT 1 AS x`, // into the log
		`CREATE TEMP TABLE spilled AS SELECT hash(i)::VARCHAR || hash(i + 1)::VARCHAR AS x FROM range(1500000) AS r(i)`, // beyond the memory limit
	} {
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	err = filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		switch {
		case at == dir:
			want = 0o750
		case d.IsDir():
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %04o, want %04o", at, got, want)
		}
		if d.IsDir() && at != dir {
			seen["temporary"] = true
		}
		seen[filepath.Base(at)] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Dir(dir)); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("the folder above: %v, %v, want mode 0750", info, err)
	}
	for _, name := range []string{"work", "work.wal", "temporary"} {
		if !seen[name] {
			t.Errorf("there is no %s: the test proves nothing about it", name)
		}
	}
}
