package zoom

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokenMargin is how long before its end a token is replaced, so that none ends on the way.
const tokenMargin = time.Minute

// tokenLife is assumed where the reply gives none: Zoom's access tokens live an hour.
const tokenLife = time.Hour

// A grant is one access token and what came with it.
type grant struct {
	access Secret
	scopes []string
	api    string // the account's regional API, "" where the reply names none
	until  time.Time
}

// tokens hands out the current grant and fetches another when it is used up. It is safe for concurrent use; of many callers that need
// a new one, one asks Zoom.
type tokens struct {
	fetch func(context.Context) (*grant, error)
	now   func() time.Time
	// turn holds one value; taking it is the lock. A mutex would not let a waiting caller give up when its context ends.
	turn    chan struct{}
	current *grant
}

func newTokens(fetch func(context.Context) (*grant, error), now func() time.Time) *tokens {
	return &tokens{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

// get returns a grant that is neither used up nor the stale one.
func (t *tokens) get(ctx context.Context, stale *grant) (*grant, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if g := t.current; g != nil && g != stale && t.now().Before(g.until) {
		return g, nil
	}
	g, err := t.fetch(ctx)
	if err != nil {
		return nil, err
	}
	t.current = g
	return g, nil
}

// fetchGrant asks for an access token with the Server-to-Server grant. Zoom calls it account_credentials; everything else is as in the
// client credentials grant of RFC 6749.
func fetchGrant(ctx context.Context, cfg Config, hc *http.Client) (*grant, error) {
	source := clientcredentials.Config{
		ClientID:       cfg.ClientID,
		ClientSecret:   cfg.ClientSecret.Reveal(),
		TokenURL:       cfg.OAuthURL + "/oauth/token",
		AuthStyle:      oauth2.AuthStyleInHeader,
		EndpointParams: url.Values{"grant_type": {"account_credentials"}, "account_id": {cfg.AccountID}},
	}
	tok, err := source.Token(context.WithValue(ctx, oauth2.HTTPClient, hc))
	if err != nil {
		return nil, tokenFailure(err, cfg)
	}
	if t := tok.TokenType; t != "" && !strings.EqualFold(t, "bearer") {
		return nil, fmt.Errorf("get access token: token type %q is not bearer", line(t, 20))
	}
	g := &grant{access: NewSecret(tok.AccessToken)}
	if s, ok := tok.Extra("scope").(string); ok {
		g.scopes = strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	}
	if s, ok := tok.Extra("api_url").(string); ok {
		g.api = s
	}
	// The library counts expires_in from the real clock, this client from its own.
	life := tokenLife
	if n, err := json.Marshal(tok.Extra("expires_in")); err == nil {
		var sec flexInt
		_ = sec.UnmarshalJSON(n) // never fails
		if sec > 0 {
			life = time.Duration(min(int64(sec), 86400)) * time.Second
		}
	}
	g.until = cfg.Now().Add(life - min(tokenMargin, life/2))
	return g, nil
}

// tokenFailure turns the library's error, which quotes whole bodies, into one of this package.
func tokenFailure(err error, cfg Config) error {
	var r *oauth2.RetrieveError
	if !errors.As(err, &r) {
		return transportError(err, http.MethodPost, cfg.OAuthURL, "/oauth/token")
	}
	e := &TokenError{Status: r.Response.StatusCode}
	var v struct {
		Reason  flexString `json:"reason"`
		Error   flexString `json:"error"`
		Message flexString `json:"message"`
		Text    flexString `json:"errorMessage"`
	}
	secret := cfg.ClientSecret.Reveal()
	body := redact(r.Body, secret, url.QueryEscape(secret), basicAuth(cfg))
	if json.Unmarshal(body, &v) == nil {
		e.Code, e.Reason = line(string(v.Error), 60), line(cmp.Or(string(v.Reason), string(v.Message), string(v.Text)), 300)
	} else {
		e.Reason = line(string(body[:min(len(body), 4096)]), 300)
	}
	return e
}

// basicAuth is what the token request carries in its Authorization header: RFC 6749 escapes both halves.
func basicAuth(cfg Config) string {
	return base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(cfg.ClientID) + ":" + url.QueryEscape(cfg.ClientSecret.Reveal())))
}

// Scopes returns the scopes that were granted to the app, in Zoom's order. Empty means that Zoom did not say.
func (c *Client) Scopes(ctx context.Context) ([]string, error) {
	g, err := c.grant(ctx, nil)
	if err != nil {
		return nil, err
	}
	return append([]string(nil), g.scopes...), nil
}
