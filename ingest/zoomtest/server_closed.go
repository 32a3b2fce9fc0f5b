package zoomtest

import (
	"net/http"
	"strings"
)

// closedPaths are endpoints that Zoom has and this account holds nothing for. They refuse as Zoom refuses an app: for want of a scope, else
// for want of a permission. Collectors that read more than is served here go on after either, and take "no such endpoint" for a fault.
var closedPaths = [...]struct {
	path   string
	label  rateLabel
	scopes []string
	paid   bool
}{
	{"report/upcoming_events", heavy, []string{"report:read:admin", "report:read:upcoming_meetings_webinars:admin"}, true},
}

func closedEndpoints() []endpoint {
	var out []endpoint
	for _, c := range closedPaths {
		out = append(out, endpoint{strings.Split(c.path, "/"), c.label, c.scopes, c.paid, noPermission})
	}
	return out
}

func noPermission(*http.Request, string) (any, *apiError) {
	return nil, &apiError{status: http.StatusBadRequest, Code: codeNoPermission, Message: "No permission."}
}
