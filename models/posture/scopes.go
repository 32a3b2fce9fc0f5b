package posture

import (
	"context"
	"fmt"
	"slices"

	"github.com/zoomward/zoomward/store"
)

// markScopes notes at every unknown result which of the scopes that its control requires are missing: those of feeds that Zoom refused for want of a scope, unless another
// feed was read with the same scope. A feed whose parent was refused has nothing to ask for and is read all the same, so a feed of the control's own counts for itself. Of a
// feed of the control's that was never asked the scopes that the app was granted say whether it would be open.
// states holds the state of every feed, scopes what opens it, granted what the app has; none: not known.
func markScopes(c *Catalog, results []Result, states map[string]string, scopes map[string][]string, granted ...string) {
	refused, open := map[string]bool{}, map[string]bool{}
	for feed, state := range states {
		for _, s := range scopes[feed] {
			switch state {
			case FeedNotAuthorised:
				refused[s] = true
			case FeedOK:
				open[s] = true
			}
		}
	}
	for i := range results {
		r := &results[i]
		ctl, ok := c.Control(r.ControlID)
		if !ok || r.Status != Unknown {
			continue
		}
		for _, s := range ctl.RequiresScopes {
			own := slices.ContainsFunc(ctl.Source.feeds(), func(feed string) bool {
				if !slices.Contains(scopes[feed], s) {
					return false
				}
				switch states[feed] {
				case FeedNotAuthorised:
					return true
				case "", FeedNever:
					return len(granted) > 0 && !slices.ContainsFunc(scopes[feed], func(s string) bool { return slices.Contains(granted, s) })
				}
				return false
			})
			if own || refused[s] && !open[s] {
				r.MissingScopes = append(r.MissingScopes, s)
			}
		}
		slices.Sort(r.MissingScopes)
	}
}

func readFeedStates(ctx context.Context, q store.Querier) (map[string]string, error) {
	var feeds struct {
		Feed  []string `col:"feed"`
		State []string `col:"state"`
	}
	if err := q.Read(ctx, &feeds, `SELECT feed, state FROM meta.feeds`); err != nil {
		return nil, fmt.Errorf("read feeds: %w", err)
	}
	states := make(map[string]string, len(feeds.Feed))
	for i, feed := range feeds.Feed {
		states[feed] = feeds.State[i]
	}
	return states, nil
}
