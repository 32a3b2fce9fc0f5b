package models

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// Detections on what is neither a sign-in nor an operation (meetings, recordings, channels, failed sign-ins, settings, the feeds themselves) are statements over the landed
// tables, one file each, named by the detection's id. A statement may use
//
//	$from, $until   DATE: the days to report, both included
//
// and returns a row per finding. Columns that it leaves out are NULL; it must return day, and summary in words that name the user (or begin with what it is about):
//
//	day DATE, user_email VARCHAR, key VARCHAR, first_at TIMESTAMP, last_at TIMESTAMP, observed DOUBLE, expected DOUBLE, unit VARCHAR, score DOUBLE, alert BOOLEAN, severity VARCHAR,
//	summary VARCHAR, details VARCHAR (JSON object), events VARCHAR (JSON list of {id, at, what}), named VARCHAR[],
//	history_days DOUBLE, history_sum DOUBLE, history_max DOUBLE, peer_rate DOUBLE, p_below DOUBLE
//
// With history_days, the finding is a count: observed is judged by what the user did on so many earlier days (history_sum in all, history_max on the busiest) and what others
// do a day (peer_rate); it stands only if the tail probability is at most p_below, and never in the first week. A statement looks at no row later than the day that it reports.
//
//go:embed sets/*.sql
var setFiles embed.FS

// setTemplate has every column that a statement may return, so that it need not return all.
const setTemplate = `SELECT NULL::DATE AS day, NULL::VARCHAR AS user_email, NULL::VARCHAR AS "key", NULL::TIMESTAMP AS first_at, NULL::TIMESTAMP AS last_at, NULL::DOUBLE AS observed, NULL::DOUBLE AS expected,
	NULL::VARCHAR AS unit, NULL::DOUBLE AS score, NULL::BOOLEAN AS alert, NULL::VARCHAR AS severity, NULL::VARCHAR AS summary, NULL::VARCHAR AS details, NULL::VARCHAR AS events,
	NULL::VARCHAR[] AS named, NULL::DOUBLE AS history_days, NULL::DOUBLE AS history_sum, NULL::DOUBLE AS history_max, NULL::DOUBLE AS peer_rate, NULL::DOUBLE AS p_below WHERE false`

type setRows struct {
	Day         []time.Time `col:"day,date"`
	Email       []string    `col:"user_email"`
	Key         []string    `col:"key"`
	First       []time.Time `col:"first_at"`
	Last        []time.Time `col:"last_at"`
	Observed    []float64   `col:"observed"`
	Expected    []float64   `col:"expected"`
	Unit        []string    `col:"unit"`
	Score       []float64   `col:"score"`
	Alert       []bool      `col:"alert"`
	Severity    []string    `col:"severity"`
	Summary     []string    `col:"summary"`
	Details     []string    `col:"details"`
	Events      []string    `col:"events"`
	Named       [][]string  `col:"named"`
	HistoryDays []float64   `col:"history_days"`
	HistorySum  []float64   `col:"history_sum"`
	HistoryMax  []float64   `col:"history_max"`
	PeerRate    []float64   `col:"peer_rate"`
	Below       []float64   `col:"p_below"`
}

// setDetections returns the detections of the catalogue that are statements.
func setDetections() []*Detection {
	var out []*Detection
	for i := range Catalogue {
		if Catalogue[i].set {
			out = append(out, &Catalogue[i])
		}
	}
	return out
}

// readSets runs the statements of all detections that have one over the days [from, to] and returns what they find, by day, in a fixed order.
func readSets(ctx context.Context, q store.Querier, from, to int64, off func(id string) bool) (map[int64][]Finding, error) {
	out := map[int64][]Finding{}
	if from > to {
		return out, nil
	}
	for _, d := range setDetections() {
		if off(d.ID) {
			continue
		}
		found, err := d.readSet(ctx, q, from, to)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			n := features.DayNumber(f.Day)
			out[n] = append(out[n], f)
		}
	}
	return out, nil
}

// readSet runs the statement of one detection.
func (d *Detection) readSet(ctx context.Context, q store.Querier, from, to int64) ([]Finding, error) {
	text, err := setFiles.ReadFile("sets/" + d.ID + ".sql")
	if err != nil {
		return nil, fmt.Errorf("detection %s: %w", d.ID, err)
	}
	date := func(n int64) string { return "DATE '" + features.DayTime(n).Format(time.DateOnly) + "'" }
	query := strings.NewReplacer("$from", date(from), "$until", date(to)).Replace(strings.TrimRight(strings.TrimSpace(string(text)), ";"))
	var r setRows
	err = q.Read(ctx, &r, "SELECT * FROM ("+setTemplate+"\nUNION ALL BY NAME\n(\n"+query+"\n)) WHERE day BETWEEN "+date(from)+" AND "+date(to))
	if err != nil {
		return nil, fmt.Errorf("detection %s: %w", d.ID, err)
	}
	var out []Finding
	for i := range r.Day {
		f, ok, err := d.setFinding(&r, i)
		if err != nil {
			return nil, fmt.Errorf("detection %s: %w", d.ID, err)
		}
		if ok {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Email, b.Email), cmp.Compare(a.Key, b.Key), a.First.Compare(b.First))
	})
	return slices.CompactFunc(out, func(a, b Finding) bool { return a.id() == b.id() }), nil
}

const (
	// setPrior is the weight of what others do beside a user's own past, in days.
	setPrior = 7
	// setLearning is how many earlier days a count needs before it is judged.
	setLearning = 7
)

// setFinding makes a finding of row i; ok is false when it is not rare enough.
func (d *Detection) setFinding(r *setRows, i int) (f Finding, ok bool, err error) {
	day := r.Day[i]
	end := day.Add(24 * time.Hour)
	f = Finding{Detection: d, Email: r.Email[i], Key: r.Key[i], Named: r.Named[i], Day: day, Start: day, End: end, First: r.First[i], Last: r.Last[i], Observed: r.Observed[i],
		Expected: r.Expected[i], Unit: r.Unit[i], P: math.NaN(), Score: r.Score[i], Alert: r.Alert[i], Severity: r.Severity[i], Summary: r.Summary[i]}
	if f.First.IsZero() {
		f.First = day
	}
	if f.Last.IsZero() {
		f.Last = f.First
	}
	f.Start, f.End = minTime(f.Start, f.First), maxTime(f.End, f.Last) // a sequence may begin on an earlier day
	if math.IsNaN(f.Score) {
		f.Score = f.Observed
	}
	if math.IsNaN(f.Score) {
		f.Score = 1
	}
	if n := r.HistoryDays[i]; !math.IsNaN(n) {
		if n < setLearning {
			return f, false, nil
		}
		rate, sum := max(orZero(r.PeerRate[i]), 1e-3), orZero(r.HistorySum[i])
		prior := features.VolumePrior{Shape: rate * setPrior, Rate: setPrior, Dispersion: 1, Weekday: [7]float64{1, 1, 1, 1, 1, 1, 1}}
		nb := prior.Predict(features.Volume{Days: n, Sum: sum}, 0)
		f.Expected, f.P = nb.Mean, max(nb.UpperTail(f.Observed), recordTail(f.Observed, orZero(r.HistoryMax[i]), int64(n)))
		if f.P > r.Below[i] {
			return f, false, nil
		}
		f.Evidence.Contributions = []Contribution{{Name: f.Unit, Observed: f.Observed, Expected: ptr(nb.Mean), Lower: ptr(nb.Quantile(0.025)), Upper: ptr(nb.Quantile(0.975)),
			HistoryDays: ptr(int64(n)), PeerRate: ptr(rate), P: ptr(f.P)}}
	}
	f.Evidence.Details = map[string]any{}
	if r.Details[i] != "" {
		if err := json.Unmarshal([]byte(r.Details[i]), &f.Evidence.Details); err != nil {
			return f, false, fmt.Errorf("details of the finding of %s: %w", day.Format(time.DateOnly), err)
		}
	}
	if r.Events[i] != "" {
		if err := json.Unmarshal([]byte(r.Events[i]), &f.Evidence.Events); err != nil {
			return f, false, fmt.Errorf("events of the finding of %s: %w", day.Format(time.DateOnly), err)
		}
		f.Evidence.Events = f.Evidence.Events[:min(len(f.Evidence.Events), maxEvents)]
	}
	if len(f.Evidence.Details) == 0 && len(f.Evidence.Contributions) == 0 && len(f.Evidence.Events) == 0 {
		f.Evidence.Details["rows"] = orZero(f.Observed)
	}
	return f, true, nil
}

func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

// setHorizon is how many days back what the statements find is compared with what was found before: rows of feeds that are read call by call land for weeks.
const setHorizon = 62

// changedSets returns the first day from from on whose findings are not those of the database, and all of them; to+1 when there is none.
func changedSets(ctx context.Context, q store.Querier, found map[int64][]Finding, from, to int64) (int64, error) {
	var ids []string
	for _, d := range setDetections() {
		ids = append(ids, "'"+d.ID+"'")
	}
	if len(ids) == 0 {
		return to + 1, nil
	}
	var have struct {
		ID       []string    `col:"behavior_id"`
		Day      []time.Time `col:"day,date"`
		Observed []float64   `col:"observed"`
	}
	if err := q.Read(ctx, &have, `SELECT behavior_id, day, observed FROM models.behaviors WHERE day >= ? AND detection_id IN (`+strings.Join(ids, ", ")+`)`, features.DayTime(from)); err != nil {
		return 0, fmt.Errorf("read earlier findings: %w", err)
	}
	type key struct {
		id       string
		observed float64
	}
	old := map[int64]map[key]bool{}
	for i, id := range have.ID {
		n := features.DayNumber(have.Day[i])
		if old[n] == nil {
			old[n] = map[key]bool{}
		}
		old[n][key{id, orZero(have.Observed[i])}] = true
	}
	for n := from; n <= to; n++ {
		if len(old[n]) != len(found[n]) {
			return n, nil
		}
		for i := range found[n] {
			if !old[n][key{found[n][i].id(), orZero(found[n][i].Observed)}] {
				return n, nil
			}
		}
	}
	return to + 1, nil
}
