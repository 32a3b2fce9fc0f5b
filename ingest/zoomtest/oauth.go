package zoomtest

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxFormBytes bounds the body of a token request; a real one has under 200 bytes.
const maxFormBytes = 16 << 10

const accessTokenPurpose = "access token"

// An oauthError is the body of every refusal under /oauth. Zoom writes the code in error and the words in reason.
type oauthError struct {
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

// A tokenReply is the answer to account_credentials: there is no refresh token, the client asks again.
type tokenReply struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	Scope       string `json:"scope"`      // separated by spaces
	APIURL      string `json:"api_url"`
}

// An authority issues, checks and revokes access tokens. A new token leaves the earlier ones valid, as Zoom does for server-to-server apps.
type authority struct {
	opts   *ServerOptions
	tokens *sealer

	mu      sync.Mutex
	revoked map[[sha256.Size]byte]time.Time // to the end of their life, after which they are expired anyway
}

func newAuthority(o *ServerOptions, tokens *sealer) *authority {
	return &authority{opts: o, tokens: tokens, revoked: map[[sha256.Size]byte]time.Time{}}
}

// token serves POST /oauth/token.
func (a *authority) token(w http.ResponseWriter, r *http.Request) {
	form, ok := a.admit(w, r)
	if !ok {
		return
	}
	switch {
	case form("grant_type") != "account_credentials":
		writeJSON(w, http.StatusBadRequest, oauthError{"unsupported grant type", "unsupported_grant_type"})
		return
	case form("account_id") != a.opts.AccountID:
		writeJSON(w, http.StatusBadRequest, oauthError{"Bad Request", "invalid_request"})
		return
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, tokenReply{
		AccessToken: a.tokens.seal(accessTokenPurpose, a.opts.TokenTTL, nil),
		TokenType:   "bearer",
		ExpiresIn:   int(a.opts.TokenTTL/time.Second) - 1, // Zoom answers 3599 for an hour
		Scope:       strings.Join(a.opts.Scopes, " "),
		APIURL:      scheme + "://" + r.Host, // the account's region is this server, under whatever name the client reached it
	})
}

// revoke serves POST /oauth/revoke.
func (a *authority) revoke(w http.ResponseWriter, r *http.Request) {
	form, ok := a.admit(w, r)
	if !ok {
		return
	}
	token := strings.TrimSpace(form("token"))
	_, expires, err := a.tokens.open(accessTokenPurpose, token)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, oauthError{"Invalid Token!", "invalid_request"})
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for old, end := range a.revoked {
		if !a.opts.Now().Before(end) {
			delete(a.revoked, old)
		}
	}
	a.revoked[sha256.Sum256([]byte(token))] = expires
	writeJSON(w, http.StatusOK, map[string]string{"status": "success"})
}

// admit checks the client's credentials and returns its parameters, taken from the query or a form body. It has answered when ok is false.
func (a *authority) admit(w http.ResponseWriter, r *http.Request) (form func(string) string, ok bool) {
	id, secret, given := r.BasicAuth()
	known := subtle.ConstantTimeCompare([]byte(id), []byte(a.opts.ClientID)) & subtle.ConstantTimeCompare([]byte(secret), []byte(a.opts.ClientSecret))
	if !given || known != 1 {
		writeJSON(w, http.StatusUnauthorized, oauthError{"Invalid client_id or client_secret", "invalid_client"})
		return nil, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		writeJSON(w, http.StatusBadRequest, oauthError{"Bad Request", "invalid_request"})
		return nil, false
	}
	return r.Form.Get, true
}

// check says why the bearer of a request is refused, nil when it is not.
func (a *authority) check(r *http.Request) *apiError {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return tokenRefused(messageTokenInvalid)
	}
	token = strings.TrimSpace(token)
	switch _, _, err := a.tokens.open(accessTokenPurpose, token); {
	case errors.Is(err, errSealExpired):
		return tokenRefused(messageTokenExpired)
	case err != nil:
		return tokenRefused(messageTokenInvalid)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.revoked[sha256.Sum256([]byte(token))]; ok {
		return tokenRefused(messageTokenInvalid)
	}
	return nil
}
