package models

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

func rhythmDetections() []Detection {
	const group = "Activity rate"
	return []Detection{
		{ID: "ZW-RTE-02", rows: []string{"ingest.activities"}, Title: "Spike in sign-ins of the organisation", Class: Behavior, Severity: "low", Group: group, Kind: "rule", Data: []string{signins}, Techniques: []string{"T1110.003"}, set: true,
			About: "A quarter of an hour with far more sign-ins than the busiest at that time of day, give or take a quarter, on the working days (or weekends) of the four weeks before: at least ten, and " +
				"six robust standard deviations above the median."},
		{ID: "ZW-RTE-03", Title: "Unusual hour for the user", Class: Behavior, Severity: "info", Group: group, Kind: "rule", Data: []string{signins, users}, Hint: true, Techniques: []string{"T1078.004"},
			About: "A sign-in at an hour at which, as in the hours beside it, the user was never active, and that holds less than 1 % of the user's activity. Abroad the clock of the place counts too.",
			find:  findHour},
		{ID: "ZW-RTE-13", Title: "Session of unusual length", Class: Behavior, Severity: "info", Group: group, Kind: "rule", Data: []string{signins}, Hint: true, Techniques: []string{"T1539"},
			About: "A session of more than a day from sign-in to sign-out, five standard deviations longer (on a logarithmic scale) than the user's usual with that client. Sessions without a sign-out say nothing.",
			find:  findLongSession},
	}
}

const (
	// hourDays and hourSignIns are the earlier active days and sign-ins before somebody's hours are known.
	hourDays    = 14
	hourSignIns = 20
	// hourBar is the share of a user's activity below which an hour is unusual.
	hourBar = 0.01
)

// findHour reports sign-ins at hours at which a user never is active.
func findHour(s *scene) []Finding {
	r := s.day.Rows
	everybody := s.state.EverybodysHours()
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		if !s.settledIn(a) || a.Days < hourDays || a.Volumes[signInBehaviour].Sum < hourSignIns {
			return nil
		}
		hours := s.state.HoursOf(a, &everybody)
		for i := u.Lo; i < u.Hi; i++ {
			if !r.Has(i, features.SignIn) {
				continue
			}
			hour, tail, apart := s.hourOf(a, i, &hours)
			if !apart || tail >= hourBar {
				continue
			}
			at, _ := r.Place(i)
			indicators := s.indicators(a, at)
			indicators["hour_rarity"] = rounded(tail)
			f := s.finding(u)
			f.span(r, []int{i})
			f.P, f.Observed, f.Unit, f.Score = tail, float64(hour), "h by the user's clock", -math.Log10(tail)
			f.Evidence.Details = map[string]any{"local_time": r.Local(i).Format(time.TimeOnly), "p_value": rounded(tail), "usual_hours": usualHours(&hours), "indicators": indicators}
			f.Evidence.Events = s.notes([]int{i})
			f.Summary = fmt.Sprintf("%s: signed in at %s by the user's clock; %.2g %% of the user's activity is at hours as rare, usually it is at %s. Judged from %s.", u.Email,
				r.Local(i).Format("15:04"), 100*tail, usualHours(&hours), history(a))
			return []Finding{f}
		}
		return nil
	})
}

// usualHours writes the hours of a user that hold at least a twentieth of the activity, as spans.
func usualHours(h *features.Hours) string {
	var spans []string
	usual := func(k int) bool { return h.Used[k] && h.Share[k] >= 0.05 }
	for k := 0; k < 24; k++ {
		if !usual(k) {
			continue
		}
		end := k
		for end < 23 && usual(end+1) {
			end++
		}
		spans = append(spans, fmt.Sprintf("%02d to %02d h", k, end+1))
		k = end
	}
	if len(spans) == 0 {
		return "no hours in particular"
	}
	return strings.Join(spans, " and ")
}

const (
	// lengthSessions is how many sessions with a sign-out say what is usual, after their decay.
	lengthSessions = 18
	lengthZ        = 5
	lengthHours    = 24
)

// findLongSession reports sessions far longer than the user's usual.
func findLongSession(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) (out []Finding) {
		features.Follow(r, u, func(row int, sessions []features.Session) {
			x, ok := features.SessionWith(sessions, r.Client(row))
			if !ok || r.Kind(row) != "sign_out" || x.Lengths.N < lengthSessions {
				return
			}
			hours, ok := x.Hours(r.Second(row))
			z := x.Lengths.Z(hours)
			if !ok || hours <= lengthHours || z < lengthZ {
				return
			}
			usual := math.Exp(x.Lengths.Mean)
			opened := time.Unix(x.Second, 0).UTC()
			f := s.finding(u)
			f.Key = x.Client
			f.First, f.Last = opened, r.At(row)
			f.Start = minTime(f.Start, opened)
			f.Observed, f.Expected, f.Unit, f.Score = rounded(hours), rounded(usual), "hours", z
			f.Evidence.Details = map[string]any{"client_type": x.Client, "duration_hours": rounded(hours), "usual_hours": rounded(usual), "z": rounded(z), "signed_in_from": describePlace(x.Place),
				"indicators": map[string]any{"session_length_z": rounded(z)}}
			f.Evidence.Events = s.notes([]int{row})
			f.Summary = fmt.Sprintf("%s: a session with %s lasted %.0f hours from sign-in to sign-out, usually %.2g; %.1f standard deviations longer.", u.Email, clientWords(x.Client), hours, usual, z)
			out = append(out, f)
		})
		return out
	})
}
