package zoomtest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// twice encodes a meeting's UUID as Zoom demands of those with a slash; it does no harm to the others.
func twice(uuid string) string { return url.PathEscape(url.PathEscape(uuid)) }

// A feed is a listing with what its pages must add up to.
type feed struct {
	path, schema, rows string
	query              url.Values
	size               int
}

// feeds asks every further endpoint for everything and holds each answer against the description.
func (v *validator) feeds(company *zoomtest.Company) {
	window := url.Values{"from": {"2026-10-26"}, "to": {"2026-11-23"}}
	with := func(pairs ...string) url.Values {
		q := cloned(window)
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return q
	}
	host := company.Meetings(testNow.AddDate(0, 0, -6))[0].HostID
	recorder := someRecording(v.t, company).Meeting.HostID
	planner, planned := somebodyWhoPlans(v.t, company)
	assisted := somebodyAssisted(v.t, company)
	group, role := company.Groups()[1].ID, "2"
	chat := url.Values{"start_date": {"2026-10-26"}, "end_date": {"2026-11-23"}}
	for _, f := range []feed{
		{"/v2/roles", "GET /roles", "roles", nil, 0},
		{"/v2/roles/" + role + "/members", "GET /roles/{roleId}/members", "members", nil, 300},
		{"/v2/groups", "GET /groups", "groups", nil, 0},
		{"/v2/groups/" + group + "/members", "GET /groups/{groupId}/members", "members", nil, 2000},
		{"/v2/report/users", "GET /report/users", "users", window, 300},
		{"/v2/report/users", "GET /report/users", "users", with("type", "inactive"), 300},
		{"/v2/report/users/" + host + "/meetings", "GET /report/users/{userId}/meetings", "meetings", window, 300},
		{"/v2/report/users/" + host + "/meetings", "GET /report/users/{userId}/meetings", "meetings", with("type", "pastJoined"), 300},
		{"/v2/report/telephone", "GET /report/telephone", "telephony_usage", window, 300},
		{"/v2/report/remote_support", "GET /report/remote_support", "remote_support_logs", window, 300},
		{"/v2/report/meeting_activities", "GET /report/meeting_activities", "meeting_activity_logs", url.Values{"from": {"2026-11-10"}, "to": {"2026-11-10"}, "activity_type": {"All Activities"}}, 300},
		{"/v2/report/history_meetings", "GET /report/history_meetings", "history_meetings", window, 300},
		{"/v2/metrics/meetings", "GET /metrics/meetings", "meetings", with("type", "past"), 300},
		{"/v2/metrics/meetings", "GET /metrics/meetings", "meetings", with("type", "pastOne"), 300},
		{"/v2/metrics/meetings", "GET /metrics/meetings", "meetings", with("type", "live"), 300},
		{"/v2/users/" + recorder + "/recordings", "GET /users/{userId}/recordings", "meetings", window, 300},
		{"/v2/users/" + planner + "/meetings", "GET /users/{userId}/meetings", "meetings", url.Values{"type": {"upcoming"}}, 300},
		{"/v2/chat/users/" + host + "/channels", "GET /chat/users/{userId}/channels", "channels", nil, 50},
		{"/v2/chat/channels", "GET /chat/users/{userId}/channels", "channels", nil, 50},
		{"/v2/chat/activities/channels", "GET /chat/activities/channels", "channel_activity_logs", chat, 300},
		{"/v2/marketplace/apps", "GET /marketplace/apps", "apps", url.Values{"type": {"account_added"}}, 300},
	} {
		v.feed(f)
	}
	for path, schema := range map[string]string{
		"/v2/roles/0": "GET /roles/{roleId}", "/v2/groups/" + group: "GET /groups/{groupId}", "/v2/accounts/me/managed_domains": "GET /accounts/{accountId}/managed_domains",
		"/v2/accounts/" + testAccount + "/trusted_domains": "GET /accounts/{accountId}/trusted_domains", "/v2/report/daily?year=2026&month=11": "GET /report/daily",
		"/v2/im/groups": "GET /im/groups",
		"/v2/report/cloud_recording?from=2026-10-26&to=2026-11-22": "GET /report/cloud_recording",
		"/v2/users/" + assisted + "/assistants":                    "GET /users/{userId}/assistants", fmt.Sprint("/v2/meetings/", planned): "GET /meetings/{meetingId}",
		"/v2/phone/account_settings": "GET /phone/account_settings", "/v2/phone/account_settings?setting_types=auto_call_recording,none": "GET /phone/account_settings",
	} {
		if answer := v.ask(path, http.StatusOK, v.fields[schema]); len(answer) == 0 {
			v.t.Errorf("%s is empty", path)
		}
	}
	v.meetings(company)
	v.channels(company)
	v.personSettings(host, group)
}

// feed reads a listing in the default, in small and in the largest pages: always the same rows, and pages that add up.
func (v *validator) feed(f feed) {
	t, rows := v.t, -1
	for i := range 3 {
		size := "" // the default, then a few pages, then the largest
		if i > 0 && f.size == 0 {
			break
		}
		if i > 0 {
			size = []string{"", fmt.Sprint(min(f.size, rows/6+1)), fmt.Sprint(f.size)}[i]
		}
		q := cloned(f.query)
		if size != "" {
			q.Set("page_size", size)
		}
		pages, n := v.pages(f.path, q, v.fields[f.schema]), 0
		for i, p := range pages {
			got := len(list(p, f.rows))
			n += got
			if total, ok := p["total_records"]; ok && fmt.Sprint(total) != fmt.Sprint(number(pages[0], "total_records")) {
				t.Errorf("%s page %d: total_records %v", f.path, i+1, total)
			}
			if max := number(p, "page_size"); size != "" && (fmt.Sprint(max) != size || i < len(pages)-1 && got != max) {
				t.Errorf("%s page %d of %d: %d rows, page_size %d of %s", f.path, i+1, len(pages), got, max, size)
			}
			if count := number(p, "page_count"); count >= 0 && count != len(pages) && n > 0 {
				t.Errorf("%s: page_count %d, %d pages", f.path, count, len(pages))
			}
			if page := number(p, "page_number"); page >= 0 && page != i+1 {
				t.Errorf("%s: page_number %d of page %d", f.path, page, i+1)
			}
		}
		if total := number(pages[0], "total_records"); total >= 0 && total != n || rows >= 0 && rows != n {
			t.Errorf("%s: %d rows by pages of %q, total_records %d, %d before", f.path, n, size, total, rows)
		}
		rows = n
	}
	if rows == 0 {
		t.Errorf("%s?%s is empty: the test says nothing", f.path, f.query.Encode())
	}
	if f.size > 0 {
		q := cloned(f.query)
		q.Set("page_size", fmt.Sprint(f.size+1))
		v.ask(f.path+"?"+q.Encode(), http.StatusBadRequest, v.fields["error"])
	}
}

// meetings checks what is asked by meeting.
func (v *validator) meetings(company *zoomtest.Company) {
	for _, m := range append(company.Meetings(testNow.AddDate(0, 0, -6)), company.Meetings(testNow.AddDate(0, 0, -5))...)[:30] {
		id := twice(m.UUID)
		v.ask("/v2/report/meetings/"+id, http.StatusOK, v.fields["GET /report/meetings/{meetingId}"])
		for path, schema := range map[string]string{
			"/v2/report/meetings/" + id + "/participants":              "GET /report/meetings/{meetingId}/participants",
			"/v2/past_meetings/" + id + "/participants":                "GET /past_meetings/{meetingId}/participants",
			"/v2/metrics/meetings/" + id + "/participants?type=past":   "GET /metrics/meetings/{meetingId}/participants",
			"/v2/report/meetings/" + id + "/participants?page_size=90": "GET /report/meetings/{meetingId}/participants",
		} {
			if rows := list(v.ask(path, http.StatusOK, v.fields[schema]), "participants"); len(rows) == 0 {
				v.t.Errorf("%s is empty", path)
			}
		}
	}
	for _, m := range company.LiveMeetings() {
		v.ask(fmt.Sprintf("/v2/metrics/meetings/%d/participants?type=live", m.Number), http.StatusOK, v.fields["GET /metrics/meetings/{meetingId}/participants"])
		v.ask("/v2/report/meetings/"+twice(m.UUID), http.StatusNotFound, v.fields["error"])
	}
	for back := range 20 {
		for _, r := range company.Recordings(testNow.AddDate(0, 0, -back)) {
			v.ask("/v2/meetings/"+twice(r.Meeting.UUID)+"/recordings/settings", http.StatusOK, v.fields["GET /meetings/{meetingId}/recordings/settings"])
		}
	}
}

func (v *validator) channels(company *zoomtest.Company) {
	for _, u := range company.Users()[:40] {
		for i, c := range company.UserChannels(u.ID) {
			if i > 1 { // not those of everybody
				v.pages("/v2/chat/users/"+u.ID+"/channels/"+c.ID+"/members", url.Values{"page_size": {"100"}}, v.fields["GET /chat/users/{userId}/channels/{channelId}/members"])
			}
		}
	}
}

func (v *validator) personSettings(user, group string) {
	users, groups, locks := readKeys(v.t, "user-settings-keys.txt", nil), readKeys(v.t, "group-settings-keys.txt", nil), readKeys(v.t, "group-lock-settings-keys.txt", nil)
	for _, option := range []string{"", "meeting_security", "meeting_authentication", "recording_authentication"} {
		block := option
		if option == "" {
			block = "all sections"
		}
		v.ask("/v2/users/"+user+"/settings?option="+option, http.StatusOK, users[block])
		v.ask("/v2/groups/"+group+"/settings?option="+option, http.StatusOK, groups[block])
	}
	v.ask("/v2/groups/"+group+"/lock_settings", http.StatusOK, locks["all sections"])
	v.ask("/v2/groups/"+group+"/lock_settings?option=meeting_security", http.StatusOK, locks["meeting_security"])
	v.ask("/v2/groups/"+group+"/lock_settings?option=x", http.StatusBadRequest, v.fields["error"])
	v.ask("/v2/users/"+user+"/settings?option=security", http.StatusBadRequest, v.fields["error"])
	if one := v.ask("/v2/users/"+user+"/settings?custom_query_fields=pmi_password", http.StatusOK, users["all sections"]); len(one) != 1 {
		v.t.Errorf("custom_query_fields leaves %d sections", len(one))
	}
}

func someRecording(t testing.TB, company *zoomtest.Company) zoomtest.Recording {
	t.Helper()
	for back := 1; back < 28; back++ {
		for _, r := range company.Recordings(testNow.AddDate(0, 0, -back)) {
			return r
		}
	}
	t.Fatal("nothing was recorded")
	return zoomtest.Recording{}
}

// A UUID with slashes opens the meeting when encoded twice and nothing when encoded once; the others open either way.
func TestMeetingUUIDsAreEncodedTwice(t *testing.T) {
	company := feedCompany(t, 4)
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow, Plan: "business"})
	lead, double, plain := 0, 0, 0
	for day := company.Start(); day.Before(testNow.AddDate(0, 0, -1)); day = day.AddDate(0, 0, 1) {
		for _, m := range company.Meetings(day) {
			slashes := strings.HasPrefix(m.UUID, "/") || strings.Contains(m.UUID, "//")
			if !slashes && plain > 300 {
				continue
			}
			for _, path := range []string{"/v2/report/meetings/%s", "/v2/report/meetings/%s/participants", "/v2/past_meetings/%s/participants", "/v2/metrics/meetings/%s/participants?type=past"} {
				once, two := a.get(fmt.Sprintf(path, url.PathEscape(m.UUID))), a.get(fmt.Sprintf(path, twice(m.UUID)))
				if two.status != 200 || (once.status == 200) == slashes {
					t.Fatalf("%s of %s: %d encoded once, %d encoded twice", path, m.UUID, once.status, two.status)
				}
				if slashes {
					once.is(t, 404, refusal(3001, "Meeting does not exist: "+m.UUID+"."))
				}
			}
			switch {
			case strings.HasPrefix(m.UUID, "/"):
				lead++
			case slashes:
				double++
			default:
				plain++
			}
		}
	}
	if lead == 0 || double == 0 || plain == 0 {
		t.Errorf("%d begin with a slash, %d hold two, %d neither: the test says too little", lead, double, plain)
	}
}

// somebodyWhoPlans returns a user with meetings to come, and the number of one that has a passcode.
func somebodyWhoPlans(t testing.TB, company *zoomtest.Company) (user string, number int64) {
	t.Helper()
	for _, u := range company.Users() {
		for _, m := range company.ScheduledMeetings(u.ID) {
			if m.Passcode != "" {
				return u.ID, m.Number
			}
		}
	}
	t.Fatal("nobody plans anything")
	return "", 0
}

func somebodyAssisted(t testing.TB, company *zoomtest.Company) string {
	t.Helper()
	for _, u := range company.Users() {
		if len(company.Assistants(u.ID)) > 0 {
			return u.ID
		}
	}
	t.Fatal("nobody has an assistant")
	return ""
}

func feedCompany(t testing.TB, seed uint64) *zoomtest.Company {
	t.Helper()
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: seed, Users: 400, Days: 40, End: testNow, Attacks: true})
	if err != nil {
		t.Fatal(err)
	}
	return company
}

// The host key and the passcodes are there for who asks, so that a client that keeps them is found out.
func TestSecretsAreServed(t *testing.T) {
	company := feedCompany(t, 2)
	a := open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow, Plan: "business"})
	r := someRecording(t, company)
	host := r.Meeting.HostID
	from := r.Meeting.Start.Format(time.DateOnly)
	_, planned := somebodyWhoPlans(t, company)
	for target, secret := range map[string]string{
		"/v2/users?page_size=2000&include_fields=host_key":                          `"host_key":"` + company.HostKey(host) + `"`,
		"/v2/users/" + host + "/settings":                                           zoomtest.RoomPasscode,
		fmt.Sprint("/v2/meetings/", planned):                                        `"password":"` + zoomtest.RoomPasscode,
		"/v2/users/" + host + "/recordings?from=" + from + "&to=" + from:            zoomtest.DownloadPath,
		"/v2/meetings/" + twice(r.Meeting.UUID) + "/recordings/settings":            `"password":"`,
		"/v2/metrics/meetings/" + twice(r.Meeting.UUID) + "/participants?type=past": `"mac_addr":"02:`,
	} {
		if res := a.get(target); res.status != 200 || !strings.Contains(res.body, secret) {
			t.Errorf("%s: %d, no %s", target, res.status, secret)
		}
	}
	if res := a.get("/v2/users?page_size=2000"); strings.Contains(res.body, "host_key") {
		t.Error("host keys come without being asked for")
	}
}

// A dashboard is for Business and up; reading it costs the scarcest limit.
func TestDashboardIsForBusiness(t *testing.T) {
	const target = "/v2/metrics/meetings?type=past&from=2026-11-20&to=2026-11-22"
	for plan, status := range map[string]int{"free": 400, "pro": 400, "business": 200} {
		a := open(t, feedCompany(t, 3), zoomtest.ServerOptions{Plan: plan, AsOf: testNow})
		res := a.get(target)
		if res.status != status || res.header.Get("X-RateLimit-Category") != "Resource-intensive" {
			t.Errorf("%s: %d %s", plan, res.status, res.header)
		}
		if plan != "business" {
			continue
		}
		for range 19 { // 20 a minute
			res = a.get(target)
		}
		if more := a.get(target); res.status != 200 || more.status != 429 {
			t.Errorf("the 20th call: %d, the 21st: %d", res.status, more.status)
		}
	}
}
