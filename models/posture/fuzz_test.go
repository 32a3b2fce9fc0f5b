package posture

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

func mapFS(text string) fstest.MapFS { return fstest.MapFS{"catalog/x.yaml": {Data: []byte(text)}} }

// Whatever JSON or noise stands in a setting, an evaluation ends with a status and printable words.
func FuzzSettingValue(f *testing.F) {
	for _, seed := range []string{"", "null", "true", `"true"`, "0", "1e400", "-0", `"a,b;c"`, "[]", `[null]`, `[[[]]]`, `{"enable":true}`, `[{"default_option":true,"type":7}]`,
		"{", `"\u0000\ud800"`, "\xff", `"192.0.2.0/24"`, `"192.0.2.9-192.0.2.1"`, `"::-::1"`, `"NaN"`, `"0x1p4"`} {
		f.Add([]byte(seed), "setting")
	}
	c := catalogue(f)
	paths := settingPaths(c)
	users := []User{user(1, "0", "active", "licensed", 3, "g1"), user(2, "1", "active", "basic", -1)}
	params := Params{"approved_networks": []string{"192.0.2.0/24", "nonsense"}, "company_domains": []string{"example.com"}, "allowed_regions": []string{"DE"}, "approved_domains": []string{"example.com"}}
	f.Fuzz(func(t *testing.T, raw []byte, message string) {
		in := Input{AsOf: asOf, Settings: map[string]Setting{}, Users: users, Params: params,
			Feeds: map[string]FeedState{FeedSettings: {State: FeedOK, Message: message}, FeedUsers: {State: message}}}
		for _, p := range paths {
			in.Settings[p] = Setting{Value: json.RawMessage(raw)}
		}
		for _, profile := range Profiles() {
			in.Profile = profile
			for _, r := range Evaluate(c, in) {
				if r.Status == "" || r.Reason == "" || !utf8.ValidString(r.Observed) || strings.ContainsAny(r.Observed, "\x00\n\r\x1b") {
					t.Fatalf("%+v", r)
				}
			}
		}
	})
}

// A catalogue that loads can be evaluated and described.
func FuzzCatalogue(f *testing.F) {
	text, err := catalogFiles.ReadFile("catalog/80-locks.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("schema: 1\ncontrols:\n  - {id: ZW-X-01, version: 1, title: T, severity: low, scope: account, source: {endpoint: users}, requires_scopes: [s], automation: auto,\n" +
		"     assert: {any: [{path: users.owners, op: gt, value: 1.5}, {not: {path: a, of: length, op: in, value: [1, 2]}}, {flags: [a.b], op: subset_of, value: [b]}]}, remediation: {portal: P, text: T}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := loadFrom(mapFS(text))
		if err != nil {
			return
		}
		c.Entries()
		ScoreOf(Evaluate(c, Input{Feeds: feedsOK(), Settings: map[string]Setting{"a": {Value: json.RawMessage(`["x"]`)}, "a.b": {Value: json.RawMessage(`true`)}}}))
	})
}

func BenchmarkEvaluate(b *testing.B) {
	c := catalogue(b)
	in := Input{AsOf: asOf, Settings: map[string]Setting{}, Feeds: feedsOK()}
	yes := true
	for _, p := range settingPaths(c) {
		in.Settings[p] = Setting{Value: json.RawMessage("true"), Locked: &yes, FetchedAt: asOf}
	}
	in.Settings[twoFactorMode] = Setting{Value: json.RawMessage(`"group"`)}
	in.Settings[twoFactorGroups] = Setting{Value: json.RawMessage(`["g1","g2"]`)}
	for i := range 10_000 {
		in.Users = append(in.Users, user(byte(i%10), "2", "active", "licensed", i%60, "g2"))
	}
	b.ReportAllocs()
	for b.Loop() {
		Evaluate(c, in)
	}
}
