package zoomtest

import (
	"net/http"
	"slices"
	"strings"
)

// refusedScopes refuses the paths that Faults.Refused names.
func (h *Handler) refusedScopes(e endpoint) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i := incidentOf(r)
			if i == nil || !slices.Contains(i.Refused, e.pattern()) {
				next.ServeHTTP(w, r)
				return
			}
			i.traffic.inject(FaultRefused, 1)
			if i.RefusedQuoted {
				body := `{"code":104,"message":"Invalid access token, does not contain scopes: "` + strings.Join(e.scopes, `", "`) + `"."}`
				writeText(w, http.StatusBadRequest, "application/json;charset=UTF-8", body)
				return
			}
			scopesMissing(e.scopes).write(w)
		})
	}
}
