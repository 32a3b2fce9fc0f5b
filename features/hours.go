package features

import "math"

// Hours says when somebody is active, by the hour of the user's own clock.
type Hours struct {
	Share [24]float64 // of the activity, smoothed over the hours beside and backed off to everybody's; sums to 1
	Used  [24]bool    // whether the user was ever active in that hour
}

const (
	// hourPrior is the weight of everybody's hours beside a user's own, in days.
	hourPrior = 10
	// anyHour is the share of everybody's activity that may be at any hour, so that none is impossible.
	anyHour = 0.01
)

// EverybodysHours returns the share of each hour in what everybody does.
func (s *State) EverybodysHours() (share [24]float64) {
	sum := 0.0
	pool := &s.pools[Hour]
	for t, key := range s.vocab.Keys[Hour] {
		if key < partOfWeek {
			w := pool.Weight(uint32(t))
			share[(key>>8)%24] += w
			sum += w
		}
	}
	for h := range share {
		if sum > 0 {
			share[h] = (1-anyHour)*share[h]/sum + anyHour/24
		} else {
			share[h] = 1.0 / 24
		}
	}
	return share
}

// HoursOf returns a user's hours; everybody is EverybodysHours.
func (s *State) HoursOf(a *Account, everybody *[24]float64) (h Hours) {
	p := &a.Profiles[Hour]
	var own [24]float64
	sum := 0.0
	for i, t := range p.IDs {
		w := float64(p.W[i]) * p.Scale
		key := s.vocab.Keys[Hour][t]
		if key >= partOfWeek {
			continue
		}
		hour := (key >> 8) % 24
		own[hour] += w
		h.Used[hour] = true
		sum += w
	}
	days := math.Min(p.DaysAt(s.Day), float64(a.Days))
	weight := 0.0
	if sum > 0 {
		weight = days / (days + hourPrior)
	}
	for k := range h.Share {
		near := 0.0
		if sum > 0 {
			near = (own[(k+23)%24]/4 + own[k]/2 + own[(k+1)%24]/4) / sum
		}
		h.Share[k] = weight*near + (1-weight)*everybody[k]
	}
	return h
}

// Tail returns the share of activity in hours that are as rare as hour or rarer.
func (h *Hours) Tail(hour int) float64 {
	p := 0.0
	for _, x := range h.Share {
		if x <= h.Share[hour] {
			p += x
		}
	}
	return math.Min(p, 1)
}

// Apart says whether the user was never active in that hour nor in those beside it.
func (h *Hours) Apart(hour int) bool {
	return !h.Used[hour] && !h.Used[(hour+1)%24] && !h.Used[(hour+23)%24]
}
