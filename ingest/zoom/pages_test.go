package zoom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func activityPage(next string, emails ...string) reply {
	var rows []string
	for _, e := range emails {
		rows = append(rows, fmt.Sprintf(`{"email":%q,"time":"2026-02-03T04:05:06Z","type":"Sign in"}`, e))
	}
	return body(200, fmt.Sprintf(`{"from":"2026-02-01T00:00:00Z","page_size":300,"next_page_token":%q,"activity_logs":[%s]}`, next, strings.Join(rows, ",")))
}

var (
	feb1  = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	feb28 = time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)
	gone  = body(400, `{"code":300,"message":"The next page token is invalid or expired."}`)
)

func collectActivities(c *Client) (emails []string, err error) {
	rows, _, err := Collect(func(y func(Page[Activity]) error) error { return c.Activities(context.Background(), feb1, feb28, y) })
	for _, r := range rows {
		emails = append(emails, r.Email)
	}
	return emails, err
}

func TestPages(t *testing.T) {
	f := newFake(t, activityPage("p2", "a", "b"), activityPage("p3"), activityPage("", "c"))
	got, err := collectActivities(f.client(t))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b", "c"}, got); d != "" {
		t.Error(d)
	}
	want := []string{
		"/v2/report/activities?from=2026-02-01&page_size=300&to=2026-02-28",
		"/v2/report/activities?from=2026-02-01&next_page_token=p2&page_size=300&to=2026-02-28",
		"/v2/report/activities?from=2026-02-01&next_page_token=p3&page_size=300&to=2026-02-28",
	}
	var calls []string
	for _, u := range f.calls {
		calls = append(calls, u.String())
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
}

func TestExpiredPageTokenStartsOver(t *testing.T) {
	f := newFake(t, activityPage("p2", "a"), gone, activityPage("q2", "a"), activityPage("", "b"))
	got, err := collectActivities(f.client(t))
	if d := cmp.Diff([]string{"a", "b"}, got); d != "" || err != nil {
		t.Error(err, d)
	}
	f = newFake(t, activityPage("p2", "a"), gone, activityPage("p2", "a"), gone, activityPage("p2", "a"), gone, activityPage("p2", "a"), gone)
	if got, err = collectActivities(f.client(t)); !IsPageTokenExpired(err) || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
	f = newFake(t, gone) // the same code about the first page is about its dates
	if _, err = collectActivities(f.client(t)); err == nil || IsPageTokenExpired(err) || len(f.calls) != 1 {
		t.Errorf("got %v after %d calls", err, len(f.calls))
	}
}

func TestEndlessListings(t *testing.T) {
	f := newFake(t, activityPage("p2", "a"), activityPage("p3", "a"), activityPage("p2", "a"))
	if _, err := collectActivities(f.client(t)); err == nil || !strings.Contains(err.Error(), "repeats a page token") {
		t.Errorf("loop: %v", err)
	}
	n := 0
	f = newFake(t, nil)
	f.api[0] = func(w httpWriter, r httpRequest) { n++; activityPage(fmt.Sprint("p", n), "a")(w, r) }
	c := f.client(t)
	c.maxPages = 5
	if _, err := collectActivities(c); err == nil || !strings.Contains(err.Error(), "more than 5 pages") || n != 5 {
		t.Errorf("unending: %v after %d", err, n)
	}
}

func TestErrorOfYield(t *testing.T) {
	f := newFake(t, activityPage("p2", "a"))
	// The caller's error may itself look like an expired page token: it must not start the listing over.
	mine := &APIError{Status: 400, Code: 300, paged: true}
	err := f.client(t).Activities(context.Background(), feb1, feb28, func(Page[Activity]) error { return mine })
	if !errors.Is(err, mine) || len(f.calls) != 1 {
		t.Errorf("got %v after %d calls", err, len(f.calls))
	}
}

func TestErrorsHidePageTokens(t *testing.T) {
	for _, second := range []reply{cutOff, body(500, ""), gone, body(400, `{"code":200,"message":"No permission."}`)} {
		f := newFake(t, activityPage("tok-secret", "a"), second)
		_, err := collectActivities(f.client(t))
		if err == nil || strings.Contains(err.Error(), "tok-secret") || strings.Contains(f.log.String(), "tok-secret") {
			t.Errorf("error %v, log %s", err, f.log.String())
		}
		if !strings.Contains(err.Error(), "GET /report/activities") {
			t.Errorf("%v does not say where", err)
		}
	}
}

func TestWindows(t *testing.T) {
	f := newFake(t, activityPage(""))
	c := f.client(t)
	for _, tt := range []struct {
		to time.Time
		ok bool
	}{{feb1, true}, {feb28, true}, {feb1.AddDate(0, 0, 31), true}, {feb1.AddDate(0, 0, 32), false}, {feb1.AddDate(0, 0, -1), false}} {
		err := c.Operations(context.Background(), feb1, tt.to, func(Page[Operation]) error { return nil })
		// An empty page of the wrong feed: its envelope is a page's, so it is no error.
		if (err == nil) != tt.ok {
			t.Errorf("to %v: %v", tt.to, err)
		}
	}
	if err := c.Users(context.Background(), "gone", nil); err == nil {
		t.Error("unknown status accepted")
	}
}

func TestDecodePage(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, tt := range []struct {
		name, body string
		rows       []Activity
		rejected   []string
		next       string
		fails      bool
	}{
		{"full", `{"next_page_token":"n","activity_logs":[{"email":"u@example.com","time":"2026-02-03T04:05:06Z","type":"Sign in","ip_address":"192.0.2.1","client_type":"Browser","version":"5.9.1.2581","new_field":{"x":1}}]}`,
			[]Activity{{"u@example.com", at, "Sign in", "192.0.2.1", "Browser", "5.9.1.2581"}}, nil, "n", false},
		{"missing fields, fraction, offset", `{"activity_logs":[{"email":"u","time":"2026-02-03T04:05:06.000Z"},{"time":"2026-02-03T06:05:06+02:00"}]}`,
			[]Activity{{Email: "u", Time: at}, {Time: at}}, nil, "", false},
		{"odd types", `{"activity_logs":[{"email":7,"time":"2026-02-03T04:05:06Z","type":null,"version":6.1,"client_type":{},"ip_address":[]}],"next_page_token":null}`,
			[]Activity{{Email: "7", Time: at, Version: "6.1"}}, nil, "", false},
		{"bad rows keep the page", `{"activity_logs":[{"time":"yesterday"},{},"x",null,{"time":"2026-02-03T04:05:06Z"}]}`,
			[]Activity{{Time: at}}, []string{`time "yesterday" is not RFC 3339`, "time is missing", "row is not an object", "time is missing"}, "", false},
		{"empty", `{"page_size":300,"activity_logs":[]}`, nil, nil, "", false},
		{"no rows key", `{"page_size":300,"next_page_token":""}`, nil, nil, "", false},
		{"no page", `{}`, nil, nil, "", true},
		{"rows of another kind", `{"activity_logs":{"a":1}}`, nil, nil, "", true},
		{"list", `[]`, nil, nil, "", true},
		{"null", `null`, nil, nil, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, next, err := decodePage([]byte(tt.body), "activity_logs", decodeActivity)
			var reasons []string
			for _, r := range p.Rejected {
				reasons = append(reasons, r.Reason)
			}
			if (err != nil) != tt.fails || next != tt.next {
				t.Errorf("next %q, err %v", next, err)
			}
			if d := cmp.Diff(tt.rows, p.Rows) + cmp.Diff(tt.rejected, reasons); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDecodeUserAndOperation(t *testing.T) {
	u, err := decodeUser(json.RawMessage(`{"id":"KD","email":"u@example.com","type":"2","verified":1,"role_id":0,"group_ids":["g1",""],
		"created_at":"2018-10-31T04:32:37Z","last_login_time":"soon","last_client_version":"5.2.45120.0906(win)","plan_united_type":"1"}`))
	verified := true
	want := User{ID: "KD", Email: "u@example.com", Type: 2, Verified: &verified, RoleID: "0", GroupIDs: []string{"g1"}, PlanUnitedType: "1",
		CreatedAt: time.Date(2018, 10, 31, 4, 32, 37, 0, time.UTC), LastClientVersion: "5.2.45120.0906(win)"}
	if d := cmp.Diff(want, u); d != "" || err != nil {
		t.Error(err, d)
	}
	if _, err := decodeUser(json.RawMessage(`{"type":1}`)); err == nil {
		t.Error("user without id and email accepted")
	}
	o, err := decodeOperation(json.RawMessage(`{"time":"2022-01-25T17:52:16Z","category_type":"Billing","operation_detail":"x "}`))
	if d := cmp.Diff(Operation{Time: time.Date(2022, 1, 25, 17, 52, 16, 0, time.UTC), Category: "Billing", Detail: "x "}, o); d != "" || err != nil {
		t.Error(err, d)
	}
}

func TestUsersGetTheStatusAskedFor(t *testing.T) {
	f := newFake(t, body(200, `{"users":[{"email":"a@example.com"},{"email":"b@example.com","status":"inactive"}]}`))
	rows, _, err := listUsers(f.client(t))
	if err != nil || len(rows) != 2 || rows[0].Status != StatusActive || rows[1].Status != "inactive" {
		t.Errorf("%+v, %v", rows, err)
	}
	if got := f.calls[0].Query().Get("status"); got != "active" {
		t.Errorf("asked for %q", got)
	}
}

func TestSettings(t *testing.T) {
	for _, tt := range []struct{ option, body, want string }{
		{OptionAll, `{"in_meeting":{"chat":true}}`, `{"in_meeting":{"chat":true}}`},
		{OptionSecurity, `{"security":{"import_photos_from_devices":true}}`, `{"security":{"import_photos_from_devices":true}}`},
		{OptionSecurity, `{"import_photos_from_devices":true}`, `{"security":{"import_photos_from_devices":true}}`},
		{OptionMeetingSecurity, `{"waiting_room":true}`, `{"meeting_security":{"waiting_room":true}}`},
		{OptionSecurity, `{"security":null}`, `{"security":null}`},
		{OptionMeetingAuthentication, `{"meeting_authentication":true}`, `{"meeting_authentication":true}`},
	} {
		f := newFake(t, body(200, tt.body))
		got, err := f.client(t).AccountSettings(context.Background(), tt.option)
		if err != nil || mustJSON(t, got) != tt.want {
			t.Errorf("%s: got %v, %v", tt.option, got, err)
		}
		if u := f.calls[0]; u.Path != "/v2/accounts/me/settings" || u.Query().Get("option") != tt.option {
			t.Errorf("called %s", u)
		}
	}
	f := newFake(t, body(200, `[1]`))
	if _, err := f.client(t).LockSettings(context.Background(), OptionMeetingSecurity); err == nil || f.calls[0].Path != "/v2/accounts/me/lock_settings" {
		t.Errorf("%v at %s", err, f.calls[0])
	}
}

// TestEveryRowOnce checks that any cutting into pages, with page tokens that expire anywhere, gives each row once and in order.
func TestEveryRowOnce(t *testing.T) {
	f := newFake(t, nil)
	c := f.client(t)
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 6).Draw(t, "sizes")
		expire := rapid.SliceOfN(rapid.IntRange(1, len(sizes)), 0, maxRestarts).Draw(t, "expire before page")
		var want []string
		f.api[0] = func(w httpWriter, r httpRequest) {
			n, at := 0, r.URL.Query().Get("next_page_token")
			if at != "" {
				_, _ = fmt.Sscanf(at, "p%d", &n)
				if len(expire) > 0 && expire[0] == n {
					expire = expire[1:]
					gone(w, r)
					return
				}
			}
			next := ""
			if n+1 < len(sizes) {
				next = fmt.Sprint("p", n+1)
			}
			var rows []string
			for i := range sizes[n] {
				rows = append(rows, fmt.Sprintf("%d.%d", n, i))
			}
			activityPage(next, rows...)(w, r)
		}
		for n, s := range sizes {
			for i := range s {
				want = append(want, fmt.Sprintf("%d.%d", n, i))
			}
		}
		got, err := collectActivities(c)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}
