package zoomtest_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// monthLater is the same day of the next month, or its last day, as calendar libraries count it.
func monthLater(t time.Time) time.Time {
	y, m, d := t.Date()
	if next := time.Date(y, m+1, d, 0, 0, 0, 0, time.UTC); next.Day() == d {
		return next
	}
	return time.Date(y, m+2, 0, 0, 0, 0, 0, time.UTC)
}

// However a client counts a month and half a year, its windows are served: a calendar month, 30 days, 31 days; 180 days back and six months back, on any day.
func TestWindowsOfClients(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := testNow.AddDate(0, 0, rapid.IntRange(-800, 800).Draw(rt, "day")).Add(time.Duration(rapid.IntRange(0, 11).Draw(rt, "hour")) * time.Hour)
		a := open(t, rowSource{}, zoomtest.ServerOptions{NoLimits: true, AsOf: now})
		today := now.Truncate(24 * time.Hour)
		for _, from := range []time.Time{today, today.AddDate(0, 0, -180), today.AddDate(0, 0, -rapid.IntRange(0, 181).Draw(rt, "back"))} {
			for _, to := range []time.Time{from, from.AddDate(0, 0, 30), from.AddDate(0, 0, 31), monthLater(from)} {
				q := url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.Format(time.DateOnly)}}
				for _, path := range []string{"/v2/report/activities?", "/v2/report/operationlogs?"} {
					if res := a.get(path + q.Encode()); res.status != 200 {
						rt.Fatalf("as of %v, %v: %d %s", now, q, res.status, res.body)
					}
				}
			}
			q := url.Values{"from": {from.Format(time.DateOnly)}, "to": {from.AddDate(0, 0, 32).Format(time.DateOnly)}}
			if res := a.get("/v2/report/activities?" + q.Encode()); res.status != 400 {
				rt.Fatalf("%v: %d", q, res.status)
			}
		}
	})
}

// Libraries ask for tokens and listings in ways of their own; each of them gets an answer over the wire.
func TestRequestsOfClients(t *testing.T) {
	srv, err := zoomtest.NewServer(smallAccount(), zoomtest.ServerOptions{AsOf: testNow, NoLimits: true})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	o := srv.Options()
	basic := base64.StdEncoding.EncodeToString([]byte(o.ClientID + ":" + o.ClientSecret))
	const form = "application/x-www-form-urlencoded"
	params := "grant_type=account_credentials&account_id=" + o.AccountID
	var token string
	for _, tt := range []struct{ name, target, scheme, body, kind string }{
		{"form", "/oauth/token", "Basic", params, form},
		{"form with charset", "/oauth/token", "basic", params, form + "; charset=utf-8"},
		{"query, empty form", "/oauth/token?" + params, "Basic", "", form},
		{"query, no body", "/oauth/token?" + params, "Basic", "", ""},
		{"query, JSON body", "/oauth/token?" + params, "Basic", "{}", "application/json"},
		{"slash", "/oauth/token/", "Basic", params, form},
	} {
		r, err := http.NewRequest(http.MethodPost, srv.URL+tt.target, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", tt.scheme+" "+basic)
		if tt.kind != "" {
			r.Header.Set("Content-Type", tt.kind)
		}
		var reply struct {
			AccessToken string `json:"access_token"`
		}
		status, body, _ := send(t, r)
		if err := json.Unmarshal([]byte(body), &reply); err != nil || status != 200 || reply.AccessToken == "" {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
		token = reply.AccessToken
	}
	for _, tt := range []struct {
		name, method, target, scheme, accept, body string
		status                                     int
	}{
		{"plain", "GET", "/v2/users", "Bearer", "", "", 200},
		{"scheme in lower case", "GET", "/v2/users", "bearer", "", "", 200},
		{"any type", "GET", "/v2/users/", "BEARER", "*/*", "", 200},
		{"another type", "GET", "/v2/users/me/", "Bearer", "application/xml", "", 200},
		{"body in a GET", "GET", "/v2/users?page_size=0&page_number=0", "Bearer", "application/json", "null\n", 200},
		{"head", "HEAD", "/v2/users", "Bearer", "", "", 200},
		{"options", "OPTIONS", "/v2/users", "Bearer", "", "", 405},
	} {
		r, err := http.NewRequest(tt.method, srv.URL+tt.target, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", tt.scheme+" "+token)
		r.Header.Set("Accept", tt.accept)
		status, body, header := send(t, r)
		if status != tt.status || tt.method == "HEAD" && (body != "" || header.Get("Content-Length") == "") {
			t.Errorf("%s: %d %q", tt.name, status, body)
		}
		if n, _ := strconv.Atoi(header.Get("Content-Length")); n == 0 {
			t.Errorf("%s: no length", tt.name)
		}
	}
}

func send(t *testing.T, r *http.Request) (status int, body string, header http.Header) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}
