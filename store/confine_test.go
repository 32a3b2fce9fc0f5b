package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A confined database reaches no file, whatever is asked of it, and cannot be let loose again.
func TestConfine(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "z.duckdb")
	made, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	published, err := Open(t.Context(), path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer published.Close()
	if _, err := published.Exec(t.Context(), `SELECT * FROM read_csv(?)`, secret); err != nil {
		t.Fatalf("the file cannot be read in any case, so the test proves nothing: %v", err)
	}
	if err := published.Confine(t.Context()); err != nil {
		t.Fatal(err)
	}
	sandbox, err := Sandbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer sandbox.Close()
	for name, db := range map[string]*DB{"published": published, "sandbox": sandbox} {
		for _, q := range []string{
			`SELECT * FROM read_csv('` + secret + `')`, `SELECT * FROM '` + secret + `'`, `SELECT * FROM read_text('` + secret + `')`, `SELECT * FROM read_blob('` + secret + `')`,
			`SELECT * FROM glob('` + dir + `/*')`, `SELECT * FROM query('FROM read_text(''` + secret + `'')')`, `SELECT * FROM sniff_csv('` + secret + `')`,
			`ATTACH '` + filepath.Join(dir, "other.duckdb") + `'`, `COPY (SELECT 1) TO '` + filepath.Join(dir, "out.csv") + `'`, `EXPORT DATABASE '` + filepath.Join(dir, "out") + `'`,
			`INSTALL httpfs`, `LOAD httpfs`, `SET enable_external_access = true`, `SET lock_configuration = false`, `RESET enable_external_access`,
		} {
			if _, err := db.Exec(t.Context(), q); err == nil {
				t.Errorf("%s: %s works", name, q)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "secret.csv" && !strings.HasPrefix(e.Name(), "z.duckdb") {
			t.Errorf("there is a new file %s", e.Name())
		}
	}
}

// What runs in a view writes nothing, and leaves the database as usable as before, also when it fails or is cut off.
func TestView(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "z.duckdb"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	count := func() (n int) {
		if err := db.Row(t.Context(), `SELECT count(*) FROM meta.runs`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, q := range []string{
		`INSERT INTO meta.runs (run_id, command, version, as_of, started_at, status) VALUES ('r', 'c', 'v', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01', 'done')`,
		`DELETE FROM meta.runs`, `DROP VIEW main.alerts`, `CREATE TABLE x (i INTEGER)`, `SELECT nextval('ingest.batch')`,
	} {
		err := db.View(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), q)
			return err
		})
		if err == nil {
			t.Errorf("%s works", q)
		}
		if n := count(); n != 0 {
			t.Fatalf("%s left %d rows", q, n)
		}
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	err = db.View(short, func(tx *Tx) error {
		return tx.Rows(short, func(r *sql.Rows) error { return nil }, `SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b`)
	})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	var sum int64
	err = db.View(t.Context(), func(tx *Tx) error {
		if err := tx.Bind(t.Context(), `SELECT nothing FROM alerts`); err == nil || !strings.Contains(err.Error(), `"nothing" not found`) {
			t.Errorf("bound an unknown column: %v", err)
		}
		if err := tx.Bind(t.Context(), `SELECT alert_id FROM alerts WHERE window_end > $since`); err != nil {
			t.Errorf("bind: %v", err)
		}
		return tx.Rows(t.Context(), func(r *sql.Rows) error {
			for r.Next() {
				var n int64
				if err := r.Scan(&n); err != nil {
					return err
				}
				sum += n
			}
			return nil
		}, `SELECT range + $more FROM range(4)`, sql.Named("more", 10))
	})
	if err != nil || sum != 46 {
		t.Errorf("sum %d, %v", sum, err)
	}
	if _, err := db.Exec(t.Context(), `CREATE TABLE y (i INTEGER)`); err != nil {
		t.Errorf("the database is unusable afterwards: %v", err)
	}
}
