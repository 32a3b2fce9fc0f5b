package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
)

// utf8BOM is what some proxies put before a body they rewrite; JSON has no place for it.
var utf8BOM = []byte("\ufeff")

var (
	errTooLarge = errors.New("the reply is larger than the client accepts")
	errNotJSON  = errors.New("the reply is not complete JSON")
)

// get calls an endpoint and returns the body of its 200 reply, which is valid JSON.
func (c *Client) get(ctx context.Context, ep Endpoint, query url.Values) (json.RawMessage, error) {
	path := strings.ReplaceAll(ep.Path, "{accountId}", "me") // where nobody filled it
	var body json.RawMessage
	var stale *grant
	err := c.retry(ctx, path, func() error {
		for {
			g, err := c.grant(ctx, stale)
			if err != nil {
				return permanent{err} // has had its own tries
			}
			body, err = c.attempt(ctx, g, ep.Label, path, query)
			var a *APIError
			if stale != nil || !errors.As(err, &a) || !a.unauthorized() {
				return err
			}
			// A token can end before its time. One new one, once a call: a second refusal is about the app.
			c.log.LogAttrs(ctx, slog.LevelInfo, "token refused, asking for another", slog.String("path", path), slog.Int("code", a.Code))
			stale = g
		}
	})
	var p permanent
	if errors.As(err, &p) {
		err = p.error
	}
	return body, err
}

// permanent marks an error that must not be tried again. It never leaves the package.
type permanent struct{ error }

// attempt sends a call once, when its label's turn has come.
func (c *Client) attempt(ctx context.Context, g *grant, label Label, path string, query url.Values) (json.RawMessage, error) {
	if err := c.quota.check(label); err != nil {
		return nil, err // before waiting for a turn that nothing would come of
	}
	turn, waited, err := c.pace.wait(ctx, label)
	if err != nil {
		return nil, err
	}
	defer turn.done()
	c.stats.waited.Add(int64(waited))
	charge, err := c.quota.take(ctx, label)
	if err != nil {
		return nil, err
	}
	defer charge.settle(nil)
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	base := c.base(g)
	target := base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { turn.dials() },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				turn.written()
			}
		},
	})
	req, err := http.NewRequestWithContext(traced, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("make request for %s: malformed address", path)
	}
	req.Header.Set("Authorization", "Bearer "+g.access.Reveal())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)

	started := c.clock.now()
	c.stats.requests.Add(1)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, transportError(err, http.MethodGet, base, path)
	}
	defer drain(resp.Body)
	turn.done()
	charge.settle(resp.Header)
	c.skew.learn(resp.Header, c.now())
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.maxBody+1))
	body = bytes.TrimPrefix(body, utf8BOM)
	c.log.LogAttrs(ctx, slog.LevelDebug, "called zoom", slog.String("method", http.MethodGet), slog.String("path", path),
		slog.Int("status", resp.StatusCode), slog.Int("bytes", len(body)), slog.Int64("dur_ms", c.clock.now().Sub(started).Milliseconds()),
		slog.String("label", string(label)), slog.String("tracking_id", line(resp.Header.Get("X-Zm-Trackingid"), 100)))
	if err != nil { // of whatever status: cut short, a refusal may have lost the code that says what it is about
		return nil, transportError(err, http.MethodGet, base, path)
	}
	if resp.StatusCode != http.StatusOK {
		// Before the message is cut to length, lest half a token stay.
		body = redact(body, g.access.Reveal())
		e := parseAPIError(resp.StatusCode, resp.Header, body, c.serverNow())
		e.Method, e.Path, e.Label, e.paged = http.MethodGet, path, label, query.Has(pageTokenKey)
		if e.Status == http.StatusTooManyRequests {
			c.tooMany(ctx, e, charge)
		}
		return nil, e
	}
	switch {
	case int64(len(body)) > c.maxBody:
		return nil, transportError(errTooLarge, http.MethodGet, base, path)
	case !json.Valid(body):
		return nil, transportError(errNotJSON, http.MethodGet, base, path)
	}
	return body, nil
}

// tooMany draws the consequences of a 429 for the calls that come after: none of the day where its calls are used up, else none of the label for a while.
func (c *Client) tooMany(ctx context.Context, e *APIError, spent *charge) {
	c.stats.refused.Add(1)
	if e.Limit == limitDaily {
		spent.refused(ctx, e.RetryAt)
		return
	}
	d := windowOf(e.Label)
	if wait := e.RetryAt.Sub(c.serverNow()); !e.RetryAt.IsZero() && wait <= maxWait {
		d = wait
	}
	c.pace.pause(e.Label, d)
}
