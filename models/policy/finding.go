package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Finding is what a policy raised: an alert, or a behavior.
type Finding struct {
	ID           string
	Policy       string
	Class        Class
	Title        string
	Severity     string
	Email        string // "" when it is about no single user
	Key          string // JSON object of the grouping columns
	Observed     float64
	Unit         string
	Summary      string
	Evidence     string // JSON
	Techniques   []string
	First, Last  time.Time // rows that it rests on
	Raised       time.Time // clock of the run that raised it
	Run          string
	SuppressedBy string // alert that was dismissed as a false positive and that this is like
}

// verdict is the latest that a person said of an alert.
type verdict struct {
	status string
	set    time.Time
}

func (v verdict) closed() bool {
	return v.status == "true_positive" || v.status == "benign" || v.dismissed()
}

func (v verdict) dismissed() bool { return v.status == "false_positive" }

// outdoneBy is how much more than a dismissed alert a finding must see to be an alert all the same; the engine's own suppressions go by the same figure.
const outdoneBy = 1.5

// absorb is how long after its last row a finding takes in further ones, instead of another being raised: as long as a window goes on showing them, and at least a day.
func (p Policy) absorb() time.Duration { return max(p.Window, day) + p.Schedule.interval() }

// A ledger is what a policy raised so far. It notes what changes.
type ledger struct {
	policy   Checked
	findings []Finding // in order of time
	said     map[string]verdict
	changed  map[string]bool // by id
	raised   int             // alerts raised since it was opened
	withheld int             // alerts that the daily limit held back
}

// take brings the groups of an evaluation in: they extend what is there, or are raised. now is the clock, limit how many alerts may still be raised today.
func (l *ledger) take(groups []group, now time.Time, run string, limit int) {
	for _, g := range groups {
		rest := l.extend(g)
		if len(rest) < l.policy.Threshold.Rows {
			continue
		}
		f := l.policy.finding(g.key, rest)
		f.Raised, f.Run = now, run
		if slices.ContainsFunc(l.findings, func(o Finding) bool { return o.ID == f.ID }) {
			continue
		}
		l.suppress(&f)
		if f.Class == Alert && f.SuppressedBy == "" {
			if l.raised >= limit {
				l.withheld++
				continue
			}
			l.raised++
		}
		l.findings = append(l.findings, f)
		l.changed[f.ID] = true
	}
}

// extend gives the rows of a group to the findings that they belong to and returns the others. A finding that a person closed takes in what happened until then.
func (l *ledger) extend(g group) []row {
	rest := g.rows
	for i := range l.findings {
		f := &l.findings[i]
		if f.Key != g.key {
			continue
		}
		said := l.said[f.ID]
		var mine, others []row
		last := f.Last
		for _, r := range rest {
			if r.at.Before(f.First.Add(-l.policy.absorb())) || r.at.After(last.Add(l.policy.absorb())) || said.closed() && r.at.After(later(said.set, f.Last)) {
				others = append(others, r)
				continue
			}
			mine = append(mine, r)
			last = later(last, r.at)
		}
		rest = others
		if len(mine) == 0 {
			continue
		}
		was := *f
		seen := l.policy.finding(g.key, mine)
		f.First, f.Last = earlier(f.First, seen.First), later(f.Last, seen.Last)
		if seen.Observed > f.Observed || seen.Observed == f.Observed && f.Last.After(was.Last) { // what shows most, and of that the latest, tells the story
			f.Observed, f.Summary, f.Evidence = seen.Observed, seen.Summary, seen.Evidence
		}
		if f.SuppressedBy != "" {
			f.SuppressedBy = ""
			l.suppress(f)
		}
		if !same(*f, was) {
			l.changed[f.ID] = true
		}
	}
	return rest
}

func same(a, b Finding) bool {
	return a.First.Equal(b.First) && a.Last.Equal(b.Last) && a.Observed == b.Observed && a.Evidence == b.Evidence && a.SuppressedBy == b.SuppressedBy
}

// suppress makes a finding a mere behavior when an alert on the same group was dismissed as a false positive before, and it does not show clearly more.
func (l *ledger) suppress(f *Finding) {
	for _, o := range l.findings {
		if o.ID != f.ID && o.Key == f.Key && o.First.Before(f.First) && l.said[o.ID].dismissed() && f.Observed <= o.Observed*outdoneBy {
			f.SuppressedBy = o.ID
			return
		}
	}
}

// release ends suppressions by alerts that are no longer dismissed.
func (l *ledger) release() {
	for i := range l.findings {
		if f := &l.findings[i]; f.SuppressedBy != "" && !l.said[f.SuppressedBy].dismissed() {
			f.SuppressedBy = ""
			l.changed[f.ID] = true
		}
	}
}

const (
	sampleRows = 10      // rows that the evidence shows
	sampleSize = 2 << 10 // bytes of a row that it shows
)

// finding tells of rows of one group, in order of time.
func (c Checked) finding(key string, rows []row) Finding {
	f := Finding{Policy: c.ID, Class: c.Class, Title: c.Title, Severity: c.Severity, Key: key, Techniques: c.Techniques, First: rows[0].at, Last: rows[0].at}
	emails := map[string]bool{}
	f.Observed, f.Unit = float64(len(rows)), "rows"
	if c.Threshold.Column != "" {
		f.Observed, f.Unit = c.Threshold.AtLeast, c.Threshold.Column
	}
	for _, r := range rows {
		f.First, f.Last = earlier(f.First, r.at), later(f.Last, r.at)
		if s, ok := r.values["user_email"].(string); ok && s != "" {
			emails[strings.ToLower(s)] = true
		} else {
			emails[""] = true
		}
		if v, ok := number(r.values[c.Threshold.Column]); ok {
			f.Observed = max(f.Observed, v)
		}
	}
	if len(emails) == 1 {
		f.Email = sortedKeys(emails)[0]
	}
	h := sha256.Sum256([]byte(strings.Join([]string{"policy v1", c.ID, key, f.First.UTC().Format(time.RFC3339Nano)}, "\x00")))
	f.ID = hex.EncodeToString(h[:8])
	f.Summary = c.summary(&f, len(rows))
	f.Evidence = c.evidence(&f, rows)
	return f
}

// summary says what was seen of whom, and what the policy asks for.
func (c Checked) summary(f *Finding, rows int) string {
	var who []string
	var values map[string]any
	if json.Unmarshal([]byte(f.Key), &values) == nil {
		for _, name := range c.Grouping {
			s := fmt.Sprint(values[name])
			if values[name] == nil {
				s = "none"
			}
			if r := []rune(s); len(r) > 100 {
				s = string(r[:100]) + "..."
			}
			if name != "user_email" {
				s = strings.ReplaceAll(name, "_", " ") + " " + s
			}
			who = append(who, s)
		}
	}
	s := fmt.Sprintf("%s: %s: %s", strings.Join(who, ", "), c.Title, plural(rows, "row"))
	if c.Threshold.Column != "" {
		s += fmt.Sprintf(", %s up to %g (at least %g asked for)", strings.ReplaceAll(c.Threshold.Column, "_", " "), f.Observed, c.Threshold.AtLeast)
	} else if c.Threshold.Rows > 1 {
		s += fmt.Sprintf(" within %s (at least %d asked for)", span(c.Window), c.Threshold.Rows)
	}
	const form = "2006-01-02 15:04"
	if f.First.Equal(f.Last) {
		return s + ", at " + f.First.UTC().Format(form) + " UTC."
	}
	return s + fmt.Sprintf(", from %s to %s UTC.", f.First.UTC().Format(form), f.Last.UTC().Format(form))
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// span writes a duration in days, hours or minutes.
func span(d time.Duration) string {
	switch {
	case d%day == 0:
		return plural(int(d/day), "day")
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	}
	return plural(int(d/time.Minute), "minute")
}

// evidence has the form of the engine's own: what was seen and asked for, the latest rows, and the events that they name.
func (c Checked) evidence(f *Finding, rows []row) string {
	type event struct {
		ID   string `json:"id"`
		At   string `json:"at"`
		What string `json:"what"`
	}
	var out struct {
		Details map[string]any `json:"details"` // in words for people, by explain
		Policy  struct {
			ID     string            `json:"id"`
			Digest string            `json:"digest"` // of the file that found it
			Attack int               `json:"attack_version,omitempty"`
			Group  json.RawMessage   `json:"group"`
			Rows   []json.RawMessage `json:"sample_rows"` // the latest
		} `json:"policy"`
		Events []event `json:"events,omitempty"`
		Method string  `json:"method"`
	}
	out.Method = "policy"
	out.Details = map[string]any{"policy": strings.TrimRight(c.Description, "."), "rows": len(rows), "least_rows": c.Threshold.Rows}
	if c.Threshold.Column != "" {
		out.Details["column"], out.Details["at_least"] = c.Threshold.Column, c.Threshold.AtLeast
	}
	out.Policy.ID, out.Policy.Digest, out.Policy.Attack, out.Policy.Group = c.ID, c.Digest, c.Attack, json.RawMessage(f.Key)
	latest := slices.Clone(rows)
	slices.SortStableFunc(latest, func(a, b row) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(string(a.raw), string(b.raw))) })
	out.Policy.Rows = []json.RawMessage{}
	for _, r := range latest[:min(len(latest), sampleRows)] {
		if len(r.raw) <= sampleSize {
			out.Policy.Rows = append(out.Policy.Rows, r.raw)
		}
		for _, name := range []string{"activity_id", "operation_id"} {
			if id, ok := r.values[name].(string); ok && id != "" {
				out.Events = append(out.Events, event{id, r.at.Format(time.RFC3339), c.Title})
				break
			}
		}
	}
	slices.Reverse(out.Events)
	raw, err := plainJSON(out)
	if err != nil { // must not cost the finding
		raw, _ = json.Marshal(map[string]string{"error": err.Error()})
	}
	return string(raw)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
