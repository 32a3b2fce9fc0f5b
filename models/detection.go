package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

// Class says what a finding of a detection becomes.
type Class string

// The classes: a behavior is kept for hunting; an alert is for a person to look at.
const (
	Behavior Class = "behavior"
	Alert    Class = "alert"
)

// A Detection is one self-describing value of the catalogue.
type Detection struct {
	ID         string // stable for ever
	Title      string
	Class      Class  // of a finding that passes the detection's own bar
	Severity   string // critical, high, medium, low, info
	Group      string // risk factor group: findings of one group count once in a combination
	Kind       string // statistical: alerts by the false discovery rate; sequential: by its own bar, within the budget; rule: always
	Data       []string
	Techniques []string // MITRE ATT&CK v18
	Of         string   // another detection of the same thing: an open alert of either takes in findings of the other
	Absorb     int64    // days for which an alert takes in further findings of its kind; 0 for the usual 3
	Hint       bool     // too common to count in a combination
	About      string   // what it finds and how, in one or two sentences
	find       func(*scene) []Finding
	set        bool                  // a statement finds it; see sets.go
	rows       []string              // tables of which at least one must have rows for the statement to find anything; nil where it always runs
	sift       func(f *Finding) bool // keeps, and may rewrite, what the statement found
	question   question
	ownBar     float64 // of a sequential detection that answers a question: the greatest p at which a finding is an alert by itself; 0 where Finding.Alert says it all
	urgent     bool    // its own bar is so strict that its alerts cannot be many: they may overdraw the budget
}

// A question is what a statistical detection answers.
type question int

const (
	noQuestion   question = iota
	whoQuestion           // is this still the same person?
	muchQuestion          // is this too much?
)

// A Finding is what a detection saw.
type Finding struct {
	Detection *Detection
	Email     string    // "" when it is about no single user
	Named     []string  // further users that an alert would name
	Key       string    // tells findings of one detection about one user apart
	Day       time.Time // that was scored
	Start     time.Time
	End       time.Time
	First     time.Time // first and last event it rests on
	Last      time.Time
	Observed  float64
	Expected  float64 // NaN for rules
	Unit      string
	P         float64 // NaN for rules
	Score     float64
	easedP    float64 // P given what everybody else did on the same day, for the decision alone; 0 for the same
	Alert     bool    // passes its own bar; statistical findings must pass the false discovery rate and the budget as well
	Severity  string  // "" for the detection's own
	Summary   string
	Evidence  Evidences

	SuppressedBy string  // alert that was dismissed as a false positive and that this finding is like
	muted        bool    // is no alert and no part of one: suppressed, or its user is excluded
	weight       float64 // of its detection's sensitivity towards its user
	at           []time.Time
}

// Evidences is the structured part of a finding, stored as JSON.
type Evidences struct {
	Contributions []Contribution `json:"contributions,omitempty"`
	Details       map[string]any `json:"details,omitempty"`
	Events        []EventNote    `json:"events,omitempty"`
	Method        string         `json:"method,omitempty"`
}

// GobEncode keeps evidence as its JSON: gob would lose a pointer to 0.
func (e Evidences) GobEncode() ([]byte, error) { return json.Marshal(plainEvidences(e)) }

// GobDecode reads what GobEncode wrote.
func (e *Evidences) GobDecode(raw []byte) error { return json.Unmarshal(raw, (*plainEvidences)(e)) }

type plainEvidences Evidences

// A Contribution is one additive part of an explanation.
type Contribution struct {
	Name        string   `json:"name"`
	Observed    any      `json:"observed,omitempty"`
	Expected    *float64 `json:"expected,omitempty"`
	Lower       *float64 `json:"lower,omitempty"` // 95 % predictive interval
	Upper       *float64 `json:"upper,omitempty"`
	HistoryDays *int64   `json:"history_days,omitempty"`
	Peers       string   `json:"peers,omitempty"`
	PeerRate    *float64 `json:"peer_rate,omitempty"`
	P           *float64 `json:"p,omitempty"`
	Part        *float64 `json:"part,omitempty"` // share of the score
	Tokens      []string `json:"tokens,omitempty"`
}

// An EventNote points at a row that a finding rests on.
type EventNote struct {
	ID   string `json:"id"`
	At   string `json:"at"`
	What string `json:"what"`
}

// maxEvents bounds the rows listed with a finding.
const maxEvents = 10

// id returns the stable id of a finding: the same finding in every run.
func (f *Finding) id() string {
	h := sha256.Sum256([]byte(strings.Join([]string{"v1", f.Detection.ID, f.Email, f.Key, f.Day.Format(time.DateOnly)}, "\x00")))
	return hex.EncodeToString(h[:8])
}

func (f *Finding) severity() string {
	if f.Severity != "" {
		return f.Severity
	}
	return f.Detection.Severity
}

// scene is everything a detection may look at: the day, and the state of the evening before.
type scene struct {
	day       *features.Day
	state     *features.State
	people    *Directory
	priors    *features.Priors
	predict   [][]features.NegBin
	busy      []busyDay // by behaviour
	identity  []IdentityScore
	id        *Identity
	judged    []judged
	residuals []float64 // by user-day and part of the shape
	config    Config
	changes   map[int][]change // by row, of operations that administrate
	changed   [][]int          // by user-day, the rows that are in changes
	policy    *policy
	looking   string // detection whose turn it is

	pastIdentity, pastDrift int // past user-days that p-values rank among
}

// judged is the verdict of the statistics on a user-day.
type judged struct {
	learning   bool // not judged by statistics
	ready      bool // its statistics are worth learning from
	identityP  float64
	identityT  bool // from the fitted tail
	volume     float64
	volumeP    float64
	volumeT    bool
	drift      float64
	driftP     float64
	driftT     bool
	ordinaryP  float64
	ordinary   float64 // volume, given what everybody else did on the same day
	shape      float64
	shapeP     float64
	joint      float64
	decided    float64 // joint, given what everybody else did on the same day: for decisions, not for scores
	worstDrift int     // behaviour with the greatest drift, -1 for none
}

// watched returns for how many days the organisation has been watched before the day.
func (s *scene) watched() int64 {
	if s.state.FirstDay == 0 {
		return 0
	}
	return s.day.Number - s.state.FirstDay
}

// users calls f for every user-day of the scene and gathers what it returns.
func (s *scene) users(f func(i int, u *features.UserDay, a *features.Account) []Finding) []Finding {
	var out []Finding
	for i := range s.day.Users {
		u := &s.day.Users[i]
		out = append(out, f(i, u, u.Account)...)
	}
	return out
}

// finding returns a finding about a whole user-day.
func (s *scene) finding(u *features.UserDay) Finding {
	f := Finding{Email: u.Email, Day: s.day.Start(), Start: s.day.Start(), End: s.day.Start().Add(24 * time.Hour), Expected: math.NaN(), P: math.NaN(), Observed: math.NaN()}
	if u.Hi > u.Lo {
		f.First, f.Last = s.day.Rows.At(u.Lo), s.day.Rows.At(u.Hi-1)
	}
	return f
}

// note lists rows as evidence.
func (s *scene) notes(rows []int) []EventNote {
	var out []EventNote
	r := s.day.Rows
	for _, i := range rows[:min(len(rows), maxEvents)] {
		what := r.Action(i)
		if r.Detail(i) != "" {
			what += ": " + r.Detail(i)
		} else if r.IP(i) != "" {
			what += " from " + place(r, i)
		}
		out = append(out, EventNote{ID: r.ID(i), At: r.At(i).Format(time.RFC3339), What: what})
	}
	return out
}

func place(r *features.Rows, i int) string {
	s := r.IP(i)
	if r.City(i) != "" {
		s += ", " + r.City(i)
	}
	if r.Country(i) != "" {
		s += ", " + r.Country(i)
	}
	if r.Client(i) != "" {
		s += ", " + r.Client(i)
	}
	return s
}

// rows returns the rows of a user-day that match.
func (s *scene) rows(u *features.UserDay, match func(r *features.Rows, i int) bool) []int {
	var out []int
	for i := u.Lo; i < u.Hi; i++ {
		if match(s.day.Rows, i) {
			out = append(out, i)
		}
	}
	return out
}

// span narrows a finding to the rows it rests on.
func (f *Finding) span(r *features.Rows, rows []int) {
	if len(rows) > 0 {
		f.First, f.Last = r.At(rows[0]), r.At(rows[len(rows)-1])
	}
	f.at = make([]time.Time, len(rows))
	for k, i := range rows {
		f.at[k] = r.At(i)
	}
}

// times returns when what a finding rests on happened, in order: of statements, which tell the first and the last alone, those.
func (f *Finding) times() []time.Time {
	if len(f.at) > 0 {
		return f.at
	}
	return []time.Time{f.First, f.Last}
}

func ptr[T any](v T) *T { return &v }

// plural writes a count with its unit.
func plural(n float64, unit string) string { return fmt.Sprintf("%g %s", n, unit) }

// history says how much of a user's past a judgement rests on.
func history(a *features.Account) string {
	switch a.Days {
	case 0:
		return "no earlier day of this user"
	case 1:
		return "1 earlier active day"
	default:
		return fmt.Sprintf("%d earlier active days", a.Days)
	}
}
