package zoomtest

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"
)

// Lifetimes in Zoom's documentation: an access token lives an hour, a next_page_token 15 minutes, a refresh token about 90 days.
const (
	defaultTokenTTL     = time.Hour
	defaultRefreshTTL   = 90 * 24 * time.Hour
	defaultPageTokenTTL = 15 * time.Minute
)

// classicAdminScopes are those an administrator grants a server-to-server app that reads everything served here.
var classicAdminScopes = [...]string{
	"account:read:admin", "user:read:admin", "chat_channel:read:admin", "report:read:admin", "role:read:admin", "group:read:admin", "dashboard_meetings:read:admin",
	"recording:read:admin", "meeting:read:admin", "marketplace_app:read:admin", "imgroup:read:admin", "phone:read:admin",
}

// ServerOptions configure the simulated account. The zero value is a Pro account with random credentials on a free loopback port.
type ServerOptions struct {
	Listen       string   // host:port of NewServer; default 127.0.0.1:0
	AccountID    string   // random if empty
	ClientID     string   // random if empty
	ClientSecret string   // random if empty
	Plan         string   // free, pro (default) or business: decides rate limits, and free has no reports
	Scopes       []string // scopes of the app, classic or granular; nil for the classic administrator scopes
	RedirectURIs []string // where /oauth/authorize may send a browser back to, compared exactly; none: no user can consent
	AutoConsent  bool     // /oauth/authorize consents to all that is asked, without a page
	// Now is the clock of rate limits, access tokens and page tokens; default time.Now.
	Now func() time.Time
	// AsOf is the account's present, from which reports reach back six months; default Now at each request.
	AsOf         time.Time
	Logger       *slog.Logger  // one debug line a request, without queries or credentials; nil discards
	NoLimits     bool          // never answer 429
	ExactLimits  bool          // a window is a whole one, without the 50 ms for calls that the network bunches: for clients that run on Now
	QuotaUsed    int           // calls that other apps of the account made today: they come off the daily quota of Heavy calls until 00:00 UTC
	Faults       *Faults       // what goes wrong; nil: nothing
	TokenTTL     time.Duration // life of an access token; default one hour, at least one second
	RefreshTTL   time.Duration // life of a refresh token, which every use replaces; default 90 days, at least one second
	PageTokenTTL time.Duration // life of a next_page_token; default 15 minutes
}

// withDefaults fills in what is empty and refuses what cannot be served.
func (o ServerOptions) withDefaults() (ServerOptions, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Plan == "" {
		o.Plan = "pro"
	}
	if _, ok := planRates[o.Plan]; !ok {
		return o, fmt.Errorf("unknown plan %q: use free, pro or business", o.Plan)
	}
	if o.Scopes == nil {
		o.Scopes = classicAdminScopes[:]
	}
	o.Scopes = slices.Clone(o.Scopes)
	o.RedirectURIs = slices.Clone(o.RedirectURIs)
	for _, uri := range o.RedirectURIs {
		if u, err := url.Parse(uri); err != nil || !u.IsAbs() || u.Fragment != "" {
			return o, fmt.Errorf("redirect URI %q: must be absolute and have no fragment", uri)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = defaultTokenTTL
	}
	if o.TokenTTL < time.Second {
		return o, fmt.Errorf("token lifetime %v: at least one second", o.TokenTTL)
	}
	if o.RefreshTTL == 0 {
		o.RefreshTTL = defaultRefreshTTL
	}
	if o.RefreshTTL < time.Second {
		return o, fmt.Errorf("refresh token lifetime %v: at least one second", o.RefreshTTL)
	}
	if o.QuotaUsed < 0 {
		return o, fmt.Errorf("quota used %d: is negative", o.QuotaUsed)
	}
	if o.PageTokenTTL == 0 {
		o.PageTokenTTL = defaultPageTokenTTL
	}
	if o.PageTokenTTL < 0 {
		return o, errors.New("page token lifetime is negative")
	}
	for _, id := range []*string{&o.AccountID, &o.ClientID, &o.ClientSecret} {
		if *id == "" {
			*id = randomID()
		}
	}
	return o, nil
}

// randomID is 128 random bits spelled as Zoom spells its ids: 22 URL-safe characters.
func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b[:])
}
