//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// documentedMode is the mode of a file or folder that a run makes, by what README says of it.
func documentedMode(name string, folder bool) fs.FileMode {
	switch {
	case folder && strings.HasSuffix(name, ".tmp"):
		return 0o700 // DuckDB's
	case folder:
		return 0o750
	case name == "zoomward.duckdb":
		return 0o440
	case name == "zoomward.duckdb.lock", filepath.Ext(name) == ".csv", filepath.Ext(name) == ".json":
		return 0o640
	}
	return 0o600
}

// checkModes looks at everything below a folder, and returns the names that it saw.
func checkModes(t *testing.T, when, dir string) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen[d.Name()] = true
		if got, want := info.Mode().Perm(), documentedMode(d.Name(), d.IsDir()); got != want {
			t.Errorf("%s: %s has mode %04o, want %04o", when, path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestModes looks at the modes of all files during a run, after it was killed and after one that came to its end, with a umask that keeps nothing from anybody.
func TestModes(t *testing.T) {
	s, home := simulate(t, simSeed), t.TempDir()
	dir := filepath.Join(home, "state") // the run makes it
	run := func() []string {
		return []string{"sh", "-c", `umask 000; exec zoomward run --as-of ` + simEnd.Format(time.RFC3339)}
	}
	held := s.hold()
	cmd := s.command(t, home, "help")
	cmd.Path, cmd.Args = "/bin/sh", run()
	cmd.Env = append(cmd.Env, "ZOOMWARD_DB="+dbIn(dir))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-held:
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		t.Fatal("the run asks for no report")
	}
	during := checkModes(t, "during a run", home)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = exitOf(t, cmd)
	killed := checkModes(t, "after a kill", home)
	for when, seen := range map[string]map[string]bool{"during the run": during, "after the kill": killed} {
		for _, name := range []string{"zoomward.duckdb.work", "zoomward.duckdb.work.wal", "zoomward.duckdb.lock"} {
			if !seen[name] {
				t.Errorf("%s there is no %s: the test proves nothing about it", when, name)
			}
		}
	}
	s.release()
	again := s.command(t, home, "help")
	again.Path, again.Args = "/bin/sh", run()
	again.Env = append(again.Env, "ZOOMWARD_DB="+dbIn(dir))
	if code, said := finish(t, again); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	if after := checkModes(t, "after a run", home); !after["zoomward.duckdb"] || !after["alerts.csv"] {
		t.Errorf("only %v", after)
	}
	if _, err := os.Stat(filepath.Join(dir, "export", "alerts.json")); err != nil {
		t.Error(err)
	}
}
