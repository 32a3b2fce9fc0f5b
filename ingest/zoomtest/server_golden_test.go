package zoomtest_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

const (
	memberRow = `{"id":"u-member","first_name":"Member","last_name":"One","email":"u00001@example.com","type":2,"verified":1,"dept":"Sales","created_at":"2024-01-01T00:00:00Z","role_id":"2","status":"active"}`
	ownerRow  = `{"id":"u-owner","first_name":"Owner","last_name":"Zero","email":"owner@example.com","type":2,"pmi":5551234567,"verified":1,"dept":"","created_at":"2020-01-01T00:00:00Z","group_ids":["g1"],"role_id":"0","status":"active"}`
	oneOwner  = `{"id":"u-owner","first_name":"Owner","last_name":"Zero","email":"owner@example.com","type":2,"pmi":5551234567,"verified":1,"dept":"","created_at":"2020-01-01T00:00:00Z","group_ids":["g1"],"role_id":"0","status":"active","role_name":"Owner","account_id":"acc-1"}`
	goneRow   = `{"id":"u-gone","first_name":"Gone","last_name":"Two","email":"u00002@example.com","type":1,"verified":1,"dept":"","created_at":"2024-01-01T00:00:00Z","role_id":"2","status":"inactive"}`
	invited   = `{"first_name":"Pending","last_name":"Three","email":"u00003@example.com","type":1,"verified":0,"dept":"","created_at":"2026-11-20T00:00:00Z","status":"pending"`

	signIn  = `{"email":"u00001@example.com","time":"2026-11-01T00:00:00Z","type":"Sign in","ip_address":"192.0.2.1","client_type":"Browser","version":"6.0.0.1000"}`
	signOut = `{"email":"u00001@example.com","time":"2026-11-01T23:59:59Z","type":"Sign out"}`
	later   = `{"email":"owner@example.com","time":"2026-11-20T08:00:00Z","type":"Sign in","ip_address":"192.0.2.2","client_type":"Mac","version":"6.0.0.1000"}`

	deactivated = `{"time":"2026-11-02T09:00:00Z","operator":"owner@example.com","category_type":"User","action":"Update","operation_detail":"Deactivate User u00002@example.com "}`
	billed      = `{"time":"2026-11-02T09:01:00Z","category_type":"Billing","operation_detail":"Renew <Pro> & more"}`
	set         = `{"time":"2026-11-03T10:00:00Z","operator":"u00001@example.com","category_type":"User Settings","action":"Update","operation_detail":"Security  - Watermark: from On to Off"}`
)

func usersBody(pages, size, total int, rows ...string) string {
	return join(`{"page_count":`, pages, `,"page_number":1,"page_size":`, size, `,"total_records":`, total, `,"next_page_token":"","users":[`, strings.Join(rows, ","), `]}`)
}

func activitiesBody(from, to string, rows ...string) string {
	return join(`{"from":"`, from, `T00:00:00Z","to":"`, to, `T00:00:00Z","page_size":30,"next_page_token":"","activity_logs":[`, strings.Join(rows, ","), `]}`)
}

func operationsBody(rows ...string) string {
	return join(`{"page_size":30,"next_page_token":"","operation_logs":[`, strings.Join(rows, ","), `]}`)
}

func refusal(code int, message string) string {
	return join(`{"code":`, code, `,"message":"`, message, `"}`)
}

func TestServerAnswers(t *testing.T) {
	tests := []struct {
		target string
		status int
		body   string
	}{
		{"/v2/users", 200, usersBody(1, 30, 2, memberRow, ownerRow)},
		{"/v2/users?status=active&include_fields=host_key&page_size=2000", 200, usersBody(1, 2000, 2, memberRow, ownerRow)},
		{"/v2/users?status=inactive", 200, usersBody(1, 30, 1, goneRow)},
		{"/v2/users?status=pending", 200, usersBody(1, 30, 1, invited+"}")},
		{"/v2/users?role_id=0", 200, usersBody(1, 30, 1, ownerRow)},
		{"/v2/users?role_id=unknown", 200, usersBody(0, 30, 0)},
		{"/v2/users?license=zoom_workforce_management", 200, usersBody(0, 30, 0)},
		{"/v2/users?page_size=1&page_number=2", 200, `{"page_count":2,"page_number":2,"page_size":1,"total_records":2,"next_page_token":"","users":[` + ownerRow + `]}`},
		{"/v2/users?page_number=9", 200, `{"page_count":1,"page_number":9,"page_size":30,"total_records":2,"next_page_token":"","users":[]}`},
		{"/v2/users?status=deleted", 400, refusal(300, "Invalid field status: must be active, inactive or pending.")},
		{"/v2/users?license=none", 400, refusal(300, "Invalid field license: none.")},
		{"/v2/users?page_size=2001", 400, refusal(300, "Invalid field page_size: must be a number from 1 to 2000.")},
		{"/v2/users?page_size=abc", 400, refusal(300, "Invalid field page_size: must be a number from 1 to 2000.")},
		{"/v2/users?page_size=0&page_number=0", 200, usersBody(1, 30, 2, memberRow, ownerRow)},
		{"/v2/users?page_size=-1", 200, usersBody(1, 30, 2, memberRow, ownerRow)},
		{"/v2/users/?status=inactive&unknown=parameter", 200, usersBody(1, 30, 1, goneRow)},
		{"/v2/users?page_number=x", 400, refusal(300, "Invalid field page_number: must be a number from 1 to 2147483647.")},
		{"/v2/users?next_page_token=abc", 400, refusal(300, "The next page token is invalid or expired.")},

		{"/v2/users/me", 200, oneOwner},
		{"/v2/users/u-owner", 200, oneOwner},
		{"/v2/users/Owner%40example.com", 200, oneOwner},
		{"/v2/users/u00003@example.com", 200, invited + `,"account_id":"acc-1"}`},
		{"/v2/users/U-OWNER", 404, refusal(1001, "User does not exist: U-OWNER.")},
		{"/v2/users/u-secret", 404, refusal(1001, "User does not exist: u-secret.")},
		{"/v2/users/a%2Fb", 404, refusal(1001, "User does not exist: a/b.")},

		{"/v2/report/activities", 200, activitiesBody("2026-10-23", "2026-11-23", later, signOut, signIn)},
		{"/v2/report/activities?from=2026-11-01&to=2026-11-01", 200, activitiesBody("2026-11-01", "2026-11-01", signOut, signIn)},
		{"/v2/report/activities?from=2026-10-20&to=2026-11-20", 200, activitiesBody("2026-10-20", "2026-11-20", later, signOut, signIn)},
		{"/v2/report/activities?from=2026-11-02", 200, activitiesBody("2026-11-02", "2026-12-02", later)},
		{"/v2/report/activities?to=2026-11-19", 200, activitiesBody("2026-10-19", "2026-11-19", signOut, signIn)},
		{"/v2/report/activities?from=2026-05-23&to=2026-06-01", 200, activitiesBody("2026-05-23", "2026-06-01")},
		{"/v2/report/activities?from=2026-05-22&to=2026-06-01", 400, refusal(300, "Only provide report in recent 6 months.")},
		{"/v2/report/activities?from=2026-10-20&to=2026-11-21", 400, refusal(300, "The date range from 2026-10-20 to 2026-11-21 is longer than one month.")},
		{"/v2/report/activities?from=2026-11-02&to=2026-11-01", 400, refusal(300, "Invalid field from: must not be later than to.")},
		{"/v2/report/activities?from=01.11.2026", 400, refusal(300, "Invalid field from: must be a date in the format yyyy-MM-dd.")},
		{"/v2/report/activities?to=2026-02-30", 400, refusal(300, "Invalid field to: must be a date in the format yyyy-MM-dd.")},
		{"/v2/report/activities?from=2026-11-01&page_size=1000", 200, strings.Replace(activitiesBody("2026-11-01", "2026-12-01", later, signOut, signIn), `"page_size":30`, `"page_size":300`, 1)},
		{"/v2/report/activities?from=2026-11-01T09:30:00Z&to=2026-11-01T23:59:59.999Z", 200, activitiesBody("2026-11-01", "2026-11-01", signOut, signIn)},
		{"/v2/report/activities?from=2026-11-01T09:30:00&to=2026-11-01%2023:00:00", 200, activitiesBody("2026-11-01", "2026-11-01", signOut, signIn)},
		{"/v2/report/activities?from=2026-11-01T01:00:00%2B02:00&to=2026-11-01", 200, activitiesBody("2026-10-31", "2026-11-01", signOut, signIn)},
		{"/v2/report/activities?from=2026-11-23&to=2026-12-23", 200, activitiesBody("2026-11-23", "2026-12-23")},
		{"/v2/report/activities?next_page_token=x", 400, refusal(300, "The next page token is invalid or expired.")},

		{"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30", 200, operationsBody(set, billed, deactivated)},
		{"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30&category_type=all", 200, operationsBody(set, billed, deactivated)},
		{"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30&category_type=user_settings", 200, operationsBody(set)},
		{"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30&category_type=User", 200, operationsBody(deactivated)},
		{"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30&category_type=zoom_rooms", 200, operationsBody()},
		{"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30&category_type=user_group", 400, refusal(300, "Invalid field category_type: user_group.")},
		{"/v2/report/operationlogs?to=2026-11-30", 400, refusal(300, "Invalid field from: a date in the format yyyy-MM-dd is required.")},
		{"/v2/report/operationlogs?from=2026-11-01", 400, refusal(300, "Invalid field to: a date in the format yyyy-MM-dd is required.")},
		{"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30&page_size=301", 400, refusal(300, "Invalid field page_size: must be a number from 1 to 300.")},

		{"/v2/accounts/me/settings", 200, `{"in_meeting":{"chat":true},"recording":{"auto_recording":"none"}}`},
		{"/v2/accounts/acc-1/settings?custom_query_fields=recording,%20unknown", 200, `{"recording":{"auto_recording":"none"}}`},
		{"/v2/accounts/me/settings?custom_query_fields=chat,auto_recording", 200, `{"in_meeting":{"chat":true},"recording":{"auto_recording":"none"}}`},
		{"/v2/accounts/me/settings?custom_query_fields=auto_recording", 200, `{"recording":{"auto_recording":"none"}}`},
		{"/v2/accounts/me/lock_settings/?custom_query_fields=chat", 200, `{"in_meeting":{"chat":false}}`},
		{"/v2/accounts/me/settings?option=security", 200, `{"security":{"sign_in_with_two_factor_auth":"none"}}`},
		{"/v2/accounts/me/settings?option=meeting_security", 200, `{"meeting_security":{"waiting_room":true}}`},
		{"/v2/accounts/me/settings?option=meeting_authentication", 200, `{"meeting_authentication":false,"authentication_options":[],"allow_authentication_exception":false}`},
		{"/v2/accounts/me/settings?option=recording_authentication", 200, `{"recording_authentication":false,"authentication_options":[]}`},
		{"/v2/accounts/me/settings?option=chat", 400, refusal(300, "Invalid field option: chat.")},
		{"/v2/accounts/other/settings", 404, refusal(2001, "Account does not exist: other.")},
		{"/v2/accounts/me/lock_settings", 200, `{"in_meeting":{"chat":false}}`},
		{"/v2/accounts/me/lock_settings?option=meeting_security", 200, `{"meeting_security":{"waiting_room":true}}`},
		{"/v2/accounts/me/lock_settings?option=security", 400, refusal(300, "Invalid field option: security.")},
		{"/v2/accounts/other/lock_settings", 404, refusal(2001, "Account does not exist: other.")},

		{"/v2/report/upcoming_events?from=2026-11-01&to=2026-11-02", 400, refusal(200, "No permission.")},

		// A source that knows users, activities, operations and settings alone serves everything else empty.
		{"/v2/roles", 200, `{"roles":[],"total_records":0}`},
		{"/v2/roles/0", 400, refusal(300, "Role does not exist: 0.")},
		{"/v2/groups?page_size=300", 200, `{"groups":[],"next_page_token":"","total_records":0}`},
		{"/v2/groups?page_size=301", 400, refusal(300, "Invalid field page_size: must be a number from 1 to 300.")},
		{"/v2/groups/g1", 404, refusal(4130, "Group does not exist: g1.")},
		{"/v2/groups/g1/members", 404, refusal(4130, "Group does not exist: g1.")},
		{"/v2/groups/g1/lock_settings", 404, refusal(4130, "Group does not exist: g1.")},
		{"/v2/im/groups", 200, `{"groups":[],"total_records":0}`},
		{"/v2/accounts/me/managed_domains", 200, `{"domains":[],"total_records":0}`},
		{"/v2/accounts/acc-1/trusted_domains", 200, `{"trusted_domains":[]}`},
		{"/v2/accounts/other/trusted_domains", 404, refusal(2001, "Account does not exist: other.")},
		{"/v2/users/u-owner/settings?option=meeting_security", 200, `{}`},
		{"/v2/users/u00003@example.com/settings", 400, refusal(1120, "Invitation of u00003@example.com is not accepted yet.")},
		{"/v2/users/nobody/settings", 404, refusal(1001, "User does not exist: nobody.")},
		{"/v2/users/me/assistants", 200, `{"assistants":[]}`},
		{"/v2/users/nobody/assistants", 404, refusal(1001, "User does not exist: nobody.")},
		{"/v2/users/me/meetings?type=upcoming", 200, `{"meetings":[],"next_page_token":"","page_count":0,"page_number":1,"page_size":30,"total_records":0}`},
		{"/v2/users/me/meetings?type=past", 400, refusal(300, "Invalid field type: past.")},
		{"/v2/users/nobody/meetings", 404, refusal(1001, "User does not exist: nobody.")},
		{"/v2/meetings/97000000000", 404, refusal(3001, "Meeting does not exist: 97000000000.")},
		{"/v2/meetings/x", 404, refusal(3001, "Meeting does not exist: x.")},
		{"/v2/phone/account_settings", 400, refusal(200, "No permission.")},
		{"/v2/users/me/recordings", 200, `{"from":"2026-11-23","to":"2026-11-23","page_count":0,"page_size":30,"total_records":0,"next_page_token":"","meetings":[]}`},
		{"/v2/users/me/recordings?from=2024-01-01&to=2024-02-02", 400, refusal(300, "The date range from 2024-01-01 to 2024-02-02 is longer than one month.")},
		{"/v2/users/nobody/recordings", 404, refusal(1001, "User does not exist: nobody.")},
		{"/v2/meetings/81234567890/recordings/settings", 404, refusal(3001, "Meeting does not exist: 81234567890.")},
		{"/v2/report/users", 400, refusal(300, "Invalid field from: a date in the format yyyy-MM-dd is required.")},
		{"/v2/report/users?from=2026-11-01&to=2026-11-02&type=all", 400, refusal(300, "Invalid field type: all.")},
		{"/v2/report/users?from=2026-05-01&to=2026-05-02", 400, refusal(300, "Only provide report in recent 6 months.")},
		{"/v2/report/users/nobody/meetings?from=2026-11-01&to=2026-11-02", 404, refusal(1001, "User does not exist: nobody.")},
		{"/v2/report/daily?year=2026&month=4", 400, refusal(300, "Only provide report in recent 6 months.")},
		{"/v2/report/daily?month=13", 400, refusal(300, "Invalid field month: must be a number from 1 to 12.")},
		{"/v2/report/daily?year=2026&month=12", 200, `{"year":2026,"month":12,"dates":[]}`},
		{"/v2/report/meetings/81234567890", 404, refusal(3001, "Meeting does not exist: 81234567890.")},
		{"/v2/report/meetings/%2Fabc%3D%3D/participants", 404, refusal(3001, "Meeting does not exist: /abc==.")},
		{"/v2/past_meetings/abc%3D%3D/participants", 404, refusal(3001, "Meeting does not exist: abc==.")},
		{"/v2/report/meeting_activities?from=2026-11-01&to=2026-11-02", 400, refusal(300, "Invalid field activity_type: it is required.")},
		{"/v2/report/meeting_activities?from=2026-11-01&to=2026-11-02&activity_type=User%20Join", 200, `{"page_size":30,"next_page_token":"","meeting_activity_logs":[]}`},
		{"/v2/report/history_meetings?from=2026-11-01&to=2026-11-02", 200, `{"page_size":30,"next_page_token":"","history_meetings":[]}`},
		{"/v2/report/remote_support?from=2026-11-01&to=2026-11-02", 200, `{"page_size":30,"next_page_token":"","remote_support_logs":[]}`},
		{"/v2/report/telephone?from=2026-11-01&to=2026-11-02&type=4", 400, refusal(300, "Invalid field type: 4.")},
		{"/v2/report/cloud_recording?from=2026-11-22&to=2026-11-23", 200, `{"from":"2026-11-22","to":"2026-11-23","cloud_recording_storage":[{"date":"2026-11-22","usage":"0 MB","plan_usage":"3 TB","free_usage":"0 MB"}]}`},
		{"/v2/metrics/meetings?from=2026-11-01&to=2026-11-02", 400, refusal(200, "No permission.")}, // the dashboard is for Business
		{"/v2/chat/users/me/channels", 200, `{"channels":[],"next_page_token":"","page_size":10,"total_records":0}`},
		{"/v2/chat/users/me/channels?page_size=51", 400, refusal(300, "Invalid field page_size: must be a number from 1 to 50.")},
		{"/v2/chat/channels", 200, `{"channels":[],"next_page_token":"","page_size":10,"total_records":0}`},
		{"/v2/chat/users/me/channels/abc/members", 404, refusal(4130, "Channel does not exist: abc.")},
		{"/v2/chat/activities/channels?start_date=2026-11-01", 400, refusal(300, "Invalid field end_date: a date in the format yyyy-MM-dd is required.")},
		{"/v2/chat/activities/channels?start_date=2026-11-01&end_date=2026-11-02", 200, `{"start_date":"2026-11-01","end_date":"2026-11-02","channel_activity_logs":[],"next_page_token":"","page_size":10}`},
		{"/v2/marketplace/apps?type=account_added", 200, `{"apps":[],"next_page_token":"","page_size":30}`},
		{"/v2/marketplace/apps?type=mine", 400, refusal(300, "Invalid field type: mine.")},

		{"/v2/phone/users", 404, refusal(2300, "This API endpoint is not recognized.")},
		{"/v2/users/me/x", 404, refusal(2300, "This API endpoint is not recognized.")},
		{"/v2/users//", 404, refusal(2300, "This API endpoint is not recognized.")},
		{"/v2", 404, refusal(2300, "This API endpoint is not recognized.")},
		{"/", 404, refusal(2300, "This API endpoint is not recognized.")},
		{"/oauth/devicecode", 404, refusal(2300, "This API endpoint is not recognized.")},
	}
	a := open(t, smallAccount(), zoomtest.ServerOptions{NoLimits: true})
	tracking := regexp.MustCompile(`^v=2\.0;clid=\w+;rid=\w+$`)
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			res := a.get(tt.target)
			res.is(t, tt.status, tt.body)
			if got := res.header.Get("Content-Type"); got != "application/json;charset=UTF-8" {
				t.Errorf("content type %q", got)
			}
			if got := res.header.Get("x-zm-trackingid"); !tracking.MatchString(got) {
				t.Errorf("tracking id %q", got)
			}
		})
	}
}

func TestServerRefusesOtherMethods(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{})
	for target, method := range map[string]string{"/v2/users": "POST", "/v2/users/me": "DELETE", "/v2/accounts/me/settings": "PATCH", "/oauth/token": "GET", "/oauth/revoke": "GET"} {
		r := httptest.NewRequest(method, target, nil)
		r.Header.Set("Authorization", "Bearer "+a.token)
		res := a.do(r)
		res.is(t, 405, refusal(405, "Request method '"+method+"' is not supported."))
		if res.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow header", method, target)
		}
	}
}

func TestBearer(t *testing.T) {
	clock := newTestClock()
	a := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now, TokenTTL: time.Hour})
	other := open(t, smallAccount(), zoomtest.ServerOptions{})
	ask := func(authorization string) result {
		r := httptest.NewRequest(http.MethodGet, "/v2/users/me", nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		return a.do(r)
	}
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer nonsense", "Basic " + a.token, a.token, "Bearer " + other.token, "Bearer " + a.token[1:]} {
		ask(authorization).is(t, 401, refusal(124, "Invalid access token."))
	}
	ask("bearer "+a.token).is(t, 200, oneOwner)
	clock.Advance(time.Hour - 1)
	second := a.newToken(t)
	ask("Bearer "+a.token).is(t, 200, oneOwner)
	clock.Advance(1)
	ask("Bearer "+a.token).is(t, 401, refusal(124, "Access token is expired."))
	ask("Bearer "+second).is(t, 200, oneOwner)
}

func TestScopes(t *testing.T) {
	users, user := "/v2/users", "/v2/users/me"
	activities, operations := "/v2/report/activities", "/v2/report/operationlogs?from=2026-11-01&to=2026-11-02"
	settings, locks := "/v2/accounts/me/settings", "/v2/accounts/me/lock_settings"
	tests := []struct {
		target  string
		missing string
		opening []string
	}{
		{users, "user:read:admin, user:read:list_users:admin", []string{"user:read:admin", "user:read:list_users:admin"}},
		{user, "user:read:admin, user:read:user:admin", []string{"user:read:admin", "user:read:user:admin"}},
		{activities, "report:read:admin, report:read:user_activities:admin", []string{"report:read:admin", "report:read:user_activities:admin"}},
		{operations, "report:read:admin, report:read:operation_logs:admin", []string{"report:read:admin", "report:read:operation_logs:admin"}},
		{settings, "account:read:admin, account:read:settings:admin", []string{"account:read:admin", "account:read:settings:admin"}},
		{locks, "account:read:admin, account:read:lock_settings:admin, account:read:lock_settings:master",
			[]string{"account:read:admin", "account:read:lock_settings:admin", "account:read:lock_settings:master"}},
		{"/v2/groups", "group:read:admin, group:read:list_groups:admin", []string{"group:read:admin", "group:read:list_groups:admin"}},
		{"/v2/roles", "role:read:admin, role:read:list_roles:admin", []string{"role:read:admin", "role:read:list_roles:admin"}},
		{"/v2/users/me/settings", "user:read:admin, user:read:settings:admin", []string{"user:read:admin", "user:read:settings:admin"}},
		{"/v2/users/me/recordings", "recording:read:admin, cloud_recording:read:list_user_recordings:admin",
			[]string{"recording:read:admin", "cloud_recording:read:list_user_recordings:admin"}},
		{"/v2/report/users?from=2026-11-01&to=2026-11-02", "report:read:admin, report:read:list_users:admin", []string{"report:read:admin", "report:read:list_users:admin"}},
		{"/v2/metrics/meetings?from=2026-11-01&to=2026-11-02", "dashboard_meetings:read:admin, dashboard:read:list_meetings:admin",
			[]string{"dashboard_meetings:read:admin", "dashboard:read:list_meetings:admin"}},
		{"/v2/chat/activities/channels?start_date=2026-11-01&end_date=2026-11-02", "chat_channel:read:admin, team_chat:read:list_channel_activity_logs:admin",
			[]string{"chat_channel:read:admin", "team_chat:read:list_channel_activity_logs:admin"}},
		{"/v2/marketplace/apps", "marketplace_app:read:admin, marketplace:read:list_apps:admin", []string{"marketplace_app:read:admin", "marketplace:read:list_apps:admin"}},
	}
	for _, tt := range tests {
		without := open(t, smallAccount(), zoomtest.ServerOptions{Plan: "business", Scopes: []string{"imchat:read:admin"}})
		without.get(tt.target).is(t, 400, refusal(4711, "Invalid access token, does not contain scopes:["+tt.missing+"]."))
		for _, scope := range tt.opening {
			if res := open(t, smallAccount(), zoomtest.ServerOptions{Plan: "business", Scopes: []string{scope}}).get(tt.target); res.status != 200 {
				t.Errorf("%s with %s: %d %s", tt.target, scope, res.status, res.body)
			}
		}
	}
}

func TestFreePlanHasNoReports(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{Plan: "free", NoLimits: true})
	for _, target := range []string{"/v2/report/activities", "/v2/report/operationlogs", "/v2/groups", "/v2/roles/0/members", "/v2/metrics/meetings", "/v2/past_meetings/1/participants"} {
		a.get(target).is(t, 400, refusal(200, "Only available for Paid account: acc-1."))
	}
	if res := a.get("/v2/users"); res.status != 200 {
		t.Errorf("users: %d %s", res.status, res.body)
	}
}

func TestAsOfMovesTheSixMonths(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{AsOf: time.Date(2024, 8, 31, 23, 0, 0, 0, time.UTC)})
	// Six months before 31 August is the last day of February.
	a.get("/v2/report/activities?from=2024-02-29&to=2024-03-01").is(t, 200, activitiesBody("2024-02-29", "2024-03-01"))
	a.get("/v2/report/activities?from=2024-02-28&to=2024-03-01").is(t, 400, refusal(300, "Only provide report in recent 6 months."))
}

func TestRequestsAreCounted(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{})
	a.get("/v2/users")
	a.get("/v2/users?page_size=x")
	a.get("/v2/report/activities")
	a.get("/v2/users/me")
	a.get("/nowhere")
	want := map[string]int{"OAuth 200": 1, "Medium 200": 1, "Medium 400": 1, "Heavy 200": 1, "Light 200": 1, "Other 404": 1}
	diff(t, want, a.Requests())
}
