package store

import (
	"encoding/json"
	"strings"
)

// otherKindStart begins the marker of a setting that Zoom sent as something else than it documents: only what kind of thing it was is kept, never the thing, as anything may
// stand in it. No kept value is an object, so the marker is none of them. The views tell it by its first brace.
const otherKindStart = `{"other_kind":`

// OtherKind returns the marker for a value of a kind, in words such as "text" or "a list".
func OtherKind(found string) string {
	text, err := json.Marshal(found)
	if err != nil {
		panic(err) // a string
	}
	return otherKindStart + string(text) + "}"
}

// IsOtherKind returns the kind in a marker; false for any other value.
func IsOtherKind(value string) (found string, ok bool) {
	if !strings.HasPrefix(value, otherKindStart) {
		return "", false
	}
	var marker struct {
		OtherKind string `json:"other_kind"`
	}
	if err := json.Unmarshal([]byte(value), &marker); err != nil {
		return "", false
	}
	return marker.OtherKind, marker.OtherKind != ""
}
