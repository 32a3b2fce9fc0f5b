package posture

import (
	"encoding/json"
	"strings"
	"testing"
)

// scopedOf counts values of one path.
func scopedOf(of int, path string, values map[string]int) Scoped {
	s := Scoped{Of: of, Values: map[string][]ScopedValue{}}
	for v, n := range values {
		s.Values[path] = append(s.Values[path], ScopedValue{Value: json.RawMessage(v), N: n})
	}
	return s
}

func TestSettingsOfGroupsAndUsers(t *testing.T) {
	const mute, consent = "schedule_meeting.mute_upon_entry", "recording.ask_participants_to_consent_disclaimer"
	for _, tc := range []struct {
		name   string
		id     string
		scope  string
		s      Scoped
		state  string // of the feed; ok when empty
		want   Status
		points float64
		reason string
	}{
		{"all on", "CIS-1.1.2.12", ScopeGroup, scopedOf(4, mute, map[string]int{"true": 4}), "", Pass, 2, "right for all 4 groups"},
		{"three of four", "CIS-1.1.2.12", ScopeGroup, scopedOf(4, mute, map[string]int{"true": 3, "false": 1}), "", PartialPass, 1.5, "right for 3 of 4 groups"},
		{"none", "CIS-1.1.2.12", ScopeGroup, scopedOf(4, mute, map[string]int{"false": 4}), "", Fail, 0, ""},
		{"some unread", "CIS-1.1.2.12", ScopeGroup, scopedOf(4, mute, map[string]int{"true": 3}), "", Unknown, 0, "does not send it for the others"},
		{"some unread, one off", "CIS-1.1.2.12", ScopeGroup, scopedOf(4, mute, map[string]int{"true": 2, "false": 1}), "", PartialPass, 1, "right for 2 of 4 groups"},
		{"null", "CIS-1.1.2.12", ScopeGroup, scopedOf(4, mute, map[string]int{"null": 4}), "", Unknown, 0, "not among what Zoom sends"},
		{"odd", "CIS-1.1.2.12", ScopeGroup, scopedOf(4, mute, map[string]int{`"perhaps"`: 4}), "", Error, 0, "no switch"},
		{"no group", "CIS-1.1.2.12", ScopeGroup, Scoped{}, "", Unknown, 0, "there are no groups"},
		{"no scope", "CIS-1.1.2.12", ScopeGroup, Scoped{}, FeedNotAuthorised, Unknown, 0, "refused to hand out settings of groups"},
		{"no plan", "CIS-1.1.2.12", ScopeGroup, Scoped{}, FeedPlanTooLow, NotApplicable, 0, "plan"},
		{"not asked for", "CIS-1.1.2.12", ScopeGroup, Scoped{}, FeedNotInPlan, NotApplicable, 0, "plan"},
		{"never read", "CIS-1.1.2.12", ScopeGroup, Scoped{}, FeedNever, Unknown, 0, "zoomward ingest"},
		{"users", "CIS-1.2.7.2", ScopeUser, scopedOf(50_000, consent, map[string]int{"true": 49_500, "false": 500}), "", PartialPass, 4.95, "right for 49500 of 50000 users"},
		{"users without it", "CIS-1.2.7.2", ScopeUser, scopedOf(10, mute, map[string]int{"true": 10}), "", Unknown, 0, consent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			feeds := feedsOK()
			if tc.state != "" {
				feeds[FeedGroupSettings] = FeedState{State: tc.state}
			}
			r := judge(t, tc.id, Input{Feeds: feeds, Scoped: map[string]Scoped{tc.scope: tc.s}})
			if r.Status != tc.want || r.Points < tc.points-1e-9 || r.Points > tc.points+1e-9 || !strings.Contains(r.Reason, tc.reason) {
				t.Errorf("%s with %v points (%s), want %s with %v, reason %q", r.Status, r.Points, r.Reason, tc.want, tc.points, tc.reason)
			}
			if r.ResourceType != ScopeAccount {
				t.Errorf("resource type %s: a control has one row, on the account", r.ResourceType)
			}
		})
	}
}

// Owners whom the first round has not come to may have anything: nothing passes, and no share is given.
func TestScopedSettingsOfAnUnfinishedRound(t *testing.T) {
	const mute = "schedule_meeting.mute_upon_entry"
	for _, tc := range []struct {
		values map[string]int
		want   Status
	}{
		{map[string]int{"true": 4}, Unknown},
		{map[string]int{"true": 3, "false": 1}, Fail},
		{map[string]int{"false": 4}, Fail},
		{map[string]int{}, Unknown},
	} {
		feeds := feedsOK()
		feeds[FeedGroupSettings] = FeedState{State: FeedOK, Incomplete: true}
		if r := judge(t, "CIS-1.1.2.12", Input{Feeds: feeds}); r.Status != Unknown || !strings.Contains(r.Reason, "not come round") {
			t.Errorf("nothing read: %s (%s)", r.Status, r.Reason)
		}
		r := judge(t, "CIS-1.1.2.12", Input{Feeds: feeds, Scoped: map[string]Scoped{ScopeGroup: scopedOf(4, mute, tc.values)}})
		if r.Status != tc.want || r.Points != 0 || len(tc.values) == 2 && !strings.Contains(r.Reason, "no share of the points") {
			t.Errorf("%v: %s with %v points (%s), want %s with none", tc.values, r.Status, r.Points, r.Reason, tc.want)
		}
	}
}

func TestRefusedParentExplainsWhatIsNeverAsked(t *testing.T) {
	feeds := feedsOK()
	feeds["groups"] = FeedState{State: FeedNotAuthorised, Message: "add the scope group:read:admin"}
	feeds[FeedGroupSettings] = FeedState{State: FeedNever}
	if r := judge(t, "CIS-1.1.2.12", Input{Feeds: feeds}); r.Status != Unknown || !strings.Contains(r.Reason, "group:read:admin") {
		t.Errorf("%s (%s), want unknown for want of group:read:admin", r.Status, r.Reason)
	}
}

// The counts come out of the database as the settings went in.
func TestScopedSettingsAreCounted(t *testing.T) {
	db := openDB(t)
	add := func(scope, id, path string, value any, removed any) {
		exec(t, db, `INSERT INTO ingest.scoped_settings (setting_key, scope, scope_id, path, value, row_hash, first_seen_at, removed_at, run_id) VALUES (?, ?, ?, ?, ?, 'h', ?, ?, 'r0')`,
			scope+id+path, scope, id, path, value, asOf, removed)
	}
	add("group", "g1", "schedule_meeting.mute_upon_entry", "true", nil)
	add("group", "g2", "schedule_meeting.mute_upon_entry", "false", nil)
	add("group", "g2", "in_meeting.chat", "false", nil)
	add("group", "g3", "in_meeting.chat", nil, nil)
	add("group", "g4", "schedule_meeting.mute_upon_entry", "false", asOf) // gone
	add("user", "u1", "recording.ask_host_to_confirm_disclaimer", "true", nil)
	add("user", "u2", "recording.ask_host_to_confirm_disclaimer", "false", nil) // deactivated since
	add("user", "u3", "recording.ask_host_to_confirm_disclaimer", "false", nil) // deleted since
	exec(t, db, `INSERT INTO ingest.users (user_id, email, status, row_hash, first_seen_at, run_id) VALUES ('u1', 'u1@example.com', 'active', 'h', ?, 'r0'), ('u2', 'u2@example.com', 'inactive', 'h', ?, 'r0'),
		('u3', 'u3@example.com', 'deleted', 'h', ?, 'r0')`, asOf, asOf, asOf)
	exec(t, db, `INSERT INTO meta.feeds (feed, state) VALUES ('group_settings', 'ok'), ('user_settings', 'ok'), ('domains', 'ok')`)
	exec(t, db, `INSERT INTO ingest.domains VALUES ('k1', 'managed', 'example.com', 'verified', 'h', ?, NULL, 'r0'), ('k2', 'managed', 'example.net', 'pending', 'h', ?, ?, 'r0')`, asOf, asOf, asOf)
	run(t, db, "r1", asOf)
	for id, want := range map[string]string{"CIS-1.1.2.12": "1 of 3 groups", "CIS-1.2.7.3": "1 of 1 users", "ZW-ID-06": "none"} {
		if got := show1(t, db, id); len(got.Observed) != 1 || got.Observed[0] != want {
			t.Errorf("%s: observed %v, want %s", id, got.Observed, want)
		}
	}
}
