package zoom

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// session gets access tokens out of stored consent.
type session struct {
	app     App // prepared
	store   TokenStore
	timeout time.Duration // of a request
}

// lockPatience is how long a refresh waits for another process's: that one is bounded by its own timeout.
const lockPatience = 2 * attemptTimeout

// fetch returns a grant other than stale: the stored one where another process has refreshed it meanwhile, else a refreshed one, which is on disk before it is
// used for anything.
func (s *session) fetch(ctx context.Context, stale *grant) (*grant, error) {
	patience, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	unlock, err := s.store.Lock(patience)
	if err != nil {
		return nil, fmt.Errorf("refresh tokens: %w", err)
	}
	defer unlock()
	t, err := s.store.Load(ctx) // under the lock: what was known before may be void
	if errors.Is(err, ErrNoTokens) {
		return nil, &ReconnectError{err}
	}
	if err != nil {
		return nil, err
	}
	if left := t.Expires.Sub(s.app.Now()); left > tokenMargin && !t.Access.IsZero() && (stale == nil || t.Access.Reveal() != stale.access.Reveal()) {
		return grantOf(t, left), nil
	}
	// The refresh token is spent by using it, so see first that the next one can be written: a full disk shows here.
	if err := s.store.Save(ctx, t); err != nil {
		return nil, fmt.Errorf("refresh tokens: not tried: %w", err)
	}
	if err := s.app.step.at("before refresh"); err != nil {
		return nil, err
	}
	// From here on there is no giving up half-way: an interrupted run still stores what Zoom answers.
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	defer cancel()
	next, err := s.app.Refresh(ctx, t.Refresh)
	if err != nil {
		return nil, err
	}
	if err := s.app.step.at("refreshed, not saved"); err != nil {
		return nil, err
	}
	if next.Refresh.IsZero() {
		next.Refresh = t.Refresh // a server that does not rotate
	}
	if err := s.store.Save(ctx, next); err != nil {
		return nil, &ReconnectError{fmt.Errorf("the next refresh token is lost: %w", err)}
	}
	if err := s.app.step.at("refresh saved"); err != nil {
		return nil, err
	}
	return grantOf(next, next.Expires.Sub(s.app.Now())), nil
}

// Connect turns the code of a consent into stored tokens, in place of those stored before. Where it fails, those are as they were.
func (a App) Connect(ctx context.Context, store TokenStore, code, verifier, redirect string) error {
	// The code is spent by using it, so see first that there is a place for what it brings.
	patience, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	unlock, err := store.Lock(patience)
	if err != nil {
		return fmt.Errorf("store tokens: %w", err)
	}
	defer unlock()
	if err := a.step.at("code received"); err != nil {
		return err
	}
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
	defer cancel()
	t, err := a.Exchange(ctx, code, verifier, redirect)
	if err != nil {
		return err
	}
	if t.Refresh.IsZero() {
		return errors.New("get access token: zoom sent no refresh token: the app must be a General app that users add, not a Server-to-Server one")
	}
	if err := a.step.at("exchanged, not saved"); err != nil {
		return err
	}
	if err := store.Save(ctx, t); err != nil {
		return fmt.Errorf("store tokens: %w", err)
	}
	return a.step.at("consent saved")
}

// Disconnect makes the stored consent void at Zoom. The store still holds it afterwards. ErrNoTokens says that there is none, a *ReconnectError that it was void
// already.
func (a App) Disconnect(ctx context.Context, store TokenStore) error {
	a, err := a.prepare()
	if err != nil {
		return err
	}
	if _, err := store.Load(ctx); err != nil {
		return err
	}
	g, err := (&session{app: a, store: store, timeout: attemptTimeout}).fetch(ctx, nil) // Zoom revokes by an access token that lives
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	return a.Revoke(ctx, g.access)
}
