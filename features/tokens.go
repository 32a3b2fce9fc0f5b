package features

import (
	"math"
	"math/bits"
	"slices"
)

// An Event is one row of a user's day as the tokens see it.
type Event struct {
	Second      int64  // seconds since 1970, UTC
	LocalSecond int64  // the same moment on the user's wall clock, as if that were UTC
	Action      string // "Sign in", "Sign out", or "Category|Action"
	SignIn      bool   // whether the context below counts
	Prefix      string // context: "" means not known
	Network     string
	Country     string
	Client      string
	Version     string
}

// A Vector is a bag of tokens of one channel: token numbers in rising order with their weights.
type Vector struct {
	IDs []uint32
	X   []float64
}

// sum returns the total weight.
func (v Vector) sum() float64 {
	var s float64
	for _, x := range v.X {
		s += x
	}
	return s
}

// tokenise turns the events of one user-day, sorted by time, into one vector a channel. The weight of a token is ln(1 + its count), so that a burst says little more
// than a few; on the level channel it is 1.
//
// Gap classes: 0 for less than a second, else floor(log2 seconds) + 1. Pace classes: up to 2 s, a minute, half an hour, more.
func (v *vocabulary) tokenise(events []Event) [Channels]Vector {
	var counts [Channels][]uint32 // token numbers, one per occurrence
	add := func(c Channel, key uint64) { counts[c] = append(counts[c], v.token(c, key)) }
	perAction := map[uint64]int{}
	var actions []uint64 // the keys of perAction in order of first use: a map's order would number tokens differently in every run
	var (
		lastAction, lastGap uint64
		lastSecond          int64
		run                 int
	)
	for i, e := range events {
		a := v.word(e.Action)
		gap, pace := uint64(firstGap), uint64(9)
		if i > 0 {
			g := uint64(max(e.Second-lastSecond, 0))
			gap = uint64(bits.Len64(g))
			switch {
			case g <= 2:
				pace = 0
			case g <= 60:
				pace = 1
			case g <= 1800:
				pace = 2
			default:
				pace = 3
			}
			add(Pair, lastAction<<(8+wordBits)|a<<8|pace)
			if i > 1 {
				add(Rhythm, lastGap<<8|gap)
			}
			lastGap = gap
		}
		add(Act, a<<8)
		add(Pace, a<<8|gap)
		add(Hour, uint64(e.LocalSecond/3600%24)<<8|pace)
		if i > 0 && a == lastAction {
			run++
		} else {
			if i > 0 {
				add(Run, lastAction<<8|uint64(bits.Len(uint(run))-1))
			}
			run = 1
		}
		if perAction[a] == 0 {
			actions = append(actions, a)
		}
		perAction[a]++
		lastAction, lastSecond = a, e.Second
		if e.SignIn {
			for i, s := range [...]string{e.Prefix, e.Network, e.Country, e.Client, e.Version} {
				if s != "" {
					add(Prefix+Channel(i), v.word(s)<<8)
				}
			}
		}
	}
	if run > 0 {
		add(Run, lastAction<<8|uint64(bits.Len(uint(run))-1))
	}
	var out [Channels]Vector
	for c := range counts {
		out[c] = damped(counts[c])
	}
	for _, a := range actions {
		out[Level].IDs = append(out[Level].IDs, v.token(Level, a<<8|uint64(bits.Len(uint(perAction[a]))-1)))
	}
	slices.Sort(out[Level].IDs)
	out[Level].X = slices.Repeat([]float64{1}, len(out[Level].IDs))
	return out
}

// damped counts equal numbers and weighs them by ln(1 + count).
func damped(ids []uint32) Vector {
	slices.Sort(ids)
	var v Vector
	for i := 0; i < len(ids); {
		j := i
		for j < len(ids) && ids[j] == ids[i] {
			j++
		}
		v.IDs = append(v.IDs, ids[i])
		v.X = append(v.X, math.Log1p(float64(j-i)))
		i = j
	}
	return v
}
