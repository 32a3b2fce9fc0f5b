package zoomtest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

const (
	testAccount = "acc-1"
	testClient  = "client-1"
	testSecret  = "secret-1"
)

// testNow is the account's present in these tests.
var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A rowSource is an account of fixed rows, by UTC day.
type rowSource struct {
	users      []zoomtest.User
	activities map[string][]zoomtest.Activity
	operations map[string][]zoomtest.Operation
}

func (s rowSource) Users() []zoomtest.User { return s.users }

func (s rowSource) Activities(day time.Time) []zoomtest.Activity {
	return s.activities[day.Format(time.DateOnly)]
}

func (s rowSource) Operations(day time.Time) []zoomtest.Operation {
	return s.operations[day.Format(time.DateOnly)]
}

func (s rowSource) Settings(option string) map[string]any {
	return map[string]map[string]any{
		"":                         {"in_meeting": map[string]any{"chat": true}, "recording": map[string]any{"auto_recording": "none"}},
		"security":                 {"security": map[string]any{"sign_in_with_two_factor_auth": "none"}},
		"meeting_security":         {"meeting_security": map[string]any{"waiting_room": true}},
		"meeting_authentication":   {"meeting_authentication": false, "authentication_options": []any{}, "allow_authentication_exception": false},
		"recording_authentication": {"recording_authentication": false, "authentication_options": []any{}},
	}[option]
}

func (s rowSource) LockSettings(option string) map[string]any {
	return map[string]map[string]any{
		"":                 {"in_meeting": map[string]any{"chat": false}},
		"meeting_security": {"meeting_security": map[string]any{"waiting_room": true}},
	}[option]
}

// smallAccount has one of everything that answers differ by.
func smallAccount() rowSource {
	return rowSource{
		users: []zoomtest.User{
			{ID: "u-member", FirstName: "Member", LastName: "One", Email: "u00001@example.com", Type: 2, Verified: 1, Dept: "Sales", CreatedAt: "2024-01-01T00:00:00Z", RoleID: "2", Status: "active"},
			{ID: "u-owner", FirstName: "Owner", LastName: "Zero", Email: "owner@example.com", Type: 2, Verified: 1, CreatedAt: "2020-01-01T00:00:00Z", RoleID: "0", Status: "active", GroupIDs: []string{"g1"}, PMI: 5551234567},
			{ID: "u-gone", FirstName: "Gone", LastName: "Two", Email: "u00002@example.com", Type: 1, Verified: 1, CreatedAt: "2024-01-01T00:00:00Z", RoleID: "2", Status: "inactive"},
			{ID: "u-secret", FirstName: "Pending", LastName: "Three", Email: "u00003@example.com", Type: 1, CreatedAt: "2026-11-20T00:00:00Z", Status: "pending"},
		},
		activities: map[string][]zoomtest.Activity{
			"2026-11-01": {
				{Email: "u00001@example.com", Time: "2026-11-01T00:00:00Z", Type: "Sign in", IPAddress: "192.0.2.1", ClientType: "Browser", Version: "6.0.0.1000"},
				{Email: "u00001@example.com", Time: "2026-11-01T23:59:59Z", Type: "Sign out"},
			},
			"2026-11-20": {{Email: "owner@example.com", Time: "2026-11-20T08:00:00Z", Type: "Sign in", IPAddress: "192.0.2.2", ClientType: "Mac", Version: "6.0.0.1000"}},
		},
		operations: map[string][]zoomtest.Operation{
			"2026-11-02": {
				{Time: "2026-11-02T09:00:00Z", Operator: "owner@example.com", Category: "User", Action: "Update", Detail: "Deactivate User u00002@example.com "},
				{Time: "2026-11-02T09:01:00Z", Category: "Billing", Detail: "Renew <Pro> & more"},
			},
			"2026-11-03": {{Time: "2026-11-03T10:00:00Z", Operator: "u00001@example.com", Category: "User Settings", Action: "Update", Detail: "Security  - Watermark: from On to Off"}},
		},
	}
}

// A testClock moves only when told.
type testClock struct {
	mu sync.Mutex
	t  time.Time
}

func newTestClock() *testClock { return &testClock{t: testNow} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *testClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// An account is a handler under test and a valid token for it.
type account struct {
	*zoomtest.Handler
	token string
}

// open serves a source, without limits and with a still clock unless the options say otherwise.
func open(t testing.TB, src zoomtest.Source, o zoomtest.ServerOptions) account {
	t.Helper()
	o.AccountID, o.ClientID, o.ClientSecret = testAccount, testClient, testSecret
	if o.Now == nil {
		o.Now = newTestClock().Now
	}
	h, err := zoomtest.NewHandler(src, o)
	if err != nil {
		t.Fatal(err)
	}
	a := account{Handler: h}
	a.token = a.newToken(t)
	return a
}

func (a account) newToken(t testing.TB) string {
	t.Helper()
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	res := a.do(tokenRequest(url.Values{"grant_type": {"account_credentials"}, "account_id": {testAccount}}))
	res.decode(t, &reply)
	if res.status != http.StatusOK || reply.AccessToken == "" {
		t.Fatalf("token: %d %s", res.status, res.body)
	}
	return reply.AccessToken
}

func tokenRequest(form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(testClient, testSecret)
	return r
}

// A result is an answer read to its end.
type result struct {
	status int
	header http.Header
	body   string
}

func (a account) do(r *http.Request) result {
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	return result{w.Code, w.Result().Header, string(body)}
}

// get asks with the account's token.
func (a account) get(target string) result {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Authorization", "Bearer "+a.token)
	return a.do(r)
}

func (r result) decode(t testing.TB, dst any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), dst); err != nil {
		t.Fatalf("decode %q: %v", r.body, err)
	}
}

// is compares status and whole body, as JSON.
func (r result) is(t testing.TB, status int, body string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %s", r.status, status, r.body)
	}
	var got, want any
	r.decode(t, &got)
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatalf("wanted body: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func diff(t testing.TB, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func join(parts ...any) string { return fmt.Sprintf(strings.Repeat("%v", len(parts)), parts...) }
