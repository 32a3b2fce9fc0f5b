package store

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func number(n int64) *int64 { return &n }

// Rows with a hash: new ones are added, changed ones replaced but for what is kept, equal ones left alone. The frame is one of run-time columns.
func TestUpsert(t *testing.T) {
	ctx := context.Background()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "u.duckdb"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(ctx, `CREATE TABLE meta.things (id VARCHAR, hash VARCHAR, n BIGINT, tags VARCHAR[], "day" DATE, first VARCHAR)`); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	write := func(ids, hashes []string, ns []*int64, first string) (n int64) {
		t.Helper()
		tags, days, firsts := make([][]string, len(ids)), make([]time.Time, len(ids)), make([]string, len(ids))
		for i := range ids {
			tags[i], days[i], firsts[i] = []string{hashes[i]}, day, first
		}
		// What is kept stands between what is not, and the key last, so that no order of columns is the table's.
		frame := Columns{{Name: "hash", Values: hashes}, {Name: "first", Null: true, Values: firsts}, {Name: "n", Values: ns}, {Name: "tags", Values: tags},
			{Name: "day", Date: true, Values: days}, {Name: "id", Values: ids}}
		err := db.Tx(ctx, func(tx *Tx) error {
			var err error
			n, err = tx.Upsert(ctx, "meta.things", "id", "hash", frame, "first")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	got := []int64{
		write([]string{"a", "b", "a"}, []string{"1", "1", "2"}, []*int64{number(1), nil, number(9)}, "then"),
		write([]string{"a", "b"}, []string{"1", "1"}, []*int64{number(5), number(5)}, "now"),        // nothing changed
		write([]string{"a", "c"}, []string{"2", "1"}, []*int64{number(0), number(7)}, "even later"), // one changed, one new
		write(nil, nil, nil, ""),
	}
	if d := cmp.Diff([]int64{2, 0, 2, 0}, got); d != "" {
		t.Errorf("written (-want +got):\n%s", d)
	}
	var rows struct {
		ID    []string    `col:"id"`
		N     []*int64    `col:"n"`
		Tags  [][]string  `col:"tags"`
		Day   []time.Time `col:"day,date"`
		First []string    `col:"first"`
	}
	if err := db.Read(ctx, &rows, `SELECT id, n, tags, "day", first FROM meta.things ORDER BY id`); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]any{[]string{"a", "b", "c"}, []*int64{number(0), nil, number(7)}, [][]string{{"2"}, {"1"}, {"1"}}, []time.Time{day, day, day}, []string{"then", "then", "even later"}},
		[]any{rows.ID, rows.N, rows.Tags, rows.Day, rows.First}); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestColumnsAreChecked(t *testing.T) {
	for _, c := range []Columns{nil, {{Name: "a"}}, {{Name: "a", Values: 3}}, {{Name: "a", Values: []int{1}}}} {
		if _, err := columnsOf(c); err == nil {
			t.Errorf("%v is taken for a frame", c)
		}
	}
	cols, err := columnsOf(Columns{{Name: "a", Values: []string{"x"}}, {Name: "b", Values: []string{}}})
	if err == nil {
		_, err = rowsOf(cols)
	}
	if err == nil {
		t.Error("columns of different lengths are taken for a frame")
	}
}
