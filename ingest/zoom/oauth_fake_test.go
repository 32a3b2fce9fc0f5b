package zoom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

const registered = "http://127.0.0.1:8765/callback"

// consentServer is the OAuth half of Zoom for an app that users add: codes of one use, PKCE, refresh tokens that rotate, and an API that takes live tokens only.
type consentServer struct {
	*httptest.Server
	mu        sync.Mutex
	now       time.Time
	codes     map[string]string // code -> challenge
	refresh   string            // the one that is good
	access    map[string]bool
	issued    int
	refreshes int
	revoked   []string
	onRefresh func() // while a refresh is under way
}

func newConsentServer(t *testing.T) *consentServer {
	s := &consentServer{codes: map[string]string{}, access: map[string]bool{}, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", s.token)
	mux.HandleFunc("POST /oauth/revoke", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		token := r.FormValue("token")
		if !s.known(w, r) {
			return
		}
		if !s.access[token] {
			refuse(w, 400, "Invalid Token!", "invalid_request")
			return
		}
		clear(s.access)
		s.refresh = ""
		s.revoked = append(s.revoked, token)
		fmt.Fprint(w, `{"status":"success"}`)
	})
	mux.HandleFunc("GET /v2/users", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if token := r.Header.Get("Authorization"); len(token) < 8 || !s.access[token[7:]] {
			w.WriteHeader(401)
			fmt.Fprint(w, `{"code":124,"message":"Invalid access token."}`)
			return
		}
		fmt.Fprint(w, `{"users":[]}`)
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func refuse(w http.ResponseWriter, status int, reason, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"reason":%q,"error":%q}`, reason, code)
}

func (s *consentServer) known(w http.ResponseWriter, r *http.Request) bool {
	if id, secret, _ := r.BasicAuth(); id != "cid" || secret != testSecret {
		refuse(w, 401, "Invalid client_id or client_secret", "invalid_client")
		return false
	}
	return true
}

func (s *consentServer) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known(w, r) {
		return
	}
	switch r.FormValue("grant_type") {
	case "authorization_code":
		challenge, ok := s.codes[r.FormValue("code")]
		delete(s.codes, r.FormValue("code")) // also a failed try spends it
		if !ok || oauth2.S256ChallengeFromVerifier(r.FormValue("code_verifier")) != challenge || r.FormValue("redirect_uri") != registered {
			refuse(w, 400, "Invalid authorization code "+r.FormValue("code"), "invalid_grant")
			return
		}
		clear(s.access) // consenting again ends the tokens of before
	case "refresh_token":
		s.refreshes++
		if s.onRefresh != nil {
			s.onRefresh()
		}
		if s.refresh == "" || r.FormValue("refresh_token") != s.refresh {
			refuse(w, 400, "Invalid Token!", "invalid_grant")
			return
		}
	default:
		refuse(w, 400, "unsupported grant type", "unsupported_grant_type")
		return
	}
	s.issued++
	s.refresh = fmt.Sprintf("refresh-%d", s.issued)
	access := fmt.Sprintf("access-%d", s.issued)
	s.access[access] = true
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": access, "refresh_token": s.refresh, "token_type": "bearer", "expires_in": 3599, "scope": "user:read:admin report:read:admin"})
}

// consents is the user who opens the page and agrees; it returns what the browser is sent back with.
func (s *consentServer) consents(page string) url.Values {
	u, err := url.Parse(page)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	code := fmt.Sprintf("code-%d", len(s.codes)+s.issued*100)
	s.codes[code] = q.Get("code_challenge")
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

func (s *consentServer) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *consentServer) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *consentServer) app() App {
	return App{ClientID: "cid", ClientSecret: NewSecret(testSecret), OAuthURL: s.URL, Now: s.clock}
}

// connect runs the whole flow.
func (s *consentServer) connect(t *testing.T, store TokenStore) error {
	t.Helper()
	c, err := NewConsent(s.app(), registered)
	if err != nil {
		t.Fatal(err)
	}
	code, err := c.Code(s.consents(c.URL))
	if err != nil {
		t.Fatal(err)
	}
	return c.Connect(t.Context(), store, code)
}

func (s *consentServer) client(t *testing.T, store TokenStore) *Client {
	t.Helper()
	c, err := New(Config{ClientID: "cid", ClientSecret: NewSecret(testSecret), Tokens: store, APIURL: s.URL + "/v2", OAuthURL: s.URL, Plan: PlanNone, Now: s.clock})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
