package posture

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRank(t *testing.T) {
	const file = `schema: 1
controls:
  - {id: ZW-X-01, version: 1, title: T, severity: critical, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto, effort: moderate, user_impact: high,
     assert: {path: a.b, op: eq, value: true}, remediation: {portal: P, text: T}}
  - {id: ZW-X-02, version: 1, title: T, severity: high, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto,
     assert: {path: a.c, op: eq, value: true}, remediation: {portal: P, text: T}}
  - {id: ZW-X-03, version: 1, title: T, severity: medium, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto,
     assert: {path: a.d, op: eq, value: true}, remediation: {portal: P, text: T}}
  - {id: ZW-X-04, version: 1, title: T, severity: medium, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto,
     assert: {path: a.e, op: eq, value: true}, remediation: {portal: P, text: T}}
  - {id: ZW-X-05, version: 1, title: T, severity: info, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto,
     assert: {path: a.f, op: eq, value: true}, remediation: {portal: P, text: T}}
  - {id: ZW-X-06, version: 1, title: T, severity: high, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto,
     assert: {path: a.g, op: eq, value: true}, remediation: {portal: P, text: T}}
`
	c, err := loadFrom(mapFS(file))
	if err != nil {
		t.Fatal(err)
	}
	off := values(t, values_{"a.b": false, "a.c": false, "a.d": false, "a.e": false, "a.f": false, "a.g": true})
	for _, tc := range []struct {
		name string
		x    []Exception
		want [6]int // ranks
		gain [6]float64
	}{
		// Priorities 10/1.75 = 5.7, 8/1 = 8, 5/1 twice (in the order of the catalogue), none for info and for what passes; gains of 36 points.
		{"by points, effort and impact", nil, [6]int{2, 1, 3, 4, 0, 0}, [6]float64{10. / 36, 8. / 36, 5. / 36, 5. / 36, 0, 0}},
		{"what is planned stays open", []Exception{{Control: "ZW-X-02", State: Planned, Reason: "r"}}, [6]int{2, 1, 3, 4, 0, 0}, [6]float64{10. / 36, 8. / 36, 5. / 36, 5. / 36, 0, 0}},
		{"what is decided does not", []Exception{{Control: "ZW-X-02", State: RiskAccepted, Reason: "r"}, {Control: "ZW-X-03", State: ThirdParty, Reason: "r"}}, [6]int{1, 0, 0, 2, 0, 0},
			[6]float64{10. / 36, 0, 0, 5. / 36, 0, 0}},
		{"a wrong verdict is no part of the score", []Exception{{Control: "ZW-X-02", State: FalseResult, Reason: "r"}}, [6]int{1, 0, 2, 3, 0, 0}, [6]float64{10. / 28, 0, 5. / 28, 5. / 28, 0, 0}},
	} {
		in := Input{Settings: off, Feeds: feedsOK(), AsOf: asOf, Exceptions: tc.x}
		results := Evaluate(c, in)
		Rank(c, in, results)
		for i, r := range results {
			if r.Rank != tc.want[i] || math.Abs(r.Gain-100*tc.gain[i]) > 1e-9 {
				t.Errorf("%s: %s has rank %d and gains %v, want %d and %v", tc.name, r.ControlID, r.Rank, r.Gain, tc.want[i], 100*tc.gain[i])
			}
		}
	}
}

// anyExceptions draws decisions about some controls, some of them run out.
func anyExceptions(t *rapid.T, c *Catalog) []Exception {
	var list []Exception
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(c.Controls)-1), 0, 10, rapid.ID[int]).Draw(t, "excepted") {
		list = append(list, Exception{Control: c.Controls[i].ID, State: rapid.SampledFrom(ExceptionStates()).Draw(t, "state"), Reason: "r", Owner: "o",
			ExpiresOn: asOf.AddDate(0, 0, rapid.IntRange(-2, 2).Draw(t, "days left"))})
	}
	return list
}

// Scores lie within 0 and 100, the achievable one is never below the score; every open recommendation has a rank, and what another one settles has the rank of that one.
func TestRanksAreWhole(t *testing.T) {
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, c)
		in.Exceptions = anyExceptions(t, c)
		results := Evaluate(c, in)
		plain := append([]Result(nil), results...)
		Rank(c, in, results)
		before := ScoreOf(results)
		for _, v := range []float64{before.Score, before.Achievable, before.Coverage} {
			if !(v >= 0 && v <= 100+1e-9) {
				t.Fatalf("score %+v", before)
			}
		}
		if before.Score > before.Achievable+1e-9 {
			t.Fatalf("score above the achievable: %+v", before)
		}
		heads, settled := map[int]string{}, map[string]*Result{}
		for i := range results {
			r := &results[i]
			if r.RawPoints < 0 || r.RawPoints > r.MaxPoints || (r.Rank > 0) != r.Open() || !(math.Abs(r.Gain) <= 100) || r.Points != plain[i].Points || r.Status != plain[i].Status {
				t.Fatalf("%+v", r)
			}
			switch {
			case r.Rank == 0:
			case r.SettledBy != "":
				settled[r.ControlID] = r
			case heads[r.Rank] != "":
				t.Fatalf("%s and %s have rank %d", heads[r.Rank], r.ControlID, r.Rank)
			default:
				heads[r.Rank] = r.ControlID
			}
		}
		for id, r := range settled {
			if heads[r.Rank] != r.SettledBy || r.Exception == Planned {
				t.Fatalf("%s is settled by %s, and rank %d is that of %s", id, r.SettledBy, r.Rank, heads[r.Rank])
			}
		}
		if n := len(heads); n > 0 && (heads[1] == "" || heads[n] == "") {
			t.Fatalf("ranks have gaps: %v", heads)
		}
	})
}

// One switch that moves several controls gains what all of them gain, and is one thing to do.
func TestGainOfACommonSetting(t *testing.T) {
	c := catalogue(t)
	in := Input{Feeds: feedsOK(), AsOf: asOf, Settings: values(t, values_{twoFactorMode: "none", "security.sign_in_with_work_email": true, ssoOn: false, ssoRequired: false,
		"security.sign_again_period_for_inactivity_on_web": 0, "meeting_security.waiting_room": false})}
	for i := range 10 {
		role := "2"
		if i == 0 {
			role = roleOwner
		}
		in.Users = append(in.Users, User{ID: fmt.Sprint(i), Email: fmt.Sprintf("u%d@example.com", i), RoleID: role, Status: "active", Type: "licensed"})
	}
	before := Evaluate(c, in)
	Rank(c, in, before)
	by := map[string]Result{}
	for _, r := range before {
		by[r.ControlID] = r
	}
	// Each of them, put right, lifts the score by exactly its gain.
	for id, change := range map[string]values_{
		"MS-ZOOM-01":  {twoFactorMode: "all"},
		"ZW-ID-04":    {twoFactorMode: "role", twoFactorRoles: []string{"0", "1"}},
		"MS-ZOOM-02":  {"security.sign_again_period_for_inactivity_on_web": 60}, // more than 0, at most 60: no more than it takes
		"CIS-1.1.1.2": {"meeting_security.waiting_room": true},
	} {
		fixed := in
		fixed.Settings = maps.Clone(in.Settings)
		for path, s := range values(t, change) {
			fixed.Settings[path] = s
		}
		after := Evaluate(c, fixed)
		points, score := ScoreOf(after).Points-ScoreOf(before).Points, ScoreOf(after).Score-ScoreOf(before).Score
		if r := by[id]; math.Abs(r.GainPoints-points) > 1e-9 || math.Abs(r.Gain-score) > 1e-9 || points <= 0 {
			t.Errorf("%s: said to gain %v points and %v, gains %v and %v", id, r.GainPoints, r.Gain, points, score)
		}
	}
	all := by["MS-ZOOM-01"]
	if all.GainPoints < 28 || all.SettledBy != "" || !slices.Contains(all.Settles, "ZW-ID-04") || !slices.Contains(all.Settles, "ZW-USR-02") {
		t.Errorf("two-factor sign-in for all: %+v", all.Standing)
	}
	if r := by["ZW-USR-02"]; r.SettledBy != "MS-ZOOM-01" || r.Rank != all.Rank {
		t.Errorf("ZW-USR-02: %+v", r.Standing)
	}
	if r := by["MS-ZOOM-02"]; r.SettledBy != "" || r.Rank == all.Rank {
		t.Errorf("MS-ZOOM-02: %+v", r.Standing)
	}
}

// A setting that is right for the account and otherwise for some users gains by its lock; what is planned stands for itself.
func TestGainOfALock(t *testing.T) {
	c := catalogue(t)
	open := false
	in := Input{Feeds: feedsOK(), AsOf: asOf, Settings: map[string]Setting{"meeting_security.waiting_room": {Value: json.RawMessage(`true`), Locked: &open}},
		Users:     []User{{ID: "1", Email: "a@example.com", RoleID: "0", Status: "active"}, {ID: "2", Email: "b@example.com", RoleID: "2", Status: "active"}},
		Overrides: []Override{{Scope: ScopeUser, ID: "2", Path: "meeting_security.waiting_room", Value: json.RawMessage(`false`)}}}
	results := Evaluate(c, in)
	Rank(c, in, results)
	i := slices.IndexFunc(results, func(r Result) bool { return r.ControlID == "CIS-1.1.1.2" })
	r := results[i]
	closed := true
	in.Settings["meeting_security.waiting_room"] = Setting{Value: json.RawMessage(`true`), Locked: &closed}
	after := Evaluate(c, in)
	if want := ScoreOf(after).Points - ScoreOf(results).Points; r.Status != PartialPass || r.GainPoints != want || want < r.MaxPoints-r.Points {
		t.Errorf("%s: gains %v, want %v", r.Status, r.GainPoints, want)
	}
}

// A decision changes neither what was found nor, called wrong, raises the score times the coverage; one that ran out changes nothing at all.
func TestExceptionsKeepTheRawResult(t *testing.T) {
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, c)
		plain := Evaluate(c, in)
		in.Exceptions = anyExceptions(t, c)
		excepted := Evaluate(c, in)
		before := ScoreOf(plain)
		for i, r := range excepted {
			if r.Status != plain[i].Status || r.RawPoints != plain[i].Points || r.Observed != plain[i].Observed {
				t.Fatalf("an exception changed what was found: %+v, was %+v", r, plain[i])
			}
			if r.Expired && (r.Points != plain[i].Points || r.Exception != "") {
				t.Fatalf("an exception that ran out still applies: %+v", r)
			}
			one := append([]Result(nil), plain...)
			one[i] = r
			after := ScoreOf(one)
			if r.Exception == FalseResult && after.Score*after.Coverage > before.Score*before.Coverage+1e-6 {
				t.Fatalf("%s called wrong: %+v became %+v", r.ControlID, before, after)
			}
		}
	})
}

func TestMarkScopes(t *testing.T) {
	c := catalogue(t)
	states := map[string]string{"users": FeedNotAuthorised, "settings": FeedOK, "domains": FeedNotAuthorised, "roles": FeedFailed, "upcoming_meetings": FeedNotAuthorised, "meeting_settings": FeedOK}
	scopes := map[string][]string{"users": {"user:read:admin", "user:read:list_users:admin"}, "settings": {"account:read:admin"}, "domains": {"account:read:admin"}, "roles": {"role:read:admin"},
		"upcoming_meetings": {"meeting:read:admin"}, "meeting_settings": {"meeting:read:admin"}}
	results := Evaluate(c, Input{Feeds: map[string]FeedState{FeedSettings: {State: FeedOK}, FeedUsers: {State: FeedNotAuthorised},
		"upcoming_meetings": {State: FeedNotAuthorised}, "meeting_settings": {State: FeedOK}}, Settings: values(t, values_{twoFactorMode: "group"})})
	markScopes(c, results, states, scopes)
	want := map[string][]string{"MS-ZOOM-01": {"user:read:admin"}, "ZW-USR-04": {"user:read:admin"}, "ZW-MI-01": {"meeting:read:admin"}, "MS-ZOOM-02": nil} // the settings were read: a key that Zoom does not send is no matter of scopes
	for _, r := range results {
		if scopes, ok := want[r.ControlID]; ok {
			if diff := cmp.Diff(scopes, r.MissingScopes); diff != "" {
				t.Errorf("%s (%s): %s", r.ControlID, r.Status, diff)
			}
		}
	}
}
