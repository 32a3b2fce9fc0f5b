package zoomtest

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Traffic is what a Handler has seen.
type Traffic struct {
	// Calls counts requests by path, with {} for an id: "/v2/users", "/v2/accounts/{}/settings", "/oauth/token". What is not served is "other".
	Calls map[string]int
	// LimitsBroken counts, by rate label, the 429s that the client deserved, for a window or for the day.
	LimitsBroken map[string]int
	// Injected counts faults. Late counts how often a row was held back, Refused how often a scope was refused that the token has.
	Injected map[Fault]int
	// Peak is, by rate label, how many requests came within the window of its limit, at the most: a second, or a minute for Resource-intensive. It
	// counts what came in, whether it was answered, refused or dropped. OAuth requests and others are counted by the second.
	Peak map[string]int
}

// A traffic counts. Safe for concurrent use.
type traffic struct {
	mu       sync.Mutex
	answers  map[string]int // by label and status
	calls    map[string]int
	broken   map[string]int
	injected map[Fault]int
	peaks    map[string]*peak
}

func newTraffic() *traffic {
	return &traffic{answers: map[string]int{}, calls: map[string]int{}, broken: map[string]int{}, injected: map[Fault]int{}, peaks: map[string]*peak{}}
}

// Requests returns how many requests were answered, by rate label and status: "Heavy 200", "Medium 429"; "OAuth 200" and "Other 404" are
// those without a label, "Heavy reset" got no answer.
func (h *Handler) Requests() map[string]int {
	h.traffic.mu.Lock()
	defer h.traffic.mu.Unlock()
	return maps.Clone(h.traffic.answers)
}

// Traffic returns the counts so far.
func (h *Handler) Traffic() Traffic {
	h.traffic.mu.Lock()
	defer h.traffic.mu.Unlock()
	t := Traffic{
		Calls: maps.Clone(h.traffic.calls), LimitsBroken: maps.Clone(h.traffic.broken), Injected: maps.Clone(h.traffic.injected), Peak: map[string]int{},
	}
	for label, p := range h.traffic.peaks {
		t.Peak[label] = p.most
	}
	return t
}

// SpendQuota takes calls off the daily quota of Heavy calls, as other apps of the account do. It is whole again at 00:00 UTC.
func (h *Handler) SpendQuota(calls int) { h.limits.spend(heavy, max(0, calls)) }

func (t *traffic) came(label, path string, now time.Time, window time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[path]++
	p := t.peaks[label]
	if p == nil {
		p = &peak{}
		t.peaks[label] = p
	}
	p.add(now, window)
}

func (t *traffic) answered(label string, status int) {
	outcome := "reset"
	if status != 0 {
		outcome = strconv.Itoa(status)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answers[label+" "+outcome]++
}

func (t *traffic) brokeLimit(label rateLabel) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken[string(label)]++
}

func (t *traffic) inject(what Fault, n int) {
	if n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.injected[what] += n
}

// A peak remembers the requests of the last window and the most there ever were in one.
type peak struct {
	recent []time.Time
	most   int
}

func (p *peak) add(now time.Time, window time.Duration) {
	old := 0
	for old < len(p.recent) && now.Sub(p.recent[old]) >= window {
		old++
	}
	p.recent = append(p.recent[old:], now)
	p.most = max(p.most, len(p.recent))
}

// observed counts and logs requests to a path and their answers, under a label.
func (h *Handler) observed(label, path string) func(http.Handler) http.Handler {
	window := planRates[h.opts.Plan][rateLabel(label)].window
	if window == 0 {
		window = time.Second
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.traffic.came(label, path, h.opts.Now(), window)
			s := &statusWriter{ResponseWriter: w}
			defer func() { // a fault may end the request by a panic
				h.traffic.answered(label, s.status)
				// The path alone: a query may hold tokens.
				h.opts.Logger.DebugContext(r.Context(), "request answered", "method", r.Method, "path", r.URL.Path, "label", label, "status", s.status)
			}()
			next.ServeHTTP(s, r)
		})
	}
}

// A statusWriter remembers the status of an answer, 0 for none.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }
