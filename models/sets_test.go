package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// Every statement runs on empty tables, and there is a statement for every detection that wants one and none besides.
func TestStatementsRun(t *testing.T) {
	db := memory(t)
	var ids []string
	for _, d := range setDetections() {
		ids = append(ids, d.ID+".sql")
		found, err := d.readSet(t.Context(), db, 20000, 20100)
		if err != nil || len(found) != 0 {
			t.Errorf("%d findings of nothing, %v", len(found), err)
		}
	}
	files, err := setFiles.ReadDir("sets")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains(ids, f.Name()) {
			t.Errorf("sets/%s is no detection's", f.Name())
		}
	}
}

// fail lands n failed sign-ins of a user, every so many seconds.
func fail(t testing.TB, db *store.DB, email string, at time.Time, n, seconds, batch int) {
	t.Helper()
	_, err := db.Exec(t.Context(), `INSERT INTO ingest.failed_sign_ins (sign_in_id, user_email, occurred_at, provider, ip_address, ip_prefix, batch, run_id)
		SELECT concat_ws('-', ?1, ?2, i), ?1, ?2::TIMESTAMP + to_seconds(i * ?3), 'okta', '198.51.100.7', '198.51.100.0/24', ?4, 'r' FROM range(?5) AS r(i)`, email, at, seconds, batch, n)
	if err != nil {
		t.Fatal(err)
	}
}

// silence removes the sign-ins and operations of a day.
func silence(t testing.TB, db *store.DB, day int) {
	t.Helper()
	for _, table := range []string{"activities", "operations"} {
		if _, err := db.Exec(t.Context(), `DELETE FROM ingest.`+table+` WHERE occurred_at::DATE = ?::DATE`, epoch.AddDate(0, 0, day)); err != nil {
			t.Fatal(err)
		}
	}
}

// attackPasswords lands what statements find: on day 30, on day 37, which has no other row, and on the last day.
func attackPasswords(t testing.TB, db *store.DB) {
	fail(t, db, "u00003@example.com", epoch.Add(2*time.Hour), 1, 1, 1) // the import reaches back to the beginning
	fail(t, db, "u00004@example.com", epoch.AddDate(0, 0, 30).Add(9*time.Hour), 15, 5, 1)
	fail(t, db, "u00005@example.com", epoch.AddDate(0, 0, 37).Add(9*time.Hour), 15, 5, 1)
	fail(t, db, "u00006@example.com", epoch.AddDate(0, 0, 44).Add(9*time.Hour), 15, 5, 1)
}

func TestSetsInPieces(t *testing.T) {
	if testing.Short() {
		t.Skip("ten folds take long")
	}
	whole := memory(t)
	end := fill(t, whole, 25, 45, 8)
	silence(t, whole, 37)
	attackPasswords(t, whole)
	foldAll(t, whole, end)
	want := tables(t, whole, end)
	for _, name := range []string{"u00004", "u00005", "u00006"} {
		if !slices.ContainsFunc(want["behaviors"], func(line string) bool { return strings.Contains(line, "|ZW-LGF-01|"+name) }) {
			t.Errorf("ZW-LGF-01 finds nothing about %s", name)
		}
	}

	pieces := memory(t)
	fill(t, pieces, 25, 45, 8)
	silence(t, pieces, 37)
	attackPasswords(t, pieces)
	for _, hours := range []int{20 * 24, 33*24 + 11, 37*24 + 20, 38*24 + 12, 39 * 24, 44*24 + 20} {
		foldAll(t, pieces, epoch.Add(time.Duration(hours)*time.Hour))
	}
	foldAll(t, pieces, end)
	same(t, "folded in pieces", tables(t, pieces, end), want)
	sameState(t, "folded in pieces", pieces, whole)

	late := memory(t)
	fill(t, late, 25, 45, 8)
	silence(t, late, 37)
	foldAll(t, late, end)
	attackPasswords(t, late)
	if _, err := late.Exec(t.Context(), `UPDATE ingest.failed_sign_ins SET batch = 1000`); err != nil {
		t.Fatal(err)
	}
	s := foldAll(t, late, end)
	if first := epoch.AddDate(0, 0, 30); s.From.After(first) || s.From.Before(first.AddDate(0, 0, -checkpointEach)) {
		t.Errorf("folded again from %s; the late rows make a finding on %s", s.From, first)
	}
	same(t, "late rows", tables(t, late, end), want)

	// A row from before the earlier findings that changes none of them, and nothing at all, has no day scored anew.
	fail(t, late, "u00007@example.com", epoch.AddDate(0, 0, 20), 2, 5, 2000)
	for range 2 {
		if s := foldAll(t, late, end); s.From.Before(epoch.AddDate(0, 0, 44)) {
			t.Errorf("folded again from %s for nothing", s.From)
		}
	}
}

// A statement that fails costs its own findings alone, is named, and what it missed is made up for when it works again.
func TestBrokenStatement(t *testing.T) {
	db := memory(t)
	end := fill(t, db, 12, 30, 4)
	fail(t, db, "u00003@example.com", epoch.Add(2*time.Hour), 1, 1, 1)
	fail(t, db, "u00004@example.com", epoch.AddDate(0, 0, 20).Add(9*time.Hour), 15, 5, 1)
	exec := func(q string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	_, err := db.Exec(t.Context(), `INSERT INTO ingest.apps (app_key, listing, app_id, name, row_hash, first_seen_at, run_id) VALUES ('k', 'public', 'a1', 'Sla'||chr(1089)||'k', 'h', ?, 'r')`, epoch.AddDate(0, 0, 10))
	if err != nil {
		t.Fatal(err)
	}
	count := func(id string) (n int) {
		t.Helper()
		if err := db.Row(t.Context(), `SELECT count(*) FROM alerts WHERE detection_id = ?`, id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	exec(`ALTER TABLE ingest.apps RENAME COLUMN name TO title`)
	for _, days := range []int{-5, 0} { // the first fold, and a step
		s := foldAll(t, db, end.AddDate(0, 0, days))
		if !slices.Equal(s.Broken, []string{"ZW-APP-01", "ZW-CFG-15"}) { // those that read the names of apps
			t.Fatalf("broken are %v, want ZW-APP-01 and ZW-CFG-15", s.Broken)
		}
	}
	var since time.Time
	var text string
	if err := db.Row(t.Context(), `SELECT since, error FROM meta.broken_detections WHERE detection_id = 'ZW-APP-01'`).Scan(&since, &text); err != nil || !since.Equal(epoch) || !strings.Contains(text, "ZW-APP-01") {
		t.Errorf("broken since %s (want %s): %s, %v", since, epoch, text, err)
	}
	if n := count("ZW-LGF-01"); n != 1 {
		t.Errorf("%d alerts of a statement that works, want 1", n)
	}
	exec(`ALTER TABLE ingest.apps RENAME COLUMN title TO name`)
	if s := foldAll(t, db, end); len(s.Broken) != 0 || s.From.After(epoch.AddDate(0, 0, 10)) || count("ZW-APP-01") != 1 {
		t.Errorf("broken are %v, folded again from %s, %d alerts; want none, the day of the app or before, 1", s.Broken, s.From, count("ZW-APP-01"))
	}
}

// Statements look at days whose tables have new rows, at the horizon for tables that do not say what is new, and else at nothing.
func TestChangedTables(t *testing.T) {
	db := memory(t)
	day := features.DayNumber(epoch) + 10
	fail(t, db, "u00003@example.com", features.DayTime(day).Add(time.Hour), 3, 1, 7)
	if _, err := db.Exec(t.Context(), `INSERT INTO ingest.apps (app_key, listing, app_id, name, row_hash, first_seen_at, run_id) VALUES ('k', 'public', 'a1', 'App', 'h', ?, 'r')`, epoch); err != nil {
		t.Fatal(err)
	}
	byID := func(id string) *Detection {
		return &Catalogue[slices.IndexFunc(Catalogue, func(d Detection) bool { return d.ID == id })]
	}
	for _, c := range []struct {
		id             string
		after, horizon int64
		want           string
	}{
		{"ZW-LGF-01", 6, 0, fmt.Sprint(day)},
		{"ZW-LGF-01", 6, day + 3, fmt.Sprint(day + 3)},
		{"ZW-LGF-01", 7, 5, "none"},
		{"ZW-LGF-02", 6, 0, fmt.Sprint(day)},
		{"ZW-RTE-08", 6, 5, "none"},
		{"ZW-RTE-06", 7, 5, "none"}, // no recordings yet
		{"ZW-APP-01", 7, 5, "5"},
		{"ZW-ADM-14", 7, 5, fmt.Sprint(5 + setHorizon - feedDays)},
	} {
		tables := &landedTables{q: db, after: c.after, horizon: c.horizon, days: map[string]int64{}, filled: map[string]bool{}}
		got, err := tables.changed(t.Context(), byID(c.id))
		text := fmt.Sprint(got)
		if got > day+10 {
			text = "none"
		}
		if err != nil || text != c.want {
			t.Errorf("%s after batch %d: from day %s, %v; want %s", c.id, c.after, text, err, c.want)
		}
	}
}

// A statement is left out while the tables that drive it are empty: each must be one that it reads, or that a view which it reads is made of.
func TestDrivenByTablesThatAreRead(t *testing.T) {
	db := memory(t)
	behind := map[string]string{"ingest.setting_versions": "ingest.setting_changes"}
	for i := range Catalogue {
		id, tables := Catalogue[i].ID, Catalogue[i].rows
		if len(tables) == 0 {
			continue
		}
		text, err := setFiles.ReadFile("sets/" + id + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range tables {
			if !slices.Contains(setTable.FindAllString(string(text), -1), cmp.Or(behind[name], name)) {
				t.Errorf("%s does not read %s", id, name)
			}
			var is bool
			if err := db.Row(t.Context(), `SELECT EXISTS (SELECT 1 FROM duckdb_tables() WHERE schema_name || '.' || table_name = ?)`, name).Scan(&is); err != nil || !is {
				t.Errorf("%s of %s is no table (%v)", name, id, err)
			}
		}
	}
}
