package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// verdict is what a check comes to.
type verdict string

// The verdicts, in words that scripts may compare.
const (
	verdictOK      verdict = "ok"
	verdictSkipped verdict = "skipped" // nothing to look at, or no way to
	verdictWarn    verdict = "warn"    // it works, or will, with less than it could have
	verdictFail    verdict = "fail"    // a run would fail, or must not be trusted
)

// worse orders verdicts by how much they call for.
func (v verdict) worse(than verdict) bool {
	order := []verdict{verdictSkipped, verdictOK, verdictWarn, verdictFail}
	return slices.Index(order, v) > slices.Index(order, than)
}

// finding is one line of what a check has to say. The keys of its JSON are a contract.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Seen    string  `json:"seen"`
	Advice  string  `json:"advice,omitempty"` // what to do
}

func ok(format string, args ...any) finding {
	return finding{Verdict: verdictOK, Seen: fmt.Sprintf(format, args...)}
}

func skipped(format string, args ...any) finding {
	return finding{Verdict: verdictSkipped, Seen: fmt.Sprintf(format, args...)}
}

func warn(format string, args ...any) finding {
	return finding{Verdict: verdictWarn, Seen: fmt.Sprintf(format, args...)}
}

func fail(format string, args ...any) finding {
	return finding{Verdict: verdictFail, Seen: fmt.Sprintf(format, args...)}
}

// broken is a failure with the hints of an error.
func broken(err error) finding {
	return finding{Verdict: verdictFail, Seen: err.Error(), Advice: strings.Join(hints(err), "; ")}
}

func (f finding) todo(format string, args ...any) finding {
	f.Advice = fmt.Sprintf(format, args...)
	return f
}

// examination is one thing that doctor looks at: adding one is adding a value to examinations. It returns one finding or more.
type examination struct {
	name string
	look func(ctx context.Context, p *patient) []finding
}

// checkConfigName is the examination whose failure is one of the configuration: exit 2, as of every command.
const checkConfigName = "config"

// examinations lists what doctor looks at, in the order in which one thing depends on the other.
func examinations() []examination {
	return []examination{
		{checkConfigName, lookConfig},
		{"token", lookToken},
		{"clock", lookClock},
		{"scopes", lookScopes},
		{"plan", lookPlan},
		{"quota", lookQuota},
		{"disk", lookDisk},
		{"database", lookDatabase},
		{"lock", lookLock},
		{"geo", lookGeo},
		{"export", lookExport},
		{"last run", lookLastRun},
	}
}

// patient is what is looked at: an installation, what Zoom said, and the ways to find out the rest, which tests replace.
type patient struct {
	*app
	noDB  error // why there can be no database where the configuration wants it
	zoom  zoomFacts
	disks disks
}

// healthReport is what `doctor --json` prints.
type healthReport struct {
	Verdict  verdict   `json:"verdict"` // the worst of them
	Findings []finding `json:"findings"`
}

func doctorCommand() command {
	return command{
		name: "doctor", args: "[--json]", summary: "what is wrong with this installation, and what to do",
		detail: `Looks at the configuration, the connection to Zoom, the clock, scopes, plan and quota, at disks, database, lock, location databases, exports and the last run.
Each finding is ok, warn, fail or skipped (nothing to look at yet, or no way to), with what to do. Zoom is asked for a token and one user, within ten seconds and
out of none of the daily quota of reports; without a network the rest is looked at all the same. A user-managed app may have its tokens refreshed,
which is given a minute, as in every run. Nothing else is changed.
Exit code 0 when nothing fails, 1 when something does, 2 when it is the configuration.`,
		example: "zoomward doctor --config /etc/zoomward/config.yaml",
		flags: func(fs *flag.FlagSet) action {
			asJSON := fs.Bool("json", false, "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				p := &patient{app: a, noDB: checkDatabase(&a.cfg), disks: realDisks()}
				p.zoom = a.askZoom(ctx, zoomPatience)
				rep := examine(ctx, p, examinations())
				if err := ctx.Err(); err != nil {
					return err
				}
				write := rep.print
				if *asJSON {
					write = rep.printJSON
				}
				if err := write(a.stdout); err != nil {
					return fmt.Errorf("print findings: %w", err)
				}
				return rep.outcome()
			}
		},
	}
}

// examine looks at everything.
func examine(ctx context.Context, p *patient, all []examination) healthReport {
	rep := healthReport{Verdict: verdictSkipped}
	for _, e := range all {
		for _, f := range e.look(ctx, p) {
			f.Check = e.name
			rep.Findings = append(rep.Findings, f)
			if f.Verdict.worse(rep.Verdict) {
				rep.Verdict = f.Verdict
			}
		}
	}
	return rep
}

// outcome is the error of a report in which something fails.
func (r healthReport) outcome() error {
	var failed []string
	for _, f := range r.Findings {
		if f.Verdict == verdictFail && !slices.Contains(failed, f.Check) {
			failed = append(failed, f.Check)
		}
	}
	switch {
	case failed == nil:
		return nil
	case failed[0] == checkConfigName:
		return usageErrorf("what fails: %s", strings.Join(failed, ", "))
	}
	return errors.New("what fails: " + strings.Join(failed, ", "))
}

func (r healthReport) print(w io.Writer) error {
	t := newTable(w, "CHECK", "VERDICT", "SEEN")
	said := ""
	for _, f := range r.Findings {
		name := f.Check
		if name == said {
			name = " " // the same check goes on
		}
		said = f.Check
		t.row(name, string(f.Verdict), f.Seen)
		if f.Advice != "" {
			t.row(" ", " ", "-> "+f.Advice)
		}
	}
	return t.flush()
}

func (r healthReport) printJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
