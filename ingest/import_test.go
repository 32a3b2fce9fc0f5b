package ingest

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/ingest/archive"
	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

func imports(db *store.DB) ImportOptions {
	return ImportOptions{DB: db, Now: testNow, RunID: "import"}
}

func mustImport(t fataler, o ImportOptions, name, text string) ImportReport {
	rep, err := Import(context.Background(), o, name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if sum := rep.Landed + rep.AlreadyThere + rep.Later + rep.Rejected + rep.Successes + rep.Others; sum != rep.Rows {
		t.Fatal(fmt.Sprintf("%s: %d rows are accounted for, of %d", name, sum, rep.Rows))
	}
	return rep
}

// all returns the rows of a query as text.
func all(t fataler, db store.Querier, query string) []string {
	var rows struct {
		Text []string `col:"text"`
	}
	if err := db.Read(context.Background(), &rows, `SELECT r::VARCHAR AS text FROM (`+query+`) AS r ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	return rows.Text
}

const landedSQL = `SELECT user_email, occurred_at, kind, ip_address, client_type, client_version FROM ingest.activities`

// Every file of the decoders' tests lands as the decoders read it, and lands once.
func TestImportFiles(t *testing.T) {
	want := map[string]ImportReport{
		"activities.csv":           {Kind: "zoom-activities", Rows: 3, Landed: 3, Zone: "UTC"},
		"activities_dayfirst.csv":  {Kind: "zoom-activities", Rows: 2, Landed: 2, Zone: "UTC", DayFirst: true},
		"activities_zone.csv":      {Kind: "zoom-activities", Rows: 2, Landed: 2, Zone: "UTC+1", ZoneNamed: true},
		"activities_semicolon.csv": {Kind: "zoom-activities", Rows: 1, Landed: 1, Zone: "UTC"},
		"operations.csv":           {Kind: "zoom-operations", Rows: 2, Landed: 2, Zone: "UTC"},
		"operations_admin.csv":     {Kind: "zoom-operations", Rows: 1, Landed: 1, Zone: "UTC"},
		"page.json":                {Kind: "zoom-activities", Rows: 3, Landed: 2, Rejected: 1, Rejects: []ImportReject{{6, "row is not an object"}}},
		"operations.ndjson": {Kind: "zoom-operations", Rows: 4, Landed: 2, Rejected: 2,
			Rejects: []ImportReject{{3, "line is no JSON"}, {4, `time "yesterday" is not RFC 3339`}}},
		"okta.json":            {Kind: "okta", Rows: 5, Landed: 2, Rejected: 1, Successes: 1, Others: 1, Rejects: []ImportReject{{11, `published "today" is not RFC 3339`}}},
		"okta.csv":             {Kind: "okta", Rows: 2, Landed: 1, Successes: 1, Zone: "UTC"},
		"entra.json":           {Kind: "entra", Rows: 2, Landed: 1, Successes: 1},
		"entra_monitor.ndjson": {Kind: "entra", Rows: 1, Landed: 1},
		"entra.csv":            {Kind: "entra", Rows: 3, Landed: 1, Rejected: 1, Successes: 1, Zone: "UTC", ZoneNamed: true, Rejects: []ImportReject{{4, "user is missing"}}},
	}
	found, err := filepath.Glob("archive/testdata/*.*")
	if err != nil || len(found) != len(want) {
		t.Errorf("%d files, %d are tested, %v", len(found), len(want), err)
	}
	for name, rep := range want {
		t.Run(name, func(t *testing.T) {
			db := openStore(t)
			raw, err := os.ReadFile(filepath.Join("archive", "testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			rep.File = name
			if d := cmp.Diff(rep, mustImport(t, imports(db), name, string(raw))); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if n := len(all(t, db, `FROM ingest.rejected_rows`)); int64(n) != rep.Rejected {
				t.Errorf("%d rows are kept aside, want %d", n, rep.Rejected)
			}
			before := everything(t, db)
			again := mustImport(t, imports(db), name, string(raw))
			if again.Landed != 0 || again.AlreadyThere != rep.Landed {
				t.Errorf("the second time: %+v", again)
			}
			if d := cmp.Diff(before, everything(t, db)); d != "" {
				t.Errorf("the second import changed something (-first +second):\n%s", d)
			}
		})
	}
}

// everything is what an import may write.
func everything(t fataler, db store.Querier) []string {
	var out []string
	for _, q := range []string{"* EXCLUDE (batch) FROM ingest.activities", "* EXCLUDE (batch) FROM ingest.operations", "* EXCLUDE (batch) FROM ingest.failed_sign_ins",
		"* FROM ingest.rejected_rows", "* EXCLUDE (batch) FROM ingest.loose_rows"} {
		out = append(out, all(t, db, "SELECT "+q)...)
	}
	return out
}

func TestImportedRowsAreMapped(t *testing.T) {
	db := openStore(t)
	raw, err := os.ReadFile("archive/testdata/okta.json")
	if err != nil {
		t.Fatal(err)
	}
	mustImport(t, imports(db), "okta.json", string(raw))
	got := all(t, db, `SELECT sign_in_id, user_email, occurred_at, ip_address, provider, reason, application, client, ip_prefix, network_category FROM failed_sign_ins`)
	want := []string{
		"{'sign_in_id': 3, 'user_email': jill@example.com, 'occurred_at': 2024-03-21 07:11:03.777, 'ip_address': 192.0.2.1, 'provider': okta, 'reason': Evaluation of sign-on policy, 'application': Zoom, 'client': NULL, 'ip_prefix': 192.0.2.0/24, 'network_category': unknown}",
		"{'sign_in_id': f790999f-fe87-467a-9880-6982a583986c, 'user_email': jill@example.com, 'occurred_at': 2024-03-21 07:09:03.777, 'ip_address': 192.0.2.1, 'provider': okta, 'reason': INVALID_CREDENTIALS, 'application': NULL, 'client': Mozilla/5.0, 'ip_prefix': 192.0.2.0/24, 'network_category': unknown}",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("failed sign-ins (-want +got):\n%s", d)
	}
	rejected := all(t, db, `SELECT source, line, reason, run_id, "at", raw LIKE '%[redacted]%' AND raw NOT LIKE '%abc123%' AS clean FROM rejected_rows`)
	if want := []string{`{'source': okta.json, 'line': 11, 'reason': published "today" is not RFC 3339, 'run_id': import, 'at': 2026-08-31 15:04:05, 'clean': true}`}; !slices.Equal(rejected, want) {
		t.Errorf("rejected %v", rejected)
	}
}

// What lists say of the addresses of failed sign-ins lands beside the category, as with sign-ins.
func TestImportedFailuresAreTagged(t *testing.T) {
	list := filepath.Join(t.TempDir(), "exits.txt")
	if err := os.WriteFile(list, []byte("192.0.2.0/24\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	places, err := geo.OpenWith(geo.Config{Lists: []geo.List{{File: list, Tags: []string{"tor", "seen-by-us"}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer places.Close()
	raw, err := os.ReadFile("archive/testdata/okta.json")
	if err != nil {
		t.Fatal(err)
	}
	db := openStore(t)
	o := imports(db)
	o.Geo = places
	mustImport(t, o, "okta.json", string(raw))
	got := all(t, db, `SELECT DISTINCT network_category, list_sort(network_tags) AS tags FROM failed_sign_ins`)
	if want := []string{"{'network_category': tor, 'tags': [seen-by-us, tor]}"}; !slices.Equal(got, want) {
		t.Errorf("failed sign-ins %v, want %v", got, want)
	}
}

func TestImportBounds(t *testing.T) {
	db := openStore(t)
	rep := mustImport(t, imports(db), "f", "Email,Time,Type\n"+
		"a@example.com,2009-12-31 23:59:59,Sign in\n"+ // before anything that Zoom can report
		"a@example.com,2010-01-01 00:00:00,Sign in\n"+
		"a@example.com,2026-08-31 15:04:05,Sign in\n"+ // the run's clock
		"a@example.com,2026-08-31 15:04:06,Sign in\n")
	if rep.Landed != 2 || rep.Later != 1 || rep.Rejected != 1 || rep.Rejects[0] != (ImportReject{2, badTime}) {
		t.Errorf("%+v", rep)
	}
}

func TestImportErrors(t *testing.T) {
	db := openStore(t)
	_, err := Import(t.Context(), imports(db), "f", strings.NewReader("hello"))
	var at *FileError
	var unknown *archive.UnknownError
	if !errors.As(err, &at) || !errors.As(err, &unknown) {
		t.Errorf("a file of no kind: %v", err)
	}
	row := `{"email":"a@example.com","time":"2024-03-21T07:09:03Z","type":"Sign in"}`
	rep, err := Import(t.Context(), imports(db), "f", strings.NewReader("["+row+","))
	if !errors.As(err, &at) || errors.As(err, &unknown) || rep.Landed != 1 || rep.Error == "" {
		t.Errorf("a file that breaks off: %+v, %v", rep, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Import(ctx, imports(db), "f", strings.NewReader(row)); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Import(t.Context(), imports(db), "f", strings.NewReader(row)); err == nil || errors.As(err, &at) {
		t.Errorf("no database: %v", err)
	}
}

// Rows in chunks land as they do at once, and a chunk that fails leaves the others.
func TestImportChunks(t *testing.T) {
	var text strings.Builder
	for i := range 25 {
		fmt.Fprintf(&text, `{"email":"a@example.com","time":"2024-03-21T07:09:%02dZ","type":"Sign in"}`+"\n", i)
	}
	db := openStore(t)
	var seen []int64
	o := imports(db)
	o.ChunkRows, o.Progress = 10, func(n int64) { seen = append(seen, n) }
	rep := mustImport(t, o, "f", text.String())
	if rep.Landed != 25 || !slices.Equal(seen, []int64{10, 20, 25}) {
		t.Errorf("%+v, chunks %v", rep, seen)
	}
	if got := all(t, db, `SELECT count(DISTINCT batch) AS n FROM ingest.activities`); got[0] != "{'n': 3}" {
		t.Errorf("batches %v", got)
	}
	db = openStore(t)
	o = imports(db)
	o.ChunkRows = 10
	if rep, err := Import(t.Context(), o, "f", io.MultiReader(strings.NewReader(text.String()[:12*72]), &failing{})); err == nil || rep.Landed < 10 {
		t.Errorf("%+v, %v", rep, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestRejectedRowsAreBounded(t *testing.T) {
	db := openStore(t)
	rep := mustImport(t, imports(db), "f", "Email,Time,Type\n"+strings.Repeat("a@example.com,never,Sign in\n", maxRejectedRows+5))
	if n := len(all(t, db, `SELECT line FROM ingest.rejected_rows`)); n != maxRejectedRows || rep.Rejected != maxRejectedRows+5 || len(rep.Rejects) != shownRejects {
		t.Errorf("%d rows kept, %d counted, %d shown", n, rep.Rejected, len(rep.Rejects))
	}
}

// landFromAPI lands rows as the feed does.
func landFromAPI(t fataler, db *store.DB, rows []zoom.Activity) {
	places, err := geo.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{Options: Options{Geo: places, Now: testNow}}
	var f activityRows
	var c counts
	for i := range rows {
		f.add(r, &rows[i], &c)
	}
	if c != (counts{}) {
		t.Fatal(fmt.Sprint(c))
	}
	err = db.Tx(context.Background(), func(tx *store.Tx) error {
		_, _, err := landFrame(context.Background(), tx, "activities", &f, nil, "api")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func asNDJSON(rows []zoom.Activity) string {
	var b strings.Builder
	for _, a := range rows {
		raw, _ := json.Marshal(map[string]string{"email": a.Email, "time": a.Time.Format(time.RFC3339), "type": a.Type, "ip_address": a.IPAddress, "client_type": a.ClientType, "version": a.Version})
		b.Write(append(raw, '\n'))
	}
	return b.String()
}

// asCSV writes rows as the portal does: in local time, with the given columns besides the first three, with or without seconds.
func asCSV(rows []zoom.Activity, zone *time.Location, seconds bool, columns ...string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(append([]string{"Email", "Time", "Type"}, columns...))
	layout := "Jan 2, 2006 03:04 PM"
	if seconds {
		layout = "01/02/2006 03:04:05 PM"
	}
	for _, a := range rows {
		cells := []string{a.Email, a.Time.In(zone).Format(layout), strings.Replace(a.Type, "in", "In", 1)}
		for _, c := range columns {
			cells = append(cells, map[string]string{"IP Address": a.IPAddress, "Client Type": a.ClientType, "Version": a.Version}[c])
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return b.String()
}

var newYork = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return loc
})

// A source is one way in which some rows come.
type source struct {
	kind string
	rows []zoom.Activity
}

// drawEvents draws different events that are as alike as can be: few users, minutes, addresses, in an hour that New York's clocks showed twice (3 November 2024,
// 05:00 to 07:00 UTC).
func drawEvents(t *rapid.T) []zoom.Activity {
	gen := rapid.Custom(func(t *rapid.T) zoom.Activity {
		at := time.Date(2024, 11, 3, 5+rapid.IntRange(0, 2).Draw(t, "hour"), rapid.IntRange(30, 31).Draw(t, "minute"), rapid.SampledFrom([]int{0, 0, 1, 59}).Draw(t, "second"), 0, time.UTC)
		return zoom.Activity{Email: rapid.SampledFrom([]string{"A@example.com", "b@example.com"}).Draw(t, "email"), Time: at,
			Type: rapid.SampledFrom([]string{zoom.TypeSignIn, zoom.TypeSignOut}).Draw(t, "type"), IPAddress: rapid.SampledFrom([]string{"", "192.0.2.1", "192.0.2.2"}).Draw(t, "ip"),
			ClientType: rapid.SampledFrom([]string{"", "Mac"}).Draw(t, "client"), Version: "6.0"}
	})
	return rapid.SliceOfNDistinct(gen, 1, 12, rapid.ID[zoom.Activity]).Draw(t, "events")
}

func drawSource(t *rapid.T, events []zoom.Activity) source {
	s := source{kind: rapid.SampledFrom([]string{"api", "ndjson", "csv", "minutes", "bare", "bare minutes"}).Draw(t, "kind")}
	for _, e := range rapid.Permutation(events).Draw(t, "order") {
		if rapid.Bool().Draw(t, "in") {
			s.rows = append(s.rows, e)
		}
	}
	return s
}

func (s source) land(t fataler, db *store.DB, chunk int) {
	o := imports(db)
	o.ChunkRows, o.Zone, o.Kind = chunk, newYork(), archive.ZoomActivities
	switch s.kind {
	case "api":
		landFromAPI(t, db, s.rows)
	case "ndjson":
		mustImport(t, o, s.kind, asNDJSON(s.rows))
	case "csv":
		mustImport(t, o, s.kind, asCSV(s.rows, newYork(), true, "IP Address", "Client Type", "Version"))
	case "minutes":
		mustImport(t, o, s.kind, asCSV(s.rows, newYork(), false, "Version", "IP Address"))
	case "bare":
		mustImport(t, o, s.kind, asCSV(s.rows, newYork(), true, "Client Type"))
	case "bare minutes":
		mustImport(t, o, s.kind, asCSV(s.rows, newYork(), false))
	}
}

func clearImports(t fataler, db *store.DB) {
	for _, table := range []string{"ingest.activities", "ingest.loose_rows", "ingest.rejected_rows"} {
		if _, err := db.Exec(context.Background(), "DELETE FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
}

// However rows come from the API, from archives and from exports, in whatever order, parts and chunks: what is landed is the same in any order, and once the API
// or an archive has told everything, each event is there once.
func TestEachEventLandsOnce(t *testing.T) {
	db := openStore(t)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t)
		sources := make([]source, rapid.IntRange(1, 4).Draw(t, "sources"))
		for i := range sources {
			sources[i] = drawSource(t, events)
		}
		var first []string
		for round := range 2 {
			clearImports(t, db)
			for _, s := range rapid.Permutation(sources).Draw(t, "sequence") {
				s.land(t, db, rapid.SampledFrom([]int{1, 3, 100}).Draw(t, "chunk"))
			}
			got := all(t, db, landedSQL)
			if round == 0 {
				first = got
			} else if d := cmp.Diff(first, got); d != "" {
				t.Fatalf("another order lands something else (-first +second):\n%s", d)
			}
		}
		source{kind: rapid.SampledFrom([]string{"api", "ndjson"}).Draw(t, "last"), rows: events}.land(t, db, 5)
		want := map[string]bool{}
		for _, e := range events {
			null := func(s string) string {
				if s == "" {
					return "NULL"
				}
				return s
			}
			want[fmt.Sprintf("{'user_email': %s, 'occurred_at': %s, 'kind': %s, 'ip_address': %s, 'client_type': %s, 'client_version': 6.0}", strings.ToLower(e.Email),
				e.Time.Format(time.DateTime), kindOf(e.Type), null(e.IPAddress), null(e.ClientType))] = true
		}
		if d := cmp.Diff(slices.Sorted(maps.Keys(want)), all(t, db, landedSQL)); d != "" {
			t.Fatalf("events and what is landed (-want +got):\n%s", d)
		}
		if loose := all(t, db, `FROM ingest.loose_rows`); len(loose) > 0 {
			t.Fatalf("still loose: %v", loose)
		}
	})
}

func TestLooseRowsGiveWay(t *testing.T) {
	exact := `{"email":"Jill@example.com","time":"2024-03-21T07:09:03Z","type":"Sign in","ip_address":"192.0.2.1","client_type":"Windows","version":"6.0"}`
	head := "Email,Time,Type,IP Address,Client Type,Version\n"
	for name, tt := range map[string]struct {
		export          string
		alike, replaced int64 // export after the archive, archive after the export
		rows            int
	}{
		"the same":              {head + "Jill@example.com,2024-03-21 07:09:03,Sign In,192.0.2.1,Windows,6.0", 0, 0, 1},
		"another spelling":      {head + "jill@example.com,2024-03-21 07:09:03,Login,192.0.2.1,Zoom Desktop Client (Windows),6.0", 1, 1, 1},
		"without seconds":       {head + "jill@example.com,2024-03-21 07:09,Sign in,192.0.2.1,Windows,6.0", 1, 1, 1},
		"without address":       {"Email,Time,Type\njill@example.com,2024-03-21 07:09:03,Sign in", 1, 1, 1},
		"another address":       {head + "jill@example.com,2024-03-21 07:09,Sign in,192.0.2.2,Windows,6.0", 0, 0, 2},
		"empty address":         {head + "jill@example.com,2024-03-21 07:09,Sign in,,Windows,6.0", 0, 0, 2},
		"another minute":        {head + "jill@example.com,2024-03-21 07:10,Sign in,192.0.2.1,Windows,6.0", 0, 0, 2},
		"another second":        {head + "Jill@example.com,2024-03-21 07:09:04,Sign in,192.0.2.1,Windows,6.0", 0, 0, 2},
		"another kind":          {head + "jill@example.com,2024-03-21 07:09,Sign out,192.0.2.1,Windows,6.0", 0, 0, 2},
		"another user":          {head + "jim@example.com,2024-03-21 07:09,Sign in,192.0.2.1,Windows,6.0", 0, 0, 2},
		"one minute twice over": {head + strings.Repeat("jill@example.com,2024-03-21 07:09,Sign in,192.0.2.1,Windows,6.0\n", 2), 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			db := openStore(t)
			mustImport(t, imports(db), "archive", exact)
			rep := mustImport(t, imports(db), "export", tt.export)
			if n := len(all(t, db, landedSQL)); rep.Alike != tt.alike || n != tt.rows {
				t.Errorf("export second: %d rows, %+v", n, rep)
			}
			db = openStore(t)
			mustImport(t, imports(db), "export", tt.export)
			rep = mustImport(t, imports(db), "archive", exact)
			if n := len(all(t, db, landedSQL)); rep.Replaced != tt.replaced || n != tt.rows {
				t.Errorf("export first: %d rows, %+v", n, rep)
			}
		})
	}
}

func TestLooseOperationsGiveWay(t *testing.T) {
	exact := `{"time":"2024-03-21T07:09:03Z","operator":"owner@example.com","category_type":"Account","action":"Update","operation_detail":"Security  - Password length: from 8 to 14"}`
	for name, tt := range map[string]struct {
		export string
		rows   int
	}{
		"the same":        {"Time,Operator,Category Type,Action,Operation Detail\n2024-03-21 07:09:03,owner@example.com,Account,Update,Security  - Password length: from 8 to 14", 1},
		"another writing": {"Time,Admin,Category,Details\n2024-03-21 07:09,Owner@example.com,account,Security - Password Length: from 8 to 14", 1},
		"another value":   {"Time,Admin,Category,Details\n2024-03-21 07:09,Owner@example.com,account,Security - Password Length: from 8 to 12", 2},
		"another action":  {"Time,Admin,Action,Details\n2024-03-21 07:09,Owner@example.com,Delete,Security - Password Length: from 8 to 14", 2},
	} {
		db := openStore(t)
		mustImport(t, imports(db), "archive", exact)
		mustImport(t, imports(db), "export", tt.export)
		if n := len(all(t, db, `FROM ingest.operations`)); n != tt.rows {
			t.Errorf("%s, export second: %d rows, want %d", name, n, tt.rows)
		}
		db = openStore(t)
		mustImport(t, imports(db), "export", tt.export)
		mustImport(t, imports(db), "archive", exact)
		if n := len(all(t, db, `FROM ingest.operations`)); n != tt.rows {
			t.Errorf("%s, export first: %d rows, want %d", name, n, tt.rows)
		}
	}
}

// A run that reads from the API what an export told before lands nothing twice, and the day of what it replaces is scored anew because its rows are new.
func TestAPIReplacesExport(t *testing.T) {
	db, a := openStore(t), smallAccount()
	var rows []zoom.Activity
	for _, x := range a.activities {
		if !x.Time.Before(oldest(testNow, 6)) {
			rows = append(rows, x)
		}
	}
	mustImport(t, imports(db), "minutes.csv", asCSV(rows, time.UTC, false, "IP Address"))
	mustRun(t, db, a, testNow)
	if got := all(t, db, landedSQL); len(got) != len(rows) {
		t.Errorf("%d rows, want %d", len(got), len(rows))
	}
	if got := all(t, db, `SELECT count(*) AS n FROM ingest.loose_rows`); got[0] != "{'n': 0}" {
		t.Errorf("loose rows: %v", got)
	}
	rep := mustImport(t, imports(db), "minutes.csv", asCSV(rows, time.UTC, false, "IP Address"))
	if rep.Landed != 0 || rep.Alike != int64(len(rows)) {
		t.Errorf("the export once more: %+v", rep)
	}
}
