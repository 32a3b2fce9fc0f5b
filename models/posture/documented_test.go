package posture

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// fieldsOf are the fields of Zoom's lists behind those of objects.
var fieldsOf = map[string]string{
	"app.developer": "apps[].app_developer_type", "channel.add_external_users": "channels[].channel_settings.allow_to_add_external_users",
	"channel.add_members": "channels[].channel_settings.add_member_permissions", "channel.mention_all": "channels[].channel_settings.mention_all_permissions",
	"channel.type": "channels[].type", "meeting.auto_recording": "settings.auto_recording", "meeting.encryption": "settings.encryption_type",
	"meeting.registration": "settings.approval_type", "recording.shared": "share_recording", "user.login_types": "login_types[]", "user.status": "users[].status",
}

// documentedFields reads the values that Zoom documents for fields of lists.
func documentedFields(t *testing.T) map[string][]string {
	t.Helper()
	fields := map[string][]string{}
	for _, file := range []string{"api-fields.txt", "feed-fields.txt"} {
		text, err := os.ReadFile("../../ingest/zoomtest/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			name, values, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "! "), " = ")
			if path, _, _ := strings.Cut(name, " "); ok {
				fields[path] = strings.Split(values, " | ")
			}
		}
	}
	return fields
}

// The table of values is Zoom's own, and every word that a control compares is in it.
func TestValuesAreThoseZoomDocuments(t *testing.T) {
	c := catalogue(t)
	settings, fields := documentedKinds(t, "account-settings-keys.txt"), documentedFields(t)
	used := map[string]bool{}
	for _, ctl := range c.Controls {
		look := func(e *Expr) {
			path := e.Path
			if e.Select != nil {
				path += "." + e.Select.Field
			}
			used[path] = true
			_, word := e.Value.(string)
			_, words := e.Value.([]string)
			if (word || words) && (e.Op == OpEq || e.Op == OpNe || e.Op == OpIn || e.Op == OpDisjointFrom) && e.documented == nil && e.Path != "user.role" { // roles are ids
				t.Errorf("%s compares words of %s, and the table of values does not have it", ctl.ID, path)
			}
			if strings.Contains(settings[path], "|") && !strings.HasSuffix(settings[path], "[]") && (e.Op == OpEq || e.Op == OpNe || e.Op == OpIn) && e.documented == nil {
				t.Errorf("%s: Zoom documents the values of %s, and the table does not have them", ctl.ID, path)
			}
			list, ok := e.Value.([]string)
			if word {
				list, ok = []string{e.Value.(string)}, true
			}
			for _, v := range list {
				if ok && e.documented != nil && !slices.Contains(e.documented, v) {
					t.Errorf("%s wants %s of %s, which Zoom does not document", ctl.ID, v, path)
				}
			}
		}
		ctl.reads(look)
		for _, e := range []*Expr{ctl.Where, partialWhen(&ctl)} {
			if e != nil {
				e.walk(look)
			}
		}
	}
	settings["meeting_authentication_options.type"] = settings["authentication_options[].type"]
	for path, list := range c.values {
		if !used[path] {
			t.Errorf("no control compares %s", path)
		}
		want := fields[fieldsOf[path]]
		if kind, ok := settings[path]; ok {
			want = strings.Split(strings.ReplaceAll(kind, `"`, ""), "|")
		}
		switch path {
		case "user.type": // as ingest names 1, 2, 4 and 99
			want = []string{"basic", "licensed", "unassigned", "none"}
		case "security.password_requirement.consecutive_characters_length": // the reference says number, and 0 or 4 to 8 in words
			want = list
		case "chat.chat_etiquette_tool.policies.status":
			want = []string{"activated", "deactivated"}
		case "meeting_authentication_options.type": // the view of recordings has the same name and its own values
			want = list
		}
		a, b := slices.Sorted(slices.Values(list)), slices.Sorted(slices.Values(want))
		if !slices.Equal(a, b) {
			t.Errorf("%s: the table has %v, Zoom documents %v", path, a, b)
		}
	}
}

func partialWhen(ctl *Control) *Expr {
	if ctl.Partial == nil {
		return nil
	}
	return ctl.Partial.When
}

// A value that Zoom does not document is neither right nor wrong, whatever the comparison; case is no difference.
func TestUndocumentedValues(t *testing.T) {
	cases := readCases(t)
	n := 0
	for _, ctl := range catalogue(t).Controls {
		if ctl.onObjects() || ctl.Automation == AutomationManual {
			continue
		}
		var paths []string
		ctl.Assert.walk(func(e *Expr) {
			if e.documented != nil && e.Select == nil {
				paths = appendNew(paths, e.Path)
			}
		})
		for want, list := range map[Status][]map[string]any{Pass: cases[ctl.ID].Good, Fail: cases[ctl.ID].Bad} {
			for _, m := range list {
				for _, path := range paths {
					if _, ok := m[path]; !ok {
						continue
					}
					with := func(raw string) Result {
						in := inputOf(t, &ctl, m)
						in.Settings[path] = Setting{Value: json.RawMessage(raw), Locked: in.Settings[path].Locked}
						in.Users = tenUsers()
						return judge(t, ctl.ID, in)
					}
					without := with("").Status
					for _, odd := range []string{`""`, `"public"`, `99`, `"off"`, `-1`, `3.5`} {
						n++
						if r := with(odd); r.Status != Error && r.Status != without || r.Points > 0 && r.Status != Pass {
							t.Errorf("%s: %s is %s: %s (%s), want error, or %s as without it", ctl.ID, path, odd, r.Status, r.Reason, without)
						}
					}
					if word, ok := m[path].(string); ok {
						if r := with(fmt.Sprintf("%q", strings.ToUpper(word))); r.Status != want {
							t.Errorf("%s: %s is %s: %s (%s), want %s", ctl.ID, path, strings.ToUpper(word), r.Status, r.Reason, want)
						}
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("%d values tried only", n)
	}
	for _, tc := range []struct {
		name, id string
		in       func(*Input)
		want     Status
	}{
		{"a channel of type 9", "ZW-CHN-02", channels(Channel{ID: "c", Type: ptr(int64(9))}), Error},
		{"a channel of type 9 may be public", "ZW-CHN-03", channels(Channel{ID: "c", Type: ptr(int64(9)), External: ptr(int64(0))}), Error},
		{"a channel of type 9 beside another", "ZW-CHN-02", channels(Channel{ID: "c", Type: ptr(int64(9))}, Channel{ID: "d", Type: ptr(int64(3))}), Unknown},
		{"outsiders by an option of 7", "ZW-CHN-05", channels(Channel{ID: "c", AddExternal: ptr(int64(7)), SeeHistory: ptr(true), External: ptr(int64(0))}), Error},
		{"everybody called on by an option of 7", "ZW-CHN-08", channels(Channel{ID: "c", MentionAll: ptr(int64(7)), Members: ptr(int64(500))}), Error},
		{"a registration of kind 9", "ZW-MI-01", meetings(Meeting{ID: "m", HasPasscode: ptr(false), WaitingRoom: ptr(false), Authentication: ptr(false), ApprovalType: ptr(int64(9))}), Error},
		{"a passcode, whatever the registration", "ZW-MI-01", meetings(Meeting{ID: "m", HasPasscode: ptr(true), ApprovalType: ptr(int64(9))}), Pass},
		{"recorded where nobody heard of", "ZW-MI-06", meetings(Meeting{ID: "m", AutoRecording: "disk"}), Error},
		{"recorded locally, in capitals", "ZW-MI-06", meetings(Meeting{ID: "m", AutoRecording: "Local"}), Fail},
		{"encrypted otherwise", "ZW-MI-04", meetings(Meeting{ID: "m", Encryption: "quantum"}), Error},
		{"shared in an unheard-of way", "ZW-REC-10", shares(Recording{ID: "r", Share: "public", HasPasscode: ptr(false), Authentication: ptr(false), OnDemand: ptr(false)}), Error},
		{"shared in an unheard-of way, with a passcode", "ZW-REC-10", shares(Recording{ID: "r", Share: "public", HasPasscode: ptr(true)}), Pass},
		{"shared publicly, in capitals", "ZW-REC-10", shares(Recording{ID: "r", Share: "Publicly", HasPasscode: ptr(false), Authentication: ptr(false), OnDemand: ptr(false)}), Fail},
		{"a third party in small letters", "ZW-APP-01", apps(App{ID: "a", Developer: "third_party", Scopes: []string{"user:write:admin"}}), Fail},
		{"a developer unheard of", "ZW-APP-01", apps(App{ID: "a", Developer: "PARTNER", Scopes: []string{"user:write:admin"}}), Error},
		{"a way to sign in that nobody knows", "ZW-USR-10", someUsers(func(u *User) { u.LoginTypes = []string{"101", "102"} }), Error},
		{"that beside a consumer account", "ZW-USR-10", someUsers(func(u *User) { u.LoginTypes = []string{"102", "1"} }), Fail},
		{"a status unheard of", "ZW-USR-08", someUsers(func(u *User) { u.Status = "suspended" }), Error},
		{"a two-factor rule for users", "MS-ZOOM-01", with(someUsers(fine), set(twoFactorMode, "users")), Error},
		{"a two-factor rule for users", "ZW-USR-02", with(someUsers(fine), set(twoFactorMode, "users")), Error},
		{"a two-factor rule for users", "ZW-ID-04", with(someUsers(func(u *User) { u.RoleID = roleOwner }), set(twoFactorMode, "users")), Error},
		{"all, in capitals", "MS-ZOOM-01", with(someUsers(fine), set(twoFactorMode, "All")), Pass},
		{"all, in capitals", "ZW-USR-02", with(someUsers(fine), set(twoFactorMode, "ALL")), Pass},
		{"a role, in capitals", "MS-ZOOM-01", with(someUsers(fine, func(u *User) { u.RoleID = roleOwner }), set(twoFactorMode, "Role"), set(twoFactorRoles, []string{"0"})), PartialPass},
	} {
		if r := judge(t, tc.id, objectInput(t, tc.in)); r.Status != tc.want {
			t.Errorf("%s, %s: %s (%s), want %s", tc.id, tc.name, r.Status, r.Reason, tc.want)
		}
	}
}
