package models

import (
	"math"

	"github.com/zoomward/zoomward/features"
)

// driftBehaviours are those whose slow growth is watched: amounts, not places.
var driftBehaviours = func() []int {
	var out []int
	for _, id := range []string{"sign_ins", "operations", "admin_operations", "recording_deletions", "recording_accesses", "user_removals"} {
		out = append(out, features.BehaviourIndex(id))
	}
	return out
}()

// judge works out the statistics of every user-day: the tail of its volumes, its drift, and the p-values of both questions joined.
func (e *engine) judge(s *scene) {
	s.judged = make([]judged, len(s.day.Users))
	features.Parallel(len(s.day.Users), func(i int) {
		u := &s.day.Users[i]
		a := u.Account
		j := judged{worst: -1, worstDrift: -1, worstP: 1, learning: a.Days < e.config.LearningDays || e.Identity.Model == nil || s.day.Number-s.state.FirstDay < watchedWeek}
		tests := 0
		for b, x := range u.Counts {
			if x < 1 {
				continue
			}
			tests++
			if p := s.predict[i][b].UpperTail(x); p < j.worstP {
				j.worstP, j.worst = p, b
			}
		}
		// The least of several tail probabilities, by Sidak's correction for their number.
		j.volume = -math.Log10(-math.Expm1(float64(max(tests, 1)) * math.Log1p(-min(j.worstP, 1-1e-12))))
		if j.worstP < 1e-12 { // where 1-p rounds to 1
			j.volume = -math.Log10(j.worstP * float64(tests))
		}
		for _, b := range driftBehaviours {
			v := a.Volumes[b]
			if d := features.NextDrift(v.Drift, u.Counts[b], s.predict[i][b]); d > j.drift && u.Counts[b] > 0 {
				j.drift, j.worstDrift = d, b
			}
		}
		j.identityP, j.identityT = e.IdentityPast.P(s.identity[i].Score)
		j.volumeP, j.volumeT = e.VolumePast.P(j.volume)
		j.driftP, j.driftT = e.DriftPast.P(j.drift)
		j.joint = Cauchy(j.identityP, j.volumeP)
		s.judged[i] = j
	})
}
