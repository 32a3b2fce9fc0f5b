package zoom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// flexInt reads a whole number that Zoom writes as a number in one place and as a string in another. Anything else is 0.
type flexInt int64

// UnmarshalJSON never fails, so that one odd field does not cost the row.
func (n *flexInt) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `" `)
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = flexInt(v)
	} else if f, err := strconv.ParseFloat(s, 64); err == nil && f == float64(int64(f)) && f > -1<<53 && f < 1<<53 {
		*n = flexInt(f)
	} else {
		*n = 0
	}
	return nil
}

// flexString reads a string that may come as a number or a boolean. Null, objects and lists are "".
type flexString string

// UnmarshalJSON never fails, so that one odd field does not cost the row.
func (s *flexString) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	*s = ""
	switch {
	case len(b) == 0, b[0] == '{', b[0] == '[', string(b) == "null":
	case b[0] == '"':
		var v string
		if json.Unmarshal(b, &v) == nil {
			*s = flexString(v)
		}
	default:
		*s = flexString(b)
	}
	return nil
}

// flexStrings reads a list of strings; anything else is nil.
type flexStrings []string

// UnmarshalJSON never fails, so that one odd field does not cost the row.
func (l *flexStrings) UnmarshalJSON(b []byte) error {
	*l = nil
	var v []flexString
	if json.Unmarshal(b, &v) != nil {
		return nil
	}
	for _, s := range v {
		if s != "" {
			*l = append(*l, string(s))
		}
	}
	return nil
}

// parseTime reads RFC 3339, with or without a fraction of a second, into UTC.
func parseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, errors.New("time is missing")
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q is not RFC 3339", line(s, 40))
	}
	return t.UTC(), nil
}

// optionalTime is parseTime with the zero time for what cannot be read.
func optionalTime(s flexString) time.Time {
	t, err := parseTime(string(s))
	if err != nil {
		return time.Time{}
	}
	return t
}
