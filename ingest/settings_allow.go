package ingest

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed settings_allow.txt
var settingsAllowText string

// keep is what of a setting's value may be stored; see settings_allow.txt.
type keep string

const (
	keepPlain   keep = "plain"
	keepText    keep = "text"
	keepLock    keep = "lock"
	keepOptions keep = "options"
	keepIDs     keep = "ids"
	keepStates  keep = "states"
)

// allowedSettings returns what may be kept by path.
var allowedSettings = sync.OnceValue(func() map[string]keep {
	allowed, err := parseAllowed(settingsAllowText)
	if err != nil {
		panic("ingest: settings_allow.txt: " + err.Error()) // part of the program, and every test reads it
	}
	return allowed
})

// allowedBelow lists, by the path of an object, the allowed paths in it.
var allowedBelow = sync.OnceValue(func() map[string][]string {
	below := map[string][]string{}
	for path := range allowedSettings() {
		for i, c := range path {
			if c == '.' {
				below[path[:i]] = append(below[path[:i]], path)
			}
		}
	}
	return below
})

func parseAllowed(text string) (map[string]keep, error) {
	out := map[string]keep{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		path, kind, _ := strings.Cut(line, " ")
		switch k := keep(kind); k {
		case keepPlain, keepText, keepLock, keepOptions, keepIDs, keepStates:
			if _, twice := out[path]; twice {
				return nil, fmt.Errorf("line %d: %s is there twice", n, path)
			}
			out[path] = k
		default:
			return nil, fmt.Errorf("line %d: unknown kind %q", n, kind)
		}
	}
	return out, nil
}
