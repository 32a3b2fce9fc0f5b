package zoom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// Client reads one Zoom account. It is safe for concurrent use.
type Client struct {
	account   string
	api       string // base URL; "" while it is Zoom's to choose
	oauth     string
	plan      Plan
	userAgent string
	http      *http.Client
	log       *slog.Logger
	app       App
	tokens    *tokens
	pace      *pacer
	quota     *quota
	skew      skew
	clock     clock
	now       func() time.Time
	jitter    func() float64 // in [0,1)
	stats     counters

	// Bounds; tests lower them.
	maxBody  int64
	maxPages int
	timeout  time.Duration // of one attempt, its body included
}

const (
	// maxBody bounds a reply. A page of 300 rows is well under 1 MiB.
	maxBody = 32 << 20
	// maxPages bounds a window: Zoom serves at most 60,000 report calls a day (Business and up), so no window that can be read has more.
	maxPages = 60000
	// attemptTimeout bounds one attempt.
	attemptTimeout = time.Minute
	// maxTries bounds how often a call is sent.
	maxTries = 4
	// maxWait is the longest wait that Zoom may ask for; its per-minute limits need a minute, its daily limits are not waited for.
	maxWait = 65 * time.Second
)

var errRedirect = errors.New("the server answers with a redirect, which is refused because it could carry the token elsewhere; check the URL")

// New makes a client. It sends nothing: the first call fetches a token.
func New(cfg Config) (*Client, error) {
	// Zoom names the region of the account with the token, and only a caller who left the address to Zoom is sent there.
	followRegion := (cfg.APIURL == "" || cfg.APIURL == DefaultAPIURL) && (cfg.OAuthURL == "" || zoomHost(cfg.OAuthURL))
	cfg, err := cfg.prepare()
	if err != nil {
		return nil, fmt.Errorf("configure zoom client: %w", err)
	}
	hc := noRedirects(cfg.HTTPClient)
	watch(hc, cfg.Now, cfg.OnAnswer)
	c := &Client{
		account: cfg.AccountID, api: cfg.APIURL, oauth: cfg.OAuthURL, plan: cfg.Plan, userAgent: cfg.UserAgent, http: hc, log: cfg.Logger,
		now: cfg.Now, clock: clock{now: cfg.Now, sleep: cfg.Sleep}, jitter: rand.Float64,
		maxBody: maxBody, maxPages: maxPages, timeout: attemptTimeout,
	}
	if followRegion {
		c.api = ""
	}
	if cfg.Sleep == nil {
		c.clock = clock{now: time.Now, sleep: sleepReal}
	}
	c.pace = newPacer(cfg.Plan, c.clock)
	c.quota = newQuota(cfg.Plan, *cfg.Reserve, cfg.Ledger, c.serverNow, cfg.Logger)
	c.app = App{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, OAuthURL: cfg.OAuthURL, HTTPClient: hc, Now: cfg.Now}
	c.tokens = newTokens(c.accountGrant, cfg.Now)
	if cfg.Tokens != nil {
		s := &session{app: c.app, store: cfg.Tokens, timeout: c.timeout}
		c.tokens.fetch = s.fetch
	}
	return c, nil
}

// accountGrant asks for an access token with the Server-to-Server grant.
func (c *Client) accountGrant(ctx context.Context, _ *grant) (*grant, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	t, err := c.app.accountGrant(ctx, c.account)
	if err != nil {
		return nil, err
	}
	return grantOf(t, t.Expires.Sub(c.now())), nil
}

// pingAfter is how long an HTTP/2 connection may be silent before it is asked whether it lives, and how long it may take to answer.
const pingAfter = 15 * time.Second

// keptConnections is more calls than are worth having under way at once on any plan (see Concurrency).
const keptConnections = 64

// newTransport is the usual one that also notices a dead HTTP/2 connection, such as one that a firewall forgot or that a laptop slept through.
// Otherwise every try of a call goes down the same one and times out.
func newTransport() *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if usual, ok := http.DefaultTransport.(*http.Transport); ok {
		t = usual.Clone()
	}
	// Over HTTP/1.1, as through some proxies, every call under way has a connection of its own, worth keeping.
	t.MaxIdleConnsPerHost = keptConnections
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter}
	return t
}

// Plan returns the plan that the client was configured for.
func (c *Client) Plan() Plan { return c.plan }

// Format prints what identifies the client and none of its insides.
func (c *Client) Format(f fmt.State, _ rune) {
	if c == nil {
		fmt.Fprint(f, "zoom.Client(nil)")
		return
	}
	fmt.Fprintf(f, "zoom.Client(account %s, plan %s)", c.account, c.plan)
}

// LogValue implements slog.LogValuer.
func (c *Client) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// base returns the API's base URL for a grant: Zoom's regional one where the caller left the choice to Zoom.
func (c *Client) base(g *grant) string {
	if c.api != "" {
		return c.api
	}
	if zoomHost(g.api) {
		if u, err := checkURL(g.api); err == nil {
			return strings.TrimSuffix(u, "/v2") + "/v2"
		}
	}
	return DefaultAPIURL
}

// grant returns a usable grant other than stale, repeating what is worth repeating.
func (c *Client) grant(ctx context.Context, stale *grant) (*grant, error) {
	var g *grant
	err := c.retry(ctx, "/oauth/token", func() error {
		var err error
		g, err = c.tokens.get(ctx, stale)
		return err
	})
	return g, err
}

// drain reads a little of a body that nobody wants, so that the connection can be used again.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}
