package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// userApp is Zoom for an app that users add, as far as connecting needs it.
type userApp struct {
	*httptest.Server
	mu      sync.Mutex
	code    string // the one that is good
	revoked int
}

func newUserApp(t *testing.T) *userApp {
	u := &userApp{code: "good-code"}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		defer u.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/oauth/token":
			if r.FormValue("code") != u.code || r.FormValue("code_verifier") == "" {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"reason":"Invalid authorization code","error":"invalid_grant"}`)
				return
			}
			u.code = ""
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "live-access", "refresh_token": "live-refresh", "token_type": "bearer", "expires_in": 3599, "scope": "user:read:admin"})
		case "/oauth/revoke":
			if r.FormValue("token") == "live-access" {
				u.revoked++
			}
			fmt.Fprint(w, `{"status":"success"}`)
		default:
			fmt.Fprint(w, `{"users":[]}`)
		}
	}))
	t.Cleanup(u.Close)
	return u
}

// lines is a writer that tests can wait on.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// page waits for the address that a person would open.
func (l *lines) page(t *testing.T) url.Values {
	t.Helper()
	for range 500 {
		if m := regexp.MustCompile(`(?m)^http\S+/oauth/authorize\?\S+$`).FindString(l.String()); m != "" {
			u, err := url.Parse(m)
			if err != nil {
				t.Fatal(err)
			}
			return u.Query()
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no page to open in %q", l.String())
	return nil
}

// connecting is a connect under way.
type connecting struct {
	stdout, stderr lines
	done           chan error
}

func (u *userApp) env(t *testing.T) map[string]string {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"ZOOMWARD_APP": appUserManaged, "ZOOM_CLIENT_ID": "cid", "ZOOM_CLIENT_SECRET": "top-secret", "ZOOMWARD_API_URL": u.URL + "/v2", "ZOOMWARD_OAUTH_URL": u.URL,
		"ZOOMWARD_DB": filepath.Join(t.TempDir(), "z.duckdb"), "ZOOMWARD_REDIRECT_URL": "http://127.0.0.1:" + port + "/callback",
	}
}

func startConnect(t *testing.T, env map[string]string, stdin io.Reader, args ...string) *connecting {
	c := &connecting{done: make(chan error, 1)}
	go func() {
		c.done <- run(t.Context(), append([]string{"connect"}, args...), environ(env), stdin, &c.stdout, &c.stderr)
	}()
	return c
}

func get(t *testing.T, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestConnectInABrowser(t *testing.T) {
	u := newUserApp(t)
	env := u.env(t)
	c := startConnect(t, env, strings.NewReader(""))
	asked := c.stderr.page(t)
	back := env["ZOOMWARD_REDIRECT_URL"]
	if asked.Get("redirect_uri") != back || asked.Get("code_challenge_method") != "S256" || len(asked.Get("state")) < 43 {
		t.Errorf("asked with %v", asked)
	}
	// Whoever else sends requests here changes nothing.
	for _, bad := range []string{"?code=evil&state=guess", "?code=evil", "/other?code=evil&state=" + asked.Get("state")} {
		if status := get(t, back+bad); status < 400 {
			t.Errorf("%s: status %d", bad, status)
		}
	}
	if status := get(t, back+"?code=good-code&state="+asked.Get("state")); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if err := <-c.done; err != nil {
		t.Fatalf("%v\n%s", err, c.stderr.String())
	}
	if out := c.stdout.String(); !strings.HasSuffix(out, "Status: Connected\n") || !strings.Contains(out, "users") {
		t.Errorf("stdout %s", out)
	}
	tokens := env["ZOOMWARD_DB"] + ".tokens"
	if info, err := os.Stat(tokens); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("tokens: %v, %v", info, err)
	}
	for _, secret := range []string{"top-secret", "live-access", "live-refresh", "good-code"} {
		if strings.Contains(c.stdout.String()+c.stderr.String(), secret) {
			t.Errorf("%s was printed", secret)
		}
	}
	// A code that was used is refused, and what is connected stays so.
	again := startConnect(t, env, strings.NewReader("good-code\n"), "--paste")
	if err := <-again.done; exitCode(err) != exitFailed || !strings.Contains(again.stderr.String(), "connect again") {
		t.Errorf("a code of two uses: %v", err)
	}
	check := startConnect(t, env, nil, "--check")
	if err := <-check.done; err != nil || !strings.HasSuffix(check.stdout.String(), "Status: Connected\n") {
		t.Errorf("--check: %v", err)
	}
	var out, errs lines
	for range 2 { // the second finds nothing left to do
		if err := run(t.Context(), []string{"disconnect"}, environ(env), nil, &out, &errs); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(tokens); !errors.Is(err, fs.ErrNotExist) || u.revoked != 1 || strings.Count(out.String(), "Status: Disconnected") != 2 {
		t.Errorf("tokens %v, revoked %d times: %s", err, u.revoked, out.String())
	}
	check = startConnect(t, env, nil, "--check")
	if err := <-check.done; exitCode(err) != exitFailed || !strings.HasSuffix(check.stdout.String(), "Status: Token rejected\n") || !strings.Contains(check.stderr.String(), "connect again") {
		t.Errorf("after disconnecting: %v: %s", err, check.stderr.String())
	}
}

func TestConnectByPasting(t *testing.T) {
	u := newUserApp(t)
	env := u.env(t)
	r, w := io.Pipe()
	c := startConnect(t, env, r, "--paste")
	asked := c.stderr.page(t)
	if _, err := fmt.Fprintf(w, "%s?code=good-code&state=%s\n", asked.Get("redirect_uri"), asked.Get("state")); err != nil {
		t.Fatal(err)
	}
	if err := <-c.done; err != nil || !strings.HasSuffix(c.stdout.String(), "Status: Connected\n") {
		t.Errorf("%v: %s", err, c.stderr.String())
	}
}

func TestConnectRefusals(t *testing.T) {
	u := newUserApp(t)
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
		in   string
		code int
		want string
	}{
		{"another state", nil, []string{"--paste"}, "REDIRECT?code=good-code&state=guess\n", exitFailed, "does not belong to this attempt"},
		{"nothing pasted", nil, []string{"--paste"}, "", exitFailed, "nothing was pasted"},
		{"nobody comes", nil, []string{"--timeout", "50ms"}, "", exitFailed, "nobody consented within 50ms"},
		{"no time", nil, []string{"--timeout", "0s"}, "", exitUsage, "not a time to wait"},
		{"redirect elsewhere", map[string]string{"ZOOMWARD_REDIRECT_URL": "http://example.com:80/x"}, nil, "", exitUsage, "must be this machine"},
		{"redirect by https", map[string]string{"ZOOMWARD_REDIRECT_URL": "https://127.0.0.1:80/x"}, nil, "", exitUsage, "is not a URL such as"},
		{"redirect without a port", map[string]string{"ZOOMWARD_REDIRECT_URL": "http://127.0.0.1/x"}, nil, "", exitUsage, "is not a URL such as"},
		{"kind of app", map[string]string{"ZOOMWARD_APP": "jwt"}, nil, "", exitUsage, "is not one of server_to_server, user_managed"},
		{"paste without consent", map[string]string{"ZOOMWARD_APP": appServerToServer, "ZOOM_ACCOUNT_ID": "x"}, []string{"--paste"}, "", exitUsage, "--paste is for"},
		{"no credentials", map[string]string{"ZOOM_CLIENT_ID": ""}, nil, "", exitUsage, "credentials missing: ZOOM_CLIENT_ID\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := u.env(t)
			for k, v := range tt.env {
				env[k] = v
			}
			c := startConnect(t, env, strings.NewReader(strings.ReplaceAll(tt.in, "REDIRECT", env["ZOOMWARD_REDIRECT_URL"])), tt.args...)
			if err := <-c.done; exitCode(err) != tt.code || !strings.Contains(c.stderr.String(), tt.want) {
				t.Errorf("code %d: %s", exitCode(err), c.stderr.String())
			}
			if _, err := os.Stat(env["ZOOMWARD_DB"] + ".tokens"); !errors.Is(err, fs.ErrNotExist) {
				t.Error("tokens were stored")
			}
		})
	}
	if _, err := listenAddress(defaultRedirectURL); err != nil {
		t.Error(err)
	}
	if got, err := listenAddress("http://localhost:1234"); err != nil || got != "127.0.0.1:1234" {
		t.Errorf("%s %v", got, err)
	}
}

// A run without a consent is refused with what to do, and Zoom is not asked.
func TestRunWithoutConsent(t *testing.T) {
	u := newUserApp(t)
	env := u.env(t)
	var out, errs lines
	err := run(context.Background(), []string{"ingest"}, environ(env), nil, &out, &errs)
	if exitCode(err) != exitFailed || !strings.Contains(errs.String(), "connect again (zoomward connect)") {
		t.Errorf("%v: %s", err, errs.String())
	}
}
