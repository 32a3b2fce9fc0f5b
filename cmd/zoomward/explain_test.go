package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/models"
)

func ptrTo[T any](v T) *T { return &v }

// The text is written from the JSON alone, so that the JSON holds all of it, and reading the JSON and writing it again changes nothing: no key is lost.
func TestExplanationGolden(t *testing.T) {
	for _, tt := range []struct {
		name string
		d    drawing
	}{
		{"volume", drawing{true, 80}}, {"identity", drawing{true, 100}}, {"travel", drawing{false, 60}}, {"fanout", drawing{false, 80}}, {"combination", drawing{true, 72}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", "explain", tt.name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var x explanation
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&x); err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			enc := json.NewEncoder(&again)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(x); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(raw), again.String()); d != "" {
				t.Errorf("JSON (-file +again):\n%s", d)
			}
			got := strings.Join(x.lines(tt.d), "\n") + "\n"
			checkPage(t, got, tt.d)
			file := filepath.Join("testdata", "explain", tt.name+".txt")
			if os.Getenv("ZOOMWARD_UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got; ZOOMWARD_UPDATE_GOLDEN=1 rewrites it):\n%s", file, d)
			}
		})
	}
}

// checkPage looks for what must not stand in any explanation: lines beyond the width, other than commands, and numbers that are none.
func checkPage(t interface{ Errorf(string, ...any) }, text string, d drawing) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		words := strings.TrimSpace(line)
		if runeLen(line) > d.width && strings.Contains(words, " ") && !strings.HasPrefix(words, "zoomward ") && !strings.HasPrefix(words, "duckdb ") {
			t.Errorf("%d characters wide: %q", runeLen(line), line)
		}
		for _, bad := range []string{"NaN", "Inf", "<nil>", "%!"} {
			if strings.Contains(line, bad) {
				t.Errorf("%s in %q", bad, line)
			}
		}
		if strings.IndexFunc(line, steersTerminal) >= 0 {
			t.Errorf("steers a terminal: %q", line)
		}
	}
}

var explainDay = time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)

// factsOf are facts about one alert of a user, on a day with records around it.
func factsOf(detection, evidence string) *alertFacts {
	a := foundRow{ID: "a1", Detection: detection, Title: detectionOf(detection).Title, Severity: "medium", User: "u@example.com", Status: "new", Summary: "u@example.com: what was seen.",
		Evidence: evidence, Start: explainDay, End: explainDay.AddDate(0, 0, 1), First: explainDay.Add(8 * time.Hour), Last: explainDay.Add(9 * time.Hour), Score: 3, P: math.NaN()}
	return &alertFacts{Alert: a, Evidence: readEvidence(evidence), Day: explainDay, FirstDay: explainDay.AddDate(0, 0, -20), LastDay: explainDay.AddDate(0, 0, 3),
		Days: map[string]dayRow{"2026-03-04": {}, "2026-03-02": {}}, Counts: map[string]map[string]float64{"sign_ins": {"2026-03-04": 5, "2026-03-02": 2}},
		People: []person{{Email: "u@example.com", Zone: "Asia/Kolkata", Status: "active", Risk: math.NaN(), RiskPercentile: math.NaN()}}}
}

// Evidence of every shape, also of later versions and of none, becomes text; what it says is in it.
func TestEvidenceInWords(t *testing.T) {
	for _, tt := range []struct {
		name, detection, evidence string
		want                      []string
	}{
		{"volume", "ZW-RTE-05", `{"contributions":[{"name":"recording_deletions","observed":14,"expected":0.062,"lower":0,"upper":1,"history_days":13,"peers":"69 users in Engineering","peer_rate":2.5,"p":0.0000017}]}`,
			[]string{"Recordings deleted: 14 on Wed 4 Mar 2026, UTC", "almost none (about 1 in 16 active days)", "95 of 100 such days: at most 1", "13 active days, which is not much", "(69 users in Engineering, all that were ever seen) on such a day: 2.5", "about 1 in 590,000 active days"}},
		{"no history", "ZW-ADM-08", `{"contributions":[{"name":"user_removals","observed":7,"expected":0,"lower":0,"upper":0,"history_days":0}]}`,
			[]string{"Expected of this user on such a day: none", "no earlier active day of this user"}},
		{"identity", "ZW-IDN-01", `{"contributions":[{"name":"asn","observed":1,"part":3,"history_days":56,"tokens":["64500: never by this user, 5 % among peers"]},{"name":"newer_thing","part":1,"tokens":["odd"]},{"name":"pace","part":-0.5},{"name":"act","part":0.05}]}`,
			[]string{"about 20 times better", "74 %  network operator", "Example Net (AS64500): never by this user", "25 %  newer thing", "what was done 1 %", "Own history: 56 active days."}},
		{"an identity without parts in favour", "ZW-IDN-01", `{"contributions":[{"name":"act","part":0}]}`, []string{"0 %  what was done"}},
		{"a count that is not known", "ZW-RTE-01", `{"contributions":[{"name":"sessions_of_a_new_kind","observed":12,"expected":3.2,"lower":1,"upper":6,"p":0.0004}]}`,
			[]string{"Sessions of a new kind: 12 on", "3.2; on 95 of 100 such days: 1 to 6"}},
		{"a figure that is not known", "ZW-RTE-01", `{"contributions":[{"name":"shape_of_day","observed":2.25,"p":0.01,"tokens":["long nights"]}]}`, []string{"Shape of day", "Seen: 2.3.", "about 1 in 100", "long nights"}},
		{"words that are not known", "ZW-XXX-99", `{"contributions":[{"name":"remark","observed":"in words"}],"details":{"some_figure":1234.5,"a_flag":true,"a_list":["x",2]}}`,
			[]string{"in words", "Some figure: 1,235.", "A flag: yes.", "A list: x; 2."}},
		{"travel", "ZW-TRV-01", `{"details":{"from":"A, US (192.0.2.1)","to":"B, DE (198.51.100.2)","distance_km":6335,"elapsed_minutes":70,"speed_kmh":5430,"from_familiar":true,"to_familiar":false}}`,
			[]string{"6,335 km in 1 h 10 min, which is 5,430 km/h", "What is new: B, DE (198.51.100.2) is on no network", "A, US (192.0.2.1) is a place that"}},
		{"dormant", "ZW-INA-01", `{"details":{"gap_days":114,"earlier_active_days":17,"familiar_place_and_client":false}}`, []string{"for 114 days", "active on 17 days", "What is new: at least one"}},
		{"dormant from the start", "ZW-INA-01", `{"details":{"gap_days":200,"earlier_active_days":0,"familiar_place_and_client":false}}`, []string{"never active before"}},
		{"removed", "ZW-INA-02", `{"details":{"removed_at":"2026-03-01T18:30:00Z","source":"operation log"}}`, []string{"at Sun 1 Mar 2026 18:30 UTC", "Source: the operation log."}},
		{"role", "ZW-ADM-04", `{"details":{"grants":["x@example.com from User to Admin"],"operator_is_new_to_it":false,"to_himself":true}}`, []string{"Granted: x@example.com from User to Admin.", "their own account"}},
		{"drift", "ZW-SLW-01", `{"details":{"cusum":12.04}}`, []string{"The sum reached 12."}},
		{"country", "ZW-LOC-01", `{"details":{"country":"FR","user_days_in_organisation":0.3}}`, []string{"the country FR", "about 1 user-day"}},
		{"combination", "ZW-COR-02", `{"contributions":[{"name":"ZW-IDN-01","observed":3,"p":0.00047},{"name":"ZW-CFG-04","observed":"u@example.com weakened a protection."},{"name":"ZW-LOC-02"}]}`,
			[]string{"* Account used unlike its owner\n", "About 1 in 2,100 of the organisation's past user-days", "weakened a protection.", "* Country new to the organisation\n", "that nobody in the organisation has been seen in."}},
		{"two strange days", "ZW-IDN-02", `{"details":{"earlier_day":"2026-03-02","earlier_p":0.00011,"p_of_this_day":0.00077}}`,
			[]string{"Mon 2 Mar 2026 is the earlier one. Of past user-days about 1 in 9,100 was as strange", "Of the later day by itself: about 1 in 1,300."}},
		{"two strange days of another version", "ZW-IDN-02", `{"details":{"earlier_day":"2026-03-02","earlier_p":0.00011}}`, []string{"Earlier p: 0.00011."}},
		{"a week that adds up", "ZW-COR-01", `{"contributions":[{"name":"ZW-RTE-14","observed":1.98},{"name":"ZW-ADM-12","observed":3}],"details":{"days":3,"expected_7d":0,"score_7d":9.3,"z":4.65}}`,
			[]string{"within 7 days, on 3 of them, weighs 9.3 together; in a usual week of the month before it was 0.", "4.7 standard deviations", "* Unusual volume of operations: weighs 2\n",
				"Sat 28 Feb 2026, UTC: 12 operations in a day.", "Wed 4 Mar 2026, UTC: 14 operations in a day.", "on one user within a week, are.", "added up on Wed 4 Mar 2026", "it mostly is a planned change"}},
		{"nothing", "ZW-LOC-01", `{}`, []string{"A sign-in from a country that the user has not been seen in."}},
		{"no JSON", "ZW-LOC-01", `?`, []string{"holds no figures beyond its summary"}},
		{"other types", "ZW-LOC-01", `{"details":{"country":5,"users":"x","gap_days":"long","from":1}}`, []string{"the country 5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := factsOf(tt.detection, tt.evidence)
			f.ASNames = map[string]string{"64500": "Example Net"}
			if f.Evidence.addsUp() {
				f.Alert.Start = explainDay.AddDate(0, 0, -4)
				for day, summary := range map[int]string{-7: "9 operations, too long ago.", -4: "12 operations in a day.", 0: "14 operations in a day.", 1: "9 operations, too late."} {
					at := explainDay.AddDate(0, 0, day)
					f.Findings = append(f.Findings, foundRow{ID: summary, Detection: "ZW-RTE-14", User: f.Alert.User, Start: at, End: at.AddDate(0, 0, 1), Summary: f.Alert.User + ": " + summary, Evidence: `{}`})
				}
			}
			x := explainFacts(f, "z.duckdb", again{})
			d := drawing{unicode: true, width: 400}
			text := strings.Join(x.lines(d), "\n")
			checkPage(t, text, d)
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			reasons, _, _ := strings.Cut(text, "\nOTHER FINDINGS") // beyond the week they are other findings
			if f.Evidence.addsUp() && (strings.Contains(reasons, "too ") || strings.Contains(text, "a journey")) {
				t.Errorf("tells another week, or of journeys:\n%s", text)
			}
			if _, err := json.Marshal(x); err != nil {
				t.Error(err)
			}
		})
	}
}

// How sure the system is follows from how p was found, and words of a later method are shown as they are.
func TestCertainty(t *testing.T) {
	for _, tt := range []struct {
		detection, method string
		p                 float64
		basis, want       string
	}{
		{"ZW-IDN-01", "rank among the past user-days of the organisation", 0.00077, "rank", "About 1 in 1,300 of the organisation's past user-days"},
		{"ZW-RTE-05", "negative binomial predictive tail; rank among the past user-days of the organisation", 0.01, "rank", "About 1 in 100 of"},
		{"ZW-RTE-05", "beyond every one of the past user-days of the organisation; p from an exponential tail fitted to the greatest of them", 2e-12, "tail", "less than 1 in 1,000,000,000, read off a curve"},
		{"ZW-RTE-05", "a calibration of a later version", 0.001, "other", "About 1 in 1,000 user-days is as strange or stranger (a calibration of a later version)."},
		{"ZW-TRV-01", "", math.NaN(), "rule", "No statistics"},
		{"ZW-COR-02", "", math.NaN(), "combination", "None of these findings would be an alert by itself"},
	} {
		f := factsOf(tt.detection, `{}`)
		f.Alert.P, f.Evidence.Method = tt.p, tt.method
		c := f.certainty()
		if text := strings.Join(c.Words, " "); c.Basis != tt.basis || !strings.Contains(text, tt.want) {
			t.Errorf("%s, p %g: basis %s, %q", tt.detection, tt.p, c.Basis, text)
		}
		if c.Learning == nil || *c.Learning {
			t.Errorf("%s: learning %v", tt.detection, c.Learning)
		}
	}
}

// The figure of two days is told as what it is: a product, of which nobody has counted one in two million.
func TestCertaintyOfTwoDays(t *testing.T) {
	f := factsOf("ZW-IDN-02", `{"details":{"earlier_day":"2026-03-02","earlier_p":0.00011,"p_of_this_day":0.00077},"method":"rank among the past user-days of the organisation"}`)
	f.Alert.P = 5 * 0.00011 * 0.00077
	c := f.certainty()
	text := strings.Join(c.Words, " ")
	for _, want := range []string{"about 1 in 1,300 was as strange as Wed 4 Mar 2026, about 1 in 9,100 as strange as Mon 2 Mar 2026", "times 5, as any of the 5 days before", "makes about 1 in 2,400,000. That is a calculation and no count"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if c.Basis != "product" || strings.Contains(text, "a count") {
		t.Errorf("basis %s: %s", c.Basis, text)
	}
}

// What explains an odd day away follows from what is odd of it.
func TestGuideOfIdentity(t *testing.T) {
	for _, tt := range []struct {
		evidence string
		journey  bool
	}{
		{`{"contributions":[{"name":"familiarity","part":2},{"name":"act","part":1}]}`, true},
		{`{"contributions":[{"name":"country","part":0.2},{"name":"act","part":1}]}`, true},
		{`{"contributions":[{"name":"client","part":0.05},{"name":"act","part":1},{"name":"asn","part":-3}]}`, false},
		{`{}`, true},
	} {
		if g := factsOf("ZW-IDN-01", tt.evidence).guide(); strings.Contains(g.harmless, "journey") != tt.journey {
			t.Errorf("%s: %s", tt.evidence, g.harmless)
		}
	}
}

func TestSeverityWords(t *testing.T) {
	for _, tt := range []struct{ detection, severity, evidence, want string }{
		{"ZW-RTE-05", "high", `{}`, "high, as every alert of this kind"},
		{"ZW-INA-01", "high", `{"details":{"gap_days":200}}`, "high: alerts of this kind are medium, but here the silence was very long"},
		{"ZW-ADM-04", "high", `{"details":{"to_himself":true}}`, "but here the operator's own account was raised"},
		{"ZW-ADM-04", "low", `{}`, "weighs differently"},
		{"ZW-NEW-01", "low", `{}`, "low, as every alert of this kind"},
	} {
		f := factsOf(tt.detection, tt.evidence)
		f.Alert.Severity = tt.severity
		if got := f.severityWords(); !strings.Contains(got, tt.want) {
			t.Errorf("%s %s: %s", tt.detection, tt.severity, got)
		}
	}
}

// Where the forecast is less sure than the rank, the p-value is the forecast's, and is called so.
func TestCertaintyOfForecast(t *testing.T) {
	f := factsOf("ZW-RTE-05", `{"contributions":[{"name":"recording_deletions","observed":14,"p":0.00002}],"method":"negative binomial predictive tail; beyond every one of the past"}`)
	f.Alert.P = 0.00002
	c := f.certainty()
	if want := "About 1 in 50,000, by the forecast for this user. No past user-day of the organisation was as rare."; c.Basis != "forecast" || !strings.HasPrefix(c.Words[0], want) {
		t.Errorf("%s: %q", c.Basis, c.Words)
	}
	f.Alert.P = 0.0004
	if c := f.certainty(); c.Basis != "tail" {
		t.Errorf("%s: %q", c.Basis, c.Words)
	}
}

// A day on which nothing was seen is away, not zero; before and after the records there is nothing to say.
func TestChartDays(t *testing.T) {
	c := factsOf("ZW-TRV-01", `{}`).chart()
	state := map[string]chartDay{}
	for _, d := range c.Days {
		state[d.Day] = d
	}
	for day, want := range map[string]chartDay{
		"2026-02-11": {"2026-02-11", dayNoData, nil, false, false},
		"2026-02-12": {"2026-02-12", dayAway, nil, false, false},
		"2026-03-02": {"2026-03-02", dayActive, ptrTo(2.0), false, false},
		"2026-03-03": {"2026-03-03", dayAway, nil, false, false},
		"2026-03-04": {"2026-03-04", dayActive, ptrTo(5.0), true, true},
		"2026-03-08": {"2026-03-08", dayNoData, nil, false, false},
	} {
		if d := cmp.Diff(want, state[day]); d != "" {
			t.Errorf("%s (-want +got):\n%s", day, d)
		}
	}
	if len(c.Days) != daysBefore+1+daysAfter {
		t.Errorf("%d days", len(c.Days))
	}
	if want := "Sign-ins and operations: 5 on the day of the evidence; at most 2 on the 1 active day before it that the chart shows (19 days away are not counted)."; c.Words[0] != want {
		t.Errorf("got %q", c.Words[0])
	}
}

func TestDrawChart(t *testing.T) {
	c := chart{Zero: "none of it", Upper: ptrTo(4.0), Days: []chartDay{
		{"2026-03-01", dayNoData, nil, false, false}, {"2026-03-02", dayAway, nil, false, false}, {"2026-03-03", dayActive, ptrTo(0.0), false, false},
		{"2026-03-04", dayActive, ptrTo(8.0), true, true}, {"2026-03-05", dayActive, ptrTo(0.1), false, true},
	}}
	want := map[bool]string{true: `
   8 │      █
     │      █
   4 │┄┄┄┄┄┄█┄┄┄
     │      █
     │      █
     │      █ ▁
   0 │  · ─ ─ ─
            ▲ △
          4 Mar
  ▲ the day of the evidence   △ other days of the alert   ┄ expected at most
  ─ none of it   · away: nothing seen   blank: no records`, false: `
   8 |      #
     |      #
   4 |------#---
     |      #
     |      #
     |      # #
   0 |  . _ _ _
            ^ '
          4 Mar
  ^ the day of the evidence   ' other days of the alert   - expected at most
  _ none of it   . away: nothing seen   blank: no records`}
	for unicode, text := range want {
		if d := cmp.Diff(text, "\n"+strings.Join(c.draw(drawing{unicode, 80}), "\n")); d != "" {
			t.Errorf("unicode %v (-want +got):\n%s", unicode, d)
		}
	}
}

// A chart keeps to its width, whatever the figures; the marked day is never the one that is left out.
func TestChartFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "days")
		c := chart{Zero: "none", Unit: "things"}
		for i := range n {
			d := chartDay{Day: explainDay.AddDate(0, 0, i).Format(time.DateOnly), State: rapid.SampledFrom([]string{dayActive, dayAway, dayNoData}).Draw(t, "state")}
			if d.State == dayActive {
				d.Value = ptrTo(rapid.Float64Range(-10, 1e9).Draw(t, "value"))
			}
			d.Marked = i == n-1
			c.Days = append(c.Days, d)
		}
		if rapid.Bool().Draw(t, "bounded") {
			c.Upper = ptrTo(rapid.Float64Range(0, 1e9).Draw(t, "upper"))
		}
		d := drawing{rapid.Bool().Draw(t, "unicode"), rapid.IntRange(minWidth, maxWidth).Draw(t, "width")}
		lines := c.draw(d)
		checkPage(t, strings.Join(lines, "\n"), d)
		if !strings.Contains(strings.Join(lines[:chartRows+2], "\n"), d.glyphs().marked) {
			t.Errorf("the marked day is not drawn:\n%s", strings.Join(lines, "\n"))
		}
	})
}

// Whatever Zoom sends as a name, a client or a detail, the page steers no terminal and keeps to its width.
func TestHostileExplanation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x1b\a\n\r\t\u009b\u202e\u2028%<"))), 0, 40, -1)
		s := func() string { return text.Draw(t, "text") }
		f := factsOf(rapid.SampledFrom([]string{"ZW-IDN-01", "ZW-TRV-01", "ZW-RIP-07", "ZW-COR-02"}).Draw(t, "detection"), `{}`)
		f.Alert.Summary, f.Alert.User, f.Alert.Title, f.Alert.Status = s(), s(), s(), s()
		f.Evidence = alertEvidence{Method: s(), Details: map[string]any{"prefix": s(), "users": []any{s(), s()}, s(): s(), "grants": []any{s()}, "from": s(), "to": s()},
			Contributions: []contribution{{Name: s(), Observed: s(), Tokens: []string{s()}}, {Name: s(), Part: ptrTo(1.0), Tokens: []string{s()}}, {Name: "operations", Observed: 3.0, Peers: s(), PeerRate: ptrTo(1.0)}},
			Events:        []eventNote{{"e1", "2026-03-04T08:00:00Z", s()}, {"e2", s(), s()}}}
		f.Events = map[string]eventRow{"e1": {User: s(), Kind: "sign_in", IP: s(), Client: s(), Version: s(), Country: s(), City: s(), ASOrg: s(), Network: s()}, "e2": {Kind: "operation", Category: s(), Action: s(), Detail: s()}}
		f.People = []person{{Email: f.Alert.User, Name: s(), Role: s(), Dept: s(), Type: s(), Status: s(), Zone: s()}}
		f.Triage = []triageNote{{s(), s(), explainDay}}
		f.Findings = []foundRow{{ID: "b", Detection: s(), Title: s(), User: s(), Summary: s(), Evidence: s(), Start: explainDay, End: explainDay.AddDate(0, 0, 1)}}
		f.Usual = usualRows{Total: 2, Places: map[string]int64{s(): 1}, Networks: map[string]int64{s(): 2}, Clients: map[string]int64{s(): 2}}
		d := drawing{true, 80}
		for _, line := range explainFacts(f, s(), again{}).lines(d) {
			if strings.IndexFunc(line, steersTerminal) >= 0 {
				t.Fatalf("steers a terminal: %q", line)
			}
		}
	})
}

// Every detection has words of its own kind about what to do, and a text for what it looks for.
func TestGuides(t *testing.T) {
	for _, d := range models.Catalogue {
		family := d.ID[:len("ZW-XXX")]
		_, own := guides[d.ID]
		_, shared := guides[family]
		if !own && !shared {
			t.Errorf("%s has no guide", d.ID)
		}
		if g := guideFor(d.ID); g.harmless == "" || len(g.check) == 0 {
			t.Errorf("%s: guide is incomplete", d.ID)
		}
	}
	for id := range guides {
		if !slices.ContainsFunc(models.Catalogue, func(d models.Detection) bool { return strings.HasPrefix(d.ID, id) }) {
			t.Errorf("a guide is for %s, which is no detection", id)
		}
	}
}

func TestExplainWords(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{oneInWords(0.00077), "about 1 in 1,300"}, {oneInWords(0.5), "about 1 in 2"}, {oneInWords(0.7), "more than half"}, {oneInWords(0), "less than 1 in 1,000,000,000"},
		{oneInWords(math.NaN()), ""}, {oneInWords(1.5), ""},
		{perDay(0), "none"}, {perDay(0.00073), "almost none (about 1 in 1,400 active days)"}, {perDay(1e-9), "almost none (less than 1 in 10,000 active days)"}, {perDay(0.26), "0.3"}, {perDay(12.4), "12"},
		{amount(9.96), "10"}, {amount(-1.25), "-1.3"}, {amount(1234567), "1,234,567"}, {amount(-1234), "-1,234"}, {amount(2), "2"},
		{durationWords(45 * time.Second), "45 s"}, {durationWords(127 * time.Minute), "2 h 7 min"}, {durationWords(3 * time.Hour), "3 h"}, {durationWords(114 * 24 * time.Hour), "114 days"},
		{tokenWords("pace", "Sign in after 4096 s or more: never by this user, 1 % among peers"), "Sign in after a pause of 1 h 8 min or more: never by this user, 1 % among peers"},
		{tokenWords("hour", "16 h, within half an hour: never"), "between 16:00 and 16:59, within half an hour of the action before: never"},
		{tokenWords("act", "16 h, odd"), "16 h, odd"},
		{chanceWords(1e-6, 1000), "With the 1,000 user-days that are judged here in a week, chance alone brings one as rare about every 19 years."},
		{chanceWords(0.001, 1000), "With the 1,000 user-days that are judged here in a week, chance alone brings one as rare about every week."},
		{chanceWords(1e-12, 1000), "With the 1,000 user-days that are judged here in a week, chance alone brings one as rare less than once in a hundred years."},
		{chanceWords(0.1, 0), ""},
		{timeWords("2026-03-04T20:00:00Z", time.FixedZone("x", 5*3600+1800)), "Thu 5 Mar 2026 01:30 (4 Mar 20:00 UTC)"}, {timeWords("?", time.UTC), "?"},
		{shellText("SELECT 'x'"), `"SELECT 'x'"`}, {shellText("$(x)"), "'$(x)'"}, {sqlText("o'x"), "'o''x'"},
		{likelihoodWords(-2.4), "Score -2.4: the day fits the user's own habits about 11 times better than those of others."},
		{likelihoodWords(900), "Score 900: the day fits the habits of other people about more than 1,000,000 times better than the user's own."},
	} {
		if tt.got != tt.want {
			t.Errorf("got  %q\nwant %q", tt.got, tt.want)
		}
	}
}

func TestDrawsUnicode(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		goos string
		want bool
	}{
		{map[string]string{"LANG": "de_DE.UTF-8"}, "linux", true}, {map[string]string{"LANG": "C.utf8", "NO_COLOR": "1"}, "linux", true}, {map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "linux", false},
		{map[string]string{"LC_CTYPE": "UTF-8"}, "darwin", true}, {nil, "linux", false}, {nil, "windows", true}, {map[string]string{"LANG": "C.UTF-8", "TERM": "dumb"}, "linux", false},
	} {
		if got := drawsUnicode(func(k string) string { return tt.env[k] }, tt.goos); got != tt.want {
			t.Errorf("%v on %s: %v", tt.env, tt.goos, got)
		}
	}
	for columns, want := range map[string]int{"": 80, "x": 80, "-1": 80, "10": 60, "100": 100, "500": 120} {
		if got := textWidth(&bytes.Buffer{}, func(string) string { return columns }); got != want {
			t.Errorf("COLUMNS %q: %d, want %d", columns, got, want)
		}
	}
}
