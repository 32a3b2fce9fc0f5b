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
// It must be quick for a few days beside a long history: what happened on the days to report first, and only then the past of those whom it concerns.
//
// What SQL cannot judge passes through the detection's Go function sift, which may drop and rewrite rows.
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
		if ok && (d.sift == nil || d.sift(&f)) {
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
