package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/zoomward/zoomward/store"
)

const (
	formatText = "text"
	formatJSON = "json"
)

func explainCommand() command {
	return command{
		name: "explain", args: "ALERT_ID [--format text|json]", summary: "one alert in plain words, with its evidence and the days around it",
		detail: `Says of one alert what happened, why it is unusual for this user, how sure that is, what else is known of the user around it, what triage said so far and
what to do next. The beginning of an id is enough where it is the only one. --format json gives the same as one JSON object.

The chart is drawn with Unicode blocks where the locale (LC_ALL, LC_CTYPE, LANG) says UTF-8 and TERM is not dumb, else in ASCII; there are no colours. Text is as wide as
the terminal, from 60 to 120 columns, and 80 where there is none.`,
		example: "zoomward explain 3f2a9c0d11e75b48",
		flags: func(fs *flag.FlagSet) action {
			format := fs.String("format", formatText, "")
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) != 1 || args[0] == "" {
					return withHint(usageErrorf("explain needs one alert id, got %d", len(args)), "zoomward alerts lists them")
				}
				if *format != formatText && *format != formatJSON {
					return usageErrorf("--format: %q is not one of %s, %s", *format, formatText, formatJSON)
				}
				return a.withPublished(ctx, func(db *store.DB) error { return a.explain(ctx, db, args[0], *format) })
			}
		},
	}
}

// explain writes the explanation of the alert whose id begins with prefix.
func (a *app) explain(ctx context.Context, db store.Querier, prefix, format string) error {
	id, err := findAlert(ctx, db, "alerts", prefix)
	if err != nil {
		return err
	}
	facts, err := readFacts(ctx, db, id)
	if err != nil {
		return err
	}
	x := explainFacts(facts, a.cfg.DB, a.again())
	if format == formatJSON {
		enc := json.NewEncoder(a.data())
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(x); err != nil {
			return fmt.Errorf("write explanation: %w", err)
		}
		return nil
	}
	text := strings.Join(x.lines(drawing{unicode: drawsUnicode(a.getenv, runtime.GOOS), width: textWidth(a.stdout, a.getenv)}), "\n") + "\n"
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("write explanation: %w", err)
	}
	return nil
}

// again is what a command line of an explanation needs besides its own words.
type again struct {
	as    string // goes before it: who is to run it, where that is not who reads the explanation
	flags string // name the same database
}

// again works out how this database is written to. What the environment says is written out too: sudo passes none of it on, and a report is read elsewhere.
func (a *app) again() again {
	out := again{}
	for _, x := range []struct{ key, flag, value string }{{keyConfig, "--config", a.cfg.File}, {keyInstance, "--instance", a.cfg.Instance}, {keyDB, "--db", a.cfg.DB}} {
		origin := a.cfg.origin(x.key)
		bySystemd := x.key == keyDB && origin == "default" && a.getenv("STATE_DIRECTORY") != ""
		if strings.HasPrefix(origin, "flag ") || strings.HasPrefix(origin, "environment ") || bySystemd {
			out.flags += " " + x.flag + " " + shellQuote(x.value)
		}
	}
	if owner, mine := ownerOf(a.cfg.DB); !mine {
		out.as = "sudo -u " + shellQuote(owner) + " "
	}
	return out
}

// drawsUnicode tells whether block characters will show: by the locale, as POSIX orders its variables. macOS and Windows have UTF-8 terminals without one.
func drawsUnicode(getenv func(string) string, goos string) bool {
	if getenv("TERM") == "dumb" {
		return false
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return goos == "darwin" || goos == "windows"
}

const (
	minWidth     = 60
	maxWidth     = 120
	defaultWidth = 80
)

// textWidth is how wide lines may be: as the terminal, or COLUMNS where a pager stands between, within what reads well.
func textWidth(w io.Writer, getenv func(string) string) int {
	width := defaultWidth
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		width = n
	} else if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			width = n
		}
	}
	return min(max(width, minWidth), maxWidth)
}
