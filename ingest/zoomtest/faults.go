package zoomtest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// A Fault is one way in which a request goes wrong.
type Fault string

// Faults that take the place of an answer. Those before FaultAccessToken401 strike before the request is judged: they cost nothing of the rate
// limits, and hit the token and revoke endpoints too.
const (
	FaultInternalError  Fault = "500"              // with Zoom's JSON body
	FaultBadGateway     Fault = "502"              // with a proxy's HTML page
	FaultUnavailable    Fault = "503"              // with Retry-After in seconds
	FaultQuotedError    Fault = "unescaped quotes" // 500 with a body that is JSON but for the quotes in its message
	FaultNotJSON        Fault = "not JSON"         // 200 with an HTML page
	FaultReset          Fault = "reset"            // the connection ends before the first byte of an answer
	FaultTooMany        Fault = "429 QPS"          // X-RateLimit headers of the per-second limit, no Retry-After
	FaultTooManyBare    Fault = "429 bare"         // neither
	FaultTooManySeconds Fault = "429 seconds"      // Retry-After is a number
	FaultTooManyDate    Fault = "429 HTTP date"    // Retry-After is as RFC 9110 spells dates
	FaultTooManyInstant Fault = "429 instant"      // Retry-After is as Zoom spells it, ISO 8601
	FaultAccessToken401 Fault = "401 access token" // code 124, expired, though the token is fresh
	FaultAccessToken400 Fault = "400 access token" // the same with the other status Zoom uses
	FaultPageToken      Fault = "page token"       // 400 with code 300 on a page after the first
	FaultCutBody        Fault = "cut body"         // half of a 200's body, less than Content-Length says
	FaultCutChunks      Fault = "cut chunks"       // half of a 200's body in chunks, and no last one
	FaultRepeatedRow    Fault = "repeated row"     // a row of a page comes twice, so the page is longer by one
	FaultRepeatedOnNext Fault = "repeated on next" // a page begins with the last row of the page before, so it is longer by one
	FaultLate           Fault = "late row"         // see Faults.Late
	FaultRefused        Fault = "refused endpoint" // see Faults.Refused
)

// failures are the faults that take the place of an answer; a request has one at the most. Their order is part of what a seed means.
var failures = [...]Fault{
	FaultInternalError, FaultBadGateway, FaultUnavailable, FaultQuotedError, FaultNotJSON, FaultReset,
	FaultTooMany, FaultTooManyBare, FaultTooManySeconds, FaultTooManyDate, FaultTooManyInstant,
	FaultAccessToken401, FaultAccessToken400, FaultPageToken, FaultCutBody, FaultCutChunks,
}

// rowRepeats are the faults that leave an answer an answer.
var rowRepeats = [...]Fault{FaultRepeatedRow, FaultRepeatedOnNext}

// Defaults of Faults. A client that tries a call four times gets through two failures with a try to spare.
const (
	defaultMaxRun     = 2
	defaultRetryAfter = time.Second
)

// Faults are what goes wrong. What happens to a request follows from Seed and from how many requests came to its path before, what happens to
// a row from Seed and the row: clients that send the same requests meet the same faults. SetFaults starts counting again.
//
// With MaxRun a client makes progress if it tries a call more than MaxRun times, asks for a new access token once a call, and starts a
// listing over at least MaxRun times.
type Faults struct {
	Seed uint64
	// Rates are the shares, 0 to 1, of requests that meet a fault where it applies: page tokens on pages after the first, row faults on pages with
	// rows. The rates of the faults that take the place of an answer add up to 1 at the most; the row faults are drawn apart.
	Rates map[Fault]float64
	// MaxRun is how many failures follow each other at the most: on one path, on one request and its repeats, and how often one listing loses
	// its page token before it is read to its end. Of a request's run, one failure at the most is about its access token. Default 2.
	MaxRun int
	// RetryAfter is how long FaultUnavailable and the 429s with Retry-After ask to wait, in whole seconds (rounded up). Default 1 s.
	RetryAfter time.Duration
	// Latency goes before every answer, and a random share of Jitter with it.
	Latency, Jitter time.Duration
	// Late is the share, 0 to 1, of report rows that are not there until up to LateBy after their time. Each has a delay of its own, drawn
	// evenly. Time is the account's present: AsOf, or else Now. A page is shorter by the rows that it lacks, and may be empty.
	Late   float64
	LateBy time.Duration
	// Skew is how far the server's clock is ahead of Now and AsOf: in the Date header, in Retry-After, in the day that reports reach back from,
	// in the end of the daily quota, and for late rows. Tokens and the windows of rate limits do not notice.
	Skew time.Duration
	// Refused are paths, spelled as in Traffic.Calls ("/v2/report/operationlogs"), that answer 400 with code 4711 whatever the token's scopes.
	Refused []string
	// RefusedQuoted answers those with code 104 and quotes that are not escaped, as one of Zoom's services does.
	RefusedQuoted bool
}

// withDefaults copies the faults, fills in what is empty and refuses what cannot be.
func (f Faults) withDefaults() (Faults, error) {
	f.Rates, f.Refused = maps.Clone(f.Rates), slices.Clone(f.Refused)
	if f.MaxRun == 0 {
		f.MaxRun = defaultMaxRun
	}
	if f.RetryAfter == 0 {
		f.RetryAfter = defaultRetryAfter
	}
	if f.MaxRun < 0 || f.RetryAfter < 0 || f.Latency < 0 || f.Jitter < 0 || f.LateBy < 0 {
		return f, errors.New("faults: a length is negative")
	}
	if !isShare(f.Late) {
		return f, fmt.Errorf("faults: share %v of late rows: must be from 0 to 1", f.Late)
	}
	sum := 0.0
	for fault, rate := range f.Rates {
		failure := slices.Contains(failures[:], fault)
		switch {
		case !failure && !slices.Contains(rowRepeats[:], fault):
			return f, fmt.Errorf("faults: %q has no rate", fault)
		case !isShare(rate):
			return f, fmt.Errorf("faults: rate %v of %q: must be from 0 to 1", rate, fault)
		case failure:
			sum += rate
		}
	}
	if sum > 1+1e-9 { // the sum of decimal shares is inexact
		return f, fmt.Errorf("faults: the rates of failures add up to %v: must be 1 at the most", sum)
	}
	return f, nil
}

func isShare(x float64) bool { return x >= 0 && x <= 1 && !math.IsNaN(x) }

// SetFaults changes what goes wrong from the next request on, nil for nothing. It refuses shares outside 0 to 1 and paths that are not served.
func (h *Handler) SetFaults(f *Faults) error {
	if f == nil {
		h.faults.Store(nil)
		return nil
	}
	full, err := f.withDefaults()
	if err != nil {
		return err
	}
	for _, path := range full.Refused {
		if !slices.ContainsFunc(h.allEndpoints(), func(e endpoint) bool { return e.pattern() == path }) {
			return fmt.Errorf("faults: refused path %q is not served", path)
		}
	}
	h.faults.Store(newFaultState(full, h.traffic))
	return nil
}
