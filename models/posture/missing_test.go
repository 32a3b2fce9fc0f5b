package posture

import (
	"strings"
	"testing"
)

// What Zoom leaves out, or what a reading did not come to, is never taken for a no: neither a pass nor a fail may rest on it.

// A first reading of the users that failed at the active ones leaves the others behind: their list says nothing of who is in the account.
func TestUserListThatWasNeverReadWhole(t *testing.T) {
	db := openDB(t)
	exec(t, db, `INSERT INTO meta.feeds (feed, state, due) VALUES ('settings', 'ok', 0), ('users', 'failed', 0), ('domains', 'ok', 0), ('user_details', 'ok', 0), ('public_channels', 'ok', 0),
		('user_channels', 'ok', 0), ('channel_members', 'ok', 0)`)
	exec(t, db, `INSERT INTO ingest.users (user_id, email, type, status, role_id, row_hash, first_seen_at, run_id) VALUES ('i', 'i@example.com', 'basic', 'inactive', '2', 'h', ?, 'r0')`, asOf)
	setting(t, db, twoFactorMode, `"group"`, nil, asOf)
	setting(t, db, twoFactorGroups, `["g"]`, nil, asOf)
	exec(t, db, `INSERT INTO ingest.chat_channels (channel_id, name, type, row_hash, first_seen_at, run_id) VALUES ('c', 'C', 3, 'h', ?, 'r0')`, asOf)
	exec(t, db, `INSERT INTO ingest.channel_members VALUES ('k', 'c', 'a', 'm', 'a@example.com', 'A', 'owner', false, 'h', ?, NULL, 'r0')`, asOf)
	of := map[string]Result{}
	for _, r := range run(t, db, "r1", asOf).Results {
		of[r.ControlID] = r
	}
	for _, id := range []string{"ZW-ID-04", "ZW-USR-01", "ZW-USR-02", "ZW-USR-03", "ZW-USR-04", "ZW-USR-05", "ZW-USR-07", "ZW-USR-08", "ZW-USR-09", "ZW-USR-10", "MS-ZOOM-01", "ZW-CHN-07"} {
		if r := of[id]; r.Status != Unknown || r.Points != 0 {
			t.Errorf("%s is %s with %v points (%s), want unknown", id, r.Status, r.Points, r.Reason)
		}
	}
	// What was once read whole still stands when a later reading fails.
	exec(t, db, `UPDATE meta.feeds SET watermark = ? WHERE feed = 'users'`, daysAgo(1))
	exec(t, db, `INSERT INTO ingest.users (user_id, email, type, status, role_id, groups, row_hash, first_seen_at, run_id) VALUES ('a', 'a@example.com', 'basic', 'active', '0', ['g'], 'h', ?, 'r0')`, asOf)
	for _, r := range run(t, db, "r2", asOf).Results {
		if (r.ControlID == "ZW-ID-04" || r.ControlID == "ZW-USR-04" || r.ControlID == "ZW-CHN-07") && r.Status != Pass {
			t.Errorf("%s is %s (%s), want pass", r.ControlID, r.Status, r.Reason)
		}
	}
}

// Every account has an owner: a list that names no active one has a hole.
func TestListWithoutOwner(t *testing.T) {
	byGroup := values_{twoFactorMode: "group", twoFactorGroups: []string{"g"}}
	for _, tc := range []struct {
		id    string
		users []User
	}{
		{"ZW-ID-04", []User{user(1, "2", "active", "basic", 1)}},
		{"ZW-ID-04", []User{user(1, "0", "inactive", "basic", 1)}},
		{"ZW-USR-04", []User{user(1, "2", "inactive", "basic", 1)}},
		{"ZW-USR-04", []User{user(1, "2", "active", "basic", 1), user(2, "1", "active", "basic", 1)}},
	} {
		if r := judge(t, tc.id, Input{Settings: values(t, byGroup), Users: tc.users}); r.Status != Unknown || !strings.Contains(r.Reason, "owner") {
			t.Errorf("%s with %+v: %s (%s), want unknown", tc.id, tc.users, r.Status, r.Reason)
		}
	}
}

// A user whose role Zoom does not send may be the owner, an administrator or neither.
func TestRoleThatZoomDoesNotSend(t *testing.T) {
	owner, admin := user(1, "0", "active", "licensed", 1, "g"), user(2, "1", "active", "licensed", 1, "g")
	nameless, covered := user(3, "", "active", "licensed", 1), user(4, "", "active", "licensed", 1, "g")
	byGroup, byRole := values_{twoFactorMode: "group", twoFactorGroups: []string{"g"}}, values_{twoFactorMode: "role", twoFactorRoles: []string{"0", "1"}}
	for _, tc := range []struct {
		name, id string
		settings values_
		users    []User
		params   Params
		want     Status
		points   float64
		reason   string
	}{
		{"perhaps a second owner", "ZW-USR-04", nil, []User{owner, nameless}, nil, Unknown, 0, "1 more"},
		{"the only owner, perhaps", "ZW-USR-04", nil, []User{admin, nameless}, nil, Unknown, 0, "owners"},
		{"the owner, one of three perhaps", "ZW-USR-04", nil, []User{admin, nameless, covered}, nil, Unknown, 0, "owners"},
		{"two owners, whatever the third is", "ZW-USR-04", nil, []User{owner, user(5, "0", "active", "basic", 1), nameless}, nil, Fail, 0, "owners: 2"},
		{"perhaps an admin too many", "ZW-USR-04", nil, []User{owner, admin, nameless}, Params{"max_admins": 1}, Unknown, 0, "admins"},
		{"perhaps an admin outside the group", "ZW-ID-04", byGroup, []User{owner, nameless}, nil, Unknown, 0, "1 more"},
		{"in the group, admin or not", "ZW-ID-04", byGroup, []User{owner, covered}, nil, Pass, 10, ""},
		{"perhaps an admin, perhaps of a role within", "ZW-ID-04", byRole, []User{owner, nameless}, nil, Unknown, 0, "1 more"},
		{"all are covered", "ZW-ID-04", values_{twoFactorMode: "all"}, []User{nameless}, nil, Pass, 10, ""},
		{"nobody is covered", "ZW-ID-04", values_{twoFactorMode: "none"}, []User{nameless}, nil, Unknown, 0, "1 more"},
		{"an admin outside; who is not known earns nothing", "ZW-ID-04", byGroup, []User{owner, user(2, "1", "active", "basic", 1), covered, nameless}, nil, PartialPass, 2.5, "right for 1 of 4 users"},
		{"by role, of one it is not known", "MS-ZOOM-01", byRole, []User{owner, nameless}, nil, PartialPass, 5, "right for 1 of 2 users"},
		{"by role", "ZW-USR-02", byRole, []User{owner, nameless}, nil, Unknown, 0, "role"},
		{"by group", "ZW-USR-02", byGroup, []User{owner, covered}, nil, Pass, 8, ""},
	} {
		r := judge(t, tc.id, Input{Settings: values(t, tc.settings), Users: tc.users, Params: tc.params})
		if r.Status != tc.want || r.Points != tc.points || !strings.Contains(r.Reason, tc.reason) {
			t.Errorf("%s, %s: %s with %v points (%s), want %s with %v", tc.id, tc.name, r.Status, r.Points, r.Reason, tc.want, tc.points)
		}
	}
}
