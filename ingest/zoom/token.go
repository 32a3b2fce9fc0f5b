package zoom

import (
	"context"
	"time"
)

// tokenMargin is how long before its end a token is replaced, so that none ends on the way.
const tokenMargin = time.Minute

// tokenLife is assumed where the reply gives none: Zoom's access tokens live an hour.
const tokenLife = time.Hour

// A grant is one access token and what came with it.
type grant struct {
	access Secret
	scopes []string
	api    string // the account's regional API, "" where the reply names none
	until  time.Time
}

// grantOf makes a grant of tokens; life is what they have left.
func grantOf(t Tokens, life time.Duration) *grant {
	return &grant{access: t.Access, scopes: t.Scopes, api: t.APIURL, until: t.Expires.Add(-min(tokenMargin, life/2))}
}

// tokens hands out the current grant and fetches another when it is used up. It is safe for concurrent use; of many callers that need
// a new one, one asks Zoom.
type tokens struct {
	// fetch gets a grant other than stale, which may be nil.
	fetch func(ctx context.Context, stale *grant) (*grant, error)
	now   func() time.Time
	// turn holds one value; taking it is the lock. A mutex would not let a waiting caller give up when its context ends.
	turn    chan struct{}
	current *grant
}

func newTokens(fetch func(ctx context.Context, stale *grant) (*grant, error), now func() time.Time) *tokens {
	return &tokens{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

// get returns a grant that is neither used up nor the stale one.
func (t *tokens) get(ctx context.Context, stale *grant) (*grant, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if g := t.current; g != nil && g != stale && t.now().Before(g.until) {
		return g, nil
	}
	g, err := t.fetch(ctx, stale)
	if err != nil {
		return nil, err
	}
	t.current = g
	return g, nil
}

// Scopes returns the scopes that were granted to the app, in Zoom's order. Empty means that Zoom did not say.
func (c *Client) Scopes(ctx context.Context) ([]string, error) {
	g, err := c.grant(ctx, nil)
	if err != nil {
		return nil, err
	}
	return append([]string(nil), g.scopes...), nil
}

// Revoke makes the access token of this client void, asking for one first where it has none.
func (c *Client) Revoke(ctx context.Context) error {
	g, err := c.grant(ctx, nil)
	if err != nil {
		return err
	}
	return c.retry(ctx, "/oauth/revoke", func() error { return c.app.Revoke(ctx, g.access) })
}
