package zoom

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

// retry runs f until it succeeds, fails for good, or has been tried maxTries times.
func (c *Client) retry(ctx context.Context, path string, f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("call %s: %w", path, ctx.Err())
		}
		wait, again := c.backoff(err, try)
		if !again || try == maxTries {
			return err
		}
		c.stats.retries.Add(1)
		c.log.LogAttrs(ctx, slog.LevelWarn, "repeat call", slog.String("path", path), slog.Int("try", try), slog.Duration("wait", wait),
			slog.String("reason", err.Error()))
		if err := c.clock.sleep(ctx, wait); err != nil {
			return fmt.Errorf("call %s: %w", path, err)
		}
	}
}

// backoff says whether a failure is worth another try and how long to wait before it: what Zoom asks for, the window of the limit and up to a second more where
// it says nothing (as Zoom does for limits per second), and 1/2, 1, 2 seconds and up to as much again for faults on the way.
func (c *Client) backoff(err error, try int) (time.Duration, bool) {
	var a *APIError
	switch {
	case errors.As(err, &a) && a.Status == http.StatusTooManyRequests:
		second := secondMore(c.jitter)
		if a.RetryAt.IsZero() {
			return second - time.Second + windowOf(a.Label), a.Limit != limitDaily
		}
		wait := a.RetryAt.Sub(c.serverNow())
		// Zoom's instants have whole seconds; the jitter keeps clients that were refused together apart.
		return max(wait, 0) + second - time.Second/2, wait <= maxWait
	case a != nil:
		return faultWait(try, c.jitter), a.Status >= 500 && a.Status != http.StatusNotImplemented
	}
	return oauthBackoff(err, try, c.jitter)
}

// oauthBackoff is backoff for what goes wrong at the OAuth endpoints or on the way anywhere.
func oauthBackoff(err error, try int, jitter func() float64) (time.Duration, bool) {
	var t *TokenError
	var u *UnreachableError
	switch {
	case errors.As(err, &t) && t.Status == http.StatusTooManyRequests:
		return secondMore(jitter), true
	case t != nil:
		return faultWait(try, jitter), t.Status >= 500
	case errors.As(err, &u):
		return faultWait(try, jitter), transient(u.Err)
	}
	return 0, false
}

// faultWait is how long to wait after a fault: 1/2, 1, 2 seconds and up to as much again.
func faultWait(try int, jitter func() float64) time.Duration {
	return time.Duration(float64(time.Second/2<<(try-1)) * (1 + jitter()))
}

// secondMore is one second and up to another.
func secondMore(jitter func() float64) time.Duration {
	return time.Second + time.Duration(jitter()*float64(time.Second))
}

// retry runs f, which sends one request to an OAuth endpoint, until it succeeds, fails for good, or has been tried maxTries times. A context that ends stops it
// between tries.
func (a App) retry(ctx context.Context, f func() error) error {
	sleep := a.Sleep
	if sleep == nil {
		sleep = sleepReal
	}
	for try := 1; ; try++ {
		err := f()
		if err == nil {
			return nil
		}
		wait, again := oauthBackoff(err, try, rand.Float64)
		if !again || try == maxTries {
			return err
		}
		if sleep(ctx, wait) != nil {
			return err // what went wrong says more than that somebody stopped waiting
		}
	}
}

// transient reports whether a failure on the way may pass. A redirect or a certificate that does not verify will not.
func transient(err error) bool {
	var cert *tls.CertificateVerificationError
	return !errors.Is(err, errRedirect) && !errors.Is(err, errTooLarge) && !errors.As(err, &cert)
}

// userinfo is the credentials of a URL. The error about a proxy's address that cannot be read quotes them.
var userinfo = regexp.MustCompile(`//\S*@`)

// transportError wraps a failure on the way. It takes the error out of url.Error, which quotes the URL with its page token.
func transportError(err error, method, base, path string) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	host := base
	if p, perr := url.Parse(base); perr == nil {
		host = p.Host
	}
	return &UnreachableError{Method: method, Host: host, Path: path, Err: err}
}

func ctxDone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
