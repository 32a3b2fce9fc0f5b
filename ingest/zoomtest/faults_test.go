package zoomtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// always is a schedule in which one fault strikes whenever it can.
func always(f zoomtest.Fault) *zoomtest.Faults {
	return &zoomtest.Faults{Rates: map[zoomtest.Fault]float64{f: 1}, MaxRun: 1000}
}

func inject(t testing.TB, a account, f *zoomtest.Faults) {
	t.Helper()
	if err := a.SetFaults(f); err != nil {
		t.Fatal(err)
	}
}

// manyRows has rows sign-ins a day, from 1 to 23 November 2026, an hour apart.
func manyRows(rows int) rowSource {
	s := smallAccount()
	s.activities = map[string][]zoomtest.Activity{}
	for day := 1; day <= 23; day++ {
		date := fmt.Sprintf("2026-11-%02d", day)
		for n := range rows {
			s.activities[date] = append(s.activities[date], zoomtest.Activity{
				Email: fmt.Sprintf("u%05d@example.com", n), Time: fmt.Sprintf("%sT%02d:00:00Z", date, n), Type: "Sign in", IPAddress: "192.0.2.1",
			})
		}
	}
	return s
}

func TestFailures(t *testing.T) {
	const activities = "/v2/report/activities?page_size=1"
	for _, tt := range []struct {
		fault  zoomtest.Fault
		status int
		header map[string]string // "" for none
		body   string            // starts with
		json   bool
	}{
		{zoomtest.FaultInternalError, 500, map[string]string{"Retry-After": ""}, `{"code":500,"message":"Internal server error."}`, true},
		{zoomtest.FaultBadGateway, 502, map[string]string{"Content-Type": "text/html"}, "<!DOCTYPE html>", false},
		{zoomtest.FaultUnavailable, 503, map[string]string{"Retry-After": "2"}, `{"code":503`, true},
		{zoomtest.FaultQuotedError, 500, map[string]string{"Content-Type": "application/json;charset=UTF-8"}, `{"code":500,"message":"The field "`, false},
		{zoomtest.FaultNotJSON, 200, map[string]string{"Content-Type": "text/html"}, "<!DOCTYPE html>", false},
		{zoomtest.FaultTooMany, 429, map[string]string{
			"Retry-After": "", "X-RateLimit-Type": "QPS", "X-RateLimit-Category": "Heavy", "X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0",
		}, perSecondBody, true},
		{zoomtest.FaultTooManyBare, 429, map[string]string{"Retry-After": "", "X-RateLimit-Type": "", "X-RateLimit-Category": ""}, perSecondBody, true},
		{zoomtest.FaultTooManySeconds, 429, map[string]string{"Retry-After": "2", "X-RateLimit-Type": "QPS"}, perSecondBody, true},
		{zoomtest.FaultTooManyDate, 429, map[string]string{"Retry-After": "Mon, 23 Nov 2026 12:00:02 GMT", "X-RateLimit-Type": "QPS"}, perSecondBody, true},
		{zoomtest.FaultTooManyInstant, 429, map[string]string{"Retry-After": "2026-11-23T12:00:02Z", "X-RateLimit-Type": "QPS"}, perSecondBody, true},
		{zoomtest.FaultAccessToken401, 401, nil, `{"code":124,"message":"Access token is expired."}`, true},
		{zoomtest.FaultAccessToken400, 400, nil, `{"code":124,"message":"Access token is expired."}`, true},
	} {
		t.Run(string(tt.fault), func(t *testing.T) {
			a := open(t, smallAccount(), zoomtest.ServerOptions{})
			f := always(tt.fault)
			f.RetryAfter = 1500 * time.Millisecond // rounded up
			inject(t, a, f)
			res := a.get(activities)
			if res.status != tt.status || !strings.HasPrefix(res.body, tt.body) || json.Valid([]byte(res.body)) != tt.json {
				t.Errorf("%d %s", res.status, res.body)
			}
			for name, want := range tt.header {
				if got := res.header.Get(name); got != want {
					t.Errorf("%s %q, want %q", name, got, want)
				}
			}
			if res.header.Get("X-Zm-Trackingid") == "" {
				t.Error("no tracking id")
			}
			diff(t, map[zoomtest.Fault]int{tt.fault: 1}, a.Traffic().Injected)
			diff(t, map[string]int{}, a.Traffic().LimitsBroken)
			if !strings.Contains(string(tt.fault), "token") {
				if res := a.do(tokenRequest(url.Values{})); res.status != tt.status || res.header.Get("X-RateLimit-Category") != "" {
					t.Errorf("token endpoint: %d %v", res.status, res.header)
				}
			}
			inject(t, a, nil)
			if res := a.get(activities); res.status != 200 {
				t.Errorf("switched off: %d %s", res.status, res.body)
			}
			// Early failures cost nothing of the quota; a token is refused before it is counted too.
			checkRate(t, a.get(activities), "Heavy", "Daily-limit", 30_000, 29_998)
		})
	}
}

// Over a real connection: it ends before the first byte, or in the middle of the body.
func TestBrokenConnections(t *testing.T) {
	for _, fault := range []zoomtest.Fault{zoomtest.FaultReset, zoomtest.FaultCutBody, zoomtest.FaultCutChunks} {
		srv, err := zoomtest.NewServer(smallAccount(), zoomtest.ServerOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		o := srv.Options()
		r, _ := http.NewRequest(http.MethodPost, srv.URL+"/oauth/token?grant_type=account_credentials&account_id="+o.AccountID, nil)
		r.SetBasicAuth(o.ClientID, o.ClientSecret)
		_, body, _ := send(t, r)
		var reply userTokens
		if err := json.Unmarshal([]byte(body), &reply); err != nil {
			t.Fatal(err)
		}
		if err := srv.SetFaults(always(fault)); err != nil {
			t.Fatal(err)
		}
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
		r, _ = http.NewRequest(http.MethodGet, srv.URL+"/v2/users", nil)
		r.Header.Set("Authorization", "Bearer "+reply.AccessToken)
		res, err := client.Do(r)
		outcome := "Medium 200"
		if fault == zoomtest.FaultReset {
			outcome = "Medium reset"
			if err == nil {
				res.Body.Close()
				t.Errorf("an answer: %s", res.Status)
			}
		} else {
			if err != nil {
				t.Fatalf("%s: %v", fault, err)
			}
			got, err := io.ReadAll(res.Body)
			res.Body.Close()
			if !errors.Is(err, io.ErrUnexpectedEOF) || len(got) == 0 || json.Valid(got) || (res.ContentLength > 0) != (fault == zoomtest.FaultCutBody) {
				t.Errorf("%s: %v after %d of %d bytes", fault, err, len(got), res.ContentLength)
			}
		}
		if srv.Close(); srv.Requests()[outcome] != 1 { // closed: the request has been counted
			t.Errorf("%s: %v", fault, srv.Requests())
		}
		diff(t, map[zoomtest.Fault]int{fault: 1}, srv.Traffic().Injected)
	}
}

// A naive reading of the protocol: four tries, one new token a call, a listing started over when its page token is lost.
type retrier struct {
	account
	t      testing.TB
	tries  int
	max    int // the most tries that one call took
	starts int // the most starts that one listing took
}

// try sends one request without a connection, and recovers where a server would end one.
func (c *retrier) try(r *http.Request) (res result, ok bool) {
	defer func() {
		p := recover()
		if err, ok := p.(error); p != nil && !(ok && errors.Is(err, http.ErrAbortHandler)) {
			panic(p)
		}
	}()
	res = c.do(r)
	return res, res.status < 500 && res.status != 429 && json.Valid([]byte(res.body))
}

func (c *retrier) renew() {
	for range 4 {
		res, ok := c.try(tokenRequest(url.Values{"grant_type": {"account_credentials"}, "account_id": {testAccount}}))
		if ok && res.status == 200 {
			var u userTokens
			res.decode(c.t, &u)
			c.token = u.AccessToken
			return
		}
	}
	c.t.Fatal("no token in four tries")
}

func (c *retrier) call(target string) result {
	renewed := false
	for try := 1; ; try++ {
		c.tries++
		c.max = max(c.max, try)
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Header.Set("Authorization", "Bearer "+c.token)
		res, ok := c.try(r)
		switch {
		case ok && strings.Contains(res.body, `"code":124`) && !renewed:
			renewed = true
			c.renew()
		case ok || strings.Contains(res.body, `"code":104`):
			return res
		case try == 4:
			c.t.Fatalf("%s: failed four times: %d %s", target, res.status, res.body)
		}
	}
}

// list returns the rows of a listing by how often they came, and how many pages there were.
func (c *retrier) list(path string, q url.Values, key string) (rows map[string]int, pages int, refused *result) {
	for start := 1; start <= 4; start++ {
		c.starts = max(c.starts, start)
		rows, pages = map[string]int{}, 0
		q.Del("next_page_token")
		for {
			res := c.call(path + "?" + q.Encode())
			if res.status == 400 && strings.Contains(res.body, "page token") {
				break
			}
			if res.status != 200 {
				return nil, 0, &res
			}
			var body map[string]json.RawMessage
			var page []json.RawMessage
			var next string
			res.decode(c.t, &body)
			if err := errors.Join(json.Unmarshal(body[key], &page), json.Unmarshal(body["next_page_token"], &next)); err != nil {
				c.t.Fatalf("%s: %v", res.body, err)
			}
			pages++
			for _, row := range page {
				rows[string(row)]++
			}
			if next == "" {
				return rows, pages, nil
			}
			q.Set("next_page_token", next)
		}
	}
	c.t.Fatal("four starts did not reach the end")
	return nil, 0, nil
}

func november(size int) url.Values {
	return url.Values{"from": {"2026-11-01"}, "to": {"2026-11-23"}, "page_size": {strconv.Itoa(size)}}
}

// With any random schedule a client that tries four times reads the whole truth, and the same schedule does the same again.
func TestRandomFaults(t *testing.T) {
	synctest.Test(t, testRandomFaults) // nobody waits for the latency
}

func testRandomFaults(t *testing.T) {
	seen := map[zoomtest.Fault]int{}
	src := manyRows(4)
	schedules, least := uint64(300), 10
	if testing.Short() {
		schedules, least = 60, 1
	}
	for seed := range schedules {
		f := zoomtest.RandomFaults(seed)
		diff(t, f, zoomtest.RandomFaults(seed))
		late := time.Duration(0)
		if f.Late > 0 {
			late = f.LateBy
		}
		var first zoomtest.Traffic
		for pass := range 1 + int((seed+1)%10/9) { // every tenth once more
			clock := newTestClock()
			a := open(t, src, zoomtest.ServerOptions{NoLimits: true, Now: clock.Now, AsOf: testNow})
			inject(t, a, &f)
			c := &retrier{account: a, t: t}
			clean := open(t, src, zoomtest.ServerOptions{NoLimits: true, AsOf: testNow})
			for _, listing := range []struct{ path, key string }{{"/v2/report/activities", "activity_logs"}, {"/v2/users", "users"}} {
				want, _, _ := (&retrier{account: clean, t: t}).list(listing.path, november(3), listing.key)
				got, _, refused := c.list(listing.path, november(3), listing.key)
				if refused != nil {
					t.Fatalf("seed %d: %s: %d %s", seed, listing.path, refused.status, refused.body)
				}
				for row := range want {
					if got[row] == 0 && !lateRow(row, testNow.Add(f.Skew), late) {
						t.Errorf("seed %d: %s lacks %s", seed, listing.path, row)
					}
				}
				for row, times := range got {
					if want[row] == 0 || times > 4 {
						t.Errorf("seed %d: %s has %s %d times", seed, listing.path, row, times)
					}
				}
			}
			for _, path := range []string{"/v2/report/operationlogs", "/v2/accounts/{}/settings", "/v2/accounts/{}/lock_settings"} {
				res := c.call(strings.ReplaceAll(path, "{}", "me") + "?" + november(3).Encode())
				refused := strings.Contains(res.body, `"code":4711`) || strings.Contains(res.body, `"code":104`)
				if refused != slices.Contains(f.Refused, path) {
					t.Errorf("seed %d: %s: %d %s", seed, path, res.status, res.body)
				}
			}
			if pass == 0 {
				first = a.Traffic()
				for fault, n := range first.Injected {
					seen[fault] += n
				}
				continue
			}
			diff(t, first.Injected, a.Traffic().Injected)
			diff(t, first.Calls, a.Traffic().Calls)
		}
	}
	t.Logf("faults met: %v", seen)
	for _, fault := range everyFault {
		if seen[fault] < least {
			t.Errorf("%q struck %d times in %d schedules", fault, seen[fault], schedules)
		}
	}
}

// lateRow reports whether a row may be held back still.
func lateRow(row string, present time.Time, by time.Duration) bool {
	var a zoomtest.Activity
	if json.Unmarshal([]byte(row), &a) != nil || a.Time == "" {
		return false
	}
	at, err := time.Parse(time.RFC3339, a.Time)
	return err == nil && present.Before(at.Add(by))
}

var everyFault = []zoomtest.Fault{
	zoomtest.FaultInternalError, zoomtest.FaultBadGateway, zoomtest.FaultUnavailable, zoomtest.FaultQuotedError, zoomtest.FaultNotJSON, zoomtest.FaultReset,
	zoomtest.FaultTooMany, zoomtest.FaultTooManyBare, zoomtest.FaultTooManySeconds, zoomtest.FaultTooManyDate, zoomtest.FaultTooManyInstant,
	zoomtest.FaultAccessToken401, zoomtest.FaultAccessToken400, zoomtest.FaultPageToken, zoomtest.FaultCutBody, zoomtest.FaultCutChunks,
	zoomtest.FaultRepeatedRow, zoomtest.FaultRepeatedOnNext, zoomtest.FaultLate, zoomtest.FaultRefused,
}

// outcomes is what a series of requests to two paths meets, one letter or status each.
func outcomes(t testing.TB, a account, n int) []string {
	c := &retrier{account: a, t: t}
	var out []string
	for k := range n {
		target := []string{"/v2/users", "/v2/report/activities"}[k%2]
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Header.Set("Authorization", "Bearer "+a.token)
		res, _ := c.try(r)
		out = append(out, strconv.Itoa(res.status)+res.header.Get("Retry-After")+strconv.Itoa(len(res.body)))
	}
	return out
}

func TestFaultsFollowTheSeed(t *testing.T) {
	synctest.Test(t, testFaultsFollowTheSeed)
}

func testFaultsFollowTheSeed(t *testing.T) {
	f := zoomtest.RandomFaults(1)
	f.MaxRun, f.Late = 5, 0
	run := func(seed uint64) []string {
		f.Seed = seed
		a := open(t, manyRows(2), zoomtest.ServerOptions{NoLimits: true})
		inject(t, a, &f)
		first := outcomes(t, a, 200)
		inject(t, a, &f) // counts from the beginning again
		diff(t, first, outcomes(t, a, 200))
		return first
	}
	diff(t, run(7), run(7))
	if slices.Equal(run(7), run(8)) {
		t.Error("another seed, the same faults")
	}
}

// The shares are what the rates say: 20,000 draws at 5 % have a standard deviation of 31, at 10 % of 42.
func TestRatesOfFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("20,000 requests")
	}
	a := open(t, smallAccount(), zoomtest.ServerOptions{NoLimits: true})
	inject(t, a, &zoomtest.Faults{Seed: 5, MaxRun: 1 << 30, Rates: map[zoomtest.Fault]float64{
		zoomtest.FaultBadGateway: 0.05, zoomtest.FaultTooManyBare: 0.1, zoomtest.FaultRepeatedRow: 0.05,
	}})
	for range 20_000 {
		a.get("/v2/users")
	}
	got := a.Traffic().Injected
	for fault, want := range map[zoomtest.Fault]int{zoomtest.FaultBadGateway: 1000, zoomtest.FaultTooManyBare: 2000, zoomtest.FaultRepeatedRow: 850} { // of 17,000 pages
		if got[fault] < want-130 || got[fault] > want+130 {
			t.Errorf("%q: %d, want about %d", fault, got[fault], want)
		}
	}
}

// However high the rates, no more than MaxRun failures follow each other, and no more than one about the token.
func TestRunsAreBounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		run := rapid.IntRange(1, 4).Draw(rt, "run")
		a := open(t, smallAccount(), zoomtest.ServerOptions{NoLimits: true})
		inject(t, a, &zoomtest.Faults{Seed: rapid.Uint64().Draw(rt, "seed"), MaxRun: run, Rates: map[zoomtest.Fault]float64{
			zoomtest.FaultInternalError: 0.5, zoomtest.FaultAccessToken401: 0.5,
		}})
		failed, tokens, longest := 0, 0, 0
		for range 60 {
			switch res := a.get("/v2/users"); res.status {
			case 200:
				failed, tokens = 0, 0
			case 401:
				tokens++
				failed++
			default:
				failed++
			}
			longest = max(longest, failed)
			if failed > run || tokens > 1 {
				rt.Fatalf("%d failures in a row, %d about the token", failed, tokens)
			}
		}
		if longest < run && run < 3 {
			rt.Fatalf("never more than %d in a row", longest)
		}
	})
}

// Many callers at once: each gets through within MaxRun repeats of its own request.
func TestRunsAreBoundedForEveryCaller(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{NoLimits: true})
	inject(t, a, &zoomtest.Faults{Rates: map[zoomtest.Fault]float64{zoomtest.FaultBadGateway: 1}})
	var callers sync.WaitGroup
	for n := range 8 {
		callers.Go(func() {
			for k := range 50 {
				target := fmt.Sprintf("/v2/users?page_number=%d", n*50+k+1)
				failed := 0
				for a.get(target).status != 200 {
					if failed++; failed > 2 {
						t.Errorf("%s failed %d times", target, failed)
						return
					}
				}
			}
		})
	}
	callers.Wait()
}

func TestLostPageTokens(t *testing.T) {
	a := open(t, manyRows(3), zoomtest.ServerOptions{NoLimits: true})
	inject(t, a, always(zoomtest.FaultPageToken))
	first := a.get("/v2/report/activities?" + november(30).Encode())
	var page struct {
		Next string `json:"next_page_token"`
	}
	first.decode(t, &page)
	q := november(30)
	q.Set("next_page_token", page.Next)
	a.get("/v2/report/activities?"+q.Encode()).is(t, 400, refusal(300, "The next page token is invalid or expired."))

	f := always(zoomtest.FaultPageToken)
	f.MaxRun = 2
	inject(t, a, f)
	c := &retrier{account: a, t: t}
	for n := 1; n <= 2; n++ { // a listing that was read to its end may be lost again
		rows, _, _ := c.list("/v2/report/activities", november(30), "activity_logs")
		if len(rows) != 69 || c.starts != 3 || a.Traffic().Injected[zoomtest.FaultPageToken] != 1+2*n {
			t.Errorf("%d rows, %d starts, %v", len(rows), c.starts, a.Traffic().Injected)
		}
	}
}

func TestRepeatedRows(t *testing.T) {
	for _, tt := range []struct {
		fault zoomtest.Fault
		again func(pages int) int
	}{
		{zoomtest.FaultRepeatedRow, func(pages int) int { return pages }},
		{zoomtest.FaultRepeatedOnNext, func(pages int) int { return pages - 1 }},
	} {
		a := open(t, manyRows(3), zoomtest.ServerOptions{NoLimits: true})
		inject(t, a, always(tt.fault))
		rows, pages, _ := (&retrier{account: a, t: t}).list("/v2/report/activities", november(10), "activity_logs")
		twice := 0
		for _, times := range rows {
			twice += times - 1
		}
		if len(rows) != 69 || pages != 7 || twice != tt.again(pages) || a.Traffic().Injected[tt.fault] != twice {
			t.Errorf("%s: %d rows on %d pages, %d twice", tt.fault, len(rows), pages, twice)
		}
	}
	// A page asked for again begins with the same row again, and the row is the last one of the page before.
	a := open(t, manyRows(3), zoomtest.ServerOptions{NoLimits: true})
	inject(t, a, always(zoomtest.FaultRepeatedOnNext))
	get := func(q url.Values) (page struct {
		Rows []zoomtest.Activity `json:"activity_logs"`
		Next string              `json:"next_page_token"`
		Size int                 `json:"page_size"`
		From string              `json:"from"`
	},
	) {
		a.get("/v2/report/activities?"+q.Encode()).decode(t, &page)
		return page
	}
	q := november(5)
	one := get(q)
	q.Set("next_page_token", one.Next)
	for range 2 {
		two := get(q)
		if len(one.Rows) != 5 || len(two.Rows) != 6 || two.Rows[0] != one.Rows[4] || two.Size != 5 || two.From != "2026-11-01T00:00:00Z" {
			t.Errorf("%+v, then %+v", one, two)
		}
	}
	// What has no pages stays as it is.
	inject(t, a, always(zoomtest.FaultRepeatedRow))
	a.get("/v2/users/me").is(t, 200, oneOwner)
	a.get("/v2/accounts/me/settings?option=recording_authentication").is(t, 200, `{"recording_authentication":false,"authentication_options":[]}`)
}

// A late row is hidden until its own delay is over, never longer than LateBy, on every page size, and then for good.
func TestLateRows(t *testing.T) {
	clock := newTestClock()
	a := open(t, manyRows(20), zoomtest.ServerOptions{NoLimits: true, Now: clock.Now, TokenTTL: 1000 * time.Hour})
	const late = 48 * time.Hour
	inject(t, a, &zoomtest.Faults{Seed: 3, Late: 0.4, LateBy: late})
	read := func(size int) map[string]int {
		rows, _, _ := (&retrier{account: a, t: t}).list("/v2/report/activities", november(size), "activity_logs")
		return rows
	}
	before, hidden := map[string]int{}, 0
	for hour := 0; hour <= 60; hour += 6 {
		now := read(300)
		if hour%30 == 0 {
			diff(t, now, read(7))
		}
		for row := range before {
			if now[row] == 0 {
				t.Errorf("after %d hours %s is gone", hour, row)
			}
		}
		if hour == 0 {
			all := open(t, manyRows(20), zoomtest.ServerOptions{NoLimits: true})
			truth, _, _ := (&retrier{account: all, t: t}).list("/v2/report/activities", november(300), "activity_logs")
			for row := range truth {
				if now[row] == 0 {
					hidden++
					if !lateRow(row, testNow, late) {
						t.Errorf("hidden for too long: %s", row)
					}
				}
			}
		}
		before = now
		clock.Advance(6 * time.Hour)
	}
	// At noon a late row of age h is still hidden with 1 - h/48: of the 20 rows of 23 November 17.9, of the day before 9.0, of 21 November 0.6. 40 % of
	// those are 11, with a standard deviation of 3.
	if hidden < 4 || hidden > 20 || len(before) != 23*20 {
		t.Errorf("%d rows hidden at first, %d of 460 there in the end", hidden, len(before))
	}
	if a.Traffic().Injected[zoomtest.FaultLate] == 0 {
		t.Error("not counted")
	}
	if users, _, _ := (&retrier{account: a, t: t}).list("/v2/users", url.Values{}, "users"); len(users) != 2 {
		t.Errorf("%d users", len(users))
	}
}

func TestClockSkew(t *testing.T) {
	clock := newTestClock() // 23 November, noon
	a := open(t, smallAccount(), zoomtest.ServerOptions{Plan: "free", Now: clock.Now})
	const outside, inside = "/v2/report/operationlogs?from=2026-05-22&to=2026-05-23", "/v2/report/operationlogs?from=2026-05-23&to=2026-05-24"
	paid := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now})
	for _, tt := range []struct {
		skew             time.Duration
		date             string
		outside, inside  int
		retry, quotaFull string
	}{
		{0, "Mon, 23 Nov 2026 12:00:00 GMT", 400, 200, "2026-11-24T00:00:00Z", "29999"},
		{13 * time.Hour, "Tue, 24 Nov 2026 01:00:00 GMT", 400, 400, "2026-11-25T00:00:00Z", ""},
		{-13 * time.Hour, "Sun, 22 Nov 2026 23:00:00 GMT", 200, 200, "2026-11-23T00:00:00Z", ""},
	} {
		for _, h := range []account{a, paid} {
			inject(t, h, &zoomtest.Faults{Skew: tt.skew})
		}
		res := paid.get(outside)
		if got := res.header.Get("Date"); got != tt.date || res.status != tt.outside {
			t.Errorf("%v: %d at %s", tt.skew, res.status, got)
		}
		if res := paid.get(inside); res.status != tt.inside {
			t.Errorf("%v: %d %s", tt.skew, res.status, res.body)
		}
		a.get("/v2/report/activities") // turns the day
		a.SpendQuota(1000)
		if got := a.get("/v2/report/activities").header.Get("Retry-After"); got != tt.retry {
			t.Errorf("%v: the quota is whole again at %s", tt.skew, got)
		}
	}
}

func TestRefusedPaths(t *testing.T) {
	a := open(t, smallAccount(), zoomtest.ServerOptions{})
	f := &zoomtest.Faults{Refused: []string{"/v2/accounts/{}/settings", "/v2/report/activities"}}
	inject(t, a, f)
	a.get("/v2/accounts/me/settings").is(t, 400, refusal(4711, "Invalid access token, does not contain scopes:[account:read:admin, account:read:settings:admin]."))
	if res := a.get("/v2/report/activities"); !strings.Contains(res.body, `"code":4711`) {
		t.Error(res.body)
	}
	a.get("/v2/users/me").is(t, 200, oneOwner)
	f.RefusedQuoted = true
	if res := a.get("/v2/accounts/me/settings"); !json.Valid([]byte(res.body)) {
		t.Error("the handler looks at the caller's faults")
	}
	inject(t, a, f)
	res := a.get("/v2/accounts/me/settings")
	if res.status != 400 || json.Valid([]byte(res.body)) || !strings.HasPrefix(res.body, `{"code":104,"message":"`) {
		t.Errorf("%d %s", res.status, res.body)
	}
	if got := a.Traffic().Injected[zoomtest.FaultRefused]; got != 4 {
		t.Errorf("%d refusals", got)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, smallAccount(), zoomtest.ServerOptions{Now: time.Now})
		measure := func(f zoomtest.Faults) (waits []time.Duration) {
			inject(t, a, &f)
			for range 20 {
				started := time.Now()
				a.get("/v2/users/me").is(t, 200, oneOwner)
				waits = append(waits, time.Since(started))
			}
			return waits
		}
		for _, wait := range measure(zoomtest.Faults{Latency: 3 * time.Second}) {
			if wait != 3*time.Second {
				t.Errorf("waited %v", wait)
			}
		}
		jittered := zoomtest.Faults{Seed: 1, Latency: time.Second, Jitter: time.Second}
		waits := measure(jittered)
		diff(t, waits, measure(jittered))
		if low, high := slices.Min(waits), slices.Max(waits); low < time.Second || high >= 2*time.Second || high-low < time.Second/2 {
			t.Errorf("from %v to %v", low, high)
		}
	})
}

func TestFaultsThatCannotBe(t *testing.T) {
	for says, f := range map[string]zoomtest.Faults{
		"length is negative":         {Latency: -1},
		"share 1.5 of late":          {Late: 1.5},
		`"late row" has no rate`:     {Rates: map[zoomtest.Fault]float64{zoomtest.FaultLate: 0.1}},
		`rate -0.1 of "503"`:         {Rates: map[zoomtest.Fault]float64{zoomtest.FaultUnavailable: -0.1}},
		"add up to 1.2":              {Rates: map[zoomtest.Fault]float64{zoomtest.FaultUnavailable: 0.6, zoomtest.FaultReset: 0.6}},
		`path "/v2/nothing" is not`:  {Refused: []string{"/v2/nothing"}},
		`path "report/daily" is not`: {Refused: []string{"report/daily"}},
	} {
		if _, err := zoomtest.NewHandler(smallAccount(), zoomtest.ServerOptions{Faults: &f}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	f := zoomtest.Faults{Seed: 9, Rates: map[zoomtest.Fault]float64{zoomtest.FaultRepeatedRow: 1, zoomtest.FaultRepeatedOnNext: 1, zoomtest.FaultReset: 1}}
	h, err := zoomtest.NewHandler(smallAccount(), zoomtest.ServerOptions{Faults: &f})
	if err != nil {
		t.Fatal(err)
	}
	got := h.Options().Faults
	if got.Seed != 9 || got.MaxRun != 2 || got.RetryAfter != time.Second || !maps.Equal(got.Rates, f.Rates) {
		t.Errorf("%+v", got)
	}
}
