package zoom_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// What came of a connection whose process was killed.
const (
	stillConnected = "connected"
	connectAgain   = "told to connect again"
)

// A tally counts what came of kills.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what]++
}

func newTally(t *testing.T) *tally {
	c := &tally{counts: map[string]int{}}
	t.Cleanup(func() {
		for _, what := range slices.Sorted(maps.Keys(c.counts)) {
			t.Logf("%3d  %s", c.counts[what], what)
		}
	})
	return c
}

// kill ends a child as a power cut would, and reports whether it was not done before.
func kill(t *testing.T, cmd *exec.Cmd) bool {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = cmd.Wait() // says that it was killed
	return cmd.ProcessState.ExitCode() == -1
}

// afterwards checks what a killed process left, and returns what came of the connection. Whatever that is, it is one thing: tokens that work for good, or none that
// do; and connecting again helps.
func afterwards(t *testing.T, s *userApp, store tokenFile) string {
	t.Helper()
	if _, err := store.Load(t.Context()); err != nil && !errors.Is(err, zoom.ErrNoTokens) {
		t.Fatalf("the token file is damaged: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	k := s.client(t, store).Check(ctx)
	what := connectAgain
	if k.Status == zoom.StatusConnected {
		what = stillConnected
		s.pass(2 * time.Hour)
		mustBe(t, s.client(t, store).Check(ctx), zoom.StatusConnected) // also the refresh token is good
	} else {
		mustBe(t, k, "")
	}
	stored := ""
	if tokens, err := store.Load(ctx); err == nil {
		stored = tokens.Refresh.Reveal()
	}
	s.mu.Lock()
	issued := slices.Clone(s.issued)
	s.mu.Unlock()
	for _, refresh := range issued {
		if refresh == stored {
			continue
		}
		if _, err := s.app().Refresh(ctx, zoom.NewSecret(refresh)); err == nil && what == stillConnected {
			t.Error("beside the stored tokens others are good")
		}
	}
	checkLeft(t, store, stored, issued)
	s.connected(t, store)
	mustBe(t, s.client(t, store).Check(ctx), zoom.StatusConnected)
	return what
}

// checkLeft checks that nothing but the store holds tokens.
func checkLeft(t *testing.T, store tokenFile, stored string, issued []string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(filepath.Dir(store.path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if path != store.path && path != store.path+".lock" {
			t.Errorf("%s is left behind", path)
		}
		for _, refresh := range issued {
			if refresh != stored && bytes.Contains(text, []byte(refresh)) && path != store.path {
				t.Errorf("%s holds tokens", path)
			}
		}
	}
}

// TestKilledAtEveryStep kills processes while the account holds their request, at every request of a consent and of a refresh.
func TestKilledAtEveryStep(t *testing.T) {
	const authorize, token, users = "/oauth/authorize", "/oauth/token", "/v2/users"
	c := newTally(t)
	for _, tt := range []struct {
		job, path, answer string
		connected         bool // before
		want              string
	}{
		{jobConnect, authorize, notServed, false, connectAgain},
		{jobConnect, authorize, unanswered, false, connectAgain},
		{jobConnect, token, notServed, false, connectAgain},
		{jobConnect, token, unanswered, false, connectAgain},
		{jobConnect, token, halfSent, false, connectAgain},
		{jobConnect, authorize, notServed, true, stillConnected}, // as before
		{jobConnect, authorize, unanswered, true, stillConnected},
		{jobConnect, token, notServed, true, stillConnected},
		{jobConnect, token, unanswered, true, connectAgain}, // Zoom has revoked what was there
		{jobConnect, token, halfSent, true, connectAgain},
		{jobCall, token, notServed, true, stillConnected},
		{jobCall, token, unanswered, true, connectAgain}, // the next refresh token is lost
		{jobCall, token, halfSent, true, connectAgain},
		{jobCall, users, notServed, true, stillConnected},
		{jobCall, users, unanswered, true, stillConnected},
		{jobCall, users, halfSent, true, stillConnected},
	} {
		at := tt.job + " at " + tt.path + " " + tt.answer
		before := "connected before"
		if !tt.connected {
			before = "not connected before"
		}
		t.Run(strings.ReplaceAll(strings.TrimPrefix(at, "/"), "/", "_")+" "+before, func(t *testing.T) {
			t.Parallel()
			s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
			store := newTokenFile(t)
			if tt.connected {
				s.connected(t, store)
				s.pass(2 * time.Hour)
			}
			if !killedAt(t, s, store, tt.job, &gate{path: tt.path, answer: tt.answer}, 0) {
				t.Fatal("the process was not killed")
			}
			got := afterwards(t, s, store)
			c.add(at + ", " + before + ": " + got)
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// killedAt runs a job to a gate and kills it some time after that.
func killedAt(t *testing.T, s *userApp, store tokenFile, job string, g *gate, after time.Duration) bool {
	t.Helper()
	s.stop(g)
	cmd := childCommand(t, job, s, store)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-g.reached:
	case <-time.After(20 * time.Second):
		_ = kill(t, cmd)
		t.Fatal("the process never came to the step")
	}
	time.Sleep(after)
	killed := kill(t, cmd)
	close(g.open)
	return killed
}

// TestKilledWhileStoring kills processes at random moments after the account has sent the tokens: before they are read, while they are written, flushed or renamed,
// and after that.
func TestKilledWhileStoring(t *testing.T) {
	moments := 25
	if testing.Short() {
		moments = 5
	}
	c := newTally(t)
	t.Cleanup(func() {
		if c.counts[jobCall+", killed: "+stillConnected]+c.counts[jobConnect+", killed: "+stillConnected] == 0 || c.counts[jobCall+", killed: "+connectAgain] == 0 {
			t.Error("all processes were killed on one side of the rename: the test proves nothing about the other")
		}
	})
	random := rand.New(rand.NewPCG(7, 7))
	for range moments {
		for _, job := range []string{jobConnect, jobCall} {
			after := time.Duration(random.Int64N(int64(20 * time.Millisecond)))
			if random.IntN(2) == 0 {
				after /= 8 // where most of it happens
			}
			t.Run(job, func(t *testing.T) {
				t.Parallel()
				s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
				store := newTokenFile(t)
				s.connected(t, store)
				s.pass(2 * time.Hour)
				when := "killed"
				if !killedAt(t, s, store, job, &gate{path: "/oauth/token", answer: answered}, after) {
					when = "done before the kill"
				}
				c.add(job + ", " + when + ": " + afterwards(t, s, store))
			})
		}
	}
}

// TestKilledBeforeRename kills processes as soon as the new tokens stand in a temporary file.
func TestKilledBeforeRename(t *testing.T) {
	c := newTally(t)
	unfinished := 0
	for range 5 {
		s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
		store := newTokenFile(t)
		g := s.stop(&gate{path: "/oauth/token", answer: answered})
		cmd := childCommand(t, jobConnect, s, store)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(store.path)
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
			if names, _ := filepath.Glob(filepath.Join(dir, "*tokens*")); slices.ContainsFunc(names, func(n string) bool { return !strings.HasSuffix(n, ".lock") }) {
				break
			}
		}
		_ = kill(t, cmd)
		close(g.open)
		if names, _ := filepath.Glob(filepath.Join(dir, ".z.tokens*")); len(names) > 0 {
			unfinished++
		}
		c.add(afterwards(t, s, store))
	}
	if unfinished == 0 {
		t.Error("no process was killed with a temporary file: the test proves nothing")
	}
	t.Logf("%d of 5 left a temporary file", unfinished)
}
