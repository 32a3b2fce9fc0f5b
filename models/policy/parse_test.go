package policy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// file puts a policy together; extra is added to the head.
func file(id, extra, sql string) []byte {
	return []byte("/*\n---\nid: " + id + "\ntitle: A title\nseverity: low\ndescription: What it finds\n" + extra + "---\n*/\n" + sql)
}

const plain = "SELECT occurred_at, user_email FROM activities WHERE occurred_at >= $since"

func TestParse(t *testing.T) {
	p, err := Parse("x.sql", []byte("\ufeff"+strings.ReplaceAll(string(file("ACME-1", `class: behavior
schedule: weekly
window: 14d
grouping: [operator, meeting_id]
threshold: {rows: 3, column: n, at_least: 2.5}
attack: {version: 18, techniques: [T1078, T1530]}
daily_limit: 7
enabled: false
`, plain+"; -- the end;\n/* ; */ ;\n")), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if p.SQL != "\n"+plain {
		t.Errorf("statement %q", p.SQL)
	}
	if p.ID != "ACME-1" || p.Class != Behavior || p.Schedule != Weekly || p.Window != 14*day || p.Enabled || p.DailyLimit != 7 || p.Attack != 18 || p.Severity != "low" ||
		!slices.Equal(p.Grouping, []string{"operator", "meeting_id"}) || !slices.Equal(p.Techniques, []string{"T1078", "T1530"}) || p.Threshold != (Threshold{3, "n", 2.5}) {
		t.Errorf("%+v", p)
	}
	if p, err = Parse("x.sql", file("ACME-1", "", plain)); err != nil {
		t.Fatal(err)
	}
	if p.Class != Alert || p.Schedule != Daily || p.Window != 72*time.Hour || !p.Enabled || p.DailyLimit != 20 || p.Threshold.Rows != 1 || !slices.Equal(p.Grouping, []string{"user_email"}) {
		t.Errorf("defaults: %+v", p)
	}
	other, err := Parse("x.sql", file("ACME-1", "", plain+" "))
	if err != nil || other.Digest == p.Digest {
		t.Errorf("an edited file has the digest of the other: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "has no head"},
		{"no head", "SELECT 1", "has no head"},
		{"head of line comments", "-- ---\n-- id: X\n-- ---\nSELECT 1", "has no head"},
		{"no end", "/*\n---\nid: ACME-1\n", "its head has no end"},
		{"comment in the head", string(file("ACME-1", "# /* x\n", plain)), "another: leave it out"},
		{"not text", "/*\n---\n\xff", "not UTF-8"},
		{"zero", "/*\n---\n\x00", "zero byte"},
		{"large", strings.Repeat("x", maxFile+1), "larger than"},
		{"empty head", "/*\n---\n---\n*/\n" + plain, "head is empty"},
		{"no statement", string(file("ACME-1", "", "-- nothing\n ; /* nor here */")), "has no statement"},
		{"open text", string(file("ACME-1", "", "SELECT 'x")), "a ' has no end"},
		{"open comment", string(file("ACME-1", "", "SELECT 1 /* x /* y */")), "a comment has no end"},
		{"dollar text", string(file("ACME-1", "", "SELECT $$;$$")), "texts in $$"},
		{"unknown key", string(file("ACME-1", "severty: low\n", plain)), `policy unknown key.sql: line 7: unknown key "severty" in head: it is one of id, title`},
		{"twice", string(file("ACME-1", "id: ACME-2\n", plain)), "line 7: key id is given twice"},
		{"list", "/*\n---\n- id\n---\n*/\nSELECT 1", "line 3: head must hold keys"},
		{"missing", "/*\n---\nid: ACME-1\n---\n*/\nSELECT 1", "key title is missing"},
		{"id", string(file("acme", "", plain)), `line 3: id: "acme" is not capital letters`},
		{"engine's id", string(file("ZW-IDN-01", "", plain)), "ids that begin with ZW- belong to zoomward's own"},
		{"class", string(file("ACME-1", "class: alarm\n", plain)), `line 7: class: "alarm" is not one of alert, behavior`},
		{"schedule", string(file("ACME-1", "schedule: monthly\n", plain)), `"monthly" is not one of every_run, hourly, daily, weekly`},
		{"window", string(file("ACME-1", "window: soon\n", plain)), `"soon" is not a duration such as 90m, 12h or 7d`},
		{"long window", string(file("ACME-1", "window: 367d\n", plain)), "from 1m to 366d"},
		{"short window", string(file("ACME-1", "window: 1h\n", plain)), "shorter than the time between two daily evaluations"},
		{"grouping", string(file("ACME-1", "grouping: []\n", plain)), "must have 1 to 8 entries"},
		{"column", string(file("ACME-1", "grouping: [\"a b\"]\n", plain)), `"a b" is no column`},
		{"column twice", string(file("ACME-1", "grouping: [a, a]\n", plain)), "a is given twice"},
		{"threshold", string(file("ACME-1", "threshold: 3\n", plain)), "threshold must hold keys: rows, column, at_least"},
		{"threshold key", string(file("ACME-1", "threshold: {row: 3}\n", plain)), `unknown key "row" in threshold`},
		{"no rows", string(file("ACME-1", "threshold: {rows: 0}\n", plain)), "not a whole number from 1 to"},
		{"half a threshold", string(file("ACME-1", "threshold: {column: n}\n", plain)), "column and at_least go together"},
		{"not a number", string(file("ACME-1", "threshold: {column: n, at_least: .nan}\n", plain)), `".nan" is not a number`},
		{"techniques", string(file("ACME-1", "attack: {version: 18, techniques: [T1]}\n", plain)), `"T1" is no technique`},
		{"no version", string(file("ACME-1", "attack: {techniques: [T1078]}\n", plain)), "give version and techniques"},
		{"limit", string(file("ACME-1", "daily_limit: 1001\n", plain)), "not a whole number from 1 to 1000"},
		{"enabled", string(file("ACME-1", "enabled: perhaps\n", plain)), `"perhaps" is not true or false`},
		{"anchor", string(file("ACME-1", "grouping: &a [x]\nattack: *a\n", plain)), "anchors and aliases are not read"},
		{"control character", string(file("ACME-1", "class: \"a\\u001b\"\n", plain)), `"a\x1b" is not one of`},
		{"hostile title", strings.Replace(string(file("ACME-1", "", plain)), "A title", "\"A\\u001b[2J\"", 1), "characters that cannot be shown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.name+".sql", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "policy "+c.name+".sql: ") {
				t.Errorf("the error names no file: %v", err)
			}
		})
	}
}

func TestReadFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string][]byte{
		"a.sql": file("ACME-1", "", plain), "b.sql": file("ACME-1", "", plain), "c.sql": []byte("SELECT 1"), "notes.txt": nil, ".hidden.sql": nil,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := ReadFolder(dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if files[0].Err != nil || files[0].ID != "ACME-1" {
		t.Errorf("the first: %+v", files[0])
	}
	if files[1].Err == nil || !strings.Contains(files[1].Err.Error(), "id ACME-1 is that of "+files[0].File) {
		t.Errorf("a second one with its id: %v", files[1].Err)
	}
	if files[2].Err == nil {
		t.Error("a file without a head loads")
	}
	if _, err := ReadFolder(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there is read")
	}
}

// What is left of a statement is all of it but what follows: every semicolon inside is in a text, a name or a comment.
func TestLastToken(t *testing.T) {
	pieces := []string{"a", " ", "\n", "'; --'", `";/*"`, "/* ; 'x */", "-- ;'\n", "''", "b"}
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "body"), "") + "z"
		tail := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{";", " ", "\n", "/* 'x ; */", "-- z'\n", "/* /* */ */"})).Draw(t, "tail"), "")
		end, err := lastToken(body + tail)
		if err != nil || end != len(body) {
			t.Fatalf("%q ends at %d of %d, %v", body+tail, end, len(body), err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(file("ACME-1", "", plain))
	f.Add(file("ACME-1", "threshold: {column: n, at_least: 2}\ngrouping: [a, b]\nwindow: 9d\n", "WITH a AS (SELECT 1) SELECT * FROM a;"))
	f.Add([]byte("/*\n---\nid: &a [*a]\n---\n*/\nSELECT 1"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse("f.sql", raw)
		if err != nil {
			if p.ID != "" || !strings.HasPrefix(err.Error(), "policy f.sql: ") {
				t.Fatalf("%+v, %v", p, err)
			}
			return
		}
		if !idForm.MatchString(p.ID) || strings.HasPrefix(p.ID, enginePrefix) || p.Title == "" || p.Description == "" || !slices.Contains(severities, p.Severity) ||
			p.Window < max(time.Minute, p.Schedule.interval()) || p.Window > maxWindow || len(p.Grouping) == 0 || p.Threshold.Rows < 1 || p.DailyLimit < 1 || strings.TrimSpace(p.SQL) == "" ||
			(p.Attack > 0) != (len(p.Techniques) > 0) {
			t.Fatalf("read %+v", p)
		}
		if again, err := Parse("f.sql", raw); err != nil || again.Digest != p.Digest {
			t.Fatal("the same file reads differently")
		}
	})
}
