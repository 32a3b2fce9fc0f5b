package zoom

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func zipped(status int, text string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		z := gzip.NewWriter(w)
		fmt.Fprint(z, text)
		_ = z.Close()
	}
}

func TestBodiesOnTheWire(t *testing.T) {
	const page = `{"page_size":300,"next_page_token":"","users":[{"email":"u@example.com"}]}`
	cut := func(status int, text string) reply {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}
	for _, tt := range []struct {
		name  string
		api   []reply
		calls int
		check func(error) bool // nil: one user
	}{
		{"gzip", []reply{zipped(200, page)}, 1, nil},
		{"gzip of a refusal", []reply{zipped(400, `{"code":200,"message":"No permission."}`)}, 1, IsPlanTooLow},
		{"gzip bomb", []reply{zipped(200, `{"users":["`+strings.Repeat("x", 1<<20)+`"]}`)}, 1, func(err error) bool { return errors.Is(err, errTooLarge) }},
		{"endless refusal", []reply{zipped(403, strings.Repeat("x", 1<<20))}, 1, func(err error) bool { return err != nil && len(err.Error()) < 1000 }},
		{"byte order mark", []reply{body(200, "\ufeff"+page)}, 1, nil},
		{"byte order mark before a refusal", []reply{body(400, "\ufeff"+`{"code":200,"message":"No permission."}`)}, 1, IsPlanTooLow},
		{"refusal cut short", []reply{cut(400, `{"message":"Invalid`), body(200, page)}, 2, nil},
		{"stale token, cut short", []reply{cut(401, ``), body(401, `{"code":124}`), body(200, page)}, 3, nil},
		{"empty", []reply{body(200, ""), body(200, page)}, 2, nil},
		{"gateway page", []reply{body(504, "<html><title>504</title></html>", "Content-Type", "text/html"), body(200, page)}, 2, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, tt.api...)
			c := f.client(t)
			c.maxBody = 100 << 10
			users, _, err := listUsers(c)
			if tt.check == nil && (err != nil || len(users) != 1) || tt.check != nil && !tt.check(err) {
				t.Errorf("%d users, %v", len(users), err)
			}
			if len(f.calls) != tt.calls {
				t.Errorf("%d calls, want %d", len(f.calls), tt.calls)
			}
		})
	}
}

// Over HTTP/2 a server that shuts a connection down says GOAWAY; calls under way and after it succeed.
func TestGoAway(t *testing.T) {
	var calls, old atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			old.Add(1)
		}
		if r.URL.Path == "/oauth/token" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"x","token_type":"bearer","expires_in":3599}`)
			return
		}
		if calls.Add(1)%5 == 0 {
			w.Header().Set("Connection", "close") // GOAWAY
		}
		fmt.Fprint(w, `{"page_size":300,"users":[]}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	c, err := New(Config{AccountID: "a", ClientID: "b", ClientSecret: NewSecret("c"), APIURL: srv.URL + "/v2", OAuthURL: srv.URL, Plan: PlanNone, HTTPClient: srv.Client()})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 10 {
				if _, _, err := listUsers(c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if old.Load() > 0 {
		t.Errorf("%d requests not over HTTP/2: the test looks at the wrong thing", old.Load())
	}
}

// Of many callers whose token is refused at once, one asks for another.
func TestStaleTokenSharedByManyCallers(t *testing.T) {
	const callers = 20
	var together sync.WaitGroup
	together.Add(callers)
	f := newFake(t, nil)
	f.api[0] = func(w httpWriter, r httpRequest) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			together.Done()
			together.Wait() // all of them hold the old token
			body(401, `{"code":124,"message":"Access token is expired."}`)(w, r)
			return
		}
		onePage(w, r)
	}
	c := f.client(t)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if _, _, err := listUsers(c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f.tokens != 2 || len(f.calls) != 2*callers {
		t.Errorf("%d tokens, %d calls, want 2 and %d", f.tokens, len(f.calls), 2*callers)
	}
}

// A caller that gives up while it fetches the token everybody waits for takes nobody with it, and one that waits can give up.
func TestGivingUpOnTheToken(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	f := newFake(t, onePage)
	f.token = []reply{func(_ httpWriter, r httpRequest) {
		close(asked)
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}}
	defer close(release)
	c := f.client(t)
	first, giveUp := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	go func() { _, err := c.Scopes(first); failed <- err }()
	<-asked
	impatient, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.Scopes(impatient); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting caller: %v", err)
	}
	waiting := make(chan error, 1)
	go func() { _, err := c.Scopes(context.Background()); waiting <- err }()
	giveUp()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("caller that gave up: %v", err)
	}
	if err := <-waiting; err != nil {
		t.Errorf("the next caller: %v", err)
	}
}

// Whatever echoes a request back, in whatever length, no part of a credential reaches an error.
func TestEchoedCredentials(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("cid:" + testSecret))
	long := strings.Repeat("0123456789abcdef", 60) // a token as long as Zoom's
	for _, pad := range []int{0, 250, 290, 299, 4090} {
		echo := strings.Repeat("-", pad) + " Bearer " + long
		for _, text := range []string{echo, `{"code":403,"message":"` + echo + `"}`} {
			f := newFake(t, body(403, text))
			f.token = []reply{body(200, `{"access_token":"`+long+`","token_type":"bearer"}`)}
			if _, _, err := listUsers(f.client(t)); err == nil || strings.Contains(err.Error()+f.log.String(), long[:8]) {
				t.Errorf("%d: %v", pad, err)
			}
		}
		echo = strings.Repeat("-", pad) + " Basic " + basic + " " + testSecret
		for _, text := range []string{echo, `{"reason":"` + echo + `"}`, `{"error":"` + echo + `"}`} {
			f := newFake(t, onePage)
			f.token = []reply{body(403, text)}
			if _, _, err := listUsers(f.client(t)); err == nil || strings.Contains(err.Error()+f.log.String(), basic[:8]) || strings.Contains(err.Error(), testSecret[:4]) {
				t.Errorf("%d: %v", pad, err)
			}
		}
	}
}

func TestProxyPasswordStaysOut(t *testing.T) {
	f := newFake(t, onePage)
	cfg := f.config()
	cfg.HTTPClient = &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
		return nil, errors.New(`invalid proxy address "http://user:p/w@d@proxy.example.com:x": invalid port`)
	}}}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = listUsers(c); !IsUnreachable(err) || strings.Contains(err.Error()+f.log.String(), "p/w") || !strings.Contains(err.Error(), "proxy.example.com") {
		t.Errorf("%v\n%s", err, f.log.String())
	}
}
