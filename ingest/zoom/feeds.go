package zoom

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// The user listings: Zoom lists each status apart.
const (
	StatusActive   = "active"
	StatusInactive = "inactive"
	StatusPending  = "pending"
)

// Users lists the users of one status (StatusActive, StatusInactive or StatusPending), page by page. An error of yield ends the
// listing and is returned as it is.
func (c *Client) Users(ctx context.Context, status string, yield func(Page[User]) error) error {
	switch status {
	case StatusActive, StatusInactive, StatusPending:
	default:
		return fmt.Errorf("list users: status %q must be active, inactive or pending", status)
	}
	decode := func(b json.RawMessage) (User, error) {
		u, err := decodeUser(b)
		if u.Status == "" {
			u.Status = status
		}
		return u, err
	}
	return pages(ctx, c, EndpointNamed(EndpointUsers), url.Values{"status": {status}}, decode, yield)
}

// Activities lists the sign-ins and sign-outs of the UTC days from..to, both included, page by page. The window is at most a month and
// no older than six months. An error of yield ends the listing and is returned as it is.
func (c *Client) Activities(ctx context.Context, from, to time.Time, yield func(Page[Activity]) error) error {
	return report(ctx, c, EndpointNamed(EndpointActivities), from, to, decodeActivity, yield)
}

// Operations lists the operations of admins and users of the UTC days from..to, both included, page by page. Its bounds are those of
// Activities.
func (c *Client) Operations(ctx context.Context, from, to time.Time, yield func(Page[Operation]) error) error {
	return report(ctx, c, EndpointNamed(EndpointOperations), from, to, decodeOperation, yield)
}

func report[T any](ctx context.Context, c *Client, ep Endpoint, from, to time.Time, decode func(json.RawMessage) (T, error), yield func(Page[T]) error) error {
	from, to = from.UTC().Truncate(day), to.UTC().Truncate(day)
	if to.Before(from) || to.Sub(from) > ep.MaxWindow {
		return fmt.Errorf("list %s: window %s to %s must run forward and be at most a month", ep.Name, from.Format(time.DateOnly), to.Format(time.DateOnly))
	}
	return pages(ctx, c, ep, url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.Format(time.DateOnly)}}, decode, yield)
}

// The views of the account's settings; "" is the view of all sections.
const (
	OptionAll                     = ""
	OptionSecurity                = "security"
	OptionMeetingSecurity         = "meeting_security"
	OptionMeetingAuthentication   = "meeting_authentication"
	OptionRecordingAuthentication = "recording_authentication"
)

// AccountSettings returns one view of the account's settings as Zoom nests it. Numbers are float64. Zoom leaves out settings that the
// plan does not have, so an absent key means unknown, not off.
func (c *Client) AccountSettings(ctx context.Context, option string) (map[string]any, error) {
	return c.settings(ctx, EndpointNamed(EndpointAccountSettings), option)
}

// LockSettings returns which settings are locked for users, nested like AccountSettings; option is OptionAll or OptionMeetingSecurity.
func (c *Client) LockSettings(ctx context.Context, option string) (map[string]any, error) {
	return c.settings(ctx, EndpointNamed(EndpointLockSettings), option)
}

func (c *Client) settings(ctx context.Context, ep Endpoint, option string) (map[string]any, error) {
	q := url.Values{}
	if option != "" {
		q.Set("option", option)
	}
	body, err := c.get(ctx, ep, q)
	if err != nil {
		return nil, fmt.Errorf("get %s %q: %w", ep.Name, option, err)
	}
	var tree map[string]any
	if err := json.Unmarshal(body, &tree); err != nil || tree == nil {
		return nil, fmt.Errorf("get %s %q: the reply is not an object", ep.Name, option)
	}
	// Zoom's 2021 schema also has these two views without their outer object.
	if option == OptionSecurity || option == OptionMeetingSecurity {
		if _, ok := tree[option]; !ok && len(tree) > 0 {
			tree = map[string]any{option: tree}
		}
	}
	return tree, nil
}
