package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/zoomward/zoomward/store"
)

// asKilled copies a database that is open, as it would be found had its process been killed now, with the last cut bytes of its log not written.
func asKilled(t *testing.T, from, to string, cut int) {
	t.Helper()
	for _, end := range []string{"", ".wal"} {
		raw, err := os.ReadFile(from + end)
		if err != nil {
			t.Fatal(err)
		}
		if end != "" {
			if len(raw) <= cut {
				t.Fatalf("the log has %d bytes: nothing to cut", len(raw))
			}
			raw = raw[:len(raw)-cut]
		}
		if err := os.WriteFile(to+end, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A process that was killed in the middle of a write leaves half an entry in the log. Whatever is committed afterwards must be there, however often that happens.
func TestWritesAfterATornLogStay(t *testing.T) {
	ctx := context.Background()
	for _, cut := range []int{1, 7, 40} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			dir := t.TempDir()
			path := func(n int) string { return filepath.Join(dir, fmt.Sprintf("%d.duckdb", n)) }
			db, err := store.Open(ctx, path(0), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			exec := func(db *store.DB, query string) {
				t.Helper()
				if _, err := db.Exec(ctx, query); err != nil {
					t.Fatal(err)
				}
			}
			exec(db, `CREATE TABLE main.kept (n BIGINT, text VARCHAR)`)
			exec(db, `CHECKPOINT`)
			committed := []int{}
			for n := range 4 {
				exec(db, fmt.Sprintf(`INSERT INTO main.kept VALUES (%d, repeat('x', 200))`, 10*n)) // stays: the entry after it is the one that is cut
				exec(db, fmt.Sprintf(`INSERT INTO main.kept VALUES (%d, repeat('y', 200))`, 10*n+1))
				committed = append(committed, 10*n)
				asKilled(t, path(n), path(n+1), cut)
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				if db, err = store.Open(ctx, path(n+1), store.Options{}); err != nil {
					t.Fatalf("after kill %d: %v", n+1, err)
				}
				var rows struct {
					N []int64 `col:"n"`
				}
				if err := db.Read(ctx, &rows, `SELECT n FROM main.kept ORDER BY n`); err != nil {
					t.Fatal(err)
				}
				if len(rows.N) != len(committed) {
					t.Fatalf("after kill %d: rows %v, want %v", n+1, rows.N, committed)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
