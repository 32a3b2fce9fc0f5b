package zoom

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer is what an answer of Zoom's API or token endpoint says beside its status and its body, see Config.OnAnswer.
type Answer struct {
	// Host is who answered.
	Host string
	// Sent and Received are by the caller's clock: before the request left, and when the header was there.
	Sent, Received time.Time
	// Date is by Zoom's clock, in whole seconds; zero where it did not say.
	Date time.Time
	// Label is that of the rate limit which the call stood under, "" where Zoom did not say.
	Label Label
	// Limit is how many calls that rate limit grants, 0 where Zoom did not say: a day if Daily, else in the window of the label (a second; a minute for
	// LabelResourceIntensive).
	Limit int
	Daily bool
}

// dateGrain is how much a Date header may be in the past when it is written: it has whole seconds.
const dateGrain = time.Second

// Ahead returns how far Zoom's clock is ahead of the caller's, negative where it is behind: the least that explains the Date. known is false where there is none.
func (a Answer) Ahead() (d time.Duration, known bool) {
	switch {
	case a.Date.IsZero():
		return 0, false
	case a.Date.After(a.Received):
		return a.Date.Sub(a.Received), true
	case a.Date.Add(dateGrain).Before(a.Sent):
		return a.Date.Add(dateGrain).Sub(a.Sent), true
	}
	return 0, true
}

// Plan returns the plan whose documented limit the answer names. known is false where it names none, or one that several plans have.
func (a Answer) Plan() (plan Plan, known bool) {
	fits := 0
	for _, p := range []Plan{PlanFree, PlanPro, PlanBusiness} {
		documented := documentedLimit(p, a.Label).calls
		if a.Daily {
			_, documented = documentedQuota(p, a.Label)
		}
		if documented != 0 && documented == a.Limit {
			plan, fits = p, fits+1
		}
	}
	if fits != 1 {
		return "", false
	}
	return plan, true
}

// answerOf reads the header of an answer. What is not as Zoom documents it counts as not said.
func answerOf(host string, h http.Header, sent, received time.Time) Answer {
	a := Answer{Host: host, Sent: sent, Received: received}
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		a.Date = t.UTC()
	}
	switch l := Label(strings.ToLower(strings.TrimSpace(h.Get("X-Ratelimit-Category")))); l {
	case LabelLight, LabelMedium, LabelHeavy, LabelResourceIntensive:
		a.Label = l
	}
	if n, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Ratelimit-Limit"))); err == nil && n > 0 {
		a.Limit = n
	}
	a.Daily = strings.HasPrefix(strings.ToLower(strings.TrimSpace(h.Get("X-Ratelimit-Type"))), "daily")
	return a
}

// watched is a transport that tells what every answer says.
type watched struct {
	next http.RoundTripper
	now  func() time.Time
	tell func(Answer)
}

// RoundTrip implements http.RoundTripper.
func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := w.now()
	resp, err := w.next.RoundTrip(r)
	if err == nil {
		w.tell(answerOf(r.URL.Host, resp.Header, sent, w.now()))
	}
	return resp, err
}

// watch has tell called for every answer that hc, which is the caller's own, gets.
func watch(hc *http.Client, now func() time.Time, tell func(Answer)) {
	if tell == nil {
		return
	}
	next := hc.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	hc.Transport = watched{next, now, tell}
}
