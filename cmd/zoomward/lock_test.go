package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Who may not change the database learns who may, and how.
func TestLockError(t *testing.T) {
	denied := fmt.Errorf("lock z.duckdb.lock: %w", &fs.PathError{Op: "open", Path: "z.duckdb.lock", Err: fs.ErrPermission})
	for _, tt := range []struct {
		err         error
		owner, want string
		mine        bool
	}{
		{denied, "zoomward", "only its owner zoomward may change it: sudo -u zoomward zoomward alerts set ...", false},
		{denied, "#1234", "sudo -u '#1234' zoomward alerts set ...", false},
		{denied, "zoomward", "needs to write in that folder", true},
		{denied, "", "needs to write in that folder", true},
		{errors.New("lock z.duckdb.lock: input/output error"), "zoomward", "", false},
	} {
		got := describe(lockError(tt.err, "alerts set", tt.owner, tt.mine))
		if !strings.HasPrefix(got, tt.err.Error()) || !strings.Contains(got, tt.want) || tt.want == "" && strings.Contains(got, "hint") {
			t.Errorf("owner %q, mine %v: %s", tt.owner, tt.mine, got)
		}
	}
}

// A folder that one may not write in says so with what to do.
func TestLockOfAnother(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := takeLock(t.Context(), filepath.Join(dir, "z.duckdb"), "alerts set", time.Now(), 0)
	if err == nil || !strings.Contains(describe(err), "\nhint: ") {
		t.Errorf("%v", err)
	}
}
