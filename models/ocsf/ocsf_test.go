package ocsf

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type schema struct {
	Event   map[string]bool `json:"event"`
	Classes map[string]struct {
		Caption    string          `json:"caption"`
		Attributes map[string]bool `json:"attributes"`
	} `json:"classes"`
	Enums      map[string]map[string]string `json:"enums"`
	Objects    map[string]map[string]bool   `json:"objects"`
	AtLeastOne map[string][]string          `json:"at_least_one"`
}

func readSchema(tb testing.TB) schema {
	tb.Helper()
	text, err := os.ReadFile("testdata/schema-1.8.0.json")
	if err != nil {
		tb.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		tb.Fatal(err)
	}
	return s
}

// check holds an event against the schema and returns what is wrong with it.
func (s schema) check(e Event) []string {
	text, err := json.Marshal(e)
	if err != nil {
		return []string{err.Error()}
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	class, ok := s.Classes[fmt.Sprint(m["class_uid"])]
	if !ok {
		return []string{fmt.Sprintf("class %v", m["class_uid"])}
	}
	known := map[string]bool{}
	for _, list := range []map[string]bool{s.Event, class.Attributes} {
		for name, required := range list {
			known[name] = required
		}
	}
	if m["class_name"] != class.Caption {
		wrong = append(wrong, fmt.Sprintf("class_name %v", m["class_name"]))
	}
	if m["type_uid"] != m["class_uid"].(float64)*100+m["activity_id"].(float64) {
		wrong = append(wrong, fmt.Sprintf("type_uid %v", m["type_uid"]))
	}
	if m["time"].(float64) < 1e12 { // seconds would be 1e9
		wrong = append(wrong, fmt.Sprintf("time %v is not in milliseconds", m["time"]))
	}
	return append(wrong, s.object("", m, known)...)
}

// captions are the siblings of ids that do not end as the id does.
var captions = map[string]string{"activity_id": "activity_name", "category_uid": "category_name"}

func (s schema) object(path string, m map[string]any, known map[string]bool) (wrong []string) {
	at := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	for name, required := range known {
		if _, ok := m[name]; required && !ok {
			wrong = append(wrong, at(name)+" is missing")
		}
	}
	if list := s.AtLeastOne[path]; list != nil && !slices.ContainsFunc(list, func(name string) bool { _, ok := m[name]; return ok }) {
		wrong = append(wrong, fmt.Sprintf("%s has none of %v", path, list))
	}
	for name, v := range m {
		if _, ok := known[name]; !ok {
			wrong = append(wrong, at(name)+" is no attribute")
			continue
		}
		if values, ok := s.Enums[at(name)]; ok {
			caption, ok := values[fmt.Sprint(v)]
			sibling := captions[name]
			if sibling == "" {
				sibling = strings.TrimSuffix(name, "_id")
			}
			if !ok || caption != "" && m[sibling] != caption || caption == "" && m[sibling] == "" {
				wrong = append(wrong, fmt.Sprintf("%s is %v (%v), want one of %v", at(name), v, m[sibling], values))
			}
		}
		if name == "unmapped" || name == "data" { // free
			continue
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			if object, ok := item.(map[string]any); ok {
				attributes, ok := s.Objects[at(name)]
				if !ok {
					wrong = append(wrong, at(name)+" is no object")
					continue
				}
				wrong = append(wrong, s.object(at(name), object, attributes)...)
			}
		}
	}
	return wrong
}

var (
	at  = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	src = Source{ProductVersion: "1.0.0", AccountID: "acct", LoggedAt: at}
)

func TestComplianceByStatus(t *testing.T) {
	s := readSchema(t)
	for _, tc := range []struct {
		status, exception      string
		activity, state, check int
		severity               int
	}{
		{"pass", "", 3, 4, 1, 1},
		{"fail", "", 1, 1, 3, 5},
		{"partial", "", 1, 1, 3, 5},
		{"unknown", "", 1, 1, 2, 5},
		{"manual", "", 1, 1, 2, 5},
		{"error", "", 1, 1, 2, 5},
		{"not_applicable", "", 3, 99, 99, 1},
		{"fail", "planned", 2, 2, 3, 5},
		{"fail", "risk_accepted", 2, 3, 3, 5},
		{"fail", "third_party", 2, 3, 3, 5},
		{"fail", "false_result", 2, 3, 3, 5},
	} {
		e := Compliance(src, Verdict{ControlID: "MS-ZOOM-01", Title: "T", Severity: "critical", ResourceType: "account", ResourceID: "acct", Status: tc.status, Exception: tc.exception,
			ExceptionReason: "r", Reason: "why", ChangedAt: at, Rank: 1, Gain: 2.5, MissingScope: []string{"user:read:admin"}, Remediation: "do it"})
		if wrong := s.check(e); wrong != nil {
			t.Errorf("%s %s: %v", tc.status, tc.exception, wrong)
		}
		if e.ActivityID != tc.activity || e.StatusID != tc.state || e.Compliance.StatusID != tc.check || e.SeverityID != tc.severity || e.Compliance.StatusCode != tc.status {
			t.Errorf("%s %s: activity %d, status %d, check %d, severity %d, want %+v", tc.status, tc.exception, e.ActivityID, e.StatusID, e.Compliance.StatusID, e.SeverityID, tc)
		}
	}
	e := Compliance(Source{}, Verdict{ControlID: "ZW-1", ResourceType: "account", ResourceID: "me", Status: "fail", ChangedAt: at, Severity: "high"})
	if wrong := s.check(e); wrong != nil || e.Compliance.Standards[0] != "zoomward" || e.Resources[0].UID != "me" {
		t.Errorf("without an account: %v, %+v", wrong, e)
	}
}

func TestDetectionByStatus(t *testing.T) {
	s := readSchema(t)
	for _, tc := range []struct {
		status                   string
		activity, state, verdict int
		alert                    bool
	}{
		{"new", 1, 1, 0, true}, {"in_progress", 2, 2, 0, true}, {"true_positive", 3, 4, 2, false}, {"benign", 3, 3, 5, false}, {"false_positive", 3, 3, 1, false},
	} {
		e := Detection(src, Alert{ID: "a1", DetectionID: "ZW-X-1", Title: "T", Severity: "high", UserEmail: "u00001@example.com", WindowStart: at.Add(-time.Hour), WindowEnd: at, FirstSeen: at, LastSeen: at,
			PValue: "0.001", Score: "-1.5", Status: tc.status, Summary: "s", Evidence: `{"k":[1]}`, Techniques: []string{"T1078.004", " T1110", ""}, Attack: "18", Kind: "statistical"})
		if wrong := s.check(e); wrong != nil {
			t.Errorf("%s: %v", tc.status, wrong)
		}
		if e.ActivityID != tc.activity || e.StatusID != tc.state || e.Evidences[0].VerdictID != tc.verdict || *e.IsAlert != tc.alert {
			t.Errorf("%s: activity %d, status %d, verdict %d, alert %v, want %+v", tc.status, e.ActivityID, e.StatusID, e.Evidences[0].VerdictID, *e.IsAlert, tc)
		}
		if a := e.FindingInfo.Attacks; len(a) != 2 || a[0].Technique.UID != "T1078" || a[0].SubTechnique.UID != "T1078.004" || a[1].Technique.UID != "T1110" || a[1].SubTechnique != nil {
			t.Errorf("attacks %+v", a)
		}
		if e.Time != 1772431200000 || e.StartTime != e.Time-3_600_000 { // 2026-03-02T06:00:00Z
			t.Errorf("time %d, from %d", e.Time, e.StartTime)
		}
		if e.FindingInfo.Analytic.TypeID != 3 {
			t.Errorf("analytic %+v", e.FindingInfo.Analytic)
		}
	}
}

// The check of these tests finds what it looks for.
func TestCheckFindsMistakes(t *testing.T) {
	s := readSchema(t)
	for name, spoil := range map[string]func(*Event){
		"type_uid":    func(e *Event) { e.TypeUID++ },
		"class":       func(e *Event) { e.ClassUID = 2005 },
		"seconds":     func(e *Event) { e.Time /= 1000 },
		"activity":    func(e *Event) { e.ActivityID, e.TypeUID = 7, 200407 },
		"caption":     func(e *Event) { e.Severity = "Low" },
		"status":      func(e *Event) { e.StatusID = 42 },
		"foreign":     func(e *Event) { e.Compliance = &compliance{Standards: []string{"x"}, StatusID: 1, Status: "Pass"} },
		"user":        func(e *Event) { e.Evidences[0].User, e.Evidences[0].Data = nil, nil },
		"attack":      func(e *Event) { e.FindingInfo.Attacks[0].Technique = nil },
		"analytic":    func(e *Event) { e.FindingInfo.Analytic.TypeID = 9 },
		"resource":    func(e *Event) { e.Resources[0].UID = "" },
		"observables": func(e *Event) { e.Observables[0].TypeID = 77 },
	} {
		e := Detection(src, Alert{ID: "a1", DetectionID: "d", Title: "T", Severity: "high", UserEmail: "u00001@example.com", WindowStart: at, WindowEnd: at, Status: "new", Evidence: `{}`, Techniques: []string{"T1078"}})
		if wrong := s.check(e); wrong != nil {
			t.Fatal(wrong)
		}
		spoil(&e)
		if s.check(e) == nil {
			t.Errorf("%s: nothing wrong is found", name)
		}
	}
}

// Whatever stands in the database, an event has what the schema requires, no enumeration outside of it, and is JSON.
func TestEventsFitTheSchema(t *testing.T) {
	s := readSchema(t)
	text := rapid.SampledFrom([]string{"", "x", "\x00\xff", `{"a":1}`, "<b>", "T1.2"})
	rapid.Check(t, func(t *rapid.T) {
		str := func(name string) string { return text.Draw(t, name) }
		severity := rapid.SampledFrom([]string{"critical", "high", "medium", "low", "info", "", "odd"}).Draw(t, "severity")
		source := Source{AccountID: str("account"), ProductVersion: str("version")}
		v := Verdict{ControlID: str("id"), Title: str("title"), Severity: severity, ResourceType: rapid.SampledFrom([]string{"account", "user"}).Draw(t, "type"), ResourceID: "r",
			Status: rapid.SampledFrom([]string{"pass", "fail", "partial", "unknown", "not_applicable", "manual", "error", "odd"}).Draw(t, "status"), Observed: str("observed"), Reason: str("reason"),
			Exception: rapid.SampledFrom([]string{"", "planned", "risk_accepted", "odd"}).Draw(t, "exception"), ChangedAt: at, Remediation: str("remediation")}
		if wrong := s.check(Compliance(source, v)); wrong != nil {
			t.Fatal(wrong)
		}
		a := Alert{ID: str("id"), DetectionID: str("detection"), Title: str("title"), Severity: severity, UserEmail: str("user"), WindowStart: at, WindowEnd: at, Status: str("status"),
			Evidence: str("evidence"), Techniques: []string{str("technique")}, Kind: str("kind"), Note: str("note")}
		if wrong := s.check(Detection(source, a)); wrong != nil {
			t.Fatal(wrong)
		}
	})
}

func TestStandardName(t *testing.T) {
	for key, want := range map[string]string{"cis_zoom_1.0.0": "CIS Zoom Benchmark v1.0.0", "ms_secure_score": "Microsoft Secure Score", "nist": "nist", "cis_level": ""} {
		if got := StandardName(key); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}
