package zoomtest

import (
	"cmp"
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The key lists are Zoom's own: every path of GET /accounts/{id}/settings and /lock_settings with its type, one block per option.
//
//go:embed testdata/account-settings-keys.txt
var settingKeys string

//go:embed testdata/lock-settings-keys.txt
var lockKeys string

// allSections is how the key lists head the reply without an option.
const allSections = "all sections"

// A settingKey is a line of a key list: in_meeting.chat : boolean.
type settingKey struct{ path, kind string }

// The parsed lists; nobody changes them.
var (
	settingBlocks = sync.OnceValue(func() map[string][]settingKey { return parseKeys(settingKeys) })
	lockBlocks    = sync.OnceValue(func() map[string][]settingKey { return parseKeys(lockKeys) })
)

// parseKeys reads a key list into its blocks.
func parseKeys(text string) map[string][]settingKey {
	out, block := map[string][]settingKey{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "# "); ok {
			block = name
		} else if path, kind, ok := strings.Cut(line, " : "); ok {
			out[block] = append(out[block], settingKey{path, kind})
		}
	}
	return out
}

// posture is the account's settings over time.
type posture struct {
	seed     uint64
	settings map[string][]settingKey
	locks    map[string][]settingKey
	changed  map[string][]settingAt // by path, in the order of their times: what attacks left behind
	weakened map[string]bool        // by label: settings nobody may touch afterwards, lest the log and the settings disagree
}

func newPosture(seed uint64) *posture {
	return &posture{seed: seed, settings: settingBlocks(), locks: lockBlocks(), changed: map[string][]settingAt{}, weakened: map[string]bool{}}
}

// settingAt is a value that a setting has from a time on.
type settingAt struct {
	at    int64
	value any
}

// weaken sets a setting from a time on.
func (p *posture) weaken(w weakening, at int64) {
	p.set(w.path, w.value, at)
	p.weakened[w.label] = true
}

func (p *posture) set(path string, value any, at int64) {
	p.changed[path] = append(p.changed[path], settingAt{at, value})
	slices.SortStableFunc(p.changed[path], func(a, b settingAt) int { return cmp.Compare(a.at, b.at) })
}

// original is the value of a setting before anybody changed it.
func (p *posture) original(path string) any {
	if v, ok := settingValues[path]; ok {
		return v
	}
	for _, keys := range p.settings {
		for _, k := range keys {
			if k.path == path {
				return p.draw(k, "")
			}
		}
	}
	return nil
}

// Settings returns the body of GET /accounts/{id}/settings at End for an option ("" for all sections), nil for an unknown option. Each
// call makes a new one.
func (c *Company) Settings(option string) map[string]any { return c.SettingsAt(option, c.opt.End) }

// SettingsAt is what Settings was at a time.
func (c *Company) SettingsAt(option string, at time.Time) map[string]any {
	switch option {
	case "":
		return c.posture.body(c.posture.settings[allSections], "", settingValues, absentByPlan, at)
	case "security": // the section alone
		all := c.posture.body(c.posture.settings[allSections], "", settingValues, absentByPlan, at)
		return map[string]any{"security": all["security"]}
	case "meeting_security", "meeting_authentication":
		return c.posture.body(c.posture.settings[option], option, settingValues, nil, at)
	case "recording_authentication":
		return c.posture.body(c.posture.settings[option], option, recordingAuthentication, nil, at)
	default:
		return nil
	}
}

// LockSettings returns the body of GET /accounts/{id}/lock_settings for an option ("" or "meeting_security"), nil for an unknown one.
func (c *Company) LockSettings(option string) map[string]any {
	switch option {
	case "":
		return c.posture.body(c.posture.locks[allSections], "lock", lockValues, nil, c.opt.End)
	case "meeting_security":
		return c.posture.body(c.posture.locks[option], "lock", lockValues, nil, c.opt.End)
	default:
		return nil
	}
}

// body builds a reply: a value written down for the path wins, else one of the right type is drawn by path.
func (p *posture) body(keys []settingKey, salt string, values map[string]any, absent []string, at time.Time) map[string]any {
	root := map[string]any{}
	for _, k := range keys {
		if withheld(k.path, absent) {
			continue
		}
		v, ok := values[k.path]
		if salt != "lock" {
			for _, w := range p.changed[k.path] {
				if w.at < at.Unix() {
					v, ok = w.value, true
				}
			}
		}
		if !ok {
			v = p.draw(k, salt)
		}
		if l, isList := v.([]any); isList {
			v = slices.Clone(l) // callers may change what they get
		}
		put(root, strings.Split(k.path, "."), v)
	}
	return root
}

func withheld(path string, absent []string) bool {
	for _, a := range absent {
		if path == a || strings.HasPrefix(path, a+".") {
			return true
		}
	}
	return false
}

// put sets a value at a path; a segment that ends in [] is a list of one object.
func put(at map[string]any, path []string, value any) {
	name, list := strings.CutSuffix(path[0], "[]")
	if len(path) == 1 {
		at[name] = value
		return
	}
	next, ok := at[name].(map[string]any)
	if l, isList := at[name].([]any); isList {
		next, ok = l[0].(map[string]any)
	}
	if !ok {
		next = map[string]any{}
		if list {
			at[name] = []any{next}
		} else {
			at[name] = next
		}
	}
	put(next, path[1:], value)
}

// shareOn is how many of the switches nobody wrote down are on.
const shareOn = 0.6

// draw makes a value of a key's type: boolean, number, string, string[], or one (or some, with []) of the values listed.
func (p *posture) draw(k settingKey, salt string) any {
	h := mix(p.seed ^ uint64(forSettings)<<40)
	for _, b := range []byte(salt + k.path) {
		h = mix(h ^ uint64(b))
	}
	kind, list := strings.CutSuffix(k.kind, "[]")
	switch kind {
	case "boolean":
		on := shareOn
		if salt == "lock" {
			on = 0.3
		}
		return unit(h) < on
	case "number":
		return 0
	case "string":
		if list {
			return []any{}
		}
		return ""
	}
	choices := strings.Split(kind, "|")
	value := func(s string) any {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		return strings.Trim(s, `"`)
	}
	if list {
		from := int(h % uint64(len(choices)))
		some := []any{}
		for i := range min(3, len(choices)) {
			some = append(some, value(choices[(from+i)%len(choices)]))
		}
		return some
	}
	return value(choices[h%uint64(len(choices))])
}
