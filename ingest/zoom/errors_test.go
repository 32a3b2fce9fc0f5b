package zoom

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestAPIErrors(t *testing.T) {
	is := map[string]func(error) bool{"scope": IsMissingScope, "plan": IsPlanTooLow, "limited": IsRateLimited, "daily": IsDailyLimit,
		"page token": IsPageTokenExpired, "unauthorized": IsUnauthorized, "unreachable": IsUnreachable}
	for _, tt := range []struct {
		name   string
		status int
		body   string
		is     string // the classes that hold, comma-separated
		scopes []string
		text   []string
	}{
		{"granular scope", 400, `{"code":4711,"message":"Invalid access token, does not contain scopes:[contact:read:list_contacts, contact:read:list_contacts:admin]."}`,
			"scope", []string{"contact:read:list_contacts", "contact:read:list_contacts:admin"}, []string{"code 4711", "add one of the scopes contact:read:list_contacts, contact"}},
		{"classic scope", 400, `{"code":4700,"message":"Invalid access token, does not contain scopes:[role:read:admin]"}`, "scope", []string{"role:read:admin"}, nil},
		{"4700 of another kind", 401, `{"code":4700,"message":"Token cannot be empty."}`, "unauthorized", nil, nil},
		{"unescaped quotes", 400, `{"code":104,"message":"Invalid access token, does not contain scopes:["zoom_events_basic:read"]."}`, "scope",
			[]string{"zoom_events_basic:read"}, []string{"code 104"}},
		{"paid", 400, `{"code":200,"message":"Only available for Paid account: abc"}`, "plan", nil, []string{"plan"}},
		{"role", 400, `{"code":200,"message":"No permission."}`, "plan", nil, []string{"No permission [tracking"}},
		{"403", 403, `{"code":403,"message":"Access to the Zoom REST API has been denied for this account"}`, "", nil, []string{"403"}},
		{"token", 401, `{"code":124,"message":"Invalid access token."}`, "unauthorized", nil, []string{"code 124"}},
		{"revoked", 400, `{"code":4741,"message":"The token has been revoked."}`, "unauthorized", nil, []string{"code 4741"}},
		{"code as text", 400, `{"code":"124","message":"Invalid access token."}`, "unauthorized", nil, nil},
		{"server", 500, `<html><body>Internal
			error</body></html>`, "unreachable", nil, []string{"<html><body>Internal error</body></html>", "status.zoom.us"}},
		{"empty", 404, ``, "", nil, []string{"404"}},
		{"second", 429, perSecond, "limited", nil, nil},
		{"daily", 429, daily, "daily,limited", nil, []string{"used up"}},
		{"user", 429, `{"code":429,"message":"You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user."}`, "daily,limited", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("x-zm-trackingid", "v=2.0;rid=1")
			e := parseAPIError(tt.status, h, []byte(tt.body), time.Time{})
			e.Method, e.Path = "GET", "/report/activities"
			err := fmt.Errorf("list: %w", e)
			for name, f := range is {
				if want := strings.Contains(","+tt.is+",", ","+name+","); f(err) != want {
					t.Errorf("%s: got %v, want %v", name, !want, want)
				}
			}
			if d := cmp.Diff(tt.scopes, MissingScopes(err)); d != "" {
				t.Error(d)
			}
			for _, w := range append(tt.text, "GET /report/activities", "v=2.0;rid=1") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if strings.ContainsAny(err.Error(), "\n\r\t") {
				t.Errorf("%q is not one line", err)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2025, 1, 19, 12, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Time{
		"": {}, "soon": {}, "-5": {}, "99999999999999": {},
		"0":                             now,
		"30":                            now.Add(30 * time.Second),
		" 30 ":                          now.Add(30 * time.Second),
		"2025-01-20T00:00:00Z":          time.Date(2025, 1, 20, 0, 0, 0, 0, time.UTC),
		"2025-01-20T01:00:00+01:00":     time.Date(2025, 1, 20, 0, 0, 0, 0, time.UTC),
		"Mon, 20 Jan 2025 00:00:00 GMT": time.Date(2025, 1, 20, 0, 0, 0, 0, time.UTC),
	} {
		got, ok := retryAfter(v, now)
		if !got.Equal(want) || ok != !want.IsZero() {
			t.Errorf("%q: got %v %v", v, got, ok)
		}
	}
}

func FuzzErrorBody(f *testing.F) {
	for _, s := range []string{perSecond, daily, `{"code":4711,"message":"scopes:[a"}`, `{"code":104,"message":"x "scopes:["y`, "", "<html>\xff", `{"code":1e400}`} {
		f.Add(400, []byte(s), "2025-01-20T00:00:00Z")
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, after string) {
		e := parseAPIError(status, http.Header{"Retry-After": {after}}, body, time.Unix(0, 0))
		text := e.Error()
		_ = MissingScopes(e)
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x00\x1b") || utf8.RuneCountInString(e.Message) > 300 {
			t.Errorf("unfit for a log: %q", text)
		}
	})
}

func FuzzDecodePage(f *testing.F) {
	for _, s := range []string{`{"rows":[{"time":"2026-02-03T04:05:06Z","type":1}]}`, `{"rows":[null,1,"x"],"next_page_token":5}`, `[]`, `{`, `{"rows":null,"page_size":"x"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, _, err := decodePage(b, "rows", decodeActivity)
		o, _, _ := decodePage(b, "rows", decodeOperation)
		u, _, _ := decodePage(b, "rows", decodeUser)
		if len(a.Rows)+len(a.Rejected) != len(o.Rows)+len(o.Rejected) || len(a.Rows)+len(a.Rejected) != len(u.Rows)+len(u.Rejected) {
			t.Error("a row was lost")
		}
		for _, r := range a.Rows {
			if r.Time.IsZero() && err == nil && !strings.Contains(string(b), "0001-01-01") {
				t.Error("row without a time")
			}
		}
	})
}
