package models

import (
	"fmt"
	"time"

	"github.com/zoomward/zoomward/features"
)

const (
	rarelyGap   = 31    // days of silence; 90 of them are ZW-INA-01
	rarelyShare = 0.005 // of the organisation's user-days, that come from accounts as rarely used
)

// findRarelyUsed reports accounts that hardly anybody uses, used after a month or more of silence.
func findRarelyUsed(s *scene) []Finding {
	if s.watched() < rarelyGap {
		return nil
	}
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		gap := s.day.Number - a.LastDay
		if a.Days == 0 || gap < rarelyGap || gap >= dormantDays {
			return nil
		}
		var all, rarer float64
		for _, o := range s.state.Accounts() {
			all += float64(o.Days)
			if o.Days <= a.Days {
				rarer += float64(o.Days)
			}
		}
		share := rarer / all
		if share >= rarelyShare {
			return nil
		}
		x := s.silenceOf(u, a.LastDay)
		if gap = x.days; gap < rarelyGap { // in meetings all the while
			return nil
		}
		f := s.finding(u)
		f.Observed, f.Unit, f.Score = float64(gap), "days of silence", float64(gap)
		indicators := s.lastIndicators(u)
		indicators["days_since_last_activity"], indicators["active_day_share"] = gap, rounded(float64(x.quarter)/float64(min(activeWindow, s.watched())))
		f.Evidence.Details = map[string]any{"user": u.Email, "active_days": a.Days, "gap_days": gap, "last_seen": features.DayTime(x.last).Format(time.DateOnly), "p_value": rounded(share), "active_days_90": x.quarter,
			"indicators": indicators}
		f.Evidence.Events = s.notes(s.rows(u, func(*features.Rows, int) bool { return true }))
		f.Summary = fmt.Sprintf("%s: active after %d days of silence, and on %d days in all; accounts as rarely used make %.2g %% of the organisation's days.", u.Email, gap, a.Days, 100*share)
		return []Finding{f}
	})
}
