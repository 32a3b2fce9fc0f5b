package zoom

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// backoffs returns the sleeps that were not pacing (pacing at business speed is under 50 ms).
func (f *fake) backoffs() (ds []time.Duration) {
	for _, d := range f.slept {
		if d >= 100*time.Millisecond {
			ds = append(ds, d)
		}
	}
	return ds
}

const (
	perSecond = `{"code":429,"message":"You have reached the maximum per-second rate limit for this API. Try again later."}`
	daily     = `{"code":429,"message":"You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request."}`
)

func TestRetry(t *testing.T) {
	s := func(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }
	for _, tt := range []struct {
		name  string
		api   []reply
		calls int
		slept []time.Duration
		check func(error) bool // nil: success
	}{
		{"qps without retry-after", []reply{body(429, perSecond, "X-RateLimit-Type", "QPS"), onePage}, 2, []time.Duration{s(1.5)}, nil},
		{"qps for ever", []reply{body(429, perSecond, "X-RateLimit-Type", "QPS")}, 4, []time.Duration{s(1.5), s(1.5), s(1.5)},
			func(err error) bool { return IsRateLimited(err) && !IsDailyLimit(err) }},
		{"429 that says nothing", []reply{body(429, ""), onePage}, 2, []time.Duration{s(1.5)}, nil},
		{"retry-after seconds", []reply{body(429, perSecond, "Retry-After", "7"), onePage}, 2, []time.Duration{s(8)}, nil},
		{"retry-after http date", []reply{body(429, perSecond, "Retry-After", "Sun, 01 Mar 2026 12:00:05 GMT"), onePage}, 2, []time.Duration{s(6)}, nil},
		{"retry-after instant", []reply{body(429, perSecond, "Retry-After", "2026-03-01T12:00:05Z"), onePage}, 2, []time.Duration{s(6)}, nil},
		{"retry-after past", []reply{body(429, perSecond, "Retry-After", "2026-03-01T11:00:00Z"), onePage}, 2, []time.Duration{s(1)}, nil},
		{"reset instead", []reply{body(429, perSecond, "X-RateLimit-Reset", "1772366405"), onePage}, 2, []time.Duration{s(6)}, nil}, // 12:00:05 that day
		{"reset and retry-after", []reply{body(429, perSecond, "X-RateLimit-Reset", "1772399999", "Retry-After", "3"), onePage}, 2, []time.Duration{s(4)}, nil},
		{"reset that is no time", []reply{body(429, perSecond, "X-RateLimit-Reset", "5"), onePage}, 2, []time.Duration{s(1.5)}, nil},
		{"retry-after unreadable", []reply{body(429, perSecond, "Retry-After", "soon"), onePage}, 2, []time.Duration{s(1.5)}, nil},
		{"retry-after too far", []reply{body(429, perSecond, "Retry-After", "3600"), onePage}, 1, nil, func(err error) bool { return IsRateLimited(err) && !IsDailyLimit(err) }},
		{"daily far", []reply{body(429, daily, "X-RateLimit-Type", "Daily-limit", "Retry-After", "2026-03-02T00:00:00Z")}, 1, nil,
			func(err error) bool {
				var a *APIError
				return IsDailyLimit(err) && errors.As(err, &a) && a.RetryAt.Equal(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) &&
					strings.Contains(err.Error(), "2026-03-02T00:00:00Z")
			}},
		{"daily by its sentence alone", []reply{body(429, daily)}, 1, nil, IsDailyLimit},
		{"500 500 ok", []reply{body(500, "oops"), body(500, "oops"), onePage}, 3, []time.Duration{s(0.75), s(1.5)}, nil},
		{"503 for ever", []reply{body(503, "<html>busy</html>")}, 4, []time.Duration{s(0.75), s(1.5), s(3)}, IsUnreachable},
		{"reset", []reply{cutOff, onePage}, 2, []time.Duration{s(0.75)}, nil},
		{"truncated", []reply{truncated, onePage}, 2, []time.Duration{s(0.75)}, nil},
		{"cut json", []reply{body(200, `{"users":[`), onePage}, 2, []time.Duration{s(0.75)}, nil},
		{"html for ever", []reply{body(200, `<html>`)}, 4, []time.Duration{s(0.75), s(1.5), s(3)}, IsUnreachable},
		{"404", []reply{body(404, `{"code":2300,"message":"not recognized"}`)}, 1, nil, func(err error) bool { return !IsUnreachable(err) && err != nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, tt.api...)
			_, _, err := listUsers(f.client(t))
			if tt.check == nil && err != nil {
				t.Fatal(err)
			}
			if tt.check != nil && !tt.check(err) {
				t.Errorf("unexpected class of error: %v", err)
			}
			if len(f.calls) != tt.calls {
				t.Errorf("%d calls, want %d", len(f.calls), tt.calls)
			}
			var near []time.Duration // instants have moved by the pacing between
			for _, d := range f.backoffs() {
				near = append(near, d.Round(250*time.Millisecond))
			}
			if d := cmp.Diff(tt.slept, near); d != "" {
				t.Errorf("sleeps (-want +got):\n%s", d)
			}
		})
	}
}

func TestServerGone(t *testing.T) {
	f := newFake(t, onePage)
	c := f.client(t)
	f.Close()
	_, _, err := listUsers(c)
	if !IsUnreachable(err) || IsUnauthorized(err) {
		t.Fatalf("got %v", err)
	}
	if n := len(f.backoffs()); n != maxTries-1 {
		t.Errorf("%d waits, want %d: the token's tries must not be multiplied by the call's", n, maxTries-1)
	}
}

func TestCancelWhileWaiting(t *testing.T) {
	f := newFake(t, body(500, ""))
	cfg := f.config()
	ctx, cancel := context.WithCancel(context.Background())
	cfg.Sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.AccountSettings(ctx, OptionAll)
	if !errors.Is(err, context.Canceled) || len(f.calls) != 1 {
		t.Fatalf("got %v after %d calls", err, len(f.calls))
	}
}

func TestAttemptTimeout(t *testing.T) {
	hang := make(chan struct{})
	f := newFake(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}, onePage)
	defer close(hang)
	c := f.client(t)
	if _, err := c.Scopes(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.timeout = 100 * time.Millisecond
	if _, _, err := listUsers(c); err != nil {
		t.Fatal(err)
	}
	if len(f.calls) != 2 {
		t.Errorf("%d calls, want 2", len(f.calls))
	}
}

func TestRedirectRefused(t *testing.T) {
	other := newFake(t, onePage)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/v2/users", http.StatusFound)
	})
	_, _, err := listUsers(f.client(t))
	if err == nil || !strings.Contains(err.Error(), "redirect") {
		t.Fatalf("got %v", err)
	}
	if len(other.calls) != 0 || len(f.calls) != 1 {
		t.Errorf("calls: other host %d, own %d; want 0 and 1", len(other.calls), len(f.calls))
	}
	f.token = []reply{func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/oauth/token", http.StatusTemporaryRedirect)
	}}
	if _, err := f.client(t).Scopes(context.Background()); err == nil || other.tokens != 0 {
		t.Errorf("token request followed a redirect: %v", err)
	}
}

func TestBodyBound(t *testing.T) {
	f := newFake(t, body(200, `{"users":["`+strings.Repeat("x", 2000)+`"]}`))
	c := f.client(t)
	c.maxBody = 1000
	if _, _, err := listUsers(c); !errors.Is(err, errTooLarge) || len(f.calls) != 1 {
		t.Fatalf("got %v after %d calls", err, len(f.calls))
	}
}
