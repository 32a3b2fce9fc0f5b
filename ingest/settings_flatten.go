package ingest

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// Bounds of what one setting may hold; more is not stored. Zoom's longest lists are of domains.
const (
	maxSettingText  = 64 << 10 // bytes
	maxSettingItems = 10_000
)

// Sources of settings: the views of Zoom's API, as setting_versions.source names them.
const (
	sourceAll   = "settings"
	sourceLocks = "lock_settings"
)

// authenticationOptions is how Zoom names the list of sign-in options in both the view for meetings and the one for recordings; here each has its own path.
const authenticationOptions = "authentication_options"

// flattenSettings returns the allow-listed values of one view by dotted path, as JSON text. A path that Zoom leaves out or sends as null is not in it; one that holds something
// of another kind than documented has a marker of that kind (store.OtherKind).
func flattenSettings(option string, tree map[string]any) map[string]string {
	if option == zoom.OptionSecurity { // the schema of 2021 has this view without its outer object
		if _, ok := tree[option]; !ok && len(tree) > 0 {
			tree = map[string]any{option: tree}
		}
	}
	out := map[string]string{}
	walk(tree, "", func(path string, v any) {
		viewPath, ok := pathInView(option, path)
		if k := allowedSettings()[viewPath]; ok && k != "" && k != keepLock {
			if text, kept := keptOrMarked(viewPath, k, v); kept {
				out[viewPath] = text
			}
			return
		}
		if _, group := v.(map[string]any); group || v == nil {
			return
		}
		for _, below := range allowedBelow()[path] { // none of them can be read out of what is no object
			if _, ok := pathInView(option, below); ok && allowedSettings()[below] != keepLock {
				out[below] = store.OtherKind(foundKind(v) + " in the place of " + path)
			}
		}
	})
	return out
}

// keptOrMarked returns what of a value is stored: the value as far as it may be, or a marker of its kind when that is not the documented one. Nothing of null and of empty text
// for a switch, which say nothing.
func keptOrMarked(path string, k keep, v any) (string, bool) {
	if v == nil || k == keepPlain && v == "" {
		return "", false
	}
	if hidesText(path, v) {
		return store.OtherKind(foundKind(v) + " that may be a passcode"), true
	}
	if text, ok := keptValue(k, v); ok {
		return text, true
	}
	found := foundKind(v)
	switch v.(type) {
	case []any:
		if k != keepPlain {
			found = "a list of other things, or too long a one"
		}
	case string:
		if k == keepText {
			found = "too long a text"
		}
	}
	return store.OtherKind(found), true
}

// foundKind says in words what kind of thing a decoded value is.
func foundKind(v any) string {
	switch v.(type) {
	case bool:
		return "a switch"
	case string:
		return "text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

// pathInView says under which path a view's value is kept. Each view answers for its own part only, so that a reply with more in it than asked for never
// changes what belongs to another view.
func pathInView(option, path string) (string, bool) {
	switch option {
	case zoom.OptionMeetingAuthentication, zoom.OptionRecordingAuthentication:
		switch path {
		case authenticationOptions:
			return option + "_options", true
		case option:
			return path, true
		case "allow_authentication_exception":
			return path, option == zoom.OptionMeetingAuthentication
		}
		return "", false
	case zoom.OptionAll:
		return path, strings.Contains(path, ".")
	}
	return path, strings.HasPrefix(path, option+".")
}

// lock is the state of a lock as Zoom sent it.
type lock struct {
	closed bool
	kind   string // what was sent when it was no lock, in words; "" for a lock
}

// flattenLocks returns the locks of one view by dotted path. What stands in the place of a lock and is none has its kind alone.
func flattenLocks(option string, tree map[string]any) map[string]lock {
	out := map[string]lock{}
	walk(tree, "", func(path string, v any) {
		if option != zoom.OptionAll && !strings.HasPrefix(path, option+".") {
			return
		}
		if _, ok := allowedSettings()[path]; !ok || v == nil {
			return
		}
		if closed, ok := lockValue(path, v); ok {
			out[path] = lock{closed: closed}
		} else if _, group := v.(map[string]any); !group || len(allowedBelow()[path]) == 0 {
			out[path] = lock{kind: foundKind(v)}
		}
	})
	return out
}

// heldToValue is the one lock that Zoom has been seen to send as the value that the setting is held to. Other text in the place of a lock says nothing certain.
const heldToValue = "meeting_security.encryption_type"

// lockValue reads a lock: a boolean, or text for one.
func lockValue(path string, v any) (locked, ok bool) {
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
		return true, path == heldToValue && v != ""
	}
	return false, false
}

// maxDepth of a settings tree; Zoom nests four deep.
const maxDepth = 16

// walk calls f for every path of the tree, those of objects before what is in them.
func walk(tree map[string]any, prefix string, f func(path string, v any)) {
	if strings.Count(prefix, ".") >= maxDepth {
		return
	}
	for key, v := range tree {
		if strings.Contains(key, ".") {
			continue // would read as a path that it is not
		}
		f(prefix+key, v)
		if inner, ok := v.(map[string]any); ok {
			walk(inner, prefix+key+".", f)
		}
	}
}

// keptValue returns what of a value may be stored, as JSON text; false when nothing.
func keptValue(k keep, v any) (string, bool) {
	switch k {
	case keepPlain:
		if s, ok := v.(string); ok && !plainText(s) {
			return "", false
		}
		return scalarJSON(v)
	case keepText:
		if list, ok := v.([]any); ok {
			return listJSON(list, scalar)
		}
		return scalarJSON(v)
	case keepOptions:
		list, ok := v.([]any)
		if !ok {
			return "", false
		}
		return listJSON(list, func(v any) (any, bool) { return pick(v, "type", "default_option", "domains", "visible") })
	case keepIDs:
		list, ok := v.([]any)
		if !ok {
			return "", false
		}
		return listJSON(list, func(v any) (any, bool) { return pick(v, "id") })
	case keepStates:
		list, ok := v.([]any)
		if !ok {
			return "", false
		}
		return listJSON(list, func(v any) (any, bool) { return pick(v, "status") })
	}
	return "", false
}

// secretNames are parts of names under which Zoom sends secrets as well as settings about them, and secretChoices the words that such a setting may hold.
var (
	secretNames   = []string{"password", "passcode", "token", "secret", "credential", "key"}
	secretChoices = []string{"all", "none", "jbh_only"}
)

// hidesText says whether a value stands under the name of a secret and is none of what a setting may hold there: a switch, one of a few words, or a short number such as a length
// or a count of days. What else there is may be the passcode itself: Zoom makes them of six digits.
func hidesText(path string, v any) bool {
	name := path[strings.LastIndexByte(path, '.')+1:]
	if !slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) }) {
		return false
	}
	var n float64
	switch v := v.(type) {
	case float64:
		n = v
	case json.Number:
		n, _ = v.Float64()
	case string:
		word := strings.ToLower(strings.TrimSpace(v))
		if slices.Contains([]string{"true", "false", "on", "off"}, word) || slices.Contains(secretChoices, word) {
			return false
		}
		var err error
		if n, err = strconv.ParseFloat(word, 64); err != nil || len(word) > 3 {
			return true
		}
	default:
		return false
	}
	return n < 0 || n >= 1000
}

// plainText says whether text stands for a switch or a number.
func plainText(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "on", "off":
		return true
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && f >= -1e6 && f <= 1e6 && len(s) <= 8 // a passcode of digits is no setting of ours, but a length or a count of minutes is short
}

// scalar returns values that are text, numbers or booleans, within bounds.
func scalar(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case int:
		return v, true
	case string:
		return v, len(v) <= maxSettingText
	}
	return nil, false
}

func scalarJSON(v any) (string, bool) {
	s, ok := scalar(v)
	if !ok {
		return "", false
	}
	text, err := compactJSON(s)
	return text, err == nil
}

// listJSON writes a list whose every element of picks; a list with another element in it is not what Zoom documents and is not kept.
func listJSON(list []any, of func(any) (any, bool)) (string, bool) {
	if len(list) > maxSettingItems {
		return "", false
	}
	out := make([]any, len(list))
	for i, v := range list {
		picked, ok := of(v)
		if !ok {
			return "", false
		}
		out[i] = picked
	}
	text, err := compactJSON(out)
	return text, err == nil && len(text) <= maxSettingText
}

// pick copies the named fields of an object that hold plain values.
func pick(v any, names ...string) (any, bool) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	out := map[string]any{}
	for _, name := range names {
		if s, ok := scalar(object[name]); ok {
			out[name] = s
		}
	}
	return out, true
}
