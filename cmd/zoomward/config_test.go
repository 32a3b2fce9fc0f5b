package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/models/posture"
)

func environ(kv map[string]string) func(string) string { return func(k string) string { return kv[k] } }

func writeFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

func TestConfigPrecedence(t *testing.T) {
	file := writeFile(t, "db: /file.duckdb\nplan: business\nlog_level: warn\nalerts: {fdr: 0.01}\ngeo: {files: [a.mmdb, b.mmdb]}\nposture:\n  params: {regions: [DE, FR]}\n  exceptions:\n    - {control: MS-ZOOM-01, state: risk_accepted, reason: pilot, owner: secops, expires_on: 2026-12-31}\n", 0o600)
	lists := writeFile(t, "geo:\n  lists:\n    - {file: tor.txt, tags: [tor, anonymizer]}\n    - {file: sites.txt, category: corporate}\n  asns: [{file: clouds.csv, tags: hosting}]\n"+
		"  corporate: [192.0.2.0/24, \"2001:db8::/48\"]\n  vpn: [198.51.100.7]\n", 0o600)
	blank := writeFile(t, "db: \"\"\nalerts:\n  fdr:\n", 0o600)
	tests := []struct {
		name  string
		flags map[string]string
		env   map[string]string
		want  func(Config) any
		value any
	}{
		{"default", nil, nil, func(c Config) any { return c.Plan }, "pro"},
		{"file over default", nil, map[string]string{"ZOOMWARD_CONFIG": file}, func(c Config) any { return c.Plan }, "business"},
		{"environment over file", nil, map[string]string{"ZOOMWARD_CONFIG": file, "ZOOMWARD_PLAN": "free"}, func(c Config) any { return c.Plan }, "free"},
		{"flag over environment", map[string]string{keyDB: "/flag.duckdb"}, map[string]string{"ZOOMWARD_CONFIG": file, "ZOOMWARD_DB": "/env.duckdb"}, func(c Config) any { return c.DB }, "/flag.duckdb"},
		{"flag --config over environment", map[string]string{keyConfig: file}, map[string]string{"ZOOMWARD_CONFIG": "/nowhere"}, func(c Config) any { return c.DB }, "/file.duckdb"},
		{"empty environment is unset", nil, map[string]string{"ZOOMWARD_CONFIG": file, "ZOOMWARD_PLAN": ""}, func(c Config) any { return c.Plan }, "business"},
		{"section in flow style", nil, map[string]string{"ZOOMWARD_CONFIG": file}, func(c Config) any { return c.FDR }, 0.01},
		{"list", nil, map[string]string{"ZOOMWARD_CONFIG": file}, func(c Config) any { return c.GeoFiles }, []string{"a.mmdb", "b.mmdb"}},
		{"map", nil, map[string]string{"ZOOMWARD_CONFIG": file}, func(c Config) any { return c.PostureParams }, map[string]any{"regions": []any{"DE", "FR"}}},
		{"exceptions", nil, map[string]string{"ZOOMWARD_CONFIG": file}, func(c Config) any { return c.PostureExceptions }, []posture.Exception{{
			Control: "MS-ZOOM-01", State: posture.RiskAccepted, Reason: "pilot", Owner: "secops", ExpiresOn: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
		}}},
		{"lists of networks", map[string]string{keyConfig: lists}, nil, func(c Config) any { return c.GeoLists }, []geo.List{
			{File: "tor.txt", Tags: []string{"tor", "anonymizer"}}, {File: "sites.txt", Category: "corporate"},
		}},
		{"lists of autonomous systems", map[string]string{keyConfig: lists}, nil, func(c Config) any { return c.GeoASNs }, []geo.List{{File: "clouds.csv", Tags: []string{"hosting"}}}},
		{"own networks", map[string]string{keyConfig: lists}, nil, func(c Config) any { return fmt.Sprint(c.GeoCorporate, c.GeoVPN) }, "[192.0.2.0/24 2001:db8::/48] [198.51.100.7/32]"},
		{"own networks in the environment", nil, map[string]string{"ZOOMWARD_GEO_VPN": "198.51.100.0/28, 203.0.113.9"}, func(c Config) any { return fmt.Sprint(c.GeoVPN) }, "[198.51.100.0/28 203.0.113.9/32]"},
		{"countries in the environment", nil, map[string]string{"ZOOMWARD_COUNTRIES_ALLOW": "no, de"}, func(c Config) any { return c.scoring().AllowCountries }, []string{"NO", "DE"}},
		{"data home", nil, map[string]string{"XDG_DATA_HOME": "/data"}, func(c Config) any { return c.DB }, "/data/zoomward/zoomward.duckdb"},
		{"home", nil, map[string]string{"HOME": "/home/x"}, func(c Config) any { return c.DB }, "/home/x/.local/share/zoomward/zoomward.duckdb"},
		{"systemd", nil, map[string]string{"STATE_DIRECTORY": "/var/lib/zoomward"}, func(c Config) any { return c.DB }, "/var/lib/zoomward/zoomward.duckdb"},
		{"systemd with several folders", nil, map[string]string{"STATE_DIRECTORY": "/a:/b"}, func(c Config) any { return c.DB }, "/a/zoomward.duckdb"},
		{"no home", nil, nil, func(c Config) any { return c.DB }, ""},
		{"empty in the file is unset", map[string]string{keyConfig: blank}, map[string]string{"HOME": "/home/x"}, func(c Config) any { return []any{c.DB, c.FDR} }, []any{"/home/x/.local/share/zoomward/zoomward.duckdb", 0.05}},
		{"memory limit", nil, map[string]string{"ZOOMWARD_DUCKDB_MEMORY_LIMIT": "1.5 GiB"}, func(c Config) any { return c.MemoryLimit }, "1.5 GiB"},
		{"as of", map[string]string{keyAsOf: "2026-03-01T02:00:00+02:00"}, nil, func(c Config) any { return c.AsOf }, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		{"overlap", nil, map[string]string{"ZOOMWARD_INGEST_OVERLAP": "24h"}, func(c Config) any { return c.Overlap }, 24 * time.Hour},
		{"budget", nil, nil, func(c Config) any { return c.BudgetPer1000UsersWeek }, 5.0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := loadConfig(tt.flags, environ(tt.env))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.value, tt.want(c)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestConfigErrorsNameWhatAndWhere(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"unknown key", "plan: pro\nplann: pro\n", "line 2: unknown key plann"},
		{"unknown key in a section", "alerts:\n  fdr: 0.1\n  budget: 3\n", "line 3: unknown key alerts.budget"},
		{"key twice", "plan: pro\nplan: free\n", "plan"},
		{"secret in the file", "client_secret: x\n", "line 1: key client_secret: a secret does not belong in the config"},
		{"as_of is not for files", "as_of: 2026-01-01T00:00:00Z\n", "unknown key as_of"},
		{"list for a value", "db: [a, b]\n", "line 1: db: must be one value"},
		{"value for a section", "alerts: 5\n", "line 1: alerts must hold keys with values"},
		{"text for a map", "posture: {params: x}\n", "posture.params"},
		{"not a mapping", "- a\n", "line 1: the file must hold keys with values"},
		{"bad plan", "plan: gold\n", `plan (%s line 1): "gold" is not one of free, pro, business, none`},
		{"bad number", "\nalerts: {fdr: 2}\n", `alerts.fdr (%s line 2): "2" is not a number between 0 and 1`},
		{"NaN", "alerts: {fdr: .nan}\n", "is not a number between"},
		{"bad days", "ingest: {backfill_days: 185}\n", "is not a whole number from 1 to 184"},
		{"bad overlap", "ingest: {overlap: 3}\n", `"3" is not a duration such as 72h`},
		{"bad profile", "posture: {profile: x}\n", `"x" is not one of `},
		{"exception with an unknown key", "posture:\n  exceptions:\n    - control: MS-ZOOM-01\n      until: x\n", "posture.exceptions: entry 1: unknown key until"},
		{"exception with a bad date", "posture: {exceptions: [{control: a, expires_on: soon}]}\n", "posture.exceptions: entry 1: expires_on"},
		{"exceptions are a list", "posture: {exceptions: {a: b}}\n", "posture.exceptions: must be a list"},
		{"tilde", "db: ~/z.duckdb\n", `db (%s line 1): "~/z.duckdb": only a shell knows what ~ stands for`},
		{"tilde in a list", "geo: {files: [a.mmdb, ~/b.mmdb]}\n", `geo.files (%s line 1): "~/b.mmdb"`},
		{"list without a file", "geo:\n  lists:\n    - {tags: [tor]}\n", "line 3: geo.lists: entry 1: file is missing"},
		{"list with nothing to say", "geo: {lists: [{file: a.txt}]}\n", "geo.lists: entry 1: it has neither tags nor a category"},
		{"list with an unknown key", "geo: {asns: [{file: a.txt, tag: x}]}\n", "geo.asns: entry 1: unknown key tag"},
		{"list with an unknown category", "geo: {lists: [{file: a.txt, category: evil}]}\n", `geo.lists: entry 1: category "evil" is not one of`},
		{"list that is none", "geo: {lists: a.txt}\n", "geo.lists: must be a list of entries"},
		{"tilde in a list of networks", "geo: {lists: [{file: ~/a.txt, tags: [x]}]}\n", `"~/a.txt": only a shell knows`},
		{"bad network", "geo: {corporate: [192.0.2.0/33]}\n", `geo.corporate (%s line 1): "192.0.2.0/33" is not a network`},
		{"network with bits after its prefix", "geo: {vpn: [10.1.2.0/8]}\n", `geo.vpn (%s line 1): "10.1.2.0/8" has bits after its prefix: did you mean 10.0.0.0/8?`},
		{"network of all", "geo: {vpn: [0.0.0.0/0]}\n", "is the whole internet"},
		{"bad country", "countries: {deny: [Germany]}\n", `countries.deny (%s line 1): "GERMANY" is not a country as two letters`},
		{"bad memory limit", "duckdb: {memory_limit: banana}\n", `duckdb.memory_limit (%s line 1): "banana" is not a size such as 512MB or 4GB`},
		{"bad format", "export: {formats: [csv, xml]}\n", `format "xml" is not one of csv, json, ndjson`},
		{"syntax", "plan: [\n", "L2"},
		{"two documents", "plan: pro\n---\nplan: free\n", "one YAML document is wanted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := writeFile(t, tt.file, 0o600)
			_, err := loadConfig(map[string]string{keyConfig: path}, environ(nil))
			if err == nil {
				t.Fatal("no error")
			}
			want := tt.want
			if strings.Contains(want, "%s") {
				want = fmt.Sprintf(want, path)
			}
			if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %q does not say %q and the file", err, want)
			}
			if exitCode(err) != exitUsage {
				t.Errorf("exit code %d, want %d", exitCode(err), exitUsage)
			}
		})
	}
}

func TestEmptyConfigIsFine(t *testing.T) {
	for _, text := range []string{"", "\n", "# only a comment\n", "alerts:\n"} {
		if _, err := loadConfig(map[string]string{keyConfig: writeFile(t, text, 0o600)}, environ(nil)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSecretFile(t *testing.T) {
	good := writeFile(t, "s3cr3t-value\n", 0o600)
	c, err := loadConfig(nil, environ(map[string]string{"ZOOMWARD_CLIENT_SECRET_FILE": good}))
	if err != nil || c.ClientSecret.Reveal() != "s3cr3t-value" {
		t.Fatalf("got %q, %v", c.ClientSecret.Reveal(), err)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c.ClientSecret, c.ClientSecret), fmt.Sprint(c.values)} {
		if strings.Contains(text, "s3cr3t") {
			t.Errorf("the secret shows: %s", text)
		}
	}
	// The environment wins, and then the file is not even looked at.
	c, err = loadConfig(nil, environ(map[string]string{"ZOOMWARD_CLIENT_SECRET_FILE": "/nowhere", "ZOOM_CLIENT_SECRET": "other"}))
	if err != nil || c.ClientSecret.Reveal() != "other" {
		t.Errorf("got %q, %v", c.ClientSecret.Reveal(), err)
	}
	shared := writeFile(t, "from-systemd", 0o440)
	c, err = loadConfig(nil, environ(map[string]string{"ZOOMWARD_CLIENT_SECRET_FILE": shared, "CREDENTIALS_DIRECTORY": filepath.Dir(shared)}))
	if err != nil || c.ClientSecret.Reveal() != "from-systemd" {
		t.Errorf("credential of systemd: got %q, %v", c.ClientSecret.Reveal(), err)
	}
	for name, bad := range map[string]string{
		"others can read": writeFile(t, "x", 0o644), "group can read": writeFile(t, "x", 0o640), "empty": writeFile(t, " \n", 0o600),
		"two lines": writeFile(t, "a\nb\n", 0o600), "too large": writeFile(t, strings.Repeat("a", maxSecretBytes+1), 0o600), "a folder": t.TempDir(), "missing": "/nowhere/x",
	} {
		if _, err := loadConfig(nil, environ(map[string]string{"ZOOMWARD_CLIENT_SECRET_FILE": bad})); exitCode(err) != exitUsage {
			t.Errorf("%s: error %v, want one of usage", name, err)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, s := range []string{"plan: pro", "alerts: {fdr: 1}", "a: &x [*x]", "? [a]\n: b", "posture: {params: {a: {b: [1]}}}",
		"detections: {ZW-TRV-01: {sensitivity: low, off: no}}", "scopes: [{name: a, in: {users: [b], groups: c}, out: {}, detections: [d], sensitivity: high}]", "exclusions: [{in: *x}]", "--- a\n--- b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		values, err := parseConfig([]byte(s))
		if err != nil {
			return
		}
		for name := range values {
			if strings.HasPrefix(name, ".") || name == "" {
				t.Errorf("key %q", name)
			}
		}
	})
}
