package zoomtest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// rowsOf reads every page of a listing.
func rowsOf(t *testing.T, a account, target string, q url.Values, name string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for q := cloned(q); ; {
		res := a.get(target + "?" + q.Encode())
		var page map[string]any
		if err := json.Unmarshal([]byte(res.body), &page); err != nil || res.status != 200 {
			t.Fatalf("%s: %d %s", target, res.status, res.body)
		}
		out = append(out, list(page, name)...)
		next, _ := page["next_page_token"].(string)
		if next == "" {
			return out
		}
		q.Set("next_page_token", next)
	}
}

func column(rows []map[string]any, name string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = fmt.Sprint(r[name])
	}
	return out
}

// Reports, dashboard, participants and recordings show the same meetings: those of the account.
func TestFeedsAgree(t *testing.T) {
	company := feedCompany(t, 11)
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow, Plan: "business"})
	first, last := testNow.AddDate(0, 0, -14).Truncate(24*time.Hour), testNow.Truncate(24*time.Hour)
	window := func(more ...string) url.Values {
		q := url.Values{"from": {first.Format(time.DateOnly)}, "to": {last.Format(time.DateOnly)}, "page_size": {"100"}}
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return q
	}
	var all []zoomtest.Meeting
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		all = append(all, company.Meetings(day)...)
	}
	slices.Reverse(all)
	var uuids, alone, recorded []string
	reported := map[string][]string{}
	for _, m := range all {
		uuids = append(uuids, m.UUID)
		if m.People < 2 {
			alone = append(alone, m.UUID)
		} else {
			reported[m.HostID] = append(reported[m.HostID], m.UUID)
		}
		if m.Recorded {
			recorded = append(recorded, m.UUID)
		}
	}
	diff(t, uuids, column(rowsOf(t, a, "/v2/report/history_meetings", window(), "history_meetings"), "meeting_uuid"))
	diff(t, uuids, column(rowsOf(t, a, "/v2/metrics/meetings", window("type", "past"), "meetings"), "uuid"))
	diff(t, alone, column(rowsOf(t, a, "/v2/metrics/meetings", window("type", "pastOne"), "meetings"), "uuid"))
	diff(t, recorded, column(rowsOf(t, a, "/v2/report/history_meetings", window("meeting_feature", "record_to_cloud"), "history_meetings"), "meeting_uuid"))

	hosts := rowsOf(t, a, "/v2/report/users", window("type", "active"), "users")
	idle := rowsOf(t, a, "/v2/report/users", window("type", "inactive"), "users")
	accepted := 0
	for _, u := range company.Users() {
		if u.ID != "" {
			accepted++
		}
	}
	if len(hosts)+len(idle) != accepted {
		t.Errorf("%d hosts and %d others are not %d users", len(hosts), len(idle), accepted)
	}
	meetings, recordings := 0, []string{}
	for _, host := range hosts {
		id := host["id"].(string)
		meetings += int(host["meetings"].(float64))
		rows := rowsOf(t, a, "/v2/report/users/"+id+"/meetings", window(), "meetings")
		diff(t, reported[id], append([]string(nil), column(rows, "uuid")...))
		recordings = append(recordings, column(rowsOf(t, a, "/v2/users/"+id+"/recordings", window(), "meetings"), "uuid")...)
	}
	if meetings != len(all) {
		t.Errorf("%d meetings of hosts, want %d", meetings, len(all))
	}
	slices.Sort(recordings)
	slices.Sort(recorded)
	diff(t, recorded, recordings)

	for _, m := range all[:40] {
		id := twice(m.UUID)
		report := rowsOf(t, a, "/v2/report/meetings/"+id+"/participants", url.Values{"page_size": {"3"}}, "participants")
		past := rowsOf(t, a, "/v2/past_meetings/"+id+"/participants", url.Values{}, "participants")
		dashboard := rowsOf(t, a, "/v2/metrics/meetings/"+id+"/participants", url.Values{"type": {"past"}}, "participants")
		for _, name := range []string{"join_time", "leave_time", "id", "status", "user_id"} {
			diff(t, column(report, name), column(past, name))
			diff(t, column(report, name), column(dashboard, name))
		}
		for i, x := range company.Attendance(m) {
			ip, _ := dashboard[i]["ip_address"].(string)
			if want := x.IPAddress; report[i]["user_email"] != x.Email || want.IsValid() != (ip != "") || want.IsValid() && ip != want.String() || past[i]["internal_user"] != x.Internal {
				t.Errorf("%s: %v and %v of %+v", m.UUID, report[i], dashboard[i], x)
			}
		}
	}
}

// A day's meeting activities begin and end as its meetings do, and follow the filters.
func TestMeetingActivities(t *testing.T) {
	company := feedCompany(t, 12)
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow})
	day := testNow.AddDate(0, 0, -4).Truncate(24 * time.Hour)
	q := url.Values{"from": {day.Format(time.DateOnly)}, "to": {day.Format(time.DateOnly)}, "page_size": {"300"}, "activity_type": {"All Activities"}}
	all := rowsOf(t, a, "/v2/report/meeting_activities", q, "meeting_activity_logs")
	count := map[string]int{}
	for _, r := range all {
		count[r["activity_category"].(string)]++
	}
	meetings := company.Meetings(day)
	if count["Meeting Started"] != len(meetings) || count["Meeting Ended"] != len(meetings) || count["User Join"] != count["User Left"] {
		t.Errorf("%d meetings: %v", len(meetings), count)
	}
	for category, n := range count {
		q.Set("activity_type", category)
		if got := len(rowsOf(t, a, "/v2/report/meeting_activities", q, "meeting_activity_logs")); got != n {
			t.Errorf("%s: %d rows, want %d", category, got, n)
		}
	}
	q.Set("activity_type", "All Activities")
	q.Set("meeting_number", fmt.Sprint(meetings[0].Number))
	if one := rowsOf(t, a, "/v2/report/meeting_activities", q, "meeting_activity_logs"); len(one) < 4 || len(one) == len(all) {
		t.Errorf("%d rows of one meeting", len(one))
	}
}

// Groups and roles count the users who say that they are in them.
func TestMembersFollowTheUsers(t *testing.T) {
	company := feedCompany(t, 13)
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow})
	groups, roles := map[string][]string{}, map[string][]string{}
	for _, status := range []string{"active", "inactive"} {
		for _, u := range rowsOf(t, a, "/v2/users", url.Values{"status": {status}, "page_size": {"300"}}, "users") {
			for _, g := range u["group_ids"].([]any) {
				groups[g.(string)] = append(groups[g.(string)], u["id"].(string))
			}
			roles[u["role_id"].(string)] = append(roles[u["role_id"].(string)], u["id"].(string))
		}
	}
	for _, g := range rowsOf(t, a, "/v2/groups", url.Values{}, "groups") {
		id := g["id"].(string)
		diff(t, groups[id], column(rowsOf(t, a, "/v2/groups/"+id+"/members", url.Values{"page_size": {"50"}}, "members"), "id"))
		if int(g["total_members"].(float64)) != len(groups[id]) {
			t.Errorf("group %v has %d users", g, len(groups[id]))
		}
		delete(groups, id)
	}
	for _, r := range rowsOf(t, a, "/v2/roles", url.Values{}, "roles") {
		id := r["id"].(string)
		diff(t, roles[id], column(rowsOf(t, a, "/v2/roles/"+id+"/members", url.Values{"page_size": {"50"}}, "members"), "id"))
		if int(r["total_members"].(float64)) != len(roles[id]) {
			t.Errorf("role %v has %d users", r, len(roles[id]))
		}
		delete(roles, id)
	}
	if len(groups)+len(roles) > 0 {
		t.Errorf("users are in unknown groups %v and roles %v", groups, roles)
	}
}

// Clients at the same time get the same answers.
func TestFeedsServeManyClients(t *testing.T) {
	company := feedCompany(t, 14)
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow, Plan: "business"})
	const window = "from=2026-11-09&to=2026-11-20"
	host := someRecording(t, feedCompany(t, 14)).Meeting.HostID
	targets := []string{
		"/v2/report/daily?year=2026&month=11", "/v2/report/users?" + window, "/v2/report/telephone?" + window, "/v2/report/cloud_recording?" + window,
		"/v2/report/users/" + host + "/meetings?" + window, "/v2/users/" + host + "/recordings?" + window, "/v2/users/" + host + "/settings", "/v2/chat/users/" + host + "/channels",
		"/v2/chat/channels?page_size=50", "/v2/groups", "/v2/roles", "/v2/marketplace/apps?type=public",
	}
	token := regexp.MustCompile(`"next_page_token":"[^"]*"`)
	const clients = 3
	var answers [clients][]string
	var g errgroup.Group
	for i := range clients {
		g.Go(func() error {
			for _, target := range targets {
				res := a.get(target)
				if res.status != 200 {
					return fmt.Errorf("%s: %d %s", target, res.status, res.body)
				}
				answers[i] = append(answers[i], token.ReplaceAllString(res.body, "")) // sealed anew each time
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < clients; i++ {
		if !slices.Equal(answers[0], answers[i]) {
			t.Errorf("client %d got other answers", i)
		}
	}
}

// The meeting of the whole company has more people than a page holds.
func TestLargeMeetingIsPaged(t *testing.T) {
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 15, Users: 1500, Days: 60, End: testNow})
	if err != nil {
		t.Fatal(err)
	}
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow, Plan: "business"})
	var largest zoomtest.Meeting
	for day := company.Start(); day.Before(testNow); day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Wednesday || day.Day() > 7 {
			continue
		}
		for _, m := range company.Meetings(day) {
			if m.People > largest.People {
				largest = m
			}
		}
	}
	var want []string
	for _, p := range company.Attendance(largest) {
		want = append(want, p.SessionID)
	}
	if len(want) <= 300 {
		t.Fatalf("%d stays in the largest meeting: the test needs more than a page", len(want))
	}
	id := twice(largest.UUID)
	for _, target := range []string{"/v2/report/meetings/" + id + "/participants", "/v2/past_meetings/" + id + "/participants", "/v2/metrics/meetings/" + id + "/participants"} {
		for _, size := range []string{"30", "300"} {
			diff(t, want, column(rowsOf(t, a, target, url.Values{"page_size": {size}, "type": {"past"}}, "participants"), "user_id"))
		}
	}
	if res := a.get(fmt.Sprintf("/v2/report/meetings/%d", largest.Number)); res.status != 200 {
		t.Errorf("by number: %d %s", res.status, res.body)
	}
}
