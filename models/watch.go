package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

// A Watch names people whose activity is worth a look by itself. The account does not know of them: they come from whoever keeps the staff's records.
type Watch struct {
	Leave   People   `json:",omitzero"` // on leave: nothing is expected of them
	List    People   `json:",omitzero"` // watched for any other reason
	Leavers []Leaver `json:",omitempty"`
}

// A Leaver is somebody who leaves or has left.
type Leaver struct {
	Email   string    // lower case
	LastDay time.Time // last day at work, at midnight UTC
}

const (
	// noticeDays is how long before the last day at work a leaver is watched. Source: the window of CERT's advice on exfiltration near termination (Hanley, Montelibano:
	// Insider Threat Control: Using Centralized Logging to Detect Data Exfiltration Near Insider Termination, CMU/SEI-2011-TN-024).
	noticeDays = 30
	// dayEverywhere is how long a date lasts somewhere on earth after it has ended in UTC.
	dayEverywhere = 12 * time.Hour
)

func (w Watch) validate() error {
	for key, p := range map[string]People{"watch.leave": w.Leave, "watch.list": w.List} {
		for kind, names := range p.lists() {
			if slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == "" }) {
				return fmt.Errorf("%s has an empty name under %s: remove it", key, kind)
			}
		}
	}
	for _, l := range w.Leavers {
		if !strings.Contains(l.Email, "@") || l.LastDay.IsZero() {
			return fmt.Errorf("watch.leavers: %q needs an e-mail address and a last day", l.Email)
		}
	}
	return nil
}

func (w Watch) canonical() Watch {
	w.Leave, w.List, w.Leavers = w.Leave.canonical(), w.List.canonical(), slices.Clone(w.Leavers)
	slices.SortFunc(w.Leavers, func(a, b Leaver) int { return cmp.Or(cmp.Compare(a.Email, b.Email), a.LastDay.Compare(b.LastDay)) })
	return w
}

// gone returns from when on nothing is to be expected of a leaver; 0 for somebody who stays. Of several last days the latest counts: somebody came back.
func (w Watch) gone(email string) int64 {
	last := w.lastDay(email)
	if last.IsZero() {
		return 0
	}
	return last.Add(24*time.Hour + dayEverywhere).Unix()
}

func (w Watch) lastDay(email string) (last time.Time) {
	for _, l := range w.Leavers {
		if l.Email == email {
			last = maxTime(last, l.LastDay)
		}
	}
	return last
}

// findWatched reports activity of people who are on leave, on a watch list or about to leave. What comes after somebody's last day is ZW-INA-02.
func findWatched(s *scene) []Finding {
	w := s.config.Watch
	if w.Leave.empty() && w.List.empty() && len(w.Leavers) == 0 {
		return nil
	}
	leave, list := w.Leave.set(), w.List.set()
	return s.users(func(_ int, u *features.UserDay, _ *features.Account) []Finding {
		who, _ := s.people.Of(u.Email)
		last := w.lastDay(u.Email)
		var name, why string
		switch {
		case leave.has(u.Email, who):
			name, why = "leave", "on leave"
		case list.has(u.Email, who):
			name, why = "list", "on the watch list"
		case !last.IsZero() && s.day.Number <= features.DayNumber(last) && s.day.Number > features.DayNumber(last)-noticeDays:
			name, why = "leavers", "about to leave (last day "+last.Format(time.DateOnly)+")"
		default:
			return nil
		}
		rows := s.rows(u, func(r *features.Rows, i int) bool { return r.Kind(i) != "sign_out" })
		if len(rows) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(s.day.Rows, rows)
		f.Key = name
		f.Observed, f.Unit, f.Score = float64(len(rows)), "sign-ins or operations", float64(len(rows))
		f.Alert = name != "leavers" // people work until they leave: kept for hunting, and for combinations
		indicators := s.lastIndicators(u)
		if name != "list" { // of those on leave and those who left; a user to watch is as active as any
			indicators["account_status_inactive"] = "watch." + name
		}
		f.Evidence.Details = map[string]any{"user": u.Email, "list": "watch." + name, "indicators": indicators}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: %s by a user who is %s.", u.Email, plural(f.Observed, f.Unit), why)
		return []Finding{f}
	})
}
