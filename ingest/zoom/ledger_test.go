package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var ledgerDay = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func TestLedgers(t *testing.T) {
	for name, l := range map[string]Ledger{"memory": NewMemoryLedger(), "file": FileLedger(filepath.Join(t.TempDir(), "new", "quota"), nil)} {
		for i, step := range []struct {
			day        time.Time
			pool       string
			n, limit   int
			back       int
			got, spent int
		}{
			{ledgerDay, "heavy", 0, 100, 0, 0, 0},
			{ledgerDay, "heavy", 50, 100, 0, 50, 50},
			{ledgerDay, "heavy", 50, 60, 3, 10, 60},
			{ledgerDay, "heavy", 50, 60, 0, 3, 60},
			{ledgerDay, "heavy", 50, 60, 0, 0, 60},
			{ledgerDay, "light", 50, 60, 99, 50, 50},
			{ledgerDay, "light", 0, 60, 0, 0, 0},
			{ledgerDay.AddDate(0, 0, 1), "heavy", 50, 60, 0, 50, 50},
			{ledgerDay, "heavy", 50, 60, 0, 0, 60}, // a clock that was set back
			{ledgerDay.AddDate(0, 0, 9), "heavy", 50, 60, 0, 50, 50},
			{ledgerDay.AddDate(0, 0, 9), "heavy", 50, 40, 0, 0, 50}, // a limit that shrank
		} {
			got, spent, err := l.Claim(context.Background(), step.day, step.pool, step.n, step.limit)
			if err != nil || got != step.got || spent != step.spent {
				t.Errorf("%s, step %d: got %d of %d, %v; want %d of %d", name, i, got, spent, err, step.got, step.spent)
			}
			if step.back > 0 {
				if err := l.Return(context.Background(), step.day, step.pool, step.back); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestLedgerSharedByMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quota")
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 8 {
		wg.Go(func() {
			l := FileLedger(path, nil)
			for range 5 {
				got, _, err := l.Claim(context.Background(), ledgerDay, "heavy", 7, 200)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				total += got
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if total != 200 { // 8 x 5 x 7 = 280 wanted
		t.Errorf("%d calls given out, want 200", total)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestDamagedLedger(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "cut": `{"zoomward_quota":1,"spent":{"2026`, "foreign": `{"name":"x"}`, "another version": `{"zoomward_quota":2,"spent":{}}`, "two": `{"zoomward_quota":1} {}`,
		"no day": `{"zoomward_quota":1,"spent":{"today":{"heavy":1}}}`, "negative": `{"zoomward_quota":1,"spent":{"2026-03-01":{"heavy":-5}}}`,
		"absurd": `{"zoomward_quota":1,"spent":{"2026-03-01":{"heavy":9000000000}}}`, "large": `{"x":"` + strings.Repeat("x", maxLedgerBytes) + `"}`,
	} {
		path := filepath.Join(t.TempDir(), "quota")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		l := FileLedger(path, slog.New(slog.NewTextHandler(&log, nil)))
		if got, spent, err := l.Claim(context.Background(), ledgerDay, "heavy", 50, 60); err != nil || got != 50 || spent != 50 {
			t.Errorf("%s: %d %d %v", name, got, spent, err)
		}
		if !strings.Contains(log.String(), "begun anew") || !strings.Contains(log.String(), path) {
			t.Errorf("%s: no warning: %s", name, log.String())
		}
		if _, spent, err := l.Claim(context.Background(), ledgerDay, "heavy", 0, 60); err != nil || spent != 50 {
			t.Errorf("%s: not renewed: %d %v", name, spent, err)
		}
	}
	// What cannot be counted is not sent.
	folder := filepath.Join(t.TempDir(), "quota")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	f := newFake(t, body(200, `{}`))
	if err := heavyCall(quotaClient(t, f, FileLedger(folder, nil))); err == nil || IsDailyLimit(err) || len(f.calls) != 0 {
		t.Errorf("a folder for a ledger: %v, %d calls", err, len(f.calls))
	}
}

func FuzzLedger(f *testing.F) {
	for _, s := range []string{`{"zoomward_quota":1,"spent":{"2026-03-01":{"heavy":5}}}`, `{"zoomward_quota":1}`, `{`, `[]`, `{"zoomward_quota":1,"spent":{"2026-03-01":null}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := decodeLedger(text)
		if err != nil {
			return
		}
		got, spent := s.claim(ledgerDay, "heavy", 50, 100)
		if got < 0 || got > 50 || got > 0 && spent > 100 || spent < 0 {
			t.Errorf("got %d, spent %d", got, spent)
		}
		again, err := json.Marshal(ledgerFile{ledgerVersion, s})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeLedger(again); err != nil {
			t.Errorf("does not read what it writes: %v", err)
		}
	})
}
