package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/cmd/zoomward/report"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

const (
	reportAlerts  = 50 // open alerts that are listed, each with its explanation
	reportWeeks   = 27 // half a year
	reportRisks   = 15
	reportFixes   = 20
	reportChanges = 50
	reportText    = 110 // columns of an explanation
)

// readReport gathers what the page shows.
func (a *app) readReport(ctx context.Context, db *store.DB) (*report.Page, error) {
	status := statusReport{Database: a.cfg.DB}
	if err := status.read(ctx, db, a.asOf()); err != nil {
		return nil, err
	}
	p := &report.Page{Version: versionText(), At: a.asOf()}
	for _, read := range []func(context.Context, *store.DB, *report.Page) error{a.readReportRun, a.readReportAlerts, readReportRisks, readReportPosture, readReportDrift} {
		if err := read(ctx, db, p); err != nil {
			return nil, err
		}
	}
	p.Missing = reportMissing(status.Detections.Missing)
	for _, f := range status.Feeds {
		x := report.Feed{Name: f.Feed, State: f.State, Message: f.Message, Rows: f.RowsLanded, Due: f.Due}
		if f.Watermark != nil {
			x.Until = *f.Watermark
		}
		p.Feeds = append(p.Feeds, x)
		if f.State == "failed" {
			p.Warning = append(p.Warning, fmt.Sprintf("The feed %s could not be read in full: %s", f.Feed, f.Message))
		}
	}
	if r := status.LastRun; r != nil && r.Error != "" {
		p.Warning = append(p.Warning, "The last run: "+r.Error)
	}
	if status.Scoring != nil {
		for _, b := range status.Scoring.Broken {
			text, _, _ := strings.Cut(b.Error, "\n")
			p.Warning = append(p.Warning, fmt.Sprintf("The detection %s failed; what it would have found since %s is missing: %s", b.Detection, b.Since, text))
		}
	}
	p.Tiles = reportTiles(&status, p)
	return p, nil
}

func reportTiles(s *statusReport, p *report.Page) []report.Tile {
	var open int64
	var words []string
	class := "good"
	for _, severity := range severities() {
		if n := s.OpenAlerts[severity]; n > 0 {
			open += n
			words = append(words, fmt.Sprintf("%d %s", n, severity))
			switch {
			case severity == "critical" || severity == "high":
				class = "bad"
			case class == "good":
				class = "fair"
			}
		}
	}
	tiles := []report.Tile{{Value: fmt.Sprint(open), Label: "open alerts", Note: strings.Join(words, ", "), Class: class}}
	if x := s.Posture; x != nil {
		class := "bad"
		switch { // the bands that Secure Score users know as good and okay are set by each customer; these are ours
		case x.Score >= 80:
			class = "good"
		case x.Score >= 50:
			class = "fair"
		}
		tiles = append(tiles, report.Tile{Value: fmt.Sprintf("%.0f %%", x.Score), Label: "posture score",
			Note: fmt.Sprintf("of %.0f %% achievable; coverage %.0f %%", x.Achievable, x.Coverage), Class: class})
	}
	tiles = append(tiles, report.Tile{Value: fmt.Sprint(p.Run.Users), Label: "active users"},
		report.Tile{Value: fmt.Sprintf("%d of %d", s.Detections.CanRun, s.Detections.Total), Label: "detections can run"})
	if s.Scoring != nil {
		tiles = append(tiles, report.Tile{Value: fmt.Sprintf("%.1f", s.Scoring.Realised), Label: "alerts per 1,000 users and week"})
	}
	return tiles
}

func (a *app) readReportRun(ctx context.Context, db *store.DB, p *report.Page) error {
	var r struct {
		ID      []string    `col:"run_id"`
		Status  []string    `col:"status"`
		Started []time.Time `col:"started_at"`
		AsOf    []time.Time `col:"as_of"`
		Account []string    `col:"account_id,null"`
	}
	if err := db.Read(ctx, &r, `SELECT run_id, status, started_at, as_of, account_id FROM runs ORDER BY started_at DESC, run_id DESC LIMIT 1`); err != nil {
		return fmt.Errorf("read runs: %w", err)
	}
	if len(r.ID) > 0 {
		p.Run.ID, p.Run.Status, p.Run.StartedAt, p.Account = r.ID[0], r.Status[0], r.Started[0], r.Account[0]
		if !r.AsOf[0].IsZero() {
			p.At = r.AsOf[0]
		}
	}
	var days struct {
		From  []time.Time `col:"first_day,date"`
		To    []time.Time `col:"last_day,date"`
		Users []int64     `col:"users"`
	}
	if err := db.Read(ctx, &days, `SELECT min(day) AS first_day, max(day) AS last_day, (SELECT count(*) FROM users WHERE status = 'active') AS users FROM user_days`); err != nil {
		return fmt.Errorf("read days: %w", err)
	}
	p.Run.Users = days.Users[0]
	if !days.From[0].IsZero() {
		p.Run.From, p.Run.To = days.From[0].Format(time.DateOnly), days.To[0].Format(time.DateOnly)
	}
	return nil
}

func (a *app) readReportAlerts(ctx context.Context, db *store.DB, p *report.Page) error {
	var weeks struct {
		Monday   []time.Time `col:"monday,date"`
		Severity []string    `col:"severity"`
		N        []int64     `col:"n"`
	}
	if err := db.Read(ctx, &weeks, `SELECT date_trunc('week', window_start)::DATE AS monday, severity, count(*) AS n FROM alerts GROUP BY ALL ORDER BY monday`); err != nil {
		return fmt.Errorf("count alerts by week: %w", err)
	}
	byWeek := map[time.Time]map[string]int{}
	for i, m := range weeks.Monday {
		if byWeek[m] == nil {
			byWeek[m] = map[string]int{}
		}
		byWeek[m][weeks.Severity[i]] += int(weeks.N[i])
	}
	if len(weeks.Monday) > 0 { // weeks without alerts are weeks too
		last := p.At.UTC().Truncate(24 * time.Hour)
		last = last.AddDate(0, 0, -(int(last.Weekday())+6)%7)
		first := weeks.Monday[0]
		if from, err := time.Parse(time.DateOnly, p.Run.From); err == nil && from.Before(first) {
			first = from.AddDate(0, 0, -(int(from.Weekday())+6)%7)
		}
		if oldest := last.AddDate(0, 0, -7*(reportWeeks-1)); first.Before(oldest) {
			first = oldest
		}
		for m := first; !m.After(last); m = m.AddDate(0, 0, 7) {
			p.Weeks = append(p.Weeks, report.Week{Monday: m, Counts: byWeek[m]})
		}
	}
	const open = "status IN ('new', 'in_progress')"
	all, err := count(ctx, db, "alerts", "true")
	if err != nil {
		return err
	}
	stillOpen, err := count(ctx, db, "alerts", open)
	if err != nil {
		return err
	}
	var rows struct {
		alertRows
		Owner []string `col:"owner,null"`
	}
	if err := db.Read(ctx, &rows.alertRows, fmt.Sprintf(readAlerts, open)+fmt.Sprintf(" LIMIT %d", reportAlerts)); err != nil {
		return fmt.Errorf("read alerts: %w", err)
	}
	p.Closed, p.More = int(all-stillOpen), int(stillOpen)-len(rows.ID)
	if p.Withheld, err = count(ctx, db, "behaviors", "withheld"); err != nil {
		return err
	}
	for i, id := range rows.ID {
		facts, err := readFacts(ctx, db, id)
		if err != nil {
			return err
		}
		text := explainFacts(facts, a.cfg.DB, a.again()).lines(drawing{unicode: true, width: reportText})
		p.Alerts = append(p.Alerts, report.Alert{ID: id, Severity: rows.Severity[i], Title: rows.Title[i], User: rows.User[i], Status: rows.Status[i], Summary: rows.Summary[i],
			Start: rows.Start[i], Explanation: strings.Join(text, "\n")})
	}
	return nil
}

func readReportRisks(ctx context.Context, db *store.DB, p *report.Page) error {
	var r struct {
		User       []string  `col:"user_email"`
		Score      []float64 `col:"score"`
		Percentile []float64 `col:"percentile"`
		Change     []float64 `col:"change_7d"`
		Parts      []string  `col:"contributions"`
	}
	if err := db.Read(ctx, &r, fmt.Sprintf(`SELECT user_email, score, percentile, change_7d, contributions FROM user_risk WHERE user_email IS NOT NULL ORDER BY score DESC, user_email LIMIT %d`, reportRisks)); err != nil {
		return fmt.Errorf("read user risk: %w", err)
	}
	for i, u := range r.User {
		p.Risks = append(p.Risks, report.Risk{User: u, Score: r.Score[i], Percentile: r.Percentile[i], Change: r.Change[i], Parts: riskParts(r.Parts[i])})
	}
	return nil
}

// riskParts names the three findings that weigh most.
func riskParts(contributions string) []string {
	var list []struct {
		Detection string  `json:"detection_id"`
		Day       string  `json:"day"`
		Points    float64 `json:"points"`
	}
	if json.Unmarshal([]byte(contributions), &list) != nil {
		return nil // of another version
	}
	var out []string
	for _, c := range list[:min(3, len(list))] {
		title := detectionOf(c.Detection).Title
		out = append(out, fmt.Sprintf("%s on %s (%.1f)", cmp.Or(title, c.Detection), c.Day, c.Points))
	}
	if n := len(list) - len(out); n > 0 {
		out = append(out, fmt.Sprintf("and %d more", n))
	}
	return out
}

func readReportPosture(ctx context.Context, db *store.DB, p *report.Page) error {
	var s struct {
		At         []time.Time `col:"at"`
		Score      []float64   `col:"score"`
		Achievable []float64   `col:"achievable_score"`
		Coverage   []float64   `col:"coverage"`
	}
	if err := db.Read(ctx, &s, `SELECT at, score, achievable_score, coverage FROM posture_score ORDER BY at DESC, run_id DESC LIMIT 200`); err != nil {
		return fmt.Errorf("read posture score: %w", err)
	}
	if len(s.At) == 0 {
		return nil
	}
	x := &p.Posture
	x.Judged, x.Score, x.Achievable, x.Coverage = true, s.Score[0], s.Achievable[0], s.Coverage[0]
	for i := len(s.At) - 1; i >= 0; i-- {
		x.History = append(x.History, report.Point{At: s.At[i], Score: s.Score[i]})
	}
	var c struct {
		ID          []string  `col:"control_id"`
		Title       []string  `col:"title"`
		Severity    []string  `col:"severity"`
		Status      []string  `col:"status"`
		Observed    []string  `col:"observed,null"`
		Expected    []string  `col:"expected,null"`
		Reason      []string  `col:"reason,null"`
		Remediation []string  `col:"remediation,null"`
		Exception   []string  `col:"exception,null"`
		Points      []float64 `col:"points"`
		Max         []float64 `col:"max_points"`
		Gain        []float64 `col:"gain"`
		Rank        []int64   `col:"rank"` // 0: nothing to put right
	}
	if err := db.Read(ctx, &c, `SELECT control_id, title, severity, status, observed, expected, reason, remediation, exception, points, max_points, coalesce(gain, 0) AS gain, coalesce(rank, 0) AS rank
		FROM posture ORDER BY control_id, resource_id`); err != nil {
		return fmt.Errorf("read posture: %w", err)
	}
	counts, rank := map[string]int{}, map[string]int64{}
	for i, id := range c.ID {
		counts[c.Status[i]]++
		rank[id] = c.Rank[i]
		ctl := report.Control{ID: id, Title: c.Title[i], Severity: c.Severity[i], Status: c.Status[i], Observed: c.Observed[i], Expected: c.Expected[i], Reason: c.Reason[i],
			Remediation: c.Remediation[i], Exception: c.Exception[i], Points: c.Points[i], Max: c.Max[i], Gain: c.Gain[i]}
		x.All = append(x.All, ctl)
		if c.Rank[i] > 0 {
			x.Fix = append(x.Fix, ctl)
		}
	}
	slices.SortStableFunc(x.Fix, func(a, b report.Control) int { return cmp.Compare(rank[a.ID], rank[b.ID]) })
	x.Fix = x.Fix[:min(len(x.Fix), reportFixes)]
	for _, status := range []string{"fail", "partial", "error", "manual", "unknown", "pass", "not_applicable"} {
		if n := counts[status]; n > 0 {
			x.Counts = append(x.Counts, report.Count{Status: status, N: n})
		}
	}
	var d struct {
		Control []string    `col:"control_id,null"`
		Setting []string    `col:"setting,null"`
		Before  []string    `col:"old_value,null"`
		After   []string    `col:"new_value,null"`
		At      []time.Time `col:"changed_at"`
		Who     []string    `col:"operator,null"`
	}
	if err := db.Read(ctx, &d, fmt.Sprintf(`SELECT control_id, setting, old_value, new_value, changed_at, operator FROM posture_changes WHERE change NOT IN ('coverage', 'joined') AND changed_at > ?::TIMESTAMP - INTERVAL 30 DAY
		ORDER BY changed_at DESC, control_id, setting LIMIT %d`, reportChanges), p.At); err != nil {
		return fmt.Errorf("read posture changes: %w", err)
	}
	for i := range d.At {
		x.Changes = append(x.Changes, report.Change{At: d.At[i], What: cmp.Or(d.Control[i], d.Setting[i]), Before: d.Before[i], After: d.After[i], Who: d.Who[i]})
	}
	return nil
}

func readReportDrift(ctx context.Context, db *store.DB, p *report.Page) error {
	var c struct {
		Week     []time.Time `col:"week,date"`
		Nominal  []float64   `col:"nominal"`
		Realised []float64   `col:"realised"`
		Lower    []float64   `col:"lower"`
		Upper    []float64   `col:"upper"`
		Drifting []bool      `col:"drifting"`
	}
	if err := db.Read(ctx, &c, `SELECT week, nominal, realised, lower, upper, drifting FROM calibration WHERE nominal = 0.01 ORDER BY week DESC LIMIT 8`); err != nil {
		return fmt.Errorf("read calibration: %w", err)
	}
	for i := range c.Week {
		p.Drift = append(p.Drift, report.Level{Week: c.Week[i], Nominal: c.Nominal[i], Realised: c.Realised[i], Lower: c.Lower[i], Higher: c.Upper[i], Drifting: c.Drifting[i]})
	}
	return nil
}

// reportMissing names for every kind of data that is not there the detections that wait for it, and those that Zoom cannot support at all.
func reportMissing(lacks map[string]string) []report.Missing {
	var out []report.Missing
	for _, name := range slices.Sorted(maps.Keys(lacks)) {
		m := report.Missing{Data: name, Todo: lacks[name]}
		for i := range models.Catalogue {
			if d := &models.Catalogue[i]; slices.Contains(d.Data, name) {
				m.Detections = append(m.Detections, d.ID+" "+d.Title)
			}
		}
		out = append(out, m)
	}
	for _, d := range models.NotSupported {
		out = append(out, report.Missing{Data: "not in Zoom's data", Todo: d.Why, Detections: []string{d.ID + " " + d.Title}})
	}
	return out
}
