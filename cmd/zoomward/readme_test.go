package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zoomward/zoomward/store"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every statement of the cookbook runs on a fresh database.
func TestReadmeSQL(t *testing.T) {
	db, err := store.Open(t.Context(), "", store.Options{AppVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := 0
	for _, block := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		for statement := range strings.SplitSeq(block[1], ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			n++
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Errorf("%s\n%v", statement, err)
			}
		}
	}
	if n < 5 {
		t.Errorf("found %d statements: the test does not see the cookbook", n)
	}
}

// The policy in the README is the one of the examples.
func TestReadmePolicy(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", "policies", "service_account.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ReplaceAll(readme(t), "\n    ", "\n"), string(raw)) {
		t.Error("testdata/policies/service_account.sql is not in the README as it stands")
	}
}

// The config in the README is one that the program takes.
func TestReadmeConfig(t *testing.T) {
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(strings.ReplaceAll(readme(t), "\n   ", "\n"))
	if block == nil {
		t.Fatal("no config found")
	}
	values, err := parseConfig([]byte(block[1]))
	if err != nil {
		t.Fatal(err)
	}
	if values["plan"].text != "business" || len(values["geo.files"].list) != 2 {
		t.Errorf("read %v", values)
	}
}

// Every command is in the README, and every one has help with a summary, a text and an example.
func TestCommandsAreDocumented(t *testing.T) {
	text := readme(t)
	for _, c := range commands() {
		if !strings.Contains(text, "`"+c.name) && !strings.Contains(text, c.name+"`") {
			t.Errorf("the README does not name %s", c.name)
		}
		if c.summary == "" || c.detail == "" || !strings.HasPrefix(c.example, "zoomward "+c.name) {
			t.Errorf("%s: help is incomplete", c.name)
		}
	}
}

// Every setting is in the README with its variable.
func TestSettingsAreDocumented(t *testing.T) {
	text := readme(t)
	for _, k := range configKeys(func(string) string { return "" }) {
		if !k.noFile && !strings.Contains(text, "`"+k.name+"`") {
			t.Errorf("the README does not name the key %s", k.name)
		}
		if k.env != "" && !strings.Contains(text, "`"+k.env+"`") {
			t.Errorf("the README does not name the variable %s", k.env)
		}
	}
}
