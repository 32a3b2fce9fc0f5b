package ingest

import (
	"context"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// Client is what the ingestor asks of Zoom; *zoom.Client is one. Listings start over with page number 1 when Zoom forgot where they were. It must be safe
// for concurrent use.
type Client interface {
	Users(ctx context.Context, status string, yield func(zoom.Page[zoom.User]) error) error
	Activities(ctx context.Context, from, to time.Time, yield func(zoom.Page[zoom.Activity]) error) error
	Operations(ctx context.Context, from, to time.Time, yield func(zoom.Page[zoom.Operation]) error) error
	AccountSettings(ctx context.Context, option string) (map[string]any, error)
	LockSettings(ctx context.Context, option string) (map[string]any, error)
	// List walks any other listing of the catalogue, Get reads an endpoint that answers with one object.
	List(ctx context.Context, ep zoom.Endpoint, args zoom.Args, yield func(zoom.Page[zoom.Row]) error) error
	Get(ctx context.Context, ep zoom.Endpoint, args zoom.Args) (zoom.Row, error)
}

var _ Client = (*zoom.Client)(nil)

// counter is a Client that counts its calls.
type counter interface{ Stats() zoom.Stats }
