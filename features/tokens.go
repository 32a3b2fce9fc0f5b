package features

import (
	"math"
	"math/bits"
	"slices"
)

// An Event is one row of a user's day as the tokens see it. Texts are numbers of the state's dictionary (see State.Dictionary); 0 means not known.
type Event struct {
	Second      int64  // seconds since 1970, UTC
	LocalSecond int64  // the same moment on the user's wall clock, as if that were UTC
	Action      uint32 // "Sign in", "Sign out", or "Category|Action"
	SignIn      bool   // whether the context below counts
	Prefix      uint32
	Network     uint32
	Country     uint32
	Client      uint32
	Version     uint32
	Setting     uint32 // "Category|setting" of an operation that changed one
}

// context returns the texts of the context channels, from Prefix on.
func (e *Event) context() [Setting - Prefix]uint32 {
	return [...]uint32{e.Prefix, e.Network, e.Country, e.Client, e.Version}
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
	if d := floorMod(floorDiv(local, 86400)+4, 7); d == 0 || d == 6 { // 1970 began on a Thursday, 4
		key += partOfWeek
	}
	return key | uint64(floorMod(local, 86400)/3600/partHours)<<8
}

// sum returns the total weight.
func (v Vector) sum() float64 {
	var s float64
	for _, x := range v.X {
		s += x
	}
	return s
}

// Tokenise works out the tokens and contexts of a day's user-days from their events, which must be in order of time, and looks up their accounts. It may number new
// words and tokens but learns nothing. The numbers depend on the order of users and events alone.
func (s *State) Tokenise(users []UserDay) {
	v := s.vocab
	s.countOwners()
	for i := range users {
		u := &users[i]
		u.Account = s.Account(u.Email)
		for k := range u.Events {
			v.learnWords(&u.Events[k])
		}
	}
	fresh := make([][]freshToken, len(users))
	ParallelBlocks(len(users), func(lo, hi int) {
		var keys tokenKeys
		for i := lo; i < hi; i++ {
			keys.gather(v, users[i].Events)
			users[i].Tokens, fresh[i] = v.look(&keys)
		}
	})
	for i := range users {
		v.number(&users[i].Tokens, fresh[i])
	}
	Parallel(len(users), func(i int) {
		users[i].Contexts = v.contexts(users[i].Events)
		users[i].Elsewhere = s.elsewhere(&users[i])
	})
}

func (v *vocabulary) learnWords(e *Event) {
	v.learnWord(e.Action)
	if e.Setting != 0 {
		v.learnWord(e.Setting)
	}
	if e.SignIn {
		for _, code := range e.context() {
			if code != 0 {
				v.learnWord(code)
			}
		}
	}
}

// tokenise is Tokenise for one user-day.
func (v *vocabulary) tokenise(events []Event) [Channels]Vector {
	for i := range events {
		v.learnWords(&events[i])
	}
	var keys tokenKeys
	keys.gather(v, events)
	out, fresh := v.look(&keys)
	v.number(&out, fresh)
	return out
}

// tokenKeys are the tokens of a user-day by key, one entry per occurrence.
type tokenKeys [Channels][]uint64

// gather turns events sorted by time into token keys.
//
// Gap classes: 0 for less than a second, else floor(log2 seconds) + 1. Pace classes: up to 2 s, a minute, half an hour, more.
func (t *tokenKeys) gather(v *vocabulary, events []Event) {
	for c := range t {
		t[c] = t[c][:0]
	}
	var (
		lastAction, lastGap uint64
		lastSecond          int64
		run                 int
	)
	for i := range events {
		e := &events[i]
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
			t[Pair] = append(t[Pair], lastAction<<(8+wordBits)|a<<8|pace)
			if i > 1 {
				t[Rhythm] = append(t[Rhythm], lastGap<<8|gap)
			}
			lastGap = gap
		}
		t[Act] = append(t[Act], a<<8)
		t[Pace] = append(t[Pace], a<<8|gap)
		t[Hour] = append(t[Hour], uint64(floorMod(e.LocalSecond, 86400)/3600)<<8|pace)
		if !v.plain {
			t[Hour] = append(t[Hour], weekPart(e.LocalSecond))
		}
		if e.Setting != 0 {
			t[Setting] = append(t[Setting], v.word(e.Setting)<<8)
		}
		if i > 0 && a == lastAction {
			run++
		} else {
			if i > 0 {
				t[Run] = append(t[Run], lastAction<<8|uint64(bits.Len(uint(run))-1))
			}
			run = 1
		}
		lastAction, lastSecond = a, e.Second
		if e.SignIn {
			for i, code := range e.context() {
				if code != 0 {
					t[Prefix+Channel(i)] = append(t[Prefix+Channel(i)], v.word(code)<<8)
				}
			}
		}
	}
	if run > 0 {
		t[Run] = append(t[Run], lastAction<<8|uint64(bits.Len(uint(run))-1))
	}
	for c := range t {
		slices.Sort(t[c])
	}
	// How much of each action: one token for each run of equal keys, which are in order already.
	for i := 0; i < len(t[Act]); {
		j := i
		for j < len(t[Act]) && t[Act][j] == t[Act][i] {
			j++
		}
		t[Level] = append(t[Level], t[Act][i]|uint64(bits.Len(uint(j-i))-1))
		i = j
	}
}

// freshToken is a token that has no number yet: where it stands among the tokens of its user-day.
type freshToken struct {
	channel Channel
	at      int
	key     uint64
}

// look numbers and weighs the tokens. The weight is ln(1 + count), so that a burst says little more than a few; on the level channel it is 1. It changes nothing:
// tokens without a number are returned for number to give them one.
func (v *vocabulary) look(t *tokenKeys) (out [Channels]Vector, fresh []freshToken) {
	n := 0
	for c := range t {
		for i, k := range t[c] {
			if i == 0 || k != t[c][i-1] {
				n++
			}
		}
	}
	ids, x := make([]uint32, 0, n), make([]float64, 0, n)
	for c := range t {
		from := len(ids)
		sorted := true
		for i := 0; i < len(t[c]); {
			key, j := t[c][i], i
			for j < len(t[c]) && t[c][j] == key {
				j++
			}
			id, ok := v.tokens[c][key]
			if !ok {
				fresh = append(fresh, freshToken{Channel(c), len(ids) - from, key})
			} else if len(ids) > from && ids[len(ids)-1] > id {
				sorted = false
			}
			ids = append(ids, id)
			x = append(x, math.Log1p(float64(j-i)))
			i = j
		}
		to := len(ids)
		out[c] = Vector{IDs: ids[from:to:to], X: x[from:to:to]}
		if Channel(c) == Level {
			for i := range out[c].X {
				out[c].X[i] = 1
			}
		}
		if !v.plain && Channel(c) < Prefix { // places and clients are few a day, and a profile of them should be quick
			out[c].damp()
		}
		if !sorted && (len(fresh) == 0 || fresh[len(fresh)-1].channel != Channel(c)) {
			out[c].sort()
		}
	}
	return out, fresh
}

// number gives numbers to the tokens that look found none for.
func (v *vocabulary) number(vectors *[Channels]Vector, fresh []freshToken) {
	for i, f := range fresh {
		vectors[f.channel].IDs[f.at] = v.token(f.channel, f.key)
		if i == len(fresh)-1 || fresh[i+1].channel != f.channel {
			vectors[f.channel].sort()
		}
	}
}

// sort orders the tokens by number: an insertion sort, as there are few and most are in order.
func (v Vector) sort() {
	for i := 1; i < len(v.IDs); i++ {
		id, x := v.IDs[i], v.X[i]
		k := i
		for k > 0 && v.IDs[k-1] > id {
			v.IDs[k], v.X[k] = v.IDs[k-1], v.X[k-1]
			k--
		}
		v.IDs[k], v.X[k] = id, x
	}
}
