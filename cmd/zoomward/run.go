package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

// command is one word, or two, after `zoomward`.
type command struct {
	name    string
	args    string // positional arguments and flags for the synopsis
	summary string // one line for the overview
	detail  string // paragraphs for `help NAME`
	example string // one command line that works
	// flags registers the command's own flags and returns what runs after they were parsed.
	flags func(fs *flag.FlagSet) action
}

// action does the work of a command with the positional arguments that are left.
type action func(ctx context.Context, a *app, args []string) error

// app is what every command gets: where to write, what was configured, what time it is.
type app struct {
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	cfg    Config
	log    *slog.Logger
	// wall is the real clock, for waiting and for stamping runs.
	wall func() time.Time
	// patience is how long to wait for another process that holds the lock; 0: as good as not at all.
	patience time.Duration
}

// commands lists every command in the order of the overview.
func commands() []command {
	return []command{
		demoCommand(), simulateCommand(), benchCommand(), connectCommand(), disconnectCommand(), runCommand(),
		ingestCommand(), importCommand(), featuresCommand(), scoreCommand(), postureCommand(), postureShowCommand(), postureDiffCommand(),
		alertsCommand(), alertsSetCommand(), explainCommand(), backtestCommand(),
		policyListCommand(), policyTestCommand(), policyEnableCommand(), policyDisableCommand(), exportCommand(), reportCommand(), statusCommand(), doctorCommand(), catalogCommand(),
		geoUpdateCommand(), geoListCommand(), geoLookupCommand(), configPrintCommand(), versionCommand(),
	}
}

// run is the whole program. It writes its own error message to stderr and returns the error so that the caller can take the exit code from it.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	a := &app{getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr, log: slog.New(slog.DiscardHandler), wall: time.Now}
	err := guarded(func() error { return dispatch(ctx, a, args) })
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", errInterrupted, err)
	}
	if err != nil {
		fmt.Fprintf(stderr, "zoomward: %s\n", sanitizeLines(describe(err)))
	}
	return err
}

// guarded turns a panic into an error: Go itself would end the program with code 2, which says wrong usage here.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = withHint(fmt.Errorf("internal error: %v\n%s", p, debug.Stack()), "this is a defect of zoomward: please report it with the lines above")
		}
	}()
	return f()
}

func dispatch(ctx context.Context, a *app, args []string) error {
	if len(args) == 0 {
		fmt.Fprint(a.stderr, overview())
		return usageErrorf("no command given")
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return help(a.stdout, args[1:])
	case "--version", "-version":
		args = []string{"version"}
	}
	cmd, rest, err := find(args)
	if err != nil {
		return err
	}
	fs := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	var common commonFlags
	common.register(fs)
	act := cmd.flags(fs)
	positional, err := parseMixed(fs, rest)
	if errors.Is(err, flag.ErrHelp) {
		_, err := io.WriteString(a.stdout, cmd.usage())
		return err
	}
	if err != nil {
		return withHint(usageErrorf("%s: %s", cmd.name, flagSentence(err)), "zoomward help %s", cmd.name)
	}
	if err := noEmptyFlags(fs); err != nil {
		return withHint(err, "zoomward help %s", cmd.name)
	}
	if a.cfg, err = loadConfig(common.given(fs), a.getenv); err != nil {
		return err
	}
	a.log = newLogger(a.stderr, a.cfg)
	return act(ctx, a, positional)
}

// find looks a command up by its first two words, then by its first.
func find(args []string) (command, []string, error) {
	all := commands()
	for n := min(2, len(args)); n > 0; n-- {
		name := strings.Join(args[:n], " ")
		for _, c := range all {
			if c.name == name {
				return c, args[n:], nil
			}
		}
	}
	if strings.HasPrefix(args[0], "-") {
		return command{}, nil, withHint(usageErrorf("flag %s stands before the command", args[0]), "the command comes first: zoomward run %s ...", args[0])
	}
	var parts []string
	for _, c := range all {
		if rest, ok := strings.CutPrefix(c.name, args[0]+" "); ok {
			parts = append(parts, rest)
		}
	}
	if len(parts) > 0 {
		return command{}, nil, usageErrorf("%s needs one of: %s", args[0], strings.Join(parts, ", "))
	}
	return command{}, nil, withHint(usageErrorf("unknown command %q", args[0]), "zoomward help lists them")
}

// parseMixed parses flags that may stand before, between and after positional arguments.
func parseMixed(fs *flag.FlagSet, args []string) (positional []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		rest := fs.Args()
		if len(rest) == 0 {
			return positional, nil
		}
		if i := len(args) - len(rest); i > 0 && args[i-1] == "--" {
			return append(positional, rest...), nil
		}
		positional = append(positional, rest[0])
		args = rest[1:]
	}
}

// flagSentence turns the flag package's errors into the words of this program.
func flagSentence(err error) string {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return "unknown flag --" + strings.TrimPrefix(name, "-")
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return "flag --" + name + " needs a value"
	}
	if m := badFlagValue.FindStringSubmatch(text); m != nil {
		return "flag --" + m[2] + ": " + m[1] + " is not a value it takes"
	}
	return text
}

// badFlagValue is how the flag package words a value that does not parse.
var badFlagValue = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z-]+): `)

// noEmptyFlags refuses a flag with nothing in it: it is an unset variable of a script, and leaving the flag out is not what the script meant. A note may be empty.
func noEmptyFlags(fs *flag.FlagSet) (err error) {
	fs.Visit(func(f *flag.Flag) {
		if f.Value.String() == "" && f.Name != "note" && err == nil {
			err = usageErrorf("%s: flag --%s has an empty value", fs.Name(), f.Name)
		}
	})
	return err
}

// noArguments refuses positional arguments.
func noArguments(args []string) error {
	if len(args) > 0 {
		return usageErrorf("unexpected argument %q", args[0])
	}
	return nil
}
