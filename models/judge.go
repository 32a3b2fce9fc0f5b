package models

import (
	"math"
	"slices"

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
		j := judged{worst: -1, worstDrift: -1, worstP: 1}
		j.ready = a.Days >= e.config.LearningDays && e.Identity.Model != nil && s.watched() >= watchedWeek
		j.learning = !j.ready || s.watched() < minTenantDays
		tests := 0
		for b, x := range u.Counts {
			if x < 1 {
				continue
			}
			tests++
			p := s.predict[i][b].UpperTail(x)
			if x < volumeFloors[b] {
				p = max(p, smallP) // too few to be worth a finding, however rare: they must not fill the tail that findings are ranked in
			}
			p = max(p, recordTail(x, a.Volumes[b].Record, a.Days))
			if p < j.worstP {
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
		j.identityP, j.identityT = e.IdentityPast.rank(s.identity[i].Score, coin(s.day.Number, u.Email))
		j.volumeP, j.volumeT = e.VolumePast.rank(j.volume, coin(-s.day.Number, u.Email))
		j.driftP, j.driftT = e.DriftPast.P(j.drift)
		j.joint = Cauchy(j.identityP, j.volumeP)
		s.judged[i] = j
	})
	joint := make([]float64, len(s.judged))
	for i := range joint {
		joint[i] = s.judged[i].joint
	}
	e.Correction.apply(s.day.Weekday(), joint)
	for i := range joint {
		s.judged[i].joint = joint[i]
	}
}

// recordIndex is the index of the Pareto tail that is granted to a user's own record.
const recordIndex = 4

// recordTail is the least probability that a user's own record leaves to a count: what was done before is one day of so many at least, and beyond the record it falls
// no faster than a Pareto tail of index 4. Days of work come in bursts that no daily rate foretells: twice the record is no wonder, ten times is. 0 without a record.
func recordTail(x, record float64, days int64) float64 {
	if record == 0 {
		return 0
	}
	return math.Pow(min(1, record/x), recordIndex) / float64(days+1)
}

// smallP is the least tail probability of a count below the floor of every detection that could report it.
const smallP = 0.01

// volumeFloors are, by behaviour, the least counts that an alert may report; infinite where none does.
var volumeFloors = func() []float64 {
	out := slices.Repeat([]float64{math.Inf(1)}, len(features.Behaviours))
	for _, r := range volumeRules {
		if r.detection.Class == Alert {
			out[features.BehaviourIndex(r.behaviour)] = r.floor
		}
	}
	return out
}()

// coin draws from (0, 1] by a hash, the same in every run.
func coin(day int64, email string) float64 {
	return (float64(mix(uint64(day)^0x6a6f696e, hashString(email))>>11) + 1) / (1 << 53)
}
