package zoomtest_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

const testRedirect = "http://127.0.0.1:8765/callback?app=1"

// Verifier and challenge of RFC 7636, appendix B.
const (
	rfcVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	rfcChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

const (
	codeRefused     = `{"reason":"Invalid authorization code","error":"invalid_grant"}`
	codeMissing     = `{"reason":"Invalid authorization code","error":"invalid_request"}`
	tokenRefused    = `{"reason":"Invalid Token!","error":"invalid_grant"}`
	tokenMissing    = `{"reason":"Invalid Token!","error":"invalid_request"}`
	redirectRefused = `{"reason":"Redirect URI mismatch","error":"invalid_grant"}`
	verifierRefused = `{"reason":"Invalid code verifier","error":"invalid_grant"}`
	appRefused      = `{"reason":"The app has been disabled","error":"invalid_request"}`
)

var tokenRevoked = refusal(4741, "The token has been revoked.")

func openForUsers(t testing.TB, o zoomtest.ServerOptions) account {
	t.Helper()
	o.RedirectURIs, o.AutoConsent = []string{testRedirect}, true
	return open(t, smallAccount(), o)
}

// asking is an authorization request with some parameters replaced, or left out where the value is "-".
func asking(change ...string) string {
	q := url.Values{"response_type": {"code"}, "client_id": {testClient}, "redirect_uri": {testRedirect}, "state": {"s&1"}}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
		if change[i+1] == "-" {
			q.Del(change[i])
		}
	}
	return "/oauth/authorize?" + q.Encode()
}

// authorize sends a browser there and returns what it brings back to the app.
func (a account) authorize(t testing.TB, target string) url.Values {
	t.Helper()
	return landed(t, a.do(httptest.NewRequest(http.MethodGet, target, nil)))
}

func landed(t testing.TB, res result) url.Values {
	t.Helper()
	to, err := url.Parse(res.header.Get("Location"))
	if err != nil || res.status != http.StatusFound || !strings.HasPrefix(to.String(), testRedirect[:strings.Index(testRedirect, "?")+1]) {
		t.Fatalf("no redirect to the app: %d %q %s", res.status, to, res.body)
	}
	q := to.Query()
	if q.Get("app") != "1" {
		t.Errorf("the redirect URI lost its query: %s", to)
	}
	q.Del("app")
	return q
}

type userTokens struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
	Scope        string `json:"scope"`
	TokenType    string `json:"token_type"`
}

func (a account) tokenReply(params ...string) result {
	form := url.Values{}
	for i := 0; i < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	return a.do(tokenRequest(form))
}

func (a account) exchange(code string, more ...string) result {
	return a.tokenReply(append([]string{"grant_type", "authorization_code", "code", code, "redirect_uri", testRedirect}, more...)...)
}

func (a account) refreshed(token string) result {
	return a.tokenReply("grant_type", "refresh_token", "refresh_token", token)
}

func (a account) revoked(token string) result {
	r := httptest.NewRequest(http.MethodPost, "/oauth/revoke?token="+url.QueryEscape(token), nil)
	r.SetBasicAuth(testClient, testSecret)
	return a.do(r)
}

func (r result) tokens(t testing.TB) (u userTokens) {
	t.Helper()
	r.decode(t, &u)
	if r.status != 200 || u.AccessToken == "" || u.RefreshToken == "" || u.ExpiresIn != 3599 || u.TokenType != "bearer" {
		t.Fatalf("no tokens: %d %s", r.status, r.body)
	}
	return u
}

func (a account) consent(t testing.TB, change ...string) userTokens {
	t.Helper()
	return a.exchange(a.authorize(t, asking(change...)).Get("code")).tokens(t)
}

func (a account) as(token string) account { return account{a.Handler, token} }

func TestAuthorizeRefusals(t *testing.T) {
	a := openForUsers(t, zoomtest.ServerOptions{})
	for _, tt := range []struct{ name, target, says string }{
		{"no client", asking("client_id", "-"), "client_id"},
		{"another client", asking("client_id", "someone"), "client_id"},
		{"two clients", asking() + "&client_id=" + testClient, "client_id"},
		{"no redirect", asking("redirect_uri", "-"), "redirect_uri"},
		{"another redirect", asking("redirect_uri", "https://attacker.example/"), "redirect_uri"},
		{"another port", asking("redirect_uri", "http://127.0.0.1:8766/callback?app=1"), "redirect_uri"},
		{"longer redirect", asking("redirect_uri", testRedirect+"&x=1"), "redirect_uri"},
		{"two redirects", asking() + "&redirect_uri=x", "redirect_uri"},
		{"broken query", asking() + "&x=%zz", "cannot be read"},
	} {
		res := a.do(httptest.NewRequest(http.MethodGet, tt.target, nil))
		if res.status != 400 || res.header.Get("Location") != "" || !strings.Contains(res.body, tt.says) {
			t.Errorf("%s: %d to %q: %s", tt.name, res.status, res.header.Get("Location"), res.body)
		}
	}
	short := strings.Repeat("a", 42)
	for _, tt := range []struct{ name, target, code string }{
		{"no response type", asking("response_type", "-"), "invalid_request"},
		{"implicit", asking("response_type", "token"), "unsupported_response_type"},
		{"two states", asking() + "&state=2", "invalid_request"},
		{"unknown method", asking("code_challenge", rfcChallenge, "code_challenge_method", "S512"), "invalid_request"},
		{"method alone", asking("code_challenge_method", "S256"), "invalid_request"},
		{"challenge no hash", asking("code_challenge", strings.Repeat("a", 44), "code_challenge_method", "S256"), "invalid_request"},
		{"short plain", asking("code_challenge", short, "code_challenge_method", "plain"), "invalid_request"},
		{"short plain by default", asking("code_challenge", short), "invalid_request"},
		{"long plain", asking("code_challenge", strings.Repeat("a", 129)), "invalid_request"},
		{"odd plain", asking("code_challenge", short+"+"), "invalid_request"},
		{"scope the app lacks", asking("scope", "user:read:admin billing:read:admin"), "invalid_scope"},
	} {
		if got := a.authorize(t, tt.target); got.Get("error") != tt.code || got.Get("state") != "s&1" || got.Has("code") {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	none := open(t, smallAccount(), zoomtest.ServerOptions{})
	if res := none.do(httptest.NewRequest(http.MethodGet, asking(), nil)); res.status != 400 {
		t.Errorf("no redirect URI registered: %d", res.status)
	}
}

func TestCodeRefusals(t *testing.T) {
	clock := newTestClock()
	a := openForUsers(t, zoomtest.ServerOptions{Now: clock.Now})
	pkce := []string{"code_challenge", rfcChallenge, "code_challenge_method", "S256"}
	for _, tt := range []struct {
		name string
		ask  []string
		wait time.Duration
		send []string // replaces parameters of the token request
		body string   // "" for tokens
	}{
		{"plain flow", nil, 0, nil, ""},
		{"last moment", nil, 5*time.Minute - 1, nil, ""},
		{"expired", nil, 5 * time.Minute, nil, codeRefused},
		{"no code", nil, 0, []string{"code", ""}, codeMissing},
		{"made-up code", nil, 0, []string{"code", "abc"}, codeRefused},
		{"access token as code", nil, 0, []string{"code", a.token}, codeRefused},
		{"no redirect", nil, 0, []string{"redirect_uri", ""}, redirectRefused},
		{"another redirect", nil, 0, []string{"redirect_uri", "http://127.0.0.1:8765/callback"}, redirectRefused},
		{"S256 of the RFC", pkce, 0, []string{"code_verifier", rfcVerifier}, ""},
		{"no verifier", pkce, 0, nil, verifierRefused},
		{"another verifier", pkce, 0, []string{"code_verifier", strings.Repeat("a", 43)}, verifierRefused},
		{"challenge as verifier", pkce, 0, []string{"code_verifier", rfcChallenge}, verifierRefused},
		{"verifier nobody asked for", nil, 0, []string{"code_verifier", rfcVerifier}, verifierRefused},
		{"plain", []string{"code_challenge", rfcVerifier, "code_challenge_method", "plain"}, 0, []string{"code_verifier", rfcVerifier}, ""},
		{"plain by default", []string{"code_challenge", rfcVerifier}, 0, []string{"code_verifier", rfcVerifier}, ""},
		{"plain, another", []string{"code_challenge", rfcVerifier}, 0, []string{"code_verifier", rfcVerifier + "x"}, verifierRefused},
		{"plain, hash", []string{"code_challenge", rfcVerifier}, 0, []string{"code_verifier", rfcChallenge}, verifierRefused},
		{"plain, too short", []string{"code_challenge", rfcVerifier}, 0, []string{"code_verifier", "short"}, verifierRefused},
	} {
		back := a.authorize(t, asking(tt.ask...))
		if back.Get("state") != "s&1" || len(back) != 2 {
			t.Errorf("%s: brought back %v", tt.name, back)
		}
		clock.Advance(tt.wait)
		res := a.exchange(back.Get("code"), tt.send...)
		if tt.body == "" {
			a.as(res.tokens(t).AccessToken).get("/v2/users/me").is(t, 200, oneOwner)
			continue
		}
		t.Run(tt.name, func(t *testing.T) { res.is(t, 400, tt.body) })
	}
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader("grant_type=authorization_code&code=x"))
	a.do(r).is(t, 401, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`)
	// Parameters may come in the query.
	q := url.Values{"grant_type": {"authorization_code"}, "code": {a.authorize(t, asking()).Get("code")}, "redirect_uri": {testRedirect}}
	r = httptest.NewRequest(http.MethodPost, "/oauth/token?"+q.Encode(), nil)
	r.SetBasicAuth(testClient, testSecret)
	a.do(r).tokens(t)
}

func TestReplayedCodeEndsItsTokens(t *testing.T) {
	for _, late := range []time.Duration{0, 10 * time.Minute} {
		clock := newTestClock()
		a := openForUsers(t, zoomtest.ServerOptions{Now: clock.Now})
		code := a.authorize(t, asking()).Get("code")
		first := a.exchange(code).tokens(t)
		second := a.refreshed(first.RefreshToken).tokens(t)
		clock.Advance(late)
		for range 2 {
			a.exchange(code).is(t, 400, codeRefused)
		}
		for _, token := range []string{first.AccessToken, second.AccessToken} {
			a.as(token).get("/v2/users/me").is(t, 401, tokenRevoked)
		}
		a.refreshed(second.RefreshToken).is(t, 400, tokenRefused)
		a.get("/v2/users/me").is(t, 200, oneOwner) // the app's own token has nothing to do with it
	}
}

// A replayed code of an earlier consent is refused and leaves the one in force alone.
func TestReplayOfAnEarlierConsent(t *testing.T) {
	a := openForUsers(t, zoomtest.ServerOptions{})
	code := a.authorize(t, asking()).Get("code")
	a.exchange(code).tokens(t)
	now := a.consent(t)
	a.exchange(code).is(t, 400, codeRefused)
	a.as(now.AccessToken).get("/v2/users/me").is(t, 200, oneOwner)
}

func TestRefreshTokensRotate(t *testing.T) {
	clock := newTestClock()
	a := openForUsers(t, zoomtest.ServerOptions{Now: clock.Now, RefreshTTL: 2 * time.Hour})
	first := a.consent(t)
	second := a.refreshed(first.RefreshToken).tokens(t)
	if first.RefreshToken == second.RefreshToken || first.AccessToken == second.AccessToken {
		t.Fatal("the same token twice")
	}
	a.refreshed(first.RefreshToken).is(t, 400, tokenRefused)
	for _, u := range []userTokens{first, second} {
		a.as(u.AccessToken).get("/v2/users/me").is(t, 200, oneOwner)
	}
	a.tokenReply("grant_type", "refresh_token").is(t, 400, tokenMissing)
	for _, token := range []string{"made up", second.AccessToken, a.token} {
		a.refreshed(token).is(t, 400, tokenRefused)
	}
	for range 5 { // each has a life of its own
		clock.Advance(2*time.Hour - 1)
		a.as(second.AccessToken).get("/v2/users/me").is(t, 401, refusal(124, "Access token is expired."))
		second = a.refreshed(second.RefreshToken).tokens(t)
	}
	clock.Advance(2 * time.Hour)
	a.refreshed(second.RefreshToken).is(t, 400, tokenRefused)
}

func TestRevokeEndsTheGrant(t *testing.T) {
	for _, by := range []string{"access", "refresh"} {
		a := openForUsers(t, zoomtest.ServerOptions{})
		a.revoked("x").is(t, 400, tokenMissing)
		old := a.consent(t)
		u := a.refreshed(old.RefreshToken).tokens(t)
		a.revoked(old.RefreshToken).is(t, 400, tokenMissing) // worth nothing any more
		a.revoked(map[string]string{"access": old.AccessToken, "refresh": u.RefreshToken}[by]).is(t, 200, `{"status":"success"}`)
		a.as(u.AccessToken).get("/v2/users/me").is(t, 401, tokenRevoked)
		a.refreshed(u.RefreshToken).is(t, 400, tokenRefused)
		a.revoked(u.RefreshToken).is(t, 400, tokenMissing)
		again := a.consent(t)
		a.as(u.AccessToken).get("/v2/users/me").is(t, 401, tokenRevoked)
		a.as(again.AccessToken).get("/v2/users/me").is(t, 200, oneOwner)
	}
}

func TestNewConsentReplacesTheOldOne(t *testing.T) {
	a := openForUsers(t, zoomtest.ServerOptions{})
	first := a.consent(t)
	code := a.authorize(t, asking()).Get("code")
	a.as(first.AccessToken).get("/v2/users/me").is(t, 200, oneOwner) // nothing was issued yet
	second := a.exchange(code).tokens(t)
	a.as(first.AccessToken).get("/v2/users/me").is(t, 401, tokenRevoked)
	a.refreshed(first.RefreshToken).is(t, 400, tokenRefused)
	a.as(second.AccessToken).get("/v2/users/me").is(t, 200, oneOwner)
}

func TestUserTokensCarryTheirScopes(t *testing.T) {
	a := openForUsers(t, zoomtest.ServerOptions{Scopes: []string{"user:read:admin", "account:read:admin"}})
	u := a.consent(t, "scope", "user:read:admin  user:read:admin")
	if u.Scope != "user:read:admin" {
		t.Errorf("scope %q", u.Scope)
	}
	user, settings := a.as(u.AccessToken), "/v2/accounts/me/settings"
	missing := refusal(4711, "Invalid access token, does not contain scopes:[account:read:admin, account:read:settings:admin].")
	user.get(settings).is(t, 400, missing)
	if res := a.get(settings); res.status != 200 {
		t.Errorf("the app itself: %d %s", res.status, res.body)
	}
	a.SetScopes([]string{"account:read:admin"})
	if res := user.get("/v2/users/me"); res.status != 400 || !strings.Contains(res.body, "4711") {
		t.Errorf("a scope that the app has lost: %d %s", res.status, res.body)
	}
	user.get(settings).is(t, 400, missing)
	if got := a.refreshed(u.RefreshToken).tokens(t).Scope; got != "" {
		t.Errorf("scope %q", got)
	}
	diff(t, []string{"account:read:admin"}, a.Options().Scopes)
	a.SetScopes(nil)
	user.get("/v2/users/me").is(t, 200, oneOwner)
	if len(a.Options().Scopes) <= 4 {
		t.Errorf("scopes %v", a.Options().Scopes)
	}
	a.SetScopes([]string{})
	if res := a.get("/v2/users/me"); res.status != 400 {
		t.Errorf("no scope at all: %d", res.status)
	}
}

func TestDeactivatedApp(t *testing.T) {
	a := openForUsers(t, zoomtest.ServerOptions{})
	u, code := a.consent(t), a.authorize(t, asking()).Get("code")
	a.Deactivate()
	for _, token := range []string{a.token, u.AccessToken} {
		a.as(token).get("/v2/users/me").is(t, 401, refusal(124, "Invalid access token."))
		a.revoked(token).is(t, 400, appRefused)
	}
	a.tokenReply("grant_type", "account_credentials", "account_id", testAccount).is(t, 400, appRefused)
	a.refreshed(u.RefreshToken).is(t, 400, appRefused)
	a.exchange(code).is(t, 400, appRefused)
	if res := a.do(httptest.NewRequest(http.MethodGet, asking(), nil)); res.status != 400 {
		t.Errorf("authorize: %d", res.status)
	}
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", nil)
	r.SetBasicAuth(testClient, "guess")
	a.do(r).is(t, 401, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`)
	a.Activate()
	a.get("/v2/users/me").is(t, 200, oneOwner)
	a.refreshed(u.RefreshToken).tokens(t)
}

var formField = regexp.MustCompile(`name="request" value="([^"]*)"`)

func TestConsentPage(t *testing.T) {
	clock := newTestClock()
	a := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now, RedirectURIs: []string{testRedirect, `https://x.example/?"><script>`}})
	open := func() string {
		res := a.do(httptest.NewRequest(http.MethodGet, asking("state", `"><script>alert(1)</script>`), nil))
		if res.status != 200 || strings.Contains(res.body, "<script") || !strings.Contains(res.body, "owner@example.com") || !strings.Contains(res.body, "report:read:admin") {
			t.Fatalf("%d %s", res.status, res.body)
		}
		return html.UnescapeString(formField.FindStringSubmatch(res.body)[1])
	}
	send := func(form url.Values) result {
		r := httptest.NewRequest(http.MethodPost, "/oauth/authorize", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return a.do(r)
	}
	if res := a.do(httptest.NewRequest(http.MethodGet, asking("redirect_uri", `https://x.example/?"><script>`), nil)); strings.Contains(res.body, "<script") {
		t.Errorf("not escaped: %s", res.body)
	}
	back := landed(t, send(url.Values{"request": {open()}, "decision": {"decline"}}))
	diff(t, url.Values{"error": {"access_denied"}, "state": {`"><script>alert(1)</script>`}}, back)

	back = landed(t, send(url.Values{"request": {open()}, "decision": {"allow"}, "scope": {"user:read:admin", "role:write:admin"}}))
	if u := a.exchange(back.Get("code")).tokens(t); u.Scope != "user:read:admin" {
		t.Errorf("one box ticked, and one made up: scope %q", u.Scope)
	}
	stale := open()
	clock.Advance(10 * time.Minute)
	for name, form := range map[string]url.Values{
		"stale":       {"request": {stale}, "decision": {"allow"}},
		"made up":     {"request": {"x"}, "decision": {"allow"}},
		"empty":       {},
		"no decision": {"request": {open()}},
	} {
		if res := send(form); res.status != 400 || res.header.Get("Location") != "" {
			t.Errorf("%s: %d", name, res.status)
		}
	}
	// The form is read from the body alone: a link must not be able to consent.
	q := url.Values{"request": {open()}, "decision": {"allow"}}
	if res := a.do(httptest.NewRequest(http.MethodPost, "/oauth/authorize?"+q.Encode(), nil)); res.status != 400 {
		t.Errorf("a decision in the query: %d", res.status)
	}
}

func drawVerifier(rt *rapid.T, label string) string {
	return rapid.StringMatching(`[A-Za-z0-9._~-]{43,128}`).Draw(rt, label)
}

// Whatever the verifier, its own challenge is met by it and by no other one.
func TestPKCE(t *testing.T) {
	a := openForUsers(t, zoomtest.ServerOptions{})
	rapid.Check(t, func(rt *rapid.T) {
		verifier, other := drawVerifier(rt, "verifier"), drawVerifier(rt, "other")
		challenge, method := verifier, rapid.SampledFrom([]string{"S256", "plain", "-"}).Draw(rt, "method")
		if method == "S256" {
			hash := sha256.Sum256([]byte(verifier))
			challenge = base64.RawURLEncoding.EncodeToString(hash[:])
		}
		code := a.authorize(t, asking("code_challenge", challenge, "code_challenge_method", method)).Get("code")
		if other != verifier {
			if res := a.exchange(code, "code_verifier", other); res.status != 400 {
				rt.Fatalf("another verifier: %d", res.status)
			}
		}
		if res := a.exchange(code, "code_verifier", verifier); res.status != 200 {
			rt.Fatalf("its own verifier: %d %s", res.status, res.body)
		}
	})
}

// However consents, refreshes, replays and revocations follow each other, exactly the last refresh token and the tokens of the last grant work.
func TestGrantsAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := openForUsers(t, zoomtest.ServerOptions{NoLimits: true})
		live := map[string]bool{} // access tokens
		refresh, code := "", ""
		var all, codes, refreshes []string
		end := func() { live, refresh, code = map[string]bool{}, "", "" }
		take := func(res result) {
			u := res.tokens(t)
			live[u.AccessToken], refresh = true, u.RefreshToken
			all, refreshes = append(all, u.AccessToken), append(refreshes, u.RefreshToken)
		}
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 4), 1, 12).Draw(rt, "steps") {
			switch step {
			case 0:
				next := a.authorize(t, asking()).Get("code")
				end()
				code, codes = next, append(codes, next)
				take(a.exchange(next))
			case 1:
				if len(refreshes) == 0 {
					continue
				}
				sent := rapid.SampledFrom(refreshes).Draw(rt, "refresh")
				if res := a.refreshed(sent); sent == refresh {
					take(res)
				} else if res.status != 400 {
					rt.Fatalf("a dead refresh token: %d", res.status)
				}
			case 2:
				if len(codes) == 0 {
					continue
				}
				sent := rapid.SampledFrom(codes).Draw(rt, "code")
				if res := a.exchange(sent); res.status != 400 {
					rt.Fatalf("a replay: %d", res.status)
				}
				if sent == code {
					end()
				}
			case 3:
				if len(all) == 0 {
					continue
				}
				sent := rapid.SampledFrom(all).Draw(rt, "access")
				if res := a.revoked(sent); (res.status == 200) != live[sent] {
					rt.Fatalf("revoke of a token that lives %v: %d", live[sent], res.status)
				}
				if live[sent] {
					end()
				}
			case 4:
				if refresh == "" {
					continue
				}
				a.revoked(refresh).is(t, 200, `{"status":"success"}`)
				end()
			}
			for _, token := range all {
				if res := a.as(token).get("/v2/users/me"); (res.status == 200) != live[token] {
					rt.Fatalf("a token that lives %v: %d %s", live[token], res.status, res.body)
				}
			}
		}
	})
}

// The stock OAuth client of Go, as an independent reading of the protocol: code flow with S256, refresh, rotation, revocation.
func TestStockOAuthClientOfAUser(t *testing.T) {
	back := make(chan url.Values, 1)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { back <- r.URL.Query() }))
	defer app.Close()
	clock := newTestClock()
	srv, err := zoomtest.NewServer(smallAccount(), zoomtest.ServerOptions{RedirectURIs: []string{app.URL + "/callback"}, AutoConsent: true, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	o := srv.Options()
	config := oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret, RedirectURL: app.URL + "/callback", Scopes: []string{"user:read:admin", "report:read:admin"},
		Endpoint: oauth2.Endpoint{AuthURL: srv.URL + "/oauth/authorize", TokenURL: srv.URL + "/oauth/token"}, // the style of authentication is found out
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	verifier := oauth2.GenerateVerifier()
	res, err := http.Get(config.AuthCodeURL("the state", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	q := <-back
	if q.Get("state") != "the state" {
		t.Fatalf("brought back %v", q)
	}
	if _, err := config.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
		t.Fatal("another verifier got a token")
	}
	token, err := config.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if token.RefreshToken == "" || token.Extra("scope") != "report:read:admin user:read:admin" {
		t.Fatalf("scope %v", token.Extra("scope"))
	}
	get := func(token *oauth2.Token) int {
		t.Helper()
		res, err := oauth2.NewClient(ctx, oauth2.StaticTokenSource(token)).Get(srv.URL + "/v2/users")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if status := get(token); status != 200 {
		t.Errorf("status %d", status)
	}
	clock.Advance(2 * time.Hour)
	if status := get(token); status != 401 {
		t.Errorf("an expired token: status %d", status)
	}
	token.Expiry = time.Now().Add(-time.Minute)
	next, err := config.TokenSource(ctx, token).Token()
	if err != nil {
		t.Fatal(err)
	}
	if next.RefreshToken == token.RefreshToken || get(next) != 200 {
		t.Error("no rotation")
	}
	if _, err := config.TokenSource(ctx, token).Token(); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("the old refresh token: %v", err)
	}
	if _, err := config.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a replayed code got a token")
	}
	if status := get(next); status != 401 {
		t.Errorf("after the replay: status %d", status)
	}
}

// Whatever the form, a token request gets JSON, and no tokens but for a code or a refresh token that the server gave out.
func FuzzUserTokenRequest(f *testing.F) {
	a := openForUsers(f, zoomtest.ServerOptions{})
	// CODE stands for a code of this process: each process that fuzzes seals with a key of its own.
	code := a.authorize(f, asking("code_challenge", rfcChallenge, "code_challenge_method", "S256")).Get("code")
	f.Add("authorization_code", "code", "x", "redirect_uri", testRedirect)
	f.Add("authorization_code", "code", "CODE", "redirect_uri", testRedirect)
	f.Add("authorization_code", "code", "CODE", "code_verifier", rfcVerifier)
	f.Add("refresh_token", "refresh_token", "CODE", "scope", "all")
	f.Fuzz(func(t *testing.T, grant, k1, v1, k2, v2 string) {
		if grant == "account_credentials" {
			return
		}
		form := url.Values{"grant_type": {grant}}
		form.Add(k1, strings.ReplaceAll(v1, "CODE", code))
		form.Add(k2, v2)
		res := a.do(tokenRequest(form))
		if res.status != 400 || !json.Valid([]byte(res.body)) { // a code alone lacks redirect URI or verifier: two parameters never make a token
			t.Errorf("%v: %d %s", form, res.status, res.body)
		}
		var body map[string]string
		res.decode(t, &body)
		diff(t, []string{"error", "reason"}, slices.Sorted(maps.Keys(body)))
	})
}

// FuzzAuthorize: whatever the query, a browser is sent to the registered URI or nowhere.
func FuzzAuthorize(f *testing.F) {
	a := openForUsers(f, zoomtest.ServerOptions{})
	for _, target := range []string{asking(), asking("redirect_uri", "//x"), asking("state", "a\r\nLocation: x"), asking("scope", "x")} {
		f.Add(strings.TrimPrefix(target, "/oauth/authorize?"))
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/oauth/authorize", nil)
		r.URL.RawQuery = query
		res := a.do(r)
		if to := res.header.Get("Location"); to != "" && !strings.HasPrefix(to, "http://127.0.0.1:8765/callback?") || res.status != 302 && res.status != 400 {
			t.Errorf("%q: %d to %q", query, res.status, to)
		}
	})
}
