package models

import (
	"fmt"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	dormantDays     = 90
	longDormantDays = 180
	// removalGrace is how long a session may outlive the removal of its account.
	removalGrace = 10 * time.Minute
)

// findDormant reports the first activity after a long silence.
func findDormant(s *scene) []Finding {
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		var gap int64
		familiar := false
		since := ""
		if a.Days > 0 {
			gap = s.day.Number - a.LastDay
			familiar = s.allFamiliar(a, u)
			since = "last seen on " + features.DayTime(a.LastDay).Format(time.DateOnly)
		} else if p, ok := s.people.Of(u.Email); ok && !p.CreatedAt.IsZero() && s.state.FirstDay > 0 && features.DayNumber(p.CreatedAt) <= s.state.FirstDay {
			gap = s.day.Number - s.state.FirstDay
			since = "not seen since the records begin on " + features.DayTime(s.state.FirstDay).Format(time.DateOnly) + ", made on " + p.CreatedAt.Format(time.DateOnly)
		}
		if gap < dormantDays {
			return nil
		}
		f := s.finding(u)
		f.Observed, f.Expected, f.Unit, f.Score, f.Alert = float64(gap), dormantDays, "days of silence", float64(gap), !familiar
		if gap >= longDormantDays {
			f.Severity = "high"
		}
		rows := s.rows(u, func(*features.Rows, int) bool { return true })
		f.Evidence.Details = map[string]any{"gap_days": gap, "earlier_active_days": a.Days, "familiar_place_and_client": familiar}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: active after %d days of silence (%s).", u.Email, gap, since)
		if familiar {
			f.Summary += " Not an alert: every sign-in came from a network and with a client of the user's own."
		}
		return []Finding{f}
	})
}

// allFamiliar says whether every sign-in of a day came from a place and with a client that the user has used; false when there is nothing to compare.
func (s *scene) allFamiliar(a *features.Account, u *features.UserDay) bool {
	known := false
	for _, x := range u.Contexts {
		f, ok := s.state.Familiarity(a, x)
		if !ok || f.Place() > features.OwnNetwork || f.Device() == features.NewClient {
			return false
		}
		known = true
	}
	return known
}

// findRemoved reports activity after an account was deactivated or deleted, by the operation log, by the list of users or by a list of leavers.
func findRemoved(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		removed, source := a.Removed, "operation log"
		if p, ok := s.people.Of(u.Email); ok && (p.Status == "inactive" || p.Status == "deleted") && !p.ChangedAt.IsZero() && p.Watched && (removed == 0 || p.ChangedAt.Unix() < removed) {
			removed, source = p.ChangedAt.Unix(), "list of users"
		}
		if left := s.config.Watch.gone(u.Email); left != 0 && (removed == 0 || left < removed) {
			removed, source = left, "list of leavers"
		}
		// What the day itself says counts from the moment it was said.
		for _, l := range s.day.Lifecycle {
			if l.Email == u.Email && l.Removed && removed == 0 {
				removed, source = l.Second, "operation log"
			}
		}
		if removed == 0 {
			return nil
		}
		bar := time.Unix(removed, 0).UTC().Add(removalGrace)
		rows := s.rows(u, func(r *features.Rows, i int) bool {
			if !r.At(i).After(bar) || r.Kind(i) == "sign_out" {
				return false
			}
			for _, l := range s.day.Lifecycle { // brought back earlier the same day
				if l.Email == u.Email && !l.Removed && l.Second <= r.At(i).Unix() && l.Second > removed {
					return false
				}
			}
			return true
		})
		if len(rows) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(r, rows)
		f.Observed, f.Unit, f.Alert, f.Score = float64(len(rows)), "rows after the removal", true, float64(len(rows))
		f.Evidence.Details = map[string]any{"removed_at": time.Unix(removed, 0).UTC().Format(time.RFC3339), "source": source}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: %s after the account was removed on %s (%s).", u.Email, plural(float64(len(rows)), "sign-ins or operations"),
			time.Unix(removed, 0).UTC().Format(time.DateTime), source)
		return []Finding{f}
	})
}
