package models

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// BacktestTables are the tables that a private copy of a database must have for Backtest: what landed, and what people said of alerts.
func BacktestTables() []string {
	return []string{"ingest.activities", "ingest.operations", "ingest.users", "ingest.groups", "models.triage"}
}

// BacktestOptions of Backtest.
type BacktestOptions struct {
	Current   Config
	Candidate Config
	Now       time.Time // the clock: the day it falls on is the last one
	Days      int       // alerts of so many days up to now are compared; 0 for all. The fold goes over all days in any case
	Labels    []Label
	Logger    *slog.Logger
	Progress  func(settings string, done, total int) // days folded; may be nil
}

// A Label is something that is known to have happened.
type Label struct {
	ID         string   `json:"id"`
	Accounts   []string `json:"accounts"` // an alert on any of them finds it
	Start, End time.Time
	Kind       string `json:"kind"`
	Strength   string `json:"strength"`
}

// A Comparison is what two settings make of the same history, side by side.
type Comparison struct {
	From       time.Time         `json:"from"` // first day whose alerts are compared
	Through    time.Time         `json:"through"`
	Users      int               `json:"users"`
	Current    BacktestSide      `json:"current"`
	Candidate  BacktestSide      `json:"candidate"`
	Detections []BacktestCount   `json:"detections"`
	Appear     []BacktestAlert   `json:"appear"`
	Vanish     []BacktestAlert   `json:"vanish"`
	Labels     []BacktestOutcome `json:"labels,omitempty"`
	Triage     []BacktestOutcome `json:"triage,omitempty"` // by status, of alerts that people judged
}

// A BacktestSide is how many alerts one of the settings raises.
type BacktestSide struct {
	Alerts    int     `json:"alerts"`
	Realised  float64 `json:"alerts_per_1000_users_week"`
	Budget    float64 `json:"budget_per_1000_users_week"`
	Unlabeled int     `json:"alerts_without_label"` // that no label explains; all of them without labels
}

// A BacktestCount is how many alerts of a detection and severity there are.
type BacktestCount struct {
	Detection string `json:"detection_id"`
	Title     string `json:"title"`
	Severity  string `json:"severity"`
	Current   int    `json:"current"`
	Candidate int    `json:"candidate"`
}

// A BacktestAlert is an alert that only one of the settings raises.
type BacktestAlert struct {
	ID        string    `json:"alert_id"`
	Detection string    `json:"detection_id"`
	Title     string    `json:"title"`
	Severity  string    `json:"severity"`
	Email     string    `json:"user_email,omitempty"`
	Users     []string  `json:"users,omitempty"` // of an alert on no single user
	Day       time.Time `json:"day"`
	Start     time.Time `json:"window_start"`
	End       time.Time `json:"window_end"`
	Summary   string    `json:"summary"`
}

// A BacktestOutcome is how many labels of a kind and strength are found.
type BacktestOutcome struct {
	Kind      string `json:"kind"`
	Strength  string `json:"strength,omitempty"`
	Labels    int    `json:"labels"`
	Current   int    `json:"found_current"`
	Candidate int    `json:"found_candidate"`
}

// Recall is the share of labels that n found.
func (o BacktestOutcome) Recall(n int) float64 { return float64(n) / float64(max(o.Labels, 1)) }

// Backtest folds the history under two settings, one after the other, and compares the alerts. The database is a private copy that holds nothing but BacktestTables; it
// is left with the scores of the candidate.
func Backtest(ctx context.Context, db *store.DB, o BacktestOptions) (Comparison, error) {
	var out Comparison
	if err := o.Candidate.Validate(); err != nil {
		return out, err
	}
	people, err := ReadDirectory(ctx, db)
	if err != nil {
		return out, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	fold := func(name string, c Config) ([]BacktestAlert, error) {
		_, err := Fold(ctx, db, FoldOptions{Config: c, Now: o.Now, RunID: "backtest", Logger: o.Logger.With("settings", name), Progress: func(done, total int) {
			if o.Progress != nil {
				o.Progress(name, done, total)
			}
		}})
		if err != nil {
			return nil, fmt.Errorf("%s settings: %w", name, err)
		}
		return readBacktestAlerts(ctx, db)
	}
	current, err := fold("current", o.Current)
	if err != nil {
		return out, err
	}
	candidate := current
	if o.Candidate.fingerprint() != o.Current.fingerprint() {
		if candidate, err = fold("candidate", o.Candidate); err != nil {
			return out, err
		}
	}
	judged, err := judgedAlerts(ctx, db)
	if err != nil {
		return out, err
	}
	first, users, err := scored(ctx, db)
	if err != nil {
		return out, err
	}
	today := features.DayNumber(o.Now)
	if first == 0 { // nothing landed
		first = today
	}
	if o.Days > 0 {
		first = max(first, today-int64(o.Days)+1)
	}
	out.From, out.Through, out.Users = features.DayTime(first), features.DayTime(today), max(users, people.Active())
	early := func(a BacktestAlert) bool { return a.Day.Before(out.From) }
	current, candidate = slices.DeleteFunc(slices.Clone(current), early), slices.DeleteFunc(slices.Clone(candidate), early)
	out.compare(current, candidate)
	over := func(l Label) bool { return l.End.Before(out.From) }
	labels := slices.DeleteFunc(slices.Clone(o.Labels), over)
	out.Labels = outcomes(labels, current, candidate)
	out.Triage = outcomes(slices.DeleteFunc(judged, over), current, candidate)
	days := float64(today - first + 1)
	for _, side := range []struct {
		to     *BacktestSide
		alerts []BacktestAlert
		config Config
	}{{&out.Current, current, o.Current}, {&out.Candidate, candidate, o.Candidate}} {
		*side.to = BacktestSide{Alerts: len(side.alerts), Realised: perThousandUsersWeek(len(side.alerts), float64(out.Users), days), Budget: side.config.BudgetPerThousandUsersWeek}
		for _, a := range side.alerts {
			if !slices.ContainsFunc(labels, a.finds) {
				side.to.Unlabeled++
			}
		}
	}
	return out, nil
}

// scored returns the first scored day and the greatest number of users on one.
func scored(ctx context.Context, db *store.DB) (first int64, users int, err error) {
	var day struct {
		First []time.Time `col:"first,date"`
		Users []int64     `col:"users"`
	}
	err = db.Read(ctx, &day, `SELECT min(day) AS first, coalesce(max(n), 0)::BIGINT AS users FROM (SELECT day, count(*) AS n FROM models.user_days GROUP BY day)`)
	if err != nil {
		return 0, 0, fmt.Errorf("read the scored days: %w", err)
	}
	if day.First[0].IsZero() {
		return 0, 0, nil
	}
	return features.DayNumber(day.First[0]), int(day.Users[0]), nil
}

func readBacktestAlerts(ctx context.Context, db *store.DB) ([]BacktestAlert, error) {
	var r struct {
		ID        []string    `col:"alert_id"`
		Detection []string    `col:"detection_id"`
		Title     []string    `col:"title"`
		Severity  []string    `col:"severity"`
		Email     []string    `col:"user_email,null"`
		Day       []time.Time `col:"day,date"`
		Start     []time.Time `col:"window_start"`
		End       []time.Time `col:"window_end"`
		Summary   []string    `col:"summary"`
		Evidence  []string    `col:"evidence"`
	}
	err := db.Read(ctx, &r, `SELECT alert_id, detection_id, title, severity, user_email, day, window_start, window_end, summary, evidence FROM models.alerts ORDER BY day, alert_id`)
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	out := make([]BacktestAlert, len(r.ID))
	for i := range out {
		out[i] = BacktestAlert{r.ID[i], r.Detection[i], r.Title[i], r.Severity[i], r.Email[i], nil, r.Day[i], r.Start[i], r.End[i], r.Summary[i]}
		if r.Email[i] == "" {
			var e struct {
				Details struct {
					Users []string `json:"users"`
				} `json:"details"`
			}
			if json.Unmarshal([]byte(r.Evidence[i]), &e) == nil { // evidence of another shape lists nobody
				out[i].Users = e.Details.Users
			}
		}
	}
	return out, nil
}

// judgedAlerts are the alerts that people closed, as labels whose kind is the status.
func judgedAlerts(ctx context.Context, db *store.DB) ([]Label, error) {
	said, _, err := readFeedback(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []Label
	for _, id := range sortedKeys(said.said) {
		if t := said.said[id]; t.closed() {
			day := features.DayTime(t.day)
			out = append(out, Label{ID: id, Accounts: []string{t.email}, Start: day, End: day.Add(24*time.Hour - time.Second), Kind: t.status})
		}
	}
	return out, nil
}

// afterwards is how long after its end something may still be found.
const afterwards = 24 * time.Hour

// finds says whether an alert is about what a label tells of: it names one of the accounts, and its window overlaps the label or the day after it. The label of an alert is
// found by that alert in any case.
func (a BacktestAlert) finds(l Label) bool {
	if a.ID == l.ID {
		return true
	}
	if a.Start.After(l.End.Add(afterwards)) || a.End.Before(l.Start) {
		return false
	}
	return slices.ContainsFunc(append([]string{a.Email}, a.Users...), func(who string) bool {
		return who != "" && slices.ContainsFunc(l.Accounts, func(x string) bool { return strings.EqualFold(who, x) })
	})
}

// outcomes counts labels that are found, by kind and strength.
func outcomes(labels []Label, current, candidate []BacktestAlert) []BacktestOutcome {
	var out []BacktestOutcome
	for _, l := range labels {
		i := slices.IndexFunc(out, func(o BacktestOutcome) bool { return o.Kind == l.Kind && o.Strength == l.Strength })
		if i < 0 {
			i = len(out)
			out = append(out, BacktestOutcome{Kind: l.Kind, Strength: l.Strength})
		}
		o := &out[i]
		o.Labels++
		finds := func(a BacktestAlert) bool { return a.finds(l) }
		if slices.ContainsFunc(current, finds) {
			o.Current++
		}
		if slices.ContainsFunc(candidate, finds) {
			o.Candidate++
		}
	}
	slices.SortFunc(out, func(a, b BacktestOutcome) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Strength, b.Strength))
	})
	return out
}

// compare counts alerts by detection and severity, and tells which only one side has.
func (b *Comparison) compare(current, candidate []BacktestAlert) {
	count := func(alerts []BacktestAlert, n func(*BacktestCount) *int) {
		for _, a := range alerts {
			i := slices.IndexFunc(b.Detections, func(c BacktestCount) bool { return c.Detection == a.Detection && c.Severity == a.Severity })
			if i < 0 {
				i = len(b.Detections)
				b.Detections = append(b.Detections, BacktestCount{Detection: a.Detection, Title: a.Title, Severity: a.Severity})
			}
			*n(&b.Detections[i])++
		}
	}
	count(current, func(c *BacktestCount) *int { return &c.Current })
	count(candidate, func(c *BacktestCount) *int { return &c.Candidate })
	slices.SortFunc(b.Detections, func(x, y BacktestCount) int {
		return cmp.Or(cmp.Compare(x.Detection, y.Detection), cmp.Compare(severityRank(y.Severity), severityRank(x.Severity)))
	})
	b.Appear, b.Vanish = without(candidate, current), without(current, candidate)
}

// without returns the alerts of one side that the other has not.
func without(side, other []BacktestAlert) []BacktestAlert {
	ids := map[string]bool{}
	for _, a := range other {
		ids[a.ID] = true
	}
	out := []BacktestAlert{}
	for _, a := range side {
		if !ids[a.ID] {
			out = append(out, a)
		}
	}
	return out
}
