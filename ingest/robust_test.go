package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

// Where the tests of this file run more than they do by default: ZOOMWARD_TEST_SCHEDULES fault schedules, ZOOMWARD_TEST_KILLS kills.
func atLeast(t *testing.T, variable string, usual int) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv(variable))
	if err != nil || n < usual {
		n = usual
	}
	if testing.Short() {
		n = min(n, 2)
	}
	return n
}

// contents returns every row of every table that feeds land in, one text a table, without what says when and by which run it landed.
func contents(t testing.TB, db *store.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for table := range landedRows(t, db) {
		if table == "setting_versions" || table == "setting_readings" || table == "group_setting_versions" || table == "meeting_participants" || table == "versions" {
			continue // versions tell when something was read; a view refused for a while leaves a version, and every run a reading; the dashboard shut for a while sends for participants elsewhere: below
		}
		var rows struct {
			Text []string `col:"text"`
		}
		var columns struct {
			Name []string `col:"column_name"`
		}
		// A row that a fault repeats within a page looks like two events that nothing tells apart: it lands once, with a higher count.
		if err := db.Read(t.Context(), &columns, `SELECT column_name FROM duckdb_columns() WHERE schema_name = 'ingest' AND table_name = '`+table+`'
			AND column_name NOT IN ('batch', 'run_id', 'first_seen_at', 'status_changed_at', 'via_user_id', 'repeats') ORDER BY column_index`); err != nil {
			t.Fatal(err)
		}
		list := `"` + strings.Join(columns.Name, `", "`) + `"`
		if err := db.Read(t.Context(), &rows, `SELECT to_json(r)::VARCHAR AS text FROM (SELECT `+list+` FROM ingest.`+table+`) AS r ORDER BY 1`); err != nil {
			t.Fatal(err)
		}
		out[table] = strings.Join(rows.Text, "\n")
	}
	var rows struct {
		Text []string `col:"text"`
	}
	if err := db.Read(t.Context(), &rows, `SELECT concat_ws(' ', path, value, locked) AS text FROM main.settings ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	out["settings"] = strings.Join(rows.Text, "\n")
	return out
}

// smallCompany is an account whose every feed holds rows and is read within a second.
func smallCompany(t testing.TB) *zoomtest.Company {
	t.Helper()
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 5, Users: 20, Days: 6, End: companyNow})
	if err != nil {
		t.Fatal(err)
	}
	return company
}

const smallDays = 6

func serve(t testing.TB, company *zoomtest.Company) *zoomtest.Server {
	t.Helper()
	server, err := zoomtest.NewServer(company, zoomtest.ServerOptions{AccountID: "account", ClientID: "client", ClientSecret: "secret", AsOf: companyNow, NoLimits: true, Plan: "business"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

func clientOf(url string) (*zoom.Client, error) {
	return zoom.New(zoom.Config{AccountID: "account", ClientID: "client", ClientSecret: zoom.NewSecret("secret"), APIURL: url + "/v2", OAuthURL: url, Plan: zoom.PlanNone,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
}

func ingestAll(ctx context.Context, db *store.DB, url string, now time.Time) (ingest.Report, error) {
	client, err := clientOf(url)
	if err != nil {
		return ingest.Report{}, err
	}
	return ingest.Run(ctx, ingest.Options{DB: db, Client: client, Now: now, RunID: "r", BackfillDays: smallDays})
}

// Whatever goes wrong on the way, in whatever order, and however often: once Zoom answers again, the tables hold what the account holds, no row twice, none missing.
func TestFaultSchedules(t *testing.T) {
	company := smallCompany(t)
	calm := serve(t, company)
	undisturbed := &simulated{}
	undisturbed.fresh(t)
	if rep, err := ingestAll(t.Context(), undisturbed.db, calm.URL, companyNow); err != nil || rep.Partial() {
		t.Fatalf("%+v, %v", rep, err)
	}
	want := contents(t, undisturbed.db)
	checkTruth(t, undisturbed.db, company)
	server := serve(t, company)
	hurt := map[string]int{}
	schedules := atLeast(t, "ZOOMWARD_TEST_SCHEDULES", 4)
	for seed := range uint64(schedules) {
		s := &simulated{}
		s.fresh(t)
		faults := zoomtest.RandomFaults(seed)
		if err := server.SetFaults(&faults); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			rep, err := ingestAll(t.Context(), s.db, server.URL, companyNow)
			var conn *ingest.ConnectionError
			switch {
			case errors.As(err, &conn):
				hurt["connection"]++
			case err != nil:
				t.Fatalf("schedule %d: %v", seed, err)
			case rep.Partial():
				hurt["partial"]++
			default:
				hurt["whole"]++
			}
		}
		if err := server.SetFaults(nil); err != nil {
			t.Fatal(err)
		}
		// Hours later what failed is due again, and what came late is there. Nothing happened meanwhile, for the account ends here.
		var rep ingest.Report
		for range 3 {
			var err error
			if rep, err = ingestAll(t.Context(), s.db, server.URL, companyNow.Add(7*time.Hour)); err != nil {
				t.Fatalf("schedule %d: %v", seed, err)
			}
			if !rep.Partial() {
				break
			}
		}
		if rep.Partial() {
			t.Errorf("schedule %d: %+v", seed, rep)
		}
		if d := cmp.Diff(want, contents(t, s.db)); d != "" {
			t.Fatalf("schedule %d (-undisturbed +got):\n%.3000s", seed, d)
		}
	}
	t.Logf("runs under faults: %v", hurt)
	if hurt["connection"]+hurt["partial"] == 0 && schedules >= 4 {
		t.Error("no fault ever struck")
	}
}

// checkTruth compares what landed with what the account holds, asked of its generator and not of its API.
func checkTruth(t *testing.T, db *store.DB, company *zoomtest.Company) {
	t.Helper()
	first := companyNow.AddDate(0, 0, -smallDays).Truncate(24 * time.Hour)
	meetings, recordings := map[string]bool{}, 0
	for d := first; !d.After(companyNow); d = d.AddDate(0, 0, 1) {
		for _, m := range company.Meetings(d) {
			meetings[m.UUID] = true
		}
		recordings += len(company.Recordings(d))
	}
	count := func(query string) int {
		var n int
		if err := db.Row(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for name, c := range map[string]struct{ got, want int }{
		"meetings":   {count(`SELECT count(*) FROM main.meetings`), len(meetings)},
		"recordings": {count(`SELECT count(*) FROM main.recordings`), recordings},
		"roles":      {count(`SELECT count(*) FROM main.roles WHERE removed_at IS NULL`), len(company.Roles())},
		"groups":     {count(`SELECT count(*) FROM main.groups WHERE removed_at IS NULL`), len(company.Groups())},
		"channels":   {count(`SELECT count(*) FROM main.chat_channels WHERE removed_at IS NULL`), len(company.Channels())},
		"im_groups":  {count(`SELECT count(*) FROM main.im_groups WHERE removed_at IS NULL`), len(company.IMGroups())},
		"domains":    {count(`SELECT count(*) FROM main.domains WHERE removed_at IS NULL`), len(company.ManagedDomains()) + len(company.TrustedDomains())},
	} {
		if c.got != c.want || c.want == 0 {
			t.Errorf("%d %s landed, the account has %d", c.got, name, c.want)
		}
	}
}

const childURL = "ZOOMWARD_TEST_CHILD_URL"

// TestMain lets the tests start this program again as one that ingests and nothing else, so that it can be killed.
func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := ingestChild(url, os.Getenv("ZOOMWARD_TEST_CHILD_DB")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func ingestChild(url, path string) (err error) {
	db, err := store.Open(context.Background(), path, store.Options{Threads: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = ingestAll(context.Background(), db, url, companyNow)
	return err
}

// Killed at any moment, again and again, the ingestor goes on where it was: in the end the tables are those of an undisturbed run.
func TestIngestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("whole runs as child processes")
	}
	server := serve(t, smallCompany(t))
	child := func(path string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childURL+"="+server.URL, "ZOOMWARD_TEST_CHILD_DB="+path)
		cmd.Stderr = os.Stderr
		return cmd
	}
	dump := func(path string) map[string]string {
		db, err := store.Open(t.Context(), path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		return contents(t, db)
	}
	calm := filepath.Join(t.TempDir(), "calm.duckdb")
	start := time.Now()
	if err := child(calm).Run(); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(start)
	want := dump(calm)
	random := rand.New(rand.NewPCG(7, 11))
	kills := 0
	for chain := 0; kills < atLeast(t, "ZOOMWARD_TEST_KILLS", 6); chain++ {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.duckdb", chain))
		for range 1 + random.IntN(5) {
			cmd := child(path)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case err := <-ended:
				if err != nil {
					t.Fatalf("chain %d: %v", chain, err)
				}
			case <-time.After(time.Duration(random.Float64() * float64(whole))):
				_ = cmd.Process.Kill()
				<-ended
				kills++
			}
		}
		if err := child(path).Run(); err != nil {
			t.Fatalf("chain %d: %v", chain, err)
		}
		if d := cmp.Diff(want, dump(path)); d != "" {
			t.Fatalf("chain %d (-undisturbed +got):\n%.3000s", chain, d)
		}
	}
	t.Logf("%d kills; an undisturbed run takes %s", kills, whole.Round(time.Millisecond))
}
