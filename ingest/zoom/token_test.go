package zoom

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTokenRequest(t *testing.T) {
	f := newFake(t, onePage)
	c := f.client(t)
	scopes, err := c.Scopes(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"user:read:admin", "report:read:admin"}, scopes); d != "" {
		t.Error(d)
	}
	if _, _, err := listUsers(c); err != nil {
		t.Fatal(err)
	}
	if got := f.forms[0].Encode(); got != "account_id=acc&grant_type=account_credentials" {
		t.Errorf("form %s", got)
	}
	want := []string{"Basic " + base64.StdEncoding.EncodeToString([]byte("cid:"+testSecret)), "Bearer token-1"}
	if d := cmp.Diff(want, f.auth); d != "" {
		t.Error(d)
	}
}

func TestTokenReplacedBeforeItsEnd(t *testing.T) {
	f := newFake(t, onePage)
	c := f.client(t)
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {3538 * time.Second, 1}, {2 * time.Second, 2}} { // of 3599 seconds, a minute is left
		f.now = f.now.Add(tt.after)
		if _, err := c.Scopes(context.Background()); err != nil {
			t.Fatal(err)
		}
		if f.tokens != tt.want {
			t.Errorf("after %v: %d tokens, want %d", tt.after, f.tokens, tt.want)
		}
	}
}

func TestTokenSharedByManyCallers(t *testing.T) {
	f := newFake(t, onePage)
	c := f.client(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, _, err := listUsers(c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f.tokens != 1 {
		t.Errorf("%d tokens, want 1", f.tokens)
	}
}

func TestStaleToken(t *testing.T) {
	expired := `{"code":124,"message":"Access token is expired."}`
	for _, tt := range []struct {
		name   string
		api    []reply
		tokens int
		calls  int
		ok     bool
	}{
		{"401 once", []reply{body(401, expired), onePage}, 2, 2, true},
		{"400 once", []reply{body(400, expired), onePage}, 2, 2, true},
		{"for ever", []reply{body(401, expired)}, 2, 2, false},
		{"401 not json", []reply{body(401, `<html>`), onePage}, 2, 2, true},
		{"scope is no matter of the token", []reply{body(401, `{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read:admin]."}`)}, 1, 1, false},
		{"fault, then stale", []reply{body(502, ""), body(401, expired), onePage}, 2, 3, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, tt.api...)
			_, _, err := listUsers(f.client(t))
			if (err == nil) != tt.ok || f.tokens != tt.tokens || len(f.calls) != tt.calls {
				t.Errorf("%d tokens, %d calls, err %v; want %d, %d, ok %v", f.tokens, len(f.calls), err, tt.tokens, tt.calls, tt.ok)
			}
			if tt.ok && f.auth[len(f.auth)-1] != "Bearer token-2" {
				t.Errorf("last call with %s", f.auth[len(f.auth)-1])
			}
			if tt.name == "for ever" && !IsUnauthorized(err) {
				t.Errorf("not unauthorized: %v", err)
			}
		})
	}
}

func TestTokenErrors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply reply
		is    func(error) bool // the one class that holds
		want  []string
	}{
		{"client", body(401, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`), IsUnauthorized,
			[]string{"Invalid client_id or client_secret", EnvClientID, EnvClientSecret}},
		{"account", body(400, `{"reason":"Bad Request","error":"invalid_request"}`), IsUnauthorized, []string{"400", EnvAccountID, "activated"}},
		{"app type", body(400, `{"reason":"unsupported grant type","error":"unsupported_grant_type"}`), IsUnauthorized, []string{"Server-to-Server"}},
		{"html", body(403, `<html>`+testSecret+`</html>`), IsUnauthorized, []string{"403", redacted}},
		{"rate limit for ever", body(429, perSecond), IsRateLimited, []string{"429", "Try again later; run again later"}},
		{"busy for ever", body(503, `{}`), IsUnreachable, []string{"503", "later"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, onePage)
			for range maxTries {
				f.token = append(f.token, tt.reply)
			}
			_, _, err := listUsers(f.client(t))
			var e *TokenError
			if !errors.As(err, &e) || !tt.is(err) {
				t.Fatalf("wrong class: %v", err)
			}
			held := 0
			for _, is := range []func(error) bool{IsUnauthorized, IsUnreachable, IsRateLimited} {
				if is(err) {
					held++
				}
			}
			if held != 1 {
				t.Errorf("%d classes hold: %v", held, err)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), testSecret) {
				t.Errorf("secret in %q", err)
			}
			if len(f.calls) != 0 {
				t.Error("called without a token")
			}
		})
	}
}

func TestTokenEndpointRepeatedAfterFault(t *testing.T) {
	f := newFake(t, onePage)
	f.token = []reply{body(500, ""), cutOff}
	if _, _, err := listUsers(f.client(t)); err != nil || f.tokens != 3 {
		t.Fatalf("%d token requests, %v", f.tokens, err)
	}
}

func TestRegion(t *testing.T) {
	c, err := New(Config{AccountID: "a", ClientID: "b", ClientSecret: NewSecret("c")})
	if err != nil {
		t.Fatal(err)
	}
	for api, want := range map[string]string{
		"":                                 DefaultAPIURL,
		"https://api-eu.zoom.us":           "https://api-eu.zoom.us/v2",
		"https://api-eu.zoom.us/v2/":       "https://api-eu.zoom.us/v2",
		"https://api.zoomgov.com":          "https://api.zoomgov.com/v2",
		"https://evilzoomgov.com":          DefaultAPIURL,
		"http://api.zoom.us":               DefaultAPIURL,
		"https://zoom.us.example.com":      DefaultAPIURL,
		"https://evilzoom.us":              DefaultAPIURL,
		"https://zoom.us@example.com":      DefaultAPIURL,
		"https://api.zoom.us:8443":         DefaultAPIURL,
		"https://api.zoom.us/?x=1":         DefaultAPIURL,
		"https://example.com/.zoom.us":     DefaultAPIURL,
		"https://example.com#.api.zoom.us": DefaultAPIURL,
		"https://API-EU.ZOOM.US":           "https://API-EU.ZOOM.US/v2",
		"https://zoom.us.evil.com":         DefaultAPIURL,
		"https://api-eu.zoom.us.":          DefaultAPIURL,
		"https://user:pw@api-eu.zoom.us":   DefaultAPIURL,
		"https://@api-eu.zoom.us":          DefaultAPIURL,
		"https://api-eu.zoom.us:443":       DefaultAPIURL,
		"https://api-eu.zoom.us:":          DefaultAPIURL,
		"https://api-eu.z\u043eom.us":      DefaultAPIURL, // a Cyrillic o
		"https://api-eu\u2024zoom.us":      DefaultAPIURL, // a dot that is none
		"https://evil.com\u3002zoom.us":    DefaultAPIURL, // an ideographic full stop, which browsers take for a dot
		"https://evil.com%2f.zoom.us":      DefaultAPIURL,
		"https://evil.com\\.zoom.us":       DefaultAPIURL,
		"https://evil.com\n.zoom.us":       DefaultAPIURL,
		"https://evil.com?.zoom.us":        DefaultAPIURL,
		"//api-eu.zoom.us":                 DefaultAPIURL,
		"api-eu.zoom.us":                   DefaultAPIURL,
		"ftp://api-eu.zoom.us":             DefaultAPIURL,
		"https://[::1].zoom.us":            DefaultAPIURL,
		"https://evil.com\uff0f.zoom.us":   DefaultAPIURL, // a fullwidth slash
		"https://127.0.0.1":                DefaultAPIURL,
	} {
		if got := c.base(&grant{api: api}); got != want {
			t.Errorf("%q: got %s, want %s", api, got, want)
		}
	}
	gov, err := New(Config{AccountID: "a", ClientID: "b", ClientSecret: NewSecret("c"), OAuthURL: "https://zoomgov.com"})
	if err != nil {
		t.Fatal(err)
	}
	if got := gov.base(&grant{api: "https://api.zoomgov.com"}); got != "https://api.zoomgov.com/v2" {
		t.Errorf("government account: %s", got)
	}
	f := newFake(t, onePage) // its reply names a region; its address was given
	if got := f.client(t).base(&grant{api: "https://api-eu.zoom.us"}); got != f.URL+"/v2" {
		t.Errorf("left the given address for %s", got)
	}
}

func TestSecretNeverShows(t *testing.T) {
	f := newFake(t, body(403, "echo: Bearer token-1"))
	cfg := f.config()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, _, callErr := listUsers(c)
	type hidden struct {
		cfg    Config
		secret Secret
		client *Client
	}
	h := hidden{cfg, cfg.ClientSecret, c}
	var out strings.Builder
	for _, v := range []any{cfg.ClientSecret, &cfg.ClientSecret, h, &h, c, callErr} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	out.WriteString(mustJSON(t, map[string]any{"s": cfg.ClientSecret, "m": map[string]Secret{"k": cfg.ClientSecret}}))
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("x", "secret", cfg.ClientSecret, "client", c, "error", callErr)
	}
	out.Write(f.log.Bytes())
	for _, s := range []string{testSecret, fmt.Sprintf("%x", testSecret), "token-1"} {
		if strings.Contains(out.String(), s) {
			t.Errorf("%q shows in:\n%s", s, out.String())
		}
	}
	if !strings.Contains(out.String(), redacted) {
		t.Error("nothing was redacted: the test looks at the wrong place")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if got := fmt.Sprintf(verb, cfg.ClientSecret); got != redacted {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if cfg.ClientSecret.Reveal() != testSecret {
		t.Error("Reveal does not")
	}
}
