package ingest

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zoomward/zoomward/ingest/zoom"
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

// flattenSettings returns the allow-listed values of one view by dotted path, as JSON text. A path that Zoom leaves out or sends as null is not in it.
func flattenSettings(option string, tree map[string]any) map[string]string {
	if option == zoom.OptionSecurity { // the schema of 2021 has this view without its outer object
		if _, ok := tree[option].(map[string]any); !ok && len(tree) > 0 {
			tree = map[string]any{option: tree}
		}
	}
	out := map[string]string{}
	walk(tree, "", func(path string, v any) {
		if viewPath, ok := pathInView(option, path); ok {
			if hidesText(viewPath, v) {
				return
			}
			if text, ok := keptValue(allowedSettings()[viewPath], v); ok {
				out[viewPath] = text
			}
		}
	})
	return out
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

// flattenLocks returns the locks of one view by dotted path.
func flattenLocks(option string, tree map[string]any) map[string]bool {
	out := map[string]bool{}
	walk(tree, "", func(path string, v any) {
		if option != zoom.OptionAll && !strings.HasPrefix(path, option+".") {
			return
		}
		if _, ok := allowedSettings()[path]; !ok {
			return
		}
		if locked, ok := lockValue(path, v); ok {
			out[path] = locked
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

// walk calls f for every path of the tree that holds anything but an object.
func walk(tree map[string]any, prefix string, f func(path string, v any)) {
	if strings.Count(prefix, ".") >= maxDepth {
		return
	}
	for key, v := range tree {
		if strings.Contains(key, ".") {
			continue // would read as a path that it is not
		}
		if inner, ok := v.(map[string]any); ok {
			walk(inner, prefix+key+".", f)
		} else {
			f(prefix+key, v)
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
