package posture

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func catalogue(tb testing.TB) *Catalog {
	tb.Helper()
	c, err := Load()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func keys(t *testing.T, file string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	for _, line := range strings.Fields(string(text)) {
		set[line] = true
		// Objects and arrays are values too: meeting_security.waiting_room_settings of meeting_security.waiting_room_settings.x.
		if array, _, ok := strings.Cut(line, "[]"); ok {
			set[array] = true
		}
	}
	return set
}

// The keys are those of the response types in Zoom's own SDK (npm @zoom/rivet 0.4.0, accounts.d.ts). A path outside them must say that it is a probe.
func TestPathsAreOfficial(t *testing.T) {
	settings, locks := keys(t, "setting-keys.txt"), keys(t, "lock-keys.txt")
	for _, view := range []string{"meeting", "recording"} {
		settings[view+"_authentication_options"] = settings["authentication_options"] // two views use one name
	}
	for _, ctl := range catalogue(t).Controls {
		probe := 0
		ctl.reads(func(e *Expr) {
			for _, p := range e.paths() {
				switch {
				case !isSetting(p):
				case e.In != "":
					if _, ok := documentedKinds(t, strings.TrimSuffix(e.In, "s")+"-settings-keys.txt")[p]; !ok {
						t.Errorf("%s: Zoom has no setting %s of %s", ctl.ID, p, e.In)
					}
				case e.Of == OfLocked:
					if !locks[p] {
						t.Errorf("%s: Zoom has no lock %s", ctl.ID, p)
					}
				case !settings[p]:
					probe++
					if ctl.Automation != "probe" {
						t.Errorf("%s: path %s is no official key and the control is no probe", ctl.ID, p)
					}
				}
			}
		})
		if ctl.Automation == "probe" && probe == 0 {
			t.Errorf("%s is a probe, but all its paths are official", ctl.ID)
		}
		if ctl.Lock != nil {
			for _, p := range ctl.Lock.Paths {
				if !locks[p] {
					t.Errorf("%s: Zoom has no lock %s", ctl.ID, p)
				}
			}
		}
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	c := catalogue(t)
	serious := 0
	for _, ctl := range c.Controls {
		if ctl.Automation == "auto" && ctl.Severity.Points() >= Medium.Points() {
			serious++
		}
	}
	if serious < 70 {
		t.Errorf("%d automatic controls of medium severity and above, want 70 at least", serious)
	}
	for _, id := range []string{"MS-ZOOM-01", "MS-ZOOM-02", "MS-ZOOM-03"} {
		if _, ok := c.Control(id); !ok {
			t.Errorf("%s is missing", id)
		}
	}
	used := map[string]bool{}
	for _, e := range c.Entries() {
		if e.Expected == "" || strings.ContainsAny(e.Expected, "{}") {
			t.Errorf("%s: expected is %q", e.ID, e.Expected)
		}
		if len(e.Title) > 150 {
			t.Errorf("%s: title has %d characters, want 150 at most", e.ID, len(e.Title))
		}
		for _, p := range e.Params {
			used[p] = true
		}
		for _, other := range e.ConflictsWith {
			o, _ := c.Control(other)
			if !strings.Contains(strings.Join(o.ConflictsWith, " "), e.ID) {
				t.Errorf("%s conflicts with %s, but not the other way round", e.ID, other)
			}
		}
	}
	for _, p := range c.Params {
		if !used[p.Name] {
			t.Errorf("parameter %s is used by no control", p.Name)
		}
		if p.Description == "" {
			t.Errorf("parameter %s has no description", p.Name)
		}
	}
}

func TestExpectedInWords(t *testing.T) {
	want := map[string]string{
		"MS-ZOOM-02":    "at most 60 minutes, not off (0)",
		"MS-ZOOM-03":    "allowed, and e2ee by default, and locked",
		"CIS-1.1.1.2":   "on",
		"CIS-1.1.2.4":   "off, and locked",
		"CIS-1.1.1.1.1": "at least 6",
		"CIS-1.1.1.3":   "0 (everyone), and waiting room on",
		"CIS-1.1.3.1.2": "1 (nobody), or chat off",
		"CIS-1.1.4.1.2": "regions chosen by hand, none but what posture.params.allowed_regions lists",
		"ZW-REC-07":     "one of what posture.params.approved_storage_countries lists",
		"ZW-MTG-15":     "all of 6 locked",
		"ZW-MTG-12":     "can add external users off and auto add invited external users off, or continuous meeting chat off",
		"ZW-ID-03":      "single sign-on is on and required for some domain, and at most 2 users may go around it",
	}
	for _, e := range catalogue(t).Entries() {
		if w, ok := want[e.ID]; ok && w != e.Expected {
			t.Errorf("%s: expected is %q, want %q", e.ID, e.Expected, w)
		}
		delete(want, e.ID)
	}
	if len(want) > 0 {
		t.Errorf("no such controls: %v", want)
	}
}

func TestLoadRefuses(t *testing.T) {
	const good = `schema: 1
params: [{name: limit, number: 5, description: d}, {name: names, list: [], description: d}]
controls:
  - id: ZW-X-01
    version: 1
    title: A title
    severity: high
    scope: account
    source: {endpoint: account_settings}
    requires_scopes: [account:read:admin]
    assert: {path: a.b, op: eq, value: true}
    automation: auto
    remediation: {portal: P, text: T}
`
	load := func(text string) error {
		_, err := loadFrom(fstest.MapFS{"catalog/x.yaml": {Data: []byte(text)}})
		return err
	}
	if err := load(good); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, old, new, want string }{
		{"unknown key", "severity: high", "severity: high\n    severe: yes", "severe"},
		{"unknown key in condition", "op: eq", "op: eq, opp: 1", "opp"},
		{"schema", "schema: 1", "schema: 2", "schema 2"},
		{"id", "ZW-X-01", "X", "id"},
		{"severity", "severity: high", "severity: severe", "severity"},
		{"automation", "automation: auto", "automation: some", "automation"},
		{"manual without review", "automation: auto", "automation: manual", "needs a review"},
		{"manual with assert", "automation: auto", "automation: manual\n    review: R", "no source"},
		{"review of an automatic one", "automation: auto", "automation: auto\n    review: R", "review is for manual"},
		{"scope", "scope: account", "scope: planet", "planet"},
		{"list of domains", "path: a.b", "path: domains.all", "no list of domains"},
		{"settings of nobody", "path: a.b", "in: rooms, path: a.b", "rooms"},
		{"share of one scope", "automation:", "partial: {ratio: share_of_scope}\n    automation:", "groups or users"},
		{"select without field", "path: a.b", "select: {where: c}, path: a.b", "no field"},
		{"remediation", "portal: P", "portal: ''", "remediation"},
		{"scopes", "[account:read:admin]", "[]", "requires_scopes"},
		{"operator", "op: eq", "op: equals", "operator"},
		{"no value", "op: eq, value: true", "op: eq", "either a value or a param"},
		{"value and param", "value: true", "value: true, param: limit", "either a value or a param"},
		{"unknown param", "value: true", "param: limits", "limits"},
		{"number operator on text", "op: eq, value: true", "op: ge, value: x", "takes a number"},
		{"list operator on number", "op: eq, value: true", "op: in, param: limit", "takes a list"},
		{"mixed list", "op: eq, value: true", "op: in, value: [1, a]", "mixes"},
		{"two forms", "{path: a.b, op: eq, value: true}", "{path: a.b, op: eq, value: true, not: {path: a.c, op: exists}}", "exactly one"},
		{"malformed path", "path: a.b", "path: a..b", "malformed"},
		{"unknown figure", "path: a.b", "path: users.nobody", "figure"},
		{"lock without paths", "automation:", "lock: {paths: [], want: required}\n    automation:", "lock"},
		{"lock want", "automation:", "lock: {paths: [a.b], want: perhaps}\n    automation:", "perhaps"},
		{"conflict with nothing", "automation:", "conflicts_with: [ZW-X-09]\n    automation:", "ZW-X-09"},
		{"counted by nothing", "automation:", "counted_by: ZW-X-09\n    automation:", "counted_by"},
		{"counted by itself", "automation:", "counted_by: ZW-X-01\n    automation:", "counted_by"},
		{"profile", "automation:", "profiles: [best]\n    automation:", "best"},
		{"ratio", "automation:", "partial: {ratio: half}\n    automation:", "half"},
		{"share of a comparison", "automation:", "partial: {ratio: share_of_all}\n    automation:", "form all"},
		{"no such scope", "scope: account", "scope: room", "scope"},
		{"objects without feeds", "scope: account", "scope: user", "feeds"},
		{"where of an account", "automation:", "where: {path: a.b, op: eq, value: true}\n    automation:", "where"},
		{"field of another scope", "path: a.b", "path: user.status", "no field"},
		{"exists of a fact", "path: a.b, op: eq, value: true", "path: connector.missing_scopes, op: exists", "no setting"},
		{"switch off means nothing", "automation:", "under: {switch: a.c}\n    automation:", "want pass, fail or not_applicable"},
		{"switch off fails for no control", "automation:", "under: {switch: a.c, off: fail}\n    automation:", "no other control"},
		{"malformed switch", "automation:", "under: {switch: a..c, off: pass}\n    automation:", "malformed"},
		{"switch of a manual one", "automation: auto", "automation: manual\n    review: R\n    under: {switch: a.c, off: pass}", "under is for"},
		{"placeholder", "automation:", "expected: 'at most {limits}'\n    automation:", "limits"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := strings.Replace(good, tc.old, tc.new, 1)
			if text == good {
				t.Fatal("the case changes nothing")
			}
			if err := load(text); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want one with %q", err, tc.want)
			}
		})
	}
	twice := good + strings.SplitN(good, "controls:\n", 2)[1]
	if err := load(twice); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("got error %v for an id that is there twice", err)
	}
}
