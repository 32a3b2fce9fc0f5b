package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestExitCode(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{usageErrorf("x"), 2},
		{fmt.Errorf("wrapped: %w", usageErrorf("x")), 2},
		{&exitError{code: exitFindings, err: errors.New("x")}, 3},
		{errors.Join(partialError(errors.New("x")), nil), 4},
		{errors.Join(partialError(errors.New("x")), &exitError{code: exitFindings, err: errors.New("y")}), 4},
		{&exitError{code: exitLocked, err: errors.New("x")}, 5},
		{withHint(errors.New("x"), "do y"), 1},
		{withHint(usageErrorf("x"), "do y"), 2},
		{context.Canceled, 1},
	}
	for _, tt := range tests {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("exitCode(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	err := fmt.Errorf("ingest: %w", withHint(errors.New("token rejected"), "check %s", "ZOOM_CLIENT_SECRET"))
	if got, want := describe(err), "ingest: token rejected\nhint: check ZOOM_CLIENT_SECRET"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := describe(errors.Join(err, nil)), "ingest: token rejected\nhint: check ZOOM_CLIENT_SECRET"; got != want {
		t.Errorf("joined: got %q, want %q", got, want)
	}
	if got := describe(fmt.Errorf("list users: %w", context.Canceled)); !strings.HasPrefix(got, "interrupted") {
		t.Errorf("got %q", got)
	}
}

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"2026-03-01":                time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"2026-03-01T10:00:00+02:00": time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC),
		"7d":                        time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC),
		"12h":                       time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := parseSince(in, now); err != nil || !got.Equal(want) {
			t.Errorf("parseSince(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for _, bad := range []string{"", "yesterday", "-7d", "7", "2026-13-01", "-1h"} {
		if _, err := parseSince(bad, now); err == nil {
			t.Errorf("parseSince(%q): no error", bad)
		}
	}
}

func TestPanicIsAFailure(t *testing.T) {
	err := guarded(func() error { panic("boom") })
	if exitCode(err) != exitFailed || !strings.Contains(describe(err), "internal error: boom") || !strings.Contains(describe(err), "hint: this is a defect") {
		t.Errorf("exit code %d: %v", exitCode(err), err)
	}
}
