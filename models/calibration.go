package models

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A WeekCalibration is what came of the p-values of a week: the realised share at or below the nominal level, beside the 95 % binomial interval around that level.
type WeekCalibration struct {
	Week     time.Time `json:"week"` // its Monday
	Nominal  float64   `json:"nominal"`
	Realised float64   `json:"realised"`
	Lower    float64   `json:"lower"`
	Upper    float64   `json:"upper"`
	UserDays int64     `json:"user_days"`
	Drifting bool      `json:"drifting"` // outside even the 99.9 % interval
	Whole    bool      `json:"whole"`    // all its days are scored for good
}

// ReadCalibration reads how the p-values of the weeks from a day on came out, in order of time and level.
func ReadCalibration(ctx context.Context, q store.Querier, from time.Time) ([]WeekCalibration, error) {
	var rows struct {
		Week     []time.Time `col:"week,date"`
		Nominal  []float64   `col:"nominal"`
		Realised []float64   `col:"realised"`
		Lower    []float64   `col:"lower"`
		Upper    []float64   `col:"upper"`
		UserDays []int64     `col:"user_days"`
		Drifting []bool      `col:"drifting"`
		Whole    []bool      `col:"whole"`
	}
	if err := q.Read(ctx, &rows, `SELECT *, week + 6 <= (SELECT max(through) FROM meta.fold) AS whole FROM main.calibration WHERE week + 6 >= ? ORDER BY week, nominal`, from); err != nil {
		return nil, fmt.Errorf("read how the p-values came out: %w", err)
	}
	out := make([]WeekCalibration, len(rows.Week))
	for i := range out {
		out[i] = WeekCalibration{rows.Week[i], rows.Nominal[i], rows.Realised[i], rows.Lower[i], rows.Upper[i], rows.UserDays[i], rows.Drifting[i], rows.Whole[i]}
	}
	return out, nil
}

// calibratedWeeks is how many of the latest weeks a run notes.
const calibratedWeeks = 4

// driftFactor is by which factor a level must be missed before a run warns: of many user-days chance alone explains less than that matters.
const driftFactor = 1.25

// LastWhole returns the levels of the latest week that is over.
func LastWhole(weeks []WeekCalibration) (out []WeekCalibration) {
	for _, w := range weeks {
		if w.Whole && len(out) > 0 && !w.Week.Equal(out[0].Week) {
			out = nil
		}
		if w.Whole {
			out = append(out, w)
		}
	}
	return out
}

// noteCalibration keeps the latest weeks that the run scored, and warns when the p-values of the last whole one of them did not hold: of a few days the share says little. What was before
// stands in view calibration.
func (f *fold) noteCalibration(ctx context.Context) error {
	weeks, err := ReadCalibration(ctx, f.db, f.sum.From)
	if err != nil {
		return err
	}
	for _, w := range LastWhole(weeks) {
		if off := w.Realised / w.Nominal; w.Drifting && (off > driftFactor || off < 1/driftFactor) {
			f.o.Logger.WarnContext(ctx, "p-values drift: the share of user-days at or below the level is not what it should be", "week", w.Week.Format(time.DateOnly), "level", w.Nominal,
				slog.Float64("realised", w.Realised), "lower", w.Lower, "upper", w.Upper, "user_days", w.UserDays)
		}
	}
	f.sum.Calibration = weeks[max(0, len(weeks)-2*calibratedWeeks):]
	return nil
}
