package models

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/models/outlier"
)

// Constants of Shape.
const (
	shapeRows    = 2000 // past user-days that it is fitted on
	shapePerDay  = 200  // of a large tenant, so that the rows span two weeks
	shapeMinRows = 200  // fewer are not fitted
	shapeRefit   = 7    // days between two fits
	shapeTrees   = 50
	shapeSample  = 128
	shapeSupport = 0.75 // of the minimum covariance determinant
	maxResidual  = 6    // bounds a residual, in standard deviations: one wild count must not be all there is
)

// Shape answers "is the day as a whole unlike other days?": every part may pass, and only their combination be odd. It looks at residuals, which say how far each
// side of a day is from what was expected of this user on such a day in units that are the same for everybody, and asks an isolation forest and a robust covariance
// fitted on past user-days of the whole organisation how far that combination is from the usual ones.
type Shape struct {
	Rows  []float64 // past residuals, row by row
	Day   int64     // on which a fit was last tried
	Model *outlier.Joint
}

// shapeParts are the sides of a day. A behaviour belongs to one of them; what is seldom done shares one, as a column that is 0 for nearly every row would make any
// other value an outlier.
var shapeParts = []struct {
	name       string
	meaning    string
	behaviours []string
	channels   []features.Channel
}{
	{name: "sign_ins", meaning: "number of sign-ins", behaviours: []string{"sign_ins"}},
	{name: "spread", meaning: "number of different networks, countries and clients", behaviours: []string{"further_prefixes", "further_networks", "further_countries", "further_clients"}},
	{name: "operations", meaning: "number of operations", behaviours: []string{"operations", "session_operations"}},
	{name: "session", meaning: "length of the longest session", behaviours: []string{"session_minutes"}},
	{name: "administration", meaning: "amount of administration", behaviours: []string{"admin_operations", "off_hours_admin_operations", "setting_changes", "role_changes", "user_removals",
		"user_additions", "recording_deletions", "recording_accesses"}},
	{name: "what", meaning: "what was done, how much and in what order", channels: []features.Channel{features.Act, features.Level, features.Pair, features.Run}},
	{name: "when", meaning: "time of day, pace and rhythm", channels: []features.Channel{features.Pace, features.Rhythm, features.Hour}},
	{name: "where", meaning: "place and client", channels: []features.Channel{features.Prefix, features.Network, features.Country, features.Client, features.Version}},
}

// shapeBehaviours are the indices of shapeParts' behaviours.
var shapeBehaviours = func() [][]int {
	out := make([][]int, len(shapeParts))
	for i, p := range shapeParts {
		for _, id := range p.behaviours {
			out[i] = append(out[i], features.BehaviourIndex(id))
		}
	}
	return out
}()

// residuals writes the residuals of a user-day into row. Counts become normal scores of their predictive distribution (the greatest of a part); identity's inputs,
// which are evidence already, the mean of a part in standard deviations of the model's rows.
func residuals(row []float64, tails []float64, id *Identity, z []float64) {
	for i, p := range shapeParts {
		row[i] = 0
		if p.channels == nil {
			least := 1.0
			for _, b := range shapeBehaviours[i] {
				least = min(least, tails[b])
			}
			row[i] = clamp(-distuv.UnitNormal.Quantile(min(max(least, 1e-12), 1-1e-12)))
			continue
		}
		if id.Model == nil {
			continue
		}
		n := 0.0
		for k, c := range id.Channels {
			if slices.Contains(p.channels, c) {
				row[i] += (z[k] - id.Model.Mean[k]) / id.Model.SD[k]
				n++
			}
		}
		if n > 0 {
			row[i] = clamp(row[i] / n)
		}
	}
}

func clamp(x float64) float64 { return min(max(x, -maxResidual), maxResidual) }

// prepare fits the model anew when that is due. Call it before a day is judged. When the rows allow no fit, the model stays as it was and the next try is a week away.
func (s *Shape) prepare(day int64) error {
	n := len(s.Rows) / len(shapeParts)
	if n < shapeMinRows || s.Day != 0 && day-s.Day < shapeRefit {
		return nil
	}
	s.Day = day
	m, err := outlier.FitJoint(mat.NewDense(n, len(shapeParts), s.Rows), outlier.ForestOptions{Trees: shapeTrees, Sample: shapeSample, Seed: uint64(day)},
		outlier.MCDOptions{Support: shapeSupport, Seed: uint64(day)})
	if err != nil {
		return fmt.Errorf("fit the shape of days: %w", err)
	}
	s.Model = m
	return nil
}

// scores returns -log10 of the joined p-value for rows of residuals; 0 for all before there is a model.
func (s *Shape) scores(rows []float64) ([]float64, error) {
	n := len(rows) / len(shapeParts)
	if s.Model == nil || n == 0 {
		return make([]float64, n), nil
	}
	out, err := s.Model.Scores(mat.NewDense(n, len(shapeParts), rows))
	if err != nil {
		return nil, fmt.Errorf("judge the shape of days: %w", err)
	}
	for i, x := range out {
		out[i] = -math.Log10(max(1-x, 1e-12))
	}
	return out, nil
}

// learn keeps a row of residuals of each user-day that keep names.
func (s *Shape) learn(rows []float64, keep func(i int) bool) {
	width := len(shapeParts)
	for i := range len(rows) / width {
		if keep(i) {
			s.Rows = append(s.Rows, rows[i*width:(i+1)*width]...)
		}
	}
	if extra := len(s.Rows) - shapeRows*width; extra > 0 {
		s.Rows = slices.Clone(s.Rows[extra:])
	}
}
