//go:build unix

package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Names of what a child process does; it is this test program again, told by the environment.
const (
	childRole = "STORE_TEST_CHILD"
	childPath = "STORE_TEST_PATH"
)

// windowRows is how many rows a window has that the children land.
const windowRows = 500

// TestMain runs the tests, or one of the children.
func TestMain(m *testing.M) {
	path := os.Getenv(childPath)
	var err error
	switch os.Getenv(childRole) {
	case "":
		os.Exit(m.Run())
	case "land":
		err = childLands(path)
	case "fill":
		err = childFills(path)
	case "read":
		err = childHolds(path, store.Options{ReadOnly: true})
	case "write":
		err = childHolds(path, store.Options{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(t *testing.T, role, path string) (cmd *exec.Cmd, in io.WriteCloser, out *bufio.Reader) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childPath+"="+path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, in, bufio.NewReader(pipe)
}

// landWindow lands one window and moves its watermark, in one transaction.
func landWindow(ctx context.Context, db *store.DB, window int64) error {
	rows := keyed{}
	for i := range int64(windowRows) {
		rows.ID = append(rows.ID, fmt.Sprintf("%d-%d-%s", window, i, strings.Repeat("x", 100)))
		rows.N = append(rows.N, window)
	}
	return db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Land(ctx, "ingest.windows", "id", rows); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO ingest.marks VALUES (?)`, window)
		return err
	})
}

const windowTables = `CREATE TABLE IF NOT EXISTS ingest.windows (id VARCHAR, n BIGINT); CREATE TABLE IF NOT EXISTS ingest.marks (n BIGINT)`

// childLands lands window after window and says so on stdout, until it is killed.
func childLands(path string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, path, store.Options{Threads: 1})
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, windowTables); err != nil {
		return err
	}
	var next int64
	if err := db.Row(ctx, `SELECT coalesce(max(n), -1) + 1 FROM ingest.marks`).Scan(&next); err != nil {
		return err
	}
	for ; ; next++ {
		if err := landWindow(ctx, db, next); err != nil {
			return err
		}
		fmt.Println(next)
	}
}

// childFills lands windows until no file may grow any more, as on a full disk, and says how many were committed.
func childFills(path string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, path, store.Options{Threads: 1})
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, windowTables); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4 << 20, Max: 4 << 20}); err != nil {
		return err
	}
	for n := int64(0); ; n++ {
		if err := landWindow(ctx, db, n); err != nil {
			fmt.Printf("%d %t %v\n", n, errors.Is(err, store.ErrFull), err)
			return nil // without Close: as a program that gives up
		}
	}
}

// childHolds keeps the database open until stdin ends, then says what it sees.
func childHolds(path string, o store.Options) error {
	ctx := context.Background()
	db, err := store.Open(ctx, path, o)
	if err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	var n int
	if err := db.Row(ctx, `SELECT count(*) FROM models.triage`).Scan(&n); err != nil {
		return err
	}
	fmt.Println(n)
	return db.Close()
}

// whole checks that the file holds whole windows only, each with its watermark, and returns how many.
func whole(t *testing.T, path string) (windows int64) {
	t.Helper()
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := db.Exec(t.Context(), windowTables); err != nil {
		t.Fatal(err)
	}
	var torn, marks, gaps int64
	err = db.Row(t.Context(), `WITH w AS (SELECT n, count(*) AS rows FROM ingest.windows GROUP BY n)
		SELECT (SELECT count(*) FROM w WHERE rows <> ?), (SELECT count(*) FROM w), (SELECT count(*) FROM ingest.marks),
			(SELECT count(*) FROM w FULL JOIN ingest.marks AS m USING (n) WHERE w.n IS NULL OR m.n IS NULL)`, windowRows).Scan(&torn, &windows, &marks, &gaps)
	if err != nil {
		t.Fatal(err)
	}
	if torn != 0 || gaps != 0 || marks != windows {
		t.Errorf("%d windows, %d watermarks: %d windows are torn, %d stand alone", windows, marks, torn, gaps)
	}
	return windows
}

func TestKilledWhileLanding(t *testing.T) {
	path := filepath.Join(t.TempDir(), "killed.duckdb")
	random := rand.New(rand.NewPCG(1, 2))
	var said int64 = -1 // last window whose commit a child reported
	for range 10 {
		cmd, _, out := child(t, "land", path)
		// The moment is counted from the first commit, so that a slow machine still lands something.
		if line, err := out.ReadString('\n'); err != nil {
			t.Fatal(err)
		} else if _, err := fmt.Sscan(line, &said); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(random.IntN(60_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		for {
			line, err := out.ReadString('\n')
			if err != nil {
				break
			}
			if _, err := fmt.Sscan(line, &said); err != nil {
				t.Fatal(err)
			}
		}
		kill.Stop()
		_ = cmd.Wait()
		if n := whole(t, path); n < said+1 {
			t.Fatalf("%d windows after the kill, %d were committed", n, said+1)
		}
	}
	t.Logf("%d windows landed through 10 kills", said+1)
}

func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "full.duckdb")
	_, _, out := child(t, "fill", path)
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Log(strings.TrimSpace(line))
	var committed int64
	var full bool
	if _, err := fmt.Sscan(line, &committed, &full); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if !full {
		t.Errorf("the error is not ErrFull: %s", line)
	}
	if committed < 2 {
		t.Errorf("only %d windows were committed: the test fills nothing", committed)
	}
	if n := whole(t, path); n != committed {
		t.Errorf("%d windows after reopening, %d were committed", n, committed)
	}
}

// TestPublishBesideOtherProcesses publishes while other processes have the files open, under a name that needs quoting.
func TestPublishBesideOtherProcesses(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Join(t.TempDir(), "Zoom's wächter 🔭")
	work, snap := filepath.Join(dir, "work file.duckdb"), filepath.Join(dir, "it's \"out\".duckdb")
	db := open(t, work)
	if err := db.Publish(ctx, snap); err != nil {
		t.Fatal(err)
	}
	cmd, in, out := child(t, "read", snap)
	if line, err := out.ReadString('\n'); err != nil || line != "open\n" {
		t.Fatal(line, err)
	}
	if _, err := db.Exec(ctx, `INSERT INTO models.triage (alert_id, status, note, set_at) VALUES ('a', 'benign', NULL, TIMESTAMP '2026-01-01')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Publish(ctx, snap); err != nil {
		t.Fatalf("publish over a file that another process reads: %v", err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if line, err := out.ReadString('\n'); err != nil || line != "0\n" {
		t.Errorf("the reader of the old file sees %q rows, want 0: %v", line, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	cmd, in, out = child(t, "write", work)
	if line, err := out.ReadString('\n'); err != nil || line != "open\n" {
		t.Fatal(line, err)
	}
	for _, ro := range []bool{true, false} {
		if other, err := store.Open(ctx, work, store.Options{ReadOnly: ro}); !errors.Is(err, store.ErrLocked) {
			t.Errorf("read-only %t: opened what another process writes: %v", ro, err)
			if err == nil {
				_ = other.Close()
			}
		}
	}
	reader, err := store.Open(ctx, snap, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("open the published file while the working file is in use: %v", err)
	}
	defer reader.Close()
	var n int
	if err := reader.Row(ctx, `SELECT count(*) FROM models.triage`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows in the published file, %v; want 1", n, err)
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestPublishWhereItCannot(t *testing.T) {
	ctx := t.Context()
	db := open(t, "")
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(dir, "locked")
	if err := os.Mkdir(locked, 0o550); err != nil {
		t.Fatal(err)
	}
	targets := []string{filepath.Join(dir, "none", "z.duckdb"), filepath.Join(file, "z.duckdb")}
	if os.Geteuid() != 0 { // root may write anywhere
		targets = append(targets, filepath.Join(locked, "z.duckdb"))
	}
	for _, path := range targets {
		err := db.Publish(ctx, path)
		if err == nil || !strings.Contains(err.Error(), "publish "+path) {
			t.Errorf("%s: error %v", path, err)
		}
		t.Log(err)
	}
	if err := db.Publish(ctx, filepath.Join(dir, "z.duckdb")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
