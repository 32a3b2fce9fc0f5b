package zoom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Row is a row of a listing, or a whole reply, as Zoom sent it. Its accessors take a path of keys joined by dots ("feature_used.annotation"; "" is the row
// itself) and never fail: what is not there, or is of another type and cannot be read as the one asked for, is the zero value. A row may hold passcodes and
// links that open recordings, so read from it what is needed and keep nothing else.
type Row struct {
	raw    json.RawMessage
	fields map[string]json.RawMessage // of an object
}

// NewRow reads a row: an object, or, in a list of plain values, a text.
func NewRow(raw json.RawMessage) (Row, error) {
	r := Row{raw: bytes.TrimSpace(raw)}
	switch {
	case len(r.raw) > 0 && r.raw[0] == '{':
		if err := json.Unmarshal(r.raw, &r.fields); err != nil {
			return Row{}, errors.New("row is not JSON")
		}
	case len(r.raw) > 0 && r.raw[0] == '"' && json.Valid(r.raw):
	default:
		return Row{}, errors.New("row is neither an object nor a text")
	}
	return r, nil
}

// at returns the value at a path, nil when there is none.
func (r Row) at(path string) json.RawMessage {
	if path == "" {
		return r.raw
	}
	key, path, deeper := strings.Cut(path, ".")
	raw := r.fields[key]
	for deeper && raw != nil {
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			return nil
		}
		key, path, deeper = strings.Cut(path, ".")
		raw = object[key]
	}
	return raw
}

// Has says whether Zoom sent the path, be it null.
func (r Row) Has(path string) bool { return r.at(path) != nil }

// Text returns a text; numbers and truth values as Zoom writes them.
func (r Row) Text(path string) string {
	var s flexString
	_ = s.UnmarshalJSON(r.at(path)) // never fails
	return string(s)
}

// Int returns a whole number, be it written as a text; ok is false when there is none.
func (r Row) Int(path string) (n int64, ok bool) {
	f, ok := r.Float(path)
	if !ok || f != float64(int64(f)) {
		return 0, false
	}
	if n, err := strconv.ParseInt(r.Text(path), 10, 64); err == nil { // exact beyond 2^53
		return n, true
	}
	return int64(f), true
}

// Float returns a number, be it written as a text; ok is false when there is none.
func (r Row) Float(path string) (f float64, ok bool) {
	s := strings.TrimSpace(r.Text(path))
	if s == "" || strings.ContainsAny(s, "xXpP_iInN") { // hexadecimal, infinite: no number of Zoom's
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// Bool returns a truth value; nil when there is none.
func (r Row) Bool(path string) *bool {
	switch strings.ToLower(r.Text(path)) {
	case "true":
		v := true
		return &v
	case "false":
		v := false
		return &v
	}
	return nil
}

// Texts returns a list of texts.
func (r Row) Texts(path string) []string {
	var l flexStrings
	_ = l.UnmarshalJSON(r.at(path)) // never fails
	return l
}

// Rows returns a list of objects.
func (r Row) Rows(path string) []Row {
	var list []json.RawMessage
	if json.Unmarshal(r.at(path), &list) != nil {
		return nil
	}
	out := make([]Row, 0, len(list))
	for _, raw := range list {
		if row, err := NewRow(raw); err == nil && row.fields != nil {
			out = append(out, row)
		}
	}
	return out
}

// Keys returns the keys of an object, sorted, whose value is true: the way Zoom lists what was used in a meeting.
func (r Row) Keys(path string) []string {
	var object map[string]json.RawMessage
	if json.Unmarshal(r.at(path), &object) != nil {
		return nil
	}
	var out []string
	for k, v := range object {
		if string(bytes.TrimSpace(v)) == "true" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Tree returns an object as encoding/json makes it: numbers are float64.
func (r Row) Tree(path string) map[string]any {
	var tree map[string]any
	if json.Unmarshal(r.at(path), &tree) != nil {
		return nil
	}
	return tree
}

// timeLayouts are the ways in which Zoom writes instants, UTC where no zone is said: RFC 3339 nearly everywhere, the second in the meeting activity log (with
// the milliseconds after a colon), the third in schedule_time and its like.
var timeLayouts = [...]string{time.RFC3339, "2006-01-02 15:04:05", "01/02/2006 15:04", time.DateOnly}

// Time returns an instant in UTC, the zero time when there is none. Numbers are milliseconds since 1970, or seconds where they are too small for that.
func (r Row) Time(path string) time.Time {
	s := strings.TrimSpace(r.Text(path))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		const year2001ms = 978_307_200_000 // as seconds it would be the year 32971
		switch {
		case n <= 0:
			return time.Time{}
		case n < year2001ms:
			return time.Unix(n, 0).UTC()
		}
		return time.UnixMilli(n).UTC()
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	if head, ms, ok := cutLast(s, ':'); ok && len(ms) == 3 {
		if t, err := time.Parse("2006-01-02 15:04:05", head); err == nil {
			if n, err := strconv.Atoi(ms); err == nil && n >= 0 {
				return t.Add(time.Duration(n) * time.Millisecond)
			}
		}
	}
	return time.Time{}
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// Seconds returns a span that Zoom writes as "12:34:56" or "34:56"; ok is false for anything else.
func (r Row) Seconds(path string) (n int64, ok bool) {
	parts := strings.Split(r.Text(path), ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	for _, p := range parts {
		v, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return 0, false
		}
		n = n*60 + int64(v)
	}
	return n, true
}

// Format prints what kind of row this is and none of its contents.
func (r Row) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "zoom.Row(%d bytes)", len(r.raw)) }
