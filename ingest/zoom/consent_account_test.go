package zoom_test

import (
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// The client's half of user consent, against the simulated account's.

// tokenFile is a file of tokens whose place the tests know.
type tokenFile struct {
	*zoom.TokenFile
	path string
}

func newTokenFile(t testing.TB) tokenFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "z.tokens")
	return tokenFile{zoom.NewTokenFile(path), path}
}

// TestConsentedReading reads reports with a user's token for a day, in which it ends again and again.
func TestConsentedReading(t *testing.T) {
	s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
	store := newTokenFile(t)
	s.connected(t, store)
	client := s.client(t, store)
	k := client.Check(t.Context())
	mustBe(t, k, zoom.StatusConnected)
	if !slices.Equal(k.Scopes, s.Options().Scopes) {
		t.Errorf("scopes %v, want %v", k.Scopes, s.Options().Scopes)
	}
	for hour := range 24 {
		users, _, err := zoom.Collect(func(y func(zoom.Page[zoom.User]) error) error { return client.Users(t.Context(), zoom.StatusActive, y) })
		if err != nil || len(users) == 0 {
			t.Fatalf("hour %d: %d users: %v", hour, len(users), err)
		}
		rows, _, err := zoom.Collect(func(y func(zoom.Page[zoom.Activity]) error) error {
			return client.Activities(t.Context(), asOf.AddDate(0, 0, -5), asOf, y)
		})
		if err != nil || len(rows) == 0 {
			t.Fatalf("hour %d: %d activities: %v", hour, len(rows), err)
		}
		s.pass(time.Hour)
	}
	if n := s.times("refresh_token"); n != 23 || s.times("authorization_code") != 1 {
		t.Errorf("%d refreshes in 23 hours after the first", n)
	}
	s.pass(91 * 24 * time.Hour) // Zoom's refresh tokens live about 90 days
	mustBe(t, client.Check(t.Context()), "")
}

// TestShortTokens has tokens that end faster than the margin that the client keeps.
func TestShortTokens(t *testing.T) {
	for _, life := range []time.Duration{time.Second, 2 * time.Second, time.Minute, 2 * time.Minute} {
		s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true, TokenTTL: life})
		store := newTokenFile(t)
		s.connected(t, store)
		client := s.client(t, store)
		for range 10 {
			mustBe(t, client.Check(t.Context()), zoom.StatusConnected)
			mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
			s.pass(life / 2)
		}
	}
}

// TestRotation checks that a refresh token is good once, and that trying it again costs nothing.
func TestRotation(t *testing.T) {
	s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
	store := newTokenFile(t)
	s.connected(t, store)
	old := load(t, store)
	s.pass(time.Hour)
	mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
	if got := load(t, store); got.Refresh.Reveal() == old.Refresh.Reveal() || got.Access.Reveal() == old.Access.Reveal() {
		t.Error("nothing rotated")
	}
	if _, err := s.app().Refresh(t.Context(), old.Refresh); !zoom.IsReconnect(err) {
		t.Errorf("the old refresh token: %v", err)
	}
	s.pass(time.Hour)
	mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
}

// TestCodes covers codes that are refused, and what becomes of the connection that there is.
func TestCodes(t *testing.T) {
	for _, tt := range []struct {
		name string
		try  func(s *userApp, verifier, code string, store zoom.TokenStore) error
		want string // of the connection afterwards
	}{
		{"another verifier", func(s *userApp, _, code string, store zoom.TokenStore) error {
			return s.app().Connect(t.Context(), store, code, newVerifier(), redirect)
		}, zoom.StatusConnected},
		{"another redirect URL", func(s *userApp, verifier, code string, store zoom.TokenStore) error {
			return s.app().Connect(t.Context(), store, code, verifier, redirect+"/")
		}, zoom.StatusConnected},
		{"made up", func(s *userApp, verifier, _ string, store zoom.TokenStore) error {
			return s.app().Connect(t.Context(), store, "made-up", verifier, redirect)
		}, zoom.StatusConnected},
		{"expired", func(s *userApp, verifier, code string, store zoom.TokenStore) error {
			s.pass(5 * time.Minute)
			return s.app().Connect(t.Context(), store, code, verifier, redirect)
		}, zoom.StatusConnected},
		{"replayed", func(s *userApp, verifier, code string, store zoom.TokenStore) error {
			if err := s.app().Connect(t.Context(), store, code, verifier, redirect); err != nil {
				t.Error(err)
			}
			mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
			return s.app().Connect(t.Context(), store, code, verifier, redirect)
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
			store := newTokenFile(t)
			s.connected(t, store)
			verifier := newVerifier()
			code := s.askedCode(t, verifier)
			err := tt.try(s, verifier, code, store)
			if !zoom.IsUnauthorized(err) || !strings.Contains(err.Error(), "connect again") || strings.Contains(err.Error(), code) {
				t.Errorf("the code: %v", err)
			}
			mustBe(t, s.client(t, store).Check(t.Context()), tt.want)
			s.connected(t, store)
			mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
		})
	}
}

// TestAnswersOfOthers gives an attempt the answer to another one, and its own twice.
func TestAnswersOfOthers(t *testing.T) {
	s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
	attempts, answers := [2]*zoom.Consent{}, [2]url.Values{}
	for i := range attempts {
		var err error
		if attempts[i], err = zoom.NewConsent(s.app(), redirect); err != nil {
			t.Fatal(err)
		}
		if answers[i], err = visit(t.Context(), attempts[i].URL); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := attempts[0].Code(answers[1]); err == nil || err.Error() != zoom.ErrWrongState.Error() {
		t.Errorf("a foreign state: %v", err)
	}
	// A code that somebody slipped in has no state to show, but PKCE ties it to the attempt that it was made for.
	store := newTokenFile(t)
	code, err := attempts[0].Pasted(answers[1].Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	if err := attempts[0].Connect(t.Context(), store, code); !zoom.IsUnauthorized(err) {
		t.Errorf("a foreign code: %v", err)
	}
	if code, err = attempts[1].Code(answers[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := attempts[1].Code(answers[1]); err == nil || err.Error() != zoom.ErrReplayed.Error() {
		t.Errorf("a replayed answer: %v", err)
	}
	if err := attempts[1].Connect(t.Context(), store, code); err != nil {
		t.Errorf("the code that somebody else failed to use: %v", err)
	}
	mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
}

// decide fills in the consent page, leaving ticked what keep says.
func decide(t *testing.T, s *userApp, page, decision string, keep ...string) url.Values {
	t.Helper()
	resp, err := browser.Get(page) //nolint:noctx // of the test's own server
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	sealed := regexp.MustCompile(`name="request" value="([^"]+)"`).FindSubmatch(text)
	if err != nil || sealed == nil {
		t.Fatalf("no consent page: %v: %s", err, text)
	}
	resp, err = browser.PostForm(s.url+"/oauth/authorize", url.Values{"request": {string(sealed[1])}, "decision": {decision}, "scope": keep}) //nolint:noctx // as above
	if err != nil {
		t.Fatal(err)
	}
	answer, err := landed(resp)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestDecisions(t *testing.T) {
	s := newUserApp(t, zoomtest.ServerOptions{})
	store := newTokenFile(t)
	attempt, err := zoom.NewConsent(s.app(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attempt.Code(decide(t, s, attempt.URL, "decline")); err == nil || !strings.Contains(err.Error(), "gave no consent: access_denied") {
		t.Errorf("declined: %v", err)
	}
	for _, tt := range []struct {
		keep    []string
		want    string // of the check, which reads users
		reports bool
	}{
		{[]string{"user:read:admin", "report:read:admin"}, zoom.StatusConnected, true},
		{[]string{"user:read:admin"}, zoom.StatusConnected, false},
		{[]string{"report:read:admin"}, zoom.StatusMissingScope + "user:read:admin", true},
		{nil, zoom.StatusMissingScope + "user:read:admin", false},
	} {
		if attempt, err = zoom.NewConsent(s.app(), redirect); err != nil {
			t.Fatal(err)
		}
		code, err := attempt.Code(decide(t, s, attempt.URL, "allow", tt.keep...))
		if err != nil {
			t.Fatal(err)
		}
		if err := attempt.Connect(t.Context(), store, code); err != nil {
			t.Fatal(err)
		}
		client := s.client(t, store)
		k := client.Check(t.Context())
		mustBe(t, k, tt.want)
		if !slices.Equal(k.Scopes, slices.Sorted(slices.Values(tt.keep))) && len(tt.keep) < 2 {
			t.Errorf("scopes %v, want %v", k.Scopes, tt.keep)
		}
		err = client.Activities(t.Context(), asOf, asOf, func(zoom.Page[zoom.Activity]) error { return nil })
		if tt.reports != (err == nil) || !tt.reports && !slices.Contains(zoom.MissingScopes(err), "report:read:admin") {
			t.Errorf("consent to %v: reports: %v", tt.keep, err)
		}
	}
	// The administrator takes a scope from the app that the user had agreed to.
	s.SetScopes([]string{"account:read:admin"})
	mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusMissingScope+"user:read:admin")
}

// TestConsentedAnew has the user consent on another machine: Zoom revokes what this one has.
func TestConsentedAnew(t *testing.T) {
	s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
	here, there := newTokenFile(t), newTokenFile(t)
	s.connected(t, here)
	running := s.client(t, here)
	mustBe(t, running.Check(t.Context()), zoom.StatusConnected)
	s.connected(t, there)
	mustBe(t, running.Check(t.Context()), "")
	mustBe(t, s.client(t, here).Check(t.Context()), "")
	mustBe(t, s.client(t, there).Check(t.Context()), zoom.StatusConnected)
	// Ending the dead connection leaves the live one alone.
	if err := s.app().Disconnect(t.Context(), here); !zoom.IsReconnect(err) {
		t.Errorf("disconnect of what was revoked: %v", err)
	}
	mustBe(t, s.client(t, there).Check(t.Context()), zoom.StatusConnected)
}

func TestAppSwitchedOff(t *testing.T) {
	s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
	store := newTokenFile(t)
	s.connected(t, store)
	running := s.client(t, store)
	mustBe(t, running.Check(t.Context()), zoom.StatusConnected)
	s.Deactivate()
	for _, hours := range []time.Duration{0, 2} {
		s.pass(hours * time.Hour)
		for _, c := range []*zoom.Client{running, s.client(t, store)} {
			k := c.Check(t.Context())
			mustBe(t, k, zoom.StatusTokenRejected)
			// Consenting again would not help, and the account id plays no part.
			if zoom.IsReconnect(k.Err) || !strings.Contains(k.Err.Error(), "activated") || strings.Contains(k.Err.Error(), zoom.EnvAccountID) {
				t.Errorf("after %d h: %v", hours, k.Err)
			}
		}
	}
	if err := consent(t.Context(), s.app(), store); err == nil {
		t.Error("consent to an app that is switched off")
	}
	if err := s.app().Disconnect(t.Context(), store); err == nil || zoom.IsReconnect(err) {
		t.Errorf("disconnect while the app is switched off: %v", err)
	}
	s.Activate()
	mustBe(t, running.Check(t.Context()), zoom.StatusConnected)
}

// TestDisconnected checks that nothing of a connection works after its end: not what a copy of the file holds, whether older or newer than what was revoked.
func TestDisconnected(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(s *userApp, store tokenFile)
	}{
		{"fresh", func(*userApp, tokenFile) {}},
		{"access token ended", func(s *userApp, _ tokenFile) { s.pass(2 * time.Hour) }},
		{"access token ended by Zoom's clock alone", func(s *userApp, store tokenFile) {
			k := load(t, store)
			s.pass(2 * time.Hour)
			k.Expires = s.now().Add(time.Hour)
			if err := store.Save(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}},
		{"a page of the network in between", func(s *userApp, _ tokenFile) {
			if err := s.SetFaults(&zoomtest.Faults{Rates: map[zoomtest.Fault]float64{zoomtest.FaultNotJSON: 1}}); err != nil {
				t.Fatal(err)
			}
		}},
		{"Zoom in trouble", func(s *userApp, _ tokenFile) {
			s.pass(2 * time.Hour)
			if err := s.SetFaults(&zoomtest.Faults{Rates: map[zoomtest.Fault]float64{zoomtest.FaultUnavailable: .5, zoomtest.FaultReset: .5}}); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
			store := newTokenFile(t)
			s.connected(t, store)
			tt.before(s, store)
			text, err := os.ReadFile(store.path)
			if err != nil {
				t.Fatal(err)
			}
			running := s.client(t, store)
			app := s.app()
			app.Sleep = hurry
			if err := app.Disconnect(t.Context(), store); err != nil {
				t.Fatal(err)
			}
			if err := s.SetFaults(nil); err != nil {
				t.Fatal(err)
			}
			mustBe(t, running.Check(t.Context()), "")
			mustBe(t, s.client(t, store).Check(t.Context()), "")
			thief := newTokenFile(t)
			if err := os.WriteFile(thief.path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			mustBe(t, s.client(t, thief).Check(t.Context()), "")
			for _, refresh := range s.issued {
				if _, err := s.app().Refresh(t.Context(), zoom.NewSecret(refresh)); !zoom.IsReconnect(err) {
					t.Errorf("a refresh token outlives the connection: %v", err)
				}
			}
			s.connected(t, store)
			mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
		})
	}
}

// TestConcurrentRefreshes has processes share a file of tokens while the account answers badly. The tokens live shorter than the margin that clients keep, so every
// new client asks Zoom for others.
func TestConcurrentRefreshes(t *testing.T) {
	s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true, TokenTTL: 50 * time.Second})
	store := newTokenFile(t)
	s.connected(t, store)
	err := s.SetFaults(&zoomtest.Faults{Seed: 5, Rates: map[zoomtest.Fault]float64{
		zoomtest.FaultInternalError: .05, zoomtest.FaultNotJSON: .05, zoomtest.FaultReset: .05, zoomtest.FaultTooMany: .05, zoomtest.FaultUnavailable: .05,
		zoomtest.FaultQuotedError: .05, zoomtest.FaultCutBody: .05,
	}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	const processes, callers = 3, 4
	for range processes {
		cmd := childCommand(t, jobCalls, s, store)
		wg.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	for range callers { // as many processes as far as the file is concerned, and quicker
		wg.Go(func() {
			for range jobCallsTimes {
				if k := s.client(t, zoom.NewTokenFile(store.path)).Check(t.Context()); lost(k) {
					t.Errorf("%s: %v", k.Status, k.Err)
				}
			}
		})
	}
	wg.Wait()
	n := s.times("refresh_token")
	if n < (processes+callers)*jobCallsTimes || len(s.Traffic().Injected) < 5 {
		t.Errorf("%d refreshes: the test proves nothing", n)
	}
	t.Logf("%d refreshes, %d tokens, faults %v", n, len(s.issued), s.Traffic().Injected)
	mustBe(t, s.client(t, store).Check(t.Context()), zoom.StatusConnected)
}

// memoryStore keeps tokens as a TokenFile does, without waiting for a disk. For one caller at a time.
type memoryStore struct{ tokens *zoom.Tokens }

func (m *memoryStore) Load(context.Context) (zoom.Tokens, error) {
	if m.tokens == nil {
		return zoom.Tokens{}, zoom.ErrNoTokens
	}
	return *m.tokens, nil
}

func (m *memoryStore) Save(_ context.Context, t zoom.Tokens) error { m.tokens = &t; return nil }
func (m *memoryStore) Remove() error                               { m.tokens = nil; return nil }
func (m *memoryStore) Lock(context.Context) (func(), error)        { return func() {}, nil }

// TestFaultsLoseNoConnection connects, reads, lets tokens end and disconnects under random faults.
func TestFaultsLoseNoConnection(t *testing.T) {
	seeds := uint64(100)
	if testing.Short() {
		seeds = 10
	}
	s := newUserApp(t, zoomtest.ServerOptions{AutoConsent: true})
	app := s.app()
	app.Sleep = hurry
	for seed := range seeds {
		faults := zoomtest.RandomFaults(seed)
		if err := s.SetFaults(&faults); err != nil {
			t.Fatal(err)
		}
		store := &memoryStore{}
		if err := consent(t.Context(), app, store); err != nil {
			t.Fatalf("seed %d: a consent is lost: %v", seed, err)
		}
		client := s.client(t, store)
		for hour := range 6 {
			if k := client.Check(t.Context()); k.Status != zoom.StatusConnected {
				t.Fatalf("seed %d, hour %d: %s: %v", seed, hour, k.Status, k.Err)
			}
			s.pass(time.Hour)
			if hour%2 == 1 {
				client = s.client(t, store) // the next run
			}
		}
		copied := load(t, store)
		if err := app.Disconnect(t.Context(), store); err != nil {
			t.Fatalf("seed %d: disconnect: %v", seed, err)
		}
		if err := s.SetFaults(nil); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Refresh(t.Context(), copied.Refresh); !zoom.IsReconnect(err) {
			t.Fatalf("seed %d: disconnected, a copy of the tokens works on: %v", seed, err)
		}
	}
	if refreshed, answered := s.times("refresh_token"), len(s.issued); refreshed < int(seeds)*6 || answered >= refreshed {
		t.Errorf("%d refreshes, %d answered: the test proves nothing", refreshed, answered)
	}
}
