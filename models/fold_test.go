package models

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// landedActivities and landedOperations are rows as the ingestor lands them.
type landedActivities struct {
	ID      []string    `col:"activity_id"`
	Email   []string    `col:"user_email"`
	At      []time.Time `col:"occurred_at"`
	Kind    []string    `col:"kind"`
	IP      []string    `col:"ip_address"`
	Prefix  []string    `col:"ip_prefix"`
	Country []string    `col:"country_code"`
	ASN     []int64     `col:"asn"`
	Client  []string    `col:"client_type"`
	Version []string    `col:"client_version"`
	Batch   []int64     `col:"batch"`
	Run     []string    `col:"run_id"`
}

type landedOperations struct {
	ID       []string    `col:"operation_id"`
	Email    []string    `col:"operator"`
	At       []time.Time `col:"occurred_at"`
	Category []string    `col:"category"`
	Action   []string    `col:"action"`
	Detail   []string    `col:"detail"`
	Batch    []int64     `col:"batch"`
	Run      []string    `col:"run_id"`
}

var epoch = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // a Monday

// fill lands events of made-up users: each has hours, actions, networks and a client of his own.
func fill(t testing.TB, db *store.DB, users, days, perDay int) time.Time {
	t.Helper()
	ctx := context.Background()
	actions := [][2]string{{"Recording", "Download"}, {"Recording", "Delete"}, {"User Settings", "Update"}, {"User", "Update"}, {"Account", "Update"}, {"User Group", "Update"}, {"Im", "Export"}}
	for d := range days {
		var a landedActivities
		var o landedOperations
		day := epoch.AddDate(0, 0, d)
		for u := range users {
			rng := rand.New(rand.NewPCG(uint64(u), uint64(d)))
			habit := rand.New(rand.NewPCG(uint64(u), 1<<40))
			if rng.Float64() < 0.25 {
				continue
			}
			email := fmt.Sprintf("u%05d@example.com", u)
			start := time.Duration(6+habit.IntN(8))*time.Hour + time.Duration(rng.IntN(3600))*time.Second
			favourite := habit.Perm(len(actions))
			at := day.Add(start)
			n := 1 + rng.IntN(2*perDay-1)
			for k := range n {
				id := fmt.Sprintf("%d-%d-%d", u, d, k)
				if k%4 == 0 {
					p := fmt.Sprintf("10.%d.%d.0/24", u/250, u%250)
					country := "US"
					if rng.IntN(20) == 0 {
						p = fmt.Sprintf("10.250.%d.0/24", rng.IntN(40))
					}
					a.ID, a.Email, a.At, a.Kind = append(a.ID, "a"+id), append(a.Email, email), append(a.At, at), append(a.Kind, "sign_in")
					a.IP, a.Prefix, a.Country, a.ASN = append(a.IP, p[:len(p)-4]+"7"), append(a.Prefix, p), append(a.Country, country), append(a.ASN, 64500+int64(u%20))
					a.Client, a.Version = append(a.Client, []string{"Windows", "Mac", "Browser"}[u%3]), append(a.Version, fmt.Sprintf("6.%d.0", d/30))
					a.Batch, a.Run = append(a.Batch, int64(d)), append(a.Run, "r")
				} else {
					act := actions[favourite[min(rng.IntN(4), rng.IntN(4))]]
					o.ID, o.Email, o.At = append(o.ID, "o"+id), append(o.Email, email), append(o.At, at)
					o.Category, o.Action, o.Detail = append(o.Category, act[0]), append(o.Action, act[1]), append(o.Detail, "something")
					o.Batch, o.Run = append(o.Batch, int64(d)), append(o.Run, "r")
				}
				at = at.Add(time.Duration(1+rng.IntN(1<<(3+rng.IntN(9)))) * time.Second)
			}
		}
		err := db.Tx(ctx, func(tx *store.Tx) error {
			if _, err := tx.Append(ctx, "ingest.activities", a); err != nil {
				return err
			}
			_, err := tx.Append(ctx, "ingest.operations", o)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return epoch.AddDate(0, 0, days)
}

func memory(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func foldAll(t testing.TB, db *store.DB, now time.Time) FoldSummary {
	t.Helper()
	s, err := Fold(context.Background(), db, FoldOptions{Config: DefaultConfig(), Now: now, RunID: "run"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFoldScoresEveryActiveDay(t *testing.T) {
	db := memory(t)
	now := fill(t, db, 40, 30, 8)
	s := foldAll(t, db, now)
	t.Logf("%+v", s)
	var missing, rows int
	err := db.Row(t.Context(), `SELECT (SELECT count(*) FROM (SELECT user_email, occurred_at::DATE AS day FROM activities UNION SELECT operator, occurred_at::DATE FROM operations)
		ANTI JOIN user_days USING (user_email, day)), (SELECT count(*) FROM user_days)`).Scan(&missing, &rows)
	if err != nil || missing != 0 || rows != s.UserDays {
		t.Errorf("%d user-days missing, %d rows, %v", missing, rows, err)
	}
}

// tables are what a fold leaves behind, as text to compare.
func tables(t testing.TB, db *store.DB, until time.Time) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for name, q := range map[string]string{
		"user_days":    `SELECT concat_ws('|', user_email, day, score, p_value, learning, alerted, gated, identity_p, volume_p) AS line FROM user_days WHERE day < ? ORDER BY day, user_email`,
		"behaviors":    `SELECT concat_ws('|', behavior_id, detection_id, user_email, window_start, observed, expected, p_value, summary, evidence) AS line FROM behaviors WHERE window_start < ? ORDER BY line`,
		"alerts":       `SELECT concat_ws('|', alert_id, detection_id, user_email, window_start, window_end, score, p_value, summary, evidence, first_seen_at, last_seen_at, run_id) AS line FROM alerts WHERE window_start < ? ORDER BY line`,
		"observations": `SELECT concat_ws('|', user_email, day, behaviour, value) AS line FROM observations WHERE day < ? ORDER BY day, user_email, behaviour`,
	} {
		var rows struct {
			Line []string `col:"line"`
		}
		if err := db.Read(context.Background(), &rows, q, until); err != nil {
			t.Fatal(err)
		}
		out[name] = rows.Line
	}
	return out
}

func same(t testing.TB, what string, got, want map[string][]string) {
	t.Helper()
	for name := range want {
		if d := cmp.Diff(want[name], got[name]); d != "" {
			t.Errorf("%s: %s differ (-want +got):\n%.2000s", what, name, d)
		}
	}
}

// sameState compares the states at the end of two folds bit by bit.
func sameState(t testing.TB, what string, got, want *store.DB) {
	t.Helper()
	read := func(db *store.DB) (day int64, c features.Checkpoint, e *engine) {
		days, err := features.Checkpoints(context.Background(), db)
		if err != nil || len(days) == 0 {
			t.Fatalf("%s: checkpoints %v, %v", what, days, err)
		}
		day = days[len(days)-1]
		if c, err = features.ReadCheckpoint(context.Background(), db, day); err != nil {
			t.Fatal(err)
		}
		if e, err = decodeEngine(c.Models, DefaultConfig()); err != nil {
			t.Fatal(err)
		}
		return day, c, e
	}
	gotDay, gotC, gotE := read(got)
	wantDay, wantC, wantE := read(want)
	if gotDay != wantDay || len(gotC.State) != len(wantC.State) {
		t.Fatalf("%s: state of day %d in %d parts, want %d in %d", what, gotDay, len(gotC.State), wantDay, len(wantC.State))
	}
	for i := range wantC.State {
		if !bytes.Equal(gotC.State[i], wantC.State[i]) {
			t.Errorf("%s: part %d of the state differs", what, i)
		}
	}
	// gob writes maps in any order, so what the models remember is compared decoded.
	if d := cmp.Diff(wantE, gotE, cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateNaNs(),
		cmp.Comparer(func(a, b *Detection) bool { return a == b || a != nil && b != nil && a.ID == b.ID })); d != "" {
		t.Errorf("%s: what the models remember differs (-want +got):\n%.2000s", what, d)
	}
}

// attack lands a burst of deletions, a takeover from elsewhere and a removed user who comes back: something for every kind of finding.
func attack(t testing.TB, db *store.DB, day int) {
	t.Helper()
	var a landedActivities
	var o landedOperations
	at := epoch.AddDate(0, 0, day).Add(11 * time.Hour)
	for k := range 40 {
		o.ID, o.Email, o.At = append(o.ID, fmt.Sprintf("x%d-%d", day, k)), append(o.Email, "u00003@example.com"), append(o.At, at.Add(time.Duration(k)*20*time.Second))
		o.Category, o.Action, o.Detail = append(o.Category, "Recording"), append(o.Action, "Delete"), append(o.Detail, "recording")
		o.Batch, o.Run = append(o.Batch, 1000), append(o.Run, "r")
	}
	for k := range 6 {
		a.ID, a.Email, a.At, a.Kind = append(a.ID, fmt.Sprintf("y%d-%d", day, k)), append(a.Email, "u00004@example.com"), append(a.At, at.Add(time.Duration(k)*time.Hour)), append(a.Kind, "sign_in")
		a.IP, a.Prefix, a.Country, a.ASN = append(a.IP, "203.0.113.9"), append(a.Prefix, "203.0.113.0/24"), append(a.Country, "KP"), append(a.ASN, 1)
		a.Client, a.Version = append(a.Client, "Android"), append(a.Version, "1.0")
		a.Batch, a.Run = append(a.Batch, 1000), append(a.Run, "r")
	}
	err := db.Tx(context.Background(), func(tx *store.Tx) error {
		if _, err := tx.Append(context.Background(), "ingest.activities", a); err != nil {
			return err
		}
		_, err := tx.Append(context.Background(), "ingest.operations", o)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What the budget keeps from being alerts is said, and does not teach the baselines.
func TestWithheld(t *testing.T) {
	db := memory(t)
	end := fill(t, db, 40, 45, 8)
	for k := range 10 { // one user a day deletes more than usual
		_, err := db.Exec(t.Context(), `INSERT INTO ingest.operations (operation_id, operator, occurred_at, category, action, detail, batch, run_id)
			SELECT printf('w%d-%d', ?::INTEGER, n), ?, ?::TIMESTAMP + n * INTERVAL 40 SECOND, 'Recording', 'Delete', 'recording', 1000, 'r' FROM range(?) AS t(n)`,
			k, fmt.Sprintf("u%05d@example.com", 3*k), epoch.AddDate(0, 0, 33+k).Add(11*time.Hour), 25)
		if err != nil {
			t.Fatal(err)
		}
	}
	c := DefaultConfig()
	c.BudgetPerThousandUsersWeek = 0.001 // one alert a week
	s, err := Fold(t.Context(), db, FoldOptions{Config: c, Now: end, RunID: "run"})
	if err != nil {
		t.Fatal(err)
	}
	var withheld, alerted, learnt int
	err = db.Row(t.Context(), `SELECT count(*), count(*) FILTER (WHERE d.alerted), count(*) FILTER (WHERE NOT d.gated)
		FROM models.behaviors AS b JOIN models.user_days AS d USING (user_email, day) WHERE b.withheld`).Scan(&withheld, &alerted, &learnt)
	if err != nil || withheld == 0 || withheld != s.Withheld || alerted != 0 || learnt != 0 {
		t.Errorf("%d findings withheld (%d in the summary), of them %d on days with an alert and %d on days that were learnt, %v", withheld, s.Withheld, alerted, learnt, err)
	}
	var shown int
	if err := db.Row(t.Context(), `SELECT count(*) FROM behaviors WHERE withheld`).Scan(&shown); err != nil || shown != withheld {
		t.Errorf("the view shows %d, %v", shown, err)
	}
	c.BudgetPerThousandUsersWeek = 500
	if s, err := Fold(t.Context(), db, FoldOptions{Config: c, Now: end, RunID: "run"}); err != nil || s.Withheld != 0 {
		t.Errorf("%d withheld by a large budget, %v", s.Withheld, err)
	}
}

// A daily run is one more step of the same fold: folding in pieces, with a restart from the checkpoint and a half day scored in between, must leave what one fold
// over everything leaves. So must folding again.
func TestFoldInPiecesEqualsFoldAtOnce(t *testing.T) {
	whole := memory(t)
	end := fill(t, whole, 25, 45, 8)
	attack(t, whole, 38)
	foldAll(t, whole, end)
	want := tables(t, whole, end)
	if len(want["alerts"]) == 0 || len(want["behaviors"]) == 0 {
		t.Fatalf("%d alerts, %d behaviors: nothing to compare", len(want["alerts"]), len(want["behaviors"]))
	}
	foldAll(t, whole, end)
	same(t, "folded again", tables(t, whole, end), want)

	pieces := memory(t)
	fill(t, pieces, 25, 45, 8)
	attack(t, pieces, 38)
	for _, hours := range []int{20 * 24, 33*24 + 11, 33*24 + 20, 38*24 + 12, 39 * 24, 44*24 + 1} {
		foldAll(t, pieces, epoch.Add(time.Duration(hours)*time.Hour))
	}
	foldAll(t, pieces, end)
	same(t, "folded in pieces", tables(t, pieces, end), want)
	sameState(t, "folded in pieces", pieces, whole)
}

// Rows that arrive late re-fold from the checkpoint before the day they touch; the result is as if they had always been there.
func TestLateRows(t *testing.T) {
	whole := memory(t)
	end := fill(t, whole, 25, 45, 8)
	attack(t, whole, 38)
	foldAll(t, whole, end)

	late := memory(t)
	fill(t, late, 25, 45, 8)
	foldAll(t, late, end)
	attack(t, late, 38)
	s := foldAll(t, late, end)
	if first := epoch.AddDate(0, 0, 38); s.From.After(first) || s.From.Before(epoch.AddDate(0, 0, 20)) {
		t.Errorf("folded again from %s; the late rows are of %s", s.From, first)
	}
	same(t, "late rows", tables(t, late, end), tables(t, whole, end))
	sameState(t, "late rows", late, whole)
}

// Past only: dropping everything from a day on must change no earlier row.
func TestPastOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("long folds")
	}
	whole := memory(t)
	end := fill(t, whole, 25, 45, 8)
	attack(t, whole, 38)
	foldAll(t, whole, end)
	for _, day := range []int{10, 36, 38} {
		cut := epoch.AddDate(0, 0, day)
		short := memory(t)
		fill(t, short, 25, day, 8)
		if day > 38 {
			attack(t, short, 38)
		}
		foldAll(t, short, cut)
		got, want := tables(t, short, cut), tables(t, whole, cut)
		delete(want, "alerts") // an open alert may be extended by later days
		same(t, fmt.Sprintf("truncated at day %d", day), got, want)
	}
}

// A fold that is cut off anywhere goes on from its last commit.
func TestFoldInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("long folds")
	}
	whole := memory(t)
	end := fill(t, whole, 25, 75, 6)
	attack(t, whole, 60)
	foldAll(t, whole, end)
	want := tables(t, whole, end)
	for _, stop := range []int{1, 31, 55, 70} {
		db := memory(t)
		fill(t, db, 25, 75, 6)
		attack(t, db, 60)
		ctx, cancel := context.WithCancel(context.Background())
		_, err := Fold(ctx, db, FoldOptions{Config: DefaultConfig(), Now: end, RunID: "run", Progress: func(done, _ int) {
			if done == stop {
				cancel()
			}
		}})
		cancel()
		if err == nil {
			t.Fatalf("stopped at day %d: no error", stop)
		}
		s := foldAll(t, db, end)
		if stop == 70 && !s.From.After(epoch.AddDate(0, 0, 30)) {
			t.Errorf("stopped at day 70, went on from %s: the commits were of no use", s.From)
		}
		same(t, fmt.Sprintf("stopped at day %d", stop), tables(t, db, end), want)
	}
}

// Another configuration scores the history anew.
func TestConfigChangeFoldsAgain(t *testing.T) {
	db := memory(t)
	end := fill(t, db, 10, 12, 6)
	foldAll(t, db, end)
	c := DefaultConfig()
	c.FDR = 0.1
	s, err := Fold(t.Context(), db, FoldOptions{Config: c, Now: end, RunID: "run"})
	if err != nil || s.Days != 12 {
		t.Errorf("%d days, %v; want all 12", s.Days, err)
	}
	c.FDR = 2
	if _, err := Fold(t.Context(), db, FoldOptions{Config: c, Now: end}); err == nil {
		t.Error("a false discovery rate of 2 was taken")
	}
}

func TestFoldOfNothing(t *testing.T) {
	db := memory(t)
	if s := foldAll(t, db, epoch); s.UserDays != 0 || s.Alerts != 0 {
		t.Errorf("%+v", s)
	}
}

// The checkpoints are replaced at every fold; the file must not grow with the number of folds.
func TestDailyFoldsDoNotGrowTheFile(t *testing.T) {
	if testing.Short() {
		t.Skip("twenty folds on disk")
	}
	path := t.TempDir() + "/z.duckdb"
	size := func(day int) int64 {
		t.Helper()
		db, err := store.Open(t.Context(), path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if day == 0 {
			fill(t, db, 12, 50, 4)
		}
		foldAll(t, db, epoch.AddDate(0, 0, 30+day))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	var sizes []int64
	for day := range 20 {
		sizes = append(sizes, size(day))
	}
	// The number of checkpoints kept is the same from the second week on.
	if early, late := sizes[11], sizes[19]; late > early*5/4 {
		t.Errorf("bytes after each fold %v: grows with the number of folds", sizes)
	}
}
