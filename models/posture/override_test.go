package posture

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The account's waiting room is on, and so is its sign-in for meetings.
func TestGroupsAndUsersThatWeakenASetting(t *testing.T) {
	const control, path = "CIS-1.1.1.2", "meeting_security.waiting_room"
	base := with(set(path, true), someUsers(fine, fine, fine, func(u *User) { u.Groups, u.SettingsPresent = []string{"g"}, nil }, gone), groups(Group{"g", "Guests", nil}, Group{"h", "Empty", nil}))
	for _, tc := range []struct {
		name      string
		change    func(*Input)
		want      Status
		points    float64 // of 8
		observed  string
		reason    string
		resources []Resource
	}{
		{"nobody", func(*Input) {}, Pass, 8, "on", "meeting_security.waiting_room is on. whether it is locked is not known: Zoom sends no lock for it.", nil},
		{"a user and a group", with(override("user", "u2", path, "false"), override("group", "g", path, "false")), PartialPass, 4, "on; otherwise for 2 of 4 users",
			"meeting_security.waiting_room is on. whether it is locked is not known: Zoom sends no lock for it. the account says on, 1 user and 1 group say off.",
			[]Resource{{ScopeGroup, "g", "Guests", Fail, "off"}, {ScopeUser, "u2", "u1@example.com", Fail, "off"}}},
		{"everybody", with(override("user", "u1", path, "false"), override("user", "u2", path, "false"), override("user", "u3", path, "false"), override("user", "u4", path, "false")), Fail, 0,
			"on; otherwise for 4 of 4 users", "", nil},
		{"a group without members", override("group", "h", path, "false"), Pass, 8, "on", "meeting_security.waiting_room is on. whether it is locked is not known: Zoom sends no lock for it. the account says on, 1 group says off, which is so for no user.",
			[]Resource{{ScopeGroup, "h", "Empty", Fail, "off"}}},
		{"a user who is gone", override("user", "u5", path, "false"), Pass, 8, "on", "", nil},
		{"a group nobody knows", override("group", "x", path, "false"), Pass, 8, "on", "", nil},
		{"locked", with(locked(path), override("user", "u2", path, "false")), Pass, 8, "on", "", nil},
		{"another setting", override("user", "u2", "meeting_security.meeting_password", "false"), Pass, 8, "on", "", nil},
		{"a value that is none", override("user", "u2", path, `"maybe"`), Pass, 8, "on", "", nil},
		{"the account is wrong itself", with(set(path, false), override("user", "u2", path, "true")), Fail, 0, "off", "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := judge(t, control, objectInput(t, with(base, tc.change)))
			if r.Status != tc.want || math.Abs(r.Points-tc.points) > 1e-9 || r.Observed != tc.observed {
				t.Errorf("%s with %v points, observed %q (%s), want %s with %v and %q", r.Status, r.Points, r.Observed, r.Reason, tc.want, tc.points, tc.observed)
			}
			if tc.reason != "" && r.Reason != tc.reason {
				t.Errorf("reason %q, want %q", r.Reason, tc.reason)
			}
			if tc.resources != nil {
				if diff := cmp.Diff(tc.resources, r.Resources); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// Ten users are in two groups, of which the first has the waiting room off. What was read of a user decides; before that the groups do, where they agree.
func TestUsersOfTwoGroups(t *testing.T) {
	const control, path, other = "CIS-1.1.1.2", "meeting_security.waiting_room", "in_meeting.annotation"
	since := daysAgo(2)
	ten := func(change func(i int, u *User)) func(*Input) {
		return func(in *Input) {
			for i := range 10 {
				u := member(func(u *User) { u.ID, u.Groups = fmt.Sprintf("u%d", i), []string{"g1", "g2"} })
				change(i, &u)
				in.Users = append(in.Users, u)
			}
		}
	}
	both := with(set(path, true), groups(Group{"g1", "one", nil}, Group{"g2", "two", nil}), override(ScopeGroup, "g1", path, "false"))
	unread := func(_ int, u *User) { u.SettingsPresent = nil }
	for _, tc := range []struct {
		name   string
		in     func(*Input)
		want   Status
		points float64 // of 8
		tally  Tally
		reason string
	}{
		{"all read, all as the account", with(both, ten(func(int, *User) {})), Pass, 8, Tally{}, "1 group says off, which is so for no user"},
		{"all read, three otherwise", with(both, ten(func(int, *User) {}), override(ScopeUser, "u1", path, "false"), override(ScopeUser, "u2", path, "false"), override(ScopeUser, "u3", path, "false")),
			PartialPass, 5.6, Tally{7, 3, 0}, "3 users and 1 group say off"},
		{"none read, and which group counts is not known", with(both, ten(unread)), Unknown, 0, Tally{0, 0, 10}, "10 users are in several groups"},
		{"none read, both groups weak", with(both, ten(unread), override(ScopeGroup, "g2", path, "false")), Fail, 0, Tally{0, 10, 0}, "2 groups say off"},
		{"none read, in the second group alone", with(both, ten(func(i int, u *User) { u.SettingsPresent, u.Groups = nil, []string{"g2"} })), Pass, 8, Tally{}, "for no user"},
		{"none read, four in the first group alone", with(both, ten(func(i int, u *User) {
			u.SettingsPresent = nil
			if u.Groups = []string{"g2"}; i < 4 {
				u.Groups = []string{"g1"}
			}
		})), PartialPass, 4.8, Tally{6, 4, 0}, ""},
		{"half read", with(both, ten(func(i int, u *User) {
			if i < 5 {
				u.SettingsPresent = nil
			}
		})), Unknown, 0, Tally{5, 0, 5}, "5 users are in several groups"},
		{"half read, one of them otherwise", with(both, override(ScopeUser, "u9", path, "false"), ten(func(i int, u *User) {
			if i < 5 {
				u.SettingsPresent = nil
			}
		})), PartialPass, 3.2, Tally{4, 1, 5}, "5 users are in several groups"},
		{"read, but not this setting", with(both, ten(func(_ int, u *User) { u.SettingsPresent, u.Groups = ptr(int64(30)), []string{"g1"} })), Fail, 0, Tally{0, 10, 0}, ""},
		{"read before the group was weakened", with(both, ten(func(_ int, u *User) { u.SettingsReadAt, u.Groups = daysAgo(3), []string{"g1"} }), func(in *Input) { in.Overrides[0].Since = since }),
			Fail, 0, Tally{0, 10, 0}, ""},
		{"read since", with(both, ten(func(_ int, u *User) { u.SettingsReadAt, u.Groups = since, []string{"g1"} }), func(in *Input) { in.Overrides[0].Since = since }), Pass, 8, Tally{}, ""},
	} {
		r := judge(t, control, objectInput(t, tc.in))
		if r.Status != tc.want || math.Abs(r.Points-tc.points) > 1e-9 || r.Tally != tc.tally || !strings.Contains(r.Reason, tc.reason) {
			t.Errorf("%s: %s with %v points, %+v, observed %q (%s), want %s with %v, %+v", tc.name, r.Status, r.Points, r.Tally, r.Observed, r.Reason, tc.want, tc.points, tc.tally)
		}
	}
	// A setting that Zoom does not send of users is the group's to decide.
	weak := with(set(other, false), groups(Group{"g1", "one", nil}), override(ScopeGroup, "g1", other, "true"), ten(func(_ int, u *User) { u.Groups = []string{"g1"} }))
	for want, paths := range map[Status][]string{Pass: {other}, Fail: nil} {
		in := objectInput(t, with(weak, set("in_meeting.screen_sharing", true), func(in *Input) { in.UserPaths = paths }))
		if r := judge(t, "CIS-1.1.3.5.1", in); r.Status != want {
			t.Errorf("sent of users %v: %s (%s), want %s", paths, r.Status, r.Reason, want)
		}
	}
}

// The database says which users were read, and when, and since when a group has what it has.
func TestUsersOfAGroupFromTheDatabase(t *testing.T) {
	const path = "in_meeting.remote_control"
	db := openDB(t)
	exec(t, db, `INSERT INTO meta.feeds (feed, state, watermark) VALUES ('settings', 'ok', ?), ('users', 'ok', ?), ('groups', 'ok', ?), ('group_settings', 'ok', ?), ('user_settings', 'ok', ?)`, asOf, asOf, asOf, asOf, asOf)
	setting(t, db, path, "false", nil, asOf)
	setting(t, db, "in_meeting.screen_sharing", "true", nil, asOf)
	exec(t, db, `INSERT INTO ingest.groups VALUES ('g', 'Group', 4, 'h', ?, NULL, 'r0')`, asOf)
	exec(t, db, `INSERT INTO ingest.scoped_settings VALUES ('k', 'group', 'g', ?, 'true', NULL, 'h', ?, NULL, 'r0', NULL)`, path, asOf)
	exec(t, db, `INSERT INTO ingest.group_setting_versions VALUES ('g', ?, 'false', NULL, ?, 'r0', NULL), ('g', ?, 'true', NULL, ?, 'r0', NULL)`, path, daysAgo(9), path, daysAgo(2))
	for i, read := range []int{0, 1, 3, -1} { // days ago; the last was never read
		id := fmt.Sprintf("u%d", i)
		exec(t, db, `INSERT INTO ingest.users (user_id, email, status, role_id, groups, row_hash, first_seen_at, run_id) VALUES (?, ?, 'active', '2', ['g'], 'h', ?, 'r0')`, id, id+"@example.com", asOf)
		if read < 0 {
			continue
		}
		exec(t, db, `INSERT INTO meta.visits (visit_key, feed, parent, visited_at, outcome, attempts) VALUES (?, 'user_settings', ?, ?, 'done', 0)`, id, id, daysAgo(read))
		for _, p := range []string{path, "recording.local_recording"} {
			exec(t, db, `INSERT INTO ingest.scoped_settings VALUES (?, 'user', ?, ?, 'false', NULL, 'h', ?, NULL, 'r0', NULL)`, id+p, id, p, daysAgo(read))
		}
	}
	for _, r := range run(t, db, "r1", asOf).Results {
		if r.ControlID == "CIS-1.1.3.16" && (r.Status != PartialPass || r.Tally != Tally{2, 2, 0}) {
			t.Errorf("%s, %+v (%s), want two of four: read of two since", r.Status, r.Tally, r.Reason)
		}
	}
}

// A setting that stands in a group of settings is held by the lock of the group, and the lock of one that has it elsewhere is found there.
func TestLockedAbove(t *testing.T) {
	for lock, paths := range map[string][2]string{
		"chat.share_files":                        {"chat.share_files.share_option", "chat.share_files_elsewhere"},
		"schedule_meeting.meeting_authentication": {"meeting_authentication", "recording_authentication"},
	} {
		in := objectInput(t, locked(lock))
		ev := &evaluation{in: &in}
		if !ev.lockedAbove(paths[0]) || ev.lockedAbove(paths[1]) {
			t.Errorf("lock %s: %s is locked %t, %s %t", lock, paths[0], ev.lockedAbove(paths[0]), paths[1], ev.lockedAbove(paths[1]))
		}
	}
}

// A passcode that stands where a switch should is never said, of the account or of whoever has it otherwise.
func TestAPasscodeForASwitchIsNotSaid(t *testing.T) {
	const path = "meeting_security.meeting_password"
	for _, raw := range []string{`"483920"`, `483920`, `["483920"]`, `"hunter2"`} {
		for whose, change := range map[string]func(*Input){
			"account": set(path, json.RawMessage(raw)),
			"user":    override("user", "u1", path, raw),
			"group":   override("group", "g", path, raw),
		} {
			in := objectInput(t, with(someUsers(fine), groups(Group{"g", "G", ptr(int64(31))}), strictAccount, change))
			said := 0
			for _, r := range Evaluate(catalogue(t), in) {
				text := r.Observed + r.Reason
				for _, x := range r.Resources {
					text += x.Observed
				}
				if strings.Contains(text, "483920") || strings.Contains(text, "hunter2") {
					t.Errorf("%s of the %s: %s says %q", raw, whose, r.ControlID, text)
				}
				if strings.Contains(r.Reason, "is "+hidden+", which is no switch") {
					said++
				}
			}
			if said == 0 {
				t.Errorf("%s of the %s: no control says that it is no switch", raw, whose)
			}
		}
	}
}
