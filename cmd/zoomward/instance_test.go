package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInstances(t *testing.T) {
	file := writeFile(t, `client_id: shared
plan: business
db: /srv/z.duckdb
export: {dir: /srv/out}
instances:
  emea:
    client_id: own
    db: /emea/z.duckdb
    alerts: {fdr: 0.2}
    export:
      dir: /emea/out
  apac:
    app: user_managed
  empty:
`, 0o600)
	bare := writeFile(t, "plan: pro\n", 0o600)
	home := map[string]string{"HOME": "/h"}
	type got struct{ Client, Plan, DB, Export, App string }
	for _, tt := range []struct {
		name, file, instance string
		env                  map[string]string
		want                 got
	}{
		{"none", file, "", home, got{"shared", "business", "/srv/z.duckdb", "/srv/out", appServerToServer}},
		{"own values", file, "emea", home, got{"own", "business", "/emea/z.duckdb", "/emea/out", appServerToServer}},
		{"shared places get a folder", file, "apac", home, got{"shared", "business", "/srv/apac/z.duckdb", "/srv/out/apac", appUserManaged}},
		{"empty part", file, "empty", home, got{"shared", "business", "/srv/empty/z.duckdb", "/srv/out/empty", appServerToServer}},
		{"environment wins", file, "emea", map[string]string{"ZOOMWARD_DB": "/env.duckdb"}, got{"own", "business", "/env.duckdb", "/emea/out", appServerToServer}},
		{"without parts", bare, "any-name", home, got{"", "pro", "/h/.local/share/zoomward/any-name/zoomward.duckdb", "", appServerToServer}},
		{"without a place", bare, "any-name", nil, got{"", "pro", "", "", appServerToServer}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := loadConfig(map[string]string{keyConfig: tt.file, keyInstance: tt.instance}, environ(tt.env))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got{c.ClientID, c.Plan, c.DB, c.ExportDir, c.App}); d != "" {
				t.Error(d)
			}
			if c.Instance != tt.instance || (c.origin(keyInstance) != "") != (tt.instance != "") {
				t.Errorf("instance %q of %q", c.Instance, c.origin(keyInstance))
			}
		})
	}
	c, err := loadConfig(map[string]string{keyConfig: file}, environ(map[string]string{"ZOOMWARD_INSTANCE": "emea"}))
	if err != nil || c.FDR != 0.2 || c.origin("client_id") != file+" line 7" {
		t.Errorf("fdr %v, client_id of %s, %v", c.FDR, c.origin("client_id"), err)
	}
}

func TestInstanceErrors(t *testing.T) {
	for _, tt := range []struct{ name, file, instance, want string }{
		{"name with a path", "", "../x", `instance (flag --instance): "../x" is not a name`},
		{"name in capitals", "", "EMEA", "is not a name"},
		{"name that ends in a dash", "", "a-", "is not a name"},
		{"unknown", "instances: {a: {}, b: {}}\n", "c", "has no instance c, only a, b"},
		{"unknown key", "instances:\n  a:\n    plann: pro\n", "", "line 3: unknown key instances.a.plann"},
		{"unknown key in a section", "instances:\n  a:\n    alerts: {x: 1}\n", "", "line 3: unknown key instances.a.alerts.x"},
		{"instances in instances", "instances: {a: {instances: {b: {}}}}\n", "", "unknown key instances.a.instances"},
		{"bad name in the file", "instances: {A_B: {}}\n", "", `line 1: instances: "A_B" is not a name`},
		{"not a mapping", "instances: [a]\n", "", "line 1: instances must hold names with keys"},
		{"value for a part", "instances: {a: 5}\n", "", "line 1: instances.a must hold keys with values"},
		{"secret", "instances: {a: {client_secret: x}}\n", "", "a secret does not belong in the config"},
		{"twice", "instances:\n  a: {}\n  a: {}\n", "", "instances.a is given twice"},
		{"bad value", "instances: {a: {plan: gold}}\n", "a", `"gold" is not one of`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadConfig(map[string]string{keyConfig: writeFile(t, tt.file, 0o600), keyInstance: tt.instance}, environ(nil))
			if err == nil || !strings.Contains(err.Error(), tt.want) || exitCode(err) != exitUsage {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
