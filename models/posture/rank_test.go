package posture

import (
	"math"
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
		results := Evaluate(c, Input{Settings: off, Feeds: feedsOK(), AsOf: asOf, Exceptions: tc.x})
		Rank(c, results)
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

// Scores lie within 0 and 100, the achievable one is never below the score, and putting what has rank 1 right raises the score by exactly its gain.
func TestRankOneGainsWhatItSays(t *testing.T) {
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, c)
		in.Exceptions = anyExceptions(t, c)
		results := Evaluate(c, in)
		Rank(c, results)
		before := ScoreOf(results)
		for _, v := range []float64{before.Score, before.Achievable, before.Coverage} {
			if !(v >= 0 && v <= 100+1e-9) {
				t.Fatalf("score %+v", before)
			}
		}
		if before.Score > before.Achievable+1e-9 {
			t.Fatalf("score above the achievable: %+v", before)
		}
		ranks := map[int]bool{}
		for i := range results {
			r := results[i]
			if r.RawPoints < 0 || r.RawPoints > r.MaxPoints || (r.Rank > 0) != r.Open() || (r.Rank > 0) != (r.Gain > 0) || ranks[r.Rank] {
				t.Fatalf("%+v", r)
			}
			if r.Rank == 0 {
				continue
			}
			ranks[r.Rank] = true
			fixed := append([]Result(nil), results...)
			fixed[i].Status, fixed[i].Points = Pass, r.MaxPoints
			after := ScoreOf(fixed)
			if math.Abs(after.Score-before.Score-r.Gain) > 1e-9 {
				t.Fatalf("%s, rank %d: %v became %v, said to gain %v", r.ControlID, r.Rank, before.Score, after.Score, r.Gain)
			}
		}
		if n := len(ranks); n > 0 && (!ranks[1] || !ranks[n]) {
			t.Fatalf("ranks have gaps: %v", ranks)
		}
	})
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
	states := map[string]string{"users": FeedNotAuthorised, "settings": FeedOK, "domains": FeedNotAuthorised, "roles": FeedFailed}
	scopes := map[string][]string{"users": {"user:read:admin", "user:read:list_users:admin"}, "settings": {"account:read:admin"}, "domains": {"account:read:admin"}, "roles": {"role:read:admin"}}
	results := Evaluate(c, Input{Feeds: map[string]FeedState{FeedSettings: {State: FeedOK}, FeedUsers: {State: FeedNotAuthorised}}, Settings: values(t, values_{twoFactorMode: "group"})})
	markScopes(c, results, states, scopes)
	want := map[string][]string{"MS-ZOOM-01": {"user:read:admin"}, "ZW-USR-04": {"user:read:admin"}, "MS-ZOOM-02": nil} // the settings were read: a key that Zoom does not send is no matter of scopes
	for _, r := range results {
		if scopes, ok := want[r.ControlID]; ok {
			if diff := cmp.Diff(scopes, r.MissingScopes); diff != "" {
				t.Errorf("%s (%s): %s", r.ControlID, r.Status, diff)
			}
		}
	}
}
