package zoom_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
)

const redirect = "http://127.0.0.1:8765/callback"

// userApp is a simulated account with an app that users add, behind a server that can hold what it answers. Its clock, which the clients share, can be put on.
type userApp struct {
	*zoomtest.Handler
	url   string
	ahead atomic.Int64 // nanoseconds that the clock was put on

	mu     sync.Mutex
	asked  map[string]int // token requests, by grant type
	issued []string       // refresh tokens, in order
	gate   *gate
}

// A gate stops the next request of one kind.
type gate struct {
	path, grant string // grant: grant_type, "" for any
	answer      string // how much goes out before the gate is reached: see the constants
	reached     chan struct{}
	open        chan struct{} // closed by the test when it has done its deed
}

// How far a request gets before its gate stops it.
const (
	notServed  = "not served"
	unanswered = "served, unanswered"
	halfSent   = "half answered"
	answered   = "answered"
)

// reports is one company for all tests of this file: making it costs more than a test.
var reports = sync.OnceValue(func() *zoomtest.Company {
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 3, Users: 40, Days: 10, End: asOf})
	if err != nil {
		panic(err)
	}
	return company
})

func newUserApp(t testing.TB, o zoomtest.ServerOptions) *userApp {
	t.Helper()
	s := &userApp{asked: map[string]int{}}
	o.ClientID, o.ClientSecret, o.AsOf, o.Now = "cid", "secret", asOf, s.now
	o.RedirectURIs, o.Plan, o.NoLimits = []string{redirect}, "business", true
	h, err := zoomtest.NewHandler(reports(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = h
	srv := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *userApp) now() time.Time       { return time.Now().Add(time.Duration(s.ahead.Load())) }
func (s *userApp) pass(d time.Duration) { s.ahead.Add(int64(d)) }

// stop sets a gate for the next request.
func (s *userApp) stop(g *gate) *gate {
	g.reached, g.open = make(chan struct{}), make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = g
	return g
}

// serve is the account and, before and after it, the gate.
func (s *userApp) serve(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	grant, g := r.Form.Get("grant_type"), s.gate
	if grant != "" {
		s.asked[grant]++
	}
	if g != nil && (g.path != r.URL.Path || g.grant != "" && g.grant != grant) {
		g = nil
	} else {
		s.gate = nil
	}
	s.mu.Unlock()
	switch {
	case g == nil && r.URL.Path != "/oauth/token":
		s.ServeHTTP(w, r)
		return
	case g == nil: // faults want the real writer, and the reply has to be seen
		rec := &tee{ResponseWriter: w}
		s.ServeHTTP(rec, r)
		s.note(rec.body.Bytes())
		return
	case g.answer == notServed:
		close(g.reached)
		<-g.open
		panic(http.ErrAbortHandler)
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	body := rec.Body.Bytes()
	s.note(body)
	if g.answer != unanswered {
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(rec.Code)
		if g.answer == halfSent {
			body = body[:len(body)/2]
		}
		_, _ = w.Write(body)
		_ = http.NewResponseController(w).Flush()
	}
	close(g.reached)
	<-g.open
	if g.answer != answered {
		panic(http.ErrAbortHandler)
	}
}

type tee struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (w *tee) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

func (w *tee) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// note remembers the refresh token of a reply.
func (s *userApp) note(reply []byte) {
	var v struct {
		Refresh string `json:"refresh_token"`
	}
	if json.Unmarshal(reply, &v) == nil && v.Refresh != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.issued = append(s.issued, v.Refresh)
	}
}

// times is how often a grant was asked for.
func (s *userApp) times(grant string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[grant]
}

func (s *userApp) app() zoom.App {
	return zoom.App{ClientID: "cid", ClientSecret: zoom.NewSecret("secret"), OAuthURL: s.url, Now: s.now}
}

func (s *userApp) client(t testing.TB, store zoom.TokenStore) *zoom.Client {
	t.Helper()
	c, err := newClient(s.url, store, s.now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newClient is a client that waits a thousandth of the time before it repeats a call.
func newClient(account string, store zoom.TokenStore, now func() time.Time) (*zoom.Client, error) {
	return zoom.New(zoom.Config{
		ClientID: "cid", ClientSecret: zoom.NewSecret("secret"), Tokens: store, APIURL: account + "/v2", OAuthURL: account, Plan: zoom.PlanNone, Now: now, Sleep: hurry,
	})
}

func hurry(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d / 1000):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// browser is a user's, which shows what Zoom sends it back with and does not go there.
var browser = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// landed is what Zoom sent the browser back with.
func landed(resp *http.Response) (url.Values, error) {
	defer resp.Body.Close()
	to := resp.Header.Get("Location")
	if resp.StatusCode != http.StatusFound || !strings.HasPrefix(to, redirect+"?") {
		return nil, fmt.Errorf("no redirect to the app: %d %q", resp.StatusCode, to)
	}
	return url.ParseQuery(strings.TrimPrefix(to, redirect+"?"))
}

// visit opens the page on which the account consents by itself.
func visit(ctx context.Context, page string) (url.Values, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	return landed(resp)
}

// consent is the whole flow, as `zoomward connect` runs it.
func consent(ctx context.Context, app zoom.App, store zoom.TokenStore) error {
	attempt, err := zoom.NewConsent(app, redirect)
	if err != nil {
		return err
	}
	answer, err := visit(ctx, attempt.URL)
	if err != nil {
		return err
	}
	code, err := attempt.Code(answer)
	if err != nil {
		return err
	}
	return attempt.Connect(ctx, store, code)
}

// askedCode is a code that the account gave for a verifier.
func (s *userApp) askedCode(t testing.TB, verifier string) string {
	t.Helper()
	page, err := s.app().AuthorizeURL("state", verifier, redirect)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := visit(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Get("code")
}

func newVerifier() string { return oauth2.GenerateVerifier() }

// connected makes a connection.
func (s *userApp) connected(t testing.TB, store zoom.TokenStore) {
	t.Helper()
	if err := consent(t.Context(), s.app(), store); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, store zoom.TokenStore) zoom.Tokens {
	t.Helper()
	tokens, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// mustBe checks the state of a connection. "" for want means that a person has to connect again.
func mustBe(t testing.TB, k zoom.Connection, want string) {
	t.Helper()
	if want != "" {
		if k.Status != want {
			t.Errorf("%s, want %s: %v", k.Status, want, k.Err)
		}
		return
	}
	if k.Status != zoom.StatusTokenRejected || !zoom.IsReconnect(k.Err) || !strings.Contains(k.Err.Error(), "connect again") {
		t.Errorf("%s, want to be told to connect again: %v", k.Status, k.Err)
	}
}
