//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// limited is a command that cannot make any file longer than so many bytes, as on a disk that is full.
func limited(cmd *exec.Cmd, bytes int64) *exec.Cmd {
	const block = 512 // POSIX: the unit of ulimit -f
	sh := exec.Command("/bin/sh", append([]string{"-c", `ulimit -f "$0" && exec "$@"`, strconv.FormatInt(bytes/block, 10), cmd.Path}, cmd.Args[1:]...)...)
	// The kernel tells of the limit by a signal too, which kills when it meets a thread of DuckDB's own.
	sh.Dir, sh.Env = cmd.Dir, append(cmd.Env, "ZOOMWARD_DUCKDB_THREADS=1")
	return sh
}

// TestFullDisk lets runs meet a full disk in different stages: each says so in one sentence and leaves the published file alone, and with room the next run
// ends as one that was never disturbed.
func TestFullDisk(t *testing.T) {
	s := simulate(t, simSeed)
	earlier := t.TempDir()
	s.mustRun(t, earlier, simEnd.AddDate(0, 0, -40))
	before := published(t, earlier)
	now := copyDir(t, earlier)
	s.mustRun(t, now, simEnd)
	want := published(t, now).whole(t)
	file, err := os.Stat(dbIn(now))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		stage  string // whose work does not fit
		from   string
		before content
		limit  int64
		says   string
	}{
		{"ingest", earlier, before, 64 << 10, "zoomward: ingest: "},
		{"score", earlier, before, 3 << 20, "zoomward: score: "},
		{"publish", now, want, file.Size() * 3 / 4, "zoomward: publish "}, // nothing new lands, the copy alone is too large
	} {
		t.Run(tt.stage, func(t *testing.T) {
			dir := copyDir(t, tt.from)
			code, said := finish(t, limited(s.runCommand(t, dir, simEnd), tt.limit))
			text := sentences(said)
			t.Logf("limit %d of %d bytes: %s", tt.limit, file.Size(), strings.Join(text, "\n"))
			if code != exitFailed {
				t.Errorf("exit code %d, want %d", code, exitFailed)
			}
			if len(text) != 2 || !strings.HasPrefix(text[0], tt.says) || !strings.Contains(text[0], "no space left") {
				t.Errorf("not one sentence that begins with %q: %q", tt.says, text)
			}
			if hint := fmt.Sprintf("hint: make room on the disk of %s", dbIn(dir)); !strings.HasPrefix(text[len(text)-1], hint) {
				t.Errorf("no hint %q: %q", hint, text)
			}
			if d := difference(published(t, dir), tt.before); d != "" {
				t.Errorf("the published file changed:\n%s", d)
			}
			s.mustRun(t, dir, simEnd)
			if d := difference(published(t, dir), want); d != "" {
				t.Errorf("with room again, the end is not that of an undisturbed run:\n%s", d)
			}
		})
	}
}
