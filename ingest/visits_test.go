package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// office is an account with users, hosts and meetings in memory, and a quota.
type office struct {
	*account
	meetings map[string]int // by host: how many a day
	budget   int            // calls left of the day; negative: no quota

	mu    sync.Mutex
	calls []string // what was asked for: endpoint, parent, window
	fail  map[string]error
}

func (o *office) Budget() (int, bool)        { return max(o.budget, 0), o.budget >= 0 }
func (o *office) Concurrency(zoom.Label) int { return 1 }

func (o *office) List(_ context.Context, ep zoom.Endpoint, args zoom.Args, yield func(zoom.Page[zoom.Row]) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if ep.Name != zoom.EndpointHosts && ep.Name != zoom.EndpointUserMeetings {
		return yield(zoom.Page[zoom.Row]{Number: 1})
	}
	call := ep.Name + " " + args["userId"] + " " + args["from"] + ".." + args["to"]
	o.calls = append(o.calls, call)
	if o.budget >= 0 {
		if o.budget == 0 {
			return &zoom.QuotaError{Label: ep.Label, Limit: 1, ResetAt: testNow.AddDate(0, 0, 1)}
		}
		o.budget--
	}
	if err := o.fail[args["userId"]]; err != nil {
		return err
	}
	from, _ := time.Parse(time.DateOnly, args["from"])
	to, _ := time.Parse(time.DateOnly, args["to"])
	days := int(to.Sub(from)/day) + 1
	var page zoom.Page[zoom.Row]
	page.Number = 1
	add := func(text string) {
		row, err := zoom.NewRow([]byte(text))
		if err != nil {
			panic(err)
		}
		page.Rows = append(page.Rows, row)
	}
	for host, n := range o.meetings {
		switch {
		case n == 0:
		case ep.Name == zoom.EndpointHosts:
			add(fmt.Sprintf(`{"id":%q,"email":"%s@example.com","meetings":%d}`, host, host, n*days))
		case host == args["userId"]:
			for d := range days {
				for i := range n {
					add(fmt.Sprintf(`{"uuid":"%s-%s-%d","start_time":%q}`, host, from.AddDate(0, 0, d).Format(time.DateOnly), i, from.AddDate(0, 0, d).Format(time.RFC3339)))
				}
			}
		}
	}
	return yield(page)
}

func (o *office) run(t *testing.T, db *visitDB, now time.Time) (hosts, meetings FeedReport) {
	t.Helper()
	o.calls = nil
	rep, err := Run(t.Context(), Options{DB: db.DB, Client: o, Now: now, RunID: "r", BackfillDays: 40, Feeds: []string{"users", "hosts", "user_meetings"}})
	if err != nil {
		t.Fatal(err)
	}
	return feedOf(t, rep, "hosts"), feedOf(t, rep, "user_meetings")
}

func newOffice() *office {
	return &office{account: smallAccount(), budget: -1, meetings: map[string]int{"ann": 1, "bob": 2, "cy": 0}}
}

func (o *office) asked(endpoint string) []string {
	return slices.DeleteFunc(slices.Clone(o.calls), func(c string) bool { return c[:len(endpoint)+1] != endpoint+" " })
}

// The first run reads whole months of hosts and then single days; only who hosted is asked about, the latest window and the busiest host first; and what is read and
// settled is never asked for again.
func TestVisitsAreWorthACall(t *testing.T) {
	o, db := newOffice(), openVisitDB(t)
	hosts, meetings := o.run(t, db, testNow)
	if hosts.State != StateOK || meetings.State != StateOK || hosts.Due+meetings.Due != 0 {
		t.Fatalf("%+v %+v", hosts, meetings)
	}
	asked := o.asked(zoom.EndpointUserMeetings)
	if len(asked) != 2*hosts.Visits || asked[0] != "user_meetings bob "+day0(testNow) || asked[1] != "user_meetings ann "+day0(testNow) {
		t.Errorf("%d windows, asked %v", hosts.Visits, asked)
	}
	if got := db.count(t, `SELECT count(*) FROM ingest.user_meetings`); got != 3*41 {
		t.Errorf("%d meetings landed, the account has %d", got, 3*41)
	}
	if o.run(t, db, testNow); len(o.calls) != 0 {
		t.Errorf("asked at once again: %v", o.calls)
	}
	// Half a day later the days that are not settled are looked at again, and only whose count changed is asked about.
	o.meetings["ann"] = 2
	o.run(t, db, testNow.Add(7*time.Hour))
	days := len(o.asked(zoom.EndpointHosts))
	if got := len(o.asked(zoom.EndpointUserMeetings)); days != 4 || got != days || slices.ContainsFunc(o.asked(zoom.EndpointUserMeetings), func(c string) bool { return c[:17] != "user_meetings ann" }) {
		t.Errorf("asked for %v", o.calls)
	}
}

func day0(now time.Time) string {
	return now.Format(time.DateOnly) + ".." + now.Format(time.DateOnly)
}

// What one day's quota does not allow is left for the next, the newest first, and nothing is asked for twice.
func TestVisitsAreSpreadOverDays(t *testing.T) {
	o, db := newOffice(), openVisitDB(t)
	seen := map[string]bool{}
	for n := range 30 {
		o.budget = 5
		hosts, meetings := o.run(t, db, testNow.Add(time.Duration(n)*time.Minute))
		if hosts.State != StateOK || meetings.State != StateOK {
			t.Fatalf("run %d: %+v %+v", n, hosts, meetings)
		}
		refused := 0
		for _, c := range o.calls {
			if seen[c] {
				refused++ // the call that met the end of the quota comes again
			}
			seen[c] = true
		}
		if len(o.calls) > 8 || refused > 3 {
			t.Errorf("run %d: %d calls with 5 left, %d of them again", n, len(o.calls), refused)
		}
		if hosts.Due+meetings.Due == 0 {
			if got := db.count(t, `SELECT count(*) FROM ingest.user_meetings`); got != 3*41 || n < 2 {
				t.Errorf("%d meetings after %d runs, the account has %d", got, n+1, 3*41)
			}
			return
		}
		if n == 0 && meetings.Message == "" && hosts.Message == "" {
			t.Error("nobody is told that calls are left")
		}
	}
	t.Error("30 runs and still not done")
}

// One user who cannot be read is counted, shown and asked about again; one who is gone is not; the others land.
func TestVisitsThatFail(t *testing.T) {
	o, db := newOffice(), openVisitDB(t)
	o.fail = map[string]error{
		"ann": &zoom.UnreachableError{Method: "GET", Host: "h", Path: "/p", Err: errors.New("cut short")},
		"bob": &zoom.APIError{Status: http.StatusNotFound, Code: 1001, Message: "User does not exist"},
	}
	o.meetings = map[string]int{"ann": 1, "bob": 1, "cy": 3}
	_, meetings := o.run(t, db, testNow)
	if meetings.State != StateFailed || meetings.Failed == 0 || meetings.Landed == 0 {
		t.Errorf("%+v", meetings)
	}
	if got := db.count(t, `SELECT count(DISTINCT host_id) FROM ingest.user_meetings`); got != 1 {
		t.Errorf("meetings of %d hosts landed", got)
	}
	o.fail = nil
	_, meetings = o.run(t, db, testNow)
	if meetings.State != StateOK || slices.ContainsFunc(o.calls, func(c string) bool { return c[:min(17, len(c))] == "user_meetings bob" }) {
		t.Errorf("%+v, asked %v", meetings, o.calls)
	}
	if got := db.count(t, `SELECT count(DISTINCT host_id) FROM ingest.user_meetings`); got != 2 {
		t.Errorf("meetings of %d hosts landed", got)
	}
}

// When nobody answers any more, the connection is gone and the run ends.
func TestVisitsWithoutConnection(t *testing.T) {
	o, db := newOffice(), openVisitDB(t)
	gone := &zoom.UnreachableError{Method: "GET", Host: "h", Path: "/p", Err: errors.New("connection refused")}
	o.fail = map[string]error{"ann": gone, "bob": gone}
	_, err := Run(t.Context(), Options{DB: db.DB, Client: o, Now: testNow, RunID: "r", BackfillDays: 10, Feeds: []string{"users", "hosts", "user_meetings"}})
	var conn *ConnectionError
	if !errors.As(err, &conn) || len(o.asked(zoom.EndpointUserMeetings)) > patience+1 {
		t.Errorf("error %v after %d calls", err, len(o.asked(zoom.EndpointUserMeetings)))
	}
}

// The time for visits is kept, and each feed has its part of it.
func TestVisitsEndInTime(t *testing.T) {
	o, db := newOffice(), openVisitDB(t)
	var ticks atomic.Int64
	rep, err := Run(t.Context(), Options{DB: db.DB, Client: o, Now: testNow, RunID: "r", BackfillDays: 40, Feeds: []string{"users", "hosts", "user_meetings"},
		VisitTime: time.Minute, Wall: func() time.Time { return testNow.Add(time.Duration(ticks.Add(2)) * time.Second) }})
	if err != nil {
		t.Fatal(err)
	}
	meetings := feedOf(t, rep, "user_meetings")
	if meetings.Due == 0 || meetings.Visits == 0 || meetings.State != StateOK || meetings.Message == "" {
		t.Errorf("%+v", meetings)
	}
	if d := cmp.Diff("user_meetings bob "+day0(testNow), o.asked(zoom.EndpointUserMeetings)[0]); d != "" {
		t.Errorf("the latest day first (-want +got):\n%s", d)
	}
}
