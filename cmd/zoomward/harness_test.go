package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

// The tests of whole runs start this test program again as the command zoomward, against a simulated account in the parent: a process of its own can be killed,
// and be kept out by a lock.

const (
	simUsers = 30
	simDays  = 70
	simSeed  = 3
)

// slowFeeds are those that cost a call for each meeting, group or user, and the dashboard, which answers twenty calls a minute: package ingest tests them all, and whole runs
// would only take longer for them.
const slowFeeds = "meeting_activities,im_groups,dashboard_meetings,dashboard_participants,meeting_participants,group_settings,user_settings,user_channels,channel_members," +
	"hosts,user_meetings,recordings,recording_settings,role_members,user_details,user_assistants,upcoming_meetings,meeting_settings"

// simEnd is the present of the simulated account: a Tuesday afternoon.
var simEnd = time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)

// simulation is a simulated account that can hold its answers back and change what it grants.
type simulation struct {
	env     []string
	source  *lateSource
	options zoomtest.ServerOptions

	mu      sync.Mutex
	handler http.Handler
	gate    chan struct{} // not nil: report requests wait for it to be closed
	held    chan struct{} // closed when the first of them waits
}

// simulate serves a small account with attacks until the test ends.
func simulate(t *testing.T, seed uint64) *simulation {
	t.Helper()
	return simulateCompany(t, zoomtest.Options{Seed: seed, Users: simUsers, Days: simDays, End: simEnd, Attacks: true})
}

// simulateCompany serves a company until the test ends.
func simulateCompany(t *testing.T, o zoomtest.Options) *simulation {
	t.Helper()
	if testing.Short() {
		t.Skip("whole runs take seconds")
	}
	company, err := zoomtest.NewCompany(o)
	if err != nil {
		t.Fatal(err)
	}
	geo, err := writeGeo(company, filepath.Join(t.TempDir(), "simulated.mmdb"))
	if err != nil {
		t.Fatal(err)
	}
	s := &simulation{source: &lateSource{Company: company}, options: zoomtest.ServerOptions{
		AccountID: "account", ClientID: "client", ClientSecret: "very-secret-value", Plan: "business", AsOf: o.End, NoLimits: true,
	}}
	s.grant(t, nil)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.answering(r).ServeHTTP(w, r) }))
	t.Cleanup(func() { s.release(); web.Close() })
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(),
		"ZOOM_ACCOUNT_ID=" + s.options.AccountID, "ZOOM_CLIENT_ID=" + s.options.ClientID, "ZOOM_CLIENT_SECRET=" + s.options.ClientSecret,
		"ZOOMWARD_API_URL=" + web.URL + "/v2", "ZOOMWARD_OAUTH_URL=" + web.URL, "ZOOMWARD_PLAN=none",
		"ZOOMWARD_GEO_FILES=" + geo, "ZOOMWARD_LOG_FORMAT=json",
		// All that the account has; a run as of weeks ago must not ask for what the account of today has forgotten.
		"ZOOMWARD_INGEST_BACKFILL_DAYS=" + strconv.Itoa(simDays+10),
		"ZOOMWARD_INGEST_SKIP=" + slowFeeds,
	}
	return s
}

// A lateSource is an account whose reports of every third user lag behind.
type lateSource struct {
	*zoomtest.Company
	upTo atomic.Int64 // seconds since 1970 from which their rows are not there yet; 0: all are there
}

// Activities implements zoomtest.Source.
func (s *lateSource) Activities(day time.Time) []zoomtest.Activity {
	return slices.DeleteFunc(slices.Clone(s.Company.Activities(day)), func(a zoomtest.Activity) bool { return s.late(a.Email, a.Time) })
}

// Operations implements zoomtest.Source.
func (s *lateSource) Operations(day time.Time) []zoomtest.Operation {
	return slices.DeleteFunc(slices.Clone(s.Company.Operations(day)), func(o zoomtest.Operation) bool { return s.late(o.Operator, o.Time) })
}

func (s *lateSource) late(who, stamp string) bool {
	upTo := s.upTo.Load()
	at, err := time.Parse(time.RFC3339, stamp)
	return upTo != 0 && err == nil && at.Unix() >= upTo && crc32.ChecksumIEEE([]byte(who))%3 == 0
}

// grant gives the app other scopes from now on, nil for all that it needs.
func (s *simulation) grant(t *testing.T, scopes []string) {
	t.Helper()
	o := s.options
	o.Scopes = scopes
	handler, err := zoomtest.NewHandler(s.source, o)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
}

// hold makes report requests wait from now on; the channel is closed once one does.
func (s *simulation) hold() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate, s.held = make(chan struct{}), make(chan struct{})
	return s.held
}

// release lets waiting requests go on.
func (s *simulation) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate != nil {
		close(s.gate)
		s.gate = nil
	}
}

// answering returns who answers a request, once it may be answered.
func (s *simulation) answering(r *http.Request) http.Handler {
	s.mu.Lock()
	handler, gate := s.handler, s.gate
	if !strings.Contains(r.URL.Path, "/report/") {
		gate = nil
	}
	if gate != nil {
		select {
		case <-s.held:
		default:
			close(s.held)
		}
	}
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}
	return handler
}

// dbIn is the published file of the tests' folders.
func dbIn(dir string) string { return filepath.Join(dir, "zoomward.duckdb") }

// command is `zoomward ARGS...` with its database in dir.
func (s *simulation) command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("zoomward") // TestMain put this program there
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = append(slices.Clone(s.env), "ZOOMWARD_DB="+dbIn(dir))
	return cmd
}

func (s *simulation) runCommand(t *testing.T, dir string, asOf time.Time) *exec.Cmd {
	return s.command(t, dir, "run", "--as-of", asOf.Format(time.RFC3339))
}

// mustRun is one run that is not disturbed.
func (s *simulation) mustRun(t *testing.T, dir string, asOf time.Time) {
	t.Helper()
	if code, said := finish(t, s.runCommand(t, dir, asOf)); code != exitDone {
		t.Fatalf("run as of %s: exit code %d\n%s", asOf.Format(time.RFC3339), code, said)
	}
}

// finish runs a command to its end and returns its exit code and what it wrote to stderr.
func finish(t *testing.T, cmd *exec.Cmd) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return exitOf(t, cmd), out.String()
}

func exitOf(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	err := cmd.Wait()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// sentences returns what a command says to a person: the lines of stderr that are no log records.
func sentences(said string) []string {
	var out []string
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "{") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// logRecord is a line of the log.
type logRecord struct {
	Message string `json:"msg"`
	Stage   string `json:"stage"`
}

// follow calls f for every record that a command logs, until it closes its stderr.
func follow(r io.Reader, f func(logRecord)) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var rec logRecord
		if json.Unmarshal(lines.Bytes(), &rec) == nil {
			f(rec)
		}
	}
}

// content is a database as analysts see it: the rows of every view as text, in order, and how far each feed is.
type content map[string][]string

// unlike are the views that have a row for every run.
var unlike = []string{"runs", "posture_score"}

// read reads a published file, without what names runs. It does not fail the test itself, so that it can be called from any goroutine.
func read(ctx context.Context, path string) (content, error) {
	db, err := store.Open(ctx, path, store.Options{ReadOnly: true, Threads: 1})
	if err != nil {
		return nil, err
	}
	out, err := readFrom(ctx, db)
	return out, errors.Join(err, db.Close())
}

func readFrom(ctx context.Context, db *store.DB) (content, error) {
	var columns struct {
		View []string `col:"view"`
		List []string `col:"list"`
	}
	err := db.Read(ctx, &columns, `SELECT table_name AS view, string_agg('"' || column_name || '"', ', ' ORDER BY column_index) AS list
		FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal AND database_name = current_database() AND column_name <> 'run_id' GROUP BY table_name`)
	if err != nil {
		return nil, err
	}
	queries := map[string]string{"meta.feeds": `SELECT feed, state, message, covered_from, watermark, settled_until, rows_landed FROM meta.feeds`}
	for i, v := range columns.View {
		if !slices.Contains(unlike, v) {
			queries[v] = "SELECT " + columns.List[i] + " FROM " + v
		}
	}
	out := content{}
	for view, q := range queries {
		var rows struct {
			Text []string `col:"text"`
		}
		if err := db.Read(ctx, &rows, `SELECT r::VARCHAR AS text FROM (`+q+`) AS r ORDER BY 1`); err != nil {
			return nil, err
		}
		out[view] = rows.Text
	}
	return out, nil
}

// published reads the published file of a folder.
func published(t *testing.T, dir string) content {
	t.Helper()
	c, err := read(t.Context(), dbIn(dir))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// difference says in a few lines in what two contents differ, "" when in nothing. Views that are not named are all compared.
func difference(got, want content, views ...string) string {
	if len(views) == 0 {
		for v := range want {
			views = append(views, v)
		}
		if len(got) != len(want) {
			return "different views"
		}
	}
	var out []string
	for _, v := range slices.Sorted(slices.Values(views)) {
		if _, ok := want[v]; !ok {
			out = append(out, v+": no such view")
		}
		if slices.Equal(got[v], want[v]) {
			continue
		}
		out = append(out, v+": "+cmp.Diff(head(without(want[v], got[v])), head(without(got[v], want[v]))))
	}
	return strings.Join(out, "\n")
}

// without returns the rows of a that are not in b.
func without(a, b []string) (out []string) {
	count := map[string]int{}
	for _, r := range b {
		count[r]++
	}
	for _, r := range a {
		if count[r]--; count[r] < 0 {
			out = append(out, r)
		}
	}
	return out
}

func head(rows []string) []string { return rows[:min(len(rows), 3)] }

// whole checks that there is something to compare: a test that compares nothing with nothing cannot fail.
func (c content) whole(t *testing.T) content {
	t.Helper()
	for _, v := range []string{"activities", "operations", "users", "settings", "observations", "baselines", "user_days", "behaviors", "alerts", "user_risk", "posture", "meta.feeds"} {
		if len(c[v]) == 0 {
			t.Fatalf("no rows in %s", v)
		}
	}
	return c
}

// copyDir copies the files of a folder into a new one: a state to start from again and again.
func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue // exports are written anew
		}
		raw, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), raw, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// lastRunOf reads the last run of a published file.
func lastRunOf(t *testing.T, dir string) (status string, landed map[string]int64, runs int) {
	t.Helper()
	db, err := store.Open(t.Context(), dbIn(dir), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var stages string
	err = db.Row(t.Context(), `SELECT status, stages, (SELECT count(*) FROM meta.runs) FROM meta.runs ORDER BY started_at DESC, rowid DESC LIMIT 1`).Scan(&status, &stages, &runs)
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Ingest struct {
			Figures struct {
				Feeds []struct {
					Feed   string `json:"feed"`
					Landed int64  `json:"landed"`
				} `json:"feeds"`
			} `json:"figures"`
		} `json:"ingest"`
	}
	if err := json.Unmarshal([]byte(stages), &figures); err != nil {
		t.Fatal(err)
	}
	landed = map[string]int64{}
	for _, f := range figures.Ingest.Figures.Feeds {
		landed[f.Feed] = f.Landed
	}
	return status, landed, runs
}
