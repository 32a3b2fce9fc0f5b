package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func exportDB(t testing.TB, setup ...string) *DB {
	t.Helper()
	db, err := Open(context.Background(), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, s := range setup {
		if _, err := db.Exec(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// nasty has every type a view may show and the text that breaks naive writers. The rows go in out of order.
var nasty = []string{
	`CREATE TABLE models.nasty (id BIGINT, who VARCHAR, evidence VARCHAR, x DOUBLE, ok BOOLEAN, at TIMESTAMP, day DATE, groups VARCHAR[], price DECIMAL(9,2), big HUGEINT, f FLOAT, sev ENUM('low', 'high'), blob BLOB, pair STRUCT(a BIGINT, b VARCHAR))`,
	`INSERT INTO models.nasty VALUES
	(4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(2, '@SUM(A1)' || chr(13) || chr(10) || 'x', 'not json', -1e-7, false, TIMESTAMP '1969-12-31 23:59:59.5', DATE '1969-12-31', [], -0.50, -170141183460469231731687303715884105728, 0.1, 'low', ''::BLOB, {'a': NULL, 'b': '<&>'}),
	(1, '=cmd|''/c calc''!A1', '{"a": [1, 2.50],` + "\n" + ` "b": "<é>"}', 1234567.25, true, TIMESTAMP '2026-02-03 04:05:06.789012', DATE '2026-02-03', ['a', 'b;c', NULL], 12.30, 1, 1.5, 'high', 'ab'::BLOB, {'a': 1, 'b': 'x'}),
	(3, 'say "hi", Zoë 🎉 ' || chr(1) || chr(9) || '<b>', '-1', 'nan'::DOUBLE, true, 'infinity'::TIMESTAMP, DATE '0001-01-01', ['=1'], 0, 0, 'inf'::FLOAT, NULL, NULL, NULL),
	(5, '', '', 1e21, true, TIMESTAMP '2026-02-03', DATE '2026-02-03', ['-x', 'y'], 1, 1, 16777216, 'low', NULL, NULL)`,
	`CREATE VIEW main.nasty AS SELECT * FROM models.nasty`,
}

func TestExportGolden(t *testing.T) {
	db := exportDB(t, nasty...)
	for _, format := range ExportFormats() {
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			n, err := db.Export(t.Context(), Export{View: "nasty", Format: format, OrderBy: "id"}, &got)
			if err != nil || n != 5 {
				t.Fatalf("%d rows, %v", n, err)
			}
			file := filepath.Join("testdata", "export", "nasty."+format)
			if os.Getenv("ZOOMWARD_UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("%s (-want +got; ZOOMWARD_UPDATE_GOLDEN=1 rewrites it):\n%s", file, d)
			}
		})
	}
}

func TestExportEmptyView(t *testing.T) {
	db := exportDB(t)
	want := map[string]string{"csv": "user_email,score,percentile,change_7d,contributions\n", "json": "[]\n", "ndjson": ""}
	for format, text := range want {
		var got bytes.Buffer
		if n, err := db.Export(t.Context(), Export{View: "user_risk", Format: format}, &got); err != nil || n != 0 || got.String() != text {
			t.Errorf("%s: %d rows, %v, %q; want %q", format, n, err, got.String(), text)
		}
	}
}

func TestExportRefusesWhatItDoesNotKnow(t *testing.T) {
	db := exportDB(t)
	for _, c := range []struct {
		e    Export
		want string
	}{
		{Export{View: "alert", Format: "csv"}, `no view "alert"; there are activities, alert_history, alerts, `},
		{Export{View: "alerts; DROP TABLE models.alerts", Format: "csv"}, "there is no view"},
		{Export{View: `alerts" --`, Format: "csv"}, "there is no view"},
		{Export{View: "models.alerts", Format: "csv"}, "there is no view"},
		{Export{View: "duckdb_views", Format: "csv"}, "there is no view"},
		{Export{View: "alerts", Format: "xml"}, `no format "xml"; there are csv, json, ndjson`},
		{Export{View: "alerts", Format: ""}, "there is no format"},
		{Export{View: "alerts", Format: "csv", OrderBy: "nope"}, "nope"},
	} {
		var b bytes.Buffer
		if _, err := db.Export(t.Context(), c.e, &b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.e, err, c.want)
		}
		if b.Len() > 0 {
			t.Errorf("%+v: wrote %q", c.e, b.String())
		}
	}
	if _, err := db.Exec(t.Context(), `SELECT 1 FROM models.alerts`); err != nil {
		t.Error(err)
	}
}

// TestExportOrder checks the order of every view of the contract against rows that go in backwards.
func TestExportOrder(t *testing.T) {
	db := exportDB(t,
		`INSERT INTO models.alerts BY NAME SELECT 'a' || i AS alert_id, 'd' AS detection_id, 't' AS title, (['info', 'low', 'medium', 'high', 'critical'])[1 + i % 5] AS severity,
			TIMESTAMP '2026-01-01' - INTERVAL 1 DAY * (i // 5) AS window_start, TIMESTAMP '2026-01-02' AS window_end, 's' AS summary, '{}' AS evidence,
			TIMESTAMP '2026-01-01' AS first_seen_at, TIMESTAMP '2026-01-01' AS last_seen_at, DATE '2026-01-01' AS day FROM range(10) AS r(i)`,
		`INSERT INTO models.user_risk VALUES ('b@example.com', 1, 0, 0, '[]'), ('c@example.com', 5, 0, 0, '[]'), ('a@example.com', 1, 0, 0, '[]')`,
		`INSERT INTO models.user_days SELECT u, d, 0, 1, false, false, false, 1, 1 FROM (VALUES ('b'), ('a')) AS v(u), (VALUES (DATE '2026-01-02'), (DATE '2026-01-01')) AS w(d)`,
	)
	for view, want := range map[string]string{
		"alerts":    "a4 a9 a3 a8 a2 a7 a1 a6 a0 a5",
		"user_risk": "c@example.com a@example.com b@example.com",
		"user_days": "a2026-01-01 b2026-01-01 a2026-01-02 b2026-01-02",
	} {
		var b bytes.Buffer
		if _, err := db.Export(t.Context(), Export{View: view, Format: "csv"}, &b); err != nil {
			t.Fatal(err)
		}
		recs, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range recs[1:] {
			if view == "user_days" {
				r[0] += r[1]
			}
			got = append(got, r[0])
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", view, s, want)
		}
	}
	var some bytes.Buffer
	n, err := db.Export(t.Context(), Export{View: "alerts", Format: "ndjson", Where: "severity = ? AND alert_id <> ?", Args: []any{"critical", "a4"}}, &some)
	if err != nil || n != 1 || !strings.HasPrefix(some.String(), `{"alert_id":"a9",`) {
		t.Errorf("%d rows, %v: %s", n, err, some.String())
	}
}

// TestExportViews writes every view there is, so that a new view with a type or an order that export does not know fails here.
func TestExportViews(t *testing.T) {
	db := exportDB(t)
	var views struct {
		Name []string `col:"view_name"`
	}
	if err := db.Read(t.Context(), &views, `SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal`); err != nil {
		t.Fatal(err)
	}
	for _, v := range views.Name {
		if viewOrder(v) == "" {
			t.Errorf("view %s has no order", v)
		}
		for _, f := range ExportFormats() {
			if _, err := db.Export(t.Context(), Export{View: v, Format: f}, io.Discard); err != nil {
				t.Error(err)
			}
		}
		if _, err := db.ExportFile(t.Context(), Export{View: v, Format: Parquet}, filepath.Join(t.TempDir(), v+".parquet")); err != nil {
			t.Error(err)
		}
	}
}

// TestExportPages crosses the borders of pages: every row once, in order.
func TestExportPages(t *testing.T) {
	for _, n := range []int{exportPage - 1, exportPage, exportPage + 1, 3*exportPage + 7} {
		db := exportDB(t, `CREATE VIEW main.many AS SELECT (i * 7919) % `+strconv.Itoa(n)+` AS id FROM range(`+strconv.Itoa(n)+`) AS r(i)`)
		var b bytes.Buffer
		rows, err := db.Export(t.Context(), Export{View: "many", Format: "ndjson", OrderBy: "id"}, &b)
		if err != nil || rows != int64(n) {
			t.Fatalf("%d rows, %v; want %d", rows, err, n)
		}
		for i, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
			if want := fmt.Sprintf(`{"id":%d}`, i); line != want {
				t.Fatalf("line %d is %s", i, line)
			}
		}
	}
}

// TestExportReadsBack exports whatever rows and reads them back with the decoders of the standard library.
func TestExportReadsBack(t *testing.T) {
	db := exportDB(t, `CREATE TABLE models.p (n BIGINT, s VARCHAR, x DOUBLE, at TIMESTAMP, l VARCHAR[])`, `CREATE VIEW main.p AS SELECT * FROM models.p`)
	type rows struct {
		N  []int64     `col:"n"`
		S  []string    `col:"s"`
		X  []float64   `col:"x"`
		At []time.Time `col:"at"`
		L  [][]string  `col:"l"`
	}
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("=+-@\t\r\n\x00\",; a\\.é🎉<"))))
	rapid.Check(t, func(t *rapid.T) {
		var in rows
		for i := range rapid.IntRange(0, 20).Draw(t, "rows") {
			in.N = append(in.N, int64(i))
			in.S = append(in.S, text.Draw(t, "s"))
			in.X = append(in.X, rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "x"))
			in.At = append(in.At, time.UnixMicro(rapid.Int64Range(-6e16, 2e17).Draw(t, "at")).UTC())
			in.L = append(in.L, append([]string{}, rapid.SliceOfN(text, 0, 3).Draw(t, "l")...))
		}
		err := db.Tx(context.Background(), func(tx *Tx) error {
			if _, err := tx.Exec(context.Background(), `DELETE FROM models.p`); err != nil {
				return err
			}
			_, err := tx.Append(context.Background(), "models.p", in)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		export := func(format string) []byte {
			var b bytes.Buffer
			if n, err := db.Export(context.Background(), Export{View: "p", Format: format, OrderBy: "n"}, &b); err != nil || n != int64(len(in.N)) {
				t.Fatalf("%d rows, %v", n, err)
			}
			return b.Bytes()
		}
		type object struct {
			N  int64
			S  string
			X  float64
			At time.Time
			L  []string
		}
		var got []object
		format := rapid.SampledFrom(ExportFormats()).Draw(t, "format")
		switch file := export(format); format {
		case "csv":
			recs, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
			if err != nil || len(recs) != len(in.N)+1 {
				t.Fatalf("%d records for %d rows, %v", len(recs), len(in.N), err)
			}
			for i, r := range recs[1:] {
				x, err := strconv.ParseFloat(r[2], 64)
				at, aerr := time.Parse(time.RFC3339Nano, r[3])
				if err := errors.Join(err, aerr); err != nil || r[0] != strconv.Itoa(i) || !sameCSVText(in.S[i], r[1]) || x != in.X[i] || !at.Equal(in.At[i]) ||
					!sameCSVText(strings.Join(in.L[i], ";"), r[4]) {
					t.Fatalf("row %d reads back as %q, %v", i, r, err)
				}
			}
			return
		case "json":
			if err := json.Unmarshal(file, &got); err != nil {
				t.Fatal(err)
			}
		case "ndjson":
			for line := range bytes.Lines(file) {
				var o object
				if err := json.Unmarshal(line, &o); err != nil {
					t.Fatal(err)
				}
				got = append(got, o)
			}
		}
		if len(got) != len(in.N) {
			t.Fatalf("%d objects for %d rows", len(got), len(in.N))
		}
		for i, o := range got {
			if want := (object{in.N[i], in.S[i], in.X[i], in.At[i], in.L[i]}); !cmp.Equal(want, o) {
				t.Fatal(cmp.Diff(want, o))
			}
		}
	})
}

// sameCSVText says whether the cell is the neutralised text; encoding/csv reads CR LF inside quotes as LF.
func sameCSVText(text, cell string) bool {
	if text != "" && strings.ContainsRune("=+-@\t\r\x00", rune(text[0])) {
		text = "'" + text
	}
	return strings.ReplaceAll(text, "\r\n", "\n") == cell
}

func FuzzCSVText(f *testing.F) {
	for _, s := range []string{"", " ", "=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\x00=1", `a"b`, "a,b", "a\nb", "a\r\nb", `\.`, "é", "\xff", "'=1", " =1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := appendCSVText(append(appendCSVText(nil, csvText(s)), ','), "end")
		r := csv.NewReader(bytes.NewReader(append(line, '\n')))
		got, err := r.Read()
		if err != nil {
			t.Fatalf("%q becomes %q: %v", s, line, err)
		}
		if _, err := r.Read(); !errors.Is(err, io.EOF) {
			t.Fatalf("%q becomes more than one record: %q", s, line)
		}
		if len(got) != 2 || !sameCSVText(s, got[0]) || got[1] != "end" {
			t.Fatalf("%q reads back as %q", s, got)
		}
		if got[0] != "" && strings.ContainsRune("=+-@\t\r\x00", rune(got[0][0])) {
			t.Fatalf("%q stays a formula: %q", s, got[0])
		}
	})
}

func FuzzJSONValue(f *testing.F) {
	for _, s := range []string{"", "null", "-1", `{"a": [1 , 2]}`, "{", "\u2028", "a\x01b", "<é>", "[1]\n[2]", `"\ud800"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, b := range [][]byte{appendEmbedded(nil, s), appendJSONText(nil, s)} {
			if !json.Valid(b) || bytes.ContainsAny(b, "\n\r") {
				t.Fatalf("%q becomes %q", s, b)
			}
		}
		var back string
		if err := json.Unmarshal(appendJSONText(nil, s), &back); err != nil || back != strings.ToValidUTF8(s, back) && strings.ToValidUTF8(s, "") == s {
			t.Fatalf("%q reads back as %q, %v", s, back, err)
		}
	})
}

// brokenWriter takes some bytes, then fails as a full disk does.
type brokenWriter struct{ left int }

var errBroken = &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestExportToBrokenWriter(t *testing.T) {
	db := exportDB(t, `CREATE VIEW main.many AS SELECT i AS id, repeat('x', 100) AS s FROM range(50000) AS r(i)`)
	for _, format := range ExportFormats() {
		for _, left := range []int{0, 10, 1 << 20} {
			if _, err := db.Export(t.Context(), Export{View: "many", Format: format}, &brokenWriter{left}); !errors.Is(err, errBroken) || !errors.Is(err, ErrFull) {
				t.Errorf("%s after %d bytes: %v", format, left, err)
			}
		}
		if n, err := db.Export(t.Context(), Export{View: "many", Format: format}, io.Discard); err != nil || n != 50000 {
			t.Errorf("%s afterwards: %d rows, %v", format, n, err)
		}
	}
}

// cancelWriter cancels the export at its first bytes.
type cancelWriter struct{ cancel context.CancelFunc }

func (w cancelWriter) Write(p []byte) (int, error) { w.cancel(); return len(p), nil }

func TestExportStopsWhenCancelled(t *testing.T) {
	db := exportDB(t, `CREATE VIEW main.many AS SELECT i AS id FROM range(200000) AS r(i)`)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := db.Export(ctx, Export{View: "many", Format: "csv"}, cancelWriter{cancel}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	var left int
	if err := db.Row(t.Context(), `SELECT count(*) FROM duckdb_tables() WHERE temporary`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d temporary tables left, %v", left, err)
	}
}

func TestExportFile(t *testing.T) {
	db := exportDB(t, nasty...)
	dir := filepath.Join(t.TempDir(), "für die Wache 📁")
	path := filepath.Join(dir, "nasty rows.csv")
	e := Export{View: "nasty", Format: "csv", OrderBy: "id"}
	if n, err := db.ExportFile(t.Context(), e, path); err != nil || n != 5 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&^0o640 != 0 {
		t.Errorf("mode %v, %v; want 0640 at most", info.Mode(), err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Row 4 cannot be read: DuckDB finds out while it makes the rows.
	e.Where = "CASE WHEN id = 4 THEN error('row 4 is unreadable') ELSE true END"
	if _, err := db.ExportFile(t.Context(), e, path); err == nil || !strings.Contains(err.Error(), "row 4 is unreadable") || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.ExportFile(ctx, Export{View: "nasty", Format: "json"}, path); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a failed export changed the file: %v", err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		t.Errorf("left in the folder: %v, %v", names, err)
	}
	if _, err := db.ExportFile(t.Context(), Export{View: "alerts", Format: "csv"}, filepath.Join(path, "x.csv")); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a file for a folder: error %v", err)
	}
}
