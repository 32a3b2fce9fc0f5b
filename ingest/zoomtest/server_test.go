package zoomtest_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

func TestServerEnv(t *testing.T) {
	srv, err := zoomtest.NewServer(smallAccount(), zoomtest.ServerOptions{AccountID: "a", ClientID: "b", ClientSecret: "c", Plan: "business"})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, []string{
		"ZOOM_ACCOUNT_ID=a", "ZOOM_CLIENT_ID=b", "ZOOM_CLIENT_SECRET=c",
		"ZOOMWARD_API_URL=" + srv.URL + "/v2", "ZOOMWARD_OAUTH_URL=" + srv.URL, "ZOOMWARD_PLAN=business",
	}, srv.Env())
	if !strings.HasPrefix(srv.URL, "http://127.0.0.1:") {
		t.Errorf("URL %s is not on the loopback", srv.URL)
	}
	for range 2 {
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if res, err := http.Get(srv.URL + "/v2/users"); err == nil {
		res.Body.Close()
		t.Error("still answers after Close")
	}
}

func TestServerOnEveryInterfaceIsReachable(t *testing.T) {
	srv, err := zoomtest.NewServer(smallAccount(), zoomtest.ServerOptions{Listen: ":0", NoLimits: true})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	res, err := http.Get(srv.URL + "/v2/users")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("status %d", res.StatusCode)
	}
	if env := srv.Env(); env[len(env)-1] != "ZOOMWARD_PLAN=none" {
		t.Errorf("environment without limits: %s", env[len(env)-1])
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]zoomtest.ServerOptions{
		`unknown plan "gold"`:            {Plan: "gold"},
		"token lifetime":                 {TokenTTL: -1},
		"page token lifetime":            {PageTokenTTL: -1},
		"refresh token lifetime":         {RefreshTTL: -1},
		`redirect URI "/callback"`:       {RedirectURIs: []string{"/callback"}},
		`redirect URI "http://x#y"`:      {RedirectURIs: []string{"http://x#y"}},
		"listen for simulated account: ": {Listen: "nowhere"},
	} {
		srv, err := zoomtest.NewServer(smallAccount(), o)
		if err == nil {
			srv.Close()
			t.Errorf("%s: accepted", name)
		} else if !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := zoomtest.NewHandler(nil, zoomtest.ServerOptions{}); err == nil {
		t.Error("no source: accepted")
	}
	h, err := zoomtest.NewHandler(smallAccount(), zoomtest.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := h.Options()
	seen := map[string]bool{o.AccountID: true, o.ClientID: true, o.ClientSecret: true, "": true}
	if len(seen) != 4 {
		t.Errorf("credentials are not random: %+v", o)
	}
	if o.Plan != "pro" || o.TokenTTL != time.Hour || o.PageTokenTTL != 15*time.Minute {
		t.Errorf("defaults: %+v", o)
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	var log bytes.Buffer
	a := open(t, smallAccount(), zoomtest.ServerOptions{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	a.get("/v2/users?access_token=" + a.token)
	if !strings.Contains(log.String(), "path=/v2/users") {
		t.Errorf("no line for the request: %s", log.String())
	}
	for _, secret := range []string{a.token, testSecret} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("log holds %q", secret)
		}
	}
}

// unspellable is a source whose settings JSON has no spelling for.
type unspellable struct{ rowSource }

func (unspellable) Settings(string) map[string]any { return map[string]any{"x": func() {}} }

func TestUnspellableSettingsAreAServerError(t *testing.T) {
	a := open(t, unspellable{smallAccount()}, zoomtest.ServerOptions{})
	a.get("/v2/accounts/me/settings").is(t, 500, refusal(500, "Internal server error."))
}
