package zoomtest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Handler serves a simulated account. Safe for concurrent use.
type Handler struct {
	src       Source
	made      madeRows
	opts      ServerOptions // complete
	tokens    *sealer
	authority *authority
	limits    *limiter
	directory func() *directory
	traffic   *traffic
	faults    atomic.Pointer[faultState] // nil: none
	moved     atomic.Pointer[time.Time]  // the account's present where it is no longer that of the options
	serve     http.Handler
}

// An endpoint is one row of what the API serves.
type endpoint struct {
	path    []string // segments below /v2; "{}" takes any one and hands it to serve
	label   rateLabel
	scopes  []string // classic and granular spellings, any of which opens it
	paid    bool     // not in the free plan
	respond func(r *http.Request, id string) (any, *apiError)
}

func (h *Handler) endpoints() []endpoint {
	settings := []string{"account:read:admin", "account:read:settings:admin"}
	locks := []string{"account:read:admin", "account:read:lock_settings:admin", "account:read:lock_settings:master"}
	return append([]endpoint{
		{[]string{"users"}, medium, []string{"user:read:admin", "user:read:list_users:admin"}, false, h.users},
		{[]string{"users", "{}"}, light, []string{"user:read:admin", "user:read:user:admin"}, false, h.user},
		{[]string{"report", "activities"}, heavy, []string{"report:read:admin", "report:read:user_activities:admin"}, true, h.activities},
		{[]string{"report", "operationlogs"}, heavy, []string{"report:read:admin", "report:read:operation_logs:admin"}, true, h.operations},
		{[]string{"accounts", "{}", "settings"}, medium, settings, false, h.settings},
		{[]string{"accounts", "{}", "lock_settings"}, medium, locks, false, h.lockSettings},
	}, h.feedEndpoints()...)
}

func (h *Handler) allEndpoints() []endpoint { return append(h.endpoints(), closedEndpoints()...) }

// NewHandler serves the OAuth and API paths of a simulated account. It refuses an unknown plan and negative lifetimes.
func NewHandler(src Source, o ServerOptions) (*Handler, error) {
	if src == nil {
		return nil, errors.New("simulate account: no source of its contents")
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("simulate account: %w", err)
	}
	tokens, err := newSealer(o.Now)
	if err != nil {
		return nil, fmt.Errorf("simulate account: %w", err)
	}
	h := &Handler{src: src, opts: o, tokens: tokens, traffic: newTraffic()}
	if err := h.SetFaults(o.Faults); err != nil {
		return nil, fmt.Errorf("simulate account: %w", err)
	}
	h.limits = newLimiter(&h.opts, h.skew)
	h.directory = sync.OnceValue(func() *directory { return newDirectory(src.Users()) })
	h.authority = newAuthority(&h.opts, tokens, func() string { return h.directory().byKey["me"].Email })
	h.serve = h.routes()
	return h, nil
}

// Options returns the options in force: what was given, with defaults and random credentials filled in, and the scopes and faults of now.
func (h *Handler) Options() ServerOptions {
	o := h.opts
	o.Scopes = h.authority.appScopes()
	o.RedirectURIs = slices.Clone(o.RedirectURIs)
	if s := h.faults.Load(); s != nil {
		f, _ := s.Faults.withDefaults() // a copy; they were accepted before
		o.Faults = &f
	} else {
		o.Faults = nil
	}
	return o
}

// SetAsOf moves the account's present from now on: settings are served as they were then, and reports reach back from there.
func (h *Handler) SetAsOf(at time.Time) { h.moved.Store(&at) }

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.serve.ServeHTTP(w, r) }

// routes builds the tree of handlers. Each concern is a func(http.Handler) http.Handler, so that another can be slipped in between.
func (h *Handler) routes() http.Handler {
	oauth := h.oauthRoutes()
	other := chain(http.HandlerFunc(notFound), h.observed("Other", "other"))
	type route struct {
		endpoint
		handler http.Handler
	}
	var routes []route
	for _, e := range h.allEndpoints() {
		routes = append(routes, route{e, chain(h.respond(e),
			h.observed(string(e.label), e.pattern()), onlyMethod(http.MethodGet, http.MethodHead), h.faulted(e.pattern(), e.label),
			h.authenticated(e), h.tokenFaults, h.limited(e), h.scoped(e), h.refusedScopes(e), h.onPlan(e), h.pageFaults, h.rowFaults(e))})
	}
	return chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A slash at the end changes nothing: clients in use join paths carelessly.
		path := strings.TrimSuffix(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
		segments := strings.Split(path, "/")
		if segments[0] == "oauth" {
			oauth(path).ServeHTTP(w, r)
			return
		}
		if segments[0] == "v2" {
			for _, candidate := range routes {
				if id, ok := candidate.match(segments[1:]); ok {
					r.SetPathValue("id", id)
					candidate.handler.ServeHTTP(w, r)
					return
				}
			}
		}
		other.ServeHTTP(w, r)
	}), h.tracked)
}

// pattern is the whole path, with {} for an id.
func (e endpoint) pattern() string { return "/v2/" + strings.Join(e.path, "/") }

// match compares the escaped segments of a path and returns the one that "{}" took, unescaped.
func (e endpoint) match(segments []string) (id string, ok bool) {
	if len(segments) != len(e.path) {
		return "", false
	}
	for i, want := range e.path {
		if want != "{}" {
			if segments[i] != want {
				return "", false
			}
			continue
		}
		got, err := url.PathUnescape(segments[i])
		if err != nil || got == "" {
			return "", false
		}
		id = got
	}
	return id, true
}

// respond runs the endpoint itself.
func (h *Handler) respond(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, refused := e.respond(r, r.PathValue("id"))
		if refused != nil {
			refused.write(w)
			return
		}
		writeJSON(w, http.StatusOK, body)
	})
}

// oauthRoutes finds the handler of a path below /oauth. Those that apps call have faults.
func (h *Handler) oauthRoutes() func(path string) http.Handler {
	const token, revoke, authorize = "oauth/token", "oauth/revoke", "oauth/authorize"
	post := onlyMethod(http.MethodPost)
	known := map[string]http.Handler{
		token:  chain(http.HandlerFunc(h.authority.token), h.observed("OAuth", "/"+token), post, h.faulted("/"+token, "")),
		revoke: chain(http.HandlerFunc(h.authority.revoke), h.observed("OAuth", "/"+revoke), post, h.faulted("/"+revoke, "")),
		authorize: chain(http.HandlerFunc(h.authority.authorize), h.observed("OAuth", "/"+authorize),
			onlyMethod(http.MethodGet, http.MethodHead, http.MethodPost)),
	}
	other := chain(http.HandlerFunc(notFound), h.observed("OAuth", "other"))
	return func(path string) http.Handler {
		if serve, ok := known[path]; ok {
			return serve
		}
		return other
	}
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	(&apiError{status: http.StatusNotFound, Code: codeNoEndpoint, Message: messageNoEndpoint}).write(w)
}
