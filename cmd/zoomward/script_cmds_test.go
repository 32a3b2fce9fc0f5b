package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/zoomward/zoomward/store"
)

// exits CODE zoomward ARGS... runs the program and compares its exit code; exec knows only "works" and "fails".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		got = ee.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// holdlock DB holds the lock of a database until the script ends.
func holdLock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: holdlock DB")
	}
	path := ts.MkAbs(args[0]) + ".lock"
	ts.Check(os.WriteFile(path, []byte(`{"pid":4711,"command":"run","since":"2026-01-01T00:00:00Z"}`), 0o600))
	l := flock.New(path)
	ok, err := l.TryLock()
	ts.Check(err)
	if !ok {
		ts.Fatalf("lock %s is held already", path)
	}
	ts.Defer(func() { _ = l.Unlock() })
}

// freePort returns a TCP port that nothing listens on right now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// waitport ADDR waits until something accepts connections there: a program started in the background is another process, so there is nothing to wait on but
// its port.
func waitPort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitport ADDR")
	}
	for range 300 {
		c, err := net.DialTimeout("tcp", args[0], time.Second)
		if err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("nothing listens on %s", args[0])
}

// seed DB fills the working file of a database with a few findings, one of them hostile, and publishes it.
func seed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: seed DB")
	}
	ctx := context.Background()
	path := ts.MkAbs(args[0])
	db, err := store.Open(ctx, workPath(path), store.Options{AppVersion: "test"})
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	for _, q := range []string{
		`INSERT INTO models.alerts BY NAME SELECT 'a1' AS alert_id, 'd' AS detection_id, '=cmd|calc' AS title, 'high' AS severity, 'u00001@example.com' AS user_email,
			TIMESTAMP '2026-03-01 08:00:00' AS window_start, TIMESTAMP '2026-03-01 10:00:00' AS window_end, -1.5 AS score, 0.001 AS p_value,
			'line one' || chr(10) || 'esc ' || chr(27) || '[2J' AS summary, '{"k":[1,2]}' AS evidence, 'T1078.004' AS attack_techniques,
			TIMESTAMP '2026-03-01 08:00:00' AS first_seen_at, TIMESTAMP '2026-03-01 10:00:00' AS last_seen_at, DATE '2026-03-01' AS day`,
		`INSERT INTO models.alerts BY NAME SELECT 'a2' AS alert_id, 'd' AS detection_id, 'later' AS title, 'critical' AS severity, NULL AS user_email,
			TIMESTAMP '2026-03-05 08:00:00' AS window_start, TIMESTAMP '2026-03-05 10:00:00' AS window_end, 2.0 AS score, NULL AS p_value,
			'<b>' AS summary, '{}' AS evidence, NULL AS attack_techniques,
			TIMESTAMP '2026-03-05 08:00:00' AS first_seen_at, TIMESTAMP '2026-03-05 10:00:00' AS last_seen_at, DATE '2026-03-05' AS day`,
		`INSERT INTO models.alert_origins (alert_id, run_id) VALUES ('a1', 'r1'), ('a2', 'r1')`,
		`INSERT INTO models.posture_results BY NAME SELECT 'ZW-1' AS control_id, 'waiting room on' AS title, 'high' AS severity, 'account' AS resource_type, 'me' AS resource_id,
			'fail' AS status, 'false' AS observed, 'true' AS expected, false AS locked, 0.0 AS points, 8.0 AS max_points, TIMESTAMP '2026-03-05' AS changed_at, 'r1' AS run_id`,
		`INSERT INTO models.posture_scores (run_id, at, score, achievable_score, coverage) VALUES ('r1', TIMESTAMP '2026-03-05', 61.5, 100, 82)`,
		`INSERT INTO meta.runs (run_id, command, version, as_of, started_at, finished_at, status) VALUES
			('r1', 'run', 'test', TIMESTAMP '2026-03-05', TIMESTAMP '2026-03-05', TIMESTAMP '2026-03-05 00:01:00', 'done')`,
		`INSERT INTO meta.feeds (feed, state, watermark, last_success_at, rows_landed) VALUES ('activities', 'ok', TIMESTAMP '2026-03-05', TIMESTAMP '2026-03-05', 12)`,
	} {
		_, err := db.Exec(ctx, q)
		ts.Check(err)
	}
	ts.Check(db.Publish(ctx, path))
}

// sqlinto DB FILE runs the statements of a file, each ending with a line that ends in ;, in the working file of a database and publishes it.
func sqlInto(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sqlinto DB FILE")
	}
	ctx := context.Background()
	path := ts.MkAbs(args[0])
	db, err := store.Open(ctx, workPath(path), store.Options{AppVersion: "test"})
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	for q := range strings.SplitSeq(ts.ReadFile(args[1]), ";\n") {
		if strings.TrimSpace(q) != "" {
			_, err := db.Exec(ctx, q)
			ts.Check(err)
		}
	}
	ts.Check(db.Publish(ctx, path))
}

// failrun DB notes a failed run in the working file alone, as a run leaves it that failed before publishing.
func failRun(ts *testscript.TestScript, neg bool, args []string) {
	noteRun(ts, neg, args, "failed", "token rejected")
}

// killrun DB notes a run without an end in the working file, as a run leaves it that was killed.
func killRun(ts *testscript.TestScript, neg bool, args []string) {
	noteRun(ts, neg, args, "running", "")
}

// donerun DB notes a run that is done in the working file alone, as a run leaves it that could not publish.
func doneRun(ts *testscript.TestScript, neg bool, args []string) { noteRun(ts, neg, args, "done", "") }

func noteRun(ts *testscript.TestScript, neg bool, args []string, status, message string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: failrun DB, killrun DB, donerun DB")
	}
	ctx := context.Background()
	db, err := store.Open(ctx, workPath(ts.MkAbs(args[0])), store.Options{AppVersion: "test"})
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	_, err = db.Exec(ctx, `INSERT INTO meta.runs (run_id, command, version, as_of, started_at, status, error) VALUES
		('r2', 'run', 'test', TIMESTAMP '2026-03-06', TIMESTAMP '2026-03-06', ?, nullif(?, ''))`, status, message)
	ts.Check(err)
}

// rowsof STATUS OUT writes the row counts of a `status --json` alone, without times and sizes.
func rowsOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: rowsof STATUS OUT")
	}
	var rep statusReport
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &rep))
	out := fmt.Sprintln(rep.Rows, rep.OpenAlerts)
	for _, f := range rep.Feeds {
		out += fmt.Sprintln(f.Feed, f.State, f.RowsLanded)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out), 0o600))
}

// mode OCTAL FILE compares the permissions of a file.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// waitfile PATH waits until a file exists that a program in the background makes.
func waitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfile PATH")
	}
	for range 300 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s does not appear", args[0])
}

// expand FILE replaces $NAME in a file by the script's variables.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}

// alertof DB DETECTION NAME puts the id of the first alert of a detection into a variable.
func alertOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: alertof DB DETECTION NAME")
	}
	ctx := context.Background()
	db, err := store.Open(ctx, ts.MkAbs(args[0]), store.Options{ReadOnly: true})
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	var id string
	ts.Check(db.Row(ctx, `SELECT alert_id FROM alerts WHERE detection_id = ? ORDER BY first_seen_at LIMIT 1`, args[1]).Scan(&id))
	ts.Setenv(args[2], id)
}

// codeof ADDRESS CODE writes the code out of an address that a browser was sent back to.
func codeOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: codeof ADDRESS CODE")
	}
	u, err := url.Parse(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(u.Query().Get("code")+"\n"), 0o600))
}
