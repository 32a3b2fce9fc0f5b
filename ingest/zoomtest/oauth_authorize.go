package zoomtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const consentPurpose = "consent page"

// consentTTL is how long a consent page may stay open.
const consentTTL = 10 * time.Minute

// An authorizeRequest is what an app asks a user for. The consent page carries it, sealed, so that its form cannot be made elsewhere.
type authorizeRequest struct {
	Redirect  string    `json:"r"`
	State     string    `json:"t,omitempty"`
	Scopes    []string  `json:"s"`
	Challenge challenge `json:"p"`
}

// authorize serves GET /oauth/authorize, where the app sends a user's browser, and POST, where the consent page sends its form.
func (a *authority) authorize(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the state, and then the code
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		authorizeFailed(w, "The request cannot be read.")
		return
	}
	if !a.active() {
		authorizeFailed(w, "The app has been disabled.")
		return
	}
	if r.Method == http.MethodPost {
		a.decide(w, r.PostForm)
		return
	}
	q := r.URL.Query()
	// Neither of these may be answered with a redirect: it would lead to whoever made the link (RFC 6749, section 4.1.2.1).
	if ids := q["client_id"]; len(ids) != 1 || ids[0] != a.opts.ClientID {
		authorizeFailed(w, "Invalid client_id.")
		return
	}
	to := q["redirect_uri"]
	if len(to) != 1 || !slices.Contains(a.opts.RedirectURIs, to[0]) {
		authorizeFailed(w, "Invalid redirect_uri: it is not one that the app has registered.")
		return
	}
	ask, code := a.readAuthorize(q)
	switch {
	case code != "":
		ask.answer(w, url.Values{"error": {code}})
	case a.opts.AutoConsent:
		a.allow(w, ask, ask.Scopes)
	default:
		a.consentPage(w, ask)
	}
}

// readAuthorize reads an authorization request, or says which error to redirect with. Without scope the app asks for all it has.
func (a *authority) readAuthorize(q url.Values) (ask authorizeRequest, code string) {
	ask = authorizeRequest{Redirect: q.Get("redirect_uri"), State: q.Get("state"), Scopes: a.appScopes()}
	for _, values := range q {
		if len(values) > 1 {
			return ask, "invalid_request"
		}
	}
	switch q.Get("response_type") {
	case "code":
	case "":
		return ask, "invalid_request"
	default:
		return ask, "unsupported_response_type"
	}
	var ok bool
	if ask.Challenge, ok = readChallenge(q.Get("code_challenge"), q.Get("code_challenge_method")); !ok {
		return ask, "invalid_request"
	}
	if asked := strings.Fields(q.Get("scope")); len(asked) > 0 {
		for _, s := range asked {
			if !slices.Contains(ask.Scopes, s) {
				return ask, "invalid_scope"
			}
		}
		slices.Sort(asked)
		ask.Scopes = slices.Compact(asked)
	}
	return ask, ""
}

// decide serves what the user answered: the scopes that were left ticked, or a refusal.
func (a *authority) decide(w http.ResponseWriter, form url.Values) {
	var ask authorizeRequest
	content, _, err := a.tokens.open(consentPurpose, form.Get("request"))
	if err == nil {
		err = json.Unmarshal(content, &ask)
	}
	if err != nil {
		authorizeFailed(w, "The consent page has expired: start again from the app.")
		return
	}
	agreed := slices.DeleteFunc(slices.Clone(ask.Scopes), func(s string) bool { return !slices.Contains(form["scope"], s) })
	switch {
	case form.Get("decision") == "decline":
		ask.answer(w, url.Values{"error": {"access_denied"}})
	case form.Get("decision") != "allow":
		authorizeFailed(w, "The request holds no decision.")
	default:
		a.allow(w, ask, agreed)
	}
}

// allow sends the browser back to the app with an authorization code.
func (a *authority) allow(w http.ResponseWriter, ask authorizeRequest, scopes []string) {
	content, err := json.Marshal(consent{ID: randomID(), Redirect: ask.Redirect, Scopes: scopes, Challenge: ask.Challenge})
	if err != nil {
		panic(fmt.Sprintf("encode consent: %v", err)) // strings alone: cannot happen
	}
	ask.answer(w, url.Values{"code": {a.tokens.seal(codePurpose, codeTTL, content)}})
}

// answer redirects to the app.
func (ask authorizeRequest) answer(w http.ResponseWriter, with url.Values) {
	u, err := url.Parse(ask.Redirect)
	if err != nil {
		panic(fmt.Sprintf("registered redirect URI: %v", err)) // checked with the options
	}
	q := u.Query()
	for k, v := range with {
		q[k] = v
	}
	if ask.State != "" {
		q.Set("state", ask.State)
	}
	u.RawQuery = q.Encode()
	w.Header().Set("Location", u.String())
	w.WriteHeader(http.StatusFound)
}
