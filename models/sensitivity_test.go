package models

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/store"
)

// staff is a directory of three people.
func staff() *Directory {
	return &Directory{people: map[string]Person{
		"boss@example.com":  {Status: "active", Role: "Owner", Dept: "Board", Groups: []string{"g1", "executives"}},
		"admin@example.com": {Status: "active", Role: "Admin", Dept: "IT", Groups: []string{"g2", "helpdesk"}},
		"user@example.com":  {Status: "active", Role: "Member", Dept: "Sales"},
	}}
}

func TestSensitivityOf(t *testing.T) {
	const travel, country = "ZW-TRV-01", "ZW-LOC-01"
	low, medium, high := SensitivityLow, SensitivityMedium, SensitivityHigh
	scope := func(s Sensitivity, in, out People, ids ...string) Scope {
		return Scope{Selection{In: in, Out: out, Detections: ids}, s}
	}
	everybody := People{Departments: []string{"board", "IT", "Sales"}}
	tests := []struct {
		name     string
		config   Config
		id       string
		email    string
		want     Sensitivity
		excluded bool
	}{
		{"nothing said", Config{}, travel, "user@example.com", medium, false},
		{"of the detection", Config{Detections: map[string]Setting{travel: {Sensitivity: low}}}, travel, "user@example.com", low, false},
		{"of another detection", Config{Detections: map[string]Setting{travel: {Sensitivity: low}}}, country, "user@example.com", medium, false},
		{"a scope lowers", Config{Detections: map[string]Setting{travel: {Sensitivity: high}}, Scopes: []Scope{scope(low, everybody, People{})}}, travel, "user@example.com", low, false},
		{"the most sensitive scope counts", Config{Scopes: []Scope{scope(low, everybody, People{}), scope(high, People{Users: []string{"Boss@Example.com"}}, People{})}}, travel, "boss@example.com", high, false},
		{"by name of a group, out by role", Config{Scopes: []Scope{scope(high, People{Groups: []string{"Executives", "Helpdesk"}}, People{Roles: []string{"admin"}})}}, travel, "admin@example.com", medium, false},
		{"by id of a group", Config{Scopes: []Scope{scope(high, People{Groups: []string{"G2"}}, People{})}}, travel, "admin@example.com", high, false},
		{"of another detection in scope", Config{Scopes: []Scope{scope(high, everybody, People{}, country)}}, travel, "user@example.com", medium, false},
		{"an exclusion wins", Config{Scopes: []Scope{scope(high, everybody, People{})}, Exclusions: []Selection{{In: everybody}}}, travel, "user@example.com", medium, true},
		{"an exclusion of one detection", Config{Exclusions: []Selection{{In: everybody, Detections: []string{country}}}}, travel, "user@example.com", medium, false},
		{"not excluded by out", Config{Exclusions: []Selection{{In: everybody, Out: People{Users: []string{"user@example.com"}}}}}, travel, "user@example.com", medium, false},
		{"somebody the account does not list", Config{Exclusions: []Selection{{In: People{Users: []string{"gone@example.com"}}}}}, travel, "gone@example.com", medium, true},
		{"whose department is not known", Config{Exclusions: []Selection{{In: everybody}}}, travel, "gone@example.com", medium, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, excluded := newPolicy(tt.config, staff()).of(tt.id, tt.email); got != tt.want || excluded != tt.excluded {
				t.Errorf("%s, excluded %v; want %s, %v", got, excluded, tt.want, tt.excluded)
			}
		})
	}
}

// A finding on many accounts is excluded when all of them are, and else as sensitive as towards the most sensitive of the others.
func TestSensitivityOfSeveralUsers(t *testing.T) {
	c := Config{
		Detections: map[string]Setting{"ZW-RIP-07": {Sensitivity: SensitivityLow}},
		Scopes:     []Scope{{Selection{In: People{Roles: []string{"Owner", "Admin"}}}, SensitivityHigh}},
		Exclusions: []Selection{{In: People{Departments: []string{"IT"}}}},
	}
	tests := []struct {
		named    string
		want     Sensitivity
		excluded bool
	}{
		{"admin@example.com", SensitivityMedium, true}, // nothing is asked of it
		{"admin@example.com user@example.com", SensitivityLow, false},
		{"user@example.com admin@example.com boss@example.com", SensitivityHigh, false},
	}
	for _, tt := range tests {
		got, excluded := newPolicy(c, staff()).ofFinding(&Finding{Detection: detection("ZW-RIP-07"), Named: strings.Fields(tt.named)})
		if got != tt.want || excluded != tt.excluded {
			t.Errorf("%s: %s, excluded %v; want %s, %v", tt.named, got, excluded, tt.want, tt.excluded)
		}
	}
}

func detection(id string) *Detection {
	i := slices.IndexFunc(Catalogue, func(d Detection) bool { return d.ID == id })
	return &Catalogue[i]
}

func TestSettle(t *testing.T) {
	const email = "user@example.com"
	low, medium, high := SensitivityLow, SensitivityMedium, SensitivityHigh
	tests := []struct {
		name      string
		id        string
		s         Sensitivity
		alert     bool   // by the finding's own bar
		severity  string // of the finding, "" for the detection's
		learning  bool
		want      bool
		wantUnder float64 // weight of the bar
	}{
		{"rule", "ZW-TRV-01", medium, true, "", false, true, 1},
		{"rule below its own bar", "ZW-TRV-01", medium, false, "", false, false, 1},
		{"rule of class behavior", "ZW-LOC-01", medium, true, "", false, false, 1},
		{"low rule of medium severity", "ZW-TRV-01", low, true, "", false, false, 0.25},
		{"low rule of high severity", "ZW-INA-02", low, true, "", false, true, 0.25},
		{"low rule, a grave finding", "ZW-TRV-01", low, true, "critical", false, true, 0.25},
		{"high rule below its own bar", "ZW-TRV-01", high, false, "", false, true, 4},
		{"high rule of class behavior", "ZW-LOC-01", high, false, "", false, true, 4},
		{"statistical of class behavior", "ZW-RTE-01", medium, false, "", false, false, 1},
		{"high statistical of class behavior", "ZW-RTE-01", high, false, "", false, true, 4},
		{"the same while learning", "ZW-RTE-01", high, false, "", true, false, 4},
		{"low statistical", "ZW-RTE-05", low, true, "", false, true, 0.25},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Finding{Detection: detection(tt.id), Email: email, Alert: tt.alert, Severity: tt.severity}
			newPolicy(Config{Detections: map[string]Setting{tt.id: {Sensitivity: tt.s}}}, staff()).settle(&f, tt.learning)
			if f.Alert != tt.want || f.weight != tt.wantUnder {
				t.Errorf("alert %v, weight %g; want %v, %g", f.Alert, f.weight, tt.want, tt.wantUnder)
			}
			newPolicy(Config{Exclusions: []Selection{{In: People{Users: []string{email}}}}}, staff()).settle(&f, tt.learning)
			if f.Alert || !f.muted {
				t.Error("alerts on somebody who is excluded")
			}
		})
	}
	f := Finding{Detection: detection("ZW-TRV-01"), Email: email, Alert: true, Severity: "info"}
	newPolicy(Config{Detections: map[string]Setting{"ZW-TRV-01": {Severity: "critical"}}}, staff()).settle(&f, false)
	if f.severity() != "critical" {
		t.Errorf("severity %s, critical is set", f.severity())
	}
}

func TestPolicyErrors(t *testing.T) {
	in := People{Users: []string{"a@example.com"}}
	tests := []struct {
		config Config
		want   string
	}{
		{Config{Detections: map[string]Setting{"ZW-TRV-99": {Off: true}}}, "detections.ZW-TRV-99: unknown detection: it is one of ZW-ADM-01, "},
		{Config{Detections: map[string]Setting{"ZW-TRV-01": {}}}, "detections.ZW-TRV-01 says nothing: give"},
		{Config{Detections: map[string]Setting{"ZW-TRV-01": {Off: true, Severity: "low"}}}, "off: true contradicts sensitivity and severity: remove"},
		{Config{Detections: map[string]Setting{"ZW-TRV-01": {Severity: "grave"}}}, `detections.ZW-TRV-01.severity: "grave" is not one of`},
		{Config{Detections: map[string]Setting{"ZW-TRV-01": {Sensitivity: "max"}}}, `detections.ZW-TRV-01.sensitivity: "max" is not one of low, medium, high`},
		{Config{Scopes: []Scope{{Selection{Name: "vip", In: in}, ""}}}, "scopes entry 1 (vip) says nothing: give it a sensitivity"},
		{Config{Scopes: []Scope{{Selection{In: in}, "max"}}}, `scopes entry 1.sensitivity: "max"`},
		{Config{Scopes: []Scope{{Selection{}, SensitivityHigh}}}, "scopes entry 1 selects nobody: name users"},
		{Config{Exclusions: []Selection{{In: in}, {Out: in}}}, "exclusions entry 2 selects nobody"},
		{Config{Exclusions: []Selection{{In: in, Out: People{Users: []string{"A@example.com"}}}}}, `users "a@example.com" both in and out: remove`},
		{Config{Exclusions: []Selection{{In: People{Groups: []string{" "}}}}}, "empty name under groups"},
		{Config{Exclusions: []Selection{{In: in, Detections: []string{"ZW-X"}}}}, "exclusions entry 1: unknown detection ZW-X"},
		{Config{Detections: map[string]Setting{"ZW-TRV-01": {Off: true}}, Exclusions: []Selection{{In: in, Detections: []string{"ZW-TRV-01"}}}}, "which detections.ZW-TRV-01 turns off: remove"},
	}
	for _, tt := range tests {
		c := DefaultConfig()
		c.Detections, c.Scopes, c.Exclusions = tt.config.Detections, tt.config.Scopes, tt.config.Exclusions
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// Whatever the scopes: an exclusion wins, their order and that of their lists mean nothing, and only what they say changes the fingerprint.
func TestPolicyProperties(t *testing.T) {
	people := staff()
	emails := []string{"boss@example.com", "admin@example.com", "user@example.com", "gone@example.com"}
	ids := []string{"ZW-TRV-01", "ZW-IDN-01", "ZW-RTE-05"}
	rapid.Check(t, func(t *rapid.T) {
		who := rapid.Custom(func(t *rapid.T) People {
			return People{
				Users: rapid.SliceOfN(rapid.SampledFrom(emails), 0, 2).Draw(t, "users"), Groups: rapid.SliceOfN(rapid.SampledFrom([]string{"g1", "Helpdesk"}), 0, 2).Draw(t, "groups"),
				Departments: rapid.SliceOfN(rapid.SampledFrom([]string{"IT", "Sales"}), 0, 2).Draw(t, "departments"), Roles: rapid.SliceOfN(rapid.SampledFrom([]string{"Owner", "Member"}), 0, 2).Draw(t, "roles"),
			}
		})
		selection := rapid.Custom(func(t *rapid.T) Selection {
			return Selection{Detections: rapid.SliceOfN(rapid.SampledFrom(ids), 0, 2).Draw(t, "detections"), In: who.Draw(t, "in"), Out: who.Draw(t, "out")}
		})
		scope := rapid.Custom(func(t *rapid.T) Scope {
			return Scope{selection.Draw(t, "selection"), rapid.SampledFrom(Sensitivities()).Draw(t, "sensitivity")}
		})
		c := DefaultConfig()
		c.Scopes, c.Exclusions = rapid.SliceOfN(scope, 0, 4).Draw(t, "scopes"), rapid.SliceOfN(selection, 0, 3).Draw(t, "exclusions")
		id, email := rapid.SampledFrom(ids).Draw(t, "id"), rapid.SampledFrom(emails).Draw(t, "email")
		s, excluded := newPolicy(c, people).of(id, email)

		other := c
		other.Scopes, other.Exclusions = rapid.Permutation(c.Scopes).Draw(t, "other scopes"), rapid.Permutation(c.Exclusions).Draw(t, "other exclusions")
		for i := range other.Exclusions {
			other.Exclusions[i].Name = "renamed"
			other.Exclusions[i].In.Users = rapid.Permutation(other.Exclusions[i].In.Users).Draw(t, "other users")
		}
		if s2, excluded2 := newPolicy(other, people).of(id, email); s2 != s || excluded2 != excluded {
			t.Fatalf("%s, %v; in another order %s, %v", s, excluded, s2, excluded2)
		}
		if c.fingerprint() != other.fingerprint() {
			t.Fatal("another order has another fingerprint")
		}
		other.Exclusions = append(slices.Clone(c.Exclusions), Selection{In: People{Users: []string{strings.ToUpper(email)}}})
		if _, out := newPolicy(other, people).of(id, email); !out {
			t.Fatal("not excluded")
		}
		if c.fingerprint() == other.fingerprint() {
			t.Fatal("an exclusion more has the same fingerprint")
		}
	})
}

// A name that selects nobody is told of, one that selects somebody is not.
func TestWarnOfNobody(t *testing.T) {
	var out strings.Builder
	c := Config{
		Scopes:     []Scope{{Selection{In: People{Groups: []string{"Executives", "Excutives"}}}, SensitivityHigh}},
		Exclusions: []Selection{{Name: "lab", In: People{Users: []string{"User@example.com"}}, Out: People{Roles: []string{"Robot"}}}},
	}
	c.warnOfNobody(t.Context(), staff(), slog.New(slog.NewTextHandler(&out, nil)))
	if got := out.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, `key="scopes entry 1" kind=groups name=Excutives`) || !strings.Contains(got, `key="exclusions entry 1 (lab)" kind=roles name=Robot`) {
		t.Error(got)
	}
}

// The config moves what the fold finds, from the first day on.
func TestFoldBySettings(t *testing.T) {
	db := memory(t)
	end := fill(t, db, 16, 34, 6)
	attack(t, db, 30)
	find := func(c Config) (alerts, behaviors map[string]int) {
		t.Helper()
		s, err := Fold(t.Context(), db, FoldOptions{Config: c, Now: end, RunID: "run"})
		if err != nil {
			t.Fatal(err)
		}
		if s.Days != 34 {
			t.Errorf("%d days, another config scores all 34 anew", s.Days)
		}
		return findings(t, db, "alerts"), findings(t, db, "behaviors")
	}
	const deletions = "ZW-RTE-05 u00003@example.com"
	c := DefaultConfig()
	alerts, behaviors := find(c)
	if alerts[deletions] != 1 || behaviors[deletions] != 1 || behaviors["ZW-LOC-01 u00004@example.com"] == 0 || alerts["ZW-LOC-01 u00004@example.com"] != 0 {
		t.Fatalf("alerts %v, behaviors %v: nothing to move", alerts, behaviors)
	}
	c.Exclusions = []Selection{{In: People{Users: []string{"u00003@example.com"}}}}
	c.Detections = map[string]Setting{"ZW-LOC-01": {Sensitivity: SensitivityHigh, Severity: "high"}}
	alerts, behaviors = find(c)
	for key := range alerts {
		if strings.Contains(key, "u00003") {
			t.Errorf("%s is excluded", key)
		}
	}
	if behaviors[deletions] != 1 {
		t.Error("the behavior of somebody who is excluded is gone")
	}
	if alerts["ZW-LOC-01 u00004@example.com"]+alerts["ZW-LOC-02 u00004@example.com"]+alerts["ZW-IDN-01 u00004@example.com"] == 0 {
		t.Errorf("alerts %v: a new country is no alert at high sensitivity", alerts)
	}
	c = DefaultConfig()
	c.Detections = map[string]Setting{"ZW-RTE-05": {Off: true}, "ZW-RTE-14": {Sensitivity: SensitivityLow}}
	if alerts, behaviors = find(c); alerts[deletions]+behaviors[deletions] != 0 {
		t.Errorf("alerts %v, behaviors %v of a detection that is off", alerts, behaviors)
	}
}

// findings counts alerts or behaviors by detection and user.
func findings(t *testing.T, db *store.DB, view string) map[string]int {
	t.Helper()
	var rows struct {
		What []string `col:"what"`
	}
	if err := db.Read(t.Context(), &rows, `SELECT detection_id || ' ' || coalesce(user_email, '-') AS what FROM `+view); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, w := range rows.What {
		out[w]++
	}
	return out
}
