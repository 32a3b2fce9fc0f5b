package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// known returns a number that a person may see: nil for NULL, which reads as NaN, and for what no JSON can hold.
func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// thousands writes a whole number with commas between its thousands.
func thousands(x float64) string {
	s := strconv.FormatFloat(math.Round(math.Abs(x)), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x <= -0.5 {
		s = "-" + s
	}
	return s
}

// amount writes a number as people read it: whole from 10 on, one decimal below.
func amount(x float64) string {
	if r := math.Round(x*10) / 10; math.Abs(r) < 10 && r != math.Trunc(r) {
		return strconv.FormatFloat(r, 'f', 1, 64)
	}
	return thousands(x)
}

// figure writes a number that may be small: what amount would round to nothing keeps two digits.
func figure(x float64) string {
	if x != 0 && math.Abs(x) < 0.05 {
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	return amount(x)
}

// twoDigits rounds to two significant digits.
func twoDigits(x float64) float64 {
	if x < 100 {
		return math.Round(x)
	}
	scale := math.Pow(10, math.Floor(math.Log10(x))-1)
	return math.Round(x/scale) * scale
}

// perDay writes an expected count per active day. A small one is told by how many days it takes to see one.
func perDay(mean float64) string {
	switch {
	case mean <= 0:
		return "none"
	case mean < 1e-4:
		return "almost none (less than 1 in 10,000 active days)"
	case mean < 0.1:
		return fmt.Sprintf("almost none (about 1 in %s active days)", thousands(twoDigits(1/mean)))
	}
	return amount(mean)
}

// leastOneIn is the rarity beyond which a figure would only pretend to be one.
const leastOneIn = 1e9

// oneInWords writes a probability as "about 1 in 1,300"; "" when it is no probability.
func oneInWords(p float64) string {
	switch {
	case math.IsNaN(p) || p < 0 || p > 1:
		return ""
	case p*leastOneIn < 1:
		return "less than 1 in " + thousands(leastOneIn)
	case p > 0.5:
		return "more than half"
	}
	return "about 1 in " + thousands(twoDigits(1/p))
}

// percentWords writes a share from 0 to 1.
func percentWords(share float64) string {
	if share > 0 && share < 0.01 {
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// count writes a number with its unit, in the singular for one.
func countWords(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(float64(n)) + " " + many
}

// humanName turns an identifier that this program has no words for into words.
func humanName(id string) string { return strings.TrimSpace(strings.ReplaceAll(id, "_", " ")) }

// joinAnd writes a list as people do.
func joinAnd(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// capital makes the first letter of a sentence a capital one.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// durationWords writes a length of time with the one or two units that matter.
func durationWords(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 48*time.Hour:
		d = d.Round(time.Minute)
		if m := int(d.Minutes()) % 60; m != 0 {
			return fmt.Sprintf("%d h %d min", int(d.Hours()), m)
		}
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return countWords(int64(d.Round(24*time.Hour)/(24*time.Hour)), "day", "days")
}

var (
	tokenSeconds = regexp.MustCompile(`\bafter (\d+) s or more\b`)
	tokenHour    = regexp.MustCompile(`^(\d\d) h, (.*)$`)
)

// tokenWords makes a token of the evidence readable: pauses in hours and minutes, hours as a clock shows them.
func tokenWords(channel, token string) string {
	what, rest, told := strings.Cut(token, ": ")
	what = tokenSeconds.ReplaceAllStringFunc(what, func(m string) string {
		seconds, err := strconv.Atoi(tokenSeconds.FindStringSubmatch(m)[1])
		if err != nil {
			return m
		}
		return "after a pause of " + durationWords(time.Duration(seconds)*time.Second) + " or more"
	})
	if m := tokenHour.FindStringSubmatch(what); m != nil && channel == "hour" {
		what = "between " + m[1] + ":00 and " + m[1] + ":59, " + hourPace(m[2])
	}
	if told {
		return what + ": " + rest
	}
	return what
}

func hourPace(pace string) string {
	switch pace {
	case "at once":
		return "right after the action before"
	case "within a minute", "within half an hour":
		return pace + " of the action before"
	case "later":
		return "long after the action before"
	}
	return pace
}

// wrapText breaks text into lines of at most width characters, the first after one indent and the others after another.
func wrapText(text string, width int, first, others string) []string {
	var lines []string
	line, empty := first, true
	for word := range strings.FieldsSeq(text) {
		if !empty && runeLen(line)+1+runeLen(word) > width {
			lines = append(lines, line)
			line, empty = others, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	if empty && len(lines) > 0 {
		return lines
	}
	return append(lines, line)
}

func runeLen(s string) int { return len([]rune(s)) }
