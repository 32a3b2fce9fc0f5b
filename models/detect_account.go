package models

import (
	"fmt"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	dormantDays     = 90
	longDormantDays = 180
	// usualSilence is how many times the longest of a user's earlier silences one may last before it is more than usual: a percentile of gaps says nothing of the two or three such gaps
	// that people have, and of those the next is longer than all before every third or fourth time.
	usualSilence = 1.5
	// removalGrace is how long a session may outlive the removal of its account.
	removalGrace = 10 * time.Minute
)

// findDormant reports the first activity after a long silence.
func findDormant(s *scene) []Finding {
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		from := a.LastDay
		p, known := s.people.Of(u.Email)
		if a.Days == 0 {
			if !known || p.CreatedAt.IsZero() || s.state.FirstDay == 0 || features.DayNumber(p.CreatedAt) > s.state.FirstDay {
				return nil
			}
			from = s.state.FirstDay
		}
		if s.day.Number-from < dormantDays { // what else was seen of the user makes it shorter
			return nil
		}
		x := s.silenceOf(u, from)
		if x.days < dormantDays {
			return nil
		}
		since := "last seen on " + features.DayTime(x.last).Format(time.DateOnly)
		switch {
		case x.met:
			since += ", in a meeting"
		case x.last == 0:
			since = "not seen since the records begin on " + features.DayTime(s.state.FirstDay).Format(time.DateOnly) + ", made on " + p.CreatedAt.Format(time.DateOnly)
		}
		familiar := a.Days > 0 && s.allFamiliar(a, u)
		usual := x.longest >= dormantDays && float64(x.days) <= usualSilence*float64(x.longest)
		f := s.finding(u)
		f.Observed, f.Expected, f.Unit, f.Score, f.Alert = float64(x.days), dormantDays, "days of silence", float64(x.days), !familiar && !usual
		if x.days >= longDormantDays {
			f.Severity = "high"
		}
		rows := s.rows(u, func(*features.Rows, int) bool { return true })
		indicators := s.lastIndicators(u)
		indicators["days_since_last_activity"] = x.days
		f.Evidence.Details = map[string]any{"gap_days": x.days, "earlier_active_days": a.Days, "familiar_place_and_client": familiar, "usual_gap": x.longest,
			"ip": distinct(rows, s.day.Rows.IP), "country": distinct(rows, s.day.Rows.Country), "client_type": distinct(rows, s.day.Rows.Client), "indicators": indicators}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: active after %d days of silence (%s).", u.Email, x.days, since)
		switch {
		case familiar:
			f.Summary += " Not an alert: every sign-in came from a network and with a client of the user's own."
		case usual:
			f.Summary += fmt.Sprintf(" Not an alert: the user was silent for %d days before.", x.longest)
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
		indicators := s.lastIndicators(u)
		indicators["account_status_inactive"] = source
		f.Evidence.Details = map[string]any{"removed_at": time.Unix(removed, 0).UTC().Format(time.RFC3339), "source": source, "indicators": indicators}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: %s after the account was removed on %s (%s).", u.Email, plural(float64(len(rows)), "sign-ins or operations"),
			time.Unix(removed, 0).UTC().Format(time.DateTime), source)
		return []Finding{f}
	})
}
