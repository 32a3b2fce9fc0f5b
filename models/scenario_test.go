package models_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// A scenario is a short history of an account and what the detections must, and must not, make of it. Every detection of the catalogue has at least two: firing.yaml,
// and quiet.yaml, the near miss that a simpler detector would get wrong. Days count from Monday, 5 January 2026; clock times are on the user's own wall clock.
type scenario struct {
	Description string           `yaml:"description"`
	Background  background       `yaml:"background"`
	Places      map[string]place `yaml:"places"`
	Users       []user           `yaml:"users"`
	Rows        []row            `yaml:"rows"`
	Tables      []tableRow       `yaml:"tables"`
	Countries   countries        `yaml:"countries"`
	Watch       watch            `yaml:"watch"`
	Want        []want           `yaml:"want"`
	Quiet       []string         `yaml:"quiet"`     // detections that find nothing about the people of the rows, or about nobody, on any day
	NoAlerts    bool             `yaml:"no_alerts"` // about the people of the rows, or about nobody: behaviors at most
}

// countries are the keys of the config of that name.
type countries struct {
	Allow []string `yaml:"allow"`
	Deny  []string `yaml:"deny"`
}

// watch is the section of the config of that name: users on leave, users to watch, and the last days of leavers.
type watch struct {
	Leave   []string        `yaml:"leave"`
	Groups  []string        `yaml:"groups"` // on leave
	List    []string        `yaml:"list"`
	Leavers map[string]when `yaml:"leavers"`
}

func (w watch) config() (out models.Watch) {
	for _, u := range w.Leave {
		out.Leave.Users = append(out.Leave.Users, address(u))
	}
	for _, u := range w.List {
		out.List.Users = append(out.List.Users, address(u))
	}
	out.Leave.Groups = w.Groups
	for u, day := range w.Leavers {
		out.Leavers = append(out.Leavers, models.Leaver{Email: address(u), LastDay: day.time()})
	}
	return out
}

// background is a made-up company of people with stable habits: u0, u1, ... stand for u00000@example.com and so on. The first of them administrate.
type background struct {
	Users    int      `yaml:"users"`
	Days     int      `yaml:"days"` // rows after the last one are dropped
	Seed     uint64   `yaml:"seed"`
	Rows     int      `yaml:"rows"`     // operations per user and day, on average
	Presence float64  `yaml:"presence"` // share of weekdays that people are there; 0 for 0.9
	Admins   int      `yaml:"admins"`   // 0 for 3
	Away     []string `yaml:"away"`     // users who do only what the scenario's rows say
}

// A place is where a sign-in comes from. Two are always there: "home", the user's own, and "office", the one that everybody shares.
type place struct {
	IP       string   `yaml:"ip"`
	ASN      int64    `yaml:"asn"`
	Country  string   `yaml:"country"`
	City     string   `yaml:"city"`
	Lat      float64  `yaml:"lat"`
	Lon      float64  `yaml:"lon"`
	Accuracy float64  `yaml:"accuracy_km"`
	Org      string   `yaml:"as_org"`
	Category string   `yaml:"network_category"`
	Tags     []string `yaml:"network_tags"`
}

// user replaces what the background says of somebody, or adds somebody. Times are days from the start.
type user struct {
	Email    string `yaml:"email"`
	Dept     string `yaml:"dept"`
	Timezone string `yaml:"timezone"`
	Status   string `yaml:"status"`
	Role     string `yaml:"role"`
	Created  int    `yaml:"created_at"`
	Seen     int    `yaml:"first_seen_at"`
	Changed  int    `yaml:"status_changed_at"`
}

// row is one sign-in, sign-out or operation as Zoom sends it, or several alike: count of them spread evenly over a time, by each of the users, on day and, when until
// is given, every so many days up to it. {n} in a detail is the running number.
type row struct {
	Day      when          `yaml:"day"`
	Until    *when         `yaml:"until"`
	Every    int           `yaml:"every"`
	Weekdays bool          `yaml:"weekdays"` // not on Saturdays and Sundays
	Time     string        `yaml:"time"`     // 15:04, local
	User     string        `yaml:"user"`     // of a sign-in or sign-out
	Users    []string      `yaml:"users"`
	SignIn   string        `yaml:"sign_in"` // the name of a place
	SignOut  string        `yaml:"sign_out"`
	Client   string        `yaml:"client"` // "" for the user's usual one
	Version  string        `yaml:"version"`
	Operator string        `yaml:"operator"`
	Category string        `yaml:"category"`
	Action   string        `yaml:"action"`
	Detail   string        `yaml:"detail"`
	Count    int           `yaml:"count"`
	Grow     float64       `yaml:"grow"` // with until: so many more every time
	Spread   time.Duration `yaml:"spread"`
}

// tableRow is a row of another table of the ingestor, or several alike: count of them, every so long. Values are as DuckDB reads them from text; {n} is the running number,
// u3 somebody's address, and "d12 14:05" an instant, UTC.
type tableRow struct {
	Table  string            `yaml:"table"`
	Values map[string]string `yaml:"values"`
	Count  int               `yaml:"count"`
	Every  time.Duration     `yaml:"every"`
}

// want is a finding that must be there. Any other alert about the people of the rows fails the scenario; so does an alert where a behavior is wanted.
type want struct {
	Detection string `yaml:"detection"`
	User      string `yaml:"user"` // "" for a finding about nobody
	Day       when   `yaml:"day"`
	Class     string `yaml:"class"`    // alert, behavior
	Severity  string `yaml:"severity"` // of an alert; "" for any
	Mentions  string `yaml:"mentions"` // part of the summary; "" for any
}

// when is a day: a number of days from the start, or a date.
type when int

func (w *when) UnmarshalYAML(n *yaml.Node) error {
	if d, err := strconv.Atoi(n.Value); err == nil {
		*w = when(d)
		return nil
	}
	t, err := time.Parse(time.DateOnly, n.Value)
	if err != nil {
		return fmt.Errorf("line %d: day %q is neither a number of days nor a date", n.Line, n.Value)
	}
	*w = when(t.Sub(start).Hours() / 24)
	return nil
}

func (w when) time() time.Time { return start.AddDate(0, 0, int(w)) }

var start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // a Monday

const scenarioDir = "../testdata/scenarios"

func TestScenarios(t *testing.T) {
	entries, err := os.ReadDir(scenarioDir)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]models.Detection{}
	for _, d := range models.Catalogue {
		if _, twice := known[d.ID]; twice {
			t.Errorf("%s is in the catalogue twice", d.ID)
		}
		known[d.ID] = d
	}
	seen := map[string]bool{}
	indicators := &indicatorTally{seen: map[string]bool{}}
	t.Cleanup(func() { indicators.check(t) })
	for _, e := range entries {
		id := e.Name()
		d, ok := known[id]
		if !ok || !e.IsDir() {
			t.Errorf("%s/%s: no detection of the catalogue", scenarioDir, id)
			continue
		}
		seen[id] = true
		for _, kind := range []string{"firing", "quiet"} {
			if _, err := os.Stat(filepath.Join(scenarioDir, id, kind+".yaml")); err != nil {
				t.Errorf("%s has no %s.yaml", id, kind)
			}
		}
		files, err := filepath.Glob(filepath.Join(scenarioDir, id, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name, yes := strings.CutSuffix(filepath.Base(file), ".yaml")
			if !yes {
				t.Errorf("%s is no scenario", file)
				continue
			}
			indicators.scenarios++
			t.Run(id+"/"+name, func(t *testing.T) {
				if h := fnv.New32a(); testing.Short() {
					h.Write([]byte(id + name))
					if h.Sum32()%8 != 0 {
						t.Skip("under the race detector one in eight shows as much")
					}
				}
				t.Parallel()
				s := readScenario(t, file)
				s.checkPurpose(t, name, d, known)
				s.run(t, indicators)
			})
		}
	}
	for id := range known {
		if !seen[id] {
			t.Errorf("%s has no scenarios: add %s/%s/firing.yaml and quiet.yaml", id, scenarioDir, id)
		}
	}
}

func readScenario(t *testing.T, file string) *scenario {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &scenario{}
	if err := yaml.Load(text, s, yaml.WithKnownFields()); err != nil {
		t.Fatal(err)
	}
	b := &s.Background
	b.Presence, b.Admins = cmp.Or(b.Presence, 0.9), cmp.Or(b.Admins, 3)
	if s.Description == "" || b.Users < 1 || b.Days < 1 || b.Rows < 1 {
		t.Fatal("a description and a background of users, days and rows are needed")
	}
	return s
}

// checkPurpose makes sure that a scenario can fail, and by the detection that it is filed under.
func (s *scenario) checkPurpose(t *testing.T, name string, d models.Detection, known map[string]models.Detection) {
	t.Helper()
	if len(s.Want) == 0 && len(s.Quiet) == 0 && !s.NoAlerts {
		t.Fatal("wants nothing and forbids nothing: it cannot fail")
	}
	own := func(class string) bool {
		return slices.ContainsFunc(s.Want, func(w want) bool { return w.Detection == d.ID && w.Class == class })
	}
	for _, w := range s.Want {
		if _, ok := known[w.Detection]; !ok || w.Class != "alert" && w.Class != "behavior" {
			t.Fatalf("wants %q of class %q", w.Detection, w.Class)
		}
		if s.NoAlerts && w.Class == "alert" || slices.Contains(s.Quiet, w.Detection) {
			t.Fatalf("wants and forbids %s", w.Detection)
		}
	}
	for _, id := range s.Quiet {
		if _, ok := known[id]; !ok {
			t.Fatalf("quiet: no detection %q", id)
		}
	}
	switch {
	case strings.HasPrefix(name, "firing"):
		if !own(string(d.Class)) {
			t.Fatalf("does not want %s to fire as %s", d.ID, d.Class)
		}
	case strings.HasPrefix(name, "quiet"):
		if own("alert") || !slices.Contains(s.Quiet, d.ID) && (!own("behavior") || d.Class != models.Alert) {
			t.Fatalf("does not forbid %s: name it under quiet, or want it as a behavior where it could be an alert", d.ID)
		}
	default:
		t.Fatal("is neither firing nor quiet by its name")
	}
}

// indicatorTally is which indicators the view risk_indicators had a value for, in all scenarios together.
type indicatorTally struct {
	scenarios int

	mu   sync.Mutex
	ran  int
	seen map[string]bool
}

func (x *indicatorTally) add(t *testing.T, db *store.DB) {
	t.Helper()
	var r struct {
		Name []string `col:"indicator"`
	}
	if err := db.Read(t.Context(), &r, `SELECT DISTINCT indicator FROM risk_indicators WHERE value IS NOT NULL`); err != nil {
		t.Fatal(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ran++
	for _, name := range r.Name {
		x.seen[name] = true
	}
}

// check makes sure that every indicator came up in the evidence of some finding, but for the one whose feed there is not. It says nothing when some scenarios were left out.
func (x *indicatorTally) check(t *testing.T) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ran < x.scenarios {
		return
	}
	for _, i := range models.Indicators {
		if x.seen[i.Name] == (i.ID == "R12") {
			t.Errorf("indicator %s %s: in the evidence of some finding: %v", i.ID, i.Name, x.seen[i.Name])
		}
		delete(x.seen, i.Name)
	}
	for name := range x.seen {
		t.Errorf("evidence names %s, which is no indicator of the list", name)
	}
}

func (s *scenario) run(t *testing.T, indicators *indicatorTally) {
	t.Helper()
	ctx := t.Context()
	db := emptyDatabase(t)
	l := s.land(t)
	err := db.Tx(ctx, func(tx *store.Tx) error {
		for table, rows := range map[string]any{"ingest.activities": l.activities, "ingest.operations": l.operations, "ingest.users": l.users} {
			if _, err := tx.Append(ctx, table, rows); err != nil {
				return err
			}
		}
		for i, r := range s.Tables {
			if err := r.land(ctx, tx); err != nil {
				return fmt.Errorf("table row %d: %w", i+1, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Long after the last row the fold needs no checkpoints for late ones, which saves half of the time.
	now := when(s.Background.Days + 40).time()
	config := models.DefaultConfig()
	config.AllowCountries, config.DenyCountries = s.Countries.Allow, s.Countries.Deny
	config.Watch = s.Watch.config()
	if _, err := models.Fold(ctx, db, models.FoldOptions{Config: config, Now: now, RunID: "run"}); err != nil {
		t.Fatal(err)
	}
	found := readFindings(t, db)
	for _, f := range found {
		f.check(t)
		f.checkIndicators(t)
	}
	indicators.add(t, db)
	if !s.compare(t, found) {
		s.explain(t, db)
	}
}

// spare holds databases that scenarios are done with: making one takes as long as most scenarios do.
var spare = make(chan *store.DB, 16)

// emptyDatabase returns a database without rows, which goes back to the spare ones when the test ends.
func emptyDatabase(t *testing.T) *store.DB {
	t.Helper()
	var db *store.DB
	select {
	case db = <-spare:
	default:
		var err error
		if db, err = store.Open(context.Background(), "", store.Options{Threads: 1}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		ctx := context.Background()
		var tables struct {
			Name []string `col:"name"`
		}
		err := db.Read(ctx, &tables, `SELECT CASE WHEN schema_name = 'checkpoints' THEN 'DROP TABLE ' ELSE 'DELETE FROM ' END || schema_name || '."' || table_name || '"' AS name
			FROM duckdb_tables() WHERE NOT internal AND table_name <> 'schema_migrations'`)
		for _, statement := range tables.Name {
			if err == nil {
				_, err = db.Exec(ctx, statement)
			}
		}
		select {
		case spare <- db:
			if err != nil {
				t.Error(err)
			}
		default:
			_ = db.Close()
		}
	})
	return db
}

// explain logs how the statistics judged the user-days that the scenario is about.
func (s *scenario) explain(t *testing.T, db *store.DB) {
	t.Helper()
	for _, w := range s.Want {
		var score, p, identity, volume float64
		var learning bool
		err := db.Row(t.Context(), `SELECT score, p_value, identity_p, volume_p, learning FROM models.user_days WHERE user_email = ? AND day = ?`, address(w.User), w.Day.time()).
			Scan(&score, &p, &identity, &volume, &learning)
		if err != nil {
			t.Logf("%s, day %d: not judged (%v)", address(w.User), w.Day, err)
			continue
		}
		t.Logf("%s, day %d: p %.2g; identity score %.2f, p %.2g; volume p %.2g; learning %v", address(w.User), w.Day, p, score, identity, volume, learning)
	}
}

// finding is a row of alerts or behaviors.
type finding struct {
	class, detection, severity, email, summary, evidence, techniques string
	day                                                              int // that it was found on
	start, end, first, last                                          time.Time
}

func (f finding) String() string {
	return fmt.Sprintf("%-8s %s %s day %d: %s", f.class, f.detection, cmp.Or(f.email, "(nobody)"), f.day, f.summary)
}

func readFindings(t *testing.T, db *store.DB) []finding {
	t.Helper()
	var r struct {
		Class      []string    `col:"class"`
		Detection  []string    `col:"detection_id"`
		Severity   []string    `col:"severity"`
		Email      []string    `col:"user_email,null"`
		Summary    []string    `col:"summary"`
		Evidence   []string    `col:"evidence"`
		Techniques []string    `col:"attack_techniques,null"`
		Day        []time.Time `col:"day,date"`
		Start      []time.Time `col:"window_start"`
		End        []time.Time `col:"window_end"`
		First      []time.Time `col:"first_seen_at"`
		Last       []time.Time `col:"last_seen_at"`
	}
	err := db.Read(t.Context(), &r, `
		SELECT 'alert' AS class, detection_id, severity, user_email, summary, evidence, attack_techniques, day, window_start, window_end, first_seen_at, last_seen_at FROM models.alerts
		UNION ALL SELECT 'behavior', detection_id, '', user_email, summary, evidence, NULL, day, window_start, window_end, window_start, window_end FROM models.behaviors
		ORDER BY day, class, detection_id, user_email`)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]finding, len(r.Class))
	for i := range out {
		out[i] = finding{r.Class[i], r.Detection[i], r.Severity[i], r.Email[i], r.Summary[i], r.Evidence[i], r.Techniques[i], int(r.Day[i].Sub(start).Hours() / 24), r.Start[i], r.End[i], r.First[i], r.Last[i]}
	}
	return out
}

// check makes sure that a finding explains itself.
func (f finding) check(t *testing.T) {
	t.Helper()
	var evidence map[string]any
	if err := json.Unmarshal([]byte(f.evidence), &evidence); err != nil || len(evidence) == 0 || evidence["error"] != nil {
		t.Errorf("%s\nevidence %q: %v", f, f.evidence, err)
	}
	if prefix := strings.Fields(f.summary + " -")[0]; f.email != "" && !strings.Contains(f.summary, f.email) || f.email == "" && !strings.Contains(prefix, "/") {
		t.Errorf("%s\nthe summary does not say who", f)
	}
	if strings.Contains(f.summary, "NaN") || strings.Contains(f.summary, "%!") {
		t.Errorf("%s\nthe summary is garbled", f)
	}
	if f.class == "alert" && (f.techniques == "" || f.severity == "") {
		t.Errorf("%s\nno technique or no severity", f)
	}
	if f.last.Before(f.first) || f.first.Before(f.start) || f.last.After(f.end) || !f.end.After(f.start) {
		t.Errorf("%s\nseen from %v to %v, which is not within %v to %v", f, f.first, f.last, f.start, f.end)
	}
}

// compare reports what is missing and what must not be there; it returns whether all is as wanted.
func (s *scenario) compare(t *testing.T, found []finding) bool {
	t.Helper()
	// The others are background: chance may give them a statistical finding, but nothing that they do breaks a rule.
	cast, ruled := map[string]bool{"": true}, map[string]bool{}
	for _, d := range models.Catalogue {
		ruled[d.ID] = d.Kind == "rule"
	}
	for _, r := range s.Tables {
		for _, v := range r.Values {
			if strings.HasPrefix(v, "u") {
				cast[address(v)] = true
			}
		}
	}
	for _, r := range s.Rows {
		for _, name := range append(slices.Clone(r.Users), r.User, r.Operator) {
			cast[address(name)] = true
		}
	}
	var diff []string
	is := func(f finding, w want) bool {
		return f.detection == w.Detection && f.email == address(w.User) && f.day == int(w.Day)
	}
	for _, w := range s.Want {
		ok := slices.ContainsFunc(found, func(f finding) bool {
			return is(f, w) && f.class == w.Class && (w.Severity == "" || w.Severity == f.severity) && strings.Contains(f.summary, w.Mentions)
		})
		if !ok {
			diff = append(diff, fmt.Sprintf("- %-8s %s %s day %d %s %s", w.Class, w.Detection, cmp.Or(address(w.User), "(nobody)"), w.Day, w.Severity, w.Mentions))
		}
	}
	for _, f := range found {
		wanted := slices.ContainsFunc(s.Want, func(w want) bool { return w.Class == "alert" && is(f, w) })
		if cast[f.email] && slices.Contains(s.Quiet, f.detection) || f.class == "alert" && !wanted && (cast[f.email] || ruled[f.detection]) {
			diff = append(diff, "+ "+f.String())
		}
	}
	if len(diff) > 0 {
		all := make([]string, len(found))
		for i, f := range found {
			all[i] = "  " + f.String()
		}
		t.Errorf("%s\n(- wanted, + unwanted)\n%s\nfound in all:\n%s", s.Description, strings.Join(diff, "\n"), strings.Join(all, "\n"))
	}
	return len(diff) == 0
}

// address writes u3 as u00003@example.com.
func address(name string) string {
	if n, ok := strings.CutPrefix(name, "u"); ok {
		if i, err := strconv.Atoi(n); err == nil {
			return fmt.Sprintf("u%05d@example.com", i)
		}
	}
	return name
}

// The tables of the ingestor, as it fills them.

type activityRows struct {
	ID       []string    `col:"activity_id"`
	Email    []string    `col:"user_email"`
	At       []time.Time `col:"occurred_at"`
	Kind     []string    `col:"kind"`
	IP       []string    `col:"ip_address"`
	Client   []string    `col:"client_type"`
	Version  []string    `col:"client_version"`
	Prefix   []string    `col:"ip_prefix"`
	Country  []string    `col:"country_code,null"`
	City     []string    `col:"city,null"`
	Lat      []float64   `col:"latitude"`
	Lon      []float64   `col:"longitude"`
	Accuracy []float64   `col:"accuracy_km"`
	ASN      []int64     `col:"asn,null"`
	Org      []string    `col:"as_org,null"`
	Category []string    `col:"network_category,null"`
	Tags     [][]string  `col:"network_tags"`
	Batch    []int64     `col:"batch"`
	Run      []string    `col:"run_id"`
}

type operationRows struct {
	ID       []string    `col:"operation_id"`
	Operator []string    `col:"operator,null"`
	At       []time.Time `col:"occurred_at"`
	Category []string    `col:"category"`
	Action   []string    `col:"action"`
	Detail   []string    `col:"detail"`
	Subject  []string    `col:"subject,null"`
	Setting  []string    `col:"setting,null"`
	Old      []string    `col:"old_value,null"`
	New      []string    `col:"new_value,null"`
	Changes  []string    `col:"changes,null"`
	Batch    []int64     `col:"batch"`
	Run      []string    `col:"run_id"`
}

type userRows struct {
	Email    []string    `col:"email"`
	Status   []string    `col:"status"`
	Role     []string    `col:"role,null"`
	Dept     []string    `col:"dept,null"`
	Timezone []string    `col:"timezone,null"`
	Created  []time.Time `col:"created_at"`
	Changed  []time.Time `col:"status_changed_at"`
	First    []time.Time `col:"first_seen_at"`
	Hash     []string    `col:"row_hash"`
	Run      []string    `col:"run_id"`
}

// landing gathers the rows of a scenario.
type landing struct {
	activities activityRows
	operations operationRows
	users      userRows
	places     map[string]place
	zones      map[string]*time.Location
	end        time.Time
}

func (s *scenario) land(t *testing.T) *landing {
	t.Helper()
	l := &landing{places: s.Places, zones: map[string]*time.Location{}, end: when(s.Background.Days).time()}
	byEmail := map[string]user{}
	for i := range s.Background.Users {
		role := "Member"
		if i < s.Background.Admins {
			role = "Admin"
		}
		email := address(fmt.Sprintf("u%d", i))
		byEmail[email] = user{Email: email, Status: "active", Role: role, Created: -300}
	}
	for _, u := range s.Users {
		u.Email = address(u.Email)
		u.Status, u.Role = cmp.Or(u.Status, "active"), cmp.Or(u.Role, cmp.Or(byEmail[u.Email].Role, "Member"))
		u.Created = cmp.Or(u.Created, -300)
		byEmail[u.Email] = u
	}
	for _, u := range byEmail {
		if u.Timezone != "" {
			zone, err := time.LoadLocation(u.Timezone)
			if err != nil {
				t.Fatal(err)
			}
			l.zones[u.Email] = zone
		}
		r := &l.users
		r.Email, r.Status, r.Role, r.Dept = append(r.Email, u.Email), append(r.Status, u.Status), append(r.Role, u.Role), append(r.Dept, u.Dept)
		r.Timezone, r.Hash, r.Run = append(r.Timezone, u.Timezone), append(r.Hash, u.Email), append(r.Run, "r")
		r.Created, r.First, r.Changed = append(r.Created, when(u.Created).time()), append(r.First, when(u.Seen).time()), append(r.Changed, when(max(u.Changed, u.Seen)).time())
	}
	s.Background.land(l)
	for i, r := range s.Rows {
		if err := r.land(l); err != nil {
			t.Fatalf("row %d: %v", i+1, err)
		}
	}
	return l
}

// local returns an instant by somebody's wall clock.
func (l *landing) local(email string, day int, clock time.Duration) time.Time {
	zone := cmp.Or(l.zones[email], time.UTC)
	d := when(day).time()
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, int(clock.Seconds()), 0, zone).UTC()
}

func (l *landing) signIn(kind, email string, at time.Time, p place, client, version string) error {
	if !at.Before(l.end) {
		return nil // the future
	}
	ip, err := netip.ParseAddr(p.IP)
	if err != nil {
		return err
	}
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return err
	}
	a := &l.activities
	a.ID = append(a.ID, fmt.Sprintf("a%d", len(a.ID)))
	a.Email, a.At, a.Kind = append(a.Email, email), append(a.At, at), append(a.Kind, kind)
	a.IP, a.Prefix, a.ASN = append(a.IP, p.IP), append(a.Prefix, prefix.String()), append(a.ASN, p.ASN)
	a.Client, a.Version = append(a.Client, client), append(a.Version, version)
	a.Country, a.City = append(a.Country, p.Country), append(a.City, p.City)
	lat, lon, accuracy := p.Lat, p.Lon, p.Accuracy
	if lat == 0 && lon == 0 {
		lat, lon = math.NaN(), math.NaN()
	}
	if accuracy == 0 {
		accuracy = math.NaN()
	}
	a.Lat, a.Lon, a.Accuracy = append(a.Lat, lat), append(a.Lon, lon), append(a.Accuracy, accuracy)
	a.Org, a.Category, a.Tags = append(a.Org, p.Org), append(a.Category, cmp.Or(p.Category, "unknown")), append(a.Tags, p.Tags)
	a.Batch, a.Run = append(a.Batch, 1), append(a.Run, "r")
	return nil
}

// operate lands an operation; the detail is read by the parser that the ingestor uses.
func (l *landing) operate(operator string, at time.Time, category, action, detail string) error {
	if !at.Before(l.end) {
		return nil
	}
	d := zoom.ParseDetail(detail)
	subject := strings.TrimSpace(d.Subject)
	if who := d.Target(); who != "" {
		subject = strings.ToLower(who)
	}
	var first zoom.Change
	var changes string
	if len(d.Changes) > 0 {
		first = d.Changes[0]
		var all []map[string]string
		for _, c := range d.Changes {
			all = append(all, map[string]string{"setting": c.Setting, "old": c.Old, "new": c.New})
		}
		raw, err := json.Marshal(all)
		if err != nil {
			return err
		}
		changes = string(raw)
	}
	o := &l.operations
	o.ID = append(o.ID, fmt.Sprintf("o%d", len(o.ID)))
	o.Operator, o.At, o.Category = append(o.Operator, operator), append(o.At, at), append(o.Category, category)
	o.Action, o.Detail, o.Subject = append(o.Action, action), append(o.Detail, detail), append(o.Subject, subject)
	o.Setting, o.Old, o.New = append(o.Setting, first.Setting), append(o.Old, first.Old), append(o.New, first.New)
	o.Changes, o.Batch, o.Run = append(o.Changes, changes), append(o.Batch, 1), append(o.Run, "r")
	return nil
}

var instant = regexp.MustCompile(`^d(\d+) (\d\d):(\d\d)$`)

// land writes out rows of another table.
func (r tableRow) land(ctx context.Context, tx *store.Tx) error {
	values := maps.Clone(r.Values)
	for name, v := range map[string]string{"batch": "1", "run_id": "r", "row_hash": "h"} { // what most tables ask for
		var has bool
		if err := tx.Row(ctx, `SELECT count(*) > 0 FROM duckdb_columns() WHERE schema_name || '.' || table_name = ? AND column_name = ?`, r.Table, name).Scan(&has); err != nil {
			return err
		}
		if _, set := values[name]; has && !set {
			values[name] = v
		}
	}
	names := slices.Sorted(maps.Keys(values))
	for k := range max(r.Count, 1) {
		args := make([]any, len(names))
		for i, name := range names {
			v := strings.NewReplacer("{n}", strconv.Itoa(k+1)).Replace(values[name])
			if m := instant.FindStringSubmatch(v); m != nil {
				day, _ := strconv.Atoi(m[1])
				hour, _ := strconv.Atoi(m[2])
				minute, _ := strconv.Atoi(m[3])
				v = when(day).time().Add(time.Duration(60*hour+minute)*time.Minute + time.Duration(k)*r.Every).Format("2006-01-02 15:04:05.999999")
			}
			args[i] = address(v)
		}
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ")
		if _, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, r.Table, strings.Join(names, ", "), marks), args...); err != nil {
			return err
		}
	}
	return nil
}

// land writes out a row of the scenario.
func (r row) land(l *landing) error {
	clock, err := time.Parse("15:04", r.Time)
	if err != nil {
		return err
	}
	who := slices.Clone(r.Users)
	if one := cmp.Or(r.User, r.Operator); one != "" {
		who = append(who, one)
	}
	name := cmp.Or(r.SignIn, r.SignOut)
	if len(who) == 0 || (name == "") == (r.Category == "") {
		return fmt.Errorf("needs users and either a place to sign in from or an operation")
	}
	last := r.Day
	if r.Until != nil {
		last = *r.Until
	}
	count := float64(max(r.Count, 1))
	for day := int(r.Day); day <= int(last); day += max(r.Every, 1) {
		n := int(count)
		if r.Weekdays && day%7 >= 5 {
			continue
		}
		for k := range n {
			for i, w := range who {
				email := address(w)
				// People of one row follow each other within seconds.
				into := r.Spread * time.Duration(k) / time.Duration(n)
				at := l.local(email, day, clock.Sub(clock.Truncate(24*time.Hour))+into+time.Duration(i)*7*time.Second)
				if r.Category != "" {
					detail := strings.NewReplacer("{n}", strconv.Itoa(k+1), "{nnnnn}", fmt.Sprintf("%05d", k+1)).Replace(r.Detail)
					err = l.operate(email, at, r.Category, r.Action, detail)
				} else {
					err = l.appear(r, email, at, name)
				}
				if err != nil {
					return err
				}
			}
		}
		count += r.Grow
	}
	return nil
}

func (l *landing) appear(r row, email string, at time.Time, name string) error {
	p, ok := l.places[name]
	n := number(email)
	switch {
	case ok:
	case name == "home" && n >= 0:
		p = home(n)
	case name == "office":
		p = office
	default:
		return fmt.Errorf("no place %q", name)
	}
	kind := "sign_in"
	if r.SignOut != "" {
		kind = "sign_out"
	}
	return l.signIn(kind, email, at, p, cmp.Or(r.Client, client(n)), cmp.Or(r.Version, version))
}

// number is the inverse of address, -1 for others.
func number(email string) int {
	if len(email) < 6 {
		return -1
	}
	n, err := strconv.Atoi(email[1:6])
	if err != nil || address(fmt.Sprintf("u%d", n)) != email {
		return -1
	}
	return n
}

var office = place{IP: "192.0.2.10", ASN: 64496, Country: "US", City: "Denver", Lat: 39.74, Lon: -104.99, Accuracy: 5}

// home is a user's own line, near the office, with one of three operators.
func home(n int) place {
	return place{IP: fmt.Sprintf("198.18.%d.7", n), ASN: 64500 + int64(n%3), Country: "US", City: "Aurora", Lat: 39.73, Lon: -104.83, Accuracy: 20}
}

const version = "6.3.0"

func client(n int) string { return []string{"Windows", "Mac"}[(n+2)%2] }

// What people do for themselves, and what administrators do.
var (
	ownActions = [][3]string{
		{"User Settings", "Update", "Recording  - Display participants' names in the recording: from Off to On"},
		{"Whiteboard", "Share", "Whiteboard  - Share: from Off to On"},
		{"Phone", "Update", "Phone Settings  - Voicemail: from Off to On"},
		{"User Settings", "Update", "Schedule Meeting  - Host video: from Off to On"},
		{"User Settings", "Update", "In Meeting (Basic)  - Meeting reactions: from Off to On"},
		{"IM", "Update", "Chat Settings  - Read receipts: from Off to On"},
		{"Webinar", "Update", "Webinar Settings  - Post-webinar survey: from Off to On"},
		{"Recording", "Download", "Download Recording  - Meeting ID: 81234567890 - File Type: MP4"},
	}
	adminActions = [][3]string{ // the first two are all that u1 does, who never touches the account's settings
		{"User", "Update", "Update User u00009@example.com  - Job Title: set to Analyst"},
		{"User Group", "Update", "Edit Group East  - Email Notification: from On to Off"},
		{"Account", "Update", "Account Profile  - Support Phone Number: set to 5550100"},
		{"Zoom Rooms", "Update", "Edit Zoom Room R-001  - Weekly system restart: from Off to On"},
	}
)

// land makes the days of the company: on weekdays people sign in at home or at the office at their own hour, and do what they prefer at their own pace. Now and then
// they are on the way, use a telephone, come late or do something rare, so that a little novelty is nothing special.
func (b background) land(l *landing) {
	away := map[string]bool{}
	for _, name := range b.Away {
		away[address(name)] = true
	}
	for n := range b.Users {
		email := address(fmt.Sprintf("u%d", n))
		if away[email] {
			continue
		}
		habit := rand.New(rand.NewPCG(b.Seed, uint64(n)))
		usual := 7.5 + 2*habit.Float64()
		favourites := habit.Perm(len(ownActions))
		pause := 60 * (1 + habit.IntN(20)) // seconds between two things
		for day := range b.Days {
			rng := rand.New(rand.NewPCG(b.Seed+uint64(day)*1_000_003, uint64(n)))
			if day%7 >= 5 || rng.Float64() >= b.Presence {
				continue
			}
			hour := usual + 0.5*rng.Float64()
			if rng.IntN(10) == 0 { // a day of another rhythm
				hour += []float64{-2, 3, 5, 9}[rng.IntN(4)]
			}
			clock := time.Duration(hour * float64(time.Hour))
			next := func() time.Time {
				at := l.local(email, day, clock)
				clock += time.Duration(pause/2+rng.IntN(pause)) * time.Second
				return at
			}
			p, c := home(n), client(n)
			switch k := rng.IntN(24); {
			case k < 8:
				p = office
			case k < 10: // on the way, with some operator of the country
				p = place{IP: fmt.Sprintf("198.19.%d.7", 100+rng.IntN(100)), ASN: 64500 + rng.Int64N(8), Country: "US", City: "Denver", Lat: 39.74, Lon: -104.99, Accuracy: 50}
			}
			if rng.IntN(10) == 0 {
				c = "iPhone"
			}
			must(l.signIn("sign_in", email, next(), p, c, version))
			for range rng.IntN(2*b.Rows) + 1 {
				a := ownActions[favourites[min(rng.IntN(4), rng.IntN(4))]]
				if rng.IntN(16) == 0 {
					a = ownActions[rng.IntN(len(ownActions))]
				}
				must(l.operate(email, next(), a[0], a[1], a[2]))
			}
			if n < b.Admins {
				can := len(adminActions)
				if n == 1 {
					can = 2
				}
				for k := range 1 + rng.IntN(4) {
					a := adminActions[(day+k)%can]
					must(l.operate(email, next(), a[0], a[1], a[2]))
				}
			}
			if rng.IntN(2) == 0 {
				must(l.signIn("sign_in", email, next(), p, c, version))
			}
		}
	}
}

// must is for what the generator itself writes.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
