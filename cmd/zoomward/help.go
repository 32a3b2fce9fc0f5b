package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

const commonUsage = `Flags of every command:
  --config FILE      YAML file (env ZOOMWARD_CONFIG)
  --instance NAME    which of several connections, each with its database (env ZOOMWARD_INSTANCE)
  --db FILE          published DuckDB file (env ZOOMWARD_DB; default $XDG_DATA_HOME/zoomward/zoomward.duckdb)
  --log-level LEVEL  debug, info, warn or error (env ZOOMWARD_LOG_LEVEL; default info)
  --log-format F     text or json (env ZOOMWARD_LOG_FORMAT; default text)
  --as-of TIME       act as if it were TIME, RFC 3339 (env ZOOMWARD_AS_OF; default now)

A flag wins over the environment, the environment over the file, the file over the default.
Credentials: ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID, ZOOM_CLIENT_SECRET (or client_secret_file in the config).
`

const exitUsageText = `Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 findings at or above --fail-on,
4 partial (some feeds failed), 5 another run holds the lock.
`

func overview() string {
	var b strings.Builder
	b.WriteString("zoomward watches a Zoom account: unusual activity, weak settings, in one DuckDB file.\n\nUsage: zoomward COMMAND [flags]\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %s\t%s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "  help [COMMAND]\tthis page, or one command in full\n")
	_ = w.Flush() // a strings.Builder does not fail
	b.WriteString("\nTry it without a Zoom account: zoomward demo\n\n" + commonUsage + "\n" + exitUsageText)
	return b.String()
}

func (c command) usage() string {
	synopsis := strings.TrimSpace("zoomward " + c.name + " " + c.args)
	return fmt.Sprintf("%s: %s\n\nUsage: %s\n\n%s\n\nExample:\n  %s\n\n%s", c.name, c.summary, synopsis, strings.TrimSpace(c.detail), c.example, commonUsage)
}

// help answers `help` and `help COMMAND`.
func help(w io.Writer, args []string) error {
	if len(args) == 0 {
		_, err := io.WriteString(w, overview())
		return err
	}
	c, rest, err := find(args)
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	_, err = io.WriteString(w, c.usage())
	return err
}
