package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// TestSecondRun runs again over the same account, as of the same and of a later time of the day: nothing lands and nothing changes but the records of runs.
func TestSecondRun(t *testing.T) {
	s, dir := simulate(t, simSeed), t.TempDir()
	s.mustRun(t, dir, simEnd)
	first := published(t, dir).whole(t)
	for i, asOf := range []time.Time{simEnd, simEnd.Add(5 * time.Hour)} {
		s.mustRun(t, dir, asOf)
		status, landed, runs := lastRunOf(t, dir)
		if status != "done" || runs != i+2 {
			t.Errorf("run %d as of %s: %d runs are noted, the last as %s", i+2, asOf, runs, status)
		}
		if feeds := slices.Sorted(maps.Keys(landed)); len(feeds) != len(first["meta.feeds"]) {
			t.Errorf("run %d read the feeds %v, want %d", i+2, feeds, len(first["meta.feeds"]))
		}
		for feed, n := range landed {
			if n != 0 {
				t.Errorf("run %d as of %s landed %d rows of %s again", i+2, asOf, n, feed)
			}
		}
		again := published(t, dir)
		if asOf.After(simEnd) {
			again["meta.feeds"] = first["meta.feeds"] // how far they are read has grown
		}
		if d := difference(again, first); d != "" {
			t.Errorf("run %d as of %s changed the database:\n%s", i+2, asOf, d)
		}
	}
}

// TestDailyRunsEqualBackfill runs day after day through days full of attacks, with rows that come up to 30 hours late, and compares with one run at the end: what an
// installation has found must not depend on when it was set up.
func TestDailyRunsEqualBackfill(t *testing.T) {
	const (
		seed = 6 // with alerts in those days, one of them over several
		days = 5
		lag  = 30 * time.Hour
	)
	end := simEnd.AddDate(0, 0, -6)
	s := simulate(t, seed)
	daily, once := t.TempDir(), t.TempDir()
	s.mustRun(t, once, end)
	want := published(t, once).whole(t)
	for d := days; d >= 0; d-- {
		asOf := end.AddDate(0, 0, -d)
		if s.source.upTo.Store(asOf.Add(-lag).Unix()); d == 0 {
			s.source.upTo.Store(0)
		}
		s.mustRun(t, daily, asOf)
		if _, landed, _ := lastRunOf(t, daily); landed["activities"] == 0 {
			t.Fatalf("nothing new in the run %d days before the end: the test compares nothing", d)
		}
	}
	if d := difference(published(t, daily), want, "activities", "operations", "observations", "baselines", "user_days", "behaviors", "alerts", "user_risk"); d != "" {
		t.Errorf("%d daily runs and one at the end differ:\n%s", days+1, d)
	}
}

// TestReadersBesideRun reads the published file while another process works on the next one, and after.
func TestReadersBesideRun(t *testing.T) {
	ctx := t.Context()
	s, dir := simulate(t, simSeed), t.TempDir()
	s.mustRun(t, dir, simEnd.AddDate(0, 0, -3))
	before := published(t, dir).whole(t)
	old, err := store.Open(ctx, dbIn(dir), store.Options{ReadOnly: true}) // an analyst's session, left open over the whole run
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()

	held := s.hold()
	run := s.runCommand(t, dir, simEnd)
	var said strings.Builder
	run.Stderr = &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill() })
	select {
	case <-held:
	case <-time.After(30 * time.Second):
		t.Fatal("the run asks for no reports")
	}

	if d := difference(published(t, dir), before); d != "" {
		t.Errorf("a session opened during a run sees another content:\n%s", d)
	}
	second := s.runCommand(t, dir, simEnd)
	code, text := finish(t, second)
	if want := fmt.Sprintf("pid %d, zoomward run", run.Process.Pid); code != exitLocked || !strings.Contains(text, want) {
		t.Errorf("a second run: exit code %d, want %d and %q in:\n%s", code, exitLocked, want, text)
	}
	if code, text := finish(t, s.command(t, dir, "alerts")); code != exitDone {
		t.Errorf("zoomward alerts during a run: exit code %d\n%s", code, text)
	}
	if code, text := finish(t, s.command(t, dir, "status")); code != exitDone {
		t.Errorf("zoomward status during a run: exit code %d\n%s", code, text)
	}

	var id string
	if err := old.Row(ctx, `SELECT min(alert_id) FROM alerts`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	set := s.command(t, dir, "alerts", "set", id[:len(id)-1], "--status", "benign", "--wait", "2m") // the test would fail where that is no one alert's
	var told strings.Builder
	set.Stderr = &told
	if err := set.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = set.Process.Kill() })
	time.Sleep(2 * lockPatience)

	s.release()
	if code := exitOf(t, run); code != exitDone {
		t.Fatalf("the run: exit code %d\n%s", code, said.String())
	}
	if code := exitOf(t, set); code != exitDone {
		t.Errorf("alerts set --wait during a run: exit code %d\n%s", code, told.String())
	}
	var status string
	now, err := store.Open(ctx, dbIn(dir), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer now.Close()
	if err := now.Row(ctx, `SELECT status FROM alerts WHERE alert_id = ?`, id).Scan(&status); err != nil || status != "benign" {
		t.Errorf("alert %s has status %q, %v", id, status, err)
	}
	after := published(t, dir)
	if len(after["activities"]) <= len(before["activities"]) || len(after["user_days"]) <= len(before["user_days"]) {
		t.Errorf("a session opened after the run sees %d activities and %d user days, before there were %d and %d",
			len(after["activities"]), len(after["user_days"]), len(before["activities"]), len(before["user_days"]))
	}
	still, err := readFrom(ctx, old)
	if err != nil {
		t.Fatalf("read on in the old session: %v", err)
	}
	if d := difference(still, before); d != "" {
		t.Errorf("the content of an open session changed:\n%s", d)
	}
}
