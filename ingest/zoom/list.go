package zoom

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Args are the arguments of a call by name. Those named in braces in the endpoint's path go there, the others into the query.
type Args map[string]string

// fill puts arguments into an endpoint's path and returns the rest as a query. A meeting's UUID that begins with a slash or holds two in a row is escaped
// twice, as Zoom wants it (its API reference, "UUID of the meeting"); any other segment once.
func (ep Endpoint) fill(args Args) (path string, query url.Values, err error) {
	query = url.Values{}
	for k, v := range args {
		query.Set(k, v)
	}
	if !strings.Contains(ep.Path, "{") {
		return ep.Path, query, nil
	}
	segments := strings.Split(ep.Path, "/")
	for i, s := range segments {
		name, ok := strings.CutPrefix(s, "{")
		if !ok {
			continue
		}
		name = strings.TrimSuffix(name, "}")
		v := args[name]
		if v == "" && name == "accountId" {
			v = "me"
		}
		if v == "" || v == "." || v == ".." {
			return "", nil, fmt.Errorf("call %s: %q is no %s", ep.Path, v, name)
		}
		query.Del(name)
		segments[i] = url.PathEscape(v)
		if name == "meetingId" && (strings.HasPrefix(v, "/") || strings.Contains(v, "//")) {
			segments[i] = url.PathEscape(segments[i])
		}
	}
	return strings.Join(segments, "/"), query, nil
}

// Dates adds a window of UTC days, both included, under the names that an endpoint has for its ends.
func (a Args) Dates(fromKey string, from time.Time, toKey string, to time.Time) Args {
	out := Args{fromKey: from.UTC().Format(time.DateOnly), toKey: to.UTC().Format(time.DateOnly)}
	for k, v := range a {
		out[k] = v
	}
	return out
}

// List walks a listing, page by page. An error of yield ends it and is returned as it is.
func (c *Client) List(ctx context.Context, ep Endpoint, args Args, yield func(Page[Row]) error) error {
	path, query, err := ep.fill(args)
	if err != nil {
		return err
	}
	ep.Path = path
	return pages(ctx, c, ep, query, NewRow, yield)
}

// Get reads an endpoint that answers with one object.
func (c *Client) Get(ctx context.Context, ep Endpoint, args Args) (Row, error) {
	path, query, err := ep.fill(args)
	if err != nil {
		return Row{}, err
	}
	ep.Path = path
	body, err := c.get(ctx, ep, query)
	if err != nil {
		return Row{}, fmt.Errorf("get %s: %w", ep.Name, err)
	}
	row, err := NewRow(body)
	if err != nil || row.fields == nil {
		return Row{}, fmt.Errorf("get %s: the reply is not an object", ep.Name)
	}
	return row, nil
}
