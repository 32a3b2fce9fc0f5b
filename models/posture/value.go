package posture

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zoomward/zoomward/store"
)

// Values reach this package as JSON text from somebody else's service: nothing here trusts their kind. Decoding is lenient where the meaning is beyond doubt
// ("true" for true, "8" for 8, a comma-separated string for a list) and an error everywhere else.

const (
	maxShownRunes    = 80
	maxShownElements = 10
	hidden           = "(hidden)"
)

// otherKind is a value of which nothing but its kind is known, as it is none of those that Zoom documents: "text" in the place of a switch. It fits no comparison.
type otherKind string

// decodeJSON returns the value and whether there is one: absent and null are both "Zoom says nothing".
func decodeJSON(raw json.RawMessage) (v any, present bool, err error) {
	if len(raw) == 0 {
		return nil, false, nil
	}
	if found, ok := store.IsOtherKind(string(raw)); ok {
		return otherKind(found), true, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, true, fmt.Errorf("is no valid JSON")
	}
	return v, v != nil, nil
}

func asBool(v any) (bool, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true":
			return true, true
		case "false":
			return false, true
		}
	case float64:
		if v == 0 || v == 1 {
			return v == 1, true
		}
	}
	return false, false
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		// ParseFloat would also take "Inf", "NaN" and hexadecimal floats, none of which is a setting.
		if strings.ContainsFunc(v, func(r rune) bool { return unicode.IsLetter(r) }) {
			return 0, false
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return n, err == nil
	}
	return 0, false
}

func asText(v any) (string, bool) {
	s, ok := v.(string)
	return strings.TrimSpace(s), ok
}

// asList reads an array of strings or one string with separators.
func asList(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }), true
	case []string:
		return v, true
	case []any:
		list := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			list = append(list, strings.TrimSpace(s))
		}
		return list, true
	}
	return nil, false
}

// lengthOf counts the elements of an array, or of a string with separators.
func lengthOf(v any) (int, bool) {
	if a, ok := v.([]any); ok {
		return len(a), true
	}
	list, ok := asList(v)
	return len(list), ok
}

// containsFold says whether list has an element equal to s but for case: country codes and domains are written either way.
func containsFold(list []string, s string) bool {
	for _, e := range list {
		if strings.EqualFold(e, s) {
			return true
		}
	}
	return false
}

// addressSpan reads an address, a prefix or a range "first-last".
func addressSpan(s string) (first, last netip.Addr, ok bool) {
	if a, b, isRange := strings.Cut(s, "-"); isRange {
		first, err1 := netip.ParseAddr(strings.TrimSpace(a))
		last, err2 := netip.ParseAddr(strings.TrimSpace(b))
		return first.Unmap(), last.Unmap(), err1 == nil && err2 == nil && first.Unmap().BitLen() == last.Unmap().BitLen() && !last.Unmap().Less(first.Unmap())
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked().Addr(), lastOf(p), true
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), a.Unmap(), err == nil
}

// portSpan reads a port or a range of ports; Zoom writes the first and the last with a comma between them, people with a hyphen.
func portSpan(s string) (first, last int, ok bool) {
	a, b, isRange := strings.Cut(strings.ReplaceAll(s, "-", ","), ",")
	if !isRange {
		b = a
	}
	first, err1 := strconv.Atoi(strings.TrimSpace(a))
	last, err2 := strconv.Atoi(strings.TrimSpace(b))
	return first, last, err1 == nil && err2 == nil && 1 <= first && first <= last && last <= 65535
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// spanWithin says whether the span lies in one of the approved prefixes, addresses or ranges.
func spanWithin(first, last netip.Addr, approved []string) bool {
	for _, s := range approved {
		a, b, ok := addressSpan(s)
		if ok && a.BitLen() == first.BitLen() && !first.Less(a) && !b.Less(last) {
			return true
		}
	}
	return false
}

// sensitive says whether the last name of a path is one under which Zoom may send a passcode, token or key.
func sensitive(path string) bool {
	last := path[strings.LastIndexByte(path, '.')+1:]
	for _, word := range []string{"password", "passcode", "token", "secret", "key", "credential"} {
		if strings.Contains(last, word) {
			return true
		}
	}
	return false
}

// show writes a value for people. Anything that could be a secret is hidden: whatever stands under a sensitive name and is not of the kind that the control
// expects there, and every word that looks like a token.
func show(e *Expr, path string, v any) string {
	if found, ok := v.(otherKind); ok {
		return string(found) // words of zoomward's own
	}
	text := showPlain(v)
	if label, ok := e.Labels[text]; ok {
		return text + " (" + label + ")"
	}
	if sensitive(path) && !expectedKind(e, v) {
		return hidden
	}
	return text
}

// expectedKind says whether a value under a sensitive name is safe to show: a switch, a number where a number is compared, or a word of the catalogue.
func expectedKind(e *Expr, v any) bool {
	switch v := v.(type) {
	case bool:
		return true
	case float64:
		switch e.Value.(type) {
		case float64, []float64:
			return true
		}
		return e.Param != "" && (e.Op == OpLt || e.Op == OpLe || e.Op == OpGt || e.Op == OpGe)
	case string:
		word, _ := e.Value.(string)
		return strings.EqualFold(v, word) || containsFold(e.documented, v)
	}
	return false
}

func showPlain(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case otherKind:
		return string(v)
	case bool:
		if v {
			return "on"
		}
		return "off"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return showText(v)
	case []string:
		return showList(v)
	case []any:
		if list, ok := asList(v); ok {
			return showList(list)
		}
		return fmt.Sprintf("a list of %d", len(v))
	}
	return "an object"
}

// misfit says that a value, shown as text, is not of a kind.
func misfit(text string, v any, kind string) string {
	if _, ok := v.(otherKind); ok {
		return fmt.Sprintf("is %s, where Zoom documents a %s", text, kind)
	}
	return fmt.Sprintf("is %s, which is no %s", text, kind)
}

func showList(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	shown := make([]string, 0, min(len(list), maxShownElements))
	for _, s := range list[:min(len(list), maxShownElements)] {
		shown = append(shown, showText(s))
	}
	text := strings.Join(shown, ", ")
	if more := len(list) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func showText(s string) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if s == "" {
		return "empty"
	}
	if looksSecret(s) {
		return hidden
	}
	if utf8.RuneCountInString(s) > maxShownRunes {
		s = string([]rune(s)[:maxShownRunes]) + "..."
	}
	return s
}

// looksSecret finds long words of letters and digits, the shape of tokens and keys. Zoom's own words for settings have no digits.
func looksSecret(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != '+' && r != '/' && r != '=' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for _, w := range words {
		if len(w) >= 20 && strings.ContainsFunc(w, unicode.IsDigit) && strings.ContainsFunc(w, unicode.IsLetter) {
			return true
		}
	}
	return false
}
