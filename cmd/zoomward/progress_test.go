package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestProgressInLog(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&b, slog.New(slog.NewTextHandler(&b, nil)), func() time.Time { return now })
	for i := range 61 {
		p.show("activities", i, 61, int64(i))
		now = now.Add(time.Second)
	}
	p.done()
	if n := strings.Count(b.String(), "msg=progress"); n != 4 {
		t.Errorf("%d lines in a minute, want 4: %s", n, b.String())
	}
}

func TestProgressOnTerminal(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&b, slog.New(slog.DiscardHandler), func() time.Time { return now })
	p.terminal = true
	now = now.Add(time.Second)
	p.show("days\x1b[2J", 5, 10, 7)
	p.show("too soon", 6, 10, 7)
	p.show("no steps", 0, 0, 0)
	p.done()
	p.done()
	want := "\r\x1b[K[" + strings.Repeat("#", 15) + strings.Repeat(".", 15) + `] 5/10 days\u001b[2J, 7 rows` + "\r\x1b[K"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
