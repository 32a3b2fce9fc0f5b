package posture

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// scale is what a score was measured with, beside the account itself. Scores of two scales are not to be compared: the account may be as it was.
type scale struct {
	Profile    string         `json:"profile"`
	Params     map[string]any `json:"params,omitempty"`
	Exceptions []decided      `json:"exceptions,omitempty"` // that applied on the day, by control
	Catalogue  string         `json:"catalogue"`            // fingerprint of the controls
}

// decided is what of an exception bears on points. Reasons and owners do not.
type decided struct {
	Control string         `json:"control"`
	State   ExceptionState `json:"state"`
}

// scaleOf returns the scale of an input.
func (c *Catalog) scaleOf(in *Input) scale {
	s := scale{Profile: cmp.Or(in.Profile, Profiles()[0]), Catalogue: c.fingerprint()}
	params, _ := c.resolve(in.Params)
	for name := range in.Params {
		if s.Params == nil {
			s.Params = map[string]any{}
		}
		if n, ok := params.numbers[name]; ok {
			s.Params[name] = n
		} else if list, ok := params.lists[name]; ok {
			s.Params[name] = list
		}
	}
	for i := range in.Exceptions {
		if x := &in.Exceptions[i]; !x.expired(in.AsOf) {
			s.Exceptions = append(s.Exceptions, decided{x.Control, x.State})
		}
	}
	slices.SortFunc(s.Exceptions, func(a, b decided) int { return strings.Compare(a.Control, b.Control) })
	return s
}

// under returns the input as the scale would have it judged, on the same day.
func (s scale) under(in Input) Input {
	in.Profile, in.Params, in.Exceptions = s.Profile, s.Params, nil
	for _, x := range s.Exceptions {
		in.Exceptions = append(in.Exceptions, Exception{Control: x.Control, State: x.State, Reason: "r"})
	}
	return in
}

// differs lists the parts in which two scales differ, in words.
func (s scale) differs(from scale) (parts []string) {
	if s.Profile != from.Profile {
		parts = append(parts, fmt.Sprintf("profile %s instead of %s", s.Profile, from.Profile))
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Params)) {
		if fingerprintOf(s.Params[name]) != fingerprintOf(from.Params[name]) {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from.Params)) {
		if _, still := s.Params[name]; !still {
			names = append(names, name)
		}
	}
	if names != nil {
		parts = append(parts, "parameters "+strings.Join(names, ", "))
	}
	var ids []string
	for _, pair := range [][2][]decided{{s.Exceptions, from.Exceptions}, {from.Exceptions, s.Exceptions}} {
		for _, x := range pair[0] {
			if !slices.Contains(pair[1], x) {
				ids = appendNew(ids, x.Control)
			}
		}
	}
	if slices.Sort(ids); ids != nil {
		parts = append(parts, "exceptions for "+strings.Join(ids, ", "))
	}
	if s.Catalogue != from.Catalogue {
		parts = append(parts, "another catalogue of controls")
	}
	return parts
}

// fingerprint tells catalogues apart by what bears on verdicts and points; titles and remedies do not.
func (c *Catalog) fingerprint() string {
	var rules []any
	for i := range c.Controls {
		ctl := &c.Controls[i]
		rules = append(rules, []any{ctl.ID, ctl.Version, ctl.Severity, ctl.Profiles, ctl.Source, ctl.Where, ctl.Assert, ctl.Lock, ctl.Partial, ctl.Automation})
	}
	for _, p := range c.Params {
		rules = append(rules, []any{p.Name, p.Number, p.List})
	}
	return fingerprintOf(rules)
}

// fingerprintOf is the first twelve hexadecimal digits of the SHA-256 of a value's JSON.
func fingerprintOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // values of the catalogue and of checked parameters
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// attribute compares the score with that of the run before: how much of the difference came from another scale, in percentage points. It judges the account as it is by the scale
// of then. It is 0 where the scale is the same; nil where it cannot be told, as by another catalogue or at the first run.
func (s *Summary) attribute(ctx context.Context, tx *store.Tx, c *Catalog, in Input, runID string) (now string, part *float64, why string, err error) {
	is := c.scaleOf(&in)
	text, err := json.Marshal(is)
	if err != nil {
		return "", nil, "", fmt.Errorf("write scale of the score: %w", err)
	}
	var last struct {
		Scale []string `col:"scale_of"`
	}
	if err := tx.Read(ctx, &last, `SELECT coalesce(scale_of, '') AS scale_of FROM models.posture_scores WHERE run_id <> ? ORDER BY at DESC, run_id DESC LIMIT 1`, runID); err != nil {
		return "", nil, "", fmt.Errorf("read scale of the score before: %w", err)
	}
	if len(last.Scale) == 0 {
		return string(text), nil, "", nil
	}
	var was scale
	if last.Scale[0] == "" || json.Unmarshal([]byte(last.Scale[0]), &was) != nil {
		return string(text), nil, "the run before did not note how it measured", nil
	}
	why = strings.Join(is.differs(was), "; ")
	zero := 0.0
	switch {
	case why == "":
		return string(text), &zero, "", nil
	case was.Catalogue != is.Catalogue:
		return string(text), nil, why, nil
	}
	moved := s.Score.Score - ScoreOf(Evaluate(c, was.under(in))).Score
	return string(text), &moved, why, nil
}

// writeScore appends the score of the run.
func (s *Summary) writeScore(ctx context.Context, tx *store.Tx, c *Catalog, in Input, runID string) error {
	text, part, why, err := s.attribute(ctx, tx, c, in, runID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM models.posture_scores WHERE run_id = ?`, runID); err != nil {
		return fmt.Errorf("write score: %w", err)
	}
	is := c.scaleOf(&in)
	moved := sql.NullFloat64{}
	if part != nil {
		moved = sql.NullFloat64{Float64: *part, Valid: true}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO models.posture_scores (run_id, at, score, achievable_score, coverage, points, max_points, open_recommendations, attested_points, profile, scale, scale_of,
			catalogue, params, exceptions, from_configuration, configuration_changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`, runID, s.At, s.Score.Score, s.Achievable, s.Coverage, s.Points, s.MaxPoints, s.open(), s.Attested,
		is.Profile, fingerprintOf(is), text, is.Catalogue, fingerprintOf(is.Params), fingerprintOf(is.Exceptions), moved, why); err != nil {
		return fmt.Errorf("write score: %w", err)
	}
	return nil
}

// A Movement is how the score moved over some runs, and how much of that came from the configuration.
type Movement struct {
	From, To      float64 // score in percent
	Since         time.Time
	Configuration float64  // percentage points
	Unknown       bool     // some of it cannot be split, as the catalogue changed or an older version measured
	Why           []string // what changed of the configuration, in words
}

// ReadMovement says how the score moved from the last run until a time to the latest one; false where there are not two.
func ReadMovement(ctx context.Context, q store.Querier, since time.Time) (Movement, bool, error) {
	var rows struct {
		At    []time.Time `col:"at"`
		Score []float64   `col:"score"`
		Part  []float64   `col:"part"`
		Known []bool      `col:"known"`
		Why   []string    `col:"configuration_changed"`
	}
	if err := q.Read(ctx, &rows, `SELECT at, score, coalesce(from_configuration, 0) AS part, from_configuration IS NOT NULL AS known, coalesce(configuration_changed, '') AS configuration_changed FROM main.posture_score
		WHERE at >= coalesce((SELECT max(at) FROM main.posture_score WHERE at <= ?), TIMESTAMP '1970-01-01') ORDER BY at, run_id`, since); err != nil {
		return Movement{}, false, fmt.Errorf("read posture score: %w", err)
	}
	n := len(rows.At)
	if n < 2 {
		return Movement{}, false, nil
	}
	m := Movement{From: rows.Score[0], To: rows.Score[n-1], Since: rows.At[0]}
	for i := 1; i < n; i++ {
		m.Unknown = m.Unknown || !rows.Known[i]
		m.Configuration += rows.Part[i]
		if rows.Why[i] != "" {
			m.Why = appendNew(m.Why, rows.Why[i])
		}
	}
	return m, true, nil
}

// Words says where the movement came from; "" when the configuration had no part in it.
func (m Movement) Words() string {
	total := m.To - m.From
	switch {
	case m.Unknown:
		return fmt.Sprintf("how much of %+.1f points came from the account cannot be told: %s", total, strings.Join(m.Why, "; "))
	case len(m.Why) == 0:
		return ""
	}
	return fmt.Sprintf("of %+.1f points, %+.1f came from the configuration (%s) and %+.1f from the account", total, m.Configuration, strings.Join(m.Why, "; "), total-m.Configuration)
}
