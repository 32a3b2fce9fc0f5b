package posture

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func ptr[T any](v T) *T { return &v }

func daysAgo(n int) time.Time { return asOf.AddDate(0, 0, -n) }

// member is an active, licensed user of the company of whom everything is known and right.
func member(change ...func(*User)) User {
	u := User{ID: "u1", Email: "u1@example.com", RoleID: roleMember, Status: "active", Type: "licensed", LastLoginAt: daysAgo(1), FirstSeenAt: daysAgo(400), JoinedAt: daysAgo(400), Verified: ptr(true),
		Client: "6.2.1.100(mac)", LoginTypes: []string{"101"}, UsePMI: ptr(false), DelegatesRead: true, SettingsPresent: ptr(int64(31))}
	for _, f := range change {
		f(&u)
	}
	return u
}

func someUsers(change ...func(*User)) func(in *Input) {
	return func(in *Input) {
		for i, f := range change {
			u := member(f)
			u.ID = fmt.Sprintf("u%d", i+1)
			in.Users = append(in.Users, u)
		}
	}
}

func fine(*User) {}

func one[T any](to func(*Input) *[]T, rows ...T) func(in *Input) {
	return func(in *Input) { *to(in) = append(*to(in), rows...) }
}

func roles(rows ...Role) func(*Input) {
	return one(func(in *Input) *[]Role { return &in.Roles }, rows...)
}
func groups(rows ...Group) func(*Input) {
	return one(func(in *Input) *[]Group { return &in.Groups }, rows...)
}
func channels(rows ...Channel) func(*Input) {
	return one(func(in *Input) *[]Channel { return &in.Channels }, rows...)
}
func meetings(rows ...Meeting) func(*Input) {
	return one(func(in *Input) *[]Meeting { return &in.Meetings }, rows...)
}
func shares(rows ...Recording) func(*Input) {
	return one(func(in *Input) *[]Recording { return &in.Recordings }, rows...)
}
func apps(rows ...App) func(*Input) { return one(func(in *Input) *[]App { return &in.Apps }, rows...) }

func with(parts ...func(*Input)) func(*Input) {
	return func(in *Input) {
		for _, f := range parts {
			f(in)
		}
	}
}

func set(path string, value any) func(*Input) {
	return func(in *Input) {
		raw, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		s := in.Settings[path]
		s.Value = raw
		in.Settings[path] = s
	}
}

func locked(path string) func(*Input) {
	return func(in *Input) {
		s := in.Settings[path]
		s.Locked = ptr(true)
		in.Settings[path] = s
	}
}

func param(name string, v any) func(*Input) { return func(in *Input) { in.Params = Params{name: v} } }

func override(scope, id, path, value string) func(*Input) {
	return func(in *Input) {
		in.Overrides = append(in.Overrides, Override{Scope: scope, ID: id, Path: path, Value: json.RawMessage(value)})
	}
}

// strictAccount has every one of weakPaths at its stricter value.
var strictAccount = with(set("meeting_security.waiting_room", true), set("meeting_security.meeting_password", true), set("meeting_authentication", true),
	set("in_meeting.file_transfer", false), set("recording.local_recording", false))

func managed(in *Input) { in.ManagedDomains = []string{"example.com"} }

const outside = "guest@example.org"

type objectCase struct {
	id, name string
	in       func(*Input)
	want     Status
	observed string
}

// objectCases hold, for every control on objects and facts, what passes, what fails, and what nothing is known of. Of several objects the second is the one that differs.
var objectCases = []objectCase{
	{"ZW-USR-01", "single sign-on among others", someUsers(func(u *User) { u.LoginTypes = []string{"100", "101"} }), Pass, "1 of 1 user"},
	{"ZW-USR-01", "work e-mail alone", someUsers(fine, func(u *User) { u.LoginTypes = []string{"100"} }), PartialPass, "1 of 2 users"},
	{"ZW-USR-01", "no method at all", someUsers(func(u *User) { u.LoginTypes = []string{} }), Fail, "0 of 1 user"},
	{"ZW-USR-01", "not asked yet", someUsers(fine, func(u *User) { u.LoginTypes = nil }), Unknown, "1 of 2 users, 1 not known"},
	{"ZW-USR-01", "one fails, one is not known", someUsers(fine, func(u *User) { u.LoginTypes = nil }, func(u *User) { u.LoginTypes = []string{"1"} }), PartialPass, "1 of 3 users, 1 not known"},
	{"ZW-USR-01", "gone users do not count", someUsers(func(u *User) { u.Status, u.LoginTypes = "inactive", []string{"1"} }), NotApplicable, "no users to judge"},
	{"ZW-USR-01", "status missing", someUsers(func(u *User) { u.Status = "" }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-02", "all", with(someUsers(fine), set(twoFactorMode, "all")), Pass, "1 of 1 user"},
	{"ZW-USR-02", "none", with(someUsers(fine), set(twoFactorMode, "none")), Fail, "0 of 1 user"},
	{"ZW-USR-02", "by role", with(someUsers(fine, func(u *User) { u.RoleID = roleAdmin }), set(twoFactorMode, "role"), set(twoFactorRoles, []string{"1"})), PartialPass, "1 of 2 users"},
	{"ZW-USR-02", "by group", with(someUsers(fine, func(u *User) { u.Groups = []string{"g"} }), set(twoFactorMode, "group"), set(twoFactorGroups, []string{"g"})), PartialPass, "1 of 2 users"},
	{"ZW-USR-02", "mode not sent", someUsers(fine), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-02", "mode unheard of", with(someUsers(fine), set(twoFactorMode, "some")), Error, "0 of 1 user, 1 not known"},
	{"ZW-USR-03", "away for 93 days, of which Zoom may owe three", someUsers(func(u *User) { u.LastLoginAt = daysAgo(93) }), Pass, "1 of 1 user"},
	{"ZW-USR-03", "away for 94", someUsers(fine, func(u *User) { u.LastLoginAt = daysAgo(94) }), PartialPass, "1 of 2 users"},
	{"ZW-USR-03", "no sign-in named", someUsers(func(u *User) { u.LastLoginAt = time.Time{} }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-03", "without a licence", someUsers(func(u *User) { u.Type, u.LastLoginAt = "basic", daysAgo(300) }), NotApplicable, "no users to judge"},
	{"ZW-USR-05", "away for 48", someUsers(func(u *User) { u.RoleID, u.LastLoginAt = roleAdmin, daysAgo(48) }), Pass, "1 of 1 user"},
	{"ZW-USR-05", "away for 49", someUsers(func(u *User) { u.RoleID, u.LastLoginAt = roleOwner, daysAgo(49) }), Fail, "0 of 1 user"},
	{"ZW-USR-05", "no sign-in named", someUsers(func(u *User) { u.RoleID, u.LastLoginAt = roleAdmin, time.Time{} }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-06", "14 days", someUsers(func(u *User) { u.Status, u.FirstSeenAt = "pending", daysAgo(14) }), Pass, "1 of 1 user"},
	{"ZW-USR-06", "15 days", someUsers(func(u *User) { u.Status, u.FirstSeenAt = "pending", daysAgo(15) }), Fail, "0 of 1 user"},
	{"ZW-USR-06", "never seen", someUsers(func(u *User) { u.Status, u.FirstSeenAt = "pending", time.Time{} }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-07", "basic", someUsers(func(u *User) { u.Status, u.Type = "inactive", "basic" }), Pass, "1 of 1 user"},
	{"ZW-USR-07", "licensed", someUsers(func(u *User) { u.Status = "inactive" }), Fail, "0 of 1 user"},
	{"ZW-USR-07", "type unheard of", someUsers(func(u *User) { u.Status, u.Type = "inactive", "" }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-08", "confirmed", someUsers(fine), Pass, "1 of 1 user"},
	{"ZW-USR-08", "not confirmed", someUsers(func(u *User) { u.Verified = ptr(false) }), Fail, "0 of 1 user"},
	{"ZW-USR-08", "not said", someUsers(func(u *User) { u.Verified = nil }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-09", "managed domain", with(someUsers(fine), managed), Pass, "1 of 1 user"},
	{"ZW-USR-09", "domain of the configuration, in another case", with(someUsers(fine), param("company_domains", []string{"EXAMPLE.com"})), Pass, "1 of 1 user"},
	{"ZW-USR-09", "from outside", with(someUsers(fine, func(u *User) { u.Email = outside }), managed), PartialPass, "1 of 2 users"},
	{"ZW-USR-09", "a domain that ends alike", with(someUsers(func(u *User) { u.Email = "u@notexample.com" }), managed), Fail, "0 of 1 user"},
	{"ZW-USR-09", "no domain known", someUsers(fine), Manual, "0 of 1 user, 1 not known"},
	{"ZW-USR-10", "single sign-on and mobile", someUsers(func(u *User) { u.LoginTypes = []string{"97", "101"} }), Pass, "1 of 1 user"},
	{"ZW-USR-10", "Apple beside single sign-on", someUsers(fine, func(u *User) { u.LoginTypes = []string{"101", "24"} }), PartialPass, "1 of 2 users"},
	{"ZW-USR-10", "not asked yet", someUsers(func(u *User) { u.LoginTypes = nil }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-11", "newer", with(someUsers(fine), param("min_client_version", []string{"6.2"})), Pass, "1 of 1 user"},
	{"ZW-USR-11", "older, by number and not by text", with(someUsers(func(u *User) { u.Client = "6.2.9.1(mac)" }), param("min_client_version", []string{"6.2.10"})), Fail, "0 of 1 user"},
	{"ZW-USR-11", "a version for other clients", with(someUsers(fine), param("min_client_version", []string{"7.0(windows)", "6.0(mac)"})), Pass, "1 of 1 user"},
	{"ZW-USR-11", "a version for this client", with(someUsers(fine), param("min_client_version", []string{"7.0(mac)"})), Fail, "0 of 1 user"},
	{"ZW-USR-11", "not said", with(someUsers(func(u *User) { u.Client = "" }), param("min_client_version", []string{"6.0"})), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-11", "no version", with(someUsers(func(u *User) { u.Client = "latest" }), param("min_client_version", []string{"6.0"})), Error, "0 of 1 user, 1 not known"},
	{"ZW-USR-11", "nobody said what is recent", someUsers(fine), Manual, "0 of 1 user, 1 not known"},
	{"ZW-USR-12", "nothing differs", with(someUsers(fine), strictAccount), Pass, "1 of 1 user"},
	{"ZW-USR-12", "waiting room off", with(someUsers(fine, fine), strictAccount, override("user", "u2", "meeting_security.waiting_room", "false")), PartialPass, "1 of 2 users"},
	{"ZW-USR-12", "file transfer on", with(someUsers(fine), strictAccount, override("user", "u1", "in_meeting.file_transfer", "true")), Fail, "0 of 1 user"},
	{"ZW-USR-12", "file transfer on, but locked off", with(someUsers(fine), strictAccount, locked("in_meeting.file_transfer"), override("user", "u1", "in_meeting.file_transfer", "true")), Pass, "1 of 1 user"},
	{"ZW-USR-12", "sign-in for meetings is not among them", with(someUsers(fine), strictAccount, override("user", "u1", "meeting_authentication", "false")), Pass, "1 of 1 user"},
	{"ZW-USR-12", "stricter than the account", with(someUsers(fine), strictAccount, set("recording.local_recording", true), override("user", "u1", "recording.local_recording", "false")), Pass, "1 of 1 user"},
	{"ZW-USR-12", "not asked yet", with(someUsers(func(u *User) { u.SettingsPresent = nil }), strictAccount), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-12", "a setting not sent of the user", with(someUsers(func(u *User) { u.SettingsPresent = ptr(int64(30)) }), strictAccount), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-12", "a setting not sent of the account", someUsers(fine), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-12", "no switch", with(someUsers(fine), strictAccount, override("user", "u1", "in_meeting.file_transfer", `"maybe"`)), Error, "0 of 1 user, 1 not known"},
	{"ZW-USR-13", "off", someUsers(fine), Pass, "1 of 1 user"},
	{"ZW-USR-13", "on", someUsers(func(u *User) { u.UsePMI = ptr(true) }), Fail, "0 of 1 user"},
	{"ZW-USR-13", "not asked yet", someUsers(func(u *User) { u.UsePMI = nil }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-14", "nobody", someUsers(fine), Pass, "1 of 1 user"},
	{"ZW-USR-14", "a colleague", with(someUsers(func(u *User) { u.Delegates = []string{"u9@example.com"} }), managed), Pass, "1 of 1 user"},
	{"ZW-USR-14", "an outsider", with(someUsers(func(u *User) { u.Delegates = []string{"u9@example.com", outside} }), managed), Fail, "0 of 1 user"},
	{"ZW-USR-14", "no domain known", someUsers(func(u *User) { u.Delegates = []string{outside} }), Manual, "0 of 1 user, 1 not known"},
	{"ZW-USR-14", "not asked yet", someUsers(func(u *User) { u.DelegatesRead = false }), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-15", "signed in", someUsers(fine), Pass, "1 of 1 user"},
	{"ZW-USR-15", "never, as all reports say", with(someUsers(fine, func(u *User) { u.LastLoginAt, u.JoinedAt = time.Time{}, daysAgo(31) }), signInsFrom(100)), PartialPass, "1 of 2 users"},
	{"ZW-USR-15", "still has time", with(someUsers(func(u *User) { u.LastLoginAt, u.JoinedAt = time.Time{}, daysAgo(30) }), signInsFrom(100)), NotApplicable, "no users to judge"},
	{"ZW-USR-15", "came before the reports begin", with(someUsers(func(u *User) { u.LastLoginAt, u.JoinedAt = time.Time{}, daysAgo(101) }), signInsFrom(100)), Unknown, "0 of 1 user, 1 not known"},
	{"ZW-USR-15", "came on a day not known", with(someUsers(func(u *User) { u.LastLoginAt, u.JoinedAt = time.Time{}, time.Time{} }), signInsFrom(100)), Unknown, "0 of 1 user, 1 not known"},

	{"ZW-ROLE-01", "reads alone", roles(Role{ID: "r", Name: "R", Privileges: []string{"User:Read"}}), Pass, "1 of 1 role"},
	{"ZW-ROLE-01", "edits", roles(Role{ID: "r", Privileges: []string{}}, Role{ID: "s", Privileges: []string{"User:Read", "Billing:Edit"}}), PartialPass, "1 of 2 roles"},
	{"ZW-ROLE-01", "edits what it may", with(roles(Role{ID: "r", Privileges: []string{"Billing:Edit"}}), param("allowed_role_edits", []string{"billing:edit"})), Pass, "1 of 1 role"},
	{"ZW-ROLE-01", "built-in roles do not count", roles(Role{ID: roleAdmin, Privileges: []string{"User:Edit"}}), NotApplicable, "no roles to judge"},
	{"ZW-ROLE-01", "privileges not sent", roles(Role{ID: "r"}), Unknown, "0 of 1 role, 1 not known"},
	{"ZW-ROLE-02", "colleagues", with(roles(Role{ID: "r", MembersRead: true, Members: []string{"u1@example.com"}}), managed), Pass, "1 of 1 role"},
	{"ZW-ROLE-02", "nobody", roles(Role{ID: "r", MembersRead: true}), Pass, "1 of 1 role"},
	{"ZW-ROLE-02", "an outsider", with(roles(Role{ID: "r", MembersRead: true, Members: []string{outside}}), managed), Fail, "0 of 1 role"},
	{"ZW-ROLE-02", "an outsider of a built-in role", with(roles(Role{ID: roleOwner, MembersRead: true, Members: []string{outside}}), managed), NotApplicable, "no roles to judge"},
	{"ZW-ROLE-02", "not asked yet", with(roles(Role{ID: "r"}), managed), Unknown, "0 of 1 role, 1 not known"},

	{"ZW-GRP-01", "nothing differs", with(groups(Group{"g", "G", ptr(int64(31))}), strictAccount), Pass, "1 of 1 group"},
	{"ZW-GRP-01", "sign-in off", with(groups(Group{"g", "G", ptr(int64(31))}, Group{"h", "H", ptr(int64(31))}), strictAccount, override("group", "h", "meeting_authentication", "false")), PartialPass, "1 of 2 groups"},
	{"ZW-GRP-01", "sign-in off, but locked on", with(groups(Group{"g", "G", ptr(int64(31))}), strictAccount, locked("schedule_meeting.meeting_authentication"), override("group", "g", "meeting_authentication", "false")), Pass, "1 of 1 group"},
	{"ZW-GRP-01", "files are not among them", with(groups(Group{"g", "G", ptr(int64(31))}), strictAccount, override("group", "g", "in_meeting.file_transfer", "true")), Pass, "1 of 1 group"},
	{"ZW-GRP-01", "not asked yet", with(groups(Group{"g", "G", nil}), strictAccount), Unknown, "0 of 1 group, 1 not known"},
	{"ZW-GRP-02", "nothing differs", with(groups(Group{"g", "G", ptr(int64(31))}), strictAccount), Pass, "1 of 1 group"},
	{"ZW-GRP-02", "local recording on", with(groups(Group{"g", "G", ptr(int64(31))}), strictAccount, override("group", "g", "recording.local_recording", "true")), Fail, "0 of 1 group"},
	{"ZW-GRP-02", "no waiting room is another matter", with(groups(Group{"g", "G", ptr(int64(31))}), strictAccount, override("group", "g", "meeting_security.waiting_room", "false")), Pass, "1 of 1 group"},
	{"ZW-GRP-02", "not asked yet", with(groups(Group{"g", "G", nil}), strictAccount), Unknown, "0 of 1 group, 1 not known"},

	{"ZW-CHN-01", "nobody", channels(Channel{AddExternal: ptr(int64(0))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-01", "members of the organisation", channels(Channel{AddExternal: ptr(int64(0))}, Channel{AddExternal: ptr(int64(2))}), PartialPass, "1 of 2 channels"},
	{"ZW-CHN-01", "not sent", channels(Channel{}), Unknown, "0 of 1 channel, 1 not known"},
	{"ZW-CHN-02", "public", channels(Channel{Type: ptr(int64(3))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-02", "open to other accounts", channels(Channel{Type: ptr(int64(5))}), Fail, "0 of 1 channel"},
	{"ZW-CHN-02", "not sent", channels(Channel{}), Unknown, "0 of 1 channel, 1 not known"},
	{"ZW-CHN-03", "colleagues", channels(Channel{Type: ptr(int64(3)), External: ptr(int64(0))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-03", "outsiders", channels(Channel{Type: ptr(int64(5)), External: ptr(int64(2))}), Fail, "0 of 1 channel"},
	{"ZW-CHN-03", "outsiders of a private channel", channels(Channel{Type: ptr(int64(1)), External: ptr(int64(2))}), NotApplicable, "no channels to judge"},
	{"ZW-CHN-03", "not asked yet", channels(Channel{Type: ptr(int64(3))}), Unknown, "0 of 1 channel, 1 not known"},
	{"ZW-CHN-04", "owner and admins", channels(Channel{AddMembers: ptr(int64(2))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-04", "all", channels(Channel{AddMembers: ptr(int64(1))}), Fail, "0 of 1 channel"},
	{"ZW-CHN-04", "not sent", channels(Channel{}), Unknown, "0 of 1 channel, 1 not known"},
	{"ZW-CHN-05", "hidden", channels(Channel{SeeHistory: ptr(false), External: ptr(int64(1)), AddExternal: ptr(int64(1))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-05", "shown among colleagues", channels(Channel{SeeHistory: ptr(true), External: ptr(int64(0)), AddExternal: ptr(int64(0))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-05", "shown to outsiders", channels(Channel{SeeHistory: ptr(true), External: ptr(int64(1)), AddExternal: ptr(int64(0))}), Fail, "0 of 1 channel"},
	{"ZW-CHN-05", "shown to whom members bring", channels(Channel{SeeHistory: ptr(true), External: ptr(int64(0)), AddExternal: ptr(int64(2))}), Fail, "0 of 1 channel"},
	{"ZW-CHN-05", "shown, members not asked for yet", channels(Channel{SeeHistory: ptr(true), AddExternal: ptr(int64(0))}), Unknown, "0 of 1 channel, 1 not known"},
	{"ZW-CHN-05", "hidden, whoever is in it", channels(Channel{SeeHistory: ptr(false)}), Pass, "1 of 1 channel"},
	{"ZW-CHN-06", "colleagues", channels(Channel{Members: ptr(int64(3))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-06", "an outsider", channels(Channel{Members: ptr(int64(3)), OutsideLeaders: []string{outside}}), Fail, "0 of 1 channel"},
	{"ZW-CHN-06", "not asked yet", channels(Channel{}), Unknown, "0 of 1 channel, 1 not known"},
	{"ZW-CHN-07", "active", channels(Channel{ActiveOwner: ptr(true)}), Pass, "1 of 1 channel"},
	{"ZW-CHN-07", "gone", channels(Channel{ActiveOwner: ptr(false)}), Fail, "0 of 1 channel"},
	{"ZW-CHN-07", "not asked yet", channels(Channel{}), Unknown, "0 of 1 channel, 1 not known"},
	{"ZW-CHN-08", "restricted", channels(Channel{Members: ptr(int64(101)), MentionAll: ptr(int64(2))}), Pass, "1 of 1 channel"},
	{"ZW-CHN-08", "everybody", channels(Channel{Members: ptr(int64(101)), MentionAll: ptr(int64(1))}), Fail, "0 of 1 channel"},
	{"ZW-CHN-08", "everybody of a small channel", channels(Channel{Members: ptr(int64(100)), MentionAll: ptr(int64(1))}), NotApplicable, "no channels to judge"},
	{"ZW-CHN-08", "not sent", channels(Channel{Members: ptr(int64(101))}), Unknown, "0 of 1 channel, 1 not known"},

	{"ZW-MI-01", "a passcode", meetings(Meeting{HasPasscode: ptr(true), WaitingRoom: ptr(false), Authentication: ptr(false), ApprovalType: ptr(int64(2))}), Pass, "1 of 1 meeting"},
	{"ZW-MI-01", "a waiting room", meetings(Meeting{HasPasscode: ptr(false), WaitingRoom: ptr(true), Authentication: ptr(false), ApprovalType: ptr(int64(2))}), Pass, "1 of 1 meeting"},
	{"ZW-MI-01", "a sign-in", meetings(Meeting{HasPasscode: ptr(false), WaitingRoom: ptr(false), Authentication: ptr(true), ApprovalType: ptr(int64(2))}), Pass, "1 of 1 meeting"},
	{"ZW-MI-01", "a registration", meetings(Meeting{HasPasscode: ptr(false), WaitingRoom: ptr(false), Authentication: ptr(false), ApprovalType: ptr(int64(1))}), Pass, "1 of 1 meeting"},
	{"ZW-MI-01", "nothing", meetings(Meeting{HasPasscode: ptr(false), WaitingRoom: ptr(false), Authentication: ptr(false), ApprovalType: ptr(int64(2))}), Fail, "0 of 1 meeting"},
	{"ZW-MI-01", "nothing, but for what is not known", meetings(Meeting{WaitingRoom: ptr(false), Authentication: ptr(false), ApprovalType: ptr(int64(2))}), Unknown, "0 of 1 meeting, 1 not known"},
	{"ZW-MI-02", "with a waiting room", meetings(Meeting{JoinBeforeHost: ptr(true), WaitingRoom: ptr(true)}), Pass, "1 of 1 meeting"},
	{"ZW-MI-02", "with the host", meetings(Meeting{JoinBeforeHost: ptr(false)}), Pass, "1 of 1 meeting"},
	{"ZW-MI-02", "neither", meetings(Meeting{JoinBeforeHost: ptr(true), WaitingRoom: ptr(false)}), Fail, "0 of 1 meeting"},
	{"ZW-MI-02", "not asked yet", meetings(Meeting{}), Unknown, "0 of 1 meeting, 1 not known"},
	{"ZW-MI-03", "own number", meetings(Meeting{UsePMI: ptr(false)}), Pass, "1 of 1 meeting"},
	{"ZW-MI-03", "personal number", meetings(Meeting{UsePMI: ptr(true)}), Fail, "0 of 1 meeting"},
	{"ZW-MI-03", "not asked yet", meetings(Meeting{}), Unknown, "0 of 1 meeting, 1 not known"},
	{"ZW-MI-04", "end to end", meetings(Meeting{Encryption: "e2ee"}), Pass, "1 of 1 meeting"},
	{"ZW-MI-04", "enhanced", meetings(Meeting{Encryption: "enhanced_encryption"}), Fail, "0 of 1 meeting"},
	{"ZW-MI-04", "not asked yet", meetings(Meeting{}), Unknown, "0 of 1 meeting, 1 not known"},
	{"ZW-MI-05", "none", meetings(Meeting{HostsRead: true}), Pass, "1 of 1 meeting"},
	{"ZW-MI-05", "an outsider", with(meetings(Meeting{HostsRead: true, AlternativeHosts: []string{"u1@example.com", outside}}), managed), Fail, "0 of 1 meeting"},
	{"ZW-MI-05", "not asked yet", meetings(Meeting{}), Unknown, "0 of 1 meeting, 1 not known"},
	{"ZW-MI-06", "to the cloud", meetings(Meeting{AutoRecording: "cloud"}), Pass, "1 of 1 meeting"},
	{"ZW-MI-06", "to the disk", meetings(Meeting{AutoRecording: "local"}), Fail, "0 of 1 meeting"},
	{"ZW-MI-06", "not asked yet", meetings(Meeting{}), Unknown, "0 of 1 meeting, 1 not known"},

	{"ZW-REC-10", "inside", shares(Recording{Share: "internally", HasPasscode: ptr(false), Authentication: ptr(false), OnDemand: ptr(false)}), Pass, "1 of 1 recording"},
	{"ZW-REC-10", "public, with a passcode", shares(Recording{Share: "publicly", HasPasscode: ptr(true), Authentication: ptr(false), OnDemand: ptr(false)}), Pass, "1 of 1 recording"},
	{"ZW-REC-10", "public, with a sign-in", shares(Recording{Share: "publicly", HasPasscode: ptr(false), Authentication: ptr(true), OnDemand: ptr(false)}), Pass, "1 of 1 recording"},
	{"ZW-REC-10", "public, with a registration", shares(Recording{Share: "publicly", HasPasscode: ptr(false), Authentication: ptr(false), OnDemand: ptr(true)}), Pass, "1 of 1 recording"},
	{"ZW-REC-10", "public", shares(Recording{Share: "none"}, Recording{Share: "publicly", HasPasscode: ptr(false), Authentication: ptr(false), OnDemand: ptr(false)}), PartialPass, "1 of 2 recordings"},
	{"ZW-REC-10", "public, passcode not sent", shares(Recording{Share: "publicly", Authentication: ptr(false), OnDemand: ptr(false)}), Unknown, "0 of 1 recording, 1 not known"},

	{"ZW-APP-01", "reads", apps(App{ID: "a", Developer: "THIRD_PARTY", Scopes: []string{"user:read:admin"}}), Pass, "1 of 1 app"},
	{"ZW-APP-01", "writes its user's own", apps(App{ID: "a", Developer: "THIRD_PARTY", Scopes: []string{"meeting:write:meeting"}}), Pass, "1 of 1 app"},
	{"ZW-APP-01", "classic", apps(App{ID: "a", Developer: "THIRD_PARTY", Scopes: []string{"user:write:admin"}}), Fail, "0 of 1 app"},
	{"ZW-APP-01", "granular", apps(App{ID: "a", Developer: "THIRD_PARTY", Scopes: []string{"cloud_recording:delete:meeting_recording:admin"}}), Fail, "0 of 1 app"},
	{"ZW-APP-01", "reviewed, by name", with(apps(App{ID: "a", Name: "Export", Developer: "THIRD_PARTY", Scopes: []string{"user:write:admin"}}), param("reviewed_apps", []string{"export"})), Pass, "1 of 1 app"},
	{"ZW-APP-01", "the company's own", apps(App{ID: "a", Developer: "INTERNAL", Scopes: []string{"user:write:admin"}}), NotApplicable, "no apps to judge"},
	{"ZW-APP-01", "scopes not sent", apps(App{ID: "a", Developer: "THIRD_PARTY"}), Unknown, "0 of 1 app, 1 not known"},

	{"ZW-AUD-01", "today", func(in *Input) { in.LastOperationAt = asOf }, Pass, "at most 30"},
	{"ZW-AUD-01", "31 days ago", func(in *Input) { in.LastOperationAt = daysAgo(31) }, Fail, "not since 2026-01-30 06:00"},
	{"ZW-AUD-01", "read, and empty", func(*Input) {}, Fail, "never"},
	{"ZW-AUD-01", "not read", func(in *Input) { delete(in.Feeds, FeedOperations) }, Unknown, ""},
	{"ZW-PHN-01", "off, as wanted", with(phone(ptr(false), ptr(true)), param("phone_call_recording", []string{"off"})), Pass, "call_recording: off; call_recording_locked: on"},
	{"ZW-PHN-01", "on, unlike wanted", with(phone(ptr(true), ptr(true)), param("phone_call_recording", []string{"off"})), Fail, "call_recording: on; call_recording_locked: on"},
	{"ZW-PHN-01", "open", with(phone(ptr(false), ptr(false)), param("phone_call_recording", []string{"off"})), Fail, "call_recording: off; call_recording_locked: off"},
	{"ZW-PHN-01", "nobody said what is wanted", phone(ptr(true), ptr(true)), Manual, "call_recording: on; call_recording_locked: on"},
	{"ZW-PHN-01", "not sent", param("phone_call_recording", []string{"off"}), Unknown, ""},
	{"ZW-CON-01", "everything", granted([]string{"user:read:admin"}, nil), Pass, "none"},
	{"ZW-CON-01", "a scope too few", granted([]string{"user:read:admin"}, []string{"report:read:admin"}), Fail, "report:read:admin"},
	{"ZW-CON-01", "not said", func(*Input) {}, Unknown, ""},
	{"ZW-CON-02", "reads", granted([]string{"user:read:admin", "account:read:settings:admin"}, nil), Pass, "none"},
	{"ZW-CON-02", "writes", granted([]string{"user:read:admin", "user:write:admin"}, nil), Fail, "user:write:admin"},
	{"ZW-CON-02", "deletes", granted([]string{"group:delete:group:admin"}, nil), Fail, "group:delete:group:admin"},
	{"ZW-CON-02", "not said", func(*Input) {}, Unknown, ""},
	{"ZW-CON-03", "26 hours", func(in *Input) { in.SettingsReadAt = asOf.Add(-26 * time.Hour) }, Pass, "at most 26"},
	{"ZW-CON-03", "27 hours", func(in *Input) { in.SettingsReadAt = asOf.Add(-27 * time.Hour) }, Fail, "not since 2026-03-01 03:00"},
	{"ZW-CON-03", "never", func(*Input) {}, Unknown, ""},
}

// Users that a control does not concern, whatever they have, leave nothing to judge.
func init() {
	for id, other := range map[string]func(*User){
		"ZW-USR-02": gone, "ZW-USR-05": func(u *User) { u.LastLoginAt = daysAgo(300) }, "ZW-USR-06": fine, "ZW-USR-07": fine, "ZW-USR-08": gone, "ZW-USR-09": gone, "ZW-USR-10": gone,
		"ZW-USR-11": gone, "ZW-USR-12": gone, "ZW-USR-13": gone, "ZW-USR-14": gone,
	} {
		objectCases = append(objectCases, objectCase{id, "others do not count", someUsers(other), NotApplicable, "no users to judge"})
	}
}

func gone(u *User) { u.Status = "inactive" }

func phone(on, locked *bool) func(*Input) { return func(in *Input) { in.Phone = Phone{on, locked} } }

func granted(scopes, missing []string) func(*Input) {
	return func(in *Input) { in.Connector = Connector{scopes, missing} }
}

func signInsFrom(days int) func(*Input) { return func(in *Input) { in.SignInsFrom = daysAgo(days) } }

// objectFeeds are all feeds that controls on objects and facts name, read.
func objectFeeds(t testing.TB) map[string]FeedState {
	out := feedsOK()
	for _, ctl := range catalogue(t).Controls {
		for _, f := range ctl.Source.Feeds {
			out[f] = FeedState{State: FeedOK}
		}
	}
	return out
}

func objectInput(t testing.TB, change func(*Input)) Input {
	in := Input{Settings: map[string]Setting{}, Feeds: objectFeeds(t), AsOf: asOf}
	change(&in)
	return in
}

// objectControls are the controls on objects and facts, and the ids that the list of them holds.
func objectControls(t testing.TB) []Control {
	t.Helper()
	text, err := os.ReadFile("testdata/ids-objects.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []Control
	have := []string{"ZW-USR-04"} // a figure of the list of users
	for _, ctl := range catalogue(t).Controls {
		if ctl.onObjects() {
			out, have = append(out, ctl), append(have, ctl.ID)
		}
	}
	slices.Sort(have)
	if diff := cmp.Diff(strings.Fields(string(text)), have); diff != "" {
		t.Errorf("controls on objects (-ids-objects.txt +catalogue):\n%s", diff)
	}
	return out
}

func TestObjectCases(t *testing.T) {
	for _, tc := range objectCases {
		t.Run(tc.id+" "+tc.name, func(t *testing.T) {
			in := objectInput(t, tc.in)
			if err := catalogue(t).CheckParams(in.Params); err != nil {
				t.Fatal(err)
			}
			r := judge(t, tc.id, in)
			if r.Status != tc.want || r.Observed != tc.observed {
				t.Errorf("%s, observed %q (%s), want %s with %q", r.Status, r.Observed, r.Reason, tc.want, tc.observed)
			}
			if r.ResourceType != ScopeAccount || r.Reason == "" || r.Expected == "" {
				t.Errorf("%+v", r)
			}
			points := map[Status]float64{Pass: r.MaxPoints}[tc.want]
			if tc.want == PartialPass {
				points = r.MaxPoints * float64(r.Tally.Held) / float64(r.Tally.Concerned())
			}
			if math.Abs(r.Points-points) > 1e-9 {
				t.Errorf("%v points, want %v", r.Points, points)
			}
			if got := len(r.Resources); got != r.Tally.Failed+r.Tally.Unknown {
				t.Errorf("%d resources of %+v", got, r.Tally)
			}
			for _, x := range r.Resources {
				if x.Observed == "" || x.Type == "" || x.Status != Fail && x.Status != Unknown {
					t.Errorf("resource %+v", x)
				}
			}
		})
	}
}

// Every control on objects has cases that pass, fail and are not known, and each comparison turned round breaks one of them; a feed that is refused leaves nothing to
// judge, and a value of a kind that nobody expects neither passes nor fails.
func TestObjectControlsAreCovered(t *testing.T) {
	c := catalogue(t)
	for _, ctl := range objectControls(t) {
		seen := map[Status]bool{}
		inputs := map[int]Input{}
		for i, tc := range objectCases {
			if tc.id == ctl.ID {
				seen[tc.want], inputs[i] = true, objectInput(t, tc.in)
			}
		}
		if !seen[Pass] || !seen[Fail] && !seen[PartialPass] || !seen[Unknown] && !seen[Manual] {
			t.Errorf("%s: cases of status %v, want pass, fail and unknown", ctl.ID, slices.Collect(maps.Keys(seen)))
		}
		caught := func(assert Expr, where *Expr) bool {
			changed := ctl
			changed.Assert, changed.Where = assert, where
			one := *c
			one.Controls = []Control{changed}
			for i, in := range inputs {
				if got := Evaluate(&one, in)[0]; got.Status != objectCases[i].want || got.Observed != objectCases[i].observed {
					return true
				}
			}
			return false
		}
		for i, m := range deepMutants(ctl.Assert) {
			if !caught(m, ctl.Where) {
				t.Errorf("%s: comparison %d turned round goes unnoticed", ctl.ID, i)
			}
		}
		if ctl.Where != nil && !caught(ctl.Assert, nil) {
			t.Errorf("%s: that it concerns everything goes unnoticed", ctl.ID)
		}
		for _, feed := range ctl.Source.Feeds {
			for state, want := range map[string]Status{FeedNotAuthorised: Unknown, FeedPlanTooLow: NotApplicable, FeedNotInPlan: NotApplicable} {
				for _, in := range inputs {
					in.Feeds = maps.Clone(in.Feeds)
					in.Feeds[feed] = FeedState{State: state, Message: "add x:read:admin"}
					if r := judge(t, ctl.ID, in); r.Status != want || !strings.Contains(r.Reason, "add x:read:admin") || len(r.Resources) > 0 {
						t.Errorf("%s, %s is %s: %s (%s)", ctl.ID, feed, state, r.Status, r.Reason)
					}
				}
			}
		}
		if r := judge(t, ctl.ID, Input{Feeds: map[string]FeedState{}, Settings: map[string]Setting{}}); r.Status != Unknown || !strings.Contains(r.Reason, "zoomward ingest") {
			t.Errorf("%s, nothing read: %s (%s)", ctl.ID, r.Status, r.Reason)
		}
	}
}

// deepMutants is mutants, also below a not.
func deepMutants(e Expr) []Expr {
	list := mutants(e)
	if e.Not != nil {
		for _, m := range deepMutants(*e.Not) {
			list = append(list, Expr{Not: &m})
		}
	}
	return list
}

// A field of a kind that nobody expects neither passes nor fails, and so does one that is not there.
func TestOddFieldsOfObjects(t *testing.T) {
	for _, ctl := range objectControls(t) {
		k, ok := kinds[ctl.Scope]
		if !ok {
			continue
		}
		for _, odd := range []any{map[string]any{"a": 1}, []any{map[string]any{}}, nil} {
			var fields []string
			ctl.Assert.walk(func(e *Expr) { fields = append(fields, e.Path) })
			changed := k
			changed.fields = maps.Clone(k.fields)
			for _, f := range fields {
				changed.fields[f] = func(*evaluation, int) any { return odd }
			}
			kinds[ctl.Scope] = changed
			judged := 0
			for _, tc := range objectCases {
				if tc.id != ctl.ID {
					continue
				}
				r := judge(t, ctl.ID, objectInput(t, tc.in))
				if r.Tally.Held+r.Tally.Failed > 0 && ctl.Assert.Op != OpEmpty {
					t.Errorf("%s, %s: %v reads as %s (%s)", ctl.ID, tc.name, odd, r.Status, r.Reason)
				}
				judged += r.Tally.Concerned()
			}
			kinds[ctl.Scope] = k
			if judged == 0 {
				t.Errorf("%s: no case has an object", ctl.ID)
			}
		}
	}
}

// Objects that nobody has listed yet may be anything: nothing passes, and no share is given.
func TestIncompleteListing(t *testing.T) {
	for _, tc := range []struct {
		id, feed string
		in       func(*Input)
		want     Status
	}{
		{"ZW-MI-03", "upcoming_meetings", func(*Input) {}, Unknown},
		{"ZW-MI-03", "upcoming_meetings", meetings(Meeting{UsePMI: ptr(false)}), Unknown},
		{"ZW-MI-03", "upcoming_meetings", meetings(Meeting{UsePMI: ptr(false)}, Meeting{UsePMI: ptr(true)}), PartialPass},
		{"ZW-MI-03", "upcoming_meetings", meetings(Meeting{UsePMI: ptr(true)}), Fail},
		{"ZW-CHN-01", "user_channels", channels(Channel{AddExternal: ptr(int64(0))}), Unknown},
		{"ZW-CHN-02", "user_channels", channels(Channel{Type: ptr(int64(3))}), Pass}, // public ones are all known
	} {
		in := objectInput(t, tc.in)
		in.Feeds[tc.feed] = FeedState{State: FeedOK, Incomplete: true}
		if r := judge(t, tc.id, in); r.Status != tc.want || r.Points != map[Status]float64{Pass: r.MaxPoints}[tc.want] || tc.want == Unknown && !strings.Contains(r.Reason, "not come round") {
			t.Errorf("%s: %s with %v points (%s), want %s", tc.id, r.Status, r.Points, r.Reason, tc.want)
		}
	}
}

func TestResourcesNameWhatFails(t *testing.T) {
	in := objectInput(t, someUsers(fine, func(u *User) { u.Email, u.LoginTypes = "u2@example.com", []string{"100", "1"} }, func(u *User) { u.Email, u.LoginTypes = "u3@example.com", nil }))
	want := []Resource{
		{ScopeUser, "u2", "u2@example.com", Fail, "100 (work e-mail), 1 (Google)"},
		{ScopeUser, "u3", "u3@example.com", Unknown, "not known"},
	}
	if diff := cmp.Diff(want, judge(t, "ZW-USR-01", in).Resources); diff != "" {
		t.Error(diff)
	}
	// What stands still reads the same tomorrow.
	in = objectInput(t, someUsers(func(u *User) { u.LastLoginAt = daysAgo(200) }))
	today := judge(t, "ZW-USR-03", in)
	in.AsOf = asOf.AddDate(0, 0, 1)
	if diff := cmp.Diff(today, judge(t, "ZW-USR-03", in)); diff != "" || today.Resources[0].Observed != "since 2025-08-14" {
		t.Errorf("%q; a day later: %s", today.Resources[0].Observed, diff)
	}
}

// Whatever is forgotten of an object, its control never earns more by it.
func TestForgettingAFieldNeverEarnsPoints(t *testing.T) {
	c := catalogue(t)
	in := objectFeeds(t)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(objectCases).Draw(t, "case").id
		all := Input{Settings: map[string]Setting{}, Feeds: in, AsOf: asOf}
		for _, tc := range objectCases {
			if tc.id == id && rapid.Bool().Draw(t, "with "+tc.name) {
				tc.in(&all)
			}
		}
		all.Params = nil
		for i := range all.Users {
			all.Users[i].ID = fmt.Sprint("u", i+1)
		}
		ctl, _ := c.Control(id)
		k, ok := kinds[ctl.Scope]
		if !ok || k.count(&all) == 0 {
			t.Skip("no objects")
		}
		before := judgeOne(c, ctl, all)
		var paths []string
		ctl.Assert.walk(func(e *Expr) { paths = append(paths, e.Path) })
		path, at := rapid.SampledFrom(paths).Draw(t, "forgotten"), rapid.IntRange(0, k.count(&all)-1).Draw(t, "of")
		changed := k
		changed.fields = maps.Clone(k.fields)
		changed.fields[path] = func(ev *evaluation, i int) any {
			if i == at {
				return nil
			}
			return k.fields[path](ev, i)
		}
		kinds[ctl.Scope] = changed
		after := judgeOne(c, ctl, all)
		kinds[ctl.Scope] = k
		if after.Points > before.Points+1e-9 || after.Status == Pass && before.Status != Pass {
			t.Fatalf("%s was %s with %v points (%s), without %s of one %s with %v (%s)", id, before.Status, before.Points, before.Reason, path, after.Status, after.Points, after.Reason)
		}
	})
}

func judgeOne(c *Catalog, ctl Control, in Input) Result {
	one := *c
	one.Controls = []Control{ctl}
	return Evaluate(&one, in)[0]
}
