package features

import (
	"math"
	"slices"
)

// Decay is the weight that a day of history keeps per further day: of activity for a user's own profile, of the calendar for the pool. Half of it is gone after
// 69 days.
const Decay = 0.99

const (
	// maxTokens bounds a profile per channel: the heaviest stay. On a real data set the quality is the same with 512 as without a bound.
	maxTokens = 512
	// minWeight is where a decayed token is forgotten.
	minWeight = 0.05
	// minScale is where a running scale factor is multiplied into the weights, before it gets too small to divide by.
	minScale = 1e-6
)

// A Profile is what one user used to do on one channel: decayed weights by token. Weights are kept divided by Scale, so that a decay is one multiplication. They are
// most of what a state holds and seven digits are plenty, so they are of single precision.
type Profile struct {
	IDs     []uint32
	W       []float32 // true weight: W[i] * Scale
	Scale   float64
	Mass    float64 // sum of all true weights, forgotten ones too
	Days    float64 // decayed number of days in the pool, as of LastDay
	LastDay int64
}

// Weight returns the user's weight of a token.
func (p *Profile) Weight(token uint32) float64 {
	if i, ok := slices.BinarySearch(p.IDs, token); ok {
		return float64(p.W[i]) * p.Scale
	}
	return 0
}

// DaysAt returns the user's own mass in the pool as of a day.
func (p *Profile) DaysAt(day int64) float64 {
	if p.Days == 0 {
		return 0
	}
	return p.Days * DecayOver(day-p.LastDay)
}

// learn decays the profile by a day of activity and adds that day.
func (p *Profile) learn(v Vector, day int64) {
	if len(v.IDs) == 0 {
		return
	}
	if p.Scale == 0 {
		p.Scale = 1
	}
	damping := v.Damping
	if damping == 0 {
		damping = 1
	}
	p.Scale *= Decay
	if p.Scale < minScale {
		for i := range p.W {
			p.W[i] *= float32(p.Scale)
		}
		p.Scale = 1
	}
	gain := damping / p.Scale
	if !p.addKnown(v, gain) {
		p.merge(v, gain)
	}
	p.Mass = p.Mass*Decay + damping*v.sum()
	p.Days = p.DaysAt(day) + 1
	p.LastDay = day
}

// addKnown adds a day whose tokens are all in the profile; it does nothing and returns false when one is not.
func (p *Profile) addKnown(v Vector, gain float64) bool {
	j := 0
	for _, id := range v.IDs {
		for j < len(p.IDs) && p.IDs[j] < id {
			j++
		}
		if j == len(p.IDs) || p.IDs[j] != id {
			return false
		}
	}
	j = 0
	for i, id := range v.IDs {
		for p.IDs[j] < id {
			j++
		}
		p.W[j] += float32(v.X[i] * gain)
	}
	return true
}

// merge adds a day with new tokens and forgets those that have become too light.
func (p *Profile) merge(v Vector, gain float64) {
	ids := make([]uint32, 0, len(p.IDs)+len(v.IDs))
	w := make([]float32, 0, len(p.IDs)+len(v.IDs))
	floor := float32(minWeight / p.Scale)
	i, j := 0, 0
	for i < len(p.IDs) || j < len(v.IDs) {
		switch {
		case j == len(v.IDs) || i < len(p.IDs) && p.IDs[i] < v.IDs[j]:
			if p.W[i] >= floor {
				ids, w = append(ids, p.IDs[i]), append(w, p.W[i])
			}
			i++
		case i == len(p.IDs) || v.IDs[j] < p.IDs[i]:
			ids, w = append(ids, v.IDs[j]), append(w, float32(v.X[j]*gain))
			j++
		default:
			ids, w = append(ids, p.IDs[i]), append(w, p.W[i]+float32(v.X[j]*gain))
			i, j = i+1, j+1
		}
	}
	p.IDs, p.W = heaviest(ids, w, maxTokens)
}

// heaviest keeps the n tokens of greatest weight; of equal weights, those seen first in the tenant.
func heaviest(ids []uint32, w []float32, n int) ([]uint32, []float32) {
	if len(ids) <= n {
		return ids, w
	}
	sorted := slices.Clone(w)
	slices.Sort(sorted)
	bar := sorted[len(sorted)-n]
	above := 0
	for _, x := range w {
		if x > bar {
			above++
		}
	}
	atBar := n - above
	k := 0
	for i, x := range w {
		if x > bar || x == bar && atBar > 0 {
			if x == bar {
				atBar--
			}
			ids[k], w[k] = ids[i], x
			k++
		}
	}
	return ids[:k], w[:k]
}

// A Pool is what everybody used to do on one channel. Every accepted user-day has mass 1 in it, so that no loud user drowns the others.
type Pool struct {
	W     []float64 // by token; true weight: W[i] * Scale
	Scale float64
	Total float64
	Known int // tokens that were ever accepted
}

// Weight returns the pool's weight of a token.
func (p *Pool) Weight(token uint32) float64 {
	if int(token) < len(p.W) {
		return p.W[token] * p.Scale
	}
	return 0
}

// decay ages the pool by calendar days.
func (p *Pool) decay(days int64) {
	if p.Scale == 0 {
		p.Scale = 1
	}
	f := DecayOver(days)
	p.Scale *= f
	p.Total *= f
	if p.Scale < minScale {
		for i := range p.W {
			p.W[i] *= p.Scale
		}
		p.Scale = 1
	}
}

// learn adds a user-day.
func (p *Pool) learn(v Vector) {
	sum := v.sum()
	if sum <= 0 {
		return
	}
	if last := int(v.IDs[len(v.IDs)-1]); last >= len(p.W) {
		p.W = append(p.W, make([]float64, last+1-len(p.W))...)
	}
	for i, t := range v.IDs {
		if p.W[t] == 0 {
			p.Known++
		}
		p.W[t] += v.X[i] / sum / p.Scale
	}
	p.Total++
}

// A Shared is what a group of users used to do on one channel, in the terms of the pool: every user-day has mass 1, and a calendar day takes its share.
type Shared struct {
	Pool
	LastDay int64 // of Learn
}

// Learn adds the bags of a group's accepted user-days of one day.
func (g *Shared) Learn(bags []Vector, day int64) {
	days := int64(0)
	if g.LastDay != 0 {
		days = day - g.LastDay
	}
	g.decay(days)
	for _, v := range bags {
		g.learn(v)
	}
	g.LastDay = day
}

// decayTable holds the powers of Decay.
var decayTable = func() []float64 {
	t := make([]float64, 1024)
	for i := range t {
		t[i] = math.Pow(Decay, float64(i))
	}
	return t
}()

// DecayOver returns what is left of a weight after so many days.
func DecayOver(days int64) float64 {
	if days >= 0 && days < int64(len(decayTable)) {
		return decayTable[days]
	}
	return math.Pow(Decay, float64(days))
}
