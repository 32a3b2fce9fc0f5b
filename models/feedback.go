package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// What a person can say of an alert, and what follows:
//
//   - new, in_progress: its user-days do not teach the baselines.
//   - true_positive: they never will. The alert is closed: what happens after the day it was closed on is a new alert.
//   - benign: its user-days are learnt as soon as every other alert on them is closed as harmless too. Closed.
//   - false_positive: learnt as well, and later findings that are alike are suppressed: they stay behaviors. Closed.
//
// All of it is undone by setting another status. It never changes what was found up to the day of the alert, only what comes after.
const (
	StatusNew           = "new"
	StatusInProgress    = "in_progress"
	StatusTruePositive  = "true_positive"
	StatusBenign        = "benign"
	StatusFalsePositive = "false_positive"
)

// Statuses lists what a person can say of an alert.
func Statuses() []string {
	return []string{StatusNew, StatusInProgress, StatusTruePositive, StatusBenign, StatusFalsePositive}
}

// ErrNoAlert says that no alert has an id.
var ErrNoAlert = errors.New("no alert has the id")

// SetTriage notes what a person says of an alert, with what the alert is about: scoring again may not raise it any more, and what was said stays. The next Fold goes by it.
// The error is ErrNoAlert for an id that never was an alert's.
func SetTriage(ctx context.Context, tx *store.Tx, alertID, status, note string, at time.Time) error {
	if !slices.Contains(Statuses(), status) {
		return fmt.Errorf("status %q is not one of %s", status, strings.Join(Statuses(), ", "))
	}
	n, err := tx.Exec(ctx, `INSERT INTO models.triage (alert_id, status, note, set_at, detection_id, user_email, "key", severity, observed, score, day)
		SELECT alert_id, ?, nullif(?, ''), ?, detection_id, user_email, coalesce("key", ''), severity, observed, score, day FROM (
			SELECT 1 AS source, NULL::TIMESTAMP AS set_at, alert_id, detection_id, user_email, "key", severity, observed, score, day FROM models.alerts WHERE alert_id = ?
			UNION ALL SELECT 1, NULL, finding_id, policy_id, user_email, "key", severity, observed, NULL, first_seen_at::DATE FROM models.policy_findings WHERE finding_id = ? AND class = 'alert'
			UNION ALL SELECT 2, set_at, alert_id, detection_id, user_email, "key", severity, observed, score, day FROM models.triage WHERE alert_id = ? AND detection_id IS NOT NULL)
		ORDER BY source, set_at DESC LIMIT 1`, status, note, at, alertID, alertID, alertID)
	if err != nil {
		return fmt.Errorf("note triage: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("%w %s", ErrNoAlert, alertID)
	}
	return nil
}

// SetOwner notes who looks after an alert; "" is nobody. The error is ErrNoAlert for an id that never was an alert's.
func SetOwner(ctx context.Context, tx *store.Tx, alertID, owner string, at time.Time) error {
	n, err := tx.Exec(ctx, `INSERT INTO models.triage_owners SELECT id, nullif(?, ''), ? FROM (
			SELECT alert_id AS id FROM models.alerts UNION SELECT finding_id FROM models.policy_findings WHERE class = 'alert' UNION SELECT alert_id FROM models.triage)
		WHERE id = ?`, owner, at, alertID)
	if err != nil {
		return fmt.Errorf("note owner: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("%w %s", ErrNoAlert, alertID)
	}
	return nil
}

// triaged is the latest that was said of an alert, and what the alert was when it was said.
type triaged struct {
	alert, status    string
	detection, email string
	key, severity    string
	observed, score  float64 // NaN where the detection has none
	day              int64   // that raised it
	set              int64   // day it was said on
}

func (t triaged) closed() bool {
	return t.status == StatusTruePositive || t.status == StatusBenign || t.status == StatusFalsePositive
}

func (t triaged) harmless() bool {
	return t.status == StatusBenign || t.status == StatusFalsePositive
}

// feedback is everything that was said of alerts. The nil pointer stands for nothing.
type feedback struct {
	said      map[string]triaged   // by alert
	dismissed map[string][]triaged // false positives by detection and user
}

func newFeedback(list []triaged) *feedback {
	f := &feedback{said: map[string]triaged{}, dismissed: map[string][]triaged{}}
	for _, t := range list {
		f.said[t.alert] = t
		if t.status == StatusFalsePositive {
			f.dismissed[t.about()] = append(f.dismissed[t.about()], t)
		}
	}
	return f
}

func (t triaged) about() string {
	thing := t.detection
	if i, ok := catalogueOrder[t.detection]; ok {
		thing = Catalogue[i].thing()
	}
	return thing + "\x00" + t.email
}

// enginePrefix is what the ids of the catalogue begin with: what was said of alerts of the account's own policies (models/policy) is no matter of the fold.
const enginePrefix = "ZW-"

// untouched is the day of a fold that no feedback asks for.
const untouched = math.MaxInt64

// readFeedback reads what was said, and from which day on the scores rest on something else: untouched when they do not.
func readFeedback(ctx context.Context, db *store.DB) (*feedback, int64, error) {
	// What was said before alerts were noted with it.
	_, err := db.Exec(ctx, `UPDATE models.triage AS t SET detection_id = a.detection_id, user_email = a.user_email, "key" = a."key", severity = a.severity, observed = a.observed,
		score = a.score, day = a.day FROM models.alerts AS a WHERE a.alert_id = t.alert_id AND t.detection_id IS NULL AND a."key" IS NOT NULL`)
	if err != nil {
		return nil, 0, fmt.Errorf("read triage: %w", err)
	}
	var rows struct {
		Alert     []string    `col:"alert_id"`
		Status    []string    `col:"status"`
		Set       []time.Time `col:"set_at"`
		Detection []string    `col:"detection_id"`
		Email     []string    `col:"user_email,null"`
		Key       []string    `col:"key"`
		Severity  []string    `col:"severity"`
		Observed  []float64   `col:"observed"`
		Score     []float64   `col:"score"`
		Day       []time.Time `col:"day,date"`
	}
	err = db.Read(ctx, &rows, `SELECT alert_id, status, set_at, detection_id, user_email, "key", severity, coalesce(observed, 'NaN'::DOUBLE) AS observed,
		coalesce(score, 'NaN'::DOUBLE) AS score, day FROM models.triage QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY set_at DESC, rowid DESC) = 1
		AND starts_with(detection_id, ?) ORDER BY day, alert_id`, enginePrefix)
	if err != nil {
		return nil, 0, fmt.Errorf("read triage: %w", err)
	}
	list := make([]triaged, len(rows.Alert))
	for i, id := range rows.Alert {
		list[i] = triaged{id, rows.Status[i], rows.Detection[i], rows.Email[i], rows.Key[i], rows.Severity[i], rows.Observed[i], rows.Score[i],
			features.DayNumber(rows.Day[i]), features.DayNumber(rows.Set[i])}
	}
	now := newFeedback(list)
	var noted struct {
		Alert  []string    `col:"alert_id"`
		Status []string    `col:"status"`
		Day    []time.Time `col:"day,date"`
		Set    []time.Time `col:"set_on,date"`
	}
	if err := db.Read(ctx, &noted, `SELECT alert_id, status, day, set_on FROM meta.feedback`); err != nil {
		return nil, 0, fmt.Errorf("read which triage the scores rest on: %w", err)
	}
	before := make([]triaged, len(noted.Alert))
	for i, id := range noted.Alert {
		before[i] = triaged{alert: id, status: noted.Status[i], day: features.DayNumber(noted.Day[i]), set: features.DayNumber(noted.Set[i])}
	}
	return now, now.changed(newFeedback(before)), nil
}

// changed returns the first day whose scores, or those of days after it, rest on something else than they did before.
func (f *feedback) changed(before *feedback) int64 {
	first := int64(untouched)
	compare := func(a, b triaged) {
		day := max(a.day, b.day) // one of them may be missing
		switch {
		case a.harmless() != b.harmless() || (a.status == StatusFalsePositive) != (b.status == StatusFalsePositive):
			first = min(first, day)
		case a.closed() != b.closed() || a.closed() && a.set != b.set: // only what is taken into the alert
			for _, t := range []triaged{a, b} {
				if t.closed() {
					first = min(first, max(t.set+1, day))
				}
			}
		}
	}
	for id, t := range f.said {
		compare(t, before.said[id])
	}
	for id, t := range before.said {
		if _, ok := f.said[id]; !ok {
			compare(triaged{}, t)
		}
	}
	return first
}

// note writes down what the scores rest on from now on.
func (f *feedback) note(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM meta.feedback`); err != nil {
		return fmt.Errorf("note triage: %w", err)
	}
	var rows struct {
		Alert  []string    `col:"alert_id"`
		Status []string    `col:"status"`
		Day    []time.Time `col:"day,date"`
		Set    []time.Time `col:"set_on,date"`
	}
	for _, id := range sortedKeys(f.said) {
		t := f.said[id]
		rows.Alert, rows.Status = append(rows.Alert, id), append(rows.Status, t.status)
		rows.Day, rows.Set = append(rows.Day, features.DayTime(t.day)), append(rows.Set, features.DayTime(t.set))
	}
	_, err := tx.Append(ctx, "meta.feedback", rows)
	return err
}

// harmless says whether the days of an alert may be learnt.
func (f *feedback) harmless(alert string) bool { return f != nil && f.said[alert].harmless() }

// takesIn says whether an open alert may take in a finding of a day. A closed one takes in what was seen by whoever closed it, and nothing after.
func (f *feedback) takesIn(alert string, x *Finding, day int64) bool {
	if f == nil {
		return true
	}
	t, ok := f.said[alert]
	return !ok || !t.closed() || day == t.day || day <= t.set && !t.outdone(x)
}

// suppress makes a finding a mere behavior when it is like one that was dismissed as a false positive on an earlier day: same detection, same user and same key, and
// not clearly stronger. Findings that a person spoke of themselves stay what they are, and so does what an open alert takes in.
func (f *feedback) suppress(x *Finding, day int64, open []raised) {
	if f == nil || !x.Alert {
		return
	}
	if t, ok := f.said[x.id()]; ok && t.status != StatusNew {
		return
	}
	for _, t := range f.dismissed[x.Detection.thing()+"\x00"+x.Email] {
		if day <= t.day || !t.alike(x) || t.outdone(x) {
			continue
		}
		if day <= t.set && slices.ContainsFunc(open, func(o raised) bool { return o.ID == t.alert }) {
			continue
		}
		x.Alert, x.muted, x.SuppressedBy = false, true, t.alert
		return
	}
}

// alike says whether a finding is like a dismissed one: of what it is made of, nothing is new.
func (t triaged) alike(x *Finding) bool {
	return t.key == likeness(x) || within(particulars(x), strings.Split(t.key, partsJoin))
}

// partsJoin stands between the particulars of a likeness.
const partsJoin = "; "

// within says whether there are parts, and all of them are among others.
func within(parts, others []string) bool {
	return len(parts) > 0 && !slices.ContainsFunc(parts, func(p string) bool { return !slices.Contains(others, p) })
}

// particulars lists what a finding is made of where that, and not how much of it, is what it is about: whoever dismissed one role that was granted, or one setting that was changed, said
// nothing of another. Of a combination it is the findings, of an account that is used after its removal which removal it was.
func particulars(x *Finding) []string {
	if x.Key != "" {
		return nil
	}
	var out []string
	details := x.Evidence.Details
	for _, name := range []string{"grants", "changes", "domains_added"} {
		out = append(out, texts(details[name])...)
	}
	if scopes := texts(details["scope"]); len(scopes) > 0 {
		for i := range out {
			out[i] = strings.Join(scopes, ", ") + ": " + out[i]
		}
	}
	if removed, ok := details["removed_at"].(string); ok {
		out = append(out, removed)
	}
	if x.Detection.Group == "Combination" {
		for _, c := range x.Evidence.Contributions {
			out = append(out, c.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// texts reads a list of texts, also one that comes back from JSON.
func texts(v any) []string {
	switch list := v.(type) {
	case []string:
		return slices.Clone(list)
	case []any:
		out := make([]string, len(list))
		for i, x := range list {
			out[i] = fmt.Sprint(x)
		}
		return out
	}
	return nil
}

// likeness is what makes two findings of one detection about one user alike: the key, such as the pair of countries; its particulars; for a day that is another person's what told most, so
// that a dismissed odd hour does not hide another country.
func likeness(x *Finding) string {
	switch {
	case x.Key != "":
		return x.Key
	case x.Detection.question == whoQuestion && len(x.Evidence.Contributions) > 0:
		return x.Evidence.Contributions[0].Name
	}
	return strings.Join(particulars(x), partsJoin)
}

const (
	outdoneBy   = 1.5              // times the amount
	outdoneOdds = 2.30258509299405 // ln 10: ten times the odds
)

// outdone says whether a finding is clearly stronger than the alert was when it was closed: graver, or half as much again, or for a day that looks like another person's
// ten times the odds. Speeds do not count: minutes between two sign-ins say little.
func (t triaged) outdone(x *Finding) bool {
	if severityRank(x.severity()) > severityRank(t.severity) {
		return true
	}
	switch {
	case x.Detection.question == whoQuestion:
		return x.Score > t.score+outdoneOdds
	case x.Detection.Kind == "sequential":
		return x.Score > t.score*outdoneBy
	case x.Unit == "km/h":
		return false
	}
	return x.Observed > t.observed*outdoneBy
}

// contains says which particular volumes count in a general one too: by detection.
var contains = map[string][]string{
	"ZW-RTE-14": {"ZW-RTE-05", "ZW-RTE-04", "ZW-ADM-08", "ZW-ADM-09", "ZW-ADM-01", "ZW-ADM-07", "ZW-ADM-15", "ZW-CFG-18"},
	"ZW-ADM-01": {"ZW-ADM-08", "ZW-ADM-09", "ZW-ADM-07", "ZW-ADM-15", "ZW-CFG-18"},
}

// suppressContained suppresses general volumes of a user-day that are no more than usual but for a suppressed particular one: the same events would only come back under
// another name.
func suppressContained(findings []Finding, mine []int) {
	for _, g := range mine {
		general := &findings[g]
		parts := contains[general.Detection.ID]
		if parts == nil || !general.Alert || len(general.Evidence.Contributions) == 0 || general.Evidence.Contributions[0].Upper == nil {
			continue
		}
		for _, k := range mine {
			p := &findings[k]
			if p.SuppressedBy != "" && slices.Contains(parts, p.Detection.ID) && general.Observed-p.Observed <= *general.Evidence.Contributions[0].Upper {
				general.Alert, general.muted, general.SuppressedBy = false, true, p.SuppressedBy
				break
			}
		}
	}
}

// explainRescoring says why days are scored anew that were scored before.
func (f *fold) explainRescoring(ctx context.Context, settings, triage bool) {
	switch {
	case settings:
		f.sum.Rescored = "settings"
	case triage:
		f.sum.Rescored = "triage"
	default:
		return
	}
	f.o.Logger.InfoContext(ctx, "earlier days are scored anew", "changed", f.sum.Rescored, "from", features.DayTime(f.start).Format(time.DateOnly))
}

// countRealised fills in what came of the budget, what it held back, and suppressions.
func (f *fold) countRealised(ctx context.Context) error {
	var days, users float64
	err := f.db.Row(ctx, `SELECT (SELECT coalesce(date_diff('day', min(day), max(day)) + 1, 0) FROM models.user_days),
		(SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM models.user_days GROUP BY day)),
		(SELECT count(*) FROM models.behaviors WHERE suppressed_by IS NOT NULL), (SELECT count(*) FROM models.behaviors WHERE withheld)`).Scan(&days, &users, &f.sum.Suppressed, &f.sum.Withheld)
	if err != nil {
		return fmt.Errorf("count what came of the budget: %w", err)
	}
	f.sum.Realised = perThousandUsersWeek(f.sum.Alerts, max(users, float64(f.people.Active())), days)
	f.o.Logger.LogAttrs(ctx, slog.LevelInfo, "scored", slog.Int("days", f.sum.Days), slog.Int("alerts", f.sum.Alerts),
		slog.Float64("alerts_per_1000_users_week", f.sum.Realised), slog.Float64("budget", f.o.Config.BudgetPerThousandUsersWeek))
	return nil
}

// perThousandUsersWeek is a number of alerts over days among users, in the budget's unit; 0 where there was nothing to count.
func perThousandUsersWeek(alerts int, users, days float64) float64 {
	if users == 0 || days == 0 {
		return 0
	}
	return math.Round(float64(alerts)/users*1000/days*7*100) / 100
}
