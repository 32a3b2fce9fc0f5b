package zoomtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// Whatever the path and query, the answer is JSON and never the server's fault.
func FuzzRequest(f *testing.F) {
	a := open(f, smallAccount(), zoomtest.ServerOptions{NoLimits: true})
	for _, target := range []string{
		"/v2/users?page_size=1&status=active", "/v2/users?page_number=2147483647&page_size=2000", "/v2/users/%2e%2e", "/v2/users/u00001@example.com",
		"/v2/report/activities?from=2026-11-01&to=2026-11-02&page_size=300", "/v2/report/activities?to=0001-01-01", "/v2/report/activities?from=9999-12-31",
		"/v2/report/operationlogs?from=2026-11-01&to=2026-11-30&category_type=user_settings&next_page_token=AAAA",
		"/v2/accounts/me/settings?option=security&custom_query_fields=security,", "/v2/accounts//settings", "//v2/users", "/oauth/token?grant_type=account_credentials",
		"/oauth/authorize?response_type=code&client_id=client-1&redirect_uri=x",
	} {
		path, query, _ := strings.Cut(target, "?")
		f.Add(path, query)
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		if u, err := url.Parse(path); err == nil {
			r.URL.RawPath = u.RawPath
		}
		r.Header.Set("Authorization", "Bearer "+a.token)
		res := a.do(r)
		page := strings.HasPrefix(res.header.Get("Content-Type"), "text/html") && strings.HasPrefix(path, "/oauth/authorize")
		if res.status >= 500 || !page && !json.Valid([]byte(res.body)) {
			t.Errorf("%s?%s: %d %s", path, query, res.status, res.body)
		}
	})
}

// Whatever is asked of the further feeds of a generated account, the answer is JSON and never the server's fault.
func FuzzFeedRequest(f *testing.F) {
	a := open(f, feedCompany(f, 1), zoomtest.ServerOptions{NoLimits: true, Plan: "business", AsOf: testNow})
	for _, target := range []string{
		"/v2/report/meetings/%252Fabc%253D%253D/participants?page_size=300&include_fields=registrant_id", "/v2/metrics/meetings/81234567890/participants?type=live",
		"/v2/report/users/me/meetings?from=2026-11-01&to=2026-11-02&type=pastJoined&page_number=2147483647", "/v2/past_meetings/%2525/participants", "/v2/report/daily?year=9999&month=12",
		"/v2/meetings/AAAAAAAAAAAAAAAAAAAAAA==/recordings/settings", "/v2/chat/users/me/channels/00000000000000000000000000000000/members", "/v2/users/me/recordings?from=0001-01-01&to=0001-01-02&meeting_id=9",
		"/v2/report/meeting_activities?from=2026-11-20&to=2026-11-20&activity_type=User%20Join&meeting_number=812%203456%207890&search_key=%ff", "/v2/groups/x/settings?option=a&custom_query_fields=,",
		"/v2/chat/activities/channels?start_date=2026-11-20&end_date=2026-11-21&channel_id=x", "/v2/report/history_meetings?from=2026-11-20&to=2026-11-21&meeting_feature=poll&next_page_token=AAAA",
	} {
		path, query, _ := strings.Cut(target, "?")
		f.Add(strings.TrimPrefix(path, "/v2/"), query)
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if u, err := url.Parse("/v2/" + path); err == nil {
			r.URL = &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: query}
		}
		r.Header.Set("Authorization", "Bearer "+a.token)
		if res := a.do(r); res.status >= 500 || !json.Valid([]byte(res.body)) {
			t.Errorf("%s?%s: %d %s", path, query, res.status, res.body)
		}
	})
}

// Whatever the parameters, a token request is answered with JSON, and only the right ones with a token.
func FuzzTokenRequest(f *testing.F) {
	a := open(f, smallAccount(), zoomtest.ServerOptions{})
	f.Add("grant_type=account_credentials&account_id=acc-1", "")
	f.Add("", "grant_type=account_credentials;account_id=acc-1")
	f.Fuzz(func(t *testing.T, query, form string) {
		r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(form))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(testClient, testSecret)
		res := a.do(r)
		if res.status >= 500 || !json.Valid([]byte(res.body)) {
			t.Errorf("%q %q: %d %s", query, form, res.status, res.body)
		}
		if res.status == 200 && !strings.Contains(query+"&"+form, "grant_type=") && !strings.ContainsAny(query+form, "%") {
			t.Errorf("%q %q got a token", query, form)
		}
	})
}
