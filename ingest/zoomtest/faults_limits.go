package zoomtest

import (
	"net/http"
	"time"
)

// Refusals that the client has not deserved. On the token endpoint, which has no rate label, none has X-RateLimit headers.

func tooMany(h *Handler, _ *faultState, w http.ResponseWriter, label rateLabel) {
	v := verdict{label: label, refused: true, limit: planRates[h.opts.Plan][label].calls}
	if label != "" {
		v.setHeaders(w.Header())
	}
	v.refusal().write(w)
}

func tooManyBare(_ *Handler, _ *faultState, w http.ResponseWriter, _ rateLabel) {
	verdict{}.refusal().write(w)
}

func tooManySeconds(h *Handler, s *faultState, w http.ResponseWriter, label rateLabel) {
	w.Header().Set("Retry-After", seconds(s.RetryAfter))
	tooMany(h, s, w, label)
}

func tooManyDate(h *Handler, s *faultState, w http.ResponseWriter, label rateLabel) {
	w.Header().Set("Retry-After", h.retryAt(s).Format(http.TimeFormat))
	tooMany(h, s, w, label)
}

func tooManyInstant(h *Handler, s *faultState, w http.ResponseWriter, label rateLabel) {
	w.Header().Set("Retry-After", h.retryAt(s).Format(time.RFC3339))
	tooMany(h, s, w, label)
}

// retryAt is when to come back by the server's clock, in whole seconds, rounded up.
func (h *Handler) retryAt(s *faultState) time.Time {
	return h.clock().Add(s.RetryAfter + time.Second - 1).Truncate(time.Second)
}
