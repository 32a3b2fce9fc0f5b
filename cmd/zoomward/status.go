package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/gofrs/flock"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// statusReport is what `status --json` prints; its keys are a contract.
type statusReport struct {
	Database      string           `json:"database"`
	SizeBytes     int64            `json:"size_bytes"`
	SchemaVersion int64            `json:"schema_version"`
	Running       bool             `json:"running"`
	LastRun       *runStatus       `json:"last_run"`
	Feeds         []feedStatus     `json:"feeds"`
	Rows          map[string]int64 `json:"rows"`
	OpenAlerts    map[string]int64 `json:"open_alerts"`
	Posture       *postureStatus   `json:"posture"`
	Scoring       *scoringStatus   `json:"scoring"`
	Detections    detectionStatus  `json:"detections"`
	Policies      []policyStatus   `json:"policies,omitempty"` // of the account's own
	Consent       *consentStatus   `json:"consent,omitempty"`  // of a user-managed app
}

// detectionStatus says how much of the catalogue can run.
type detectionStatus struct {
	Total   int               `json:"total"`
	CanRun  int               `json:"can_run"`
	Missing map[string]string `json:"missing"` // by kind of data: what to do
}

type runStatus struct {
	RunID      string     `json:"run_id"`
	Command    string     `json:"command"`
	Status     string     `json:"status"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Error      string     `json:"error,omitempty"`
}

type feedStatus struct {
	Feed          string     `json:"feed"`
	State         string     `json:"state"`
	Message       string     `json:"message,omitempty"`
	Watermark     *time.Time `json:"watermark"`
	SettledUntil  *time.Time `json:"settled_until"`
	Due           int64      `json:"due"`
	LagSeconds    *int64     `json:"lag_seconds"`
	LastSuccessAt *time.Time `json:"last_success_at"`
	RowsLanded    int64      `json:"rows_landed"`
}

type postureStatus struct {
	Score      float64   `json:"score"`
	Achievable float64   `json:"achievable_score"`
	Coverage   float64   `json:"coverage"`
	At         time.Time `json:"at"`
}

func statusCommand() command {
	return command{
		name: "status", args: "[--json]", summary: "last run, feeds and how far behind they are, counts",
		detail:  "Reads the database and asks Zoom nothing; zoomward doctor does. Exit code 0 when the last run came to its end (also partly), 1 when it failed or there is none: usable as a\nhealth check.",
		example: "zoomward status --json",
		flags: func(fs *flag.FlagSet) action {
			asJSON := fs.Bool("json", false, "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				var rep statusReport
				err := a.withPublished(ctx, func(db *store.DB) error {
					rep.Database = a.cfg.DB
					return rep.read(ctx, db, a.asOf())
				})
				rep.Consent = a.consentStatus(ctx)
				if err != nil {
					if rep.Consent != nil && rep.Consent.State == "connect_again" {
						err = withHint(err, "%s", rep.Consent.Message)
					}
					return err
				}
				if err := a.newerRun(ctx, &rep); err != nil {
					return err
				}
				if *asJSON {
					enc := json.NewEncoder(a.stdout)
					enc.SetEscapeHTML(false)
					if err := enc.Encode(rep); err != nil {
						return fmt.Errorf("write status: %w", err)
					}
				} else if err := rep.print(a.stdout); err != nil {
					return fmt.Errorf("write status: %w", err)
				}
				switch {
				case rep.LastRun == nil:
					return errors.New("there was no run yet")
				case rep.LastRun.Status == "failed":
					return errors.New("the last run failed")
				}
				return nil
			}
		},
	}
}

// newerRun looks into the working file for a run that failed before it could publish. While a run is under way nobody can look there.
func (a *app) newerRun(ctx context.Context, rep *statusReport) error {
	l := flock.New(a.cfg.DB+".lock", flock.SetFlag(os.O_RDONLY)) // whoever looks makes no file
	free, err := l.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		free, err = true, nil
	}
	if err != nil {
		// Somebody who may read the published file alone cannot lock; that person sees what is published.
		return nil
	}
	if !free {
		rep.Running = true
		return nil
	}
	defer func() { _ = l.Unlock() }()
	if _, err := os.Stat(workPath(a.cfg.DB)); err != nil {
		return nil
	}
	db, err := store.Open(ctx, workPath(a.cfg.DB), store.Options{ReadOnly: true, Logger: a.log})
	if err != nil {
		a.log.DebugContext(ctx, "working file not readable", "err", err)
		return nil
	}
	run, err := lastRun(ctx, db)
	if run != nil {
		switch published := rep.LastRun != nil && rep.LastRun.RunID == run.RunID; {
		case run.Status == "running": // it holds no lock, so it was killed
			run.Status, run.Error = "failed", diedRun
		case run.Status != "failed" && !published:
			run.Status, run.Error = "failed", "its results were not published"
		}
		rep.LastRun = run
	}
	return errors.Join(err, db.Close())
}

func lastRun(ctx context.Context, db store.Querier) (*runStatus, error) {
	var r struct {
		ID       []string    `col:"run_id"`
		Command  []string    `col:"command"`
		Status   []string    `col:"status"`
		Started  []time.Time `col:"started_at"`
		Finished []time.Time `col:"finished_at"`
		Error    []string    `col:"error,null"`
	}
	if err := db.Read(ctx, &r, `SELECT run_id, command, status, started_at, finished_at, error FROM runs ORDER BY started_at DESC, run_id DESC LIMIT 1`); err != nil {
		return nil, fmt.Errorf("read runs: %w", err)
	}
	if len(r.ID) == 0 {
		return nil, nil
	}
	return &runStatus{r.ID[0], r.Command[0], r.Status[0], r.Started[0], optionalTime(r.Finished[0]), r.Error[0]}, nil
}

func (rep *statusReport) read(ctx context.Context, db *store.DB, now time.Time) error {
	info, err := os.Stat(rep.Database)
	if err != nil {
		return fmt.Errorf("read status: %w", err)
	}
	rep.SizeBytes = info.Size()
	if err := db.Row(ctx, `SELECT coalesce(max(version), 0) FROM meta.schema_migrations`).Scan(&rep.SchemaVersion); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if rep.LastRun, err = lastRun(ctx, db); err != nil {
		return err
	}
	var f struct {
		Feed      []string    `col:"feed"`
		State     []string    `col:"state"`
		Message   []string    `col:"message,null"`
		Watermark []time.Time `col:"watermark"`
		Settled   []time.Time `col:"settled_until"`
		Due       []int64     `col:"due"`
		Success   []time.Time `col:"last_success_at"`
		Rows      []int64     `col:"rows_landed"`
	}
	if err := db.Read(ctx, &f, `SELECT feed, state, message, watermark, settled_until, coalesce(due, 0) AS due, last_success_at, rows_landed FROM meta.feeds ORDER BY feed`); err != nil {
		return fmt.Errorf("read feeds: %w", err)
	}
	rep.Feeds = make([]feedStatus, len(f.Feed))
	for i := range f.Feed {
		s := feedStatus{f.Feed[i], f.State[i], f.Message[i], optionalTime(f.Watermark[i]), optionalTime(f.Settled[i]), f.Due[i], nil, optionalTime(f.Success[i]), f.Rows[i]}
		if s.Watermark != nil {
			lag := int64(math.Max(0, now.Sub(*s.Watermark).Seconds()))
			s.LagSeconds = &lag
		}
		rep.Feeds[i] = s
	}
	rep.Rows, rep.OpenAlerts = map[string]int64{}, map[string]int64{}
	for _, v := range []string{"activities", "operations", "users", "behaviors", "alerts", "user_days"} {
		var n int64
		if err := db.Row(ctx, `SELECT count(*) FROM `+v).Scan(&n); err != nil {
			return fmt.Errorf("count %s: %w", v, err)
		}
		rep.Rows[v] = n
	}
	var open struct {
		Severity []string `col:"severity"`
		N        []int64  `col:"n"`
	}
	if err := db.Read(ctx, &open, `SELECT severity, count(*) AS n FROM alerts WHERE status IN ('new', 'in_progress') GROUP BY severity`); err != nil {
		return fmt.Errorf("count open alerts: %w", err)
	}
	for i, s := range open.Severity {
		rep.OpenAlerts[s] = open.N[i]
	}
	var p struct {
		Score      []float64   `col:"score"`
		Achievable []float64   `col:"achievable_score"`
		Coverage   []float64   `col:"coverage"`
		At         []time.Time `col:"at"`
	}
	if err := db.Read(ctx, &p, `SELECT score, achievable_score, coverage, at FROM posture_score ORDER BY at DESC, run_id DESC LIMIT 1`); err != nil {
		return fmt.Errorf("read posture score: %w", err)
	}
	if len(p.Score) > 0 {
		rep.Posture = &postureStatus{p.Score[0], p.Achievable[0], p.Coverage[0], p.At[0]}
	}
	if rep.Scoring, err = readScoring(ctx, db); err != nil {
		return err
	}
	if rep.Policies, err = readPolicies(ctx, db); err != nil {
		return err
	}
	lacks, err := models.Lacks(ctx, db)
	if err != nil {
		return err
	}
	own := ""
	if len(rep.Policies) > 0 {
		own = "those that load"
	}
	rep.Detections = detectionStatus{Missing: lacks}
	for _, e := range catalogEntries(models.Config{}, own, lacks) {
		rep.Detections.Total++
		if *e.CanRun {
			rep.Detections.CanRun++
		}
	}
	return nil
}

func (rep *statusReport) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "database\t%s\n", sanitize(rep.Database))
	fmt.Fprintf(t, "size\t%.1f MB, schema version %d\n", float64(rep.SizeBytes)/1e6, rep.SchemaVersion)
	if r := rep.LastRun; r == nil {
		fmt.Fprintln(t, "last run\tnone")
	} else {
		fmt.Fprintf(t, "last run\t%s, %s, started %s\n", r.Status, r.Command, r.StartedAt.Format(time.RFC3339))
		if r.Error != "" {
			fmt.Fprintf(t, "\t%s\n", sanitize(r.Error))
		}
	}
	if c := rep.Consent; c != nil && c.Message != "" {
		fmt.Fprintf(t, "consent\t%s\n", sanitize(c.Message))
	}
	if rep.Running {
		fmt.Fprintln(t, "now\ta run is under way")
	}
	for _, v := range []string{"activities", "operations", "users", "user_days", "behaviors", "alerts"} {
		fmt.Fprintf(t, "%s\t%d\n", v, rep.Rows[v])
	}
	for _, s := range severities() {
		if n := rep.OpenAlerts[s]; n > 0 {
			fmt.Fprintf(t, "open alerts, %s\t%d\n", s, n)
		}
	}
	if p := rep.Posture; p != nil {
		fmt.Fprintf(t, "posture\tscore %.0f %%, coverage %.0f %%, achievable %.0f %%\n", p.Score, p.Coverage, p.Achievable)
	}
	if rep.Scoring != nil {
		for i, line := range rep.Scoring.words() {
			fmt.Fprintf(t, "%s\t%s\n", map[bool]string{true: "scoring"}[i == 0], line)
		}
	}
	fmt.Fprintf(t, "detections\t%d of %d can run (zoomward catalog)\n", rep.Detections.CanRun, rep.Detections.Total)
	for _, name := range slices.Sorted(maps.Keys(rep.Detections.Missing)) {
		fmt.Fprintf(t, "\tno %s: %s\n", sanitize(name), sanitize(rep.Detections.Missing[name]))
	}
	for i, line := range policyWords(rep.Policies) {
		fmt.Fprintf(t, "%s\t%s\n", map[bool]string{true: "policies"}[i == 0], sanitize(line))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return writeFeeds(w, rep.Feeds)
}

func writeFeeds(w io.Writer, feeds []feedStatus) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FEED\tSTATE\tROWS\tREAD UP TO\tLAG\tSETTLED UNTIL\tDUE\tMESSAGE")
	for _, f := range feeds {
		upTo, lag, settled := "-", "-", "-"
		if f.SettledUntil != nil {
			settled = f.SettledUntil.Format(time.RFC3339)
		}
		if f.Watermark != nil {
			upTo, lag = f.Watermark.Format(time.RFC3339), (time.Duration(*f.LagSeconds) * time.Second).String()
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%d\t%s\n", sanitize(f.Feed), sanitize(f.State), f.RowsLanded, upTo, lag, settled, f.Due, sanitize(f.Message))
	}
	return t.Flush()
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
