package posture

import (
	"encoding/json"
	"fmt"
	"testing"
)

// large is an account of so many users of whom everything was read: one in twenty differs from the account in a setting, and one in fifty was not asked about yet.
func large(tb testing.TB, users int) Input {
	in := objectInput(tb, strictAccount)
	managed(&in)
	for _, p := range settingPaths(catalogue(tb)) {
		if _, ok := in.Settings[p]; !ok && isSetting(p) {
			in.Settings[p] = Setting{Value: json.RawMessage("true"), FetchedAt: asOf}
		}
	}
	set(twoFactorMode, "group")(&in)
	set(twoFactorGroups, []string{"g1", "g2"})(&in)
	signInsFrom(180)(&in)
	for g := range 50 {
		in.Groups = append(in.Groups, Group{fmt.Sprintf("g%d", g), fmt.Sprintf("Group %d", g), ptr(int64(31))})
	}
	for i := range users {
		u := member()
		u.ID, u.Email, u.Groups = fmt.Sprintf("user-%d", i), fmt.Sprintf("u%05d@example.com", i), []string{fmt.Sprintf("g%d", i%50)}
		if i%50 == 0 {
			u.LoginTypes, u.UsePMI, u.DelegatesRead, u.SettingsPresent = nil, nil, false, nil
		}
		if i%20 == 1 {
			w := weakPaths[i/20%len(weakPaths)]
			in.Overrides = append(in.Overrides, Override{Scope: ScopeUser, ID: u.ID, Path: w.path, Value: json.RawMessage(fmt.Sprint(!w.strict))})
		}
		in.Users = append(in.Users, u)
	}
	return in
}

// The whole catalogue on 50,000 users.
func BenchmarkEvaluateObjects(b *testing.B) {
	c, in := catalogue(b), large(b, 50_000)
	b.ReportAllocs()
	for b.Loop() {
		Evaluate(c, in)
	}
}

// What every open recommendation would gain there, each by judging anew what its setting moves.
func BenchmarkRank(b *testing.B) {
	c, in := catalogue(b), large(b, 50_000)
	results := Evaluate(c, in)
	b.ReportAllocs()
	for b.Loop() {
		Rank(c, in, results)
	}
}
