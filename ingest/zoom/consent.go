package zoom

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/oauth2"
)

// Consent is one attempt at getting a user's consent. It is safe for concurrent use.
type Consent struct {
	// URL is the page that the user has to open.
	URL string

	app      App
	redirect string
	state    string
	verifier string

	mu   sync.Mutex
	used bool
}

// The ways in which what comes back is not the answer to a Consent.
var (
	// ErrWrongState means that it belongs to another attempt, or that somebody made it up.
	ErrWrongState = errors.New("the answer does not belong to this attempt: its state differs")
	// ErrReplayed means that this attempt had its answer.
	ErrReplayed = errors.New("this attempt had its answer already: connect again")
)

// NewConsent begins an attempt with a state and a PKCE verifier of its own, 256 random bits each. redirect is the URL that the app is registered with.
func NewConsent(app App, redirect string) (*Consent, error) {
	c := &Consent{app: app, redirect: redirect, state: oauth2.GenerateVerifier(), verifier: oauth2.GenerateVerifier()}
	var err error
	c.URL, err = app.AuthorizeURL(c.state, c.verifier, redirect)
	return c, err
}

// Code returns the code out of the parameters that Zoom sent the user back with. It gives one once: a second answer is ErrReplayed, also with the right state.
// ErrWrongState leaves the attempt open: whoever can send requests here must not be able to end it.
func (c *Consent) Code(answer url.Values) (string, error) {
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(c.state)) != 1 || len(answer["state"]) != 1 {
		return "", ErrWrongState
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used {
		return "", ErrReplayed
	}
	c.used = true
	if e := answer.Get("error"); e != "" {
		if d := answer.Get("error_description"); d != "" {
			e += ": " + d
		}
		return "", fmt.Errorf("zoom gave no consent: %s", line(e, 200))
	}
	if len(answer["code"]) != 1 || answer.Get("code") == "" || len(answer.Get("code")) > maxCode {
		return "", errors.New("zoom sent no code")
	}
	return answer.Get("code"), nil
}

// Pasted reads what a person pasted: the address that the browser was sent back to, which is checked like any answer, or the code in it alone. A code alone has no
// state to check; that it was made for this attempt is then up to PKCE, by which Zoom refuses any other.
func (c *Consent) Pasted(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "?") && !strings.Contains(text, "://") {
		return c.Code(url.Values{"code": {text}, "state": {c.state}})
	}
	address, query, _ := strings.Cut(text, "?")
	if address != c.redirect {
		return "", fmt.Errorf("the pasted address does not begin with %s", c.redirect)
	}
	query, _, _ = strings.Cut(query, "#")
	answer, err := url.ParseQuery(query)
	if err != nil {
		return "", errors.New("the pasted address is not whole")
	}
	return c.Code(answer)
}

// maxCode bounds a code; Zoom's have under 100 characters.
const maxCode = 2048

// Connect turns a code that Code returned into stored tokens, as App.Connect does.
func (c *Consent) Connect(ctx context.Context, store TokenStore, code string) error {
	return c.app.Connect(ctx, store, code, c.verifier, c.redirect)
}
