package zoomtest

import (
	"math/rand/v2"
	"time"
)

// maxRandomRate bounds the share of each failure in a random schedule; about two in three are drawn, so a fifth of all requests fail on average.
const maxRandomRate = 0.04

// randomlyRefused are the paths that a random schedule may refuse: an account can be read without any one of them.
var randomlyRefused = [...]string{
	"/v2/report/operationlogs", "/v2/accounts/{}/settings", "/v2/accounts/{}/lock_settings", "/v2/groups", "/v2/roles", "/v2/chat/users/{}/channels",
}

// RandomFaults draws a schedule that mixes all faults at moderate rates, the same for the same seed. Latency is under a millisecond, and none in half
// of the schedules; Retry-After is a second. Rows are late by two days at the most. Clocks are off by seconds, or by hours where no Retry-After is
// a time of day. One schedule in six refuses a path, never users or sign-ins.
func RandomFaults(seed uint64) Faults {
	r := rand.New(rand.NewPCG(seed, mix(seed)))
	f := Faults{
		Seed: seed, Rates: map[Fault]float64{}, MaxRun: 1 + r.IntN(defaultMaxRun), RetryAfter: time.Second,
	}
	if r.IntN(2) == 0 {
		f.Latency, f.Jitter = time.Duration(r.IntN(100))*time.Microsecond, time.Duration(r.IntN(200))*time.Microsecond
	}
	for _, fault := range failures {
		if rate := maxRandomRate * r.Float64(); r.IntN(3) > 0 {
			f.Rates[fault] = rate
		}
	}
	for _, fault := range rowRepeats {
		f.Rates[fault] = r.Float64() / 2
	}
	if r.IntN(2) == 0 {
		f.Late, f.LateBy = r.Float64()/3, time.Duration(1+r.IntN(48))*time.Hour
	}
	f.Skew = time.Duration(r.IntN(10_001)-5_000) * time.Millisecond
	if f.Rates[FaultTooManyDate]+f.Rates[FaultTooManyInstant] == 0 {
		f.Skew = time.Duration(r.IntN(25)-12) * time.Hour
	}
	if r.IntN(6) == 0 {
		f.Refused = []string{randomlyRefused[r.IntN(len(randomlyRefused))]}
		f.RefusedQuoted = r.IntN(2) == 0
	}
	return f
}
