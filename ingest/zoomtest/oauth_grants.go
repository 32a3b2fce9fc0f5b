package zoomtest

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

const codePurpose = "authorization code"

// codeTTL is the life of an authorization code in Zoom's documentation.
const codeTTL = 5 * time.Minute

// codeRevoked is Zoom's for a token whose grant was withdrawn or replaced.
const codeRevoked = 4741

// A consent is what a user agreed to. The authorization code carries it, sealed, so that the server holds nothing for codes nobody uses.
type consent struct {
	ID        string    `json:"id"`
	Redirect  string    `json:"r"`
	Scopes    []string  `json:"s"`
	Challenge challenge `json:"p"`
}

// consents are what came of authorization codes. One user consents, so one grant is in force: the last.
type consents struct {
	live    *userGrant
	used    map[string]time.Time // ids of exchanged codes, until the codes have expired
	refresh uint64               // serial number of the last refresh token; never goes back
}

// A userGrant is a consent whose code was exchanged. Access tokens name its id, the one valid refresh token its id and serial number.
type userGrant struct {
	id      string
	scopes  []string
	refresh uint64
}

// exchange answers authorization_code. A code that was exchanged before has leaked, so what came of it ends (RFC 6749, section 4.1.2).
func (a *authority) exchange(form func(string) string) (tokenReply, *oauthError) {
	code := form("code")
	if code == "" {
		return tokenReply{}, &missingCode
	}
	content, expires, err := a.tokens.open(codePurpose, code)
	if errors.Is(err, errSealBroken) {
		return tokenReply{}, &refusedCode
	}
	var c consent
	if jsonErr := json.Unmarshal(content, &c); jsonErr != nil {
		return tokenReply{}, &refusedCode
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	live := a.consents.live
	_, used := a.consents.used[c.ID]
	switch {
	case live != nil && live.id == c.ID:
		a.consents.live = nil
		return tokenReply{}, &refusedCode
	case used || err != nil:
		return tokenReply{}, &refusedCode
	case form("redirect_uri") != c.Redirect:
		return tokenReply{}, &refusedRedirect
	case !c.Challenge.meets(form("code_verifier")):
		return tokenReply{}, &refusedVerifier
	}
	dropExpired(a.consents.used, a.opts.Now())
	a.consents.used[c.ID] = expires
	a.consents.live = &userGrant{id: c.ID, scopes: c.Scopes}
	return a.issue(), nil
}

// refresh answers refresh_token: the reply carries another one, and the one that was sent is worth nothing from then on.
func (a *authority) refresh(form func(string) string) (tokenReply, *oauthError) {
	token := form("refresh_token")
	if token == "" {
		return tokenReply{}, &missingToken
	}
	content, _, err := a.tokens.open(refreshTokenPurpose, token)
	if err != nil {
		return tokenReply{}, &refusedToken
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if g := a.consents.live; g == nil || string(content) != g.refreshContent() {
		return tokenReply{}, &refusedToken
	}
	return a.issue(), nil
}

// issue makes the tokens of the live grant. The lock is held.
func (a *authority) issue() tokenReply {
	g := a.consents.live
	a.consents.refresh++
	g.refresh = a.consents.refresh
	return tokenReply{
		AccessToken:  a.tokens.seal(userTokenPurpose, a.opts.TokenTTL, []byte(g.id)),
		RefreshToken: a.tokens.seal(refreshTokenPurpose, a.opts.RefreshTTL, []byte(g.refreshContent())),
		Scope:        strings.Join(a.granted(g), " "),
	}
}

func (g *userGrant) refreshContent() string {
	return string(binary.BigEndian.AppendUint64(nil, g.refresh)) + g.id
}

// granted are the scopes of a grant that the app still has. The lock is held.
func (a *authority) granted(g *userGrant) []string {
	return slices.DeleteFunc(slices.Clone(g.scopes), func(s string) bool { return !slices.Contains(a.scopes, s) })
}

// revokeGrant ends the live grant, by one of its tokens. The lock is held.
func (a *authority) revokeGrant(token string) bool {
	g := a.consents.live
	if g == nil {
		return false
	}
	access, _, err := a.tokens.open(userTokenPurpose, token)
	ours := err == nil && string(access) == g.id
	refresh, _, err := a.tokens.open(refreshTokenPurpose, token)
	ours = ours || err == nil && string(refresh) == g.refreshContent()
	if ours {
		a.consents.live = nil
	}
	return ours
}

// checkUser returns the scopes of an access token that a user consented to.
func (a *authority) checkUser(token string) ([]string, *apiError) {
	id, _, err := a.tokens.open(userTokenPurpose, token)
	switch {
	case errors.Is(err, errSealExpired):
		return nil, tokenRefused(messageTokenExpired)
	case err != nil:
		return nil, tokenRefused(messageTokenInvalid)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	g := a.consents.live
	if g == nil || g.id != string(id) {
		return nil, &apiError{status: http.StatusUnauthorized, Code: codeRevoked, Message: "The token has been revoked."}
	}
	return a.granted(g), nil
}
