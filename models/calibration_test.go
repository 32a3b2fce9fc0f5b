package models

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Of 10,000 user-days of a week, 100 should be at or below 0.01 and 500 at or below 0.05: by the normal approximation between 80 and 120, and 457 and 543, on 95 of 100
// occasions.
func TestCalibrationTellsDrift(t *testing.T) {
	db := memory(t)
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	var rows userDayRows
	add := func(day time.Time, p float64, n int, learning bool) {
		for range n {
			rows.Email, rows.Day, rows.Score = append(rows.Email, "u@example.com"), append(rows.Day, day), append(rows.Score, 0)
			rows.P, rows.Learning = append(rows.P, p), append(rows.Learning, learning)
			rows.Alerted, rows.Gated = append(rows.Alerted, false), append(rows.Gated, false)
			rows.IdentityP, rows.VolumeP = append(rows.IdentityP, p), append(rows.VolumeP, p)
		}
	}
	add(monday, 0.005, 119, false) // inside
	add(monday.AddDate(0, 0, 6), 0.02, 381, false)
	add(monday, 0.5, 9500, false)
	add(monday, 0.001, 5000, true)                  // learning: does not count
	add(monday.AddDate(0, 0, 7), 0.005, 140, false) // the next week drifts at 0.01
	add(monday.AddDate(0, 0, 7), 0.5, 9860, false)
	add(monday.AddDate(0, 0, 14), 0.005, 300, false) // three days of a week say little
	add(monday.AddDate(0, 0, 16), 0.5, 700, false)
	add(monday.AddDate(0, 0, 17), 0.001, 5000, false) // under way: does not count
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Append(t.Context(), "models.user_days", rows); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `INSERT INTO meta.fold VALUES (?, 0, 'c')`, monday.AddDate(0, 0, 16))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	f := &fold{db: db, o: FoldOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))}, sum: FoldSummary{From: monday}}
	if err := f.noteCalibration(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := f.sum.Calibration
	if len(got) != 6 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []struct {
		realised float64
		drifting bool
	}{{0.0119, false}, {0.05, false}, {0.014, true}, {0.014, true}} {
		if got[i].Realised != want.realised || got[i].Drifting != want.drifting || got[i].UserDays != 10_000 || !got[i].Whole {
			t.Errorf("%+v, want realised %g, drifting %v, whole", got[i], want.realised, want.drifting)
		}
	}
	if w := got[4]; w.UserDays != 1000 || !w.Drifting || w.Whole {
		t.Errorf("the week under way: %+v", w)
	}
	if last := LastWhole(got); len(last) != 2 || !last[0].Week.Equal(monday.AddDate(0, 0, 7)) || last[1].Nominal != 0.05 {
		t.Errorf("the last whole week: %+v", last)
	}
	if w := got[0]; w.Lower < 0.0080 || w.Lower > 0.0081 || w.Upper < 0.0119 || w.Upper > 0.0120 {
		t.Errorf("interval %g to %g", w.Lower, w.Upper)
	}
	if n := strings.Count(log.String(), "p-values drift"); n != 2 || strings.Count(log.String(), "week=2026-03-09") != 2 {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
}
