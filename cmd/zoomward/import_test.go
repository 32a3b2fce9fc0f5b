package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// A database that reads the last weeks from Zoom and has the months before from archives ends up as one that read everything from Zoom: the same rows, baselines,
// scores and alerts. An export without seconds, imported before, adds nothing.
func TestImportIsLikeTheAPI(t *testing.T) {
	s := simulate(t, simSeed)
	whole, part := t.TempDir(), t.TempDir()
	s.mustRun(t, whole, simEnd)
	recent := s.runCommand(t, part, simEnd)
	recent.Env = append(recent.Env, "ZOOMWARD_INGEST_BACKFILL_DAYS=15")
	if code, said := finish(t, recent); code != exitDone {
		t.Fatalf("run of the last days: exit code %d\n%s", code, said)
	}
	want := published(t, whole).whole(t)
	if d := difference(published(t, part), want, "activities", "user_days"); d == "" {
		t.Fatal("nothing is missing before the import: the test would not see it")
	}
	var activities []zoomtest.Activity
	var operations []zoomtest.Operation
	for day := simEnd.AddDate(0, 0, -simDays-1); !day.After(simEnd); day = day.AddDate(0, 0, 1) {
		activities = append(activities, s.source.Activities(day.Truncate(24*time.Hour))...)
		operations = append(operations, s.source.Operations(day.Truncate(24*time.Hour))...)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(part, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	export := write("export.csv", portalCSV(t, activities))
	lines := write("activities.ndjson.gz", packedLines(t, activities))
	page, err := json.Marshal(map[string]any{"from": "x", "operation_logs": operations})
	if err != nil {
		t.Fatal(err)
	}
	asOf := simEnd.Format(time.RFC3339)
	for _, args := range [][]string{
		{"import", "--as-of", asOf, export}, {"score", "--as-of", asOf},
		{"import", "--as-of", asOf, lines, write("operations.json", page)}, {"score", "--as-of", asOf},
		{"import", "--as-of", asOf, lines, export},
	} {
		if code, said := finish(t, s.command(t, part, args...)); code != exitDone {
			t.Fatalf("%v: exit code %d\n%s", args, code, said)
		}
	}
	if d := difference(published(t, part), want, "activities", "operations", "observations", "baselines", "user_days", "behaviors", "alerts", "user_risk"); d != "" {
		t.Errorf("imported history is not like history from the API (-import +API):\n%s", d)
	}
}

func packedLines(t *testing.T, rows []zoomtest.Activity) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	e := json.NewEncoder(z)
	for _, a := range rows {
		if err := e.Encode(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// portalCSV writes rows as an export does that has no seconds.
func portalCSV(t *testing.T, rows []zoomtest.Activity) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	records := [][]string{{"Email", "Time (UTC)", "Type", "IP Address", "Client Type", "Version"}}
	for _, a := range rows {
		at, err := time.Parse(time.RFC3339, a.Time)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, []string{a.Email, at.Format("Jan 2, 2006 03:04 PM"), a.Type, a.IPAddress, a.ClientType, a.Version})
	}
	if err := w.WriteAll(records); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
