package archive

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// clock reads the times of a file.
type clock struct {
	zone     *time.Location // of times that name none
	dayFirst bool           // 21/03/2024; else 03/21/2024, as Zoom's portal writes it
	last     int            // layout that fitted the time before
}

// moment is a time as a file tells it.
type moment struct {
	at     time.Time // UTC
	alt    time.Time // the other reading of a time that the clocks showed twice, later than at; else zero
	minute bool      // no seconds were told: at is the beginning of the minute
}

// Dates and times of day as exports and the spreadsheets between write them, upper case and without commas.
var (
	dateLayouts = []string{"2006-01-02", "1/2/2006", "Jan 2 2006", "January 2 2006", "2006/1/2", "2 Jan 2006", "2-Jan-2006", "2.1.2006", "2 January 2006"}
	hourLayouts = []string{"15:04:05", "3:04:05 PM", "3:04 PM", "15:04"}
	timeParts   = regexp.MustCompile(`(?i)^(.*?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AP]M)?)(?: ?([A-Z(+-].*))?$`)
	isoT        = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)T`)
	blanks      = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\t", " ", ",", " ", "A.M.", "AM", "P.M.", "PM", "a.m.", "AM", "p.m.", "PM")
)

const maxTimeText = 80 // bytes; longer text is no time

// parse reads a time. Local times that the clocks skipped are an error: the zone is not the one of the file.
func (c *clock) parse(text string) (moment, error) {
	if text == "" {
		return moment{}, errors.New("time is missing")
	}
	if len(text) > maxTimeText {
		return moment{}, fmt.Errorf("time %s is none", quoted(text))
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return moment{at: t.UTC()}, nil
	}
	s := strings.Join(strings.Fields(blanks.Replace(text)), " ")
	m := timeParts.FindStringSubmatch(isoT.ReplaceAllString(s, "$1 "))
	if m == nil {
		return moment{}, fmt.Errorf("time %s is not written in a way that is known", quoted(text))
	}
	zone := c.zone
	if m[2] != "" {
		if zone = parseZone(m[2]); zone == nil {
			return moment{}, fmt.Errorf("time %s: its zone is not known", quoted(text))
		}
	}
	naive, minute, ok := c.wall(strings.ToUpper(m[1]))
	if !ok {
		return moment{}, fmt.Errorf("time %s is not written in a way that is known", quoted(text))
	}
	at, alt, ok := instants(naive, zone)
	if !ok {
		return moment{}, fmt.Errorf("time %s does not exist in %s, where the clocks were put forward: is it the time zone of the file?", quoted(text), zone)
	}
	return moment{at, alt, minute}, nil
}

// wall reads date and time of day, as if they were UTC.
func (c *clock) wall(s string) (t time.Time, minute, ok bool) {
	n := len(dateLayouts) * len(hourLayouts)
	for i := range n {
		k := (c.last + i) % n
		date, hour := dateLayouts[k/len(hourLayouts)], hourLayouts[k%len(hourLayouts)]
		if c.dayFirst && date == "1/2/2006" {
			date = "2/1/2006"
		}
		if t, err := time.Parse(date+" "+hour, s); err == nil {
			c.last = k
			return t, !strings.Contains(hour, "05"), true
		}
	}
	return time.Time{}, false, false
}

// instants returns the moment at which the clocks of a zone showed a time, and the second one when they showed it twice; ok is false when they never did.
func instants(naive time.Time, zone *time.Location) (at, alt time.Time, ok bool) {
	var found []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := naive.Add(near).In(zone).Zone()
		t := naive.Add(-time.Duration(offset) * time.Second)
		_, there := t.In(zone).Zone()
		if there == offset && (len(found) == 0 || !t.Equal(found[0])) {
			found = append(found, t.UTC())
		}
	}
	switch {
	case len(found) == 0:
		return at, alt, false
	case len(found) == 1:
		return found[0], alt, true
	case found[1].Before(found[0]):
		return found[1], found[0], true
	}
	return found[0], found[1], true
}

var offsetZone = regexp.MustCompile(`^(?:UTC|GMT|Z)? ?([+-])(\d{1,2})(?::?(\d\d))?$`)

// parseZone reads UTC, GMT, Z, GMT+1, UTC-05:00, +0100 or an IANA name, in brackets or not; nil for anything else. Abbreviations such as CST mean several zones.
func parseZone(s string) *time.Location {
	s = strings.Trim(strings.TrimSpace(s), "()[] ")
	up := strings.ToUpper(strings.ReplaceAll(s, "\u2212", "-"))
	switch up {
	case "UTC", "GMT", "Z", "UTC TIME", "GMT TIME":
		return time.UTC
	}
	if m := offsetZone.FindStringSubmatch(up); m != nil {
		hours, _ := strconv.Atoi(m[2]) // digits, by the pattern
		minutes, _ := strconv.Atoi(m[3])
		if hours > 14 || minutes > 59 { // UTC+14 is the farthest there is
			return nil
		}
		offset := hours*3600 + minutes*60
		if m[1] == "-" {
			offset = -offset
		}
		return time.FixedZone("UTC"+m[1]+m[2]+strings.TrimSuffix(":"+m[3], ":"), offset)
	}
	if strings.Contains(s, "/") && len(s) < 64 {
		if loc, err := time.LoadLocation(s); err == nil {
			return loc
		}
	}
	return nil
}

var slashed = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/\d{4}\b`)

// dayComesFirst says whether a date with slashes can only be read day first.
func dayComesFirst(text string) bool {
	m := slashed.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return false
	}
	first, _ := strconv.Atoi(m[1]) // digits, by the pattern
	return first > 12
}

// quoted writes a value into a reason, its beginning at least.
func quoted(s string) string {
	const most = 40
	if len(s) > most {
		for s = s[:most]; len(s) > 0 && !utf8.ValidString(s); s = s[:len(s)-1] {
		}
		s += "..."
	}
	return strconv.Quote(redact(s))
}
