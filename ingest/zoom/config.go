package zoom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Zoom's own addresses, used where Config names none.
const (
	DefaultAPIURL   = "https://api.zoom.us/v2"
	DefaultOAuthURL = "https://zoom.us"
)

// The environment variables that hold the credentials, named in errors.
const (
	EnvAccountID    = "ZOOM_ACCOUNT_ID"
	EnvClientID     = "ZOOM_CLIENT_ID"
	EnvClientSecret = "ZOOM_CLIENT_SECRET"
)

// Config says which account to read and how. ClientID and ClientSecret are required, and AccountID where there are no Tokens.
type Config struct {
	AccountID    string
	ClientID     string
	ClientSecret Secret
	// Tokens, if not nil, are those of a user who consented to a user-managed app, and the client reads that user's account. Nil means the app is a
	// Server-to-Server one of the account AccountID.
	Tokens TokenStore
	// APIURL and OAuthURL are https, or http on a loopback address. Empty means Zoom's own.
	APIURL   string
	OAuthURL string
	// Plan chooses the rate limits; empty is PlanPro.
	Plan Plan
	// HTTPClient is copied; its redirect policy is replaced, for redirects are refused. Nil means one
	// like http.DefaultTransport that also notices dead connections.
	HTTPClient *http.Client
	// Logger gets one debug line per call and a warning per repeated one, never a secret. Nil discards.
	Logger *slog.Logger
	// Now is the wall clock for token expiry and Retry-After. Nil means time.Now.
	Now func() time.Time
	// Sleep waits for d or until ctx ends. Nil sleeps for real. Where it is set, rate limits follow Now, otherwise real time, so that a
	// frozen Now never stops a client that really sleeps.
	Sleep func(ctx context.Context, d time.Duration) error
	// Ledger remembers the calls of the day over restarts; it belongs to one account. Nil means one that ends with the client.
	Ledger Ledger
	// Reserve is the share of the daily quota, 0 to under 1, that is left to the other apps of the account. Nil means DefaultReserve.
	Reserve *float64
	// OnAnswer, if not nil, is called with what every answer says beside its body, refusals included, from whatever goroutine got it.
	OnAnswer func(Answer)
	// UserAgent is sent with every call; empty means "zoomward".
	UserAgent string
}

// prepare checks the configuration and fills in defaults.
func (c Config) prepare() (Config, error) {
	var missing []string
	for _, v := range []struct {
		env   string
		empty bool
	}{{EnvAccountID, c.AccountID == "" && c.Tokens == nil}, {EnvClientID, c.ClientID == ""}, {EnvClientSecret, c.ClientSecret.IsZero()}} {
		if v.empty {
			missing = append(missing, v.env)
		}
	}
	if len(missing) > 0 {
		kind := "a Server-to-Server OAuth app of the account"
		if c.Tokens != nil {
			kind = "the user-managed OAuth app"
		}
		return c, fmt.Errorf("missing %s: set the credentials of %s", strings.Join(missing, ", "), kind)
	}
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	if c.OAuthURL == "" {
		c.OAuthURL = DefaultOAuthURL
	}
	for _, u := range []struct {
		name string
		url  *string
	}{{"API URL", &c.APIURL}, {"OAuth URL", &c.OAuthURL}} {
		clean, err := checkURL(*u.url)
		if err != nil {
			return c, fmt.Errorf("%s: %w", u.name, err)
		}
		*u.url = clean
	}
	plan, err := ParsePlan(string(c.Plan))
	if err != nil {
		return c, err
	}
	c.Plan = plan
	if plan == PlanNone && !isLoopback(c.APIURL) {
		return c, errors.New("plan none switches rate limits off and is for a simulated account on a loopback address: choose free, pro or business")
	}
	if c.Reserve == nil {
		r := DefaultReserve
		c.Reserve = &r
	}
	if !(*c.Reserve >= 0 && *c.Reserve < 1) {
		return c, fmt.Errorf("reserve %v: must be a share of the daily quota from 0 to under 1", *c.Reserve)
	}
	if c.Ledger == nil {
		c.Ledger = NewMemoryLedger()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.UserAgent == "" {
		c.UserAgent = "zoomward"
	}
	return c, nil
}

// checkURL accepts https anywhere and http on a loopback address, and trims a closing slash. Its errors never repeat userinfo.
func checkURL(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "", errors.New("not an absolute URL such as " + DefaultAPIURL)
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", errors.New("must not carry credentials, a query or a fragment")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && loopbackHost(u.Hostname()):
	default:
		return "", fmt.Errorf("%s://%s would send credentials in the clear: use https (http is accepted for a loopback address only)", u.Scheme, u.Host)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isLoopback(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && loopbackHost(u.Hostname())
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// plainHost is a host name that every library reads alike: no port, no letters that look like others, no escapes.
var plainHost = regexp.MustCompile(`^[a-z0-9.-]+$`)

// zoomHost reports whether raw is https on a host of Zoom's own.
func zoomHost(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return false
	}
	h := strings.ToLower(u.Host)
	if !plainHost.MatchString(h) {
		return false
	}
	h = "." + h
	return strings.HasSuffix(h, ".zoom.us") || strings.HasSuffix(h, ".zoomgov.com")
}
