package zoomtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// A field is what the API description says of a path such as activity_logs[].time.
type field struct {
	kind     string // string, string/date-time, string/email, integer, number, boolean
	values   []string
	required bool
}

// A schema is the description of one answer, by path.
type schema map[string]field

// readFields reads testdata/api-fields.txt and testdata/feed-fields.txt.
func readFields(t testing.TB) map[string]schema {
	t.Helper()
	out, at := map[string]schema{}, schema(nil)
	for _, line := range append(readLines(t, "api-fields.txt"), readLines(t, "feed-fields.txt")...) {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			at = schema{}
			out[name] = at
			continue
		}
		line, values, limited := strings.Cut(line, " = ")
		line, required := strings.CutPrefix(line, "! ")
		path, kind, ok := strings.Cut(line, " ")
		if !ok || at == nil {
			continue
		}
		f := field{kind: kind, required: required}
		if limited {
			f.values = strings.Split(values, " | ")
		}
		at[path] = f
	}
	return out
}

// readKeys reads a list of settings, which has types in the manner of TypeScript, with the narrower bounds of the field list.
func readKeys(t testing.TB, file string, narrower schema) map[string]schema {
	t.Helper()
	out, at := map[string]schema{}, schema(nil)
	for _, line := range readLines(t, file) {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			at = schema{}
			out[name] = at
			continue
		}
		path, kind, ok := strings.Cut(line, " : ")
		if !ok {
			t.Fatalf("%s: %q", file, line)
		}
		if base, list := strings.CutSuffix(kind, "[]"); list {
			path, kind = path+"[]", base
		}
		f := field{kind: kind}
		if f.kind != "boolean" && f.kind != "number" && f.kind != "string" {
			f.values = strings.Split(strings.ReplaceAll(kind, `"`, ""), "|")
			f.kind = "integer"
			if strings.Contains(kind, `"`) {
				f.kind = "string"
			}
		}
		if n, ok := narrower[path]; ok {
			f = n
		}
		at[path] = f
	}
	return out
}

func readLines(t testing.TB, file string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

var instant = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)

// check says what is wrong with a decoded answer; numbers are json.Number.
func (s schema) check(answer any) (faults []string) {
	wrong := func(path, format string, args ...any) {
		faults = append(faults, path+" "+fmt.Sprintf(format, args...))
	}
	required := map[string][]string{} // by the path of the object they are in
	for path, f := range s {
		if f.required {
			i := strings.LastIndex(path, ".")
			required[path[:max(i, 0)]] = append(required[path[:max(i, 0)]], path[i+1:])
		}
	}
	// known says whether the description has such a value at a path: an object, a list, or a value of its own.
	known := func(path string, v any) bool {
		within := ""
		switch v.(type) {
		case map[string]any:
			within = path + "."
		case []any:
			within = path + "[]"
		default:
			_, ok := s[path]
			return ok
		}
		for p := range s {
			if strings.HasPrefix(p, within) {
				return true
			}
		}
		return false
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range required[path] {
				if _, ok := v[name]; !ok {
					wrong(path, "lacks %s", name)
				}
			}
			for name, value := range v {
				at := strings.TrimPrefix(path+"."+name, ".")
				if !known(at, value) {
					wrong(at, "is not in the description, or not as %T", value)
					continue
				}
				walk(at, value)
			}
		case []any:
			for _, item := range v {
				walk(path+"[]", item)
			}
		default:
			if fault := s[path].fault(v); fault != "" {
				wrong(path, "%s", fault)
			}
		}
	}
	if _, ok := answer.(map[string]any); !ok {
		return []string{"not an object"}
	}
	walk("", answer)
	return faults
}

// fault says why a value is not of the field's type, "" if it is.
func (f field) fault(v any) string {
	kind, format, _ := strings.Cut(f.kind, "/")
	text := fmt.Sprint(v)
	ok := false
	switch x := v.(type) {
	case string:
		ok = kind == "string"
	case json.Number:
		_, err := x.Int64()
		ok = kind == "number" || kind == "integer" && err == nil
	case bool:
		ok = kind == "boolean"
	}
	if !ok {
		return fmt.Sprintf("is %#v, want %s", v, f.kind)
	}
	if f.values != nil && !slices.Contains(f.values, text) {
		return fmt.Sprintf("is %q, want one of %q", text, f.values)
	}
	switch format {
	case "date-time":
		if _, err := time.Parse(time.RFC3339, text); err != nil || !instant.MatchString(text) {
			return fmt.Sprintf("is %q, want a time", text)
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return fmt.Sprintf("is %q, want a date", text)
		}
	case "email":
		if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
			return fmt.Sprintf("is %q, want an address", text)
		}
	}
	return ""
}

// A validator asks an account and holds every answer against the description.
type validator struct {
	account
	t       *testing.T
	fields  map[string]schema
	answers int
}

// ask returns the answer, decoded, after checking it.
func (v *validator) ask(target string, status int, s schema) map[string]any {
	v.t.Helper()
	res := v.get(target)
	v.answers++
	d := json.NewDecoder(strings.NewReader(res.body))
	d.UseNumber()
	var answer map[string]any
	if err := d.Decode(&answer); err != nil || res.status != status || d.More() {
		v.t.Fatalf("%s: %d, want %d: %v", target, res.status, status, err)
	}
	if got := res.header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		v.t.Errorf("%s: content type %q", target, got)
	}
	for _, fault := range s.check(answer) {
		v.t.Errorf("%s: %s", target, fault)
	}
	return answer
}

// pages follows a listing and returns its pages.
func (v *validator) pages(target string, q url.Values, s schema) (pages []map[string]any) {
	v.t.Helper()
	q, seen := cloned(q), map[string]bool{}
	for {
		answer := v.ask(target+"?"+q.Encode(), http.StatusOK, s)
		pages = append(pages, answer)
		next, _ := answer["next_page_token"].(string)
		if next == "" {
			return pages
		}
		if seen[next] {
			v.t.Fatalf("%s: token comes twice", target)
		}
		seen[next] = true
		q.Set("next_page_token", next)
	}
}

func cloned(q url.Values) url.Values {
	out := url.Values{}
	for k, values := range q {
		out[k] = slices.Clone(values)
	}
	return out
}

func number(answer map[string]any, name string) int {
	n, _ := answer[name].(json.Number)
	i, err := n.Int64()
	if err != nil {
		return -1
	}
	return int(i)
}

func list(answer map[string]any, name string) []map[string]any {
	items, _ := answer[name].([]any)
	out := make([]map[string]any, len(items))
	for i, item := range items {
		out[i], _ = item.(map[string]any)
	}
	return out
}

// Every answer of a generated account is what Zoom's API description says: names, types, formats, values, envelopes and the arithmetic of pages.
func TestAnswersFollowTheDescription(t *testing.T) {
	fields := readFields(t)
	settings, locks := readKeys(t, "account-settings-keys.txt", fields["settings"]), readKeys(t, "lock-settings-keys.txt", nil)
	for seed := range uint64(2) {
		company, err := zoomtest.NewCompany(zoomtest.Options{Seed: seed, Users: 400, Days: 70, End: testNow, Attacks: true})
		if err != nil {
			t.Fatal(err)
		}
		v := &validator{account: open(t, company, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow, Plan: "business"}), t: t, fields: fields}
		v.users()
		v.reports()
		for _, who := range []string{"me", testAccount} {
			for option, name := range map[string]string{"": "all sections", "security": "all sections", "meeting_security": "meeting_security",
				"meeting_authentication": "meeting_authentication", "recording_authentication": "recording_authentication"} {
				answer := v.ask("/v2/accounts/"+who+"/settings?option="+option, http.StatusOK, settings[name])
				if _, ok := answer["security"]; len(answer) == 0 || option == "security" && (!ok || len(answer) != 1) {
					t.Errorf("settings %q have %d sections", option, len(answer))
				}
			}
			for option, name := range map[string]string{"": "all sections", "meeting_security": "meeting_security"} {
				if answer := v.ask("/v2/accounts/"+who+"/lock_settings?option="+option, http.StatusOK, locks[name]); len(answer) == 0 {
					t.Errorf("lock settings %q are empty", option)
				}
			}
		}
		v.feeds(company)
		v.refusals()
		if v.answers < 300 {
			t.Errorf("only %d answers were checked", v.answers)
		}
	}
}

func (v *validator) users() {
	t := v.t
	kinds := map[string]bool{}
	for _, status := range []string{"active", "inactive", "pending"} {
		for size, asked := range map[int]string{30: "", 7: "7", 300: "300", 2000: "2000"} {
			q := url.Values{"status": {status}}
			if asked != "" {
				q.Set("page_size", asked)
			}
			pages, rows := v.pages("/v2/users", q, v.fields["GET /users"]), 0
			total := number(pages[0], "total_records")
			for i, p := range pages {
				users := list(p, "users")
				rows += len(users)
				if number(p, "page_size") != size || number(p, "page_number") != i+1 || number(p, "total_records") != total ||
					number(p, "page_count") != (total+size-1)/size || len(users) > size || i < len(pages)-1 && len(users) != size {
					delete(p, "users")
					t.Errorf("%s users, page %d of %d with %d rows: %v", status, i+1, len(pages), len(users), p)
				}
				for _, u := range users {
					if _, hasID := u["id"]; u["status"] != status || hasID == (status == "pending") {
						t.Errorf("%s user: %v", status, u)
					}
					kinds[fmt.Sprint(status, u["type"])] = true
				}
			}
			if rows != total || max(1, number(pages[0], "page_count")) != len(pages) {
				t.Errorf("%s users: %d rows in %d pages, total_records %d", status, rows, len(pages), total)
			}
			if size != 30 {
				continue
			}
			for _, u := range list(pages[0], "users") {
				alone := v.ask("/v2/users/"+url.PathEscape(u["email"].(string)), http.StatusOK, v.fields["GET /users/{userId}"])
				for name, value := range u {
					if fmt.Sprint(alone[name]) != fmt.Sprint(value) {
						t.Errorf("user alone has %s %v, in the list %v", name, alone[name], value)
					}
				}
			}
		}
	}
	if !kinds["active1"] || !kinds["active2"] {
		t.Errorf("types of users: %v", kinds)
	}
	v.ask("/v2/users/me", http.StatusOK, v.fields["GET /users/{userId}"])
}

func (v *validator) reports() {
	t := v.t
	rows, seen := map[string]int{}, map[string]bool{}
	for to := testNow; to.After(testNow.AddDate(0, 0, -75)); to = to.AddDate(0, 0, -30) {
		from := to.AddDate(0, 0, -29)
		window := url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.Format(time.DateOnly)}, "page_size": {"300"}}
		inside := func(row map[string]any) bool {
			day := fmt.Sprintf("%.10s", row["time"])
			return day >= window.Get("from") && day <= window.Get("to")
		}
		last := "9"
		for i, p := range v.pages("/v2/report/activities", window, v.fields["GET /report/activities"]) {
			if number(p, "page_size") != 300 || p["from"] != window.Get("from")+"T00:00:00Z" || p["to"] != window.Get("to")+"T00:00:00Z" {
				t.Errorf("activities, page %d: %v %v %v", i+1, p["from"], p["to"], p["page_size"])
			}
			for _, row := range list(p, "activity_logs") {
				rows["activities"]++
				if ip, ok := row["ip_address"].(string); ok {
					if _, err := netip.ParseAddr(ip); err != nil {
						t.Errorf("activity: %v", row)
					}
				}
				if at := row["time"].(string); !inside(row) || at > last {
					t.Errorf("activity out of place: %v after %s", row, last)
				} else {
					last = at
				}
			}
		}
		for _, category := range []string{"", "all", "user", "user_settings", "account", "billing", "im", "recording", "phone_contacts", "webinar", "sub_account", "role", "zoom_rooms"} {
			q := cloned(window)
			if category != "" {
				q.Set("category_type", category)
			}
			last := "9"
			for i, p := range v.pages("/v2/report/operationlogs", q, v.fields["GET /report/operationlogs"]) {
				if number(p, "page_size") != 300 {
					t.Errorf("operations, page %d: page_size %v", i+1, p["page_size"])
				}
				for _, row := range list(p, "operation_logs") {
					rows[category]++
					of := strings.ReplaceAll(strings.ToLower(row["category_type"].(string)), " ", "_")
					if at := row["time"].(string); !inside(row) || at > last || category != "" && category != "all" && of != category {
						t.Errorf("%s operation out of place: %v after %s", category, row, last)
					} else {
						last = at
					}
					seen[of] = true
				}
			}
		}
	}
	if rows["activities"] < 1000 || rows[""] < 10 || rows[""] != rows["all"] || rows["user"] == 0 || rows["account"] == 0 {
		t.Errorf("rows: %v, categories %v", rows, seen)
	}
}

// refusals checks the body of every refusal, and of a token.
func (v *validator) refusals() {
	for target, status := range map[string]int{"/v2/users?status=x": 400, "/v2/users?next_page_token=x": 400, "/v2/users/nobody": 404, "/v2/nothing": 404, "/v2/groups/x": 404, "/v2/report/daily?month=13": 400,
		"/v2/report/operationlogs": 400, "/v2/report/activities?from=2020-01-01&to=2020-01-02": 400, "/v2/accounts/other/settings": 404,
		"/v2/accounts/me/settings?option=x": 400, "/v2/accounts/me/lock_settings?option=x": 400} {
		v.ask(target, status, v.fields["error"])
	}
	good := v.token
	v.token = "x"
	v.ask("/v2/users", http.StatusUnauthorized, v.fields["error"])
	v.token = good

	res := v.do(tokenRequest(url.Values{"grant_type": {"account_credentials"}, "account_id": {testAccount}}))
	d := json.NewDecoder(strings.NewReader(res.body))
	d.UseNumber()
	var answer any
	if err := d.Decode(&answer); err != nil {
		v.t.Fatal(err)
	}
	for _, fault := range v.fields["token"].check(answer) {
		v.t.Errorf("token: %s", fault)
	}
}

// The validator itself finds what is wrong.
func TestValidatorFindsFaults(t *testing.T) {
	s := readFields(t)["GET /users"]
	const good = `{"email":"u@example.com","type":1,"status":"active","created_at":"2018-10-31T04:32:37Z","verified":1,"pmi":5,"group_ids":["g"]}`
	page := func(row string) string {
		return `{"page_count":1,"page_number":1,"page_size":30,"total_records":1,"next_page_token":"","users":[` + row + `]}`
	}
	tests := map[string]string{
		page(good): "",
		page(strings.Replace(good, `"type":1`, `"type":3`, 1)):                         "users[].type",
		page(strings.Replace(good, `"type":1`, `"type":"1"`, 1)):                       "users[].type",
		page(strings.Replace(good, `"pmi":5`, `"pmi":5.5`, 1)):                         "users[].pmi",
		page(strings.Replace(good, `"pmi":5`, `"pmi":null`, 1)):                        "users[].pmi",
		page(strings.Replace(good, `"pmi":5`, `"PMI":5`, 1)):                           "users[].PMI",
		page(strings.Replace(good, `"active"`, `"gone"`, 1)):                           "users[].status",
		page(strings.Replace(good, `04:32:37Z`, `04:32:37.000Z`, 1)):                   "users[].created_at",
		page(strings.Replace(good, `u@example.com`, `u`, 1)):                           "users[].email",
		page(strings.Replace(good, `"verified":1,`, ``, 1)):                            "users[] lacks verified",
		page(strings.Replace(good, `["g"]`, `[1]`, 1)):                                 "users[].group_ids[]",
		page(strings.Replace(good, `["g"]`, `"g"`, 1)):                                 "users[].group_ids",
		page(strings.Replace(good, `["g"]`, `{"g":1}`, 1)):                             "users[].group_ids",
		page(strings.Replace(good, `"pmi":5`, `"pmi":[5]`, 1)):                         "users[].pmi",
		strings.Replace(page(good), `"page_count":1,`, ``, 1):                          " lacks page_count",
		strings.Replace(page(good), `"page_count":1,`, `"page_count":1,"extra":1,`, 1): "extra",
		strings.Replace(page(good), `"users":[`, `"users":{"x":[`, 1) + `}`:            "users",
		`[]`: "not an object",
	}
	for text, want := range tests {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var answer any
		if err := d.Decode(&answer); err != nil {
			t.Fatal(err)
		}
		faults := s.check(answer)
		if want == "" && faults != nil || want != "" && (len(faults) == 0 || !strings.HasPrefix(faults[0], want)) {
			t.Errorf("%s: %q, want %s", text, faults, want)
		}
	}
}
