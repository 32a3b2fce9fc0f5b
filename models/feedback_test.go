package models

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/store"
)

// triage sets the status of an alert at a time, as zoomward alerts set does.
func triage(t testing.TB, db *store.DB, alert, status string, at time.Time) {
	t.Helper()
	err := db.Tx(context.Background(), func(tx *store.Tx) error { return SetTriage(context.Background(), tx, alert, status, "because", at) })
	if err != nil {
		t.Fatal(err)
	}
}

// alertOn returns the id of the only alert of a detection on a user and day.
func alertOn(t testing.TB, db *store.DB, detection, email string, day int) string {
	t.Helper()
	var id string
	err := db.Row(context.Background(), `SELECT alert_id FROM models.alerts WHERE detection_id = ? AND user_email = ? AND day = ?`, detection, email, epoch.AddDate(0, 0, day)).Scan(&id)
	if err != nil {
		t.Fatalf("%s on %s, day %d: %v", detection, email, day, err)
	}
	return id
}

// alertsOf lists the days from epoch of a user's alerts of a detection.
func alertsOf(t testing.TB, db *store.DB, detection, email string) []int64 {
	t.Helper()
	var rows struct {
		Day []int64 `col:"day"`
	}
	err := db.Read(context.Background(), &rows, `SELECT date_diff('day', ?::DATE, day) AS day FROM models.alerts WHERE detection_id = ? AND user_email = ? ORDER BY day`, epoch, detection, email)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Day
}

func isGated(t testing.TB, db *store.DB, email string, day int) (gated bool) {
	t.Helper()
	if err := db.Row(context.Background(), `SELECT gated FROM user_days WHERE user_email = ? AND day = ?`, email, epoch.AddDate(0, 0, day)).Scan(&gated); err != nil {
		t.Fatal(err)
	}
	return gated
}

const (
	deletions = "ZW-RTE-05"
	deleter   = "u00003@example.com"
	traveller = "u00004@example.com"
)

// attacked is a history with the same burst and the same takeover on three days.
func attacked(t testing.TB) (*store.DB, time.Time) {
	t.Helper()
	db := memory(t)
	end := fill(t, db, 16, 58, 6)
	for _, day := range []int{36, 44, 52} {
		attack(t, db, day)
	}
	return db, end
}

func TestFalsePositiveSuppressesWhatIsAlike(t *testing.T) {
	if testing.Short() {
		t.Skip("long folds")
	}
	db, end := attacked(t)
	foldAll(t, db, end)
	untouched := tables(t, db, end)
	if got := alertsOf(t, db, deletions, deleter); !cmp.Equal(got, []int64{36, 44, 52}) {
		t.Fatalf("alerts of days %v: nothing to suppress", got)
	}
	id := alertOn(t, db, deletions, deleter, 44)
	triage(t, db, id, StatusFalsePositive, end.Add(time.Hour))
	s := foldAll(t, db, end)
	if first := epoch.AddDate(0, 0, 44); s.Rescored != "triage" || s.From.After(first) || s.From.Before(epoch.AddDate(0, 0, 36)) {
		t.Errorf("scored anew from %s because of %q; the alert is of %s", s.From, s.Rescored, first)
	}
	if got := alertsOf(t, db, deletions, deleter); !cmp.Equal(got, []int64{36, 44}) {
		t.Errorf("alerts of days %v: that of day 52 is like the one of day 44, that of day 36 is before it", got)
	}
	if got := alertsOf(t, db, "ZW-RTE-14", deleter); len(got) > 0 {
		t.Errorf("the same deletions alert as operations of days %v", got)
	}
	if isGated(t, db, deleter, 44) || !isGated(t, db, deleter, 36) {
		t.Error("day 44 is to be learnt, day 36 is not")
	}
	unlike := func(tables map[string][]string) (out []string) {
		for _, line := range tables["alerts"] {
			if !strings.Contains(line, deleter) {
				out = append(out, strings.Split(line, "|")[0])
			}
		}
		return out
	}
	dismissed := tables(t, db, end)
	if d := cmp.Diff(unlike(untouched), unlike(dismissed)); d != "" {
		t.Errorf("other alerts changed their ids: %s", d)
	}
	var hits int
	var last time.Time
	var key, note *string
	if err := db.Row(t.Context(), `SELECT hits, last_hit_at, "key", note FROM suppressions WHERE alert_id = ?`, id).Scan(&hits, &last, &key, &note); err != nil {
		t.Fatal(err)
	}
	if hits == 0 || !last.Equal(epoch.AddDate(0, 0, 52)) || key != nil || *note != "because" || s.Suppressed != hits {
		t.Errorf("%d hits (%d in the summary), the last on %s, key %v, note %v", hits, s.Suppressed, last, key, note)
	}
	for line := range strings.SplitSeq(strings.Join(dismissed["behaviors"], "\n"), "\n") {
		if strings.Contains(line, traveller) && strings.Contains(line, id) {
			t.Errorf("suppressed: %s", line)
		}
	}

	t.Run("again", func(t *testing.T) {
		s := foldAll(t, db, end)
		if s.Rescored != "" || s.Days > 1 {
			t.Errorf("%d days scored anew because of %q", s.Days, s.Rescored)
		}
		same(t, "folded again", tables(t, db, end), dismissed)
	})
	t.Run("from scratch", func(t *testing.T) {
		scratch, end := attacked(t)
		triageRow(t, scratch, db, id)
		foldAll(t, scratch, end)
		same(t, "from scratch", tables(t, scratch, end), dismissed)
	})
	t.Run("undone", func(t *testing.T) {
		triage(t, db, id, StatusInProgress, end.Add(2*time.Hour))
		foldAll(t, db, end)
		same(t, "undone", tables(t, db, end), untouched)
	})
}

// triageRow copies what was said of an alert to another database.
func triageRow(t *testing.T, to, from *store.DB, id string) {
	t.Helper()
	var r struct {
		Detection []string    `col:"detection_id"`
		Email     []string    `col:"user_email"`
		Key       []string    `col:"key"`
		Severity  []string    `col:"severity"`
		Status    []string    `col:"status"`
		Observed  []float64   `col:"observed"`
		Score     []float64   `col:"score"`
		Day       []time.Time `col:"day,date"`
		Set       []time.Time `col:"set_at"`
	}
	err := from.Read(t.Context(), &r, `SELECT detection_id, user_email, "key", severity, status, observed, score, day, set_at FROM models.triage WHERE alert_id = ?`, id)
	if err == nil {
		_, err = to.Exec(t.Context(), `INSERT INTO models.triage (alert_id, status, note, set_at, detection_id, user_email, "key", severity, observed, score, day) VALUES (?, ?, 'because', ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, r.Status[0], r.Set[0], r.Detection[0], r.Email[0], r.Key[0], r.Severity[0], r.Observed[0], r.Score[0], r.Day[0])
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What is closed as benign is learnt and suppresses nothing; a true positive is never learnt. Neither changes anything before its day.
func TestBenignAndTruePositive(t *testing.T) {
	if testing.Short() {
		t.Skip("long folds")
	}
	db, end := attacked(t)
	foldAll(t, db, end)
	before := tables(t, db, epoch.AddDate(0, 0, 36))
	id := alertOn(t, db, deletions, deleter, 36)
	triage(t, db, id, StatusBenign, end)
	foldAll(t, db, end)
	if isGated(t, db, deleter, 36) {
		t.Error("benign, and not learnt")
	}
	alertOn(t, db, deletions, deleter, 36) // still there
	var suppressed int
	if err := db.Row(t.Context(), `SELECT count(*) FROM behaviors WHERE suppressed_by IS NOT NULL`).Scan(&suppressed); err != nil || suppressed != 0 {
		t.Errorf("%d behaviors suppressed by a benign alert, %v", suppressed, err)
	}
	same(t, "before the alert", tables(t, db, epoch.AddDate(0, 0, 36)), before)
	triage(t, db, id, StatusTruePositive, end.Add(time.Hour))
	s := foldAll(t, db, end)
	if !isGated(t, db, deleter, 36) || s.Rescored != "triage" {
		t.Error("a true positive is learnt")
	}
	if s := foldAll(t, db, end); s.Rescored != "" {
		t.Errorf("scored anew because of %q", s.Rescored)
	}
	err := db.Tx(t.Context(), func(tx *store.Tx) error { return SetTriage(t.Context(), tx, "nope", StatusBenign, "", end) })
	if !errors.Is(err, ErrNoAlert) {
		t.Errorf("error %v", err)
	}
	err = db.Tx(t.Context(), func(tx *store.Tx) error { return SetTriage(t.Context(), tx, id, "fine", "", end) })
	if err == nil {
		t.Error("a status of one's own was taken")
	}
}

// A person may speak of an alert while the history goes on: daily runs leave what one fold over everything leaves.
func TestFeedbackInPiecesEqualsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("long folds")
	}
	pieces, end := attacked(t)
	at := func(day int) time.Time { return epoch.AddDate(0, 0, day).Add(9 * time.Hour) }
	foldAll(t, pieces, at(38))
	id := alertOn(t, pieces, deletions, deleter, 36)
	triage(t, pieces, id, StatusFalsePositive, at(38))
	for _, day := range []int{39, 45, 53} {
		foldAll(t, pieces, at(day))
	}
	foldAll(t, pieces, end)
	whole, _ := attacked(t)
	triageRow(t, whole, pieces, id)
	foldAll(t, whole, end)
	same(t, "in pieces", tables(t, pieces, end), tables(t, whole, end))
	if got := alertsOf(t, pieces, deletions, deleter); !cmp.Equal(got, []int64{36}) {
		t.Errorf("alerts of days %v", got)
	}
}

func TestSuppress(t *testing.T) {
	const day, set = 100, 105
	base := triaged{"a", StatusFalsePositive, deletions, deleter, "", "high", 40, 9, day, set}
	travel := triaged{"a", StatusFalsePositive, "ZW-TRV-01", traveller, "DE-US", "medium", 900, 2.95, day, set}
	who := triaged{"a", StatusFalsePositive, "ZW-IDN-01", traveller, "hours", "high", 6, 6, day, set}
	open := []raised{{ID: "a"}}
	contribution := func(name string) Evidences { return Evidences{Contributions: []Contribution{{Name: name}}} }
	tests := []struct {
		name    string
		said    triaged
		finding Finding
		day     int64
		open    []raised
		want    bool
	}{
		{"alike", base, Finding{Email: deleter, Observed: 40}, 110, nil, true},
		{"half as much again", base, Finding{Email: deleter, Observed: 60}, 110, nil, true},
		{"more than that", base, Finding{Email: deleter, Observed: 61}, 110, nil, false},
		{"graver", base, Finding{Email: deleter, Observed: 40, Severity: "critical"}, 110, nil, false},
		{"another user", base, Finding{Email: traveller, Observed: 40}, 110, nil, false},
		{"before it", base, Finding{Email: deleter, Observed: 40}, 99, nil, false},
		{"on its day", base, Finding{Email: deleter, Observed: 40}, day, nil, false},
		{"taken in by the alert", base, Finding{Email: deleter, Observed: 40}, 102, open, false},
		{"after it was closed", base, Finding{Email: deleter, Observed: 40}, 106, open, true},
		{"not dismissed", triaged{"a", StatusBenign, deletions, deleter, "", "high", 40, 9, day, set}, Finding{Email: deleter, Observed: 40}, 110, nil, false},
		{"the same countries at any speed", travel, Finding{Email: traveller, Key: "DE-US", Observed: 90000, Unit: "km/h"}, 110, nil, true},
		{"other countries", travel, Finding{Email: traveller, Key: "DE-FR", Observed: 900, Unit: "km/h"}, 110, nil, false},
		{"another person by the same sign", who, Finding{Email: traveller, Score: 8, Evidence: contribution("hours")}, 110, nil, true},
		{"by ten times the odds", who, Finding{Email: traveller, Score: 8.4, Evidence: contribution("hours")}, 110, nil, false},
		{"by another sign", who, Finding{Email: traveller, Score: 6, Evidence: contribution("country")}, 110, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.finding
			f.Detection, f.Alert = detection(tt.said.detection), true
			newFeedback([]triaged{tt.said}).suppress(&f, tt.day, tt.open)
			if got := f.SuppressedBy != ""; got != tt.want || f.Alert == tt.want {
				t.Errorf("suppressed %v, alert %v", got, f.Alert)
			}
		})
	}
	// One that a person spoke of stays an alert.
	f := Finding{Detection: detection(deletions), Email: deleter, Observed: 40, Alert: true}
	newFeedback([]triaged{base, {f.id(), StatusTruePositive, deletions, deleter, "", "high", 40, 9, 110, 111}}).suppress(&f, 110, nil)
	if !f.Alert {
		t.Error("a true positive is suppressed")
	}
}

// The same events do not come back under the name of the general volume that they count in; more than them does.
func TestSuppressContained(t *testing.T) {
	for observed, want := range map[float64]bool{42: true, 45: true, 46: false, 100: false} {
		all := []Finding{
			{Detection: detection("ZW-RTE-14"), Observed: observed, Alert: true, Evidence: Evidences{Contributions: []Contribution{{Upper: ptr(5.0)}}}},
			{Detection: detection(deletions), Observed: 40, SuppressedBy: "a"},
			{Detection: detection("ZW-RTE-01"), Observed: 40, Alert: true, Evidence: Evidences{Contributions: []Contribution{{Upper: ptr(5.0)}}}},
		}
		suppressContained(all, []int{0, 1, 2})
		if got := all[0].SuppressedBy == "a"; got != want || !all[2].Alert {
			t.Errorf("%g operations of which 40 are dismissed: suppressed %v, want %v; sign-ins alert %v", observed, got, want, all[2].Alert)
		}
	}
}

func TestFeedbackChanged(t *testing.T) {
	said := func(status string, day, set int64) *feedback {
		if status == "" {
			return newFeedback(nil)
		}
		return newFeedback([]triaged{{alert: "a", status: status, day: day, set: set}})
	}
	tests := []struct {
		name      string
		was, is   string
		wasSet    int64
		isSet     int64
		firstWant int64
	}{
		{"nothing", "", "", 0, 0, untouched},
		{"seen", "", StatusInProgress, 0, 20, untouched},
		{"closed as true: only what comes after may differ", "", StatusTruePositive, 0, 20, 21},
		{"dismissed", "", StatusFalsePositive, 0, 20, 10},
		{"benign", StatusInProgress, StatusBenign, 15, 20, 10},
		{"said again on the same day", StatusBenign, StatusBenign, 20, 20, untouched},
		{"said again later", StatusFalsePositive, StatusFalsePositive, 20, 25, 21},
		{"learnt all the same, but no more suppressed", StatusFalsePositive, StatusBenign, 20, 25, 10},
		{"opened again", StatusTruePositive, StatusNew, 20, 25, 21},
		{"not harmless after all", StatusBenign, StatusTruePositive, 20, 25, 10},
		{"forgotten", StatusBenign, "", 20, 0, 10},
	}
	for _, tt := range tests {
		if got := said(tt.is, 10, tt.isSet).changed(said(tt.was, 10, tt.wasSet)); got != tt.firstWant {
			t.Errorf("%s: from day %d, want %d", tt.name, got, tt.firstWant)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		status := rapid.SampledFrom(append(Statuses(), ""))
		set := rapid.Int64Range(10, 30)
		was, is := said(status.Draw(t, "was"), 10, set.Draw(t, "was set")), said(status.Draw(t, "is"), 10, set.Draw(t, "is set"))
		there, back := is.changed(was), was.changed(is)
		if there != back || there < 10 {
			t.Fatalf("from day %d; undone from day %d", there, back)
		}
		if is.changed(is) != untouched {
			t.Fatal("the same has changed")
		}
	})
}

// A budget is never exceeded by more than it may save up and owe, whatever the rules do; every alert by rule leaves less for the others.
func TestBudgetHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users := rapid.IntRange(1, 5000).Draw(t, "users")
		b := Budget{PerThousandUsersWeek: rapid.Float64Range(0.5, 20).Draw(t, "budget")}
		weekly := b.weekly(users)
		weeks := rapid.IntRange(1, 12).Draw(t, "weeks")
		rules := rapid.IntRange(0, 5).Draw(t, "rules a day")
		var statistical float64
		for day := int64(1); day <= int64(7*weeks); day++ {
			b.fill(day, users)
			for range rules {
				if !b.spend(forced, users) {
					t.Fatal("an alert by rule waits for the budget")
				}
			}
			for range rapid.IntRange(0, 40).Draw(t, "findings") {
				if b.spend(urgency(rapid.IntRange(int(bounded), int(urgent)).Draw(t, "urgency")), users) {
					statistical++
				}
			}
		}
		// A week's worth to begin with, a week's worth every week, four weeks' worth of debt.
		if most := weekly * float64(weeks+5); statistical > most+1e-9 {
			t.Fatalf("%g alerts in %d weeks, at most %g", statistical, weeks, most)
		}
		if math.IsNaN(b.Held) || b.Held > 4*weekly || b.Held < -4*weekly {
			t.Fatalf("holds %g of %g a week", b.Held, weekly)
		}
	})
	b := Budget{PerThousandUsersWeek: 5}
	b.fill(1, 1000)
	for range 3 {
		b.spend(forced, 1000)
	}
	if b.Held != 2 {
		t.Errorf("holds %g after three alerts by rule, want 5-3", b.Held)
	}
	for range 5 {
		b.spend(forced, 1000)
	}
	if b.Held != 0 || b.spend(bounded, 1000) {
		t.Errorf("holds %g after eight, want 0 and no debt", b.Held)
	}
}

func TestPerThousandUsersWeek(t *testing.T) {
	// 9 alerts among 300 users in 26 weeks: 9 / 0.3 / 26 = 1.15.
	if got := perThousandUsersWeek(9, 300, 182); got != 1.15 {
		t.Errorf("%g, want 1.15", got)
	}
	if got := perThousandUsersWeek(9, 0, 182); got != 0 {
		t.Errorf("%g among nobody", got)
	}
}
