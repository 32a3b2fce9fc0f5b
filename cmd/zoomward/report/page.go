// Package report draws one self-contained HTML page of what a run found. It knows nothing of the database: Page holds all that is shown.
//
// The page has no script and loads nothing: its policy forbids both, so that texts which an attacker may have chosen (names, client versions, details of operations) can
// do no harm beyond what escaping already prevents.
package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"time"
)

// Page is what is shown. Lists are in the order in which they appear; an empty one shows a sentence that says so.
type Page struct {
	Account string // id of the Zoom account, "" when it is not known
	Version string // of the program
	At      time.Time
	Run     Run
	Warning []string // what makes the page less than whole: feeds that failed, detections that broke

	Tiles  []Tile
	Weeks  []Week // oldest first
	Alerts []Alert
	Closed int // alerts that triage has closed and that are not listed
	More   int // open alerts beyond those listed
	// Findings that are no alerts as the budget of alerts was used up.
	Withheld int64
	Risks    []Risk

	Posture Posture
	Missing []Missing
	Feeds   []Feed
	Drift   []Level
}

// Run is the run that the page is about.
type Run struct {
	ID, Status string
	StartedAt  time.Time
	Users      int64 // active ones
	From, To   string
}

// Tile is a figure at the top.
type Tile struct{ Value, Label, Note, Class string }

// Week counts the alerts whose window begins in a week.
type Week struct {
	Monday time.Time
	Counts map[string]int // by severity
}

// Alert is one alert with its explanation as plain text.
type Alert struct {
	ID, Severity, Title, User, Status, Owner, Summary, Explanation string
	Start                                                          time.Time
}

// Risk is a user and what the risk is made of.
type Risk struct {
	User       string
	Score      float64
	Percentile float64 // 0 to 100
	Change     float64
	Parts      []string
}

// Posture is how safely the account is set up.
type Posture struct {
	Judged                      bool
	Score, Achievable, Coverage float64 // percent
	History                     []Point
	Counts                      []Count
	Fix                         []Control // what to put right first
	All                         []Control
	Changes                     []Change
}

// Point is a score at a time.
type Point struct {
	At    time.Time
	Score float64
}

// Count is how many controls have a status.
type Count struct {
	Status string
	N      int
}

// Control is the verdict on one control.
type Control struct {
	ID, Title, Severity, Status, Observed, Expected, Reason, Remediation, Exception string
	Points, Max                                                                     float64
	Gain                                                                            float64 // percentage points of the score
}

// Change is a control or a setting that is not what it was.
type Change struct {
	At                       time.Time
	What, Before, After, Who string
}

// Missing is data that is not there, what to do about it, and the detections that wait for it.
type Missing struct {
	Data, Todo string
	Detections []string
}

// Feed is how far a feed was read.
type Feed struct {
	Name, State, Message string
	Rows, Due            int64
	Until                time.Time
}

// Level is how p-values came out in a week at a nominal level.
type Level struct {
	Week                             time.Time
	Nominal, Realised, Lower, Higher float64
	Drifting                         bool
}

// Severities, heaviest first, as bars are stacked.
var Severities = []string{"critical", "high", "medium", "low", "info"}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"day":     func(t time.Time) string { return when(t, time.DateOnly) },
	"minute":  func(t time.Time) string { return when(t, "2006-01-02 15:04") },
	"percent": func(x float64) string { return fmt.Sprintf("%.0f", x) },
	"share":   func(x float64) string { return fmt.Sprintf("%.2f %%", 100*x) },
	"one":     func(x float64) string { return fmt.Sprintf("%.1f", x) },
	"points":  func(x float64) string { return fmt.Sprintf("%g", math.Round(10*x)/10) },
	"signed":  func(x float64) string { return fmt.Sprintf("%+.1f", x) },
	"bars":    bars,
	"line":    line,
	"meter":   meter,
}).Parse(pageText))

func when(t time.Time, layout string) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(layout)
}

// Write draws the page.
func (p *Page) Write(w io.Writer) error {
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("draw report: %w", err)
	}
	return nil
}
