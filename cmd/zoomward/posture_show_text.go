package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models/ocsf"
	"github.com/zoomward/zoomward/models/posture"
)

// lines writes the page for people.
func (x *shownControl) lines(d drawing) []string {
	p := &page{d: d}
	p.say(0, fmt.Sprintf("%s: %s", x.ControlID, x.Title))
	p.say(0, fmt.Sprintf("%s, severity %s, %s points", humanName(x.Status), x.Severity, pointsText(x.Effect.Points, x.Effect.MaxPoints)))
	p.out = append(p.out, "")
	for _, f := range []struct{ label, text string }{
		{"Observed", x.Observed}, {"Expected", x.Expected}, {"Why", x.Reason}, {"Locked", lockWords(x.LockState)}, {"Known as", strings.Join(x.Frameworks, "; ")}, {"Note", x.Note},
		{"Missing", strings.Join(x.MissingScopes, ", ")},
	} {
		if f.text != "" {
			p.label(fmt.Sprintf("  %-9s ", f.label), 12, f.text)
		}
	}
	read := ""
	if x.FetchedAt != nil {
		read = "; the value is as it is since the reading of " + minute(*x.FetchedAt)
	}
	p.label("  Since     ", 12, minute(x.ChangedAt)+read)

	x.writeEffect(p)
	p.head("How to put it right")
	for i, step := range x.Steps {
		p.label(fmt.Sprintf("  %d. ", i+1), 5, step)
	}
	p.label(fmt.Sprintf("  %d. ", len(x.Steps)+1), 5, "Run zoomward run, or wait for the scheduled one: the verdict follows the next reading of the account.")

	if e := x.Exception; e != nil {
		p.head("Exception")
		p.say(2, exceptionWords(e))
		p.say(2, "Reason: "+e.Reason)
	}
	if len(x.ConflictsWith) > 0 {
		p.head("Conflicts")
		p.say(2, "Not all of these can hold at once; posture.profile decides which count:")
		for _, o := range x.ConflictsWith {
			p.hang(4, 6, fmt.Sprintf("%s: %s (%s)", o.ControlID, o.Title, humanName(o.Status)))
		}
	}
	for _, s := range x.Sections {
		x.writeSection(p, s)
	}
	p.head("History")
	for _, v := range x.History {
		line := fmt.Sprintf("%s, %s points", humanName(v.Status), pointsText(v.Points, x.Effect.MaxPoints))
		if v.Exception != "" {
			line += " (" + humanName(v.Exception) + ")"
		}
		if v.Observed != "" {
			line += ": " + v.Observed
		}
		p.label("  "+minute(v.At)+"  ", 4, shorten(line, maxEventWords))
	}
	return p.out
}

func (x *shownControl) writeEffect(p *page) {
	e := x.Effect
	p.head("Effect on the score")
	switch {
	case e.Rank > 0:
		p.say(2, fmt.Sprintf("Putting it right earns %s and lifts the score by %.1f percentage points, from %.1f %% to %.1f %%. It is number %d of %d in what to fix first: effort %s, users notice it: %s.",
			countedPoints(e.GainPoints), e.Gain, e.Score, e.Score+e.Gain, e.Rank, e.Open, e.Effort, e.UserImpact))
		if own := e.MaxPoints - e.Points; e.GainPoints > own+1e-9 {
			p.say(2, fmt.Sprintf("Of these points %s are its own; the others come from controls that read the same setting.", amount(own)))
		}
		if len(e.Settles) > 0 {
			p.say(2, "It also settles "+strings.Join(e.Settles, ", ")+".")
		}
		if e.SettledBy != "" {
			p.say(2, "It is done with "+e.SettledBy+", which changes the same setting.")
		}
	case !posture.Status(x.Status).Judged() && x.Exception != nil && x.Exception.Applies && e.Points > e.RawPoints:
		p.say(2, fmt.Sprintf("It earns all of its %s by the exception alone: that is attested, and not verified.", countedPoints(e.MaxPoints)))
	case posture.Status(x.Status).Judged() && x.Exception != nil && x.Exception.Applies && x.Exception.State != "planned":
		p.say(2, fmt.Sprintf("Nothing is to be gained as long as the exception applies. Without it the control would earn %s of its %s.", amount(e.RawPoints), countedPoints(e.MaxPoints)))
	case e.MaxPoints == 0:
		p.say(2, "None: the control is worth no points.")
	case x.Status == "pass":
		p.say(2, fmt.Sprintf("It earns all of its %s.", countedPoints(e.MaxPoints)))
	case x.Status == "fail" || x.Status == "partial":
		p.say(2, fmt.Sprintf("It lacks %s. What they do to the score is worked out by the next zoomward posture.", countedPoints(e.MaxPoints-e.Points)))
	case x.Status == "not_applicable":
		p.say(2, "None: it does not concern this account, and is no part of the score or of the coverage.")
	default:
		p.say(2, "None as long as it cannot be judged: it lowers the coverage, not the score.")
	}
}

func countedPoints(points float64) string {
	if points == 1 {
		return "1 point"
	}
	return amount(points) + " points"
}

func (x *shownControl) writeSection(p *page, s *shownSection) {
	shown := min(len(s.Rows), shownInText)
	title := fmt.Sprintf("%s (%d)", s.Title, s.Total)
	if int64(shown) < s.Total {
		title = fmt.Sprintf("%s (%d of %d)", s.Title, shown, s.Total)
	}
	p.head(title)
	for _, row := range s.Rows[:shown] {
		var cells []string
		for _, c := range row {
			if c != "" {
				cells = append(cells, c)
			}
		}
		p.hang(2, 4, shorten(strings.Join(cells, ", "), maxEventWords))
	}
}

func exceptionWords(e *shownException) string {
	text := humanName(e.State)
	if e.Owner != "" {
		text += ", owner " + e.Owner
	}
	switch {
	case e.Expired:
		return text + ": ran out on " + e.ExpiresOn + " and applies no more"
	case !e.Applies:
		return text + ": not needed, as the control passes"
	case e.ExpiresOn != "":
		return text + ", until " + e.ExpiresOn
	}
	return text + ", without an end"
}

// lockWords says in words how the locks of a control stand; "" for one without.
func lockWords(state string) string {
	switch state {
	case "locked":
		return "yes: groups and users cannot change it"
	case "open":
		return "no: groups and users can change it"
	case "unknown":
		return "not known: Zoom sends no lock for it"
	}
	return ""
}

// frameworkWords names the standards that a control belongs to, with its numbers there.
func frameworkWords(frameworks map[string][]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(frameworks)) {
		if name := ocsf.StandardName(key); name != "" {
			out = append(out, fmt.Sprintf("%s (%s)", name, strings.Join(frameworks[key], ", ")))
		}
	}
	return out
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }
