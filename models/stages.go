package models

import "time"

// Stages says where a fold spent its time, in seconds of the wall clock.
type Stages struct {
	Read       float64 `json:"read"`       // rows from the database, put in order and counted
	Features   float64 `json:"features"`   // tokens, priors, predictions; the day learnt by the state
	Sets       float64 `json:"sets"`       // detections that are statements over the landed tables
	Score      float64 `json:"score"`      // evidence, detections, decisions; the day learnt by the models
	Write      float64 `json:"write"`      // observations, verdicts, baselines, risk
	Checkpoint float64 `json:"checkpoint"` // state written and read
}

// lap adds the time since start to a stage and returns the present.
func lap(stage *float64, start time.Time) time.Time {
	now := time.Now()
	*stage += now.Sub(start).Seconds()
	return now
}
