package zoom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

const pageTokenKey = "next_page_token"

// maxRestarts bounds how often a listing starts over because Zoom forgot its page token (they live 15 minutes).
const maxRestarts = 3

// Page is one page of a listing.
type Page[T any] struct {
	// Number counts from 1. A listing whose page token expired starts over: then another page 1 comes, and what came before it has to
	// be dropped, or landed in a way that does not mind rows it has. Collect does the dropping.
	Number int
	// Rows are the readable rows, in Zoom's order.
	Rows []T
	// Rejected are the others.
	Rejected []Rejected
}

// Rejected is a row that could not be read.
type Rejected struct {
	// Reason says what is wrong with it.
	Reason string
	// Raw is the row as Zoom sent it.
	Raw json.RawMessage
}

// Collect gathers a whole listing, such as
//
//	rows, rejected, err := zoom.Collect(func(yield func(zoom.Page[zoom.Activity]) error) error {
//		return client.Activities(ctx, from, to, yield)
//	})
//
// With an error it returns no rows.
func Collect[T any](list func(yield func(Page[T]) error) error) ([]T, []Rejected, error) {
	var rows []T
	var rejected []Rejected
	err := list(func(p Page[T]) error {
		if p.Number == 1 {
			rows, rejected = nil, nil
		}
		rows, rejected = append(rows, p.Rows...), append(rejected, p.Rejected...)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return rows, rejected, nil
}

// pages reads a listing to its end, starting over when its page token expired.
func pages[T any](ctx context.Context, c *Client, ep Endpoint, query url.Values, decode func(json.RawMessage) (T, error), yield func(Page[T]) error) error {
	for restart := 0; ; restart++ {
		err := listing(ctx, c, ep, query, decode, yield)
		var y yieldError
		if errors.As(err, &y) {
			return y.error
		}
		if !IsPageTokenExpired(err) || restart == maxRestarts {
			return err
		}
		c.log.WarnContext(ctx, "page token expired, reading the listing again from its first page", "endpoint", ep.Name)
	}
}

// yieldError tells the caller's own error from one of Zoom's. It never leaves the package.
type yieldError struct{ error }

func listing[T any](ctx context.Context, c *Client, ep Endpoint, query url.Values, decode func(json.RawMessage) (T, error), yield func(Page[T]) error) error {
	q := url.Values{}
	if ep.MaxPageSize > 0 {
		q.Set("page_size", strconv.Itoa(ep.MaxPageSize))
	}
	for k, v := range query {
		q[k] = v
	}
	seen := map[string]bool{}
	for n := 1; n <= c.maxPages; n++ {
		body, err := c.get(ctx, ep, q)
		if err != nil {
			return fmt.Errorf("list %s, page %d: %w", ep.Name, n, err)
		}
		page, next, err := decodePage(body, ep.rows, decode)
		if err != nil {
			return fmt.Errorf("list %s, page %d: %w", ep.Name, n, err)
		}
		page.Number = n
		if err := yield(page); err != nil {
			return yieldError{err}
		}
		if next == "" {
			return nil
		}
		if seen[next] {
			return fmt.Errorf("list %s, page %d: zoom repeats a page token, so the listing would never end; run again later", ep.Name, n)
		}
		seen[next] = true
		q.Set(pageTokenKey, next)
	}
	return fmt.Errorf("list %s: more than %d pages; ask for a shorter window", ep.Name, c.maxPages)
}

// decodePage reads the rows under key and the token of the next page, "" for none. A row that cannot be read goes to Rejected; a reply
// that is no page at all is an error, lest a changed API look like an account where nothing happens.
func decodePage[T any](body []byte, key string, decode func(json.RawMessage) (T, error)) (Page[T], string, error) {
	var p Page[T]
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(body, &envelope); err != nil {
		return p, "", errors.New("decode page: the reply is not an object")
	}
	raw, ok := envelope[key]
	_, size := envelope["page_size"]
	_, token := envelope[pageTokenKey]
	_, total := envelope["total_records"]
	if !ok && !size && !token && !total {
		return p, "", fmt.Errorf("decode page: the reply has no %q", key)
	}
	var rows []json.RawMessage
	if ok {
		if err := json.Unmarshal(raw, &rows); err != nil {
			return p, "", fmt.Errorf("decode page: %q is not a list", key)
		}
	}
	for _, r := range rows {
		row, err := decode(r)
		if err != nil {
			p.Rejected = append(p.Rejected, Rejected{Reason: err.Error(), Raw: r})
			continue
		}
		p.Rows = append(p.Rows, row)
	}
	var next flexString
	if raw, ok := envelope[pageTokenKey]; ok {
		_ = next.UnmarshalJSON(raw) // never fails
	}
	return p, string(next), nil
}
