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

// shapeWeight is the weight of the shape of a day beside that of identity and volume, which see most of the same evidence: alone it needs ten times the rarity.
const shapeWeight = 0.1

// judge works out the statistics of every user-day: the tail of its volumes, its drift, its shape, and the p-values joined.
func (e *engine) judge(s *scene) error {
	n, width := len(s.day.Users), len(shapeParts)
	s.judged = make([]judged, n)
	s.residuals = make([]float64, n*width)
	features.ParallelBlocks(n, func(lo, hi int) {
		tails := make([]float64, len(features.Behaviours))
		for i := lo; i < hi; i++ {
			u := &s.day.Users[i]
			a := u.Account
			j := judged{worstDrift: -1}
			j.ready = a.Days >= e.config.LearningDays && e.Identity.Model != nil && s.watched() >= watchedWeek
			j.learning = !j.ready || s.watched() < minTenantDays
			for b, x := range u.Counts {
				tails[b] = s.predict[i][b].UpperTail(x)
			}
			residuals(s.residuals[i*width:(i+1)*width], tails, e.Identity, s.identity[i].Z)
			j.volume = volumeStatistic(u, tails)
			j.ordinary = j.volume
			if s.eased(i, tails) {
				j.ordinary = volumeStatistic(u, tails)
			}
			for _, b := range driftBehaviours {
				v := a.Volumes[b]
				if d := features.NextDrift(v.Drift, u.Counts[b], s.predict[i][b]); d > j.drift && u.Counts[b] > 0 {
					j.drift, j.worstDrift = d, b
				}
			}
			s.judged[i] = j
		}
	})
	shapes, err := e.Shape.scores(s.residuals)
	if err != nil {
		return err
	}
	joint, decided := make([]float64, n), make([]float64, n)
	features.Parallel(n, func(i int) {
		u, j := &s.day.Users[i], &s.judged[i]
		j.shape = shapes[i]
		j.identityP, j.identityT = e.IdentityPast.rank(s.identity[i].Score, coin(s.day.Number, u.Email))
		u2 := coin(-s.day.Number, u.Email)
		j.volumeP, j.volumeT = e.VolumePast.rank(j.volume, u2)
		j.shapeP, _ = e.ShapePast.rank(j.shape, coin(s.day.Number<<20, u.Email))
		j.driftP, j.driftT = e.DriftPast.P(j.drift)
		join := func(volumeP float64) float64 {
			return WeightedCauchy([]float64{j.identityP, volumeP, j.shapeP}, []float64{(1 - shapeWeight) / 2, (1 - shapeWeight) / 2, shapeWeight})
		}
		joint[i] = join(j.volumeP)
		decided[i], j.ordinaryP = joint[i], j.volumeP
		if j.ordinary != j.volume {
			j.ordinaryP, _ = e.VolumePast.rank(j.ordinary, u2)
			decided[i] = join(j.ordinaryP)
		}
	})
	e.Correction.apply(s.day.Weekday(), joint)
	e.Correction.apply(s.day.Weekday(), decided)
	for i := range joint {
		s.judged[i].joint, s.judged[i].decided = joint[i], decided[i]
	}
	return nil
}

// volumeStatistic returns -log10 of the least tail probability of a user-day's counts, by Sidak's correction for their number.
func volumeStatistic(u *features.UserDay, tails []float64) float64 {
	least, tests := 1.0, 0.0
	for b, x := range u.Counts {
		if x < 1 || features.Behaviours[b].OfSession() {
			continue // what is said of sessions is said of the day already
		}
		tests++
		p := tails[b]
		if x < volumeFloors[b] {
			p = max(p, smallP) // too few to be worth a finding, however rare: they must not fill the tail that findings are ranked in
		}
		least = min(least, max(p, recordTail(x, u.Account.Volumes[b].Record, u.Account.Days)))
	}
	tests = max(tests, 1)
	if least < 1e-12 { // where 1-p rounds to 1
		return -math.Log10(least * tests)
	}
	return -math.Log10(-math.Expm1(tests * math.Log1p(-min(least, 1-1e-12))))
}

// eased raises the tails of what many others do on the same day to what they are on such a day, and tells whether there was any.
func (s *scene) eased(i int, tails []float64) (any bool) {
	for b, x := range s.day.Users[i].Counts {
		if x < 1 {
			continue
		}
		if nb := s.onBusyDay(i, b); nb != s.predict[i][b] {
			if p := nb.UpperTail(x); p > tails[b] {
				tails[b], any = p, true
			}
		}
	}
	return any
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
	return (float64(mix(uint64(day)^0x6a6f696e, features.Hash(email))>>11) + 1) / (1 << 53)
}
