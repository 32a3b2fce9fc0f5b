package zoomtest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// A Handler serves a simulated account. Safe for concurrent use.
type Handler struct {
	src       Source
	opts      ServerOptions // complete
	tokens    *sealer
	authority *authority
	limits    *limiter
	directory func() *directory
	serve     http.Handler

	meetingActivities dayCache[activityRow]
	dialIns           dayCache[callRow]

	mu    sync.Mutex
	calls map[string]int
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
	h := &Handler{src: src, opts: o, tokens: tokens, limits: newLimiter(planRates[o.Plan], o.Now), calls: map[string]int{}}
	h.directory = sync.OnceValue(func() *directory { return newDirectory(src.Users()) })
	h.authority = newAuthority(&h.opts, tokens, func() string { return h.directory().byKey["me"].Email })
	h.serve = h.routes()
	return h, nil
}

// Options returns the options in force: what was given, with defaults and random credentials filled in, and the scopes of now.
func (h *Handler) Options() ServerOptions {
	o := h.opts
	o.Scopes = h.authority.appScopes()
	o.RedirectURIs = slices.Clone(o.RedirectURIs)
	return o
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.serve.ServeHTTP(w, r) }

// Requests returns how many requests were answered, by rate label and status: "Heavy 200", "Medium 429"; "OAuth 200" and "Other 404" are
// those without a label.
func (h *Handler) Requests() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.calls)
}

// routes builds the tree of handlers. Each concern is a func(http.Handler) http.Handler, so that another can be slipped in between.
func (h *Handler) routes() http.Handler {
	oauth := chain(http.HandlerFunc(h.oauth), h.observed("OAuth"))
	other := chain(http.HandlerFunc(notFound), h.observed("Other"))
	type route struct {
		endpoint
		handler http.Handler
	}
	var routes []route
	for _, e := range append(h.endpoints(), closedEndpoints()...) {
		routes = append(routes, route{e, chain(h.respond(e),
			h.observed(string(e.label)), onlyMethod(http.MethodGet, http.MethodHead), h.authenticated(e), h.limited(e), h.scoped(e), h.onPlan(e))})
	}
	return chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A slash at the end changes nothing: clients in use join paths carelessly.
		path := strings.TrimSuffix(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
		segments := strings.Split(path, "/")
		if segments[0] == "oauth" {
			oauth.ServeHTTP(w, r)
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
	}), tracked)
}

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

func (h *Handler) oauth(w http.ResponseWriter, r *http.Request) {
	switch strings.TrimSuffix(r.URL.Path, "/") {
	case "/oauth/token":
		onlyMethod(http.MethodPost)(http.HandlerFunc(h.authority.token)).ServeHTTP(w, r)
	case "/oauth/revoke":
		onlyMethod(http.MethodPost)(http.HandlerFunc(h.authority.revoke)).ServeHTTP(w, r)
	case "/oauth/authorize":
		onlyMethod(http.MethodGet, http.MethodHead, http.MethodPost)(http.HandlerFunc(h.authority.authorize)).ServeHTTP(w, r)
	default:
		notFound(w, r)
	}
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	(&apiError{status: http.StatusNotFound, Code: codeNoEndpoint, Message: messageNoEndpoint}).write(w)
}
