package zoom

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// App is an OAuth app of the Zoom App Marketplace. ClientID and ClientSecret are required.
type App struct {
	ClientID     string
	ClientSecret Secret
	// OAuthURL is https, or http on a loopback address. Empty means Zoom's own.
	OAuthURL string
	// HTTPClient is copied; redirects are refused. Nil means one like that of Client.
	HTTPClient *http.Client
	// Now is the clock that tokens end by. Nil means time.Now.
	Now func() time.Time
	// Sleep waits for d, before a request is sent again, or until ctx ends. Nil sleeps for real.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Tokens are what a user's consent gives to an app.
type Tokens struct {
	Access  Secret
	Refresh Secret // good for one refresh: the reply brings the next one
	Scopes  []string
	APIURL  string // the account's regional API, "" where Zoom names none
	// Expires is when Access ends, by the clock of the App.
	Expires time.Time
}

// prepare checks the app and fills in defaults.
func (a App) prepare() (App, error) {
	var missing []string
	if a.ClientID == "" {
		missing = append(missing, EnvClientID)
	}
	if a.ClientSecret.IsZero() {
		missing = append(missing, EnvClientSecret)
	}
	if len(missing) > 0 {
		return a, fmt.Errorf("missing %s: set the credentials of the OAuth app", strings.Join(missing, ", "))
	}
	clean, err := checkURL(cmp.Or(a.OAuthURL, DefaultOAuthURL))
	if err != nil {
		return a, fmt.Errorf("OAuth URL: %w", err)
	}
	a.OAuthURL, a.HTTPClient = clean, noRedirects(a.HTTPClient)
	if a.Now == nil {
		a.Now = time.Now
	}
	return a, nil
}

// noRedirects copies a client, or makes one, that follows no redirect: one could carry a secret elsewhere.
func noRedirects(hc *http.Client) *http.Client {
	own := http.Client{Transport: newTransport()}
	if hc != nil {
		own = *hc
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return errRedirect }
	return &own
}

func (a App) config(redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret.Reveal(), RedirectURL: redirect,
		Endpoint: oauth2.Endpoint{AuthURL: a.OAuthURL + "/oauth/authorize", TokenURL: a.OAuthURL + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader},
	}
}

// AuthorizeURL is the page on which a user consents: an authorization code request with PKCE (RFC 7636, S256). state and verifier are random texts of one use,
// such as those of NewConsent; redirect is the URL that the app is registered with, to the letter.
func (a App) AuthorizeURL(state, verifier, redirect string) (string, error) {
	a, err := a.prepare()
	if err != nil {
		return "", err
	}
	return a.config(redirect).AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), nil
}

// Exchange turns the code of a consent into tokens. Zoom takes a code once, and for five minutes.
func (a App) Exchange(ctx context.Context, code, verifier, redirect string) (Tokens, error) {
	a, err := a.prepare()
	if err != nil {
		return Tokens{}, err
	}
	tok, err := a.config(redirect).Exchange(a.context(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Tokens{}, consentFailure(ofUser(a.failure(err, code, verifier)))
	}
	return a.tokens(tok)
}

// Refresh turns a refresh token into new tokens; the old one is void from then on. A *ReconnectError says that Zoom takes it no longer.
func (a App) Refresh(ctx context.Context, refresh Secret) (Tokens, error) {
	a, err := a.prepare()
	if err != nil {
		return Tokens{}, err
	}
	tok, err := a.config("").TokenSource(a.context(ctx), &oauth2.Token{RefreshToken: refresh.Reveal()}).Token()
	if err != nil {
		err = ofUser(a.failure(err, refresh.Reveal()))
		var refused *TokenError
		if errors.As(err, &refused) && refused.consentGone() {
			return Tokens{}, &ReconnectError{Err: err}
		}
		return Tokens{}, err
	}
	return a.tokens(tok)
}

// Revoke makes an access token void, and with it what the user consented to. A token that Zoom does not know any more is void already.
func (a App) Revoke(ctx context.Context, token Secret) error {
	a, err := a.prepare()
	if err != nil {
		return err
	}
	_, err = a.revoke(ctx, token)
	return err
}

// revoke is Revoke of a prepared app. known is false where Zoom did not know the token: then what it came of may live.
func (a App) revoke(ctx context.Context, token Secret) (known bool, err error) {
	const path = "/oauth/revoke"
	form := url.Values{"token": {token.Reveal()}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.OAuthURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return false, errors.New("revoke token: malformed address")
	}
	req.SetBasicAuth(url.QueryEscape(a.ClientID), url.QueryEscape(a.ClientSecret.Reveal()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := a.HTTPClient.Do(req)
	if err != nil {
		return false, transportError(err, http.MethodPost, a.OAuthURL, path)
	}
	defer drain(resp.Body)
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenReply))
	if err != nil {
		return false, transportError(err, http.MethodPost, a.OAuthURL, path)
	}
	if resp.StatusCode == http.StatusOK {
		var v struct {
			Status flexString `json:"status"`
		}
		if json.Unmarshal(bytes.TrimPrefix(text, utf8BOM), &v) != nil || !strings.EqualFold(string(v.Status), "success") {
			return false, transportError(errNotRevoked, http.MethodPost, a.OAuthURL, path) // such as the sign-in page of a network
		}
		return true, nil
	}
	e := a.refusal(resp.StatusCode, text, token.Reveal())
	e.doing, e.userApp = "revoke access token", true // the account id plays no part, whatever the app
	if e.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(e.Reason), "token") {
		return false, nil
	}
	return false, e
}

var errNotRevoked = errors.New("the reply does not say that the token is revoked")

// maxTokenReply bounds a reply of the OAuth endpoints; a real one is under 4 KiB.
const maxTokenReply = 1 << 20

// accountGrant asks for an access token with the Server-to-Server grant. Zoom calls it account_credentials; everything else is as in the client credentials
// grant of RFC 6749. a is prepared.
func (a App) accountGrant(ctx context.Context, account string) (Tokens, error) {
	source := clientcredentials.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret.Reveal(), TokenURL: a.OAuthURL + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader,
		EndpointParams: url.Values{"grant_type": {"account_credentials"}, "account_id": {account}},
	}
	tok, err := source.Token(a.context(ctx))
	if err != nil {
		return Tokens{}, a.failure(err)
	}
	return a.tokens(tok)
}

// context hands the client to the library.
func (a App) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, a.HTTPClient)
}

// tokens reads the reply of the token endpoint.
func (a App) tokens(tok *oauth2.Token) (Tokens, error) {
	if t := tok.TokenType; t != "" && !strings.EqualFold(t, "bearer") {
		return Tokens{}, fmt.Errorf("get access token: token type %q is not bearer", line(t, 20))
	}
	out := Tokens{Access: NewSecret(tok.AccessToken), Refresh: NewSecret(tok.RefreshToken)}
	if s, ok := tok.Extra("scope").(string); ok {
		out.Scopes = strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	}
	if s, ok := tok.Extra("api_url").(string); ok {
		out.APIURL = s
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
	out.Expires = a.Now().Add(life)
	return out, nil
}

// failure turns the library's error, which quotes whole bodies, into one of this package.
func (a App) failure(err error, secrets ...string) error {
	var r *oauth2.RetrieveError
	if !errors.As(err, &r) {
		return transportError(err, http.MethodPost, a.OAuthURL, "/oauth/token")
	}
	return a.refusal(r.Response.StatusCode, r.Body, secrets...)
}

// refusal reads an error reply of the OAuth endpoints, without the secrets that it may repeat.
func (a App) refusal(status int, text []byte, secrets ...string) *TokenError {
	e := &TokenError{Status: status}
	var v struct {
		Reason  flexString `json:"reason"`
		Error   flexString `json:"error"`
		Message flexString `json:"message"`
		Text    flexString `json:"errorMessage"`
	}
	secret := a.ClientSecret.Reveal()
	text = redact(text, append(secrets, secret, url.QueryEscape(secret), a.basicAuth())...)
	if json.Unmarshal(bytes.TrimPrefix(text, utf8BOM), &v) == nil {
		e.Code, e.Reason = line(string(v.Error), 60), line(cmp.Or(string(v.Reason), string(v.Message), string(v.Text)), 300)
	} else {
		e.Reason = line(string(text[:min(len(text), 4096)]), 300)
	}
	return e
}

// ofUser notes that a refusal is one to an app that users add.
func ofUser(err error) error {
	var e *TokenError
	if errors.As(err, &e) {
		e.userApp = true
	}
	return err
}

// consentFailure says of a refused code what to do about it.
func consentFailure(err error) error {
	var e *TokenError
	if errors.As(err, &e) && e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Code != "invalid_client" {
		e.advice = "a code is good once and for five minutes, and the redirect URL must be registered with the app to the letter: connect again"
	}
	return err
}

// basicAuth is what the token request carries in its Authorization header: RFC 6749 escapes both halves.
func (a App) basicAuth() string {
	return base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(a.ClientID) + ":" + url.QueryEscape(a.ClientSecret.Reveal())))
}

// LogValue implements slog.LogValuer.
func (a App) LogValue() slog.Value { return slog.StringValue("app " + a.ClientID) }
