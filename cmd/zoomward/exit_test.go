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

func TestBoth(t *testing.T) {
	partial, plain := partialError(errors.New("feed shut")), errors.New("disk full")
	found := &exitError{code: exitFindings, err: errors.New("1 new alert")}
	tests := []struct {
		name           string
		partial, after error
		want           int
	}{
		{"nothing", nil, nil, exitDone},
		{"partial alone", partial, nil, exitPartial},
		{"findings alone", nil, found, exitFindings},
		{"partial outweighs findings", partial, found, exitPartial},
		{"a failure outweighs partial", partial, plain, exitFailed},
		{"a failure alone", nil, plain, exitFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := both(tt.partial, tt.after)
			if exitCode(err) != tt.want {
				t.Errorf("exit code %d, want %d", exitCode(err), tt.want)
			}
			for _, part := range []error{tt.partial, tt.after} {
				if part != nil && !strings.Contains(describe(err), part.Error()) {
					t.Errorf("%q does not say %q", describe(err), part)
				}
			}
		})
	}
}

func TestCheckClock(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		asOf    time.Time
		api     string
		refused bool
	}{
		{time.Time{}, "https://api.zoom.us/v2", false},
		{now.AddDate(0, 0, -90), "https://api.zoom.us/v2", false},
		{now.Add(clockLeeway), "https://api.zoom.us/v2", false},
		{now.Add(clockLeeway + time.Second), "https://api.zoom.us/v2", true},
		{now.AddDate(4, 0, 0), "http://127.0.0.1:8787/v2", false},
	}
	for _, tt := range tests {
		if err := checkClock(tt.asOf, now, tt.api); (err != nil) != tt.refused || err != nil && exitCode(err) != exitUsage {
			t.Errorf("as of %s on %s: %v, want refused %v", tt.asOf, tt.api, err, tt.refused)
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
