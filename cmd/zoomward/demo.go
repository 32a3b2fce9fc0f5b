package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

func demoCommand() command {
	return command{
		name: "demo", args: "[--dir D] [--users N] [--days N] [--seed N] [--attacks=false] [--full] [--weaken-settings]", summary: "the whole pipeline on a simulated account with planted attacks",
		detail: `Starts a simulated Zoom account (plan business, Zoom's own rate limits) on a loopback port, runs on it over HTTP what zoomward run does, and prints the
alerts, the posture and how many of the planted attacks were found. Database, exports, report and location database stay in D, by default a new temporary folder.
The same seed and --as-of give the same account. --attacks=false plants none: every alert is then one too many. --weaken-settings adds one, in which an
administrator's account weakens ten settings and one more behind the operation log's back; it runs before, after, and once the log is known, and prints what changed. --full keeps no rate limits and makes
every call, also those for each meeting, recording and user, which a demo otherwise leaves off after ten seconds; 300 users and 120 days then take minutes.`,
		example: "zoomward demo --users 100 --days 60",
		flags: func(fs *flag.FlagSet) action {
			var c companyFlags
			c.register(fs)
			dir, full := fs.String("dir", "", ""), fs.Bool("full", false, "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if a.cfg.origin(keyDB) == "flag --db" {
					return usageErrorf("demo keeps its database in the folder of --dir, it takes no --db")
				}
				return a.demo(ctx, c, *dir, *full)
			}
		},
	}
}

// demoVisitTime is what a demo spends on feeds that cost a call for each meeting or user: at Zoom's rate limits half a year of them takes hours, and the figures
// of the demo do not depend on it.
const demoVisitTime = 10 * time.Second

// demoFullVisitTime is as good as no bound: the greatest that the configuration takes.
const demoFullVisitTime = 24 * time.Hour

func (a *app) demo(ctx context.Context, c companyFlags, dir string, full bool) (err error) {
	c.weakenAgo = demoWeakenAgo
	company, err := c.company(a.asOf().Truncate(time.Second))
	if err != nil {
		return err
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "zoomward-demo-"); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
	} else if dir, err = makeDir(dir); err != nil {
		return err
	}
	db := filepath.Join(dir, "zoomward.duckdb")
	if _, err := os.Stat(workPath(db)); err == nil {
		return usageErrorf("%s holds a demo already, or the beginning of one, and another account must not be mixed with it: choose another folder, or look at it with zoomward alerts --db %s", dir, shellQuote(db))
	}
	geo, err := writeGeo(company, filepath.Join(dir, "simulated.mmdb"))
	if err != nil {
		return err
	}
	if err := writeLabels(filepath.Join(dir, "labels.csv"), company.Attacks()); err != nil {
		return err
	}
	server, err := zoomtest.NewServer(company, zoomtest.ServerOptions{Plan: "business", AsOf: company.End(), Logger: a.log, NoLimits: full})
	if err != nil {
		return fmt.Errorf("start simulated account: %w", err)
	}
	defer server.Close()

	visitTime, limits := demoVisitTime, "its rate limits are Zoom's"
	if full {
		visitTime, limits = demoFullVisitTime, "it keeps no rate limits, and every meeting, recording and user is asked for"
	}
	// From here on it is an ordinary run: its environment points at the simulated account, and nothing of the machine's own configuration takes part.
	env := map[string]string{
		"ZOOMWARD_DB": db, "ZOOMWARD_GEO_FILES": geo, "ZOOMWARD_AS_OF": company.End().Format(time.RFC3339),
		"ZOOMWARD_INGEST_VISIT_TIME": visitTime.String(),
		"ZOOMWARD_LOG_LEVEL":         a.cfg.LogLevel, "ZOOMWARD_LOG_FORMAT": a.cfg.LogFormat,
	}
	for _, kv := range server.Env() {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	run := *a
	run.getenv = func(name string) string { return env[name] }
	if run.cfg, err = loadConfig(nil, run.getenv); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "zoomward: simulated account of %d users and %d days at %s; %s, so this takes a while\n", c.users, c.days, server.URL, limits)
	if err := run.connect(ctx, false); err != nil {
		return err
	}
	start := a.wall()
	for _, at := range demoRuns(company) {
		server.SetAsOf(at)
		run.cfg.AsOf = at
		if err = run.pipeline(ctx, "demo", ""); err != nil && exitCode(err) != exitPartial {
			return err
		}
	}
	took := a.wall().Sub(start)
	return errors.Join(err, run.withPublished(ctx, func(db *store.DB) error {
		if c.weaken {
			fmt.Fprintln(a.stdout, "\nWhat changed since the run before the attack")
			if err := run.postureDiff(ctx, db, demoRuns(company)[0], formatTable, ""); err != nil {
				return err
			}
		}
		if err := run.demoReport(ctx, db, company, dir, took); err != nil {
			return err
		}
		return run.writeReport(ctx, db, filepath.Join(dir, "report.html"))
	}))
}

// demoWeakenAgo is how long before the present a demo has the settings weakened: the run after it is then old enough, by the present, for the operation log to have come in whole,
// so that what has no row in it is drift and not perhaps late.
const demoWeakenAgo = 13 * time.Hour

// demoRuns are the times as of which a demo runs: the company's present, and where the settings are attacked an hour ahead of that and an hour after it, for changes are seen
// between two readings.
func demoRuns(company *zoomtest.Company) []time.Time {
	for _, x := range company.Attacks() {
		if x.Kind == zoomtest.AttackPosture {
			return []time.Time{x.Start.Add(-time.Hour), x.End.Add(time.Hour), company.End()}
		}
	}
	return []time.Time{company.End()}
}

// demoReport prints what the run left, and compares it with what was planted.
func (a *app) demoReport(ctx context.Context, db *store.DB, company *zoomtest.Company, dir string, took time.Duration) error {
	var feeds struct {
		Feed []string `col:"feed"`
		Rows []int64  `col:"rows_landed"`
		Due  []int64  `col:"due"`
	}
	if err := db.Read(ctx, &feeds, `SELECT feed, rows_landed, coalesce(due, 0) AS due FROM meta.feeds ORDER BY feed`); err != nil {
		return fmt.Errorf("read feeds: %w", err)
	}
	fmt.Fprintf(a.stdout, "\nRows landed (whole run: %s)\n", took.Round(time.Second))
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, f := range feeds.Feed {
		later := ""
		if n := feeds.Due[i]; n > 0 {
			later = fmt.Sprintf(" (%d calls left for later runs)", n)
		}
		fmt.Fprintf(w, "%d\t  %s%s\n", feeds.Rows[i], f, later)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print rows: %w", err)
	}
	fmt.Fprintln(a.stdout, "\nAlerts")
	if err := a.listAlerts(ctx, db, "true", nil, formatTable); err != nil {
		return err
	}
	line, err := scoreLine(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "\n"+line)
	var rows alertRows
	if err := db.Read(ctx, &rows, fmt.Sprintf(readAlerts, "true")); err != nil {
		return fmt.Errorf("read alerts: %w", err)
	}
	truth := company.Attacks()
	found, others := rows.compare(truth)
	if len(truth) == 0 {
		fmt.Fprintf(a.stdout, "\nNo attacks were planted: they need a longer history (--days), and no --attacks=false. Alerts: %d.\n", others)
		return a.printLeft(dir)
	}
	fmt.Fprintf(a.stdout, "\nPlanted attacks found: %d of %d. Other alerts: %d.\n"+
		"Found means: an alert on the attacked user or the operator overlaps the attack or the day after it.\n", countTrue(found), len(truth), others)
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FOUND\tKIND\tSTRENGTH\tUSER\tSTART\tWHAT HAPPENED")
	for i, x := range truth {
		yes := "no"
		if found[i] {
			yes = "yes"
		}
		who := x.User
		if who == "" {
			who = x.Operator
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", yes, x.Kind, x.Strength, sanitize(who), x.Start.UTC().Format(time.RFC3339), sanitize(x.Description))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print attacks: %w", err)
	}
	return a.printLeft(dir)
}

// printLeft says what the demo left in its folder.
func (a *app) printLeft(dir string) error {
	fmt.Fprintf(a.stdout, "\nLeft in %s\n  %s  the published database: duckdb -readonly %s\n", dir, filepath.Base(a.cfg.DB), shellQuote(a.cfg.DB))
	_, err := fmt.Fprintf(a.stdout, "  export/  alerts, behaviors, user_days, user_risk and posture as %s\n  report.html  the same as a page, with what explains each alert\n  simulated.mmdb  where the simulated addresses are\n  labels.csv  the planted attacks, for zoomward backtest --labels\n",
		strings.Join(a.cfg.ExportFormats, " and "))
	return err
}

// compare tells for each attack whether an alert on its user or operator has a window that overlaps the attack or the day after it, and counts the alerts that
// overlap no attack on any account that it touched.
func (m alertRows) compare(attacks []zoomtest.Attack) (found []bool, others int) {
	found = make([]bool, len(attacks))
	for i := range m.User {
		hit := false
		for j, x := range attacks {
			if m.Start[i].After(x.End.Add(24*time.Hour)) || m.End[i].Before(x.Start) {
				continue
			}
			if m.names(i, x.User, x.Operator) {
				found[j], hit = true, true
			} else if m.names(i, x.Users...) {
				hit = true
			}
		}
		if !hit {
			others++
		}
	}
	return found, others
}

// names tells whether alert i is on one of the accounts: its user, or for an alert on no single user those that its evidence lists.
func (m alertRows) names(i int, accounts ...string) bool {
	on := []string{m.User[i]}
	if m.User[i] == "" {
		var evidence struct {
			Details struct {
				Users []string `json:"users"`
			} `json:"details"`
		}
		if err := json.Unmarshal([]byte(m.Evidence[i]), &evidence); err != nil {
			return false // evidence of another shape lists nobody
		}
		on = evidence.Details.Users
	}
	return slices.ContainsFunc(on, func(who string) bool {
		return who != "" && slices.ContainsFunc(accounts, func(x string) bool { return strings.EqualFold(who, x) })
	})
}

func countTrue(b []bool) (n int) {
	for _, x := range b {
		if x {
			n++
		}
	}
	return n
}
