package zoomtest

import (
	"math"
	"math/rand/v2"
)

// A purpose separates the random streams of one user and day, so that drawing more of one thing never shifts another.
type purpose uint64

const (
	forAccount purpose = iota + 1
	forPerson
	forSignIns
	forOwnOperations
	forAdministration
	forPresence
	forLeave
	forTrip
	forLease
	forMobile
	forCleanUp
	forOperationGate
	forSettings
	forLifecycle
	forAttacks
	forService
	forBilling
	forIdentity
	forTeams
	forMeetings
	forAttendance
	forGuests
	forDevices
	forRecordings
	forChannels
	forApps
	forPersonSettings
	forSchedule
	forRelay
)

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// hash names one random value by what it is for.
func hash(seed uint64, what purpose, a, b int) uint64 {
	return mix(mix(mix(seed^uint64(what)<<48)^uint64(int64(a))) ^ uint64(int64(b)))
}

// unit maps a hash to [0, 1).
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// A stream is a reusable generator: reseeding costs nothing, so each user and day has its own.
type stream struct {
	pcg *rand.PCG
	*rand.Rand
}

func newStream() *stream {
	p := rand.NewPCG(0, 0)
	return &stream{pcg: p, Rand: rand.New(p)}
}

func (s *stream) reseed(h uint64) { s.pcg.Seed(h, mix(h)) }

// poisson draws a count by Knuth's product method; mean is small everywhere it is used.
func (s *stream) poisson(mean float64) int {
	if mean <= 0 {
		return 0
	}
	limit, n := math.Exp(-mean), 0
	for p := s.Float64(); p > limit; p *= s.Float64() {
		n++
	}
	return n
}

// between draws uniformly from [lo, hi).
func (s *stream) between(lo, hi float64) float64 { return lo + (hi-lo)*s.Float64() }

// chance is true with probability p.
func (s *stream) chance(p float64) bool { return s.Float64() < p }
