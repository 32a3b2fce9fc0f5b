package models

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/store"
)

// backtested runs a backtest on a private copy of what attacked lands, as zoomward backtest does.
func backtested(t *testing.T, days int, candidate func(c *Config), labels ...Label) Comparison {
	t.Helper()
	path := t.TempDir() + "/published.duckdb"
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	end := fill(t, db, 16, 46, 6)
	attack(t, db, 36)
	attack(t, db, 44)
	said := Finding{Detection: detection(deletions), Email: deleter, Day: epoch.AddDate(0, 0, 36)}
	_, err = db.Exec(t.Context(), `INSERT INTO models.triage (alert_id, status, set_at, detection_id, user_email, "key", severity, observed, score, day) VALUES (?, ?, ?, ?, ?, '', 'high', 40, 9, ?)`,
		said.id(), StatusTruePositive, end, deletions, deleter, said.Day)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	private := memory(t)
	if err := private.CopyFrom(t.Context(), path, BacktestTables()...); err != nil {
		t.Fatal(err)
	}
	o := BacktestOptions{Current: DefaultConfig(), Candidate: DefaultConfig(), Now: end, Days: days, Labels: labels}
	candidate(&o.Candidate)
	out, err := Backtest(t.Context(), private, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Other settings that find the same are no difference: nobody is in that department, but everything is scored anew.
func TestBacktestOfSettingsThatMeanTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("long folds")
	}
	b := backtested(t, 0, func(c *Config) { c.Exclusions = []Selection{{In: People{Departments: []string{"Nowhere"}}}} })
	if len(b.Appear)+len(b.Vanish) > 0 || b.Current != b.Candidate || b.Current.Alerts == 0 {
		t.Errorf("%+v", b)
	}
}

func TestBacktestOfOtherSettings(t *testing.T) {
	at := func(day, hour int) time.Time {
		return epoch.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
	}
	labels := []Label{
		{ID: "label:1", Accounts: []string{deleter}, Start: at(36, 11), End: at(36, 12), Kind: "deletion", Strength: "blatant"},
		{ID: "label:2", Accounts: []string{strings.ToUpper(deleter)}, Start: at(44, 11), End: at(44, 12), Kind: "deletion", Strength: "blatant"},
		{ID: "label:3", Accounts: []string{"u00001@example.com"}, Start: at(44, 11), End: at(44, 12), Kind: "takeover", Strength: "subtle"},
	}
	b := backtested(t, 0, func(c *Config) { c.Exclusions = []Selection{{In: People{Users: []string{deleter}}}} }, labels...)
	vanished := map[string]bool{}
	for _, a := range b.Vanish {
		vanished[a.Email] = true
	}
	if !vanished[deleter] || b.Candidate.Alerts >= b.Current.Alerts {
		t.Errorf("vanish: %v; %d and %d alerts", b.Vanish, b.Current.Alerts, b.Candidate.Alerts)
	}
	if d := cmp.Diff([]BacktestOutcome{{"deletion", "blatant", 2, 2, 0}, {"takeover", "subtle", 1, 0, 0}}, b.Labels); d != "" {
		t.Errorf("labels: %s", d)
	}
	if d := cmp.Diff([]BacktestOutcome{{StatusTruePositive, "", 1, 1, 0}}, b.Triage); d != "" {
		t.Errorf("triage: %s", d)
	}
	var now, then int
	for _, c := range b.Detections {
		now, then = now+c.Current, then+c.Candidate
	}
	if now != b.Current.Alerts || then != b.Candidate.Alerts {
		t.Errorf("%d and %d alerts by detection, %d and %d in all", now, then, b.Current.Alerts, b.Candidate.Alerts)
	}
	if got := b.Labels[0].Recall(b.Labels[0].Current); got != 1 {
		t.Errorf("recall %g", got)
	}
}

func TestBacktestOfDays(t *testing.T) {
	if testing.Short() {
		t.Skip("long folds")
	}
	b := backtested(t, 5, func(*Config) {})
	if want := epoch.AddDate(0, 0, 42); !b.From.Equal(want) || b.Current.Alerts == 0 {
		t.Errorf("from %s, want %s; %d alerts", b.From, want, b.Current.Alerts)
	}
	if len(b.Appear)+len(b.Vanish) > 0 || b.Current != b.Candidate {
		t.Errorf("the same settings: %+v", b)
	}
	if len(b.Triage) > 0 {
		t.Errorf("an alert from before counts: %v", b.Triage)
	}
}

func TestAlertFindsLabel(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	l := Label{ID: "1", Accounts: []string{"a@example.com", "admin@example.com"}, Start: at(5, 8), End: at(5, 10)}
	tests := []struct {
		name  string
		alert BacktestAlert
		want  bool
	}{
		{"inside", BacktestAlert{Email: "a@example.com", Start: at(5, 0), End: at(5, 23)}, true},
		{"by operator, on the day after", BacktestAlert{Email: "Admin@example.com", Start: at(6, 9), End: at(6, 23)}, true},
		{"more than a day late", BacktestAlert{Email: "a@example.com", Start: at(6, 11), End: at(6, 23)}, false},
		{"before", BacktestAlert{Email: "a@example.com", Start: at(4, 0), End: at(5, 7)}, false},
		{"somebody else", BacktestAlert{Email: "b@example.com", Start: at(5, 8), End: at(5, 9)}, false},
		{"on several users", BacktestAlert{Users: []string{"b@example.com", "a@example.com"}, Start: at(5, 8), End: at(5, 9)}, true},
		{"nobody named", BacktestAlert{Start: at(5, 8), End: at(5, 9)}, false},
		{"the alert itself", BacktestAlert{ID: "1"}, true},
	}
	for _, tt := range tests {
		if got := tt.alert.finds(l); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
