package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models/policy"
	"github.com/zoomward/zoomward/store"
)

func policyListCommand() command {
	return command{
		name: "policy list", summary: "policies of your own: what loads, what is on",
		detail: `Reads the folder of policies (config key policies, ZOOMWARD_POLICIES) and checks every file against the views, without a row of the account; what the last run made of them
is read from the published database, if there is one. Ends with code 1 when a file does not load.`,
		example: "zoomward policy list --config /etc/zoomward/config.yaml",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				return a.listPolicies(ctx)
			}
		},
	}
}

// needsPolicies refuses to go on without a folder.
func (a *app) needsPolicies() error {
	if a.cfg.Policies == "" {
		return withHint(usageErrorf("no folder of policies is configured"), "set the config key %s or ZOOMWARD_POLICIES to it", keyPolicies)
	}
	return a.checkPolicies()
}

func (a *app) listPolicies(ctx context.Context) error {
	if err := a.needsPolicies(); err != nil {
		return err
	}
	files, err := policy.ReadFolder(a.cfg.Policies)
	if err != nil {
		return err
	}
	var known []policy.Status
	if _, err := os.Stat(a.cfg.DB); a.cfg.DB != "" && !errors.Is(err, fs.ErrNotExist) {
		err := a.withPublished(ctx, func(db *store.DB) (err error) {
			known, err = policy.ReadStatus(ctx, db)
			return err
		})
		if err != nil {
			return err
		}
	}
	checker, err := policy.NewChecker(ctx)
	if err != nil {
		return err
	}
	defer checker.Close() //nolint:errcheck // in memory: nothing is lost
	t := newTable(a.stdout, "POLICY", "STATE", "CLASS", "SEVERITY", "SCHEDULE", "LOOKED UNTIL", "TITLE", "REMARK")
	broken := 0
	for _, f := range files {
		if f.Err == nil {
			_, f.Err = checker.Check(ctx, f.Policy)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		state, seen, remark := "new", "", ""
		if i := slices.IndexFunc(known, func(s policy.Status) bool { return s.ID == f.ID }); i >= 0 {
			s := known[i]
			if state, remark = s.State, s.Reason; remark == "" && s.LastError != "" {
				remark = "failed, the next run tries again: " + s.LastError
			}
			if !s.SeenUntil.IsZero() {
				seen = s.SeenUntil.Format(time.RFC3339)
			}
		} else if f.Err == nil && !f.Enabled {
			state = policy.Off
		}
		if f.Err != nil {
			state, remark = policy.Broken, f.Err.Error()
			broken++
		}
		if f.ID == "" {
			f.ID = filepath.Base(f.File)
		}
		t.row(f.ID, state, string(f.Class), f.Severity, string(f.Schedule), seen, f.Title, remark)
	}
	if err := t.flush(); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d policies do not load", broken, len(files))
	}
	return nil
}

func policyTestCommand() command {
	return command{
		name: "policy test", args: "FILE... [--since D] [--until D] [--format table|json]", summary: "what policies of your own would have raised",
		detail: `Runs policies on the published database over past time, by default the last 30 days, as their schedules would have, and shows what they would have raised, how much that
is in a week, and what is doubtful about them. Nothing is written. --since and --until take a day (2026-01-31), a time (RFC 3339) or an age (7d, 12h), the age as of the last run
unless --as-of says otherwise.`,
		example: "zoomward policy test policies/*.sql --since 90d",
		flags: func(fs *flag.FlagSet) action {
			since, until, format := fs.String("since", "30d", ""), fs.String("until", "", ""), fs.String("format", formatTable, "")
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) == 0 {
					return usageErrorf("policy test needs a file")
				}
				return a.tryPolicies(ctx, args, *since, *until, *format)
			}
		},
	}
}

// backtestPolicy is backtest with a policy of the account's own as the candidate.
func (a *app) backtestPolicy(ctx context.Context, b backtestFlags) error {
	if b.budget != "" || b.fdr != "" || b.labels != "" {
		return usageErrorf("--budget, --fdr and --labels do not go with a policy in SQL: it is no part of the scoring")
	}
	if b.days == 0 {
		b.days = 30
	}
	return a.tryPolicies(ctx, []string{b.policy}, fmt.Sprintf("%dd", b.days), "", b.format)
}

func (a *app) tryPolicies(ctx context.Context, files []string, since, until, format string) error {
	if format != formatTable && format != "json" {
		return usageErrorf("--format: %q is not one of table, json", format)
	}
	checker, err := policy.NewChecker(ctx)
	if err != nil {
		return err
	}
	defer checker.Close() //nolint:errcheck // in memory: nothing is lost
	var checked []policy.Checked
	for _, file := range files {
		p, err := policy.ReadFile(file)
		if err != nil {
			return usageErrorf("%w", err)
		}
		c, err := checker.Check(ctx, p)
		if err != nil {
			return usageErrorf("%w", err)
		}
		checked = append(checked, c)
	}
	return a.withPublished(ctx, func(db *store.DB) error {
		now := a.cfg.AsOf
		if now.IsZero() {
			if now, err = lastAsOf(ctx, db, a.asOf()); err != nil {
				return err
			}
		}
		end := now
		if until != "" {
			if end, err = parseSince(until, now); err != nil {
				return usageErrorf("--until: %w", err)
			}
		}
		begin, err := parseSince(since, end)
		if err != nil {
			return usageErrorf("--since: %w", err)
		}
		if !begin.Before(end) {
			return usageErrorf("--since: %s does not lie before %s", begin.Format(time.RFC3339), end.Format(time.RFC3339))
		}
		if err := db.Confine(ctx); err != nil {
			return err
		}
		trials := make([]policy.Trial, len(checked))
		for i, c := range checked {
			if trials[i], err = policy.Try(ctx, db, c, begin, end, policy.DefaultTimeout); err != nil {
				return err
			}
		}
		if format == "json" {
			return a.writeTrials(trials)
		}
		return a.printTrials(checked, trials)
	})
}

func policyEnableCommand() command {
	return policyStateCommand("policy enable", "let a policy run again", `Lets a policy run again that was stopped by zoomward policy disable, or that was disabled because it ran away or failed again and again.
Editing its file does the same for the latter. One that its file switches off is enabled there.`, policy.Enable)
}

func policyDisableCommand() command {
	return policyStateCommand("policy disable", "stop a policy", "Stops a policy until zoomward policy enable. Its alerts stay.", policy.Disable)
}

func policyStateCommand(name, summary, detail string, set func(context.Context, *store.Tx, string, time.Time) error) command {
	return command{
		name: name, args: "ID", summary: summary, detail: detail, example: "zoomward " + name + " ACME-REC-01",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) != 1 {
					return usageErrorf("%s needs one id, got %d", name, len(args))
				}
				if err := a.needsData(); err != nil {
					return err
				}
				return a.withWork(ctx, name, func(db *store.DB) error {
					return db.Tx(ctx, func(tx *store.Tx) error {
						err := set(ctx, tx, strings.ToUpper(args[0]), a.asOf())
						if errors.Is(err, policy.ErrNoPolicy) {
							err = withHint(err, "zoomward policy list lists them; a run must have seen it")
						}
						return err
					})
				}, nil)
			}
		},
	}
}
