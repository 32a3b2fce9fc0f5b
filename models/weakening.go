package models

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A risk is the direction in which a change of a setting weakens something. Values are those of the operation log ("On", "All users in your account", "30 minutes") or of
// Zoom's API ("all", true, 30).
type risk int

const (
	whenOff     risk = iota // a protection: off, or for fewer than before
	whenOn                  // a door: on, or for more than before
	whenLonger              // a time or a length of which more is riskier; off or 0 is no limit at all
	whenLess                // a number of which less is riskier; off is none
	whenShorter             // a time of keeping; what is off, or kept for ever, keeps all
	whenForAll              // a choice of who may do something: from the host to everybody
	whenLost                // a privilege or a record that is taken away
	whenHigher              // a number that Zoom gives to choices, from the strictest on
)

// weaker says whether a setting of that risk is weaker with the new value than with the old one. Values that say nothing of a direction are not weaker.
func (k risk) weaker(old, new string) bool {
	a, b := reach(old), reach(new)
	off := b == 0 && a != 0 || a > b // false where one is NaN, but for what was not known and is off now
	switch k {
	case whenOff:
		return off
	case whenOn:
		return b == 1 && !(a == 1) || b > a
	case whenLonger:
		x, y, ok := amounts(old, new)
		return off || ok && (y == 0 && x > 0 || y > x && x > 0)
	case whenLess:
		x, y, ok := amounts(old, new)
		return off || ok && y < x
	case whenShorter:
		x, y, ok := amounts(old, new)
		return ok && y < x
	case whenForAll:
		return strings.Contains(strings.ToLower(new), "all") && strings.Contains(strings.ToLower(old), "host")
	case whenLost:
		return off || strings.TrimSpace(old) != "" && !(a == 0) && isOneOf(new, "", "none", "no access", "no")
	case whenHigher:
		x, y, ok := amounts(old, new)
		return ok && y > x
	}
	return false
}

// reversing are labels whose "on" weakens what the rest of the label protects, and whose "off" strengthens it.
var reversing = regexp.MustCompile(`\b(bypass|skip|exempt|exceptions?|without (a )?(passcode|password)|numeric (only )?pass(code|word)|only allow numeric|reuse)\b`)

// of returns the risk of a setting with that label (lower case): a protection whose label says that it may be got around is a door.
func (k risk) of(label string) risk {
	if (k == whenOff || k == whenLess) && reversing.MatchString(label) {
		return whenOn
	}
	return k
}

var (
	offWords  = regexp.MustCompile(`^(off|disabled?|false|none|no|nobody|no one|never|not (required|allowed|enforced|used)|no users?|turned off|not_allowed)$`)
	onWords   = regexp.MustCompile(`^(on|enabled?|true|yes|all|everyone|everybody|required|enforced|always|turned on)$|\b(all (users|members|participants|meetings)|everyone|everybody)\b`)
	someWords = regexp.MustCompile(`\b(specific|specified|selected|certain|some|only|groups?|roles?|except|excluding|not in|outside)\b`)
)

// reach says for whom a setting holds: 0 nobody, 0.5 some, 1 everybody, NaN where the value says nothing of it.
func reach(value string) float64 {
	v := strings.ToLower(strings.TrimSpace(value))
	switch {
	case offWords.MatchString(v) || strings.HasPrefix(v, "disabled"):
		return 0
	case someWords.MatchString(v):
		return 0.5
	case onWords.MatchString(v):
		return 1
	}
	return math.NaN()
}

func isOneOf(value string, words ...string) bool {
	for _, w := range words {
		if strings.EqualFold(strings.TrimSpace(value), w) {
			return true
		}
	}
	return false
}

// units are lengths of time in minutes, by the beginning of their names; months and years are as long as calendars have them on average.
var units = []struct {
	name    string
	minutes float64
}{{"sec", 1.0 / 60}, {"min", 1}, {"hour", 60}, {"hr", 60}, {"day", 1440}, {"week", 7 * 1440}, {"month", 30.44 * 1440}, {"year", 365.25 * 1440}}

var amountParts = regexp.MustCompile(`(\d+(?:\.\d+)?)[\s_-]*([a-z]*)`)

// amount reads a number with its unit, such as "90 days", "1 hour 30 minutes", "1m" of Zoom's API or "8"; unit says whether it has one of time, and the amount is in
// minutes then. What never ends is infinite.
func amount(value string) (n float64, unit, ok bool) {
	v := strings.ToLower(strings.TrimSpace(value))
	if isOneOf(v, "forever", "for ever", "unlimited", "no limit", "indefinitely") {
		return math.Inf(1), true, true
	}
	parts := amountParts.FindAllStringSubmatchIndex(v, -1)
	if len(parts) == 0 || parts[0][0] != 0 { // what does not begin with a number is no amount
		return 0, false, false
	}
	for i, p := range parts {
		x, err := strconv.ParseFloat(v[p[2]:p[3]], 64)
		if err != nil {
			return 0, false, false
		}
		length, timed := unitOf(v[p[4]:p[5]])
		if i > 0 && !timed { // "8 (recommended 10)": the first number counts
			break
		}
		unit = unit || timed
		n += x * length
	}
	return n, unit, true
}

func unitOf(name string) (float64, bool) {
	switch name {
	case "h":
		return 60, true
	case "d":
		return 1440, true
	case "w":
		return 7 * 1440, true
	case "m": // of retention periods in Zoom's API
		return 30.44 * 1440, true
	case "y":
		return 365.25 * 1440, true
	}
	for _, u := range units {
		if strings.HasPrefix(name, u.name) {
			return u.minutes, true
		}
	}
	return 1, false
}

// amounts reads two values that can be compared: where only one of them has a unit, nobody knows that of the other, and they cannot; 0 and never need none.
func amounts(old, new string) (a, b float64, ok bool) {
	a, unitA, okA := amount(old)
	b, unitB, okB := amount(new)
	return a, b, okA && okB && (unitA == unitB || a == 0 || b == 0)
}

// plainJSON writes a value of a setting as the operation log would: without the quotes of JSON.
func plainJSON(value string) string {
	var s string
	if json.Unmarshal([]byte(value), &s) == nil {
		return s
	}
	return value
}
