package zoomtest

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"slices"
	"sync"
)

// Random streams of faults, apart from each other and from those of a Company.
const (
	forFailure purpose = iota + 1000
	forLatency
	forRepeatedRow
	forRepeatedOnNext
	forLate
	forLateBy
)

// maxRemembered bounds what is remembered of requests that nobody repeats and pages that nobody goes on from.
const maxRemembered = 4096

// A faultState is a schedule of faults under way.
type faultState struct {
	Faults
	traffic *traffic

	mu       sync.Mutex
	requests map[string]int             // by path, so far
	runs     map[string]int             // failures since the last answer, by path
	repeats  map[string]run             // the same by request
	listings map[string]int             // page tokens lost since the last page, by listing
	lastRows map[string]json.RawMessage // of pages, by the token of the page after
}

// A run is the failures of one request and its repeats.
type run struct {
	failures int
	token    bool // one of them was about the access token
}

func newFaultState(f Faults, t *traffic) *faultState {
	return &faultState{
		Faults: f, traffic: t,
		requests: map[string]int{}, runs: map[string]int{}, repeats: map[string]run{}, listings: map[string]int{}, lastRows: map[string]json.RawMessage{},
	}
}

// An incident is what is to happen to one request. A nil one is nothing.
type incident struct {
	*faultState
	path    string
	number  int // of the request on its path, from 1
	request string
	listing string // the request without its page token
	failure Fault  // "" for none
	struck  bool   // it has happened
}

type incidentKey struct{}

func incidentOf(r *http.Request) *incident {
	i, _ := r.Context().Value(incidentKey{}).(*incident)
	return i
}

func (i *incident) attach(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), incidentKey{}, i))
}

// draw decides what is to happen to a request.
func (s *faultState) draw(path string, r *http.Request) *incident {
	q := r.URL.Query()
	q.Del("next_page_token")
	i := &incident{faultState: s, path: path, request: r.Method + " " + r.URL.RequestURI(), listing: r.URL.EscapedPath() + "?" + q.Encode()}
	s.mu.Lock()
	s.requests[path]++
	i.number = s.requests[path]
	s.mu.Unlock()
	u := i.unit(forFailure)
	for _, fault := range failures {
		if u < s.Rates[fault] {
			i.failure = fault
			break
		}
		u -= s.Rates[fault]
	}
	return i
}

// unit is the request's random number for a purpose, in [0, 1).
func (i *incident) unit(what purpose) float64 {
	return unit(hash(i.Seed, what, int(textHash(i.path)), i.number))
}

func textHash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

// strikes reports whether one of some failures happens now. It is held back when too many have happened in a row.
func (i *incident) strikes(some ...Fault) bool {
	if i == nil || !slices.Contains(some, i.failure) {
		return false
	}
	aboutToken := i.failure == FaultAccessToken401 || i.failure == FaultAccessToken400
	i.mu.Lock()
	defer i.mu.Unlock()
	repeats := i.repeats[i.request]
	switch {
	case i.runs[i.path] >= i.MaxRun || repeats.failures >= i.MaxRun:
		return false
	case aboutToken && repeats.token:
		return false
	case i.failure == FaultPageToken && i.listings[i.listing] >= i.MaxRun:
		return false
	}
	i.struck = true
	i.runs[i.path]++
	remember(i.repeats, i.request, run{repeats.failures + 1, repeats.token || aboutToken})
	if i.failure == FaultPageToken {
		remember(i.listings, i.listing, i.listings[i.listing]+1)
	}
	i.traffic.inject(i.failure, 1)
	return true
}

// settle ends the runs that the request belongs to, if nothing happened to it.
func (i *incident) settle() {
	if i.struck {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.runs, i.path)
	delete(i.repeats, i.request)
}

// readToEnd ends the run of lost page tokens of the request's listing.
func (i *incident) readToEnd() {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.listings, i.listing)
}

// remember keeps a value, and forgets all others rather than grow without bound.
func remember[V any](m map[string]V, key string, value V) {
	if _, ok := m[key]; !ok && len(m) >= maxRemembered {
		clear(m)
	}
	m[key] = value
}

// faulted lets a request meet its fault: those that need no answer here, those of an answer in the handlers after it.
func (h *Handler) faulted(path string, label rateLabel) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := h.faults.Load()
			if s == nil {
				next.ServeHTTP(w, r)
				return
			}
			i := s.draw(path, r)
			if !i.sleep(r.Context()) {
				return
			}
			if early, ok := earlyFailures[i.failure]; ok && i.strikes(i.failure) {
				early(h, s, w, label)
				return
			}
			r = i.attach(r)
			defer i.settle()
			if i.failure == FaultCutBody || i.failure == FaultCutChunks {
				i.cutShort(next, w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// earlyFailures answer, or do not, before a request is judged.
var earlyFailures = map[Fault]func(h *Handler, s *faultState, w http.ResponseWriter, label rateLabel){
	FaultInternalError:  internalError,
	FaultBadGateway:     badGateway,
	FaultUnavailable:    unavailable,
	FaultQuotedError:    quotedError,
	FaultNotJSON:        notJSON,
	FaultReset:          reset,
	FaultTooMany:        tooMany,
	FaultTooManyBare:    tooManyBare,
	FaultTooManySeconds: tooManySeconds,
	FaultTooManyDate:    tooManyDate,
	FaultTooManyInstant: tooManyInstant,
}
