package posture

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// documentedKinds reads the types that Zoom documents, by path, from the lists that the simulated account is made of.
func documentedKinds(tb testing.TB, file string) map[string]string {
	tb.Helper()
	text, err := os.ReadFile("../../ingest/zoomtest/testdata/" + file)
	if err != nil {
		tb.Fatal(err)
	}
	kinds := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if path, kind, ok := strings.Cut(strings.TrimSpace(line), " : "); ok {
			kinds[path] = kind
		}
	}
	return kinds
}

// unfit lists values that no reading of a documented type admits.
func unfit(kind string) []string {
	enum := strings.Contains(kind, "|")
	switch {
	case kind == "counted[]": // whatever its elements are, their number is what matters
		return []string{`true`, `5`, `{}`}
	case strings.HasSuffix(kind, "[]"):
		return []string{`true`, `5`, `{}`, `[1,2]`, `[{"a":1}]`, `[null]`}
	case kind == "boolean":
		return []string{`7`, `-1`, `0.5`, `"maybe"`, `""`, `[true]`, `[]`, `{}`, `{"enable":true}`}
	case kind == "number", enum && !strings.Contains(kind, `"`):
		return []string{`true`, `"many"`, `""`, `"NaN"`, `[8]`, `{}`, `{"value":8}`}
	case kind == "string":
		return []string{`true`, `5`, `{}`, `[1]`}
	}
	return []string{`true`, `5`, `{}`, `{"value":"all"}`, `[1]`}
}

// A value of a kind that Zoom does not document is never taken for a right or a wrong one: the verdict is error, or what it is without the key. The same value
// spelt otherwise (text for a switch or a number) is read as what it says.
func TestOddTypes(t *testing.T) {
	kinds := documentedKinds(t, "account-settings-keys.txt")
	for _, scope := range []string{"group", "user"} {
		for path, kind := range documentedKinds(t, scope+"-settings-keys.txt") {
			if _, ok := kinds[path]; !ok {
				kinds[path] = kind
			}
		}
	}
	kinds["meeting_authentication_options"], kinds["chat.chat_etiquette_tool.policies"], kinds["security.signin_with_sso.sso_bypass_users"] = "object[]", "object[]", "counted[]"
	cases := readCases(t)
	for _, tc := range inputCases {
		if c := cases[tc.id]; len(c.Good) == 0 && tc.want == Pass && len(tc.settings) > 0 {
			cases[tc.id] = caseLists{Good: []map[string]any{tc.settings}}
		}
	}
	judged := 0
	for _, ctl := range catalogue(t).Controls {
		for _, good := range cases[ctl.ID].Good {
			for path, v := range good {
				if path == imGroups {
					continue // counted, not sent
				}
				kind, ok := kinds[path]
				if !ok && ctl.Automation == AutomationProbe {
					kind = map[bool]string{true: "boolean", false: "number"}[v == true || v == false]
				} else if !ok {
					t.Errorf("%s: the type of %s is not documented", ctl.ID, path)
					continue
				}
				with := func(raw string) Result {
					in := inputOf(t, &ctl, good)
					in.Params = paramsOf(ctl.ID)
					put(&in, &ctl, path, raw)
					return judge(t, ctl.ID, in)
				}
				absent := with("")
				for _, raw := range append(unfit(kind), "null") {
					judged++
					r := with(raw)
					if r.Status != Error && r.Status != absent.Status || raw == "null" && r.Status != absent.Status {
						t.Errorf("%s: %s is %s, documented as %s: %s (%s), want error, or %s as without it", ctl.ID, path, raw, kind, r.Status, r.Reason, absent.Status)
					}
					if r.Status == Error && r.Points != 0 {
						t.Errorf("%s: error earns %v points", ctl.ID, r.Points)
					}
				}
				if b, ok := v.(bool); ok {
					spelt, want := map[bool]string{true: `"True"`, false: `"false"`}[b], judgeGood(t, &ctl, good)
					if r := with(spelt); r.Status != want.Status {
						t.Errorf("%s: %s is %s: %s (%s), want %s", ctl.ID, path, spelt, r.Status, r.Reason, want.Status)
					}
				}
				if n, ok := v.(int); ok {
					spelt, _ := json.Marshal(n)
					if r, want := with(`"`+string(spelt)+`"`), judgeGood(t, &ctl, good); r.Status != want.Status {
						t.Errorf("%s: %s is %q: %s (%s), want %s", ctl.ID, path, spelt, r.Status, r.Reason, want.Status)
					}
				}
			}
		}
	}
	if judged < 1000 {
		t.Errorf("%d odd values only", judged)
	}
}

func judgeGood(tb testing.TB, ctl *Control, good map[string]any) Result {
	in := inputOf(tb, ctl, good)
	in.Params = paramsOf(ctl.ID)
	return judge(tb, ctl.ID, in)
}

// paramsOf returns the parameters under which the values of the table pass.
func paramsOf(id string) Params {
	for _, tc := range inputCases {
		if tc.id == id && tc.want == Pass && tc.params != nil {
			return tc.params
		}
	}
	return nil
}

// put writes JSON text in the place of a value; "" takes it away.
func put(in *Input, ctl *Control, path, raw string) {
	s := in.Settings[path]
	s.Value = json.RawMessage(raw)
	in.Settings[path] = s
	ctl.Assert.walk(func(e *Expr) {
		if e.In == "" || e.Path != path {
			return
		}
		in.Scoped[scopedFeeds[e.In].scope] = Scoped{Of: 2, Values: map[string][]ScopedValue{path: {{Value: json.RawMessage(raw), N: 2}}}}
	})
}
