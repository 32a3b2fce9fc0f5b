//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Phases of a run, each from the log record that begins it to the next.
var phases = []string{"ingest", "score", "posture", "publish", "export"}

// phaseOf tells which phase a log record begins.
func phaseOf(r logRecord) string {
	switch {
	case r.Message == "stage started":
		return r.Stage
	case r.Message == "stage done" && r.Stage == "posture":
		return "publish"
	case r.Message == "published":
		return "export"
	}
	return ""
}

// timed runs a command undisturbed and returns how long each of its phases takes.
func timed(t *testing.T, cmd *exec.Cmd) map[string]time.Duration {
	t.Helper()
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := map[string]time.Time{}
	follow(pipe, func(r logRecord) {
		if p := phaseOf(r); p != "" {
			began[p] = time.Now()
		}
	})
	began["end"] = time.Now()
	if code := exitOf(t, cmd); code != exitDone {
		t.Fatalf("undisturbed run: exit code %d", code)
	}
	took := map[string]time.Duration{}
	for i, p := range phases {
		next := append(phases[i+1:len(phases):len(phases)], "end")[0]
		if began[p].IsZero() || began[next].IsZero() {
			t.Fatalf("phase %s is not in the log", p)
		}
		took[p] = began[next].Sub(began[p])
	}
	return took
}

// A moment is a point within a phase.
type moment struct {
	phase string
	share float64 // of its duration
}

func (m moment) String() string { return fmt.Sprintf("%s_%.2f", m.phase, m.share) }

// killAt starts a command and kills it at a moment. It returns false when the command was done before that.
func killAt(t *testing.T, cmd *exec.Cmd, at moment, took map[string]time.Duration) bool {
	t.Helper()
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }).Stop()
	follow(pipe, func(r logRecord) {
		if phaseOf(r) == at.phase {
			time.AfterFunc(time.Duration(at.share*float64(took[at.phase])), func() { _ = cmd.Process.Kill() })
		}
	})
	_ = exitOf(t, cmd)
	ended, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && ended.Signaled() && ended.Signal() == syscall.SIGKILL
}

// TestKilledRuns kills runs at moments spread over all their phases, some of them twice, and lets the next run finish the work. Whatever the moment, the end is the
// same as without the kill, and whoever reads the published file never sees anything but the whole of the last run that came to its end.
func TestKilledRuns(t *testing.T) {
	s := simulate(t, simSeed)
	s.env = append(s.env, "ZOOMWARD_DUCKDB_THREADS=1", "GOMAXPROCS=1") // several at a time
	weeksAgo := simEnd.AddDate(0, 0, -40)

	// Where a run can start from: an empty folder, and what a run of 40 days ago left.
	type start struct {
		dir          string
		before, want content // before is nil where nothing is published yet
		took         map[string]time.Duration
	}
	earlier := t.TempDir()
	s.mustRun(t, earlier, weeksAgo)
	starts := []*start{{dir: t.TempDir()}, {dir: earlier, before: published(t, earlier)}}
	for _, from := range starts {
		dir := copyDir(t, from.dir)
		from.took = timed(t, s.runCommand(t, dir, simEnd))
		from.want = published(t, dir).whole(t)
		t.Logf("undisturbed run: %v", from.took)
	}

	var mu sync.Mutex
	killed := map[string]int{}
	t.Cleanup(func() {
		t.Logf("killed: %v", killed)
		for _, p := range []string{"ingest", "score", "publish"} {
			if killed[p] < 2 {
				t.Errorf("%d runs were killed in phase %s, want 2 at least: the test proves nothing about it", killed[p], p)
			}
		}
	})
	random := rand.New(rand.NewPCG(1, 2))
	for i, moments := range [][]moment{ // several in a row: killed again while the next run clears up
		{{"ingest", .1}, {"score", .5}},
		{{"ingest", .6}, {"publish", .5}},
		{{"score", .1}, {"score", .5}},
		{{"score", .8}, {"ingest", .3}},
		{{"posture", 0}, {"publish", .1}},
		{{"publish", .4}},
		{{"publish", .8}, {"export", .2}},
	} {
		for k := range moments {
			moments[k].share += .2 * random.Float64()
		}
		from := starts[i%len(starts)]
		t.Run(fmt.Sprint(moments[0]), func(t *testing.T) {
			t.Parallel()
			dir := copyDir(t, from.dir)
			check := func(when string) {
				t.Helper()
				got, err := read(t.Context(), dbIn(dir))
				if from.before == nil {
					if _, missing := os.Stat(dbIn(dir)); errors.Is(missing, fs.ErrNotExist) {
						return
					}
				}
				if err != nil {
					t.Fatalf("%s: the published file cannot be read: %v", when, err)
				}
				if d := difference(got, from.want); d != "" && (from.before == nil || difference(got, from.before) != "") {
					t.Errorf("%s: the published file is neither that of the last complete run nor of the next:\n%s", when, d)
				}
			}
			kills := 0
			for _, at := range moments {
				if killAt(t, s.runCommand(t, dir, simEnd), at, from.took) {
					kills++
					mu.Lock()
					killed[at.phase]++
					mu.Unlock()
				}
				check("after a kill at " + at.String())
			}
			stop := watch(t, dir, from.before, from.want)
			s.mustRun(t, dir, simEnd)
			if n := stop(); from.before != nil && n == 0 {
				t.Error("nobody read during the run")
			}
			if d := difference(published(t, dir), from.want); d != "" {
				t.Errorf("killed at %v and run again, the end is not that of an undisturbed run:\n%s", moments, d)
			}
			checkRuns(t, dir, kills)
			for _, left := range []string{".new", ".new.wal"} {
				if _, err := os.Stat(dbIn(dir) + left); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s is left behind: %v", left, err)
				}
			}
		})
	}
}

// watch reads the published file again and again until the returned function is called, which says how often; it must hold one of the two contents each time.
func watch(t *testing.T, dir string, before, after content) (stop func() int) {
	t.Helper()
	if before == nil {
		return func() int { return 0 }
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		n := 0
		defer func() { done <- n }()
		for ; n == 0 || ctx.Err() == nil; n++ {
			days, rows, err := size(dbIn(dir))
			if err != nil {
				t.Errorf("during a run the published file cannot be read: %v", err)
				return
			}
			if old, now := sizeIs(before, days, rows), sizeIs(after, days, rows); !old && !now {
				t.Errorf("during a run the published file has %d user days and %d activities, before it were %d and %d, after it are %d and %d",
					days, rows, len(before["user_days"]), len(before["activities"]), len(after["user_days"]), len(after["activities"]))
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() int { cancel(); return <-done }
}

func size(path string) (days, rows int, err error) {
	ctx := context.Background()
	db, err := store.Open(ctx, path, store.Options{ReadOnly: true, Threads: 1})
	if err != nil {
		return 0, 0, err
	}
	err = db.Row(ctx, `SELECT (SELECT count(*) FROM user_days), (SELECT count(*) FROM activities)`).Scan(&days, &rows)
	return days, rows, errors.Join(err, db.Close())
}

func sizeIs(c content, days, rows int) bool {
	return len(c["user_days"]) == days && len(c["activities"]) == rows
}

// checkRuns checks that the runs of a folder are noted: the last as done, and none as running still.
func checkRuns(t *testing.T, dir string, kills int) {
	t.Helper()
	status, _, _ := lastRunOf(t, dir)
	if status != "done" {
		t.Errorf("the last run is noted as %s", status)
	}
	db, err := store.Open(t.Context(), dbIn(dir), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var running, failed int
	if err := db.Row(t.Context(), `SELECT count(*) FILTER (WHERE status = 'running'), count(*) FILTER (WHERE status = 'failed') FROM meta.runs`).Scan(&running, &failed); err != nil {
		t.Fatal(err)
	}
	// A run that was killed while it published had come to the end of its stages already.
	if running != 0 || failed > kills {
		t.Errorf("%d runs are noted as running, %d as failed; %d were killed", running, failed, kills)
	}
}
