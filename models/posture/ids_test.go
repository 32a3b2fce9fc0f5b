package posture

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// listed is a line of testdata/ids-*.txt: an id of the published list of controls, how far Zoom's API shows it (auto; partly: for groups or users, or by the
// nearest setting; probe; manual), and its severity.
type listed struct{ id, class, severity string }

func readIDs(t *testing.T, file string) []listed {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var list []listed
	for line := range strings.Lines(string(text)) {
		f := append(strings.Fields(line), "", "", "") // a line may name the id alone
		if f[0] != "" && !strings.HasPrefix(f[0], "#") {
			list = append(list, listed{f[0], f[1], f[2]})
		}
	}
	return list
}

// All controls on the account's settings, locks and domains are there, as the list classes them: 171 of the CIS Zoom Benchmark, three of Microsoft, 46 of zoomward.
func TestAccountControlsAreComplete(t *testing.T) {
	list := readIDs(t, "ids-account.txt")
	counts := map[string]int{}
	for _, l := range list {
		prefix, _, _ := strings.Cut(l.id, "-")
		counts[prefix]++
		counts[prefix+" "+l.class]++
		ctl, ok := catalogue(t).Control(l.id)
		if !ok {
			t.Errorf("%s is missing", l.id)
			continue
		}
		want := l.class
		if want == "partly" {
			want = AutomationAuto
			if ctl.Note == "" {
				t.Errorf("%s is judged in part and has no note that says by what", l.id)
			}
		}
		if ctl.Automation != want || string(ctl.Severity) != l.severity {
			t.Errorf("%s is %s and %s, listed as %s and %s", l.id, ctl.Automation, ctl.Severity, l.class, l.severity)
		}
		if prefix == "CIS" && (len(ctl.Frameworks["cis_zoom_1.0.0"]) != 1 || "CIS-"+ctl.Frameworks["cis_zoom_1.0.0"][0] != l.id) {
			t.Errorf("%s: frameworks %v do not name it", l.id, ctl.Frameworks)
		}
		if ctl.Effort == "" || ctl.UserImpact == "" {
			t.Errorf("%s: effort or user_impact is not said", l.id)
		}
		for _, word := range []string{"ensure", "Ensure", "should", "must"} {
			if strings.Contains(ctl.Title, word) {
				t.Errorf("%s: the title %q does not state what is right", l.id, ctl.Title)
			}
		}
	}
	for what, want := range map[string]int{"CIS": 171, "CIS auto": 133, "CIS partly": 9, "CIS probe": 4, "CIS manual": 25, "MS": 3, "ZW": 46} {
		if counts[what] != want {
			t.Errorf("%s: %d ids, want %d", what, counts[what], want)
		}
	}
}

// Nothing is in the catalogue but what the lists name: 260 controls.
func TestCatalogueHoldsTheListedControlsAlone(t *testing.T) {
	objects := readIDs(t, "ids-objects.txt")
	if objects == nil {
		t.Fatal("testdata/ids-objects.txt is not there")
	}
	all := map[string]bool{}
	for _, l := range append(readIDs(t, "ids-account.txt"), objects...) {
		all[l.id] = true
	}
	if len(all) != 260 {
		t.Errorf("%d ids are listed, want 260", len(all))
	}
	for _, ctl := range catalogue(t).Controls {
		if !all[ctl.ID] {
			t.Errorf("%s is in no list", ctl.ID)
		}
		delete(all, ctl.ID)
	}
	for id := range all {
		t.Errorf("%s is missing", id)
	}
}

func TestTitlesAreDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, ctl := range catalogue(t).Controls {
		if other, ok := seen[ctl.Title]; ok {
			t.Errorf("%s and %s have one title: %q", other, ctl.ID, ctl.Title)
		}
		seen[ctl.Title] = ctl.ID
	}
}

// Of controls that judge the same by the same condition one alone has points, so that no setting counts twice.
func TestNothingCountsTwice(t *testing.T) {
	first := map[string]string{}
	for _, ctl := range catalogue(t).Controls {
		if ctl.Automation == AutomationManual {
			continue
		}
		condition, err := json.Marshal([]any{ctl.Scope, ctl.Where, ctl.Assert})
		if err != nil {
			t.Fatal(err)
		}
		other, ok := first[string(condition)]
		if !ok {
			first[string(condition)] = ctl.ID
		}
		if ctl.CountedBy != other {
			t.Errorf("%s asks for the same as %q, and its points are counted by %q", ctl.ID, other, ctl.CountedBy)
		}
		if ok {
			in := Input{Settings: values(t, values_{"chat.set_retention_period_in_cloud.enable": false})}
			if r, o := judge(t, ctl.ID, in), judge(t, other, in); r.Status != Fail || r.MaxPoints != 0 || r.Open() || o.MaxPoints == 0 || !strings.Contains(r.Reason, other) {
				t.Errorf("%s: %s, %v points (%s); %s: %v points", ctl.ID, r.Status, r.MaxPoints, r.Reason, other, o.MaxPoints)
			}
		}
	}
}
