package zoom_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// The jobs of a child process: this test program, run again, with what it needs in the environment.
const (
	jobConnect = "connect" // has the user consent and ends
	jobCall    = "call"    // makes a call and ends
	jobCalls   = "calls"   // makes jobCallsTimes calls, each with a client of its own, and fails only where the connection is lost

	jobCallsTimes = 15

	envJob, envAccount, envTokens, envAhead = "ZOOM_TEST_JOB", "ZOOM_TEST_ACCOUNT", "ZOOM_TEST_TOKENS", "ZOOM_TEST_AHEAD"
)

// TestMain runs the tests, or the job of a child.
func TestMain(m *testing.M) {
	job := os.Getenv(envJob)
	if job == "" {
		os.Exit(m.Run())
	}
	if err := work(job); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func childCommand(t *testing.T, job string, s *userApp, store tokenFile) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), envJob+"="+job, envAccount+"="+s.url, envTokens+"="+store.path, envAhead+"="+strconv.FormatInt(s.ahead.Load(), 10))
	return cmd
}

func work(job string) error {
	ctx, account, store := context.Background(), os.Getenv(envAccount), zoom.NewTokenFile(os.Getenv(envTokens))
	ahead, err := strconv.ParseInt(os.Getenv(envAhead), 10, 64)
	if err != nil {
		return err
	}
	now := func() time.Time { return time.Now().Add(time.Duration(ahead)) }
	if job == jobConnect {
		return consent(ctx, zoom.App{ClientID: "cid", ClientSecret: zoom.NewSecret("secret"), OAuthURL: account, Now: now}, store)
	}
	times := 1
	if job == jobCalls {
		times = jobCallsTimes
	}
	for range times {
		client, err := newClient(account, store, now)
		if err != nil {
			return err
		}
		if k := client.Check(ctx); lost(k) || job == jobCall && k.Err != nil {
			return fmt.Errorf("%s: %w", k.Status, k.Err)
		}
	}
	return nil
}

// lost tells whether a connection does not come back by itself. A caller that met more faults in a row than it tries again is not a lost connection.
func lost(k zoom.Connection) bool {
	return k.Status != zoom.StatusConnected && k.Status != zoom.StatusUnreachable && k.Status != zoom.StatusRateLimited
}
