package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/zoomward/zoomward/store"
)

// scoped is a Client that knows which scopes it was granted.
type scoped interface {
	Scopes(ctx context.Context) ([]string, error)
}

// noteConnector keeps which scopes the app has and which of those that would open the feeds it lacks, for the posture of the connector itself. A client that does not know
// leaves what was known.
func (r *runner) noteConnector(ctx context.Context, feeds []Feed) error {
	c, ok := r.Client.(scoped)
	if !ok {
		return nil
	}
	granted, err := c.Scopes(ctx)
	if err != nil || len(granted) == 0 {
		return nil //nolint:nilerr // the feeds say what is wrong with the token
	}
	if len(r.Feeds) > 0 { // what the others lack stays to be known after a run of some alone
		if feeds, err = selectFeeds(nil, r.Skip); err != nil {
			return err
		}
	}
	err = r.DB.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM meta.connector`); err != nil {
			return err
		}
		_, err := tx.Append(ctx, "meta.connector", store.Columns{
			{Name: "scopes", Values: [][]string{slices.Sorted(slices.Values(granted))}},
			{Name: "missing", Values: [][]string{r.missingScopes(feeds, granted)}},
			{Name: "read_at", Values: []time.Time{r.Now}},
			{Name: "run_id", Values: []string{r.RunID}},
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("note scopes: %w", err)
	}
	return nil
}

// missingScopes lists the scopes, in their classic spelling, that would open endpoints of the feeds which no granted scope opens.
func (r *runner) missingScopes(feeds []Feed, granted []string) []string {
	out := []string{}
	for _, f := range feeds {
		if !r.inPlan(f) {
			continue
		}
		for _, ep := range f.Endpoints {
			open := slices.ContainsFunc(ep.Scopes, func(s string) bool { return slices.Contains(granted, s) })
			if !open && !slices.Contains(out, ep.Scopes[0]) {
				out = append(out, ep.Scopes[0])
			}
		}
	}
	slices.Sort(out)
	return out
}
