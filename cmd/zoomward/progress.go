package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// How often progress shows: often enough on a terminal to look alive, seldom enough in a log to be read.
const (
	progressOnTerminal = 100 * time.Millisecond
	progressInLog      = 15 * time.Second
	progressWidth      = 30
)

// progress rewrites one line on a terminal, and logs a line now and then elsewhere.
type progress struct {
	mu       sync.Mutex
	w        io.Writer
	log      *slog.Logger
	now      func() time.Time
	terminal bool
	last     time.Time
	shown    bool
}

func newProgress(w io.Writer, log *slog.Logger, now func() time.Time) *progress {
	return &progress{w: w, log: log, now: now, terminal: isTerminal(w), last: now()}
}

// show says that done of total steps are over; rows, if not 0, is how many rows they brought.
func (p *progress) show(what string, done, total int, rows int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pause := progressInLog
	if p.terminal {
		pause = progressOnTerminal
	}
	now := p.now()
	if now.Sub(p.last) < pause || total <= 0 {
		return
	}
	p.last = now
	if !p.terminal {
		p.log.Info("progress", "what", what, "done", done, "total", total, "rows", rows)
		return
	}
	full := min(done, total) * progressWidth / total
	line := fmt.Sprintf("[%s%s] %d/%d %s", strings.Repeat("#", full), strings.Repeat(".", progressWidth-full), done, total, sanitize(what))
	if rows > 0 {
		line += fmt.Sprintf(", %d rows", rows)
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", line)
	p.shown = true
}

// done takes the line away.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
