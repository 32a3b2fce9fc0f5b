package posture

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A right value that groups and users may have otherwise says so when nobody looked at them; one that they cannot have otherwise does not.
func TestWhatNobodyLookedAt(t *testing.T) {
	const users = "what users have otherwise was not looked at"
	refused := FeedState{State: FeedNotAuthorised, Message: "add the scope group:read:admin"}
	for _, tc := range []struct {
		name, id string
		in       func(*Input)
		groups   FeedState
		want     []string
		not      string
	}{
		{"open", "CIS-1.1.1.2", set("meeting_security.waiting_room", true), refused, []string{GroupsUnseen + ": ", "add the scope group:read:admin"}, users},
		{"locked", "CIS-1.1.1.2", with(set("meeting_security.waiting_room", true), locked("meeting_security.waiting_room")), refused, nil, "looked at"},
		{"wrong anyway", "CIS-1.1.1.2", set("meeting_security.waiting_room", false), refused, nil, "looked at"},
		{"looked at", "CIS-1.1.1.2", set("meeting_security.waiting_room", true), FeedState{State: FeedOK}, nil, "looked at"},
		{"never asked", "CIS-1.1.1.2", set("meeting_security.waiting_room", true), FeedState{State: FeedNever}, []string{GroupsUnseen + ": the feed group settings was not read yet"}, users},
		{"of the account alone", "MS-ZOOM-02", set("security.sign_again_period_for_inactivity_on_web", 30), refused, nil, "looked at"},
		{"about locks", "ZW-MTG-16", with(locked("schedule_meeting.meeting_authentication"), locked("schedule_meeting.join_before_host"), locked("schedule_meeting.use_pmi_for_scheduled_meetings"),
			locked("schedule_meeting.use_pmi_for_instant_meetings")), refused, nil, "looked at"},
	} {
		in := objectInput(t, tc.in)
		in.Feeds[FeedGroupSettings], in.Feeds[FeedUserSettings] = tc.groups, FeedState{State: FeedOK}
		r := judge(t, tc.id, in)
		for _, w := range tc.want {
			if !strings.Contains(r.Reason, w) {
				t.Errorf("%s: the reason %q lacks %q", tc.name, r.Reason, w)
			}
		}
		if strings.Contains(r.Reason, tc.not) {
			t.Errorf("%s: the reason %q has %q", tc.name, r.Reason, tc.not)
		}
	}
	in := objectInput(t, set("meeting_security.waiting_room", true))
	in.Feeds[FeedUsers], in.Feeds[FeedUserSettings] = FeedState{State: FeedNotAuthorised}, FeedState{State: FeedNever}
	in.Feeds[FeedGroupSettings] = FeedState{State: FeedOK}
	if r := judge(t, "CIS-1.1.1.2", in); !strings.Contains(r.Reason, users) || strings.Contains(r.Reason, GroupsUnseen) {
		t.Errorf("users refused: %q", r.Reason)
	}
}

// The sections that groups and users have are those of Zoom's reference.
func TestSectionsOfGroupsAndUsers(t *testing.T) {
	for scope, sections := range map[string][]string{"group": groupSections, "user": userSections} {
		have := map[string]bool{}
		for path := range documentedKinds(t, scope+"-settings-keys.txt") {
			section, _, _ := strings.Cut(path, ".")
			have[section] = true
		}
		for _, s := range sections {
			if !have[s] {
				t.Errorf("Zoom has no %s of a %s", s, scope)
			}
		}
		for s := range have {
			// Not judged of the account, or other things under the same name.
			if !slices.Contains(sections, s) && !slices.Contains([]string{"profile", "authentication_options[]", "feature", "tsp", "whiteboard"}, s) {
				t.Errorf("a %s has %s, which is not looked for", scope, s)
			}
		}
	}
}

// A feed that was never asked is opened by its scope all the same.
func TestScopesOfFeedsNeverAsked(t *testing.T) {
	c := catalogue(t)
	scopes := map[string][]string{"im_groups": {"imgroup:read:admin", "contact_group:read:list_groups:admin"}, "settings": {"account:read:admin"}}
	for _, tc := range []struct {
		granted []string
		want    []string
	}{
		{[]string{"account:read:admin"}, []string{"imgroup:read:admin"}},
		{[]string{"account:read:admin", "imgroup:read:admin"}, nil}, // skipped, not closed
		{[]string{"contact_group:read:list_groups:admin"}, nil},
		{nil, nil}, // not known
	} {
		results := Evaluate(c, Input{Feeds: map[string]FeedState{FeedSettings: {State: FeedOK}}})
		markScopes(c, results, map[string]string{"settings": FeedOK}, scopes, tc.granted...)
		for _, r := range results {
			switch r.ControlID {
			case "CIS-2.1.2.4":
				if diff := cmp.Diff(tc.want, r.MissingScopes); diff != "" {
					t.Errorf("granted %v: %s", tc.granted, diff)
				}
			case "MS-ZOOM-02":
				if r.MissingScopes != nil {
					t.Errorf("%s lacks %v, and its feed was read", r.ControlID, r.MissingScopes)
				}
			}
		}
	}
}
