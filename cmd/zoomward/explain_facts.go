package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

const (
	usualDays     = 90 // before the alert, for what is usual of the user
	neighbourDays = 14 // before and after the alert, for what else was found
	maxExplained  = 100
)

// alertFacts is what the database holds on one alert and around it. Numbers that are NULL are NaN.
type alertFacts struct {
	Alert    foundRow
	Evidence alertEvidence
	Day      time.Time // that the evidence is about: an alert of several days tells its strongest one

	Findings []foundRow // behaviors on the users of the alert, within neighbourDays, its own among them
	Alerts   []foundRow // other alerts on them
	Triage   []triageNote
	People   []person
	Events   map[string]eventRow // rows that evidence points at
	ASNames  map[string]string   // AS number -> organisation

	Usual       usualRows // sign-ins of the usualDays before the alert
	Days        map[string]dayRow
	Counts      map[string]map[string]float64 // behaviour -> day -> count, in the days of the chart
	Prefix      map[string]float64            // day -> accounts that signed in from the address of the alert
	FirstDay    time.Time                     // of the records
	LastDay     time.Time
	EarlierMore int64   // rows of the earlier of two strange days that are not listed
	WeeklyDays  float64 // judged user-days a week of the organisation, before the alert
}

// foundRow is an alert or a behavior.
type foundRow struct {
	ID, Detection, Title, Severity, User, Status, Summary, Evidence, Techniques, RunID, Unit string
	Start, End, First, Last                                                                  time.Time
	Score, Observed, Expected, P                                                             float64
}

// alertEvidence is the JSON of an alert or a behavior, as far as this command knows it.
type alertEvidence struct {
	Contributions []contribution `json:"contributions"`
	Details       map[string]any `json:"details"`
	Events        []eventNote    `json:"events"`
	Method        string         `json:"method"`
}

type contribution struct {
	Name        string   `json:"name"`
	Observed    any      `json:"observed"`
	Expected    *float64 `json:"expected"`
	Lower       *float64 `json:"lower"`
	Upper       *float64 `json:"upper"`
	HistoryDays *int64   `json:"history_days"`
	Peers       string   `json:"peers"`
	PeerRate    *float64 `json:"peer_rate"`
	P           *float64 `json:"p"`
	Part        *float64 `json:"part"`
	Tokens      []string `json:"tokens"`
}

type eventNote struct {
	ID   string `json:"id"`
	At   string `json:"at"`
	What string `json:"what"`
}

type triageNote struct {
	Status string
	Note   string
	At     time.Time
}

type person struct {
	Email, Name, Type, Status, Role, Dept, Zone string
	Created, LastLogin                          time.Time
	Risk, RiskPercentile                        float64
}

type eventRow struct {
	User, Kind, IP, Client, Version, Country, City, ASOrg, Network, Category, Action, Detail string
	At                                                                                       time.Time
}

// usualRows counts sign-ins by where and with what.
type usualRows struct {
	Total                     int64
	Places, Networks, Clients map[string]int64
	Countries                 map[string]int64
}

type dayRow struct {
	Score, P                 float64
	Learning, Alerted, Gated bool
}

// readEvidence reads the JSON of an evidence column. Evidence of another shape explains nothing, and is no reason to fail.
func readEvidence(text string) (e alertEvidence) {
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return alertEvidence{}
	}
	return e
}

// everAlerts is where the ids of all alerts stand, also of those that scoring again has not raised but a person spoke of.
const everAlerts = "(SELECT alert_id FROM alerts UNION SELECT alert_id FROM models.triage)"

// findAlert returns the id of the one alert in from, a view or a query, that begins with a text.
func findAlert(ctx context.Context, db store.Querier, from, prefix string) (string, error) {
	var found struct {
		ID []string `col:"alert_id"`
	}
	if err := db.Read(ctx, &found, `SELECT alert_id FROM `+from+` WHERE starts_with(alert_id, ?) ORDER BY alert_id <> ?, alert_id LIMIT 6`, prefix, prefix); err != nil {
		return "", fmt.Errorf("find alert: %w", err)
	}
	switch {
	case len(found.ID) == 0:
		return "", withHint(fmt.Errorf("no alert has the id %s", prefix), "zoomward alerts lists them")
	case len(found.ID) == 1 || found.ID[0] == prefix:
		return found.ID[0], nil
	}
	more := ""
	if len(found.ID) > 5 {
		found.ID, more = found.ID[:5], ", ..."
	}
	return "", withHint(usageErrorf("%s is the beginning of several alerts: %s%s", prefix, strings.Join(found.ID, ", "), more), "give more of the id")
}

// readFacts gathers everything that an explanation rests on.
func readFacts(ctx context.Context, db store.Querier, id string) (*alertFacts, error) {
	f := &alertFacts{Events: map[string]eventRow{}, ASNames: map[string]string{}, Days: map[string]dayRow{}, Counts: map[string]map[string]float64{}, Prefix: map[string]float64{}}
	alerts, err := readAlertRows(ctx, db, `alert_id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(alerts) != 1 {
		return nil, fmt.Errorf("read alert %s: %d rows", id, len(alerts))
	}
	f.Alert = alerts[0]
	f.Evidence = readEvidence(f.Alert.Evidence)
	for _, step := range []struct {
		what string
		read func(context.Context, store.Querier) error
	}{
		{"findings", f.readFindings}, {"triage", f.readTriage}, {"users", f.readPeople}, {"events", f.readEvents},
		{"usual sign-ins", f.readUsual}, {"days", f.readDays}, {"counts", f.readCounts},
	} {
		if err := step.read(ctx, db); err != nil {
			return nil, fmt.Errorf("read %s of alert: %w", step.what, err)
		}
	}
	return f, nil
}

// users are the accounts that an alert is about: its user, or those that its evidence names.
func (f *alertFacts) users() []string {
	if f.Alert.User != "" {
		return []string{f.Alert.User}
	}
	list, _ := f.Evidence.Details["users"].([]any)
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok && len(out) < maxExplained {
			out = append(out, s)
		}
	}
	return out
}

// listOf makes the text and the arguments of an SQL list; an empty one holds nothing.
func listOf(values []string) (string, []any) {
	if len(values) == 0 {
		return "(NULL)", nil
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	return "(?" + strings.Repeat(", ?", len(values)-1) + ")", args
}

func readAlertRows(ctx context.Context, db store.Querier, where string, args ...any) ([]foundRow, error) {
	var r struct {
		ID         []string    `col:"alert_id"`
		Detection  []string    `col:"detection_id"`
		Title      []string    `col:"title"`
		Severity   []string    `col:"severity"`
		User       []string    `col:"user_email"`
		Start      []time.Time `col:"window_start"`
		End        []time.Time `col:"window_end"`
		First      []time.Time `col:"first_seen_at"`
		Last       []time.Time `col:"last_seen_at"`
		Score      []float64   `col:"score"`
		P          []float64   `col:"p_value"`
		Status     []string    `col:"status"`
		Summary    []string    `col:"summary"`
		Evidence   []string    `col:"evidence"`
		Techniques []string    `col:"attack_techniques"`
		RunID      []string    `col:"run_id"`
	}
	if err := db.Read(ctx, &r, `SELECT alert_id, detection_id, title, severity, user_email, window_start, window_end, first_seen_at, last_seen_at, score, p_value, status,
		summary, evidence, attack_techniques, run_id FROM alerts WHERE `+where+` ORDER BY window_start, alert_id`, args...); err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	out := make([]foundRow, len(r.ID))
	for i := range out {
		out[i] = foundRow{ID: r.ID[i], Detection: r.Detection[i], Title: r.Title[i], Severity: r.Severity[i], User: r.User[i], Start: r.Start[i], End: r.End[i],
			First: r.First[i], Last: r.Last[i], Score: r.Score[i], P: r.P[i], Status: r.Status[i], Summary: r.Summary[i], Evidence: r.Evidence[i],
			Techniques: r.Techniques[i], RunID: r.RunID[i]}
	}
	return out, nil
}

func (f *alertFacts) readFindings(ctx context.Context, db store.Querier) (err error) {
	list, args := listOf(f.users())
	where := `user_email IN ` + list + ` AND window_start < ? AND window_end > ?`
	args = append(args, f.Alert.End.AddDate(0, 0, neighbourDays), f.Alert.Start.AddDate(0, 0, -neighbourDays))
	if f.Alerts, err = readAlertRows(ctx, db, where+` AND alert_id <> ?`, append(slices.Clone(args), f.Alert.ID)...); err != nil {
		return err
	}
	var r struct {
		ID        []string    `col:"behavior_id"`
		Detection []string    `col:"detection_id"`
		User      []string    `col:"user_email"`
		Start     []time.Time `col:"window_start"`
		End       []time.Time `col:"window_end"`
		Observed  []float64   `col:"observed"`
		Expected  []float64   `col:"expected"`
		Unit      []string    `col:"unit"`
		P         []float64   `col:"p_value"`
		Evidence  []string    `col:"evidence"`
		Summary   []string    `col:"summary"`
	}
	if err := db.Read(ctx, &r, `SELECT behavior_id, detection_id, user_email, window_start, window_end, observed, expected, unit, p_value, evidence, summary
		FROM behaviors WHERE `+where+` ORDER BY window_start, behavior_id LIMIT 2000`, args...); err != nil {
		return err
	}
	for i := range r.ID {
		f.Findings = append(f.Findings, foundRow{ID: r.ID[i], Detection: r.Detection[i], Title: detectionOf(r.Detection[i]).Title, User: r.User[i], Start: r.Start[i], End: r.End[i],
			Observed: r.Observed[i], Expected: r.Expected[i], Unit: r.Unit[i], P: r.P[i], Evidence: r.Evidence[i], Summary: r.Summary[i]})
	}
	f.Day = f.evidenceDay()
	return nil
}

// evidenceDay finds the day that the evidence is about. An alert that goes on for days holds the words of its strongest one, which is a behavior of its own.
func (f *alertFacts) evidenceDay() time.Time {
	a := &f.Alert
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	for _, b := range f.Findings {
		if b.Detection == a.Detection && b.User == a.User && b.Summary != "" && strings.HasPrefix(a.Summary, b.Summary) && !b.Start.Before(a.Start) && !b.End.After(a.End) {
			return day(b.End.Add(-time.Nanosecond))
		}
	}
	for _, e := range f.Evidence.Events {
		if t, err := time.Parse(time.RFC3339, e.At); err == nil {
			return day(t)
		}
	}
	if !a.First.IsZero() {
		return day(a.First)
	}
	return day(a.Start)
}

// own returns the finding of a detection on the day of the evidence, nil when there is none.
func (f *alertFacts) own(detection string) *foundRow {
	if list := f.found(detection); len(list) > 0 {
		return list[0]
	}
	return nil
}

func (f *alertFacts) readTriage(ctx context.Context, db store.Querier) error {
	var r struct {
		Status []string    `col:"status"`
		Note   []string    `col:"note"`
		At     []time.Time `col:"set_at"`
	}
	if err := db.Read(ctx, &r, `SELECT status, note, set_at FROM models.triage WHERE alert_id = ? ORDER BY set_at, rowid`, f.Alert.ID); err != nil {
		return err
	}
	for i := range r.At {
		f.Triage = append(f.Triage, triageNote{r.Status[i], r.Note[i], r.At[i]})
	}
	return nil
}

func (f *alertFacts) readPeople(ctx context.Context, db store.Querier) error {
	var r struct {
		Email      []string    `col:"email"`
		Name       []string    `col:"display_name"`
		Type       []string    `col:"type"`
		Status     []string    `col:"status"`
		Role       []string    `col:"role"`
		Dept       []string    `col:"dept"`
		Zone       []string    `col:"timezone"`
		Created    []time.Time `col:"created_at"`
		Login      []time.Time `col:"last_login_at"`
		Risk       []float64   `col:"risk"`
		Percentile []float64   `col:"percentile"`
	}
	list, args := listOf(f.users())
	if err := db.Read(ctx, &r, `SELECT email, display_name, type, status, role, dept, timezone, created_at, last_login_at, r.score AS risk, r.percentile
		FROM users AS u LEFT JOIN user_risk AS r ON r.user_email = u.email WHERE email IN `+list+` ORDER BY email`, args...); err != nil {
		return err
	}
	for i := range r.Email {
		f.People = append(f.People, person{r.Email[i], r.Name[i], r.Type[i], r.Status[i], r.Role[i], r.Dept[i], r.Zone[i], r.Created[i], r.Login[i], r.Risk[i], r.Percentile[i]})
	}
	return nil
}

// related are the findings that the alert names as evidence.
func (f *alertFacts) related() []*foundRow {
	var out []*foundRow
	for _, c := range f.Evidence.Contributions {
		out = append(out, f.found(c.Name)...)
	}
	return out
}

// readJourney adds the sign-ins that a journey began with to the evidence, which holds the last one alone.
func (f *alertFacts) readJourney(ctx context.Context, db store.Querier) error {
	minutes, ok := f.Evidence.Details["elapsed_minutes"].(float64)
	if !ok || len(f.Evidence.Events) != 1 || minutes < 0 || minutes > 7*24*60 {
		return nil
	}
	arrived, err := time.Parse(time.RFC3339, f.Evidence.Events[0].At)
	if err != nil {
		return nil // another notation of times: the journey is told without its beginning
	}
	var r struct {
		ID []string    `col:"activity_id"`
		At []time.Time `col:"occurred_at"`
	}
	from := arrived.Add(-time.Duration(minutes+1) * time.Minute) // minutes are rounded
	if err := db.Read(ctx, &r, `SELECT activity_id, occurred_at FROM activities WHERE user_email = ? AND kind = 'sign_in' AND occurred_at >= ? AND occurred_at < ?
		ORDER BY occurred_at, activity_id LIMIT 10`, f.Alert.User, from, arrived); err != nil {
		return err
	}
	for i, id := range r.ID {
		f.Evidence.Events = append(f.Evidence.Events, eventNote{ID: id, At: rfc(r.At[i])})
	}
	return nil
}

func (f *alertFacts) readEvents(ctx context.Context, db store.Querier) error {
	if err := f.readJourney(ctx, db); err != nil {
		return err
	}
	if err := f.readEarlier(ctx, db); err != nil {
		return err
	}
	have := map[string]bool{}
	for _, e := range f.Evidence.Events {
		have[e.ID] = true
	}
	for _, b := range f.related() {
		for _, e := range readEvidence(b.Evidence).Events {
			if !have[e.ID] {
				have[e.ID] = true
				f.Evidence.Events = append(f.Evidence.Events, e)
			}
		}
	}
	slices.SortStableFunc(f.Evidence.Events, func(a, b eventNote) int { return strings.Compare(a.At, b.At) })
	list, args := listOf(slices.Sorted(maps.Keys(have)))
	var r struct {
		ID       []string    `col:"id"`
		User     []string    `col:"who"`
		At       []time.Time `col:"occurred_at"`
		Kind     []string    `col:"kind"`
		IP       []string    `col:"ip_address"`
		Client   []string    `col:"client_type"`
		Version  []string    `col:"client_version"`
		Country  []string    `col:"country_code"`
		City     []string    `col:"city"`
		ASOrg    []string    `col:"as_org"`
		Network  []string    `col:"network_category"`
		Category []string    `col:"category"`
		Action   []string    `col:"action"`
		Detail   []string    `col:"detail"`
	}
	// The days bound what has to be read: the ids have no index.
	args = append(args, f.Alert.Start.AddDate(0, 0, -1), f.Alert.End.AddDate(0, 0, 1))
	if err := db.Read(ctx, &r, `SELECT activity_id AS id, user_email AS who, occurred_at, kind, ip_address, client_type, client_version, country_code, city, as_org, network_category,
		NULL::VARCHAR AS category, NULL::VARCHAR AS action, NULL::VARCHAR AS detail FROM activities WHERE activity_id IN `+list+` AND occurred_at BETWEEN ? AND ?
		UNION ALL SELECT operation_id, operator, occurred_at, 'operation', NULL, NULL, NULL, NULL, NULL, NULL, NULL, category, action, detail
		FROM operations WHERE operation_id IN `+list+` AND occurred_at BETWEEN ? AND ? ORDER BY occurred_at, id`, append(args, args...)...); err != nil {
		return err
	}
	for i := range r.ID {
		f.Events[r.ID[i]] = eventRow{r.User[i], r.Kind[i], r.IP[i], r.Client[i], r.Version[i], r.Country[i], r.City[i], r.ASOrg[i], r.Network[i],
			r.Category[i], r.Action[i], r.Detail[i], r.At[i]}
	}
	return f.readASNames(ctx, db)
}

// readASNames finds the names of network operators that evidence has the numbers of.
func (f *alertFacts) readASNames(ctx context.Context, db store.Querier) error {
	numbers := map[string]bool{}
	note := func(e alertEvidence) {
		for _, c := range e.Contributions {
			for _, t := range c.Tokens {
				n, _, _ := strings.Cut(t, ":")
				if _, err := strconv.ParseUint(n, 10, 32); err == nil && c.Name == "asn" {
					numbers[n] = true
				}
			}
		}
	}
	note(f.Evidence)
	for _, b := range f.related() {
		note(readEvidence(b.Evidence))
	}
	if len(numbers) == 0 {
		return nil
	}
	list, args := listOf(slices.Sorted(maps.Keys(numbers)))
	var r struct {
		ASN []string `col:"n"`
		Org []string `col:"org"`
	}
	if err := db.Read(ctx, &r, `SELECT asn::VARCHAR AS n, max(as_org) AS org FROM activities WHERE asn::VARCHAR IN `+list+` GROUP BY ALL`, args...); err != nil {
		return err
	}
	for i, n := range r.ASN {
		if r.Org[i] != "" {
			f.ASNames[n] = r.Org[i]
		}
	}
	return nil
}

func (f *alertFacts) readUsual(ctx context.Context, db store.Querier) error {
	u := &f.Usual
	u.Places, u.Networks, u.Clients, u.Countries = map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}
	if f.Alert.User == "" {
		return nil
	}
	var r struct {
		Country []string `col:"country_code"`
		City    []string `col:"city"`
		Org     []string `col:"as_org"`
		Client  []string `col:"client_type"`
		N       []int64  `col:"n"`
	}
	first := f.Alert.Start.UTC().Truncate(24 * time.Hour)
	if err := db.Read(ctx, &r, `SELECT country_code, city, as_org, client_type, count(*) AS n FROM activities
		WHERE user_email = ? AND kind = 'sign_in' AND occurred_at >= ? AND occurred_at < ? GROUP BY ALL`, f.Alert.User, first.AddDate(0, 0, -usualDays), first); err != nil {
		return err
	}
	for i, n := range r.N {
		u.Total += n
		u.Places[placeWords(r.City[i], r.Country[i])] += n
		u.Networks[r.Org[i]] += n
		u.Clients[r.Client[i]] += n
		u.Countries[r.Country[i]] += n
	}
	return nil
}

// placeWords writes a city with its country.
func placeWords(city, country string) string {
	switch {
	case city == "":
		return country
	case country == "":
		return city
	}
	return city + ", " + country
}

// span returns the days of the chart.
func (f *alertFacts) span() (from, to time.Time) {
	return f.Day.AddDate(0, 0, -daysBefore), f.Day.AddDate(0, 0, daysAfter)
}

func (f *alertFacts) readDays(ctx context.Context, db store.Querier) error {
	from, to := f.span()
	var bounds struct {
		First []time.Time `col:"first"`
		Last  []time.Time `col:"last"`
		Month []float64   `col:"month"`
	}
	if err := db.Read(ctx, &bounds, `SELECT min(day) AS first, max(day) AS last, count(*) FILTER (NOT learning AND day >= ?::DATE AND day < ?::DATE)::DOUBLE AS month FROM user_days`,
		from, f.Day); err != nil {
		return err
	}
	f.FirstDay, f.LastDay = bounds.First[0], bounds.Last[0]
	if weeks := f.Day.Sub(maxOf(from, f.FirstDay)).Hours() / (7 * 24); weeks >= 1 {
		f.WeeklyDays = bounds.Month[0] / weeks
	}
	var r struct {
		Day      []time.Time `col:"day"`
		Score    []float64   `col:"score"`
		P        []float64   `col:"p_value"`
		Learning []bool      `col:"learning"`
		Alerted  []bool      `col:"alerted"`
		Gated    []bool      `col:"gated"`
	}
	if err := db.Read(ctx, &r, `SELECT day, score, p_value, learning, alerted, gated FROM user_days
		WHERE user_email = ? AND day BETWEEN ?::DATE AND ?::DATE`, f.Alert.User, from, to); err != nil {
		return err
	}
	for i, day := range r.Day {
		f.Days[day.Format(time.DateOnly)] = dayRow{r.Score[i], r.P[i], r.Learning[i], r.Alerted[i], r.Gated[i]}
	}
	return nil
}

func maxOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (f *alertFacts) readCounts(ctx context.Context, db store.Querier) error {
	from, to := f.span()
	var r struct {
		Day       []time.Time `col:"day"`
		Behaviour []string    `col:"behaviour"`
		Value     []float64   `col:"value"`
	}
	if err := db.Read(ctx, &r, `SELECT day, behaviour, value FROM observations WHERE user_email = ? AND day BETWEEN ?::DATE AND ?::DATE`, f.Alert.User, from, to); err != nil {
		return err
	}
	for i, day := range r.Day {
		m := f.Counts[r.Behaviour[i]]
		if m == nil {
			m = map[string]float64{}
			f.Counts[r.Behaviour[i]] = m
		}
		m[day.Format(time.DateOnly)] = r.Value[i]
	}
	prefix, ok := f.Evidence.Details["prefix"].(string)
	if !ok || f.Alert.User != "" {
		return nil
	}
	var p struct {
		Day []time.Time `col:"day"`
		N   []float64   `col:"n"`
	}
	if err := db.Read(ctx, &p, `SELECT occurred_at::DATE AS day, count(DISTINCT user_email)::DOUBLE AS n FROM activities
		WHERE ip_prefix = ? AND kind = 'sign_in' AND occurred_at >= ? AND occurred_at < ? GROUP BY day`, prefix, from, to.AddDate(0, 0, 1)); err != nil {
		return err
	}
	for i, day := range p.Day {
		f.Prefix[day.Format(time.DateOnly)] = p.N[i]
	}
	return nil
}
