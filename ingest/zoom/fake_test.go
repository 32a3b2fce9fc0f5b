package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

const testSecret = "s3cr3t-value"

// fake is a scripted Zoom: each API call takes the next reply, the last one for ever.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	api    []reply
	token  []reply
	calls  []*url.URL
	auth   []string
	tokens int // requests for one
	forms  []url.Values
	slept  []time.Duration
	now    time.Time
	log    bytes.Buffer
}

type (
	httpWriter  = http.ResponseWriter
	httpRequest = *http.Request
	reply       func(w httpWriter, r httpRequest)
)

func body(status int, text string, header ...string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.Header().Set("x-zm-trackingid", "track-1")
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

// cutOff cuts the connection without an answer.
func cutOff(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// truncated promises more than it sends.
func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	fmt.Fprint(w, `{"users":[`)
}

func newFake(t *testing.T, api ...reply) *fake {
	f := &fake{api: api, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		f.mu.Lock()
		var do reply
		if r.URL.Path == "/oauth/token" {
			_ = r.ParseForm()
			f.forms = append(f.forms, r.Form)
			f.auth = append(f.auth, r.Header.Get("Authorization"))
			f.tokens++
			n := f.tokens
			do = func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":3599,"scope":"user:read:admin report:read:admin","api_url":"https://api-eu.zoom.us"}`, n)
			}
			if len(f.token) > 0 {
				do, f.token = f.token[0], f.token[1:]
			}
		} else {
			u := *r.URL
			f.calls = append(f.calls, &u)
			f.auth = append(f.auth, r.Header.Get("Authorization"))
			do = f.api[0]
			if len(f.api) > 1 {
				f.api = f.api[1:]
			}
		}
		f.mu.Unlock()
		do(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) config() Config {
	return Config{
		AccountID: "acc", ClientID: "cid", ClientSecret: NewSecret(testSecret), APIURL: f.URL + "/v2", OAuthURL: f.URL, Plan: PlanBusiness,
		// On a kept connection net/http itself repeats a request that was cut off.
		HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		Logger:     slog.New(slog.NewJSONHandler(&f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:        func() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now },
		Sleep: func(ctx context.Context, d time.Duration) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.now = f.now.Add(d)
			f.slept = append(f.slept, d)
			return nil
		},
	}
}

func (f *fake) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(f.config())
	if err != nil {
		t.Fatal(err)
	}
	c.jitter = func() float64 { return 0.5 }
	return c
}

// onePage is an empty last page of users.
var onePage = body(200, `{"page_size":300,"next_page_token":"","users":[]}`)

func listUsers(c *Client) ([]User, []Rejected, error) {
	return Collect(func(y func(Page[User]) error) error { return c.Users(context.Background(), StatusActive, y) })
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
