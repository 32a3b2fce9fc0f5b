package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
)

// zoomPatience bounds what doctor waits for Zoom. Its answers take a second at most.
const zoomPatience = 10 * time.Second

// zoomFacts is what doctor learned of Zoom, and of what is kept about its quota.
type zoomFacts struct {
	silent     error // why Zoom was not asked; nil when it was
	connection zoom.Connection
	answers    []zoom.Answer
	left       int // heavy calls of today
	perDay     int // of so many; 0: no quota, or nothing known
	quotaErr   error
}

// errNotSetUp says that the configuration does not lead to Zoom yet; the check of the configuration says why.
var errNotSetUp = errors.New("the configuration does not lead to Zoom yet")

// askZoom fetches a token and makes one cheap call within patience: the whole network traffic of doctor.
func (a *app) askZoom(ctx context.Context, patience time.Duration) (z zoomFacts) {
	if a.checkCredentials() != nil {
		return zoomFacts{silent: errNotSetUp}
	}
	cfg, err := a.clientConfig()
	if err != nil {
		return zoomFacts{silent: errNotSetUp}
	}
	if _, err := os.Stat(quotaPath(a.cfg.DB)); errors.Is(err, fs.ErrNotExist) {
		cfg.Ledger = nil // nothing is spent, and looking makes no files
	}
	var mu sync.Mutex
	cfg.OnAnswer = func(answer zoom.Answer) {
		mu.Lock()
		defer mu.Unlock()
		z.answers = append(z.answers, answer)
	}
	client, err := zoom.New(cfg)
	if err != nil {
		return zoomFacts{silent: errNotSetUp}
	}
	defer closeClient(ctx, a, client)
	if z.silent = a.storedConsent(ctx); z.silent == nil {
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		z.connection = client.Check(limited)
		if limited.Err() != nil && z.connection.Err != nil {
			z.connection.Status = zoom.StatusUnreachable
			z.connection.Err = fmt.Errorf("no usable answer within %s: %w", patience, z.connection.Err)
		}
	}
	z.left, z.perDay, z.quotaErr = client.Quota(ctx)
	return z
}

// connected tells whether the token was good, whatever it opens.
func (z zoomFacts) connected() bool {
	if z.silent != nil {
		return false
	}
	s := z.connection.Status
	return s == zoom.StatusConnected || strings.HasPrefix(s, zoom.StatusMissingScope) || strings.HasPrefix(s, zoom.StatusPlanTooLow)
}

// lookToken says whether Zoom takes the credentials, or the consent of a user-managed app.
func lookToken(_ context.Context, p *patient) []finding {
	z := p.zoom
	switch {
	case errors.Is(z.silent, errNotSetUp):
		return []finding{skipped("%s", z.silent)}
	case zoom.IsReconnect(z.silent):
		return []finding{fail("%s", z.silent).todo("zoomward connect asks for the consent of a user of the account")}
	case z.silent != nil:
		return []finding{broken(z.silent)}
	case z.connected():
		return []finding{ok("Zoom takes it, with %s", plural(len(z.connection.Scopes), "scope"))}
	case z.connection.Status == zoom.StatusRateLimited:
		return []finding{warn("%s", z.connection.Err).todo("%s", connectAdvice(z.connection.Status, p.cfg.App))}
	}
	advice := connectAdvice(z.connection.Status, p.cfg.App)
	if zoom.IsReconnect(z.connection.Err) {
		advice = "zoomward connect asks for the consent of a user of the account"
	}
	return []finding{fail("%s: %s", z.connection.Status, z.connection.Err).todo("%s", advice)}
}

// How far the clock of this machine may be from Zoom's. Days of reports and of quotas begin at 00:00 UTC, and tokens end by the clock; a machine with NTP is off
// by milliseconds.
const (
	clockWarn = 30 * time.Second
	clockFail = 5 * time.Minute
)

// lookClock compares the clock of this machine with that of the last of Zoom's servers that gave one.
func lookClock(_ context.Context, p *patient) []finding {
	const advice = "set the clock and keep it by NTP (systemd-timesyncd, chrony): with a wrong one tokens end too early or too late, and days begin at the wrong time"
	for _, a := range slices.Backward(p.zoom.answers) {
		ahead, known := a.Ahead()
		if !known {
			continue
		}
		which := "behind"
		if ahead < 0 {
			which = "ahead of"
		}
		seen := fmt.Sprintf("%s %s %s", ahead.Abs().Round(time.Second), which, a.Host)
		switch {
		case ahead.Abs() > clockFail:
			return []finding{fail("%s", seen).todo(advice)}
		case ahead.Abs() > clockWarn:
			return []finding{warn("%s", seen).todo(advice)}
		}
		return []finding{ok("within %s of %s", max(ahead.Abs().Round(time.Second), time.Second), a.Host)}
	}
	var invalid x509.CertificateInvalidError
	if errors.As(p.zoom.connection.Err, &invalid) && invalid.Reason == x509.Expired {
		return []finding{warn("by this clock (%s) the certificate of Zoom, or of a proxy before it, is not valid", p.wall().UTC().Format(time.RFC3339)).todo(advice)}
	}
	return []finding{skipped("no server said what time it is")}
}

// closedBy is one reason that keeps feeds shut.
type closedBy struct {
	scope    string   // in the classic spelling; "" when it is something else
	granular []string // what opens them in the granular spelling
	reason   string
	feeds    []string
}

// lookScopes says which feeds that are to be read are closed, and by what.
func lookScopes(_ context.Context, p *patient) []finding {
	z := p.zoom
	if !z.connected() {
		return []finding{skipped("no token, so nothing is known of its scopes")}
	}
	access := map[string]zoom.EndpointAccess{}
	for _, e := range z.connection.Endpoints {
		access[e.Endpoint.Name] = e
	}
	var closed []closedBy
	wanted, unknown, shut := 0, 0, map[string]bool{}
	for _, f := range ingest.Feeds() {
		if slices.Contains(p.cfg.SkipFeeds, f.Name) {
			continue
		}
		wanted++
		for _, ep := range f.Endpoints {
			switch x := access[ep.Name]; x.Access {
			case zoom.AccessClosed:
				closed = noteClosed(closed, f.Name, x)
				shut[f.Name] = true
			case zoom.AccessUnknown:
				unknown++
			}
		}
	}
	var out []finding
	for _, c := range closed {
		out = append(out, c.finding())
	}
	if unknown > 0 {
		return append(out, skipped("Zoom did not say which scopes it granted: a run tells which feeds are closed"))
	}
	if closed == nil {
		seen := fmt.Sprintf("they open all of %s", plural(wanted, "feed"))
		if len(p.cfg.SkipFeeds) > 0 {
			seen += " (ingest.skip: " + strings.Join(p.cfg.SkipFeeds, ", ") + ")"
		}
		return []finding{ok("%s", seen)}
	}
	return out
}

// noteClosed adds a feed to what closes it.
func noteClosed(closed []closedBy, feed string, x zoom.EndpointAccess) []closedBy {
	c := closedBy{reason: x.Reason}
	if strings.HasPrefix(strings.ToLower(x.Reason), strings.ToLower(zoom.StatusMissingScope)) {
		c.scope = x.Endpoint.Scopes[0]
		c.reason = ""
	}
	i := slices.IndexFunc(closed, func(o closedBy) bool { return o.scope == c.scope && o.reason == c.reason })
	if i < 0 {
		i = len(closed)
		closed = append(closed, c)
	}
	if !slices.Contains(closed[i].feeds, feed) {
		closed[i].feeds = append(closed[i].feeds, feed)
	}
	if c.scope != "" && len(x.Endpoint.Scopes) > 1 && !slices.Contains(closed[i].granular, x.Endpoint.Scopes[1]) {
		closed[i].granular = append(closed[i].granular, x.Endpoint.Scopes[1])
	}
	return closed
}

func (c closedBy) finding() finding {
	feeds := strings.Join(c.feeds, ", ")
	if c.scope == "" {
		return warn("closed: %s: %s", feeds, c.reason).todo("list them in ingest.skip, unless the account has it: then correct the plan, or the role of the app's owner")
	}
	missing := c.scope
	if c.granular != nil {
		missing += ", or in granular spelling " + strings.Join(c.granular, ", ")
	}
	f := warn("closed: %s: missing scope %s", feeds, missing).todo("add it to the app in the Zoom App Marketplace, or list these feeds in ingest.skip")
	if slices.Contains(c.feeds, zoom.EndpointActivities) {
		f.Verdict = verdictFail
		f.Advice = "add it to the app in the Zoom App Marketplace: without sign-ins there is nothing to score"
	}
	return f
}

// lookPlan compares the configured plan with the one whose rate limit Zoom's answer names.
func lookPlan(_ context.Context, p *patient) []finding {
	rank := map[zoom.Plan]int{zoom.PlanFree: 1, zoom.PlanPro: 2, zoom.PlanBusiness: 3}
	configured := zoom.Plan(p.cfg.Plan)
	for _, a := range slices.Backward(p.zoom.answers) {
		plan, known := a.Plan()
		if !known {
			continue
		}
		per := "second"
		switch {
		case a.Daily:
			per = "day"
		case a.Label == zoom.LabelResourceIntensive:
			per = "minute"
		}
		seen := fmt.Sprintf("Zoom grants %d %s calls a %s, as on plan %s", a.Limit, a.Label, per, plan)
		switch {
		case configured == zoom.PlanNone:
			return []finding{ok("%s; none is configured: no limits of this program's own", seen)}
		case plan == configured:
			return []finding{ok("%s", seen)}
		case rank[configured] > rank[plan]:
			return []finding{warn("%s; %s is configured", seen, configured).
				todo("set plan: %s: Zoom will refuse calls that come too fast, and the day's calls end sooner than counted", plan)}
		}
		return []finding{warn("%s; %s is configured", seen, configured).
			todo("set plan: %s: runs are slower than they need be, and feeds that the plan has may count as closed", plan)}
	}
	return []finding{skipped("no answer of Zoom named a limit that tells plans apart; %s is configured", configured)}
}

// quotaWarn is the share of the day's heavy calls below which the next run may not get through.
const quotaWarn = 0.1

// lookQuota says how much of today is left for reports.
func lookQuota(_ context.Context, p *patient) []finding {
	z := p.zoom
	switch {
	case z.quotaErr != nil:
		return []finding{skipped("%s", z.quotaErr)}
	case z.perDay == 0 && errors.Is(z.silent, errNotSetUp):
		return []finding{skipped("%s", z.silent)}
	case z.perDay == 0:
		return []finding{skipped("plan %s has no daily quota here", p.cfg.Plan)}
	}
	seen := fmt.Sprintf("%d of %d heavy calls left today (UTC; ingest.quota_reserve is left to other apps)", z.left, z.perDay)
	if float64(z.left) < quotaWarn*float64(z.perDay) {
		return []finding{warn("%s", seen).todo("a run that needs more goes on after 00:00 UTC; see which other apps read reports, or lower ingest.quota_reserve")}
	}
	return []finding{ok("%s", seen)}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
