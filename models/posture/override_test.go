package posture

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The account's waiting room is on, and so is its sign-in for meetings.
func TestGroupsAndUsersThatWeakenASetting(t *testing.T) {
	const control, path = "CIS-1.1.1.2", "meeting_security.waiting_room"
	base := with(set(path, true), someUsers(fine, fine, fine, func(u *User) { u.Groups = []string{"g"} }, gone), groups(Group{"g", "Guests", nil}, Group{"h", "Empty", nil}))
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
		{"a group without members", override("group", "h", path, "false"), Pass, 8, "on", "meeting_security.waiting_room is on. whether it is locked is not known: Zoom sends no lock for it. the account says on, 1 group says off.",
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
