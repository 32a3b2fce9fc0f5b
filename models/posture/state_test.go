package posture

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a run says beside the verdicts stands in the view, follows the configuration from run to run, and leaves the verdicts alone.
func TestRunWritesState(t *testing.T) {
	db := openDB(t)
	ctx := context.Background()
	exec(t, db, `INSERT INTO meta.feeds (feed, state, message) VALUES ('settings', 'ok', NULL), ('users', 'not_authorised', 'add user:read:admin')`)
	setting(t, db, "meeting_security.waiting_room", "false", false, asOf.AddDate(0, 0, -2))
	setting(t, db, "meeting_security.meeting_password", "false", true, asOf.AddDate(0, 0, -3))
	setting(t, db, twoFactorMode, `"all"`, nil, asOf.AddDate(0, 0, -1))
	const room, passcode = "CIS-1.1.1.2", "CIS-1.1.1.4"
	scopes := map[string][]string{"users": {"user:read:admin"}, "settings": {"account:read:admin"}}
	var log bytes.Buffer
	decided := func(x ...Exception) func(*Options) {
		return func(o *Options) {
			o.Exceptions, o.FeedScopes, o.Logger = x, scopes, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		}
	}
	type row struct {
		Status    []string    `col:"status"`
		Raw       []string    `col:"raw_status"`
		Points    []float64   `col:"points"`
		RawPoints []float64   `col:"raw_points"`
		Lock      []string    `col:"lock_state"`
		Gain      []float64   `col:"gain"`
		Rank      []int64     `col:"rank"`
		Exception []string    `col:"exception"`
		State     []string    `col:"exception_state"`
		Owner     []string    `col:"exception_owner"`
		Expires   []string    `col:"expires"`
		Expired   []*bool     `col:"exception_expired"`
		Fetched   []time.Time `col:"fetched_at"`
	}
	read := func(id string) row {
		t.Helper()
		var r row
		if err := db.Read(ctx, &r, `SELECT status, raw_status, points, raw_points, lock_state, gain, rank, exception, exception_state, exception_owner,
			coalesce(exception_expires_on::VARCHAR, '') AS expires, exception_expired, fetched_at FROM main.posture WHERE control_id = ?`, id); err != nil {
			t.Fatal(err)
		}
		return r
	}

	plain := run(t, db, "r1", asOf, decided())
	gain := 100 * 8 / plain.MaxPoints // high: 8 points; what stands below the waiting room comes on top
	yes, no := true, false
	want := row{[]string{"fail"}, []string{"fail"}, []float64{0}, []float64{0}, []string{"open"}, []float64{gain}, []int64{1}, []string{""}, []string{""}, []string{""}, []string{""}, []*bool{nil},
		[]time.Time{asOf.AddDate(0, 0, -2)}}
	got := read(room)
	if got.Rank[0] == 0 || got.Gain[0] < gain {
		t.Errorf("rank %v, gain %v, want %v at least", got.Rank, got.Gain, gain)
	}
	want.Rank, want.Gain = got.Rank, got.Gain
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r := read(passcode); r.Lock[0] != "locked" || !r.Fetched[0].Equal(asOf.AddDate(0, 0, -3)) {
		t.Errorf("%s: %+v", passcode, r)
	}
	var missing struct {
		Scopes [][]string `col:"missing_scopes"`
	}
	if err := db.Read(ctx, &missing, `SELECT missing_scopes FROM main.posture WHERE control_id IN ('ZW-USR-04', 'MS-ZOOM-02') ORDER BY control_id DESC`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"user:read:admin"}, nil}, missing.Scopes); diff != "" {
		t.Errorf("missing scopes: %s", diff)
	}

	// A decision: points, score and plan follow, what was found stays; the day after its last one it is gone and the log says so.
	x := Exception{Control: room, State: AlternateMitigation, Reason: "passcodes", Owner: "secops", ExpiresOn: asOf}
	better := run(t, db, "r2", asOf.Add(time.Hour), decided(x))
	want = row{[]string{"fail"}, []string{"fail"}, []float64{8}, []float64{0}, []string{"open"}, []float64{0}, []int64{0}, []string{"alternate_mitigation"}, []string{"alternate_mitigation"},
		[]string{"secops"}, []string{"2026-03-02"}, []*bool{&no}, []time.Time{asOf.AddDate(0, 0, -2)}}
	if diff := cmp.Diff(want, read(room)); diff != "" {
		t.Error(diff)
	}
	if better.Score.Score <= plain.Score.Score || len(better.Changes) != 0 {
		t.Errorf("score %v after %v, changes %v", better.Score.Score, plain.Score.Score, better.Changes)
	}
	if log.Len() > 0 {
		t.Errorf("warnings: %s", log.String())
	}
	after := run(t, db, "r3", asOf.AddDate(0, 0, 1), decided(x))
	want = row{[]string{"fail"}, []string{"fail"}, []float64{0}, []float64{0}, []string{"open"}, got.Gain, got.Rank, []string{""}, []string{"alternate_mitigation"},
		[]string{"secops"}, []string{"2026-03-02"}, []*bool{&yes}, []time.Time{asOf.AddDate(0, 0, -2)}}
	if diff := cmp.Diff(want, read(room)); diff != "" {
		t.Error(diff)
	}
	if after.Score != plain.Score || !strings.Contains(log.String(), "exception ran out and applies no more") || !strings.Contains(log.String(), "control="+room) {
		t.Errorf("score %+v, want %+v; log %s", after.Score, plain.Score, log.String())
	}
	run(t, db, "r4", asOf.AddDate(0, 0, 2), decided())
	want.State, want.Owner, want.Expires, want.Expired = []string{""}, []string{""}, []string{""}, []*bool{nil}
	if diff := cmp.Diff(want, read(room)); diff != "" {
		t.Errorf("taken out of the configuration: %s", diff)
	}

	var history struct {
		Run    []string  `col:"run_id"`
		Points []float64 `col:"points"`
		Max    []float64 `col:"max_points"`
		Open   []int64   `col:"open_recommendations"`
	}
	if err := db.Read(ctx, &history, `SELECT run_id, points, max_points, open_recommendations FROM main.posture_score ORDER BY at`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"r1", "r2", "r3", "r4"}, history.Run); diff != "" {
		t.Error(diff)
	}
	for i, want := range []Summary{plain, better, after, plain} {
		if history.Points[i] != want.Points || history.Max[i] != want.MaxPoints || history.Open[i] != want.open() {
			t.Errorf("%s: %v of %v points, %d open, want %v of %v, %d", history.Run[i], history.Points[i], history.Max[i], history.Open[i], want.Points, want.MaxPoints, want.open())
		}
	}
	if plain.open() != better.open()+1 {
		t.Errorf("%d open recommendations, with an alternate mitigation %d", plain.open(), better.open())
	}
}

// The plan lists what is open in the order of rank; reason, owner and date are those of a planned exception, else empty.
func TestPlanView(t *testing.T) {
	db := openDB(t)
	exec(t, db, `INSERT INTO meta.feeds (feed, state, message) VALUES ('settings', 'ok', NULL)`)
	for _, path := range []string{"meeting_security.waiting_room", "meeting_security.meeting_password", "meeting_security.pmi_password"} {
		setting(t, db, path, "false", false, asOf)
	}
	s := run(t, db, "r1", asOf, func(o *Options) {
		o.Exceptions = []Exception{{Control: "CIS-1.1.1.2", State: Planned, Reason: "after the move", Owner: "it", ExpiresOn: asOf.AddDate(0, 1, 0)}, {Control: "CIS-1.1.1.4", State: RiskAccepted, Reason: "r"}}
	})
	var plan struct {
		Rank    []int64  `col:"rank"`
		Control []string `col:"control_id"`
		Reason  []string `col:"reason"`
		Owner   []string `col:"owner"`
		Date    []string `col:"d"`
	}
	if err := db.Read(context.Background(), &plan, `SELECT rank, control_id, reason, owner, coalesce("date"::VARCHAR, '') AS d FROM main.posture_plan ORDER BY rank`); err != nil {
		t.Fatal(err)
	}
	if int64(len(plan.Rank)) != s.open() || len(plan.Rank) == 0 {
		t.Fatalf("%d rows for %d open recommendations", len(plan.Rank), s.open())
	}
	planned := false
	for i, id := range plan.Control {
		if plan.Rank[i] != int64(i+1) || id == "CIS-1.1.1.4" {
			t.Errorf("row %d: %s, rank %d", i, id, plan.Rank[i])
		}
		got, want := [3]string{plan.Reason[i], plan.Owner[i], plan.Date[i]}, [3]string{}
		if id == "CIS-1.1.1.2" {
			planned, want = true, [3]string{"after the move", "it", "2026-04-02"}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if !planned {
		t.Error("what is planned is not in the plan")
	}
}
