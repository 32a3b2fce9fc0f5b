package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// States of a day in the chart.
const (
	dayActive  = "active"  // something was seen of the user; the value may be 0
	dayAway    = "away"    // nothing was seen of the user
	dayNoData  = "no_data" // before the records begin or after they end
	chartRows  = 6
	daysBefore = 28 // in the chart, of the alert's strongest day
	daysAfter  = 7
)

// A chart is one number a day around an alert.
type chart struct {
	Title    string     `json:"title"`
	Unit     string     `json:"unit"`
	Expected *float64   `json:"expected"` // on the alert's day, with its 95 % interval
	Lower    *float64   `json:"lower"`
	Upper    *float64   `json:"upper"`
	Zero     string     `json:"zero_means"` // what an active day without a bar is
	Words    []string   `json:"words"`      // what the chart shows, in sentences
	Days     []chartDay `json:"days"`
}

type chartDay struct {
	Day    string   `json:"day"`   // UTC day
	State  string   `json:"state"` // active, away, no_data
	Value  *float64 `json:"value"`
	Marked bool     `json:"marked"`  // the day that the evidence is about
	Window bool     `json:"covered"` // a day that the alert covers
}

// drawing is how a chart is drawn: with which characters, how wide.
type drawing struct {
	unicode bool
	width   int
}

type glyphs struct {
	blocks                                            []string // rising parts of a cell, the last is a whole one
	line, active, away, none, marked, covered, expect string
}

func (d drawing) glyphs() glyphs {
	if d.unicode {
		return glyphs{strings.Split("▁▂▃▄▅▆▇█", ""), "│", "─", "·", " ", "▲", "△", "┄"}
	}
	return glyphs{[]string{"#"}, "|", "_", ".", " ", "^", "'", "-"}
}

// draw returns the lines of a chart. Days that do not fit are left out at the far end.
func (c chart) draw(d drawing) []string {
	days := c.Days
	top := 0.0
	for _, x := range days {
		if x.Value != nil {
			top = max(top, *x.Value)
		}
	}
	if c.Upper != nil {
		top = max(top, *c.Upper)
	}
	if top <= 0 {
		top = 1
	}
	label := max(runeLen(amount(top)), 3) + 1
	room := max(d.width-label-2, 8)
	cell := min(max(room/max(len(days), 1), 1), 2)
	if over := len(days)*cell - room; over > 0 {
		days = days[(over+cell-1)/cell:]
	}
	g := d.glyphs()
	expectRow := -1
	if c.Upper != nil && *c.Upper > 0 {
		expectRow = min(int(*c.Upper/top*chartRows), chartRows-1)
	}
	var lines []string
	for row := chartRows - 1; row >= 0; row-- {
		var b strings.Builder
		name := ""
		switch {
		case row == chartRows-1:
			name = amount(top)
		case row == expectRow:
			name = amount(*c.Upper)
		}
		fmt.Fprintf(&b, "%*s %s", label, name, g.line)
		for _, x := range days {
			bar := " "
			if x.Value != nil {
				bar = g.part(*x.Value/top*chartRows - float64(row))
			}
			if bar == " " && row == expectRow {
				bar = g.expect
			}
			b.WriteString(bar + strings.Repeat(pick(row == expectRow, g.expect, " "), cell-1))
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	axis, marks := fmt.Sprintf("%*s %s", label, "0", g.line), strings.Repeat(" ", label+2)
	for _, x := range days {
		a, m := g.none, " "
		switch x.State {
		case dayActive:
			a = g.active
		case dayAway:
			a = g.away
		}
		switch {
		case x.Marked:
			m = g.marked
		case x.Window && x.State == dayActive:
			m = g.covered
		}
		axis += a + strings.Repeat(" ", cell-1)
		marks += m + strings.Repeat(" ", cell-1)
	}
	lines = append(lines, strings.TrimRight(axis, " "), strings.TrimRight(marks, " "))
	if len(days) > 0 {
		lines = append(lines, dateLine(days, label+2, cell))
	}
	return append(lines, c.legend(days, g, d.width)...)
}

// part returns the character for a bar that fills so much of a cell: more than 1 is a whole one, and a bar that begins in the cell always shows.
func (g glyphs) part(fill float64) string {
	if fill <= 0 || math.IsNaN(fill) {
		return " "
	}
	n := float64(len(g.blocks))
	return g.blocks[int(min(max(math.Round(fill*n), 1), n))-1]
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// dateLine writes the first, the marked and the last day below the axis, as far as they do not run into one another.
func dateLine(days []chartDay, left, cell int) string {
	end := left + len(days)*cell
	line := []byte(strings.Repeat(" ", end+6))
	put := func(at int, day string) {
		text := shortDay(day)
		at = min(max(at, left), max(end-len(text), left))
		lo, hi := max(at-1, 0), min(at+len(text)+1, len(line))
		if strings.TrimSpace(string(line[lo:hi])) == "" {
			copy(line[at:], text)
		}
	}
	if i := slices.IndexFunc(days, func(d chartDay) bool { return d.Marked }); i >= 0 {
		put(left+i*cell-2, days[i].Day)
	}
	put(left, days[0].Day)
	put(end, days[len(days)-1].Day)
	return strings.TrimRight(string(line), " ")
}

// shortDay writes 2026-06-26 as 26 Jun.
func shortDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2 Jan")
}

// legend explains the signs that occur.
func (c chart) legend(days []chartDay, g glyphs, width int) []string {
	has := func(f func(d chartDay) bool) bool { return slices.ContainsFunc(days, f) }
	var parts []string
	if has(func(d chartDay) bool { return d.Marked }) {
		parts = append(parts, g.marked+" the day of the evidence")
	}
	if has(func(d chartDay) bool { return d.Window && !d.Marked && d.State == dayActive }) {
		parts = append(parts, g.covered+" other days of the alert")
	}
	if c.Upper != nil && *c.Upper > 0 {
		parts = append(parts, g.expect+" expected at most")
	}
	if has(func(d chartDay) bool { return d.State == dayActive && (d.Value == nil || *d.Value <= 0) }) {
		parts = append(parts, g.active+" "+c.Zero)
	}
	if has(func(d chartDay) bool { return d.State == dayAway }) {
		parts = append(parts, g.away+" away: nothing seen")
	}
	if has(func(d chartDay) bool { return d.State == dayNoData }) {
		parts = append(parts, "blank: no records")
	}
	return wrapParts(parts, width, "  ")
}

// wrapParts sets parts side by side as far as a line goes, never breaking one.
func wrapParts(parts []string, width int, indent string) (lines []string) {
	line := ""
	for _, p := range parts {
		if line != "" && runeLen(line)+3+runeLen(p) > width {
			lines, line = append(lines, line), ""
		}
		if line == "" {
			line = indent + p
		} else {
			line += "   " + p
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
