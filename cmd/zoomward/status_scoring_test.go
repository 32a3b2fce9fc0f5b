package main

import (
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// status tells of the last run that scored, whatever came after it.
func TestScoringStatus(t *testing.T) {
	db, err := store.Open(t.Context(), "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if s, err := readScoring(t.Context(), db); s != nil || err != nil {
		t.Errorf("before any run: %+v, %v", s, err)
	}
	for i, stages := range []string{
		`{"score":{"seconds":1,"figures":{"user_days":7,"alerts_per_1000_users_week":9}}}`,
		`{"score":{"seconds":1,"figures":{"user_days":100,"alerts_per_1000_users_week":3.25,"suppressed":2,"withheld":4,` +
			`"self_check":{"auc":0.91,"usual_auc":0.98,"pairs":5000,"dropped":true}}}}`,
		`{"features":{"figures":{"user_days":3}}}`,
	} {
		_, err := db.Exec(t.Context(), `INSERT INTO meta.runs (run_id, command, version, as_of, started_at, status, stages) VALUES (?, 'run', 'v', ?, ?, 'done', ?)`,
			string(rune('a'+i)), time.Unix(0, 0), time.Date(2026, 3, 10+i, 0, 0, 0, 0, time.UTC), stages)
		if err != nil {
			t.Fatal(err)
		}
	}
	// A whole week, one before it, and three days of the week under way.
	for _, q := range []string{
		`INSERT INTO models.user_days (user_email, day, score, p_value, learning, alerted, gated, identity_p, volume_p)
			SELECT 'u' || i || '@example.com', DATE '2026-03-09' + (i % 7)::INT, 0, CASE WHEN i < 11 THEN 0.005 WHEN i < 51 THEN 0.03 ELSE 0.5 END, false, false, false, 0.5, 0.5 FROM range(1000) AS t(i)
			UNION ALL SELECT 'u' || i || '@example.com', DATE '2026-03-02', 0, 0.5, false, false, false, 0.5, 0.5 FROM range(1000) AS t(i)
			UNION ALL SELECT 'u' || i || '@example.com', DATE '2026-03-18', 0, 0.001, false, false, false, 0.5, 0.5 FROM range(1000) AS t(i)`,
		`INSERT INTO meta.fold VALUES (DATE '2026-03-18', 0, 'c')`,
	} {
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	s, err := readScoring(t.Context(), db)
	if err != nil || s == nil || s.RunID != "b" || s.Suppressed != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	got := strings.Join(s.words(), "\n")
	want := "3.2 alerts per 1,000 users and week; 4 further findings are no alerts as the budget was used up (SELECT * FROM behaviors WHERE withheld)\nlast whole week, from 2026-03-09: 1.1 % of user-days at p <= 1 %, 5.1 % of user-days at p <= 5 %\n" +
		"own days told from other people's: AUC 0.910 (usual 0.980); lower than usual: a feed may have changed or fallen silent"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if words := (&scoringStatus{Calibration: []models.WeekCalibration{}}).words(); len(words) != 1 {
		t.Errorf("with nothing but alerts: %q", words)
	}
}
