package zoomtest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

func TestTokenRequests(t *testing.T) {
	const (
		badClient = `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`
		badGrant  = `{"reason":"unsupported grant type","error":"unsupported_grant_type"}`
		badAsk    = `{"reason":"Bad Request","error":"invalid_request"}`
		good      = "grant_type=account_credentials&account_id=" + testAccount
	)
	tests := []struct {
		name, query, form string
		id, secret        string
		status            int
		body              string // "" for a token
	}{
		{"form", "", good, testClient, testSecret, 200, ""},
		{"query", good, "", testClient, testSecret, 200, ""},
		{"half and half", "grant_type=account_credentials", "account_id=" + testAccount, testClient, testSecret, 200, ""},
		{"no client", "", good, "", "", 401, badClient},
		{"wrong client", "", good, "someone", testSecret, 401, badClient},
		{"wrong secret", "", good, testClient, "guess", 401, badClient},
		{"client in the form", "", good + "&client_id=" + testClient + "&client_secret=" + testSecret, "", "", 401, badClient},
		{"no grant", "", "account_id=" + testAccount, testClient, testSecret, 400, badGrant},
		{"made-up grant", "", "grant_type=password", testClient, testSecret, 400, badGrant},
		{"no account", "", "grant_type=account_credentials", testClient, testSecret, 400, badAsk},
		{"wrong account", "", "grant_type=account_credentials&account_id=other", testClient, testSecret, 400, badAsk},
		{"broken escape", "", good + "&x=%zz", testClient, testSecret, 400, badAsk},
		{"endless form", "", good + "&x=" + strings.Repeat("x", 1<<20), testClient, testSecret, 400, badAsk},
	}
	a := open(t, smallAccount(), zoomtest.ServerOptions{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/oauth/token?"+tt.query, strings.NewReader(tt.form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if tt.id != "" {
				r.SetBasicAuth(tt.id, tt.secret)
			}
			res := a.do(r)
			if tt.body != "" {
				res.is(t, tt.status, tt.body)
				return
			}
			var got map[string]any
			res.decode(t, &got)
			if token, _ := got["access_token"].(string); len(token) < 40 {
				t.Errorf("access_token %v", got["access_token"])
			}
			delete(got, "access_token")
			want := map[string]any{
				"token_type": "bearer", "expires_in": 3599.0, "api_url": "http://example.com",
				"scope": strings.Join(a.Options().Scopes, " "),
			}
			diff(t, want, got)
			if res.status != 200 || res.header.Get("Cache-Control") != "no-store" {
				t.Errorf("status %d, headers %v", res.status, res.header)
			}
		})
	}
}

func TestTokensDifferAndStayValid(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{})
	first := a.token
	a.token = a.newToken(t)
	if first == a.token {
		t.Fatal("the same token twice")
	}
	for _, token := range []string{first, a.token} {
		if res := (account{a.Handler, token}).get("/v2/users/me"); res.status != 200 {
			t.Errorf("%d %s", res.status, res.body)
		}
	}
}

func TestRevoke(t *testing.T) {
	clock := newTestClock()
	a := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now})
	revoke := func(token, secret string) result {
		r := httptest.NewRequest(http.MethodPost, "/oauth/revoke?token="+url.QueryEscape(token), nil)
		r.SetBasicAuth(testClient, secret)
		return a.do(r)
	}
	kept := a.newToken(t)
	revoke(a.token, "guess").is(t, 401, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`)
	revoke("nonsense", testSecret).is(t, 400, `{"reason":"Invalid Token!","error":"invalid_request"}`)
	a.get("/v2/users/me").is(t, 200, oneOwner)
	revoke(a.token, testSecret).is(t, 200, `{"status":"success"}`)
	a.get("/v2/users/me").is(t, 401, refusal(124, "Invalid access token."))
	(account{a.Handler, kept}).get("/v2/users/me").is(t, 200, oneOwner)

	clock.Advance(time.Hour)
	later := a.newToken(t)
	revoke(later, testSecret).is(t, 200, `{"status":"success"}`)
	a.get("/v2/users/me").is(t, 401, refusal(124, "Access token is expired."))
}

// The stock OAuth client of Go gets a token in the shape that Zoom's integrations use it: the grant type overridden.
func TestStockOAuthClient(t *testing.T) {
	srv, err := zoomtest.NewServer(smallAccount(), zoomtest.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	o := srv.Options()
	config := clientcredentials.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret, TokenURL: srv.URL + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader,
		EndpointParams: url.Values{"grant_type": {"account_credentials"}, "account_id": {o.AccountID}},
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	token, err := config.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := token.Extra("api_url"); got != srv.URL {
		t.Errorf("api_url %v, want %s", got, srv.URL)
	}
	res, err := oauth2.NewClient(ctx, oauth2.StaticTokenSource(token)).Get(srv.URL + "/v2/users?page_size=300")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
}
