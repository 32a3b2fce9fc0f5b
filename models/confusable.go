package models

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed confusables.txt
var confusablesText string

// confusables maps characters to what they look like.
var confusables = sync.OnceValue(func() map[rune]string {
	out := map[rune]string{}
	for line := range strings.Lines(confusablesText) {
		looks, sources, ok := strings.Cut(strings.TrimRight(line, "\n"), " ")
		if !ok || looks == "#" {
			continue
		}
		for _, r := range sources {
			out[r] = looks
		}
	}
	return out
})

// skeleton returns what a name looks like: two names with the same skeleton are easily taken for one another (the skeleton of UTS #39, for what looks Latin). Case, spaces,
// marks of punctuation and invisible characters make no difference; accents are told apart.
func skeleton(name string) string {
	var b strings.Builder
	put := func(s string) {
		for _, r := range s {
			if looks, ok := confusables()[r]; ok {
				b.WriteString(looks)
			} else {
				b.WriteRune(r)
			}
		}
	}
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == '|' {
			put(string(r))
		}
	}
	once := strings.ToLower(b.String())
	b.Reset()
	put(once) // a capital's small letter may look like another
	return b.String()
}

// plain returns a name without what differs between spellings of the same name.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// mixedScripts returns the scripts of a word that mixes Latin with Cyrillic, Greek, Armenian or Cherokee letters, whose shapes are alike; nil for none. Japanese, Korean and Chinese names
// rightly mix scripts.
func mixedScripts(name string) []string {
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		var found []string
		for _, script := range []string{"Armenian", "Cherokee", "Cyrillic", "Greek", "Latin"} {
			if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Scripts[script], r) }) {
				found = append(found, script)
			}
		}
		if len(found) > 1 && slices.Contains(found, "Latin") {
			return found
		}
	}
	return nil
}

// wellKnownApps are what an app would pass itself off as: Zoom's own names, and apps that many accounts use.
var wellKnownApps = []string{"Zoom", "Zoom Phone", "Zoom Rooms", "Zoom Scheduler", "Zoom for Outlook", "Zoom for Google Workspace", "Slack", "Salesforce", "HubSpot", "Microsoft Teams",
	"Microsoft 365", "Google Calendar", "Google Drive", "Outlook", "Dropbox", "Box", "Okta", "Asana", "Trello", "Jira", "GitHub", "Gmail", "Miro", "Notion", "Calendly", "Otter.ai", "Gong"}

// siftApps keeps apps whose names are made to be taken for another's.
func siftApps(f *Finding) bool {
	name := f.Summary
	details := f.Evidence.Details
	others, _ := details["others"].([]any)
	delete(details, "others")
	looks, own := skeleton(name), plain(name)
	known := wellKnownApps
	for _, x := range others {
		if s, ok := x.(string); ok {
			known = append(known[:len(known):len(known)], s)
		}
	}
	of := ""
	for _, k := range known {
		// Of two that look alike the imitation is the one that is less plainly written.
		if plain(k) != own && skeleton(k) == looks && strangeness(name) >= strangeness(k) {
			of = k
			break
		}
	}
	scripts := mixedScripts(name)
	if of == "" && scripts == nil {
		return false
	}
	details["skeleton"] = looks
	why := fmt.Sprintf("its name mixes letters of the scripts %s in one word", strings.Join(scripts, " and "))
	if scripts != nil {
		details["scripts"] = scripts
	}
	if of != "" {
		details["lookalike_of"] = of
		why = fmt.Sprintf("its name is easily taken for that of %q", of)
	}
	f.Summary = fmt.Sprintf("app/%q: %s.", name, why)
	return true
}

// strangeness counts the characters of a name that are no ASCII letters, digits for letters counting as well.
func strangeness(name string) int {
	n := 0
	for _, r := range name {
		if r > unicode.MaxASCII || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
