package zoomtest

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxFormBytes bounds the body of an OAuth request; a real one has under a kilobyte.
const maxFormBytes = 16 << 10

// Purposes of sealed tokens.
const (
	appTokenPurpose     = "access token of the app"
	userTokenPurpose    = "access token of a user"
	refreshTokenPurpose = "refresh token"
)

// An oauthError is the body of every refusal under /oauth. Zoom writes the code in error and the words in reason.
type oauthError struct {
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

// Refusals of the token and revoke endpoints. Zoom documents the reasons of the first four, the codes of all (RFC 6749, section 5.2).
var (
	refusedClient   = oauthError{"Invalid client_id or client_secret", "invalid_client"}
	refusedGrant    = oauthError{"unsupported grant type", "unsupported_grant_type"}
	refusedCode     = oauthError{"Invalid authorization code", "invalid_grant"}
	refusedToken    = oauthError{"Invalid Token!", "invalid_grant"}
	refusedRedirect = oauthError{"Redirect URI mismatch", "invalid_grant"}
	refusedVerifier = oauthError{"Invalid code verifier", "invalid_grant"}
	refusedRequest  = oauthError{"Bad Request", "invalid_request"}
	refusedApp      = oauthError{"The app has been disabled", "invalid_request"}
	missingCode     = oauthError{refusedCode.Reason, "invalid_request"}
	missingToken    = oauthError{refusedToken.Reason, "invalid_request"}
)

func (e oauthError) write(w http.ResponseWriter) {
	status := http.StatusBadRequest
	if e == refusedClient {
		status = http.StatusUnauthorized
	}
	writeJSON(w, status, e)
}

// A tokenReply answers a token request. account_credentials brings no refresh token: the client asks again.
type tokenReply struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	Scope        string `json:"scope"`      // separated by spaces
	APIURL       string `json:"api_url"`
}

// An authority issues, checks and revokes tokens for the one app that the account has. The app may use both kinds of grant: a new token of
// account_credentials leaves the earlier ones valid; a user's new consent ends what came of the earlier one.
type authority struct {
	opts      *ServerOptions
	tokens    *sealer
	consenter func() string // who looks at the consent page

	mu       sync.Mutex
	scopes   []string
	disabled bool
	revoked  map[[sha256.Size]byte]time.Time // tokens of account_credentials, to the end of their life, after which they are expired anyway
	consents consents
}

func newAuthority(o *ServerOptions, tokens *sealer, consenter func() string) *authority {
	return &authority{
		opts: o, tokens: tokens, consenter: consenter, scopes: o.Scopes,
		revoked: map[[sha256.Size]byte]time.Time{}, consents: consents{used: map[string]time.Time{}},
	}
}

// token serves POST /oauth/token.
func (a *authority) token(w http.ResponseWriter, r *http.Request) {
	form, ok := a.admit(w, r)
	if !ok {
		return
	}
	var reply tokenReply
	var refused *oauthError
	switch form("grant_type") {
	case "account_credentials":
		reply, refused = a.appToken(form)
	case "authorization_code":
		reply, refused = a.exchange(form)
	case "refresh_token":
		reply, refused = a.refresh(form)
	default:
		refused = &refusedGrant
	}
	if refused != nil {
		refused.write(w)
		return
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	reply.TokenType = "bearer"
	reply.ExpiresIn = int(a.opts.TokenTTL/time.Second) - 1 // Zoom answers 3599 for an hour
	reply.APIURL = scheme + "://" + r.Host                 // the account's region is this server, under whatever name the client reached it
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, reply)
}

// appToken answers account_credentials.
func (a *authority) appToken(form func(string) string) (tokenReply, *oauthError) {
	if form("account_id") != a.opts.AccountID {
		return tokenReply{}, &refusedRequest
	}
	return tokenReply{AccessToken: a.tokens.seal(appTokenPurpose, a.opts.TokenTTL, nil), Scope: strings.Join(a.appScopes(), " ")}, nil
}

// revoke serves POST /oauth/revoke. A token of account_credentials ends alone; one that a user consented to, of either kind, ends the
// whole grant (RFC 7009, section 2.1).
func (a *authority) revoke(w http.ResponseWriter, r *http.Request) {
	form, ok := a.admit(w, r)
	if !ok {
		return
	}
	token := strings.TrimSpace(form("token"))
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, expires, err := a.tokens.open(appTokenPurpose, token); err == nil {
		dropExpired(a.revoked, a.opts.Now())
		a.revoked[sha256.Sum256([]byte(token))] = expires
	} else if !a.revokeGrant(token) {
		missingToken.write(w)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "success"})
}

// dropExpired forgets what has ended.
func dropExpired[K comparable](ends map[K]time.Time, now time.Time) {
	for k, end := range ends {
		if !now.Before(end) {
			delete(ends, k)
		}
	}
}

// admit checks the client's credentials and returns its parameters, taken from the query or a form body. It has answered when ok is false.
func (a *authority) admit(w http.ResponseWriter, r *http.Request) (form func(string) string, ok bool) {
	id, secret, given := r.BasicAuth()
	known := subtle.ConstantTimeCompare([]byte(id), []byte(a.opts.ClientID)) & subtle.ConstantTimeCompare([]byte(secret), []byte(a.opts.ClientSecret))
	if !given || known != 1 {
		refusedClient.write(w)
		return nil, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		refusedRequest.write(w)
		return nil, false
	}
	if !a.active() {
		refusedApp.write(w)
		return nil, false
	}
	return r.Form.Get, true
}

// check returns the scopes of a request's bearer, or why it is refused. The app's own token has the app's scopes of now; a user's has
// those that were consented to, less what the app has lost since.
func (a *authority) check(r *http.Request) ([]string, *apiError) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || !a.active() {
		return nil, tokenRefused(messageTokenInvalid)
	}
	token = strings.TrimSpace(token)
	_, _, err := a.tokens.open(appTokenPurpose, token)
	if errors.Is(err, errSealBroken) {
		return a.checkUser(token)
	}
	if err != nil {
		return nil, tokenRefused(messageTokenExpired)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.revoked[sha256.Sum256([]byte(token))]; ok {
		return nil, tokenRefused(messageTokenInvalid)
	}
	return a.scopes, nil // replaced as a whole, never changed
}

// appScopes are the app's scopes of now.
func (a *authority) appScopes() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.scopes)
}

func (a *authority) active() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.disabled
}
