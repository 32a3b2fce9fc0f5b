package policy

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Class says what the rows of a policy become.
type Class string

// The classes: an alert is for a person to look at, a behavior is kept for hunting.
const (
	Alert    Class = "alert"
	Behavior Class = "behavior"
)

// A Schedule says how often a policy is run.
type Schedule string

// The schedules. What is due is run by the next run.
const (
	EveryRun Schedule = "every_run"
	Hourly   Schedule = "hourly"
	Daily    Schedule = "daily"
	Weekly   Schedule = "weekly"
)

// interval is the least time between two evaluations.
func (s Schedule) interval() time.Duration {
	switch s {
	case Hourly:
		return time.Hour
	case Daily:
		return day
	case Weekly:
		return 7 * day
	}
	return 0
}

const day = 24 * time.Hour

// A Policy is what a file says.
type Policy struct {
	ID          string
	Title       string
	Severity    string // critical, high, medium, low, info
	Class       Class
	Description string
	Schedule    Schedule
	Window      time.Duration // how far back from the run's clock it looks: $since is $until less it
	Grouping    []string      // columns whose values make one alert
	Threshold   Threshold
	Techniques  []string // MITRE ATT&CK
	Attack      int      // version of ATT&CK that they are from; 0 without techniques
	DailyLimit  int      // alerts that it may raise in a UTC day
	Enabled     bool

	File   string // as it was opened
	Digest string // of the whole file
	SQL    string // one SELECT, without what follows it
	line   int    // of the file on which SQL begins
}

// A Threshold is what a group of rows must reach.
type Threshold struct {
	Rows    int     // that reach AtLeast, at least 1
	Column  string  // "" when rows alone count
	AtLeast float64 // least value of Column for a row to count
}

// Defaults and bounds of a head.
const (
	defaultWindow     = 72 * time.Hour // as far back as a run reads Zoom's reports again: rows that come late are seen
	defaultDailyLimit = 20
	maxWindow         = 366 * day
	maxDailyLimit     = 1000
	maxGrouping       = 8
	maxTechniques     = 20
	enginePrefix      = "ZW-" // the engine's own detections
)

var (
	idForm        = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$`)
	columnForm    = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	techniqueForm = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
	daysForm      = regexp.MustCompile(`^([0-9]{1,3})d$`)
)

// severities in order of weight, heaviest first.
var severities = []string{"critical", "high", "medium", "low", "info"}

// A headReader fills a policy in from the nodes of a head. line is added to the lines of the nodes.
type headReader struct {
	p     *Policy
	lines int
}

// keys of a head, in the order of the documentation.
var keys = []string{"id", "title", "severity", "class", "description", "schedule", "window", "grouping", "threshold", "attack", "daily_limit", "enabled"}

// readHead reads the YAML of a head. lines is the number of lines of the file before it.
func readHead(text string, lines int, p *Policy) error {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return fmt.Errorf("head: %w (lines counted from the line after ---)", err)
	}
	p.Class, p.Schedule, p.Window, p.DailyLimit, p.Enabled = Alert, Daily, defaultWindow, defaultDailyLimit, true
	p.Grouping, p.Threshold = []string{"user_email"}, Threshold{Rows: 1}
	r := headReader{p, lines}
	if len(doc.Content) == 0 {
		return errors.New("head is empty: it holds at least id, title, severity and description")
	}
	seen, err := r.mapping(doc.Content[0], "head", keys, r.set)
	if err != nil {
		return err
	}
	for _, k := range []string{"id", "title", "severity", "description"} {
		if !seen[k] {
			return fmt.Errorf("head: key %s is missing", k)
		}
	}
	if p.Window < p.Schedule.interval() {
		return fmt.Errorf("head: window %s is shorter than the time between two %s evaluations: what happens between them would never be looked at; make it at least %s", p.Window,
			p.Schedule, p.Schedule.interval())
	}
	return nil
}

// mapping calls set for every key of a mapping and says which keys there were.
func (r headReader) mapping(n *yaml.Node, what string, known []string, set func(key string, n *yaml.Node) error) (map[string]bool, error) {
	if n.Kind != yaml.MappingNode {
		return nil, r.errorf(n, "%s must hold keys: %s", what, strings.Join(known, ", "))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(known, k.Value):
			return nil, r.errorf(k, "unknown key %s in %s: it is one of %s", quoted(k.Value), what, strings.Join(known, ", "))
		case seen[k.Value]:
			return nil, r.errorf(k, "key %s is given twice in %s", k.Value, what)
		case v.Kind == yaml.AliasNode:
			return nil, r.errorf(v, "%s: anchors and aliases are not read: write the value out", k.Value)
		}
		seen[k.Value] = true
		if err := set(k.Value, v); err != nil {
			return nil, r.errorf(v, "%s: %w", k.Value, err)
		}
	}
	return seen, nil
}

// errorf names the line, unless the error inside does already.
func (r headReader) errorf(n *yaml.Node, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	var at *lineError
	if errors.As(err, &at) {
		return err
	}
	return &lineError{n.Line + r.lines, err}
}

// lineError is an error with the line of the file it is about.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

func (r headReader) set(key string, n *yaml.Node) (err error) {
	p := r.p
	switch key {
	case "id":
		if p.ID, err = text(n, 64); err != nil {
			return err
		}
		switch {
		case !idForm.MatchString(p.ID):
			return fmt.Errorf("%s is not capital letters and digits in parts joined by dashes, such as ACME-REC-01", quoted(p.ID))
		case strings.HasPrefix(p.ID, enginePrefix):
			return fmt.Errorf("%s: ids that begin with %s belong to zoomward's own detections: choose another prefix", p.ID, enginePrefix)
		}
	case "title":
		p.Title, err = text(n, 120)
	case "description":
		p.Description, err = text(n, 1000)
	case "severity":
		p.Severity, err = oneOf(n, severities...)
	case "class":
		var s string
		s, err = oneOf(n, string(Alert), string(Behavior))
		p.Class = Class(s)
	case "schedule":
		var s string
		s, err = oneOf(n, string(EveryRun), string(Hourly), string(Daily), string(Weekly))
		p.Schedule = Schedule(s)
	case "window":
		p.Window, err = duration(n)
	case "grouping":
		p.Grouping, err = list(n, maxGrouping, columnForm, "column")
	case "threshold":
		err = r.threshold(n)
	case "attack":
		err = r.attack(n)
	case "daily_limit":
		p.DailyLimit, err = whole(n, 1, maxDailyLimit)
	case "enabled":
		if err = n.Decode(&p.Enabled); err != nil || n.ShortTag() != "!!bool" {
			err = fmt.Errorf("%s is not true or false", quoted(n.Value))
		}
	}
	return err
}

func (r headReader) threshold(n *yaml.Node) error {
	t := &r.p.Threshold
	seen, err := r.mapping(n, "threshold", []string{"rows", "column", "at_least"}, func(key string, n *yaml.Node) (err error) {
		switch key {
		case "rows":
			t.Rows, err = whole(n, 1, maxRows)
		case "column":
			if t.Column, err = text(n, 64); err == nil && !columnForm.MatchString(t.Column) {
				err = fmt.Errorf("%s is not the name of a column in small letters", quoted(t.Column))
			}
		case "at_least":
			if err = n.Decode(&t.AtLeast); err != nil || math.IsNaN(t.AtLeast) || math.IsInf(t.AtLeast, 0) {
				err = fmt.Errorf("%s is not a number", quoted(n.Value))
			}
		}
		return err
	})
	if err == nil && seen["column"] != seen["at_least"] {
		err = errors.New("column and at_least go together: give both or neither")
	}
	if err == nil && len(seen) == 0 {
		err = errors.New("give rows, or column and at_least")
	}
	return err
}

func (r headReader) attack(n *yaml.Node) error {
	seen, err := r.mapping(n, "attack", []string{"version", "techniques"}, func(key string, n *yaml.Node) (err error) {
		if key == "version" {
			r.p.Attack, err = whole(n, 1, 99)
		} else {
			r.p.Techniques, err = list(n, maxTechniques, techniqueForm, "technique such as T1078.004")
		}
		return err
	})
	if err == nil && !(seen["version"] && seen["techniques"]) {
		err = errors.New("give version and techniques: techniques change their meaning from one version of ATT&CK to another")
	}
	return err
}

// text reads a text of one paragraph that is not empty and has nothing that a terminal would obey.
func text(n *yaml.Node, limit int) (string, error) {
	s := strings.TrimSpace(n.Value)
	switch {
	case n.Kind != yaml.ScalarNode || s == "":
		return "", errors.New("must be a text")
	case utf8.RuneCountInString(s) > limit:
		return "", fmt.Errorf("is longer than %d characters", limit)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }):
		return "", errors.New("holds characters that cannot be shown")
	}
	return strings.Join(strings.Fields(s), " "), nil
}

func oneOf(n *yaml.Node, allowed ...string) (string, error) {
	if n.Kind != yaml.ScalarNode || !slices.Contains(allowed, n.Value) {
		return "", fmt.Errorf("%s is not one of %s", quoted(n.Value), strings.Join(allowed, ", "))
	}
	return n.Value, nil
}

func whole(n *yaml.Node, low, high int) (int, error) {
	var i int
	if err := n.Decode(&i); err != nil || n.ShortTag() != "!!int" || i < low || i > high {
		return 0, fmt.Errorf("%s is not a whole number from %d to %d", quoted(n.Value), low, high)
	}
	return i, nil
}

// duration reads 90m, 12h or 7d.
func duration(n *yaml.Node) (time.Duration, error) {
	var d time.Duration
	var err error
	if m := daysForm.FindStringSubmatch(n.Value); m != nil {
		for _, c := range m[1] {
			d = d*10 + time.Duration(c-'0')*day
		}
	} else {
		d, err = time.ParseDuration(n.Value)
	}
	if n.Kind != yaml.ScalarNode || err != nil || d < time.Minute || d > maxWindow {
		return 0, fmt.Errorf("%s is not a duration such as 90m, 12h or 7d, from 1m to 366d", quoted(n.Value))
	}
	return d, nil
}

// list reads one text or a list of different ones.
func list(n *yaml.Node, most int, form *regexp.Regexp, what string) ([]string, error) {
	nodes := n.Content
	if n.Kind == yaml.ScalarNode {
		nodes = []*yaml.Node{n}
	} else if n.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("must be a list")
	}
	if len(nodes) == 0 || len(nodes) > most {
		return nil, fmt.Errorf("must have 1 to %d entries", most)
	}
	var out []string
	for _, e := range nodes {
		switch {
		case e.Kind != yaml.ScalarNode || !form.MatchString(e.Value):
			return nil, fmt.Errorf("%s is no %s", quoted(e.Value), what)
		case slices.Contains(out, e.Value):
			return nil, fmt.Errorf("%s is given twice", e.Value)
		}
		out = append(out, e.Value)
	}
	return out, nil
}

// quoted shows a value of a file in an error, cut when it is long.
func quoted(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return fmt.Sprintf("%q", s)
}
