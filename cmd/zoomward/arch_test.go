package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/zoomward/zoomward"

// importRules say which packages of this module each package may import. A package that is not listed may import nothing of the module: adding one means
// deciding where it stands.
var importRules = map[string][]string{
	"store":               {},
	"ingest/zoom":         {},
	"ingest/geo":          {},
	"ingest/zoomtest":     {},
	"ingest/archive":      {"ingest/zoom"},
	"ingest":              {"store", "ingest/zoom", "ingest/geo", "ingest/archive"},
	"features":            {"store", "ingest"},
	"models":              {"store", "features", "ingest", "models/posture", "models/outlier"},
	"models/posture":      {"store"},
	"models/policy":       {"store"},
	"models/outlier":      {},
	"models/ocsf":         {},
	"cmd/zoomward/report": {},
	"cmd/zoomward":        {"cmd/zoomward/report", "store", "ingest", "ingest/zoom", "ingest/geo", "ingest/archive", "ingest/zoomtest", "features", "models", "models/posture", "models/policy", "models/ocsf"},
}

// driverPackages may be imported by store alone; the others by nobody.
var (
	driverPackages    = []string{"github.com/marcboeker/go-duckdb", "github.com/apache/arrow/go/v17"}
	forbiddenPackages = []string{"github.com/apache/arrow-go", "github.com/duckdb/duckdb-go", "gopkg.in/yaml", "github.com/pkg/errors", "io/ioutil"}
)

func TestImportRules(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		room := filepath.ToSlash(rel)
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := refuseImport(room, imported, strings.HasSuffix(path, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", filepath.ToSlash(path), imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Fatalf("looked at %d files only: the walk does not see the module", files)
	}
}

// refuseImport returns why a file of a room must not import a package, "" when it may. Tests of the rooms before cmd may use the simulated account, those of
// features and models the parser of the operation log.
func refuseImport(room, imported string, test bool) string {
	within := func(prefix string) bool { return imported == prefix || strings.HasPrefix(imported, prefix+"/") }
	for _, p := range forbiddenPackages {
		if strings.HasPrefix(imported, p) {
			return "nobody imports it"
		}
	}
	for _, p := range driverPackages {
		if within(p) && room != "store" {
			return "only store knows the driver and Arrow"
		}
	}
	if !within(modulePath) {
		return ""
	}
	target := strings.TrimPrefix(strings.TrimPrefix(imported, modulePath), "/")
	allowed, known := importRules[room]
	switch {
	case !known:
		return "room " + room + " is not in importRules"
	case target == room || slices.Contains(allowed, target):
		return ""
	case test && target == "ingest/zoomtest" && room != "store":
		return ""
	case test && target == "ingest/zoom" && (room == "features" || room == "models"): // rows as Zoom's own text makes them
		return ""
	}
	return "importRules has " + room + " import nothing of the module but " + strings.Join(allowed, ", ")
}

func TestRefuseImport(t *testing.T) {
	tests := []struct {
		room, imported string
		test, refused  bool
	}{
		{"store", modulePath + "/ingest", false, true},
		{"store", "github.com/marcboeker/go-duckdb", false, false},
		{"ingest", "github.com/marcboeker/go-duckdb", false, true},
		{"models", "github.com/apache/arrow/go/v17/arrow", true, true},
		{"ingest/zoomtest", modulePath + "/ingest/zoom", false, true},
		{"ingest/zoom", modulePath + "/store", false, true},
		{"ingest/zoom", modulePath + "/ingest/zoomtest", true, false},
		{"ingest", modulePath + "/ingest/zoomtest", false, true},
		{"features", modulePath + "/models", false, true},
		{"models", modulePath + "/ingest/zoom", false, true},
		{"models", modulePath + "/ingest/zoom", true, false},
		{"ingest/zoomtest", modulePath + "/ingest/zoom", true, true},
		{"models", modulePath + "/features", false, false},
		{"cmd/zoomward", modulePath + "/models/posture", false, false},
		{"utils", modulePath + "/store", false, true},
		{"models", "gopkg.in/yaml.v3", false, true},
		{"models", "math", false, false},
	}
	for _, tt := range tests {
		if got := refuseImport(tt.room, tt.imported, tt.test) != ""; got != tt.refused {
			t.Errorf("refuseImport(%q, %q, %v) refused = %v, want %v", tt.room, tt.imported, tt.test, got, tt.refused)
		}
	}
}
