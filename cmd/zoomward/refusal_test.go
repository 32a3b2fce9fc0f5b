package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRefusedRuns lets runs fail at the door, in whole or in part, where earlier ones worked: each says why in one sentence, ends with the code of the contract,
// and takes nothing away of what had landed.
func TestRefusedRuns(t *testing.T) {
	const (
		report  = "report:read:admin"
		account = "account:read:admin"
		user    = "user:read:admin"
	)
	others := []string{"role:read:admin", "group:read:admin", "chat_channel:read:admin", "recording:read:admin", "marketplace_app:read:admin", "dashboard_meetings:read:admin", "meeting:read:admin", "phone:read:admin"}
	with := func(scopes ...string) []string { return slices.Concat(others, scopes) }
	// Posture is judged from what the run could read: without the scope its verdicts are unknown.
	lasting := []string{"activities", "operations", "users", "settings", "observations", "baselines", "user_days", "behaviors", "alerts", "user_risk"}
	s, first := simulate(t, simSeed), t.TempDir()
	s.mustRun(t, first, simEnd)
	want := published(t, first).whole(t)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://127.0.0.1:" + port
	unknown := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(unknown, []byte("plan: none\nalerts:\n  fdrr: 0.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		scopes []string
		env    []string
		code   int
		says   []string // parts of the one sentence
		hint   string
		failed []string // feeds that say that they were not read
	}{
		{"no report scope", with(account, user), nil, exitPartial,
			[]string{"some feeds were not read", "activities: not_authorised", "operations: not_authorised", "add " + report}, "",
			[]string{"activities", "operations", "history_meetings", "remote_support", "telephone", "daily"}},
		{"no account scope", with(report, user), nil, exitPartial,
			[]string{"some feeds were not read", "settings: not_authorised", "add " + account}, "", []string{"settings", "domains"}},
		{"no user scope", with(report, account), nil, exitPartial,
			[]string{"some feeds were not read", "users: not_authorised", "add " + user}, "", []string{"users"}},
		{"wrong secret", nil, []string{"ZOOM_CLIENT_SECRET=another-secret-value"}, exitFailed, []string{"ingest: zoom rejects the credentials"}, "hint: zoomward connect", nil},
		{"unreachable host", nil, []string{"ZOOMWARD_API_URL=" + nobody + "/v2", "ZOOMWARD_OAUTH_URL=" + nobody}, exitFailed,
			[]string{"ingest: zoom does not answer", "connection refused"}, "hint: zoomward connect", nil},
		{"unknown key", nil, []string{"ZOOMWARD_CONFIG=" + unknown}, exitUsage, []string{"line 3", "unknown key alerts.fdrr"}, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := copyDir(t, first)
			s.grant(t, tt.scopes)
			defer s.grant(t, nil)
			cmd := s.runCommand(t, dir, simEnd)
			cmd.Env = append(cmd.Env, tt.env...)
			code, said := finish(t, cmd)
			text := sentences(said)
			// A scope that is gone is a control that holds no more: the run may say so, and how many.
			text = slices.DeleteFunc(text, func(line string) bool { return strings.HasPrefix(line, "zoomward: posture: ") })
			t.Log(strings.Join(text, "\n"))
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			lines := 1
			if tt.hint != "" {
				lines++
			}
			if len(text) != lines || !strings.HasPrefix(text[0], "zoomward: ") || !strings.HasPrefix(text[len(text)-1], tt.hint) {
				t.Fatalf("not one sentence and then %q: %q", tt.hint, text)
			}
			for _, part := range tt.says {
				if !strings.Contains(text[0], part) {
					t.Errorf("%q is not in: %s", part, text[0])
				}
			}
			if strings.Contains(said, "secret-value") {
				t.Error("the secret is in the output")
			}
			got := published(t, dir)
			for _, feed := range got["meta.feeds"] {
				name, ok := strings.CutPrefix(feed, "{'feed': ")
				name, _, _ = strings.Cut(name, ",")
				if refused := !strings.Contains(feed, "'state': ok"); !ok || refused != slices.Contains(tt.failed, name) {
					t.Errorf("feed: %s", feed)
				}
			}
			if d := difference(got, want, lasting...); d != "" {
				t.Errorf("what had landed changed:\n%s", d)
			}
			s.grant(t, nil)
			s.mustRun(t, dir, simEnd)
			if d := difference(published(t, dir), want, append(lasting, "meta.feeds")...); d != "" {
				t.Errorf("let in again, the run does not end as one that was never refused:\n%s", d)
			}
		})
	}
}
