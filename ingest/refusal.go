package ingest

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// ConnectionError means that nothing can be read of the account at all: Zoom rejects the credentials or gives no answer. It ends a run at once.
type ConnectionError struct{ Err error }

// Error says which of the two it is.
func (e *ConnectionError) Error() string {
	if zoom.IsUnauthorized(e.Err) {
		return "zoom rejects the credentials: " + e.Err.Error()
	}
	return "zoom does not answer: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *ConnectionError) Unwrap() error { return e.Err }

// asConnectionError returns err as a ConnectionError when it concerns the whole connection and not just one endpoint: an endpoint that answers with a server
// error is one feed's trouble.
func asConnectionError(err error) *ConnectionError {
	var conn *ConnectionError
	if errors.As(err, &conn) {
		return conn
	}
	var token *zoom.TokenError
	var gone *zoom.UnreachableError
	if zoom.IsUnauthorized(err) || errors.As(err, &token) || errors.As(err, &gone) {
		return &ConnectionError{err}
	}
	return nil
}

// zoomCodePlan is Zoom's code for what the plan or the role of the app's owner does not include.
const zoomCodePlan = 200

// refusal says in which state an error leaves a feed and what to do about it.
func refusal(f Feed, err error) (state, message string) {
	var api *zoom.APIError
	errors.As(err, &api)
	switch {
	case zoom.IsMissingScope(err):
		return StateNotAuthorised, fmt.Sprintf("add %s to the scopes of the app in the Zoom App Marketplace and run again", scopeText(f, api))
	case zoom.IsPlanTooLow(err), api != nil && api.Code == zoomCodePlan:
		return StatePlanTooLow, fmt.Sprintf("Zoom keeps %s from this account (%s): it takes the %s plan or higher, and an app whose owner has the right to see them",
			f.Title, said(api), planTitle(f, api))
	case api != nil && api.Status == http.StatusForbidden:
		return StateNotAuthorised, fmt.Sprintf("Zoom denies access to %s (%s): check that the app is allowed to use the API and has %s", f.Title, said(api), scopeText(f, api))
	case zoom.IsDailyLimit(err):
		return StateFailed, "the account's calls of today are used up (the limit is shared by all apps): what landed is kept, and a run after 00:00 UTC goes on from there"
	}
	return StateFailed, strings.ReplaceAll(err.Error(), "\n", "; ") // one line, also when several calls failed
}

func said(api *zoom.APIError) string { return strings.TrimRight(api.Message, ".") }

// endpointOf returns the endpoint of the feed that refused, the first one when that is not known.
func endpointOf(f Feed, api *zoom.APIError) zoom.Endpoint {
	if api != nil {
		for _, ep := range f.Endpoints {
			if path.Base(ep.Path) == path.Base(api.Path) {
				return ep
			}
		}
	}
	return f.Endpoints[0]
}

// scopeText names the scopes in both spellings.
func scopeText(f Feed, api *zoom.APIError) string {
	s := endpointOf(f, api).Scopes
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	return fmt.Sprintf("%s (or, in an app with granular scopes, %s)", s[0], s[1])
}

func planTitle(f Feed, api *zoom.APIError) string {
	p := string(endpointOf(f, api).MinPlan)
	return strings.ToUpper(p[:1]) + p[1:]
}
