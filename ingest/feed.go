package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// States of a feed, as meta.feeds keeps them.
const (
	StateOK            = "ok"
	StateNotAuthorised = "not_authorised" // a scope or a right is missing
	StatePlanTooLow    = "plan_too_low"   // the plan of the account, or the role of the app's owner, does not include it
	StateFailed        = "failed"         // anything else; the next run tries again
	StateNever         = "never"          // not read yet
)

// Feed is one thing that Zoom is asked for. Adding a feed is adding a value to Feeds.
type Feed struct {
	Name      string          // key in meta.feeds, stable
	Title     string          // what it holds, in the words of a sentence
	Endpoints []zoom.Endpoint // where it comes from: paths, scopes, rate limits, plan and longest window
	first     bool            // read before the others, which depend on it
	read      func(ctx context.Context, r *runner, rep *FeedReport) error
}

// Feeds lists every feed, in the order in which they are read.
func Feeds() []Feed {
	return []Feed{
		{Name: "users", Title: "the users of the account", Endpoints: endpoints("users"), first: true, read: readUsers},
		{Name: "activities", Title: "sign-ins and sign-outs", Endpoints: endpoints("activities"), read: readActivities},
		{Name: "operations", Title: "operations of administrators and users", Endpoints: endpoints("operations"), read: readOperations},
		{Name: "settings", Title: "account settings and their locks", Endpoints: endpoints("account_settings", "lock_settings"), read: readSettings},
	}
}

// Scopes returns the scopes that open the feed: for every endpoint the classic spelling and the granular one, any of which is enough.
func (f Feed) Scopes() [][]string {
	out := make([][]string, len(f.Endpoints))
	for i, ep := range f.Endpoints {
		out[i] = ep.Scopes[:min(2, len(ep.Scopes))]
	}
	return out
}

// endpoints picks from the client's catalogue.
func endpoints(names ...string) []zoom.Endpoint {
	all := zoom.Endpoints()
	out := make([]zoom.Endpoint, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(all, func(ep zoom.Endpoint) bool { return ep.Name == name })
		if i < 0 {
			panic("ingest: no endpoint " + name) // a typing error in this file, which every test meets
		}
		out = append(out, all[i])
	}
	return out
}

// selectFeeds returns the feeds of the given names in their own order, all of them for none.
func selectFeeds(names []string) ([]Feed, error) {
	all := Feeds()
	if len(names) == 0 {
		return all, nil
	}
	known := make([]string, len(all))
	for i, f := range all {
		known[i] = f.Name
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("unknown feed %q: there are %s", n, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(f Feed) bool { return !slices.Contains(names, f.Name) }), nil
}
