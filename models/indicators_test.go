package models

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every indicator is named by some detection, but for the one whose feed there is not; and none twice.
func TestIndicatorsAreNamed(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"*.go", "sets/*.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			list, _, _ := strings.Cut(string(text), "// nameIndicators adds") // the catalogue itself proves nothing
			if f == "indicator_list.go" {
				text = text[len(list):]
			}
			if !strings.HasSuffix(f, "_test.go") {
				source.Write(text)
			}
		}
	}
	seen := map[string]bool{}
	for _, x := range Indicators {
		if seen[x.ID] || seen[x.Name] {
			t.Errorf("%s %s stands there twice", x.ID, x.Name)
		}
		seen[x.ID], seen[x.Name] = true, true
		quoted := strings.Contains(source.String(), `"`+x.Name+`"`) || strings.Contains(source.String(), `'`+x.Name+`'`)
		if quoted == (x.ID == "R12") {
			t.Errorf("%s %s: named by a detection: %v", x.ID, x.Name, quoted)
		}
	}
	if len(Indicators) != 56 {
		t.Errorf("%d indicators, want 56", len(Indicators))
	}
}

func TestNameIndicators(t *testing.T) {
	people := &Directory{people: map[string]Person{"a@example.com": {Role: "Admin"}, "b@example.com": {Role: "Member"}}}
	f := Finding{Detection: detectionOf("ZW-RTE-05"), Email: "a@example.com", Evidence: Evidences{Details: map[string]any{"indicators": map[string]any{"ip_is_tor": true}}}}
	f.nameIndicators(people)
	got := f.Evidence.Details["indicators"].(map[string]any)
	if got["user_is_privileged"] != "Admin" || got["ip_is_tor"] != true || len(got) != 2 {
		t.Errorf("%v", got)
	}
	g := Finding{Detection: detectionOf("ZW-TRV-01"), Email: "b@example.com"}
	if g.nameIndicators(people); g.Evidence.Details != nil {
		t.Errorf("%v", g.Evidence.Details)
	}
}

// Detections of one thing share their open alerts; what they name is there, and is of nothing else itself.
func TestDetectionsOfOneThing(t *testing.T) {
	for i := range Catalogue {
		d := &Catalogue[i]
		if d.Of == "" {
			continue
		}
		if of := detectionOf(d.Of); of == nil || of.Of != "" || of.thing() != d.thing() {
			t.Errorf("%s is of %s, which does not stand for both", d.ID, d.Of)
		}
	}
	if detectionOf("ZW-IDN-02").thing() != "ZW-IDN-01" || detectionOf("ZW-DEV-06").thing() != "ZW-DEV-06" {
		t.Error("two strange days are one thing with a strange day, an unfamiliar sign-in is another")
	}
}
