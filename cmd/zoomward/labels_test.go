package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/models"
)

// What the simulated account writes is what a backtest reads.
func TestLabelsRoundTrip(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 3, day, 8, 0, 0, 0, time.UTC) }
	path := filepath.Join(t.TempDir(), "labels.csv")
	err := writeLabels(path, []zoomtest.Attack{
		{ID: "1", Kind: "takeover", Strength: "subtle", User: "a@example.com", Start: at(1), End: at(2)},
		{ID: "2", Kind: "mass_deletion", Strength: "blatant", User: "b@example.com", Operator: "admin@example.com", Start: at(3), End: at(3)},
		{ID: "3", Kind: "rogue_admin", Strength: "moderate", Operator: "admin@example.com", Start: at(4), End: at(5)},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := readLabels(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []models.Label{
		{ID: "label:1", Accounts: []string{"a@example.com"}, Start: at(1), End: at(2), Kind: "takeover", Strength: "subtle"},
		{ID: "label:2", Accounts: []string{"b@example.com", "admin@example.com"}, Start: at(3), End: at(3), Kind: "mass_deletion", Strength: "blatant"},
		{ID: "label:3", Accounts: []string{"admin@example.com"}, Start: at(4), End: at(5), Kind: "rogue_admin", Strength: "moderate"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("mode %v, %v: it names users", info.Mode(), err)
	}
}

func TestLabelErrors(t *testing.T) {
	const head = "user_email,start,end,kind,strength\n"
	for text, want := range map[string]string{
		"":                                "the file is empty",
		"user_email,begin":                `unknown column "begin"`,
		head + ",2026-03-01,2026-03-01,,": "line 2: user_email is empty",
		head + "a,soon,2026-03-01,,":      `line 2: start: "soon" is not a day`,
		head + "a,2026-03-01,,,":          `line 2: end: "" is not a day`,
		head + "a,2026-03-01":             "wrong number of fields",
	} {
		if _, err := parseLabels(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if got, err := parseLabels(strings.NewReader("\ufeff" + head)); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// Whatever is read has an account and a time that does not run backwards.
func FuzzParseLabels(f *testing.F) {
	f.Add("id,user_email,start,end,kind,strength\n1,a@example.com,2026-03-01,2026-03-02T00:00:00Z,takeover,subtle\n1,b@example.com,2026-03-01,2026-03-02,,\n")
	f.Add("user_email,start,end,kind,strength\na,7d,0d,\"x\ny\",\n")
	f.Fuzz(func(t *testing.T, text string) {
		labels, err := parseLabels(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, l := range labels {
			if len(l.Accounts) == 0 || l.End.Before(l.Start) || strings.Contains(l.Accounts[0], " \n") {
				t.Fatalf("%+v", l)
			}
		}
	})
}
