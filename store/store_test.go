package store_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/store"
)

type frame struct {
	ID    []string    `col:"id"`
	Note  []string    `col:"note,null"`
	N     []int64     `col:"n"`
	X     []float64   `col:"x"`
	B     []bool      `col:"b"`
	OB    []*bool     `col:"ob"`
	At    []time.Time `col:"at"`
	Day   []time.Time `col:"day,date"`
	Blob  [][]byte    `col:"blob"`
	Words [][]string  `col:"words"`
}

const frameTable = `CREATE TABLE main.t (id VARCHAR, note VARCHAR, n BIGINT, x DOUBLE, b BOOLEAN, ob BOOLEAN, at TIMESTAMP, day DATE, blob BLOB, words VARCHAR[])`

func open(t testing.TB, path string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), path, store.Options{AppVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestFrameRoundTrip(t *testing.T) {
	db := open(t, "")
	ctx := t.Context()
	if _, err := db.Exec(ctx, frameTable); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 50).Draw(t, "rows")
		var in frame
		for range n {
			in.ID = append(in.ID, rapid.String().Draw(t, "id"))
			in.Note = append(in.Note, rapid.SampledFrom([]string{"", "x", "naïve", "\x00"}).Draw(t, "note"))
			in.N = append(in.N, rapid.Int64().Draw(t, "n"))
			in.X = append(in.X, rapid.OneOf(rapid.Float64Range(-1e300, 1e300), rapid.Just(math.NaN())).Draw(t, "x"))
			in.B = append(in.B, rapid.Bool().Draw(t, "b"))
			in.OB = append(in.OB, rapid.Ptr(rapid.Bool(), true).Draw(t, "ob"))
			us := rapid.Int64Range(-6e16, 6e16).Draw(t, "at")
			at := time.UnixMicro(us).UTC()
			in.At = append(in.At, at)
			in.Day = append(in.Day, at.Truncate(24*time.Hour))
			in.Blob = append(in.Blob, rapid.SliceOf(rapid.Byte()).Draw(t, "blob"))
			in.Words = append(in.Words, rapid.SliceOf(rapid.SampledFrom([]string{"", "a", "b c"})).Draw(t, "words"))
		}
		var out frame
		err := db.Tx(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(ctx, `DELETE FROM main.t`); err != nil {
				return err
			}
			if got, err := tx.Append(ctx, "main.t", in); err != nil || got != int64(n) {
				t.Fatalf("Append = %d, %v; want %d", got, err, n)
			}
			return tx.Read(ctx, &out, `SELECT * FROM main.t ORDER BY rowid`)
		})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(in, out, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	})
}

func TestZeroLandsAsNull(t *testing.T) {
	db := open(t, "")
	ctx := t.Context()
	if _, err := db.Exec(ctx, frameTable); err != nil {
		t.Fatal(err)
	}
	in := frame{ID: []string{""}, Note: []string{""}, N: []int64{0}, X: []float64{math.NaN()}, B: []bool{false}, OB: []*bool{nil},
		At: []time.Time{{}}, Day: []time.Time{{}}, Blob: [][]byte{nil}, Words: [][]string{nil}}
	if err := db.Tx(ctx, func(tx *store.Tx) error { _, err := tx.Append(ctx, "main.t", in); return err }); err != nil {
		t.Fatal(err)
	}
	var nulls string
	q := `SELECT concat_ws(',', CASE WHEN id IS NULL THEN 'id' END, CASE WHEN note IS NULL THEN 'note' END, CASE WHEN n IS NULL THEN 'n' END, CASE WHEN x IS NULL THEN 'x' END,
		CASE WHEN ob IS NULL THEN 'ob' END, CASE WHEN at IS NULL THEN 'at' END, CASE WHEN day IS NULL THEN 'day' END, CASE WHEN blob IS NULL THEN 'blob' END, CASE WHEN words IS NULL THEN 'words' END) FROM main.t`
	if err := db.Row(ctx, q).Scan(&nulls); err != nil {
		t.Fatal(err)
	}
	if want := "note,x,ob,at,day,blob,words"; nulls != want {
		t.Errorf("NULL columns %s, want %s", nulls, want)
	}
}

func TestFrameErrors(t *testing.T) {
	db := open(t, "")
	ctx := t.Context()
	if _, err := db.Exec(ctx, `CREATE TABLE main.u (id VARCHAR, x DOUBLE)`); err != nil {
		t.Fatal(err)
	}
	type idX struct {
		ID []string  `col:"id"`
		X  []float64 `col:"x"`
	}
	cases := []struct {
		name string
		do   func(tx *store.Tx) error
		want string
	}{
		{"ragged", func(tx *store.Tx) error {
			_, err := tx.Append(ctx, "main.u", idX{ID: []string{"a"}})
			return err
		}, "column id has 1 rows, column x has 0"},
		{"infinite", func(tx *store.Tx) error {
			_, err := tx.Append(ctx, "main.u", idX{ID: []string{"a"}, X: []float64{math.Inf(1)}})
			return err
		}, "infinite"},
		{"not a frame", func(tx *store.Tx) error { _, err := tx.Append(ctx, "main.u", 3); return err }, "want a struct of slices"},
		{"column missing", func(tx *store.Tx) error { var f idX; return tx.Read(ctx, &f, `SELECT id, 1 AS y FROM main.u`) }, "no single column x"},
		{"too many columns", func(tx *store.Tx) error { var f idX; return tx.Read(ctx, &f, `SELECT id, x, 1 AS y FROM main.u`) }, "returns 3 columns"},
		{"wrong type", func(tx *store.Tx) error {
			var f struct {
				ID []int64 `col:"id"`
			}
			_, _ = tx.Append(ctx, "main.u", idX{ID: []string{"a"}, X: []float64{1}})
			return tx.Read(ctx, &f, `SELECT id FROM main.u`)
		}, "the frame wants []int64"},
		{"no pointer", func(tx *store.Tx) error { return tx.Read(ctx, idX{}, `SELECT id, x FROM main.u`) }, "not a pointer"},
		{"no table", func(tx *store.Tx) error {
			_, err := tx.Append(ctx, "main.nope", idX{ID: []string{"a"}, X: []float64{1}})
			return err
		}, "nope"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := db.Tx(ctx, c.do)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

type keyed struct {
	ID []string `col:"id"`
	N  []int64  `col:"n"`
}

func TestLandIsIdempotent(t *testing.T) {
	db := open(t, "")
	ctx := t.Context()
	if _, err := db.Exec(ctx, `CREATE TABLE main.k (id VARCHAR, n BIGINT)`); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		truth := map[string]bool{}
		if _, err := db.Exec(ctx, `DELETE FROM main.k`); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "landings") {
			var in keyed
			fresh := map[string]bool{}
			for i, id := range rapid.SliceOfN(rapid.StringN(1, 2, 2), 0, 40).Draw(t, "ids") {
				in.ID, in.N = append(in.ID, id), append(in.N, int64(i))
				if !truth[id] {
					fresh[id] = true
				}
			}
			err := db.Tx(ctx, func(tx *store.Tx) error {
				n, err := tx.Land(ctx, "main.k", "id", in)
				if n != int64(len(fresh)) {
					t.Fatalf("landed %d, want %d", n, len(fresh))
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for id := range fresh {
				truth[id] = true
			}
		}
		var rows, keys int
		if err := db.Row(ctx, `SELECT count(*), count(DISTINCT id) FROM main.k`).Scan(&rows, &keys); err != nil {
			t.Fatal(err)
		}
		if rows != len(truth) || keys != len(truth) {
			t.Fatalf("%d rows, %d keys, want %d", rows, keys, len(truth))
		}
	})
}

func TestTxRollsBack(t *testing.T) {
	db := open(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := db.Exec(ctx, `CREATE TABLE main.k (id VARCHAR, n BIGINT)`); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	land := func(tx *store.Tx) error {
		_, err := tx.Land(context.Background(), "main.k", "id", keyed{ID: []string{"a"}, N: []int64{1}})
		return err
	}
	for name, f := range map[string]func(*store.Tx) error{
		"error":  func(tx *store.Tx) error { return errors.Join(land(tx), boom) },
		"cancel": func(tx *store.Tx) error { defer cancel(); return land(tx) },
	} {
		if err := db.Tx(ctx, f); err == nil {
			t.Errorf("%s: no error", name)
		}
		var n int
		if err := db.Row(context.Background(), `SELECT count(*) FROM main.k`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
		ctx, cancel = context.WithCancel(context.Background())
	}
	cancel()
}

func TestEveryViewColumnHasAComment(t *testing.T) {
	db := open(t, "")
	var bare struct {
		View []string `col:"v"`
	}
	err := db.Read(t.Context(), &bare, `SELECT table_name || '.' || column_name AS v FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal AND coalesce(comment, '') = ''
		UNION ALL SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal AND coalesce(comment, '') = '' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	if len(bare.View) > 0 {
		t.Errorf("no comment on %s", strings.Join(bare.View, ", "))
	}
	var views int
	if err := db.Row(t.Context(), `SELECT count(*) FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal`).Scan(&views); err != nil || views < 14 {
		t.Errorf("%d views, %v", views, err)
	}
}

func TestPublishLeavesReadersAlone(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	work, snap := filepath.Join(dir, "z.duckdb.work"), filepath.Join(dir, "z.duckdb")
	db := open(t, work)
	add := func(id string) {
		t.Helper()
		if _, err := db.Exec(ctx, `INSERT INTO models.triage (alert_id, status, note, set_at) VALUES (?, 'benign', NULL, TIMESTAMP '2026-01-01')`, id); err != nil {
			t.Fatal(err)
		}
	}
	count := func(db *store.DB) (n int) {
		t.Helper()
		if err := db.Row(ctx, `SELECT count(*) FROM models.triage`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	add("a")
	if err := db.Publish(ctx, snap); err != nil {
		t.Fatal(err)
	}
	reader, err := store.Open(ctx, snap, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	add("b")
	if got := count(reader); got != 1 {
		t.Errorf("reader sees %d rows before publishing, want 1", got)
	}
	if err := db.Publish(ctx, snap); err != nil {
		t.Fatal(err)
	}
	if got := count(reader); got != 1 {
		t.Errorf("old reader sees %d rows, want 1", got)
	}
	again, err := store.Open(ctx, snap, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := count(again); got != 2 {
		t.Errorf("new reader sees %d rows, want 2", got)
	}
	var comments int
	if err := again.Row(ctx, `SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal AND comment IS NULL`).Scan(&comments); err != nil || comments != 0 {
		t.Errorf("%d columns lost their comment, %v", comments, err)
	}
	if info, err := os.Stat(snap); err != nil || info.Mode().Perm() != 0o440 {
		t.Errorf("mode %v, %v; want 0440", info.Mode(), err)
	}
	if info, err := os.Stat(work); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("working file has mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestReopenKeepsRowsAndMigrationsOnce(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "z.duckdb")
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for i := range 2 {
		db, err := store.Open(ctx, path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var n, m int
		if err := db.Row(ctx, `SELECT (SELECT count(*) FROM models.triage), (SELECT count(*) FROM meta.schema_migrations)`).Scan(&n, &m); err != nil {
			t.Fatal(err)
		}
		if n != i || m != len(files) {
			t.Errorf("open %d: %d rows, %d migrations", i, n, m)
		}
		if _, err := db.Exec(ctx, `INSERT INTO models.triage (alert_id, status, note, set_at) VALUES ('a', 'benign', NULL, TIMESTAMP '2026-01-01')`); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefusesWhatItCannotUse(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	newer := filepath.Join(dir, "newer.duckdb")
	db := open(t, newer)
	if _, err := db.Exec(ctx, `INSERT INTO meta.schema_migrations VALUES (9999, 'x', 'y', TIMESTAMP '2026-01-01', 'z')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	garbage := filepath.Join(dir, "garbage.duckdb")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, want string
		ro         bool
	}{
		{newer, "newer zoomward", false},
		{garbage, "not a valid DuckDB", false},
		{filepath.Join(dir, "missing"), "does not exist", true},
		{"a?b", "cannot be part of it", false},
	} {
		_, err := store.Open(ctx, c.path, store.Options{ReadOnly: c.ro})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.path, err, c.want)
		}
	}
}

func TestRowScansNull(t *testing.T) {
	var s sql.NullString
	if err := open(t, "").Row(t.Context(), `SELECT NULL::VARCHAR`).Scan(&s); err != nil || s.Valid {
		t.Errorf("%v, %v", s, err)
	}
}
