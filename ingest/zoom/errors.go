package zoom

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// APIError is a refusal by Zoom's API.
type APIError struct {
	// Status is the HTTP status.
	Status int
	// Code is Zoom's own number, 0 where the body held none.
	Code int
	// Message is Zoom's sentence, or the start of a body that is not JSON. At most 300 characters, one line.
	Message string
	// TrackingID identifies the call to Zoom's support.
	TrackingID string
	// Method and Path say which call; the path has no query, which may hold tokens.
	Method, Path string
	// Label is the rate limit label of the endpoint.
	Label Label
	// Limit says which limit a 429 names: "second", "daily" or "" for any other.
	Limit string
	// RetryAt is when Zoom said the call may be repeated, zero where it did not.
	RetryAt time.Time

	paged bool // the request carried a page token
}

// Error says what, where and what to do.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "call %s %s: zoom answered %d", e.Method, e.Path, e.Status)
	if e.Code != 0 && e.Code != e.Status {
		fmt.Fprintf(&b, " (code %d)", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", strings.TrimRight(e.Message, "."))
	}
	if e.TrackingID != "" {
		fmt.Fprintf(&b, " [tracking id %s]", e.TrackingID)
	}
	if hint := e.hint(); hint != "" {
		b.WriteString("; " + hint)
	}
	return b.String()
}

func (e *APIError) hint() string {
	switch {
	case e.missingScope():
		if s := e.scopes(); len(s) > 0 {
			return "add one of the scopes " + strings.Join(s, ", ") + " to the app in the Zoom App Marketplace"
		}
		return "add the scope to the app in the Zoom App Marketplace"
	case e.planTooLow():
		return "the account's plan or the app owner's role does not include this"
	case e.Status == http.StatusTooManyRequests && e.Limit == limitDaily:
		if e.RetryAt.IsZero() {
			return "the account's calls of today are used up"
		}
		return "the account's calls of today are used up; run again after " + e.RetryAt.UTC().Format(time.RFC3339)
	case e.Status == http.StatusTooManyRequests:
		return "other apps share the account's limit: choose a lower plan in ZOOMWARD_PLAN or run at a quieter hour"
	case e.pageTokenExpired():
		return "the page token is invalid or expired: read the window again from its first page"
	case e.unauthorized():
		return "check that the app is activated and its credentials are current"
	case e.Status >= 500:
		return "zoom has a problem: see status.zoom.us and run again later"
	}
	return ""
}

const (
	limitSecond = "second"
	limitDaily  = "daily"
)

// Zoom's code 4711 names missing granular scopes and 4700 missing classic ones; 104 comes from Zoom Events. 4700 also stands for an
// empty token, so its sentence has to name scopes.
func (e *APIError) missingScope() bool {
	return e.Code == 4711 || (e.Code == 4700 || e.Code == 104) && strings.Contains(e.Message, "scope")
}

var scopesIn = regexp.MustCompile(`scopes?:?\s*\[([^\]]*)\]?`)

func (e *APIError) scopes() []string {
	m := scopesIn.FindStringSubmatch(e.Message)
	if m == nil {
		return nil
	}
	return strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == '"' || unicode.IsSpace(r) })
}

func (e *APIError) planTooLow() bool {
	return e.Code == 200 && (strings.Contains(e.Message, "Only available for Paid") || strings.Contains(e.Message, "No permission"))
}

func (e *APIError) pageTokenExpired() bool { return e.Status == 400 && e.Code == 300 && e.paged }

// Zoom's code 124 is about a token that ended, 4741 about one that was revoked.
func (e *APIError) unauthorized() bool {
	return !e.missingScope() && (e.Code == 124 || e.Code == 4741 || e.Status == http.StatusUnauthorized)
}

// TokenError is a refusal by Zoom's token endpoint.
type TokenError struct {
	// Status is the HTTP status, Code the OAuth error word, Reason Zoom's sentence.
	Status int
	Code   string
	Reason string

	doing   string // what was refused; "" for getting an access token
	advice  string // what to do, in place of the usual
	userApp bool   // the app is one that users add
}

// consentGone reports whether a refresh was refused because the refresh token is void. Zoom's word for it is invalid_grant (RFC 6749, section 5.2); it has also
// been seen to answer invalid_request with a sentence about the token.
func (e *TokenError) consentGone() bool {
	return e.Code == "invalid_grant" || e.Code == "invalid_request" && strings.Contains(strings.ToLower(e.Reason), "token")
}

// Error says what Zoom refused and which credential to look at.
func (e *TokenError) Error() string {
	what := e.Reason
	if what == "" {
		what = e.Code
	}
	if what == "" {
		what = "no reason given"
	}
	s := fmt.Sprintf("%s: zoom answered %d: %s", cmp.Or(e.doing, "get access token"), e.Status, strings.TrimRight(what, "."))
	switch {
	case e.advice != "":
		return s + "; " + e.advice
	case e.Status == http.StatusTooManyRequests || e.Status >= 500:
		return s + "; run again later"
	case e.Code == "invalid_client" || e.Status == http.StatusUnauthorized:
		return s + "; check " + EnvClientID + " and " + EnvClientSecret
	case e.Code == "unsupported_grant_type" && e.userApp:
		return s + "; the app must be a General app that users add, not a Server-to-Server one"
	case e.userApp && e.consentGone():
		return s // the error around it says to connect again
	case e.userApp:
		return s + "; check that the app is activated"
	case e.Code == "unsupported_grant_type":
		return s + "; the app must be of the type Server-to-Server OAuth"
	}
	return s + "; check " + EnvAccountID + " and that the app is activated"
}

// UnreachableError means that no usable answer came: no connection, a timeout, a body cut short.
type UnreachableError struct {
	// Method and Path say which call, Host which server.
	Method, Host, Path string
	Err                error
}

// Error says which call got no answer and why.
func (e *UnreachableError) Error() string {
	cause := userinfo.ReplaceAllString(fmt.Sprint(e.Err), "//"+redacted+"@")
	return fmt.Sprintf("call %s %s: no usable answer from %s: %s; check the network, proxy and firewall", e.Method, e.Path, e.Host, cause)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

func apiError(err error, is func(*APIError) bool) bool {
	var e *APIError
	return errors.As(err, &e) && is(e)
}

// IsMissingScope reports whether the app was not granted a scope that the call needs.
func IsMissingScope(err error) bool { return apiError(err, (*APIError).missingScope) }

// MissingScopes returns the scopes that Zoom named in a refusal, nil for any other error.
func MissingScopes(err error) []string {
	var e *APIError
	if errors.As(err, &e) && e.missingScope() {
		return e.scopes()
	}
	return nil
}

// IsPlanTooLow reports whether the account's plan, or the role of the app's owner, does not include the call: Zoom has one code for both.
func IsPlanTooLow(err error) bool { return apiError(err, (*APIError).planTooLow) }

// IsRateLimited reports whether a rate limit, of whatever window, refused the call to the end, or would have.
func IsRateLimited(err error) bool {
	var q *QuotaError
	var t *TokenError
	return errors.As(err, &q) || errors.As(err, &t) && t.Status == http.StatusTooManyRequests ||
		apiError(err, func(e *APIError) bool { return e.Status == http.StatusTooManyRequests })
}

// IsDailyLimit reports whether the account's calls of the day are used up. They come back at 00:00 UTC.
func IsDailyLimit(err error) bool {
	var q *QuotaError
	return errors.As(err, &q) || apiError(err, func(e *APIError) bool { return e.Status == http.StatusTooManyRequests && e.Limit == limitDaily })
}

// IsPageTokenExpired reports whether a page token was refused.
func IsPageTokenExpired(err error) bool { return apiError(err, (*APIError).pageTokenExpired) }

// IsUnauthorized reports whether Zoom refused the credentials or the token.
func IsUnauthorized(err error) bool {
	if IsReconnect(err) {
		return true
	}
	var t *TokenError
	if errors.As(err, &t) {
		return t.Status < 500 && t.Status != http.StatusTooManyRequests
	}
	return apiError(err, (*APIError).unauthorized)
}

// IsUnreachable reports whether Zoom gave no usable answer or answered with a server error.
func IsUnreachable(err error) bool {
	var u *UnreachableError
	var t *TokenError
	return errors.As(err, &u) || errors.As(err, &t) && t.Status >= 500 || apiError(err, func(e *APIError) bool { return e.Status >= 500 })
}

var codeIn = regexp.MustCompile(`"code"\s*:\s*"?(\d{1,9})`)

// parseAPIError reads an error reply. Zoom's bodies are not always JSON: Zoom Events forgets to escape quotes, proxies answer in HTML.
func parseAPIError(status int, h http.Header, body []byte, now time.Time) *APIError {
	e := &APIError{Status: status, TrackingID: line(h.Get("X-Zm-Trackingid"), 100)}
	var v struct {
		Code    flexInt    `json:"code"`
		Message flexString `json:"message"`
		Reason  flexString `json:"reason"`
	}
	if json.Unmarshal(body, &v) == nil {
		e.Code, e.Message = int(v.Code), line(string(v.Message), 300)
		if e.Message == "" {
			e.Message = line(string(v.Reason), 300)
		}
	} else {
		if m := codeIn.FindSubmatch(body); m != nil {
			e.Code, _ = strconv.Atoi(string(m[1]))
		}
		e.Message = line(string(body[:min(len(body), 4096)]), 300)
	}
	if status != http.StatusTooManyRequests {
		return e
	}
	var said bool
	if e.RetryAt, said = retryAfter(h.Get("Retry-After"), now); !said {
		e.RetryAt = reset(h.Get("X-Ratelimit-Reset"))
	}
	kind, text := strings.ToLower(h.Get("X-Ratelimit-Type")), strings.ToLower(e.Message)
	// The sentence is the surer sign: Zoom's own documents show the header on other replies too.
	switch {
	case kind == "qps", strings.Contains(text, "per-second"):
		e.Limit = limitSecond
	case strings.HasPrefix(kind, "daily"), strings.Contains(text, "daily"):
		e.Limit = limitDaily
	}
	return e
}

// retryAfter reads a Retry-After: whole seconds and HTTP dates by RFC 9110, and the ISO-8601 instant that Zoom sends.
func retryAfter(v string, now time.Time) (time.Time, bool) {
	v = strings.TrimSpace(v)
	if n, err := strconv.ParseInt(v, 10, 32); err == nil && n >= 0 {
		return now.Add(time.Duration(n) * time.Second), true
	}
	if t, err := http.ParseTime(v); err == nil {
		return t.UTC(), true
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t.UTC(), true
	}
	return time.Time{}, false
}

// reset reads an X-RateLimit-Reset: seconds since 1970. What is no time of our age is none.
func reset(v string) time.Time {
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil || n < 1e9 || n > 1e10 { // 2001 to 2286
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// line makes text from a server fit for one line of a log: no control characters, at most n characters.
func line(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
