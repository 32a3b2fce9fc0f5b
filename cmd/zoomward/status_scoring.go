package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// scoringStatus says how far the scores can be trusted, as of the last run that scored.
type scoringStatus struct {
	RunID       string                   `json:"run_id"`
	Realised    float64                  `json:"alerts_per_1000_users_week"`
	Suppressed  int                      `json:"suppressed"`
	Withheld    int                      `json:"withheld"`    // findings that are no alerts as the budget was used up
	Calibration []models.WeekCalibration `json:"calibration"` // of the last weeks
	SelfCheck   *models.SelfCheckSummary `json:"self_check"`
	Broken      []brokenDetection        `json:"broken,omitempty"` // detections that failed in the last fold
}

const (
	statusWeeks = 4 // whose calibration status tells
	levels      = 2 // of the view calibration, in each week
)

type brokenDetection struct {
	Detection string `json:"detection"`
	Since     string `json:"since"` // first day whose findings are missing
	Error     string `json:"error"`
}

// readBroken reads which detections failed.
func readBroken(ctx context.Context, q store.Querier) ([]brokenDetection, error) {
	var r struct {
		ID    []string    `col:"detection_id"`
		Since []time.Time `col:"since,date"`
		Error []string    `col:"error"`
	}
	if err := q.Read(ctx, &r, `SELECT detection_id, since, error FROM meta.broken_detections ORDER BY detection_id`); err != nil {
		return nil, fmt.Errorf("read which detections failed: %w", err)
	}
	var out []brokenDetection
	for i, id := range r.ID {
		out = append(out, brokenDetection{id, r.Since[i].Format(time.DateOnly), r.Error[i]})
	}
	return out, nil
}

// readScoring returns nil before anything was scored.
func readScoring(ctx context.Context, q store.Querier) (*scoringStatus, error) {
	var r struct {
		ID     []string `col:"run_id"`
		Stages []string `col:"stages"`
	}
	if err := q.Read(ctx, &r, `SELECT run_id, stages FROM runs WHERE contains(stages, '"user_days"') ORDER BY started_at DESC, run_id DESC LIMIT 10`); err != nil {
		return nil, fmt.Errorf("read runs: %w", err)
	}
	for i, text := range r.Stages {
		var stages struct {
			Score *struct {
				Figures models.FoldSummary `json:"figures"`
			} `json:"score"`
		}
		if err := json.Unmarshal([]byte(text), &stages); err != nil || stages.Score == nil {
			continue // a run of another kind, or of another version
		}
		f := &stages.Score.Figures
		broken, err := readBroken(ctx, q)
		if err != nil {
			return nil, err
		}
		// The run notes the weeks that it scored anew; the last whole one may be older.
		weeks, err := models.ReadCalibration(ctx, q, time.Time{})
		if err != nil {
			return nil, err
		}
		weeks = weeks[max(0, len(weeks)-statusWeeks*levels):]
		return &scoringStatus{r.ID[i], float64(f.Realised), int(f.Suppressed), f.Withheld, weeks, f.SelfCheck, broken}, nil
	}
	return nil, nil
}

// words says it in a line or two.
func (s *scoringStatus) words() []string {
	lines := []string{fmt.Sprintf("%.2g alerts per 1,000 users and week", s.Realised)}
	if s.Withheld > 0 {
		lines[0] += fmt.Sprintf("; %d further findings are no alerts as the budget was used up (SELECT * FROM behaviors WHERE withheld)", s.Withheld)
	}
	if last := models.LastWhole(s.Calibration); len(last) > 0 {
		var parts []string
		for _, w := range last {
			parts = append(parts, fmt.Sprintf("%.2g %% of user-days at p <= %g %%%s", 100*w.Realised, 100*w.Nominal, pick(w.Drifting, " (drifting)", "")))
		}
		lines = append(lines, fmt.Sprintf("last whole week, from %s: %s", last[0].Week.Format(time.DateOnly), strings.Join(parts, ", ")))
	}
	if c := s.SelfCheck; c != nil {
		line := fmt.Sprintf("own days told from other people's: AUC %.3f (usual %.3f)", c.AUC, c.UsualAUC)
		if c.Dropped {
			line += "; lower than usual: a feed may have changed or fallen silent"
		}
		lines = append(lines, line)
	}
	for _, b := range s.Broken {
		text, _, _ := strings.Cut(b.Error, "\n")
		lines = append(lines, fmt.Sprintf("%s failed, its findings are missing since %s: %s", b.Detection, b.Since, text))
	}
	return lines
}
