package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func newChecker(t *testing.T) *Checker {
	t.Helper()
	c, err := NewChecker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestCheck(t *testing.T) {
	c := newChecker(t)
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("occurred_at,user_email\n2026-01-01,a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const row = "TIMESTAMP '2026-01-01' AS occurred_at, 'a' AS user_email"
	for _, s := range []struct{ sql, want string }{ // "" for one that is fine
		{plain, ""},
		{"WITH a AS (SELECT * FROM main.activities), b AS (FROM a) SELECT occurred_at, user_email FROM b WHERE occurred_at BETWEEN $since AND $until ORDER BY 1", ""},
		{"SELECT " + row + " UNION ALL SELECT occurred_at, user_email FROM Activities", ""},
		{"SELECT $until AS occurred_at, u.email AS user_email FROM users AS u, unnest(u.groups) AS g(id) WHERE id IN (SELECT group_id FROM groups)", ""},
		{"FROM activities", ""},
		{"SELECT occurred_at, user_email, row_number() OVER (PARTITION BY user_email ORDER BY occurred_at) AS n FROM activities QUALIFY n > 3", ""},
		{"WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 3) SELECT " + row + " FROM t", ""},

		{"SELECT occurred_at, user_mail AS user_email\nFROM activities", `"user_mail" not found in FROM clause`},
		{"SELECT occurred_at,\nuser_mail AS user_email FROM activities", "line 10 of the file:"},
		{"SELECT occurred_at user_email FROM", "syntax error"},
		{"SELECT ip_address FROM activities", "returns no column occurred_at, which the head needs: it returns ip_address"},
		{"SELECT occurred_at FROM activities", "returns no column user_email"},
		{"SELECT occurred_at::DATE AS occurred_at, user_email FROM activities", "occurred_at is of type DATE"},
		{"SELECT occurred_at::VARCHAR AS occurred_at, user_email FROM activities", "occurred_at is of type VARCHAR"},
		{"SELECT " + row + "; SELECT 1", "has 2 statements"},
		{"SELECT " + row + ") AS x; DROP TABLE models.alerts; SELECT * FROM (SELECT " + row, "syntax error"},

		{"DELETE FROM models.alerts", "is not a SELECT"},
		{"INSERT INTO models.alerts SELECT * FROM models.alerts", "is not a SELECT"},
		{"UPDATE models.alerts SET title = 'x'", "is not a SELECT"},
		{"CREATE TABLE x AS SELECT 1", "is not a SELECT"},
		{"DROP VIEW alerts", "is not a SELECT"},
		{"ATTACH 'x.duckdb'", "is not a SELECT"},
		{"COPY (SELECT 1) TO 'x.csv'", "is not a SELECT"},
		{"INSTALL httpfs", "is not a SELECT"},
		{"LOAD httpfs", "is not a SELECT"},
		{"PRAGMA database_list", "is not a SELECT"},
		{"SET threads = 1", "is not a SELECT"},
		{"CALL duckdb_settings()", "is not a SELECT"},
		{"EXPLAIN SELECT 1", "is not a SELECT"},
		{"SHOW TABLES", "SHOW or SUMMARIZE"},
		{"SUMMARIZE activities", "SHOW or SUMMARIZE"},
		{"SELECT " + row + " FROM (DESCRIBE activities)", "SHOW or SUMMARIZE"},

		{"SELECT * FROM '" + secret + "'", "none of the views"},
		{"SELECT * FROM read_csv('" + secret + "')", "calls \"read_csv\" in FROM"},
		{"SELECT " + row + ", (SELECT content FROM read_text('" + secret + "')) AS x", "calls \"read_text\" in FROM"},
		{"WITH a AS (SELECT * FROM glob('/*')) SELECT " + row + " FROM a", "calls \"glob\" in FROM"},
		{"SELECT " + row + " WHERE EXISTS (FROM query('SELECT 1'))", "calls \"query\" in FROM"},
		{"SELECT " + row + " FROM query_table('activities')", "calls \"query_table\" in FROM"},
		{"SELECT " + row + " FROM duckdb_settings()", "calls \"duckdb_settings\" in FROM"},
		{"SELECT " + row + " FROM pragma_database_list()", "calls \"pragma_database_list\" in FROM"},
		{"SELECT " + row + " FROM models.alerts", `reads "models.alerts", which is none of the views`},
		{"SELECT " + row + " FROM information_schema.tables", "none of the views"},
		{"SELECT " + row + " FROM sqlite_master", "none of the views"},
		{"SELECT " + row + " FROM other.main.activities", "none of the views"},
		{"SELECT " + row + ", current_setting('temp_directory') AS x", "calls current_setting"},
		{"SELECT " + row + ", nextval('ingest.batch') AS x", "calls nextval"},
		{"SELECT " + row + ", getvariable('x') AS x", "calls getvariable"},

		{"SELECT occurred_at, user_email FROM activities WHERE occurred_at > now() - INTERVAL 1 DAY", "calls now"},
		{"SELECT occurred_at, user_email FROM activities WHERE occurred_at > current_timestamp", "current_timestamp"},
		{"SELECT occurred_at, user_email FROM activities WHERE occurred_at > current_date", "current_date"},
		{"SELECT occurred_at, user_email FROM activities WHERE occurred_at > today()", "calls today"},
		{"SELECT occurred_at, user_email FROM activities WHERE random() < 0.5", "calls random"},
		{"SELECT occurred_at, user_email FROM activities USING SAMPLE 10", "takes a sample"},
		{"SELECT occurred_at, user_email FROM activities TABLESAMPLE 10%", "takes a sample"},
		{"SELECT occurred_at, user_email FROM activities WHERE occurred_at > $from", "the parameter $from: there are $since and $until"},
		{"SELECT occurred_at, user_email FROM activities WHERE occurred_at > ?", "uses the parameter"},
	} {
		p, err := Parse("x.sql", file("ACME-1", "", s.sql))
		if err == nil {
			_, err = c.Check(t.Context(), p)
		}
		switch {
		case s.want == "" && err != nil:
			t.Errorf("%s\n  refused: %v", s.sql, err)
		case s.want != "" && err == nil:
			t.Errorf("%s\n  is taken, want %s", s.sql, s.want)
		case s.want != "" && !strings.Contains(err.Error(), s.want):
			t.Errorf("%s\n  got %v, want %s", s.sql, err, s.want)
		case err != nil && !strings.HasPrefix(err.Error(), "policy x.sql: "):
			t.Errorf("%s\n  the error names no file: %v", s.sql, err)
		}
	}
}

// The columns that the head names must be there, a threshold's as a number.
func TestCheckColumns(t *testing.T) {
	c := newChecker(t)
	for _, s := range []struct{ head, sql, want string }{
		{"grouping: [ip_address]\n", "SELECT occurred_at, ip_address FROM activities", ""},
		{"grouping: [ip_address]\n", plain, "no column ip_address"},
		{"threshold: {column: n, at_least: 2}\n", plain, "no column n"},
		{"threshold: {column: n, at_least: 2}\n", "SELECT max(occurred_at) AS occurred_at, user_email, count(*) AS N FROM activities GROUP BY user_email", ""},
		{"threshold: {column: n, at_least: 2}\n", "SELECT occurred_at, user_email, kind AS n FROM activities", "column n is of type VARCHAR"},
	} {
		p, err := Parse("x.sql", file("ACME-1", s.head, s.sql))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.Check(t.Context(), p); (err == nil) != (s.want == "") || err != nil && !strings.Contains(err.Error(), s.want) {
			t.Errorf("%s%s\n  got %v, want %q", s.head, s.sql, err, s.want)
		}
	}
}
