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
	Setting     string // "category|setting" of an operation that changed one; "" for none
}

// A Vector is a bag of tokens of one channel: token numbers in rising order with their weights.
type Vector struct {
	IDs []uint32
	X   []float64
	// Damping is what the weights are multiplied by when they enter their user's own past; 0 stands for 1.
	Damping float64
}

// A day of many tokens enters its user's past with less than its weight, (usualWeight/weight)^dampingPower of it, so that one wild day does not become what is
// normal; a day of few with more. Source: experiments on real activity with planted takeovers; the choice sits on a plateau.
const (
	usualWeight  = 20
	dampingPower = 0.3
)

// damp sets the vector's damping.
func (v *Vector) damp() {
	if len(v.IDs) > 0 {
		v.Damping = math.Pow(usualWeight/v.sum(), dampingPower)
	}
}

// Plain switches off what this package adds to the published form of the tokens and profiles (the part of the week among the hours, the damping of long days),
// so that they can be compared with another implementation.
func (s *State) Plain() { s.vocab.plain = true }

// Tokens of the part of the week stand beside the hours, so that the hour of a working day and of a weekend differ while sharing what they have in common.
const (
	partHours  = 4
	partOfWeek = 1 << 20 // added once for a working day, twice for Saturday and Sunday
)

// weekPart is the token key of a moment's part of the week.
func weekPart(local int64) uint64 {
	key := uint64(partOfWeek)
	if d := (local/86400 + 4) % 7; d == 0 || d == 6 { // 1970 began on a Thursday, 4
		key += partOfWeek
	}
	return key | uint64(local/3600%24/partHours)<<8
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
		if !v.plain {
			add(Hour, weekPart(e.LocalSecond))
		}
		if e.Setting != "" {
			add(Setting, v.word(e.Setting)<<8)
		}
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
	if !v.plain {
		for c := range Prefix { // places and clients are few a day, and a profile of them should be quick
			out[c].damp()
		}
	}
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
