package zoom

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAuthorizeURL(t *testing.T) {
	s := newConsentServer(t)
	page, err := s.app().AuthorizeURL("st", "verifier", registered)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(page)
	// The challenge is base64url(SHA-256("verifier")), computed with sha256sum.
	want := url.Values{"response_type": {"code"}, "client_id": {"cid"}, "redirect_uri": {registered}, "state": {"st"}, "code_challenge_method": {"S256"},
		"code_challenge": {"iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ"}}
	if u.Path != "/oauth/authorize" || u.Query().Encode() != want.Encode() {
		t.Errorf("got %s", page)
	}
	if _, err := (App{}).AuthorizeURL("", "", ""); err == nil || !strings.Contains(err.Error(), EnvClientID) || !strings.Contains(err.Error(), EnvClientSecret) {
		t.Errorf("without credentials: %v", err)
	}
	if _, err := (App{ClientID: "a", ClientSecret: NewSecret("b"), OAuthURL: "http://zoom.us"}).AuthorizeURL("", "", ""); err == nil {
		t.Error("plain http")
	}
}

func TestConsentAnswers(t *testing.T) {
	s := newConsentServer(t)
	for _, tt := range []struct {
		name string
		edit func(url.Values)
		want string // of the error, "" for none
		open bool   // whether the right answer is still taken
	}{
		{"right", func(url.Values) {}, "", false},
		{"no state", func(q url.Values) { q.Del("state") }, ErrWrongState.Error(), true},
		{"wrong state", func(q url.Values) { q.Set("state", "x"+q.Get("state")[1:]) }, ErrWrongState.Error(), true},
		{"two states", func(q url.Values) { q.Add("state", "x") }, ErrWrongState.Error(), true},
		{"refused", func(q url.Values) { q.Del("code"); q.Set("error", "access_denied\n\x1b[2J") }, "access_denied [2J", false},
		{"no code", func(q url.Values) { q.Del("code") }, "no code", false},
		{"two codes", func(q url.Values) { q.Add("code", "x") }, "no code", false},
		{"endless code", func(q url.Values) { q.Set("code", strings.Repeat("x", maxCode+1)) }, "no code", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := NewConsent(s.app(), registered)
			if err != nil {
				t.Fatal(err)
			}
			q := s.consents(c.URL)
			right := url.Values{"code": q["code"], "state": {q.Get("state")}}
			tt.edit(q)
			code, err := c.Code(q)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) || (code == "") == (err == nil) {
				t.Fatalf("code %q, %v", code, err)
			}
			if _, err := c.Code(right); (err == nil) != tt.open || err != nil && !errors.Is(err, ErrReplayed) {
				t.Errorf("the right answer after it: %v", err)
			}
			if _, err := c.Code(right); !errors.Is(err, ErrReplayed) {
				t.Errorf("a replay: %v", err)
			}
		})
	}
	a, _ := NewConsent(s.app(), registered)
	b, _ := NewConsent(s.app(), registered)
	if a.state == b.state || a.verifier == b.verifier || a.state == a.verifier || len(a.state) != 43 {
		t.Error("states and verifiers must be random and apart")
	}
}

func TestPasted(t *testing.T) {
	s := newConsentServer(t)
	for _, tt := range []struct {
		name string
		text func(q url.Values) string
		ok   bool
	}{
		{"address", func(q url.Values) string { return registered + "?" + q.Encode() }, true},
		{"with blanks and a fragment", func(q url.Values) string { return "  " + registered + "?" + q.Encode() + "#_\r\n" }, true},
		{"code alone", func(q url.Values) string { return q.Get("code") + "\n" }, true},
		{"nothing", func(url.Values) string { return "\n" }, false},
		{"another address", func(q url.Values) string { return "http://127.0.0.1:8765/other?" + q.Encode() }, false},
		{"another state", func(q url.Values) string { return registered + "?code=" + q.Get("code") + "&state=x" }, false},
		{"no state", func(q url.Values) string { return registered + "?code=" + q.Get("code") }, false},
		{"broken", func(url.Values) string { return registered + "?code=%zz" }, false},
	} {
		c, err := NewConsent(s.app(), registered)
		if err != nil {
			t.Fatal(err)
		}
		q := s.consents(c.URL)
		code, err := c.Pasted(tt.text(q))
		if (err == nil) != tt.ok || tt.ok && code != q.Get("code") {
			t.Errorf("%s: %q, %v", tt.name, code, err)
		}
		if tt.ok {
			if _, err := c.Pasted(tt.text(q)); !errors.Is(err, ErrReplayed) {
				t.Errorf("%s: a replay: %v", tt.name, err)
			}
		}
	}
}

func TestExchangeRefused(t *testing.T) {
	s := newConsentServer(t)
	challenge := func(state, verifier string) url.Values {
		page, err := s.app().AuthorizeURL(state, verifier, registered)
		if err != nil {
			t.Fatal(err)
		}
		return s.consents(page)
	}
	code := challenge("s", "right").Get("code")
	if _, err := s.app().Exchange(t.Context(), code, "right", registered); err != nil {
		t.Fatal(err)
	}
	_, err := s.app().Exchange(t.Context(), code, "right", registered)
	if !IsUnauthorized(err) || !strings.Contains(err.Error(), "connect again") || strings.Contains(err.Error(), code) {
		t.Errorf("a code of two uses: %v", err)
	}
	if _, err := s.app().Exchange(t.Context(), challenge("s", "right").Get("code"), "wrong", registered); err == nil {
		t.Error("another verifier")
	}
	if _, err := s.app().Exchange(t.Context(), challenge("s", "right").Get("code"), "right", registered+"/"); err == nil {
		t.Error("another redirect URL")
	}
	app := s.app()
	app.ClientSecret = NewSecret("wrong")
	if _, err := app.Exchange(t.Context(), challenge("s", "right").Get("code"), "right", registered); err == nil || !strings.Contains(err.Error(), EnvClientSecret) {
		t.Errorf("another secret: %v", err)
	}
}

func TestConsentLivesOn(t *testing.T) {
	s := newConsentServer(t)
	store := NewTokenFile(filepath.Join(t.TempDir(), "db.tokens"))
	if err := s.connect(t, store); err != nil {
		t.Fatal(err)
	}
	for hour := range 5 { // each client is a process of its own
		k := s.client(t, store).Check(t.Context())
		if k.Status != StatusConnected || len(k.Scopes) != 2 {
			t.Fatalf("hour %d: %s: %v", hour, k.Status, k.Err)
		}
		if s.refreshes != hour {
			t.Errorf("hour %d: %d refreshes: a token that lives is used again", hour, s.refreshes)
		}
		s.pass(time.Hour)
	}
	// Zoom may end an access token before its time.
	c := s.client(t, store)
	if k := c.Check(t.Context()); k.Status != StatusConnected {
		t.Fatal(k.Err)
	}
	s.mu.Lock()
	clear(s.access)
	s.mu.Unlock()
	if k := c.Check(t.Context()); k.Status != StatusConnected {
		t.Errorf("after a token was refused: %s: %v", k.Status, k.Err)
	}
}

func TestDisconnect(t *testing.T) {
	s := newConsentServer(t)
	store := NewTokenFile(filepath.Join(t.TempDir(), "db.tokens"))
	if err := s.app().Disconnect(t.Context(), store); !errors.Is(err, ErrNoTokens) {
		t.Errorf("without tokens: %v", err)
	}
	if err := s.connect(t, store); err != nil {
		t.Fatal(err)
	}
	s.pass(2 * time.Hour) // the access token has ended
	if err := s.app().Disconnect(t.Context(), store); err != nil || len(s.revoked) != 1 || s.revoked[0] != "access-2" {
		t.Fatalf("revoked %v, %v", s.revoked, err)
	}
	if k := s.client(t, store).Check(t.Context()); k.Status != StatusTokenRejected || !IsReconnect(k.Err) {
		t.Errorf("after it: %s: %v", k.Status, k.Err)
	}
	if err := s.app().Revoke(t.Context(), NewSecret("access-2")); err != nil {
		t.Errorf("a token that is void already: %v", err)
	}
	app := s.app()
	app.ClientSecret = NewSecret("wrong")
	if err := app.Revoke(t.Context(), NewSecret("access-2")); err == nil || !strings.Contains(err.Error(), "revoke access token") {
		t.Errorf("another secret: %v", err)
	}
	s.Close()
	if err := s.app().Revoke(t.Context(), NewSecret("access-2")); !IsUnreachable(err) {
		t.Errorf("nobody there: %v", err)
	}
	if err := store.Remove(); err != nil {
		t.Fatal(err)
	}
	if err := store.Remove(); err != nil {
		t.Errorf("twice: %v", err)
	}
}

// TestRevokeServerToServer covers the app that has no consent.
func TestRevokeServerToServer(t *testing.T) {
	f := newFake(t, body(200, `{"status":"success"}`))
	if err := f.client(t).Revoke(t.Context()); err != nil || f.tokens != 1 || len(f.calls) != 1 || f.calls[0].Path != "/oauth/revoke" {
		t.Errorf("%d tokens, calls %v: %v", f.tokens, f.calls, err)
	}
}
