package zoom

import (
	"context"
	"errors"
	"fmt"
)

// TokenStore keeps the tokens of a consent. It must be safe for concurrent use.
type TokenStore interface {
	// Load returns the tokens, ErrNoTokens where there are none.
	Load(ctx context.Context) (Tokens, error)
	// Save replaces the tokens; they last once it returned.
	Save(ctx context.Context, t Tokens) error
	// Remove removes the tokens; there may be none.
	Remove() error
	// Lock makes the caller the only one, of all processes that share the tokens, that changes them until unlock is called. Load does not need it.
	Lock(ctx context.Context) (unlock func(), err error)
}

// ErrNoTokens means that nobody consented yet, or that the connection was ended.
var ErrNoTokens = errors.New("there are no tokens of a consent")

// ReconnectError means that the stored consent is of no use any more and a person has to give it again: it was never given, it was withdrawn, or the process
// died after Zoom had issued the next refresh token and before that was on disk.
type ReconnectError struct{ Err error }

// Error says why and what to do.
func (e *ReconnectError) Error() string {
	return fmt.Sprintf("zoom does not take the stored consent: %s: connect again (zoomward connect)", e.Err)
}

// Unwrap returns the cause.
func (e *ReconnectError) Unwrap() error { return e.Err }

// IsReconnect reports whether a person has to consent again.
func IsReconnect(err error) bool {
	var r *ReconnectError
	return errors.As(err, &r)
}
