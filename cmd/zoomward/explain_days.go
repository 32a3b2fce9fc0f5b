package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// What the day of the evidence is to an alert of several days.
const (
	dayStrongest = ""             // the strongest of days that are alike
	dayLater     = "later_of_two" // the second of two strange days
	dayLast      = "last_of_week" // the day on which the findings of a week added up
)

// sumDays is over how many days the findings of an alert of the kind "findings add up" weigh.
const sumDays = 7

// A dayPair is what an alert on two strange days holds of them.
type dayPair struct {
	Earlier         time.Time
	EarlierP, ThisP float64
}

// pair returns the two days of an alert that rests on two, and whether it does.
func (e *alertEvidence) pair() (p dayPair, ok bool) {
	text, ok1 := e.Details["earlier_day"].(string)
	day, err := time.Parse(time.DateOnly, text)
	q, ok2 := e.Details["earlier_p"].(float64)
	this, ok3 := e.Details["p_of_this_day"].(float64)
	return dayPair{day, q, this}, ok1 && ok2 && ok3 && err == nil && q > 0 && this > 0
}

// addsUp says whether the alert rests on the findings of a week.
func (e *alertEvidence) addsUp() bool {
	_, ok := e.Details["score_7d"].(float64)
	return ok
}

// dayIs says what the day of the evidence is to the alert.
func (f *alertFacts) dayIs() string {
	if _, ok := f.Evidence.pair(); ok {
		return dayLater
	}
	if f.Evidence.addsUp() {
		return dayLast
	}
	return dayStrongest
}

// dayIsWords says which of the days of an alert its figures are of.
func dayIsWords(a explainedAlert, day time.Time) string {
	switch a.DayIs {
	case dayLater:
		return fmt.Sprintf("The alert covers %d days; it rests on two strange ones, and its figures are those of the later, %s (UTC).", a.Days, dayWords(day))
	case dayLast:
		return fmt.Sprintf("The alert covers %d days: what was found on them added up on %s (UTC).", a.Days, dayWords(day))
	}
	return fmt.Sprintf("The alert covers %d days; its figures are those of %s (UTC), when it was strongest.", a.Days, dayWords(day))
}

// pairWords takes the details of two strange days out of details and tells them.
func pairWords(details map[string]any) []string {
	e := alertEvidence{Details: details}
	p, ok := e.pair()
	if !ok {
		return nil
	}
	for _, key := range []string{"earlier_day", "earlier_p", "p_of_this_day"} {
		delete(details, key)
	}
	return []string{
		fmt.Sprintf("Two days within a week look like another person's: %s is the earlier one. Of past user-days %s was as strange as that one.", dayWords(p.Earlier), oneInWords(p.EarlierP)),
		fmt.Sprintf("Of the later day by itself: %s. What stands below is about that day.", oneInWords(p.ThisP)),
	}
}

// pairCertainty says how two days make one figure. p is that of the alert.
func pairCertainty(p dayPair, day time.Time, both float64) []string {
	times := ""
	if n := math.Round(both / (p.EarlierP * p.ThisP)); n > 1 && n < 100 {
		times = fmt.Sprintf(", and times %.0f, as any of the %.0f days before would have done", n, n)
	}
	return []string{
		fmt.Sprintf("Two days, each judged by itself against the organisation's past user-days: %s was as strange as %s, %s as strange as %s.",
			oneInWords(p.ThisP), dayWords(day), oneInWords(p.EarlierP), dayWords(p.Earlier)),
		fmt.Sprintf("Multiplied%s, that makes %s. That is a calculation and no count, and it takes the two days for independent, which days of one person are not quite: "+
			"good for putting alerts in order, rough in its size.", times, oneInWords(both)),
	}
}

// sumWords takes the details of findings that add up out of details and tells them.
func sumWords(details map[string]any) []string {
	e := alertEvidence{Details: details}
	week, ok1 := details["score_7d"].(float64)
	usual, ok2 := details["expected_7d"].(float64)
	z, ok3 := details["z"].(float64)
	days, ok4 := details["days"].(float64)
	if !e.addsUp() || !ok1 || !ok2 || !ok3 || !ok4 {
		return nil
	}
	for _, key := range []string{"score_7d", "expected_7d", "z", "days"} {
		delete(details, key)
	}
	return []string{
		fmt.Sprintf("What was found of this user within %d days, on %s of them, weighs %s together; in a usual week of the month before it was %s.", sumDays, amount(days), amount(week), amount(usual)),
		"A finding weighs by how rare it is: 2 for 1 in 100, 3 for 1 in 1,000 and so on, 6 at most; one by a rule weighs 3. What says the same thing again counts once, by its strongest.",
		fmt.Sprintf("That is %s standard deviations above it: how much the weeks of that month scatter, 2 at least.", amount(z)),
	}
}

// found returns the user's findings of a detection that an alert rests on: those of the day of the evidence, of an alert that adds up those of its week.
func (f *alertFacts) found(detection string) []*foundRow {
	from := f.Day
	if f.Evidence.addsUp() {
		from = f.Day.AddDate(0, 0, 1-sumDays)
	}
	var out []*foundRow
	for i := range f.Findings {
		if b := &f.Findings[i]; b.Detection == detection && b.User == f.Alert.User && b.Start.Before(f.Day.AddDate(0, 0, 1)) && b.End.After(from) {
			if out = append(out, b); !f.Evidence.addsUp() {
				break
			}
		}
	}
	return out
}

// weekReason tells the findings of one kind that an alert adds up, each with its day.
func (f *alertFacts) weekReason(r reason) reason {
	r.Kind, r.Title = "finding", detectionOf(r.Name).Title
	if weight, ok := r.Observed.(float64); ok {
		r.Title += ": weighs " + amount(weight)
	}
	for _, b := range f.found(r.Name) {
		r.Words = append(r.Words, dayWords(b.End.Add(-time.Nanosecond))+", UTC: "+withoutUser(b.Summary, b.User))
	}
	return r
}

// maxEarlier bounds the rows that are listed of the earlier of two strange days.
const maxEarlier = 20

// readEarlier adds what was done on the earlier of two strange days to the evidence, which holds the later day alone.
func (f *alertFacts) readEarlier(ctx context.Context, db store.Querier) error {
	p, ok := f.Evidence.pair()
	if !ok {
		return nil
	}
	var r struct {
		ID    []string    `col:"id"`
		At    []time.Time `col:"occurred_at"`
		Total []int64     `col:"total"`
	}
	to := p.Earlier.AddDate(0, 0, 1)
	if err := db.Read(ctx, &r, fmt.Sprintf(`SELECT id, occurred_at, count(*) OVER () AS total FROM (
		SELECT activity_id AS id, occurred_at FROM activities WHERE user_email = ? AND occurred_at >= ? AND occurred_at < ?
		UNION ALL SELECT operation_id, occurred_at FROM operations WHERE operator = ? AND occurred_at >= ? AND occurred_at < ?) ORDER BY occurred_at, id LIMIT %d`, maxEarlier),
		f.Alert.User, p.Earlier, to, f.Alert.User, p.Earlier, to); err != nil {
		return err
	}
	for i, id := range r.ID {
		f.Evidence.Events = append(f.Evidence.Events, eventNote{ID: id, At: rfc(r.At[i])})
		f.EarlierMore = r.Total[i] - int64(len(r.ID))
	}
	return nil
}

// telling is the share of the evidence from which on a channel counts as what an identity score rests on.
const telling = 0.1

// bySignIns says whether places and clients are part of why a day looks like another person's: what was done, and when, has other explanations.
func (e *alertEvidence) bySignIns() bool {
	sum, places := 0.0, 0.0
	for _, c := range e.Contributions {
		if c.Part == nil || *c.Part <= 0 {
			continue
		}
		sum += *c.Part
		context := c.Name == "familiarity"
		for ch := features.Channel(0); ch < features.Channels; ch++ {
			context = context || ch.Context() && ch.String() == c.Name
		}
		if context {
			places += *c.Part
		}
	}
	return sum == 0 || places >= telling*sum
}

// guide is what to know of the alert: that of its detection, and of one that joins several findings that of what it joins.
func (f *alertFacts) guide() guide {
	var all []guide
	add := func(detection string, e alertEvidence) {
		g := guideFor(detection)
		if strings.HasPrefix(detection, "ZW-IDN") && !e.bySignIns() {
			g = habitGuide
		}
		if !slices.ContainsFunc(all, func(x guide) bool { return x.harmless == g.harmless }) {
			all = append(all, g)
		}
	}
	if f.Evidence.addsUp() {
		for _, c := range f.Evidence.Contributions {
			e := alertEvidence{}
			for _, b := range f.found(c.Name) {
				e.Contributions = append(e.Contributions, readEvidence(b.Evidence).Contributions...)
			}
			if detectionOf(c.Name).About != "" {
				add(c.Name, e)
			}
		}
	}
	if all == nil {
		add(f.Alert.Detection, f.Evidence)
	}
	return joinGuides(all)
}

// joinGuides makes one guide of several. What is said of any busy or odd day adds nothing to a guide on what was done. What to do when nobody can explain it comes last.
func joinGuides(all []guide) guide {
	told := slices.DeleteFunc(slices.Clone(all), func(g guide) bool { return g.harmless == volumeGuide.harmless || g.harmless == habitGuide.harmless })
	if len(told) > 0 {
		all = told
	}
	if len(all) == 1 {
		return all[0]
	}
	var harmless []string
	steps, last := map[string]bool{}, map[string]bool{}
	out := guide{}
	var end []string
	for _, g := range all {
		harmless = append(harmless, g.harmless)
		for _, s := range g.check {
			switch {
			case steps[s] || last[s]:
			case strings.HasPrefix(s, "If "):
				last[s], end = true, append(end, s)
			default:
				steps[s], out.check = true, append(out.check, s)
			}
		}
	}
	out.harmless, out.check = strings.Join(harmless, "; or "), append(out.check, end...)
	return out
}

// lessDetails are details without those that sentences of their own tell.
func lessDetails(details map[string]any) (left map[string]any, words []string) {
	left = maps.Clone(details)
	for _, tell := range []func(map[string]any) []string{travelWords, pairWords, sumWords} {
		words = append(words, tell(left)...)
	}
	return left, words
}
