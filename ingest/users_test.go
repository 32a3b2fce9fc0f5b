package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// usersNow returns the users as email -> what is kept.
func usersNow(t testing.TB, db *store.DB) map[string]string {
	t.Helper()
	var rows struct {
		Email []string `col:"email"`
		Text  []string `col:"text"`
	}
	err := db.Read(t.Context(), &rows, `SELECT email, concat_ws('|', coalesce(user_id, '-'), coalesce(display_name, '-'), type, status, coalesce(role, '-'), coalesce(dept, '-'), groups::VARCHAR,
		strftime(status_changed_at, '%m-%d'), strftime(first_seen_at, '%m-%d')) AS text FROM ingest.users`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for i, e := range rows.Email {
		if _, twice := out[e]; twice {
			t.Errorf("user %s has two rows", e)
		}
		out[e] = rows.Text[i]
	}
	return out
}

func TestUsers(t *testing.T) {
	db, a := openStore(t), smallAccount()
	mustRun(t, db, a, testNow)
	want := map[string]string{
		"owner@example.com": "idA|Owner|licensed|active|Owner|Board|[g1, g2]|08-31|08-31",
		"b@example.com":     "idB|Plain Member|basic|active|Member|-|[]|08-31|08-31",
		"c@example.com":     "idC|-|unassigned|inactive|r77|-|[]|08-31|08-31",
		"d@example.com":     "-|-|none|pending|-|-|[]|08-31|08-31",
	}
	if d := cmp.Diff(want, usersNow(t, db)); d != "" {
		t.Errorf("first run (-want +got):\n%s", d)
	}
	steps := []struct {
		name    string
		change  func()
		written int64
		state   string
		want    map[string]string // nil: deleted from want is not meant; "" leaves as is
	}{
		{"nothing", func() {}, 0, StateOK, nil},
		{"order of groups", func() { a.users["active"][0].GroupIDs = []string{"g1", "g2"} }, 0, StateOK, nil},
		{"a field", func() { a.users["active"][0].Dept = "Audit" }, 1, StateOK, map[string]string{"owner@example.com": "idA|Owner|licensed|active|Owner|Audit|[g1, g2]|08-31|08-31"}},
		{"gone, but a listing failed", func() {
			a.users["active"] = a.users["active"][:1]
			a.fail = map[string]error{"users pending": &zoom.APIError{Status: 500}}
		}, 0, StateFailed, nil},
		{"gone", func() { a.fail = nil }, 1, StateOK, map[string]string{"b@example.com": "idB|Plain Member|basic|deleted|Member|-|[]|09-05|08-31"}},
		{"still gone", func() {}, 0, StateOK, nil},
		{"back as inactive", func() {
			a.users["inactive"] = append(a.users["inactive"], zoom.User{ID: "idB", Email: "b@example.com", DisplayName: "Plain Member", Type: 1, Status: "inactive", RoleID: "2"})
		}, 1, StateOK, map[string]string{"b@example.com": "idB|Plain Member|basic|inactive|Member|-|[]|09-07|08-31"}},
		{"in two listings: the later one counts", func() {
			a.users["pending"] = append(a.users["pending"], zoom.User{ID: "idC", Email: "C@example.com", Type: 4, Status: "pending", RoleID: "r77"})
		}, 1, StateOK, map[string]string{"c@example.com": "idC|-|unassigned|pending|r77|-|[]|09-08|08-31"}},
		{"a new one while a listing fails", func() {
			a.users["active"] = append(a.users["active"], zoom.User{ID: "idE", Email: "e@example.com", Type: 2, Status: "active", RoleID: "1"})
			a.fail = map[string]error{"users inactive": &zoom.APIError{Status: 500}}
		}, 1, StateFailed, map[string]string{"e@example.com": "idE|-|licensed|active|Admin|-|[]|09-09|09-09"}},
		{"listed without an address", func() {
			a.fail = nil
			a.users["active"][1].Email = ""
		}, 0, StateOK, nil},
	}
	for i, s := range steps {
		s.change()
		rep := feedOf(t, mustRun(t, db, a, testNow.AddDate(0, 0, i+1)), "users")
		if rep.Landed != s.written || rep.State != s.state {
			t.Errorf("%s: %+v, want %d written, state %s", s.name, rep, s.written, s.state)
		}
		for e, row := range s.want {
			want[e] = row
		}
		if d := cmp.Diff(want, usersNow(t, db)); d != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, d)
		}
		if s.name == "listed without an address" && (rep.Rejected != 1 || !strings.Contains(rep.Message, "e-mail address is missing")) {
			t.Errorf("%s: %+v", s.name, rep)
		}
	}
}

func TestUserHashCoversEveryField(t *testing.T) {
	base := user{id: "i", email: "e", name: "n", kind: "k", status: "s", roleID: "r", role: "R", dept: "d", timezone: "t", lastClient: "c", created: testNow, lastLogin: testNow, groups: []string{"g"}}
	for i, change := range []func(u *user){
		func(u *user) { u.id = "x" }, func(u *user) { u.email = "x" }, func(u *user) { u.name = "x" }, func(u *user) { u.kind = "x" }, func(u *user) { u.status = "x" },
		func(u *user) { u.roleID = "x" }, func(u *user) { u.dept = "x" }, func(u *user) { u.timezone = "x" }, func(u *user) { u.lastClient = "x" },
		func(u *user) { u.created = testNow.Add(time.Second) }, func(u *user) { u.lastLogin = time.Time{} }, func(u *user) { u.groups = []string{"g", "h"} },
	} {
		u := base
		change(&u)
		if u.hash() == base.hash() {
			t.Errorf("change %d leaves the hash as it is", i)
		}
	}
}
