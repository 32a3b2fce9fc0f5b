package zoomtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

// A page is any listing's answer.
type page struct {
	NextPageToken string               `json:"next_page_token"`
	PageSize      int                  `json:"page_size"`
	PageNumber    int                  `json:"page_number"`
	TotalRecords  int                  `json:"total_records"`
	Users         []zoomtest.User      `json:"users"`
	Activities    []zoomtest.Activity  `json:"activity_logs"`
	Operations    []zoomtest.Operation `json:"operation_logs"`
}

func (p page) rows() int { return len(p.Users) + len(p.Activities) + len(p.Operations) }

// walk follows the page tokens of a listing to its end.
func walk(t testing.TB, a account, path string, q url.Values) []page {
	t.Helper()
	pages, err := pagesOf(a, path, q)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func pagesOf(a account, path string, q url.Values) (pages []page, err error) {
	for len(pages) < 10_000 {
		res := a.get(path + "?" + q.Encode())
		var p page
		if err := json.Unmarshal([]byte(res.body), &p); err != nil || res.status != 200 {
			return pages, fmt.Errorf("page %d: %d %s", len(pages)+1, res.status, res.body)
		}
		pages = append(pages, p)
		if p.NextPageToken == "" {
			return pages, nil
		}
		q.Set("next_page_token", p.NextPageToken)
	}
	return pages, errors.New("the pages do not end")
}

// full checks that every page but the last is full, and the last not empty unless it is the only one.
func full(t testing.TB, pages []page, size int) {
	t.Helper()
	for i, p := range pages {
		if last := i == len(pages)-1; !last && p.rows() != size || p.rows() > size || last && i > 0 && p.rows() == 0 {
			t.Fatalf("page %d of %d has %d rows of %d", i+1, len(pages), p.rows(), size)
		}
		if p.PageSize != size {
			t.Fatalf("page_size %d, want %d", p.PageSize, size)
		}
	}
}

func TestReportPagesGiveEachRowOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		first := testNow.Truncate(24*time.Hour).AddDate(0, 0, -rapid.IntRange(0, 150).Draw(rt, "first"))
		days := rapid.IntRange(1, 28).Draw(rt, "days")
		size := rapid.IntRange(1, 40).Draw(rt, "size")
		categories := []string{"User", "User Settings", "Account", "Zoom Rooms", ""}
		src := rowSource{activities: map[string][]zoomtest.Activity{}, operations: map[string][]zoomtest.Operation{}}
		var activities, settings []string
		// One day more on either side, which must not show.
		for d := -1; d <= days; d++ {
			day := first.AddDate(0, 0, d)
			key := day.Format(time.DateOnly)
			for i := range rapid.IntRange(0, 12).Draw(rt, "rows") {
				at, id := day.Add(time.Duration(i)*time.Hour).Format(time.RFC3339), fmt.Sprintf("%s/%d", key, i)
				category := rapid.SampledFrom(categories).Draw(rt, "category")
				src.activities[key] = append(src.activities[key], zoomtest.Activity{Time: at, Email: id})
				src.operations[key] = append(src.operations[key], zoomtest.Operation{Time: at, Detail: id, Category: category})
				if d < 0 || d == days {
					continue
				}
				activities = append(activities, id)
				if category == "User Settings" {
					settings = append(settings, id)
				}
			}
		}
		slices.Reverse(activities) // newest first
		slices.Reverse(settings)
		a := open(t, src, zoomtest.ServerOptions{NoLimits: true})
		q := func() url.Values {
			return url.Values{
				"from": {first.Format(time.DateOnly)}, "to": {first.AddDate(0, 0, days-1).Format(time.DateOnly)},
				"page_size": {strconv.Itoa(size)},
			}
		}

		var got []string
		pages := walk(t, a, "/v2/report/activities", q())
		for _, p := range pages {
			for _, row := range p.Activities {
				got = append(got, row.Email)
			}
		}
		full(t, pages, size)
		diff(t, activities, got)

		got = nil
		filtered := q()
		filtered.Set("category_type", "user_settings")
		pages = walk(t, a, "/v2/report/operationlogs", filtered)
		for _, p := range pages {
			for _, row := range p.Operations {
				got = append(got, row.Detail)
			}
		}
		full(t, pages, size)
		diff(t, settings, got)
		if t.Failed() {
			rt.FailNow()
		}
	})
}

func TestUserPagesGiveEachRowOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, size := rapid.IntRange(0, 120).Draw(rt, "users"), rapid.IntRange(1, 50).Draw(rt, "size")
		var src rowSource
		var want []string
		for i := range n {
			u := zoomtest.User{ID: fmt.Sprint(i), Email: fmt.Sprintf("u%05d@example.com", i), Status: rapid.SampledFrom([]string{"active", "inactive"}).Draw(rt, "status")}
			src.users = append(src.users, u)
			if u.Status == "active" {
				want = append(want, u.ID)
			}
		}
		a := open(t, src, zoomtest.ServerOptions{NoLimits: true})
		var byToken, byNumber []string
		pages := walk(t, a, "/v2/users", url.Values{"page_size": {strconv.Itoa(size)}})
		full(t, pages, size)
		for i, p := range pages {
			if p.PageNumber != i+1 || p.TotalRecords != len(want) {
				rt.Fatalf("page %d: %+v", i+1, p)
			}
			for _, u := range p.Users {
				byToken = append(byToken, u.ID)
			}
			var numbered page
			a.get(fmt.Sprintf("/v2/users?page_size=%d&page_number=%d", size, i+1)).decode(t, &numbered)
			for _, u := range numbered.Users {
				byNumber = append(byNumber, u.ID)
			}
		}
		diff(t, want, byToken)
		diff(t, want, byNumber)
		if t.Failed() {
			rt.FailNow()
		}
	})
}

func TestPageTokens(t *testing.T) {
	clock := newTestClock()
	a := open(t, smallAccount(), zoomtest.ServerOptions{Now: clock.Now, NoLimits: true, TokenTTL: 24 * time.Hour})
	const window = "?from=2026-11-01&to=2026-11-20&page_size=1"
	first := func(target string) string {
		var p page
		a.get(target).decode(t, &p)
		if p.NextPageToken == "" {
			t.Fatalf("%s: no next page", target)
		}
		return "&next_page_token=" + p.NextPageToken
	}
	activities, users := first("/v2/report/activities"+window), first("/v2/users?page_size=1")
	operations := first("/v2/report/operationlogs" + window + "&category_type=all")
	other := open(t, smallAccount(), zoomtest.ServerOptions{NoLimits: true})

	refused := refusal(300, "The next page token is invalid or expired.")
	for _, target := range []string{
		"/v2/report/operationlogs" + window + activities,                               // another endpoint
		"/v2/report/activities?from=2026-11-02&to=2026-11-20&page_size=1" + activities, // another window
		"/v2/report/activities?from=2026-11-01&to=2026-11-20&page_size=2" + activities, // another size
		"/v2/report/operationlogs" + window + "&category_type=user" + operations,
		"/v2/users?page_size=1&status=inactive" + users,
		"/v2/users?page_size=1&role_id=2" + users,
		"/v2/users?page_size=1" + users + "A",
	} {
		a.get(target).is(t, 400, refused)
	}
	other.get("/v2/users?page_size=1"+users).is(t, 400, refused)

	// A token can be used again, and what no one filters by may change.
	for range 2 {
		if res := a.get("/v2/users?page_size=1&include_fields=host_key" + users); res.status != 200 {
			t.Errorf("again: %d %s", res.status, res.body)
		}
	}
	if res := a.get("/v2/report/operationlogs" + window + operations); res.status != 200 {
		t.Errorf("all is the default: %d %s", res.status, res.body)
	}

	clock.Advance(15*time.Minute - 1)
	if res := a.get("/v2/report/activities" + window + activities); res.status != 200 {
		t.Errorf("just before its end: %d %s", res.status, res.body)
	}
	clock.Advance(1)
	a.get("/v2/report/activities"+window+activities).is(t, 400, refused)
	a.get("/v2/users?page_size=1"+users).is(t, 400, refused)
}

// A countingSource says which days were asked for.
type countingSource struct {
	rowSource
	asked *[]string
}

func (s countingSource) Activities(day time.Time) []zoomtest.Activity {
	*s.asked = append(*s.asked, day.Format(time.DateOnly))
	return s.rowSource.Activities(day)
}

func TestPagesAskForNoMoreDaysThanTheyNeed(t *testing.T) {
	var asked []string
	a := open(t, countingSource{smallAccount(), &asked}, zoomtest.ServerOptions{NoLimits: true})
	pages := "/v2/report/activities?from=2026-10-25&to=2026-11-22&page_size=2"
	var p page
	a.get(pages).decode(t, &p)
	if first, last := asked[0], asked[len(asked)-1]; first != "2026-11-22" || last != "2026-11-01" {
		t.Errorf("first page asked from %s to %s", first, last)
	}
	asked = nil
	a.get(pages + "&next_page_token=" + p.NextPageToken)
	if asked[0] != "2026-11-01" {
		t.Errorf("second page began at %s", asked[0])
	}
}
