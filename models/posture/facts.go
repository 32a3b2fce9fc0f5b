package posture

import (
	"fmt"
	"strings"
	"time"
)

// facts are what controls assert on beside settings and objects: single values about the account's logs, its telephony and the connector itself.
var facts = map[string]func(ev *evaluation) any{
	"audit.days_since_operation": func(ev *evaluation) any {
		if ev.in.LastOperationAt.IsZero() {
			if ev.in.Feeds[FeedOperations].State == FeedOK {
				return since{n: ev.in.AsOf.Sub(time.Time{}).Hours() / 24}
			}
			return notKnown{causeMissing, ev.unread(FeedOperations)}
		}
		return since{ev.in.LastOperationAt, max(0, ceil(ev.in.AsOf.Sub(ev.in.LastOperationAt), aDay))}
	},
	"phone.call_recording": func(ev *evaluation) any {
		if ev.in.Phone.CallRecording == nil {
			return ev.notOfPhone("whether telephone calls are recorded")
		}
		return showPlain(*ev.in.Phone.CallRecording)
	},
	"phone.call_recording_locked": func(ev *evaluation) any {
		if ev.in.Phone.CallRecordingLocked == nil {
			return ev.notOfPhone("whether the recording of telephone calls is locked")
		}
		return *ev.in.Phone.CallRecordingLocked
	},
	"connector.missing_scopes": func(ev *evaluation) any {
		if len(ev.in.Connector.Scopes) == 0 {
			return scopesUnknown
		}
		return append([]string{}, ev.in.Connector.Missing...)
	},
	"connector.write_scopes": func(ev *evaluation) any {
		if len(ev.in.Connector.Scopes) == 0 {
			return scopesUnknown
		}
		return writeScopes(ev.in.Connector.Scopes)
	},
	"connector.hours_since_settings": func(ev *evaluation) any {
		if ev.in.SettingsReadAt.IsZero() {
			return notKnown{causeMissing, "the settings were never read whole: run `zoomward ingest`"}
		}
		return since{ev.in.SettingsReadAt, max(0, ceil(ev.in.AsOf.Sub(ev.in.SettingsReadAt), time.Hour))}
	},
}

var scopesUnknown = notKnown{causeMissing, "which scopes the app was granted is not known: Zoom did not say, or `zoomward ingest` did not run yet"}

func (ev *evaluation) notOfPhone(what string) notKnown {
	if ev.in.Feeds[FeedPhone].State != FeedOK {
		return notKnown{causeMissing, ev.unread(FeedPhone)}
	}
	return notKnown{causeMissing, what + " is not among what Zoom sends for this account"}
}

// fact evaluates a comparison on a fact.
func (ev *evaluation) fact(e *Expr) outcome {
	v := facts[e.Path](ev)
	if u, ok := v.(notKnown); ok {
		return unknownFor(u.cause, u.why)
	}
	from, timed := v.(since)
	if timed {
		v = from.n
	}
	t, c, why := ev.compare(e, v)
	text := shownField(v)
	what := strings.ReplaceAll(e.Path[strings.IndexByte(e.Path, '.')+1:], "_", " ")
	switch {
	case c == causeError:
		return unreadable(e.Path, fmt.Sprintf("is %s, %s", text, why))
	case t == unknown:
		return outcome{truth: unknown, cause: c, reasons: []string{why}, seen: []seen{{e.Path, text}}}
	case timed && t == yes: // the same words every day that it holds
		text = comparisonWords(e, ev.params)
	case timed && from.at.IsZero():
		text = "never"
	case timed:
		text = "not since " + from.at.UTC().Format("2006-01-02 15:04")
	}
	return outcome{truth: t, reasons: []string{what + ": " + text}, seen: []seen{{e.Path, text}}}
}
