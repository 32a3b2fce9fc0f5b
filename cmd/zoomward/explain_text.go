package main

import (
	"fmt"
	"strings"
	"time"
)

const (
	listedNeighbours = 12
	listedAccounts   = 20
	smallShare       = 0.03 // channels below it are named only
	maxEventWords    = 300  // characters of what an operation did; Zoom's details may list hundreds of users
)

// page gathers the lines of an explanation.
type page struct {
	d   drawing
	out []string
}

// head begins a section.
func (p *page) head(title string) { p.out = append(p.out, "", strings.ToUpper(title)) }

// say adds a paragraph, made safe and broken into lines; those after the first are set in by two more.
func (p *page) say(indent int, text string) { p.hang(indent, indent, text) }

func (p *page) hang(first, others int, text string) {
	p.label(strings.Repeat(" ", first), others, text)
}

// label adds a paragraph behind a label whose blanks stay.
func (p *page) label(label string, others int, text string) {
	p.out = append(p.out, wrapText(sanitize(text), p.d.width, sanitize(label), strings.Repeat(" ", others))...)
}

// lines writes the explanation for people.
func (x explanation) lines(d drawing) []string {
	p := &page{d: d}
	x.writeTop(p)
	x.writeEvents(p)
	x.writeChart(p)
	x.writeReasons(p)
	x.writeCertainty(p)
	x.writeUser(p)
	x.writeAround(p)
	x.writeTriage(p)
	x.writeNext(p)
	return p.out
}

func (x explanation) writeTop(p *page) {
	a := x.Alert
	p.say(0, fmt.Sprintf("%s (%s)", a.Title, a.Severity))
	who := "several accounts"
	if x.User != nil {
		who = x.User.Email
	}
	p.say(0, fmt.Sprintf("alert %s, detection %s, on %s, status %s", a.ID, a.Detection, who, a.Status))
	p.out = append(p.out, "")
	p.say(2, a.Summary)
}

func (x explanation) writeEvents(p *page) {
	a := x.Alert
	zone, err := time.LoadLocation(x.Timezone)
	if err != nil {
		zone = time.UTC
	}
	p.head("What happened")
	first := x.begin()
	span := timeWords(first, zone)
	if a.LastSeen != first && a.LastSeen != "" {
		span = "From " + span + " to " + timeWords(a.LastSeen, zone)
	}
	if first != "" {
		p.say(2, span+pick(x.Timezone == "UTC", ".", "; local time is "+x.Timezone+"."))
	}
	if day, err := time.Parse(time.DateOnly, a.Day); err == nil && a.Days > 1 {
		p.say(2, dayIsWords(a, day))
	}
	if len(x.Events) == 0 {
		p.say(2, "It rests on no single event: see the days below.")
		return
	}
	previous := ""
	for i := 0; i < len(x.Events); {
		e := x.Events[i]
		day := eventDay(e, zone)
		if day != previous {
			previous = day
			p.say(2, day)
		}
		// The same again, at another time of the day, needs no line of its own.
		words, n := eventWords(e, x.User == nil), 1
		for i+n < len(x.Events) && eventWords(x.Events[i+n], x.User == nil) == words && eventDay(x.Events[i+n], zone) == day {
			n++
		}
		if n > 1 {
			words += fmt.Sprintf(" (and %d more like it, until %s)", n-1, clock(x.Events[i+n-1], zone))
		}
		when := "    " + eventTime(e, zone) + "  "
		p.label(when, min(runeLen(when), 31), words)
		i += n
	}
	if x.Unlisted > 0 {
		p.say(4, fmt.Sprintf("... and %s more; the last lines of this page show how to see them all.", thousands(float64(x.Unlisted))))
	}
}

// begin is when the alert begins: with the first event that is known. An alert whose window begins on an earlier day, as the list of alerts has it, begins with that.
func (x explanation) begin() string {
	first := x.Alert.FirstSeen
	if len(x.Events) > 0 && x.Events[0].At < first { // RFC 3339 in UTC sorts by time
		first = x.Events[0].At
	}
	day := func(s string) string { return s[:min(len(s), len(time.DateOnly))] }
	if w := x.Alert.WindowStart; w != "" && day(w) < day(first) {
		return w
	}
	return first
}

func eventDay(e explainedEvent, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, e.At)
	if err != nil {
		return ""
	}
	return dayWords(t.In(zone))
}

// eventTime is when something happened, by the user's clock and in UTC.
func eventTime(e explainedEvent, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, e.At)
	if err != nil {
		return e.At
	}
	local, utc := t.In(zone), t.UTC()
	switch _, offset := local.Zone(); {
	case offset == 0:
		return utc.Format("15:04 UTC")
	case local.Day() != utc.Day():
		return local.Format("15:04") + utc.Format(" (2 Jan 15:04 UTC)")
	}
	return local.Format("15:04") + utc.Format(" (15:04 UTC)")
}

// clock is the user's time of day.
func clock(e explainedEvent, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, e.At)
	if err != nil {
		return e.At
	}
	return t.In(zone).Format("15:04")
}

// eventWords is one line about a row: what, from where, with what, and what of that is new.
func eventWords(e explainedEvent, named bool) string {
	s := shorten(e.What, maxEventWords)
	if named && e.User != "" {
		s = e.User + ": " + s
	}
	if e.Place != "" {
		s += " from " + e.Place
	}
	var parts []string
	if e.Address != "" {
		parts = append(parts, e.Address)
	}
	if net := strings.TrimSpace(e.Network + pick(e.Category != "", " ("+e.Category+")", "")); net != "" {
		parts = append(parts, net)
	}
	if e.Client != "" {
		parts = append(parts, e.Client)
	}
	if len(parts) > 0 {
		s += "; " + strings.Join(parts, "; ")
	}
	if len(e.New) > 0 {
		s += " [new: " + joinAnd(e.New) + "]"
	}
	return s
}

func (x explanation) writeChart(p *page) {
	p.head("The days around it")
	p.say(2, x.Chart.Title)
	for _, line := range x.Chart.draw(p.d) {
		p.out = append(p.out, sanitize(line))
	}
	for _, w := range x.Chart.Words {
		p.say(2, w)
	}
}

func (x explanation) writeReasons(p *page) {
	p.head(pick(x.User != nil, "Why it is unusual for this user", "Why it is unusual"))
	if len(x.Reasons) == 0 {
		p.say(2, "The alert holds no figures beyond its summary. What it looks for: "+detectionOf(x.Alert.Detection).About)
	}
	for _, r := range x.Reasons {
		p.reason(2, r)
	}
}

// reason writes one reason with its parts.
func (p *page) reason(indent int, r reason) {
	p.hang(indent, indent+2, "* "+r.Title)
	for _, w := range r.Words {
		p.say(indent+4, w)
	}
	if r.Kind != "identity" {
		if r.Kind != "volume" && len(r.Tokens) > 0 {
			p.say(indent+4, strings.Join(r.Tokens, "; "))
		}
		for _, part := range r.Parts {
			p.reason(indent+4, part)
		}
		return
	}
	p.say(indent+4, "What speaks against the owner, with its share:")
	var small []string
	for _, c := range r.Parts {
		if *c.Share < smallShare && len(r.Parts) > 1 {
			small = append(small, c.Title+" "+percentWords(*c.Share))
			continue
		}
		p.label(fmt.Sprintf("%*s  ", indent+10, percentWords(*c.Share)), indent+12, c.Title)
		for _, t := range c.Tokens {
			p.hang(indent+12, indent+14, t)
		}
	}
	if len(small) > 0 {
		p.say(indent+4, "and a little each: "+joinAnd(small))
	}
}

func (x explanation) writeCertainty(p *page) {
	p.head("How sure this is")
	for _, w := range x.Certainty.Words {
		p.say(2, w)
	}
	p.say(2, "Severity "+x.Certainty.Severity+".")
	if len(x.Alert.Techniques) > 0 {
		p.say(2, "MITRE ATT&CK: "+strings.Join(x.Alert.Techniques, ", ")+".")
	}
}

func (x explanation) writeUser(p *page) {
	if x.User == nil {
		p.head("The accounts")
		for _, u := range x.Accounts[:min(len(x.Accounts), listedAccounts)] {
			s := u.Email + ": " + userWords(u)
			if u.OtherAlerts > 0 {
				s += "; " + countWords(u.OtherAlerts, "other alert", "other alerts") + " around then"
			}
			p.hang(2, 4, s)
		}
		if n := len(x.Accounts) - listedAccounts; n > 0 {
			p.say(2, fmt.Sprintf("... and %d more", n))
		}
		return
	}
	u := x.User
	p.head("The user")
	p.hang(2, 4, pick(u.Name != "", u.Name+", ", "")+userWords(*u))
	if s := sinceWords(*u); s != "" {
		p.say(2, s)
	}
	if u.RiskScore != nil && u.RiskPercentile != nil {
		p.say(2, fmt.Sprintf("Risk score %s today, from the findings of the last 7 days: higher than %.0f %% of the users that have one.", amount(*u.RiskScore), *u.RiskPercentile))
	}
	if w := u.Usual; w != nil {
		p.say(2, fmt.Sprintf("Usual in the %d days before, of %s:", w.Days, countWords(w.SignIns, "sign-in", "sign-ins")))
		for _, k := range []struct {
			name string
			list []share
		}{{"places", w.Places}, {"networks", w.Networks}, {"clients", w.Clients}} {
			if len(k.list) > 0 {
				p.label(fmt.Sprintf("    %-10s", k.name), 14, sharesWords(k.list))
			}
		}
	} else {
		p.say(2, fmt.Sprintf("No sign-in is known of the %d days before.", usualDays))
	}
}

func sharesWords(list []share) string {
	var out []string
	for _, s := range list {
		out = append(out, s.What+" "+percentWords(s.Share))
	}
	return strings.Join(out, "; ")
}

func userWords(u explainedUser) string {
	if !u.Known {
		return "not in Zoom's list of users: a service, or an account that is gone"
	}
	var parts []string
	for _, s := range []string{u.Role, u.Dept, u.Type} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(append(parts, u.Status+" today"), ", ")
}

func sinceWords(u explainedUser) string {
	var parts []string
	if u.Created != "" {
		parts = append(parts, "account made "+dayOf(u.Created))
	}
	if u.LastLogin != "" {
		parts = append(parts, "last sign-in that Zoom keeps "+dayOf(u.LastLogin))
	}
	if len(parts) == 0 {
		return ""
	}
	return capital(strings.Join(parts, "; ")) + "."
}

func dayOf(stamp string) string {
	if t, err := time.Parse(time.RFC3339, stamp); err == nil {
		return t.Format("2 Jan 2006")
	}
	return stamp
}

func (x explanation) writeAround(p *page) {
	p.head(fmt.Sprintf("Other findings within %d days", neighbourDays))
	if len(x.Around) == 0 {
		p.say(2, "None.")
	}
	list := x.Around
	// Alerts stand before behaviors when not all fit.
	if len(list) > listedNeighbours {
		var alerts, others []neighbour
		for _, n := range list {
			if n.Kind == "alert" {
				alerts = append(alerts, n)
			} else {
				others = append(others, n)
			}
		}
		list = append(alerts, others...)[:listedNeighbours]
	}
	for _, n := range list {
		s := ""
		if n.Kind == "alert" {
			s = fmt.Sprintf("ALERT %s (%s, %s, %s): ", n.ID, n.Title, n.Severity, n.Status)
		} else {
			s = n.Title + pick(n.Days > 1, fmt.Sprintf(" (%d times, first)", n.Days), "") + ": "
		}
		if x.User == nil && n.User != "" {
			s += n.User + ": "
		}
		p.label(fmt.Sprintf("  %-8s", shortDay(n.Day)), 10, s+shorten(n.Summary, 220))
	}
	if n := len(x.Around) - len(list); n > 0 {
		p.say(2, fmt.Sprintf("... and %d more; --format json has them all.", n))
	}
}

// shorten cuts text at a word after about n characters.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return cut + " ..."
}

func (x explanation) writeTriage(p *page) {
	p.head("Triage")
	if len(x.Triage.History) == 0 {
		p.say(2, "Status "+x.Triage.Status+": nobody has said anything of it yet.")
		return
	}
	for _, t := range x.Triage.History {
		p.hang(2, 4, timeWords(t.At, time.UTC)+": "+t.Status+pick(t.Note != "", ", "+t.Note, ""))
	}
}

func (x explanation) writeNext(p *page) {
	p.head("What to do next")
	p.say(2, "When it is harmless, it mostly is "+x.Harmless+".")
	for i, c := range x.Check {
		p.label(fmt.Sprintf("  %d. ", i+1), 5, c)
	}
	p.say(2, "Then say what it was, so that others know:")
	for _, c := range x.Commands {
		if strings.Contains(c.Command, setAlert) {
			p.out = append(p.out, "    "+sanitize(c.Command)+"  # "+sanitize(c.To))
		}
	}
	for _, c := range x.Commands {
		if !strings.Contains(c.Command, setAlert) {
			p.say(2, "To "+c.To+":")
			p.out = append(p.out, "    "+sanitize(c.Command)) // a command is never broken: it is to be copied
		}
	}
}
