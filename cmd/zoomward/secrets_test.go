package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

// What is planted. Neither is of the shape by which the program hides words that look like tokens, so that only what it keeps decides.
const (
	plantedPasscode = "Plant7Pass"
	plantedToken    = "plant.token.41"
)

// planter puts a passcode and a token into every object of every answer of the API, under new names and in place of every text that has the name of a secret.
type planter struct {
	http.Handler
	mu     sync.Mutex
	served map[string]int // answers by path without ids
}

var idSegment = regexp.MustCompile(`/(users|groups|meetings|roles|channels)/[^/]+`)

func (p *planter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	p.Handler.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if strings.HasPrefix(r.URL.Path, "/v2/") && answer.Code == http.StatusOK && decoder.Decode(&tree) == nil {
		plant(tree)
		if planted, err := json.Marshal(tree); err == nil {
			body = planted
			p.mu.Lock()
			p.served[idSegment.ReplaceAllString(strings.TrimPrefix(r.URL.Path, "/v2"), "/$1/{}")+" "+r.URL.Query().Get("option")]++
			p.mu.Unlock()
		}
	}
	maps.Copy(w.Header(), answer.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body)
}

func plant(v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			plant(x)
		}
	case map[string]any:
		for key, x := range v {
			plant(x)
			if _, isText := x.(string); !isText || key == "next_page_token" {
				continue
			}
			switch {
			case strings.Contains(key, "token") || strings.Contains(key, "zak") || strings.Contains(key, "secret"):
				v[key] = plantedToken
			case strings.Contains(key, "password") || strings.Contains(key, "passcode") || strings.Contains(key, "host_key"):
				v[key] = plantedPasscode
			case strings.HasSuffix(key, "_url"):
				v[key] = "https://zoom.us/j/1?pwd=" + plantedPasscode
			}
		}
		for _, key := range []string{"passcode", "default_password", "pmi_password"} {
			v[key] = plantedPasscode
		}
		for _, key := range []string{"authorized_channel_token", "access_token"} {
			v[key] = plantedToken
		}
	}
}

// Passcodes and tokens that Zoom sends are nowhere in what the program writes: its databases, its exports, its log, what it prints.
func TestNoSecretIsKept(t *testing.T) {
	s := simulate(t, simSeed)
	p := &planter{Handler: s.handler, served: map[string]int{}}
	s.handler = p
	s.env = append(s.env, "ZOOMWARD_LOG_LEVEL=debug", "ZOOMWARD_INGEST_BACKFILL_DAYS=20",
		"ZOOMWARD_INGEST_SKIP=meeting_activities,dashboard_meetings,dashboard_participants,meeting_participants,remote_support,telephone,daily,hosts,user_meetings")
	dir := t.TempDir()
	var printed bytes.Buffer
	for _, args := range [][]string{
		{"run", "--as-of", simEnd.Format(time.RFC3339)}, {"posture", "--format", "csv"}, {"posture", "--format", "json"}, {"posture", "--format", "table"}, {"status", "--json"}, {"doctor"},
		{"export", "--dir", filepath.Join(dir, "exports"), "--format", "csv,json,ndjson"},
	} {
		cmd := s.command(t, dir, args...)
		cmd.Stdout = &printed
		code, said := finish(t, cmd)
		printed.WriteString(said)
		if args[0] == "run" && code != exitDone {
			t.Fatalf("%v: exit code %d\n%s", args, code, said)
		}
	}
	for _, path := range []string{
		"/accounts/me/settings ", "/accounts/me/settings security", "/accounts/me/settings meeting_security", "/accounts/me/settings meeting_authentication",
		"/accounts/me/settings recording_authentication", "/accounts/me/lock_settings ", "/groups/{}/settings ", "/groups/{}/settings meeting_security", "/groups/{}/settings meeting_authentication",
		"/groups/{}/lock_settings ", "/users/{}/settings ", "/users/{}/settings meeting_security", "/users/{} ", "/users/{}/meetings ", "/users/{}/assistants ", "/meetings/{} ",
		"/meetings/{}/recordings/settings ", "/users/{}/recordings ", "/phone/account_settings ", "/users ", "/roles ", "/marketplace/apps ", "/chat/channels ",
	} {
		if p.served[path] == 0 {
			t.Errorf("no answer of %s was asked for: there are %v", path, slices.Sorted(maps.Keys(p.served)))
		}
	}
	written := everythingIn(t, dir)
	written["what was printed"] = printed.String()
	secrets := []string{plantedPasscode, plantedToken, zoomtest.ArchivePasscode, zoomtest.ArchiveToken, zoomtest.RoomPasscode, zoomtest.RecordingPasscode}
	for where, text := range written {
		for _, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s holds %s: ...%s...", where, secret, text[max(0, at-120):min(len(text), at+40)])
			}
		}
	}
	// The search finds what is kept: a setting, a user and a meeting to come.
	for _, kept := range []string{"meeting_security.waiting_room", "u00001@" + zoomtest.OwnDomain, "Planned 1", "has_passcode"} {
		found := 0
		for _, text := range written {
			found += strings.Count(text, kept)
		}
		if found == 0 {
			t.Errorf("the search does not find %s, which is kept", kept)
		}
	}
}

// everythingIn returns the bytes of every file below dir, and the rows of every table of the databases among them as text: their files are compressed.
func everythingIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	var databases []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		out[path] = string(raw)
		if len(raw) > 12 && string(raw[8:12]) == "DUCK" {
			databases = append(databases, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(databases) < 2 {
		t.Fatalf("databases: %v, want the published and the working one", databases)
	}
	for _, path := range databases {
		db, err := store.Open(t.Context(), path, store.Options{ReadOnly: true, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		var tables struct {
			Name []string `col:"name"`
		}
		if err := db.Read(t.Context(), &tables, `SELECT schema_name || '."' || table_name || '"' AS name FROM duckdb_tables() WHERE database_name = current_database()`); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables.Name {
			var rows struct {
				Text []string `col:"text"`
			}
			if err := db.Read(t.Context(), &rows, `SELECT r::VARCHAR AS text FROM `+table+` AS r`); err != nil {
				t.Fatal(err)
			}
			out[path+" "+table] = strings.Join(rows.Text, "\n")
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// The test above can fail: what it plants is in the answers, and a kept copy is found.
func TestPlantedSecretsAreServed(t *testing.T) {
	var tree any = map[string]any{"settings": []any{map[string]any{"pmi_password": "1", "join_url": "x", "waiting_room": true}}, "next_page_token": "n"}
	plant(tree)
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), plantedPasscode) != 7 || strings.Count(string(text), plantedToken) != 4 || !strings.Contains(string(text), `"next_page_token":"n"`) {
		t.Errorf("%s", text)
	}
}
