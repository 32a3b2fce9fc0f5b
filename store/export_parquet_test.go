package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is read back from a Parquet file is what the view shows, in its order, value by value and with the types of its columns.
func TestExportParquetReadsBack(t *testing.T) {
	db := exportDB(t, nasty...)
	for _, view := range []string{"nasty", "alerts", "user_risk"} { // the latter two are empty
		path := filepath.Join(t.TempDir(), "new", "it's "+view+".parquet")
		n, err := db.ExportFile(t.Context(), Export{View: view, Format: Parquet}, path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: mode %v, %v", view, info.Mode(), err)
		}
		if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 1 {
			t.Errorf("%s: %d files beside it, %v", view, len(list)-1, err)
		}
		// As DuckDB has it, but for the types that Parquet lacks: HUGEINT becomes DOUBLE, and an ENUM text.
		shown, file := "main."+view, "read_parquet("+quote(path)+")"
		if view == "nasty" {
			shown = `(SELECT * REPLACE (big::DOUBLE AS big, sev::VARCHAR AS sev) FROM main.nasty)`
		}
		var differ, rows int64
		if err := db.Row(t.Context(), `SELECT (SELECT count(*) FROM (FROM `+shown+` EXCEPT ALL FROM `+file+`)) + (SELECT count(*) FROM (FROM `+file+` EXCEPT ALL FROM `+shown+`)), (SELECT count(*) FROM `+file+`)`).
			Scan(&differ, &rows); err != nil || differ != 0 || rows != n {
			t.Errorf("%s: %d rows differ, %d of %d read back: %v", view, differ, rows, n, err)
		}
		var types int64
		if err := db.Row(t.Context(), `SELECT count(*) FROM (SELECT column_name, column_type FROM (DESCRIBE FROM `+shown+`) EXCEPT SELECT column_name, column_type FROM (DESCRIBE FROM `+file+`))`).
			Scan(&types); err != nil || types != 0 {
			t.Errorf("%s: the types of %d columns differ: %v", view, types, err)
		}
	}
	path := filepath.Join(t.TempDir(), "nasty.parquet")
	if n, err := db.ExportFile(t.Context(), Export{View: "nasty", Format: Parquet, Where: "id > 2", OrderBy: "id DESC"}, path); err != nil || n != 3 {
		t.Fatalf("%d rows, %v", n, err)
	}
	var ids string
	if err := db.Row(t.Context(), `SELECT string_agg(id, ' ' ORDER BY file_row_number) FROM read_parquet(`+quote(path)+`, file_row_number = true)`).Scan(&ids); err != nil || ids != "5 4 3" {
		t.Errorf("rows %q, %v", ids, err)
	}
}

// A file that cannot be written leaves the one of before as it was, and nothing beside it.
func TestExportParquetFails(t *testing.T) {
	db := exportDB(t, nasty...)
	dir := t.TempDir()
	path := filepath.Join(dir, "nasty.parquet")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, e := range map[string]Export{
		"no view":       {View: "nasty; DROP TABLE models.nasty", Format: Parquet},
		"nope":          {View: "nasty", Format: Parquet, OrderBy: "nope"},
		"no arguments":  {View: "nasty", Format: Parquet, Where: "id > ?", Args: []any{1}},
		"Could not con": {View: "nasty", Format: Parquet, Where: "evidence::INTEGER > 0"},
	} {
		if _, err := db.ExportFile(t.Context(), e, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one with %q", e, err, want)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "before" {
		t.Errorf("the file of before has %d bytes now, %v", len(got), err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("%d files beside it, %v", len(list)-1, err)
	}
}
