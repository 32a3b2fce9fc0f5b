package zoom

import (
	"regexp"
	"strings"
)

// Detail is the meaning of an operation's operation_detail.
type Detail struct {
	// Subject is the section of the settings or the sentence about a user, group or role: "Security", "Activate User u@example.com".
	Subject string
	// Changes are the settings that changed, in Zoom's order, nil where the text names none.
	Changes []Change
}

// Change is one changed setting. Old is "" where the text names only the new value.
type Change struct{ Setting, Old, New string }

const (
	subjectEnd = "  - " // two blanks end the subject
	changeEnd  = " - "

	// Bounds on work for text that Zoom would not write: beyond them text is all subject, and pieces stay together.
	maxDetail = 64 << 10
	maxPieces = 1000
)

// ParseDetail reads an operation_detail. Zoom writes
//
//	<subject>  - <setting>: from <old> to <new> - <setting>: from <old> to <new>
//
// and at times "set to <new>" or a bare ": <new>" for the values, or a single blank after the subject. It never fails: text without a
// change is all Subject. Zoom escapes nothing, so three readings are choices: the first " to " ends the old value, text with dashes
// before a change belongs to its setting, and dashed text after the last change belongs to its new value.
func ParseDetail(text string) Detail {
	text = strings.TrimRight(text, " \t\r\n")
	if len(text) > maxDetail {
		return Detail{Subject: text}
	}
	subject, rest, marked := strings.Cut(text, subjectEnd)
	if !marked {
		if subject, rest, marked = strings.Cut(text, changeEnd); !marked {
			return Detail{Subject: text}
		}
		// Without the two blanks, leading text that is no change may still be the subject.
		for {
			head, tail, more := strings.Cut(rest, changeEnd)
			if _, ok := parseChange(head); ok || !more {
				break
			}
			subject, rest = subject+changeEnd+head, tail
		}
	}
	d := Detail{Subject: strings.TrimRight(subject, " ")}
	var pending []string // pieces of a setting that has dashes
	for _, piece := range strings.SplitN(rest, changeEnd, maxPieces) {
		pending = append(pending, piece)
		if c, ok := parseChange(strings.Join(pending, changeEnd)); ok {
			d.Changes, pending = append(d.Changes, c), nil
		}
	}
	if len(d.Changes) == 0 {
		return Detail{Subject: text}
	}
	if len(pending) > 0 {
		d.Changes[len(d.Changes)-1].New += changeEnd + strings.Join(pending, changeEnd)
	}
	return d
}

// parseChange reads "<setting>: from <old> to <new>", "<setting>: set to <new>" or "<setting>: <new>".
func parseChange(s string) (Change, bool) {
	if setting, values, ok := strings.Cut(s, ": from "); ok && setting != "" {
		// A new value that is empty may have lost its blank to trimming.
		if from, to, ok := strings.Cut(values+" ", " to "); ok {
			return Change{Setting: setting, Old: from, New: strings.TrimSuffix(to, " ")}, true
		}
	}
	setting, value, ok := strings.Cut(s+" ", ": ")
	if !ok || setting == "" {
		return Change{}, false
	}
	value = strings.TrimSuffix(value, " ")
	if set, ok := strings.CutPrefix(value+" ", "set to "); ok {
		value = strings.TrimSuffix(set, " ")
	}
	return Change{Setting: setting, New: value}, true
}

// String writes a detail as Zoom does; ParseDetail reads it back where no part holds Zoom's separators.
func (d Detail) String() string {
	var b strings.Builder
	b.WriteString(d.Subject)
	for i, c := range d.Changes {
		if i == 0 {
			b.WriteString(subjectEnd)
		} else {
			b.WriteString(changeEnd)
		}
		b.WriteString(c.Setting)
		if c.Old == "" {
			b.WriteString(": set to " + c.New)
		} else {
			b.WriteString(": from " + c.Old + " to " + c.New)
		}
	}
	return b.String()
}

var address = regexp.MustCompile(`[^\s@:,;<>()"]+@[^\s@:,;<>()"]+\.[A-Za-z0-9-]+`)

// Target returns the e-mail address of the user that an operation is about, "" where the text names none: Zoom puts it into the
// subject ("Activate User u@example.com") or in the place of a setting ("Change Role  - u@example.com: from User to Admin").
func (d Detail) Target() string {
	if a := address.FindString(d.Subject); a != "" {
		return a
	}
	for _, c := range d.Changes {
		if a := address.FindString(c.Setting); a != "" {
			return a
		}
	}
	return ""
}
