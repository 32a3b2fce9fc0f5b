package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/store"
)

// A report takes the worst verdict of its findings, and the exit code follows it.
func TestHealthReport(t *testing.T) {
	says := func(f ...finding) func(context.Context, *patient) []finding {
		return func(context.Context, *patient) []finding { return f }
	}
	for _, tt := range []struct {
		name    string
		all     []examination
		verdict verdict
		code    int
		message string
	}{
		{"all well", []examination{{"config", says(ok("x"))}, {"disk", says(skipped("x"))}}, verdictOK, exitDone, ""},
		{"nothing to look at", []examination{{"disk", says(skipped("x"))}}, verdictSkipped, exitDone, ""},
		{"a warning", []examination{{"config", says(ok("x"))}, {"disk", says(warn("x"), ok("x"))}}, verdictWarn, exitDone, ""},
		{"failures", []examination{{"config", says(warn("x"))}, {"disk", says(fail("x"), fail("x"))}, {"geo", says(fail("x"))}}, verdictFail, exitFailed, "what fails: disk, geo"},
		{"configuration", []examination{{"config", says(warn("x"), fail("x"))}, {"disk", says(fail("x"))}}, verdictFail, exitUsage, "what fails: config, disk"},
	} {
		rep := examine(t.Context(), nil, tt.all)
		err := rep.outcome()
		if rep.Verdict != tt.verdict || exitCode(err) != tt.code || err != nil && err.Error() != tt.message {
			t.Errorf("%s: %s, %v", tt.name, rep.Verdict, err)
		}
	}
}

func TestHealthReportIsPrinted(t *testing.T) {
	rep := healthReport{verdictWarn, []finding{
		{"disk", verdictOK, "80 GB", ""}, {"disk", verdictWarn, "\x1b[2Jhostile <b>", "make room"}, {"lock", verdictOK, "", ""},
	}}
	var out bytes.Buffer
	if err := rep.print(&out); err != nil {
		t.Fatal(err)
	}
	const want = `CHECK  VERDICT  SEEN
disk   ok       80 GB
       warn     \u001b[2Jhostile <b>
                -> make room
lock   ok       -
`
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	out.Reset()
	if err := rep.printJSON(&out); err != nil {
		t.Fatal(err)
	}
	const wantJSON = `{"verdict":"warn","findings":[{"check":"disk","verdict":"ok","seen":"80 GB"},` +
		`{"check":"disk","verdict":"warn","seen":"\u001b[2Jhostile <b>","advice":"make room"},{"check":"lock","verdict":"ok","seen":""}]}` + "\n"
	if d := cmp.Diff(wantJSON, out.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Every check has a name of its own, and says something of the barest patient: no configuration, no database, no answer.
func TestExaminationsOfNothing(t *testing.T) {
	a := &app{getenv: environ(nil), cfg: Config{}, wall: time.Now}
	p := &patient{app: a, noDB: checkDatabase(&a.cfg), zoom: zoomFacts{silent: errNotSetUp}, disks: fakeDisks(5e9, nil)}
	p.cfg.Plan = "pro"
	seen := map[string]bool{}
	for _, e := range examinations() {
		found := e.look(t.Context(), p)
		if seen[e.name] || len(found) == 0 {
			t.Errorf("%s: %v", e.name, found)
		}
		seen[e.name] = true
		for _, f := range found {
			if f.Seen == "" || f.Verdict == "" || f.Verdict == verdictFail && e.name != checkConfigName {
				t.Errorf("%s: %+v", e.name, f)
			}
		}
	}
}

func fakeDisks(free uint64, writable error) disks {
	return disks{func(string) (uint64, error) { return free, nil }, func(string) error { return writable }}
}

// doctor runs the command in this process.
func doctor(t *testing.T, env map[string]string, args ...string) (rep healthReport, said string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), append([]string{"doctor", "--json"}, args...), environ(env), strings.NewReader(""), &out, &errs)
	if out.Len() > 0 {
		if jerr := json.Unmarshal(out.Bytes(), &rep); jerr != nil {
			t.Fatalf("%v: %s", jerr, out.String())
		}
	}
	return rep, out.String() + errs.String(), err
}

// of returns the first finding of a check.
func (r healthReport) of(check string) finding {
	if i := slices.IndexFunc(r.Findings, func(f finding) bool { return f.Check == check }); i >= 0 {
		return r.Findings[i]
	}
	return finding{}
}

// Doctor spends one token and one medium call, none of a report, changes nothing on disk, and shows no secret.
func TestDoctorIsCheapAndDiscreet(t *testing.T) {
	var calls []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/oauth/token" {
			_, _ = w.Write([]byte(`{"access_token":"live-access","token_type":"bearer","expires_in":3599,"scope":"user:read:admin report:read:admin"}`))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"code":1010,"message":"what about live-access?"}`))
	}))
	defer web.Close()
	dir := t.TempDir()
	env := map[string]string{
		"ZOOM_ACCOUNT_ID": "a", "ZOOM_CLIENT_ID": "c", "ZOOM_CLIENT_SECRET": "top-secret", "ZOOMWARD_API_URL": web.URL + "/v2", "ZOOMWARD_OAUTH_URL": web.URL,
		"ZOOMWARD_DB": filepath.Join(dir, "sub", "z.duckdb"),
	}
	rep, said, err := doctor(t, env, "--log-level", "debug")
	if f := rep.of("token"); exitCode(err) != exitFailed || f.Verdict != verdictFail || !strings.HasPrefix(f.Seen, "Refused: ") {
		t.Errorf("%v: %s", err, said)
	}
	if d := cmp.Diff([]string{"/oauth/token", "/v2/users"}, calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	for _, secret := range []string{"top-secret", "live-access"} {
		if strings.Contains(said, secret) {
			t.Errorf("%s is shown: %s", secret, said)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

// A server that takes the connection and says nothing is given up, and the rest is looked at all the same.
func TestDoctorDoesNotWaitForEver(t *testing.T) {
	over := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer web.Close()
	defer close(over)
	a := &app{getenv: environ(nil), log: discardLog, wall: time.Now, cfg: Config{
		AccountID: "a", ClientID: "c", ClientSecret: secretOf("s"), APIURL: web.URL, OAuthURL: web.URL, Plan: "pro", App: appServerToServer, DB: filepath.Join(t.TempDir(), "z.duckdb"),
	}}
	p := &patient{app: a, zoom: a.askZoom(t.Context(), 50*time.Millisecond)}
	f := lookToken(t.Context(), p)[0]
	if f.Verdict != verdictFail || !strings.HasPrefix(f.Seen, "Unreachable: no usable answer within 50ms") {
		t.Errorf("%+v", f)
	}
	if f := lookQuota(t.Context(), p)[0]; f.Verdict != verdictOK || !strings.HasPrefix(f.Seen, "30000 of 30000 ") {
		t.Errorf("%+v", f)
	}
}

// What a user-managed app wants is told without asking Zoom, by doctor and by status.
func TestConsentState(t *testing.T) {
	asked := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; w.WriteHeader(http.StatusNotFound) }))
	defer web.Close()
	const good = `{"zoomward_tokens":1,"access_token":"live-access","refresh_token":"live-refresh","scopes":[],"api_url":"","expires_at":"2100-01-01T00:00:00Z"}`
	master := filepath.Join(t.TempDir(), "z.duckdb")
	publishEmpty(t, master)
	for _, tt := range []struct {
		name, text string
		mode       os.FileMode
		state      string
		says       string
	}{
		{"missing", "", 0, "connect_again", "there are no tokens of a consent"},
		{"damaged", `{"zoomward_tokens":1,"access`, 0o600, "connect_again", "damaged"},
		{"without a refresh token", strings.Replace(good, "live-refresh", "", 1), 0o600, "connect_again", "damaged"},
		{"read by others", good, 0o644, "refused", "chmod 600"},
		{"good", good, 0o600, "stored", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "z.duckdb")
			copyFile(t, master, db)
			if tt.mode != 0 {
				if err := os.WriteFile(tokensPath(db), []byte(tt.text), tt.mode); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(tokensPath(db), tt.mode); err != nil { // whatever the umask
					t.Fatal(err)
				}
			}
			env := map[string]string{"ZOOMWARD_APP": appUserManaged, "ZOOM_CLIENT_ID": "c", "ZOOM_CLIENT_SECRET": "top-secret", "ZOOMWARD_API_URL": web.URL, "ZOOMWARD_OAUTH_URL": web.URL, "ZOOMWARD_DB": db}
			var out, errs bytes.Buffer
			_ = run(t.Context(), []string{"status", "--json"}, environ(env), nil, &out, &errs) // there was no run yet
			var rep statusReport
			if err := json.Unmarshal(out.Bytes(), &rep); err != nil || rep.Consent == nil || rep.Consent.State != tt.state || !strings.Contains(rep.Consent.Message, tt.says) {
				t.Errorf("%v: %s", err, out.String())
			}
			out.Reset()
			_ = run(t.Context(), []string{"status"}, environ(env), nil, &out, &errs)
			if strings.Contains(out.String(), "(zoomward connect)") != (tt.state == "connect_again") || tt.says != "" && !strings.Contains(out.String(), tt.says) {
				t.Errorf("status says %s", out.String())
			}
			if asked != 0 {
				t.Fatalf("status asked Zoom")
			}
			health, said, _ := doctor(t, env)
			f := health.of("token")
			if tt.state == "stored" {
				if asked == 0 {
					t.Error("doctor did not ask Zoom")
				}
			} else if asked != 0 || f.Verdict != verdictFail || !strings.Contains(f.Seen, tt.says) || tt.state == "connect_again" && !strings.Contains(f.Advice, "zoomward connect") {
				t.Errorf("asked %d times: %+v", asked, f)
			}
			for _, secret := range []string{"top-secret", "live-access", "live-refresh"} {
				if strings.Contains(said+out.String()+errs.String(), secret) {
					t.Errorf("%s is shown", secret)
				}
			}
		})
	}
	env := map[string]string{"ZOOMWARD_APP": appUserManaged, "ZOOMWARD_DB": filepath.Join(t.TempDir(), "z.duckdb")}
	var out, errs bytes.Buffer
	if err := run(t.Context(), []string{"status"}, environ(env), nil, &out, &errs); exitCode(err) != exitFailed || !strings.Contains(errs.String(), "connect again") {
		t.Errorf("without a database: %s", errs.String())
	}
}

// publishEmpty publishes a database without a run.
func publishEmpty(t *testing.T, path string) {
	t.Helper()
	db, err := store.Open(t.Context(), workPath(path), store.Options{AppVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Publish(t.Context(), path), db.Close()); err != nil {
		t.Fatal(err)
	}
}
