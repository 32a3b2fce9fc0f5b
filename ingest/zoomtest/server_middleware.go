package zoomtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// chain wraps a handler; the first middleware sees the request first.
func chain(h http.Handler, middleware ...func(http.Handler) http.Handler) http.Handler {
	for _, wrap := range slices.Backward(middleware) {
		h = wrap(h)
	}
	return h
}

// tracked puts Zoom's tracking id and the server's time on every answer.
func (h *Handler) tracked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", h.clock().Format(http.TimeFormat))
		var id [16]byte
		_, _ = rand.Read(id[:])
		w.Header().Set("X-Zm-Trackingid", "v=2.0;clid=zoomtest;rid=WEB_"+hex.EncodeToString(id[:]))
		next.ServeHTTP(w, r)
	})
}

// onlyMethod refuses the other methods.
func onlyMethod(methods ...string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !slices.Contains(methods, r.Method) {
				w.Header().Set("Allow", strings.Join(methods, ", "))
				(&apiError{status: http.StatusMethodNotAllowed, Code: codeNotAllowed, Message: "Request method '" + r.Method + "' is not supported."}).write(w)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// scopesKey is where a request's context holds the scopes of its access token.
type scopesKey struct{}

// authenticated refuses requests without a valid access token. They are nobody's, so they cost the account nothing.
func (h *Handler) authenticated(e endpoint) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			scopes, refused := h.authority.check(r)
			if refused != nil {
				h.limits.peek(e.label).setHeaders(w.Header())
				refused.write(w)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), scopesKey{}, scopes)))
		})
	}
}

// limited spends the account's rate limit.
func (h *Handler) limited(e endpoint) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if h.opts.NoLimits {
				h.limits.peek(e.label).setHeaders(w.Header())
				next.ServeHTTP(w, r)
				return
			}
			v := h.limits.take(e.label)
			v.setHeaders(w.Header())
			if v.refused {
				h.traffic.brokeLimit(e.label)
				v.refusal().write(w)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// scoped refuses tokens without a scope that opens the endpoint.
func (h *Handler) scoped(e endpoint) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			granted, _ := r.Context().Value(scopesKey{}).([]string)
			if !slices.ContainsFunc(e.scopes, func(s string) bool { return slices.Contains(granted, s) }) {
				scopesMissing(e.scopes).write(w)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// onPlan refuses paid endpoints on the free plan.
func (h *Handler) onPlan(e endpoint) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if e.paid && h.opts.Plan == "free" {
				message := "Only available for Paid account: " + h.opts.AccountID + "."
				(&apiError{status: http.StatusBadRequest, Code: codeNoPermission, Message: message}).write(w)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
