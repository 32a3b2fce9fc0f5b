package posture

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestProfilesSelectOneSideOfAConflict(t *testing.T) {
	for _, profile := range Profiles() {
		results := map[string]Result{}
		for _, r := range Evaluate(catalogue(t), Input{Feeds: feedsOK(), Profile: profile, Domains: []Domain{{"managed", "example.com", "verified"}}}) {
			results[r.ControlID] = r
		}
		for _, ctl := range catalogue(t).Controls {
			r := results[ctl.ID]
			leftOut := r.Status == NotApplicable && strings.HasPrefix(r.Reason, "The profile ") // and not for want of anything to judge
			if selected := ctl.inProfile(profile); selected == leftOut {
				t.Errorf("profile %s: %s is %s", profile, ctl.ID, r.Status)
			}
			for _, other := range ctl.ConflictsWith {
				if (r.Status == NotApplicable) == (results[other].Status == NotApplicable) {
					t.Errorf("profile %s: %s is %s and %s is %s, want one of them not_applicable", profile, ctl.ID, r.Status, other, results[other].Status)
				}
			}
		}
	}
	byDefault := Evaluate(catalogue(t), Input{})
	if diff := cmp.Diff(Evaluate(catalogue(t), Input{Profile: ProfileBaseline}), byDefault); diff != "" {
		t.Errorf("the default profile is not %s: %s", ProfileBaseline, diff)
	}
}

func TestFeedStates(t *testing.T) {
	settings := values(t, values_{"meeting_security.waiting_room": true})
	for _, tc := range []struct {
		state  string
		want   Status
		reason string
	}{
		{FeedOK, Pass, "is on"},
		{FeedNotAuthorised, Unknown, "add the scope account:read:admin"},
		{FeedPlanTooLow, NotApplicable, "plan"},
		{FeedFailed, Pass, "is on"}, // what was read before still stands
		{FeedNever, Pass, "is on"},
	} {
		in := Input{Settings: settings, Feeds: map[string]FeedState{FeedSettings: {State: tc.state, Message: "add the scope account:read:admin."}}}
		if r := judge(t, "CIS-1.1.1.2", in); r.Status != tc.want || !strings.Contains(r.Reason, tc.reason) {
			t.Errorf("feed %s: %s (%s), want %s with %q", tc.state, r.Status, r.Reason, tc.want, tc.reason)
		}
	}
	for state, reason := range map[string]string{FeedFailed: "the last reading of the settings failed", FeedNever: "zoomward ingest"} {
		in := Input{Feeds: map[string]FeedState{FeedSettings: {State: state}}}
		if r := judge(t, "CIS-1.1.1.2", in); r.Status != Unknown || !strings.Contains(r.Reason, reason) {
			t.Errorf("feed %s without values: %s (%s), want unknown with %q", state, r.Status, r.Reason, reason)
		}
	}
}

func TestLockVerdict(t *testing.T) {
	const path = "meeting_security.waiting_room"
	yes, no := true, false
	for _, tc := range []struct {
		locked *bool
		want   LockVerdict
	}{{nil, LockUnknown}, {&yes, LockClosed}, {&no, LockOpen}} {
		s := values(t, values_{path: false})
		s[path] = Setting{Value: s[path].Value, Locked: tc.locked}
		r := judge(t, "CIS-1.1.1.2", Input{Settings: s})
		if r.Lock != tc.want || r.Status != Fail {
			t.Errorf("locked %v: lock %s, status %s, want %s and fail: value and lock are judged apart", tc.locked, r.Lock, r.Status, tc.want)
		}
		if diff := cmp.Diff(tc.locked, r.Locked); diff != "" {
			t.Errorf("locked: %s", diff)
		}
	}
	if r := judge(t, "MS-ZOOM-02", Input{Settings: values(t, values_{"security.sign_again_period_for_inactivity_on_web": 30})}); r.Lock != LockNone || r.Locked != nil {
		t.Errorf("a control without lock has lock %s", r.Lock)
	}
}

func TestAltPaths(t *testing.T) {
	const file = `schema: 1
controls:
  - {id: ZW-X-01, version: 1, title: T, severity: low, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto,
     assert: {path: new.name, alt_paths: [old.name], op: eq, value: false}, remediation: {portal: P, text: T}}
  - {id: ZW-X-02, version: 1, title: T, severity: low, scope: account, source: {endpoint: account_settings}, requires_scopes: [s], automation: auto,
     assert: {not: {path: new.name, op: exists}}, remediation: {portal: P, text: T}}
`
	c, err := loadFrom(mapFS(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		settings values_
		want     [2]Status
	}{
		{values_{"new.name": false, "old.name": true}, [2]Status{Pass, Fail}},
		{values_{"old.name": true}, [2]Status{Fail, Pass}},
		{values_{"new.name": nil, "old.name": false}, [2]Status{Pass, Pass}},
		{values_{}, [2]Status{Unknown, Pass}},
	} {
		r := Evaluate(c, Input{Settings: values(t, tc.settings), Feeds: feedsOK()})
		if got := [2]Status{r[0].Status, r[1].Status}; got != tc.want {
			t.Errorf("%v: %v, want %v", tc.settings, got, tc.want)
		}
	}
}

func TestCombine(t *testing.T) {
	y, n := outcome{truth: yes}, outcome{truth: no}
	missing, failed := unknownFor(causeMissing, "m"), unknownFor(causeError, "e")
	for _, tc := range []struct {
		name     string
		parts    []outcome
		decisive truth
		want     truth
		cause    cause
	}{
		{"all: fail wins over unknown", []outcome{y, missing, n, failed}, no, no, causeNone},
		{"all: unknown wins over pass", []outcome{y, missing, y}, no, unknown, causeMissing},
		{"all: error wins over missing", []outcome{failed, missing}, no, unknown, causeError},
		{"all: pass", []outcome{y, y}, no, yes, causeNone},
		{"any: pass wins over unknown", []outcome{n, failed, y, missing}, yes, yes, causeNone},
		{"any: unknown wins over fail", []outcome{n, missing}, yes, unknown, causeMissing},
		{"any: fail", []outcome{n, n}, yes, no, causeNone},
	} {
		if o := combine(tc.parts, tc.decisive); o.truth != tc.want || o.cause != tc.cause {
			t.Errorf("%s: %d, cause %d", tc.name, o.truth, o.cause)
		}
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	const secret = "Kx9vQ2mZr7TbL4wPc8Yd1Hs"
	for _, ctl := range catalogue(t).Controls {
		s := map[string]Setting{}
		ctl.reads(func(e *Expr) {
			for _, p := range e.paths() {
				s[p] = Setting{Value: json.RawMessage(`"` + secret + `"`)}
			}
		})
		r := judge(t, ctl.ID, Input{Settings: s})
		if strings.Contains(r.Observed+r.Reason, secret) {
			t.Errorf("%s shows %q and says %q", ctl.ID, r.Observed, r.Reason)
		}
	}
	for _, tc := range []struct{ path, raw string }{
		{"meeting_security.meeting_password", `"hunter2"`},
		{"meeting_security.pmi_password", `483920`},
		{"meeting_security.phone_password", `["483920"]`},
		{"schedule_meeting.require_password_for_pmi_meetings", `"483920"`},
	} {
		for _, r := range Evaluate(catalogue(t), Input{Settings: map[string]Setting{tc.path: {Value: json.RawMessage(tc.raw)}}, Feeds: feedsOK()}) {
			if strings.Contains(r.Observed+r.Reason, "hunter2") || strings.Contains(r.Observed+r.Reason, "483920") {
				t.Errorf("%s shows %q and says %q", r.ControlID, r.Observed, r.Reason)
			}
		}
	}
}

func TestExceptions(t *testing.T) {
	c := catalogue(t)
	settings := values(t, values_{"meeting_security.waiting_room": false})
	lastDay := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name       string
		x          Exception
		exception  ExceptionState
		points     float64
		achievable float64
		reason     string
	}{
		{"planned", Exception{State: Planned, Reason: "in May"}, Planned, 0, 100, "in May"},
		{"accepted", Exception{State: RiskAccepted, Reason: "small team"}, RiskAccepted, 0, 0, "small team"},
		{"third party", Exception{State: ThirdParty, Reason: "gateway"}, ThirdParty, 8, 100, "gateway"},
		{"mitigated", Exception{State: AlternateMitigation, Reason: "passcodes"}, AlternateMitigation, 8, 100, "passcodes"},
		{"false result", Exception{State: FalseResult, Reason: "the portal says on"}, FalseResult, 0, 0, "the portal says on"}, // nothing else is judged here: 0 of 0
		{"last day", Exception{State: RiskAccepted, Reason: "r", ExpiresOn: lastDay}, RiskAccepted, 0, 0, "r"},
		{"ran out", Exception{State: RiskAccepted, Reason: "r", ExpiresOn: lastDay.AddDate(0, 0, -1)}, "", 0, 100, "ran out on 2026-03-01"},
	} {
		tc.x.Control = "CIS-1.1.1.2"
		if err := c.CheckExceptions([]Exception{tc.x}); err != nil {
			t.Fatal(err)
		}
		r := judge(t, "CIS-1.1.1.2", Input{Settings: settings, Exceptions: []Exception{tc.x}})
		if r.Status != Fail || r.RawPoints != 0 || r.Exception != tc.exception || r.Points != tc.points || !strings.Contains(r.Reason, tc.reason) || r.Expired != (tc.exception == "") {
			t.Errorf("%s: %s, exception %q, %v points (%s)", tc.name, r.Status, r.Exception, r.Points, r.Reason)
		}
		if s := ScoreOf([]Result{r}); s.Achievable != tc.achievable {
			t.Errorf("%s: achievable score %v, want %v", tc.name, s.Achievable, tc.achievable)
		}
	}
	// What somebody answers for counts in full also where nothing could be judged: attested, with the person and the date, and what was found stays. Nothing else makes points of nothing.
	x := []Exception{{Control: "CIS-1.1.1.2", State: ThirdParty, Reason: "r", Owner: "secops", ExpiresOn: lastDay}}
	for _, state := range ExceptionStates() {
		for id, status := range map[string]Status{"CIS-1.1.1.2": Unknown, "CIS-1.1.1.5": Manual} {
			r := judge(t, id, Input{AsOf: asOf, Exceptions: []Exception{{Control: id, State: state, Reason: "r", Owner: "secops", ExpiresOn: asOf.AddDate(0, 1, 0)}}})
			want := 0.0
			if state == ThirdParty || state == AlternateMitigation {
				want = r.MaxPoints
			}
			s := ScoreOf([]Result{r, {Status: Fail, MaxPoints: r.MaxPoints}})
			if r.Status != status || r.Points != want || r.RawPoints != 0 || r.Exception != state || r.Open() || s.Attested != want || s.Points != want ||
				(want > 0) != strings.Contains(r.Reason, "attested by secops until "+asOf.AddDate(0, 1, 0).Format(time.DateOnly)+", not verified") || (want > 0) != (s.Coverage == 100) {
				t.Errorf("%s as %s: %s with %v points (%s); %+v", id, state, r.Status, r.Points, r.Reason, s)
			}
		}
	}
	// There is nothing to attest where nothing is to be judged, and what ran out attests nothing.
	off := judge(t, "CIS-1.1.1.5", Input{AsOf: asOf, Exceptions: []Exception{{Control: "CIS-1.1.1.5", State: ThirdParty, Reason: "r", ExpiresOn: asOf.AddDate(0, 0, -1)}}})
	if off.Points != 0 || !off.Expired || off.Exception != "" {
		t.Errorf("ran out: %+v", off)
	}
	// One for a control that passes is not applied, and said to be of no use; a pass that is wrong can be called so.
	good := values(t, values_{"meeting_security.waiting_room": true})
	x[0].ExpiresOn = lastDay
	if r := judge(t, "CIS-1.1.1.2", Input{Settings: good, Exceptions: x}); r.Status != Pass || r.Exception != "" || r.Expired || !strings.Contains(r.Reason, "is not needed") {
		t.Errorf("pass with exception: %+v", r)
	}
	wrong := judge(t, "CIS-1.1.1.2", Input{Settings: good, Exceptions: []Exception{{Control: "CIS-1.1.1.2", State: FalseResult, Reason: "r"}}})
	if wrong.Status != Pass || wrong.Exception != FalseResult || ScoreOf([]Result{wrong, {Status: Pass, Points: 8, MaxPoints: 8}}) != (Score{Score: 100, Achievable: 100, Coverage: 50, Points: 8, MaxPoints: 8}) {
		t.Errorf("a pass called wrong: %+v, %+v", wrong, ScoreOf([]Result{wrong, {Status: Pass, Points: 8, MaxPoints: 8}}))
	}
	for _, bad := range [][]Exception{
		{{Control: "CIS-1.1.1.2", State: Planned, Reason: " "}},
		{{Control: "CIS-9.9", State: Planned, Reason: "r"}},
		{{Control: "CIS-1.1.1.2", State: "ignored", Reason: "r"}},
		{{Control: "CIS-1.1.1.2", State: Planned}},
		{{Control: "CIS-1.1.1.2", State: Planned, Reason: "r"}, {Control: "CIS-1.1.1.2", State: Planned, Reason: "s"}},
	} {
		if err := c.CheckExceptions(bad); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

func TestCheckParams(t *testing.T) {
	c := catalogue(t)
	for _, tc := range []struct {
		p    Params
		want string
	}{
		{Params{"max_admins": 3, "company_domains": []any{"example.com"}, "allowed_regions": []any{}}, ""},
		{Params{"max_admin": 3}, "posture.params.max_admin is no parameter"},
		{Params{"max_admins": "many"}, "posture.params.max_admins"},
		{Params{"max_admins": []string{"a"}}, "want a number"},
		{Params{"max_admins": -1}, "posture.params.max_admins is -1: give a whole number from 0 to 1000000"},
		{Params{"max_admins": math.NaN()}, "give a whole number"},
		{Params{"max_admins": 2.5}, "give a whole number"},
		{Params{"max_admins": 0, "max_web_idle_minutes": 5, "min_meeting_passcode_length": 10}, ""},
		{Params{"max_web_idle_minutes": 0}, "posture.params.max_web_idle_minutes is 0: give a whole number from 1 to 1440"},
		{Params{"min_meeting_passcode_length": 1e9}, "from 1 to 32"},
		{Params{"approved_networks": []any{"10.0.0.0/8", "10.0.0.0/8/x"}}, `posture.params.approved_networks has the entry "10.0.0.0/8/x": write an address, a prefix`},
		{Params{"approved_networks": []any{"10.0.0.0/8", "192.0.2.1", "192.0.2.1 - 192.0.2.9", "2001:db8::/32"}}, ""},
		{Params{"approved_networks": []any{"192.0.2.9-192.0.2.1"}}, "a range such as"},
		{Params{"min_client_version": []any{"abc"}}, `has the entry "abc": write a version`},
		{Params{"min_client_version": []any{"6.2.0", "7(windows)", "6.2.0.1234(mac)"}}, ""},
		{Params{"allowed_ports": []any{"http"}}, `has the entry "http": write a port`},
		{Params{"allowed_ports": []any{"443", "8801-8810"}}, ""},
		{Params{"allowed_ports": []any{"0"}}, "write a port"},
		{Params{"phone_call_recording": []any{"yes"}}, `has the entry "yes": write one of on, off`},
		{Params{"approved_integrations": []any{"Box"}}, "write one of box,"},
		{Params{"company_domains": []any{"@b.com"}}, `posture.params.company_domains has the entry "@b.com": write the domain alone: b.com`},
		{Params{"company_domains": []any{"https://a.com/x"}}, "write the domain alone: a.com"},
		{Params{"company_domains": []any{"someone@a.com"}}, "write the domain alone: a.com"},
		{Params{"company_domains": []any{"*.a.com"}}, "write the domain alone: a.com"},
		{Params{"company_domains": []any{"localhost"}}, "such as example.com"},
		{Params{"company_domains": []any{"münchen.example", "b-c.co.uk"}, "trusted_domains": []any{"*.example.org"}}, ""},
		{Params{"allowed_regions": []any{"Germany"}}, "the two letters"},
		{Params{"allowed_role_edits": []any{"Billing"}}, "such as Billing:Edit"},
		{Params{"company_domains": 3}, "want a list"},
		{Params{"company_domains": []any{"a", 3}}, "mixes"},
	} {
		err := c.CheckParams(tc.p)
		if (err == nil) != (tc.want == "") || (err != nil && !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%v: %v, want %q", tc.p, err, tc.want)
		}
	}
}

// Every parameter has a kind of the right sort, which its default is of.
func TestParametersHaveKinds(t *testing.T) {
	c := catalogue(t)
	for _, p := range c.Params {
		k, ok := paramKinds[p.Name]
		switch {
		case !ok || (k.entry == nil) != (p.Number != nil):
			t.Errorf("%s has no kind, or one of another sort", p.Name)
		case p.Number != nil:
			if err := k.checkNumber(*p.Number); err != nil {
				t.Errorf("the default of %s %v", p.Name, err)
			}
		}
		for _, e := range p.List {
			if err := k.checkEntry(e); err != nil {
				t.Errorf("the default of %s %v", p.Name, err)
			}
		}
	}
	for name := range paramKinds {
		if _, ok := c.params[name]; !ok {
			t.Errorf("%s is no parameter", name)
		}
	}
	var flags []string // of approved_integrations
	ctl, _ := c.Control("CIS-3.2")
	for _, f := range ctl.Assert.Flags {
		flags = append(flags, strings.TrimPrefix(f, "integration."))
	}
	if err := c.CheckParams(Params{"approved_integrations": flags}); err != nil || len(flags) == 0 {
		t.Errorf("%v: %v", flags, err)
	}
}

func TestScoreOf(t *testing.T) {
	results := []Result{
		{Status: Pass, Points: 10, MaxPoints: 10},
		{Status: Fail, MaxPoints: 8},
		{Status: PartialPass, Points: 2.5, MaxPoints: 5},
		{Status: Fail, MaxPoints: 2, Exception: RiskAccepted},
		{Status: Unknown, MaxPoints: 8}, {Status: Manual, MaxPoints: 5}, {Status: Error, MaxPoints: 2},
		{Status: NotApplicable, MaxPoints: 10},
	}
	want := Score{Score: 50, Achievable: 92, Coverage: 62.5, Points: 12.5, MaxPoints: 25} // 12.5 and 23 of 25; 25 of 40
	if diff := cmp.Diff(want, ScoreOf(results)); diff != "" {
		t.Error(diff)
	}
	if got := ScoreOf(nil); got != (Score{}) {
		t.Errorf("no results score %v", got)
	}
}

// anyInput draws an account: values of fitting and unfitting kinds, missing keys, locks, users.
func anyInput(t *rapid.T, c *Catalog) Input {
	in := Input{AsOf: asOf, Settings: map[string]Setting{}, Feeds: feedsOK(), Profile: rapid.SampledFrom(Profiles()).Draw(t, "profile")}
	in.Domains = rapid.SliceOf(rapid.SampledFrom([]Domain{{"managed", "example.com", "verified"}, {"managed", "example.net", ""}, {"trusted", "gmail.com", ""}})).Draw(t, "domains")
	value := rapid.SampledFrom([]string{"", "null", "true", "false", "0", "1", "2", "8", "30", "120", `"all"`, `"none"`, `"group"`, `"role"`, `"host"`, `"e2ee"`, `"account"`,
		`"cloud"`, `["1"]`, `["g1"]`, `[]`, `"x"`, `{}`, `[{"default_option":true,"type":"enforce_login"}]`})
	lock := rapid.SampledFrom([]*bool{nil, new(bool), func() *bool { b := true; return &b }()})
	for _, p := range settingPaths(c) {
		in.Settings[p] = Setting{Value: json.RawMessage(value.Draw(t, p)), Locked: lock.Draw(t, "lock of "+p), FetchedAt: asOf}
	}
	in.Scoped = map[string]Scoped{}
	for _, scope := range []string{ScopeGroup, ScopeUser} {
		s := Scoped{Of: rapid.IntRange(0, 5).Draw(t, scope+"s"), Values: map[string][]ScopedValue{}}
		for _, p := range c.scopedPaths() {
			for _, n := range rapid.SliceOfN(rapid.IntRange(0, s.Of/2), 0, 2).Draw(t, p) {
				s.Values[p] = append(s.Values[p], ScopedValue{Value: json.RawMessage(value.Draw(t, p)), N: n})
			}
		}
		in.Scoped[scope] = s
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "users") {
		in.Users = append(in.Users, user(byte(i), rapid.SampledFrom([]string{"0", "1", "2"}).Draw(t, "role"), rapid.SampledFrom([]string{"active", "inactive", "pending"}).Draw(t, "status"),
			rapid.SampledFrom([]string{"basic", "licensed"}).Draw(t, "type"), rapid.IntRange(-1, 120).Draw(t, "idle"), rapid.SampledFrom([]string{"g1", "g2"}).Draw(t, "group")))
	}
	return in
}

func settingPaths(c *Catalog) []string {
	paths := []string{twoFactorGroups, twoFactorRoles}
	for i := range c.Controls {
		c.Controls[i].Assert.walk(func(e *Expr) {
			for _, p := range e.paths() {
				if !strings.HasPrefix(p, userPrefix) {
					paths = appendNew(paths, p)
				}
			}
		})
		if l := c.Controls[i].Lock; l != nil {
			for _, p := range l.Paths {
				paths = appendNew(paths, p)
			}
		}
	}
	return paths
}

func TestResultsAreSound(t *testing.T) {
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, c)
		results := Evaluate(c, in)
		for _, r := range results {
			if r.Points < 0 || r.Points > r.MaxPoints || math.IsNaN(r.Points) {
				t.Fatalf("%s: %v of %v points", r.ControlID, r.Points, r.MaxPoints)
			}
			if !r.Status.Judged() && r.Points != 0 {
				t.Fatalf("%s: %s earns %v points", r.ControlID, r.Status, r.Points)
			}
			if r.Status == Pass && r.Points != r.MaxPoints || r.Status == Fail && r.Points != 0 {
				t.Fatalf("%s: %s earns %v of %v points", r.ControlID, r.Status, r.Points, r.MaxPoints)
			}
			if r.Reason == "" || r.Expected == "" || (r.Status.Judged() && r.Observed == "") {
				t.Fatalf("%s: a result without words: %+v", r.ControlID, r)
			}
		}
		s := ScoreOf(results)
		for _, v := range []float64{s.Score, s.Achievable, s.Coverage} {
			if !(v >= 0 && v <= 100) {
				t.Fatalf("score %+v", s)
			}
		}
		if s.Score > s.Achievable+1e-9 {
			t.Fatalf("score %v above the achievable %v", s.Score, s.Achievable)
		}
	})
}

// A missing scope lowers the coverage and never raises the points, so the score times the coverage cannot rise by it: neither when it was missing from the start, which leaves
// nothing of its feed, nor when it was lost, which leaves what was read before. What groups and users have otherwise is the exception that the documentation names: where the
// scope hides it, it is left out on both sides. So is what people attest, which counts where nothing can be read, too.
func TestMissingScopeNeverRaisesTheScore(t *testing.T) {
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, c)
		in.Exceptions, in.Groups, in.Overrides = anyExceptions(t, c), []Group{{ID: "g1"}, {ID: "g2"}}, anyOverrides(t, c)
		in.Exceptions = slices.DeleteFunc(in.Exceptions, func(x Exception) bool { return x.State.attested() })
		feed := rapid.SampledFrom([]string{FeedSettings, FeedUsers, FeedDomains, FeedGroupSettings, FeedUserSettings}).Draw(t, "feed")
		less := in
		less.Feeds = feedsOK()
		if rapid.Bool().Draw(t, "missing from the start") {
			in.Overrides = seenWithout(feed, in.Overrides)
			less = withoutRows(feed, in)
		}
		less.Feeds[feed] = FeedState{State: FeedNotAuthorised}
		before, after := ScoreOf(Evaluate(c, in)), ScoreOf(Evaluate(c, less))
		if after.Score*after.Coverage > before.Score*before.Coverage+1e-6 {
			t.Fatalf("%+v became %+v", before, after)
		}
	})
}

// anyOverrides draws what the groups and users of anyInput have otherwise.
func anyOverrides(t *rapid.T, c *Catalog) []Override {
	var list []Override
	paths := settingPaths(c)
	for range rapid.IntRange(0, 30).Draw(t, "overrides") {
		x := Override{Scope: ScopeGroup, ID: rapid.SampledFrom([]string{"g1", "g2"}).Draw(t, "group")}
		if rapid.Bool().Draw(t, "of a user") {
			x.Scope, x.ID = ScopeUser, rapid.SampledFrom([]string{"ida", "idb", "idc"}).Draw(t, "user")
		}
		x.Path, x.Value = rapid.SampledFrom(paths).Draw(t, "path"), json.RawMessage(rapid.SampledFrom([]string{"true", "false", "0", `"none"`, "[]"}).Draw(t, "value"))
		list = append(list, x)
	}
	return list
}

// seenWithout is what is seen of overrides when a feed was never read: without the users nobody knows whom they are about.
func seenWithout(feed string, list []Override) []Override {
	hidden := map[string][]string{FeedUsers: {ScopeGroup, ScopeUser}, FeedGroupSettings: {ScopeGroup}, FeedUserSettings: {ScopeUser}}[feed]
	var out []Override
	for _, x := range list {
		if !slices.Contains(hidden, x.Scope) {
			out = append(out, x)
		}
	}
	return out
}

// withoutRows is an input of which a feed, and what is asked for by its rows, was never read.
func withoutRows(feed string, in Input) Input {
	in.Feeds, in.Scoped = feedsOK(), maps.Clone(in.Scoped)
	switch feed {
	case FeedSettings:
		in.Settings = nil
	case FeedUsers:
		in.Users = nil
		delete(in.Feeds, FeedUserSettings)
		delete(in.Scoped, ScopeUser)
	case FeedDomains:
		in.Domains = nil
	case FeedGroupSettings:
		delete(in.Scoped, ScopeGroup)
	case FeedUserSettings:
		delete(in.Scoped, ScopeUser)
	}
	return in
}

// What the property leaves out is real: a group that has it otherwise takes points off where it is seen alone.
func TestOverridesTakePointsOffOnlyWhereTheyAreSeen(t *testing.T) {
	const path = "meeting_security.waiting_room"
	in := objectInput(t, with(set(path, true), someUsers(fine, func(u *User) { u.Groups, u.SettingsPresent = []string{"g"}, nil }), groups(Group{"g", "G", nil}), override(ScopeGroup, "g", path, "false")))
	seen := judge(t, "CIS-1.1.1.2", in)
	in.Overrides, in.Feeds[FeedGroupSettings] = seenWithout(FeedGroupSettings, in.Overrides), FeedState{State: FeedNotAuthorised}
	if unseen := judge(t, "CIS-1.1.1.2", in); seen.Points != 4 || unseen.Points != 8 {
		t.Errorf("%v points, unseen %v, want 4 and 8", seen.Points, unseen.Points)
	}
}

// Forgetting one setting, under all its names, makes nothing better either: unknown never counts.
func TestMissingKeyNeverEarnsPoints(t *testing.T) {
	c := catalogue(t)
	paths := settingPaths(c)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, c)
		before := Evaluate(c, in)
		forgotten := rapid.SampledFrom(paths).Draw(t, "forgotten")
		for _, ctl := range c.Controls {
			ctl.Assert.walk(func(e *Expr) {
				if names := e.paths(); len(e.AltPaths) > 0 && slices.Contains(names, forgotten) {
					for _, p := range names {
						delete(in.Settings, p)
					}
				}
			})
		}
		delete(in.Settings, forgotten)
		for i, r := range Evaluate(c, in) {
			if r.Points > before[i].Points+1e-9 {
				t.Fatalf("%s earned %v points (%s), without the key %v (%s)", r.ControlID, before[i].Points, before[i].Reason, r.Points, r.Reason)
			}
		}
	})
}

// Putting one judged control right never lowers the score.
func TestFixingNeverLowersTheScore(t *testing.T) {
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		results := Evaluate(c, anyInput(t, c))
		before := ScoreOf(results)
		i := rapid.IntRange(0, len(results)-1).Draw(t, "control")
		if !results[i].Status.Judged() {
			t.Skip("not judged")
		}
		results[i].Status, results[i].Points = Pass, results[i].MaxPoints
		if after := ScoreOf(results); after.Score < before.Score-1e-9 || after.Coverage != before.Coverage {
			t.Fatalf("%s: %+v became %+v", results[i].ControlID, before, after)
		}
	})
}

// Closing a lock never costs any control points.
func TestClosingALockNeverCostsPoints(t *testing.T) {
	c := catalogue(t)
	paths := settingPaths(c)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, c)
		path := rapid.SampledFrom(paths).Draw(t, "locked")
		before := Evaluate(c, in)
		lockAll(in.Settings, true, path)
		for i, r := range Evaluate(c, in) {
			if r.Points < before[i].Points-1e-9 {
				t.Fatalf("%s earned %v points (%s), with %s locked %v (%s)", r.ControlID, before[i].Points, before[i].Reason, path, r.Points, r.Reason)
			}
		}
	})
}
