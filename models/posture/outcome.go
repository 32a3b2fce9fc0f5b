package posture

import (
	"strings"
	"time"
)

type truth int8

const (
	unknown truth = iota
	no
	yes
)

// cause says why an outcome is unknown; of several the greatest one counts.
type cause int8

const (
	causeNone    cause = iota
	causeParam         // a person has to configure what is right
	causeMissing       // Zoom did not send it, or it was not read
	causeScope         // the feed was refused for want of a scope
	causeNothing       // the account has nothing to judge
	causePlan          // the account's plan does not have it
	causeError         // the value is of a kind that cannot be read
)

// outcome is the verdict on a condition.
type outcome struct {
	truth     truth
	cause     cause
	reasons   []string
	seen      []seen
	fetchedAt time.Time // of the oldest value looked at
}

// seen is one value that a verdict rests on.
type seen struct{ path, text string }

func unknownFor(c cause, reason string) outcome {
	return outcome{truth: unknown, cause: c, reasons: []string{reason}}
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// combine joins outcomes: decisive (no for all, yes for any) wins over unknown, unknown over the rest.
func combine(parts []outcome, decisive truth) outcome {
	var o outcome
	o.truth = yes
	if decisive == yes {
		o.truth = no
	}
	for _, p := range parts {
		switch {
		case p.truth == decisive:
			o.truth, o.cause = decisive, causeNone
		case p.truth == unknown && o.truth != decisive:
			o.truth, o.cause = unknown, max(o.cause, p.cause)
		}
		o.seen = appendSeen(o.seen, p.seen)
		o.fetchedAt = oldest(o.fetchedAt, p.fetchedAt)
	}
	for _, p := range parts {
		if p.truth == o.truth && p.cause == o.cause {
			for _, r := range p.reasons {
				o.reasons = appendNew(o.reasons, r) // two comparisons of one path say the same
			}
		}
	}
	return o
}

func (o outcome) negate() outcome {
	switch o.truth {
	case yes:
		o.truth = no
	case no:
		o.truth = yes
	}
	return o
}

func (o outcome) reason() string { return strings.Join(o.reasons, "; ") }

// observed writes the values looked at: the bare value when there is one, else each with its name below the section.
func (o outcome) observed() string {
	if len(o.seen) == 1 {
		return o.seen[0].text
	}
	parts := make([]string, len(o.seen))
	for i, s := range o.seen {
		_, name, below := strings.Cut(s.path, ".")
		if !below {
			name = s.path
		}
		parts[i] = name + ": " + s.text
	}
	return strings.Join(parts, "; ")
}

func appendSeen(to, from []seen) []seen {
next:
	for _, s := range from {
		for _, t := range to {
			if s.path == t.path {
				continue next
			}
		}
		to = append(to, s)
	}
	return to
}

func oldest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
