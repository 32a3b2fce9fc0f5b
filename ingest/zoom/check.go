package zoom

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The words of Connection.Status. StatusMissingScope and StatusPlanTooLow are followed by what is missing.
const (
	StatusConnected     = "Connected"
	StatusTokenRejected = "Token rejected"
	StatusMissingScope  = "Missing scope: "
	StatusPlanTooLow    = "Plan too low for: "
	StatusRateLimited   = "Rate limited"
	StatusUnreachable   = "Unreachable"
	StatusRefused       = "Refused"
)

// Access says whether the account may call an endpoint.
type Access string

// The values of Access. AccessUnknown means that Zoom did not say which scopes it granted.
const (
	AccessOpen    Access = "open"
	AccessClosed  Access = "closed"
	AccessUnknown Access = "unknown"
)

// Connection is what Check found.
type Connection struct {
	// Status is one of the words above, fit to print after "Status: ".
	Status string
	// Scopes are the granted ones.
	Scopes []string
	// Endpoints has one entry per value of Endpoints, in its order.
	Endpoints []EndpointAccess
	// Err says more where Status is not StatusConnected; else nil.
	Err error
}

// EndpointAccess says whether one endpoint is open and, where it is not, why.
type EndpointAccess struct {
	Endpoint Endpoint
	Access   Access
	Reason   string
}

// Check fetches a token, derives from its scopes which endpoints are open, and makes one cheap call (one user) to see that the token
// works. It spends one MEDIUM call and none of the daily quota of reports.
func (c *Client) Check(ctx context.Context) Connection {
	var k Connection
	scopes, err := c.Scopes(ctx)
	k.Scopes = scopes
	for _, ep := range Endpoints() {
		a := c.access(ep, scopes)
		if err != nil {
			a = EndpointAccess{Endpoint: ep, Access: AccessUnknown, Reason: "no access token"}
		}
		k.Endpoints = append(k.Endpoints, a)
	}
	users := EndpointNamed(EndpointUsers)
	if err == nil {
		_, err = c.get(ctx, users, url.Values{"page_size": {"1"}})
	}
	k.Status, k.Err = word(err, users), err
	probed := slices.IndexFunc(k.Endpoints, func(a EndpointAccess) bool { return a.Endpoint.Name == users.Name })
	switch {
	case err == nil:
		k.Endpoints[probed].Access, k.Endpoints[probed].Reason = AccessOpen, ""
	case IsMissingScope(err), IsPlanTooLow(err):
		k.Endpoints[probed].Access, k.Endpoints[probed].Reason = AccessClosed, k.Status
	}
	return k
}

func (c *Client) access(ep Endpoint, granted []string) EndpointAccess {
	a := EndpointAccess{Endpoint: ep, Access: AccessOpen}
	has := slices.ContainsFunc(ep.Scopes, func(s string) bool { return slices.Contains(granted, s) })
	switch {
	case !c.plan.covers(ep.MinPlan):
		a.Access, a.Reason = AccessClosed, fmt.Sprintf("needs plan %s", ep.MinPlan)
	case len(granted) == 0:
		a.Access, a.Reason = AccessUnknown, "zoom did not say which scopes it granted"
	case !has:
		a.Access, a.Reason = AccessClosed, "missing scope: "+strings.Join(ep.Scopes[:min(2, len(ep.Scopes))], " or ")
	}
	return a
}

func word(err error, ep Endpoint) string {
	switch {
	case err == nil:
		return StatusConnected
	case IsMissingScope(err):
		// The app has scopes of one spelling; name the one that Zoom names.
		for _, s := range ep.Scopes {
			if slices.Contains(MissingScopes(err), s) {
				return StatusMissingScope + s
			}
		}
		return StatusMissingScope + ep.Scopes[0]
	case IsPlanTooLow(err):
		return StatusPlanTooLow + ep.Name
	case IsUnauthorized(err):
		return StatusTokenRejected
	case IsRateLimited(err):
		return StatusRateLimited
	case IsUnreachable(err), ctxDone(err):
		return StatusUnreachable
	}
	return StatusRefused
}
