package zoomtest

import "net/http"

// tokenFaults says of good access tokens that they have expired, with either of the statuses that Zoom uses.
func (h *Handler) tokenFaults(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := incidentOf(r)
		if !i.strikes(FaultAccessToken401, FaultAccessToken400) {
			next.ServeHTTP(w, r)
			return
		}
		refused := tokenRefused(messageTokenExpired)
		if i.failure == FaultAccessToken400 {
			refused.status = http.StatusBadRequest
		}
		refused.write(w)
	})
}

// pageFaults says of page tokens that they have expired.
func (h *Handler) pageFaults(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("next_page_token") != "" && incidentOf(r).strikes(FaultPageToken) {
			invalid(messagePageToken).write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
