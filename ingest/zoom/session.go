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

// lockPatiently takes the lock of a store, waiting for whoever holds it as long as that one may need.
func lockPatiently(ctx context.Context, store TokenStore) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	return store.Lock(ctx)
}

// fetch returns a grant other than stale: the stored one where another process has refreshed it meanwhile, else a refreshed one, which is on disk before it is
// used for anything.
func (s *session) fetch(ctx context.Context, stale *grant) (*grant, error) {
	unlock, err := lockPatiently(ctx, s.store)
	if err != nil {
		return nil, fmt.Errorf("refresh tokens: %w", err)
	}
	defer unlock()
	return s.fetchLocked(ctx, stale)
}

// fetchLocked is fetch for who holds the lock.
func (s *session) fetchLocked(ctx context.Context, stale *grant) (*grant, error) {
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
	// From here on there is no giving up half-way: an interrupted run still stores what Zoom answers.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	defer cancel()
	next, err := s.app.Refresh(ctx, t.Refresh)
	if err != nil {
		return nil, err
	}
	if next.Refresh.IsZero() {
		next.Refresh = t.Refresh // a server that does not rotate
	}
	if err := s.store.Save(ctx, next); err != nil {
		return nil, &ReconnectError{fmt.Errorf("the next refresh token is lost: %w", err)}
	}
	return grantOf(next, next.Expires.Sub(s.app.Now())), nil
}

// Connect turns the code of a consent into stored tokens, in place of those stored before. Where it fails, those are as they were.
func (a App) Connect(ctx context.Context, store TokenStore, code, verifier, redirect string) error {
	// The code is spent by using it, so see first that there is a place for what it brings.
	unlock, err := lockPatiently(ctx, store)
	if err != nil {
		return fmt.Errorf("store tokens: %w", err)
	}
	defer unlock()
	if old, err := store.Load(ctx); err == nil { // Zoom ends these by giving others: a disk that is full must show before
		if err := store.Save(ctx, old); err != nil {
			return fmt.Errorf("store tokens: not tried: %w", err)
		}
	}
	// As with a refresh, an answer that is under way is stored. Asking again for one that got lost does no harm: what the code gave is lost then anyway.
	var t Tokens
	err = a.retry(ctx, func() error {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
		defer cancel()
		t, err = a.Exchange(try, code, verifier, redirect)
		return err
	})
	if err != nil {
		return err
	}
	if t.Refresh.IsZero() {
		return errors.New("get access token: zoom sent no refresh token: the app must be a General app that users add, not a Server-to-Server one")
	}
	if err := store.Save(context.WithoutCancel(ctx), t); err != nil {
		return fmt.Errorf("store tokens: %w", err)
	}
	return nil
}

// Disconnect makes the stored consent void at Zoom and removes it from the store. ErrNoTokens says that there is none, a *ReconnectError that Zoom did not take
// it any more; it is removed then too. With any other error it is kept.
func (a App) Disconnect(ctx context.Context, store TokenStore) error {
	a, err := a.prepare()
	if err != nil {
		return err
	}
	unlock, err := lockPatiently(ctx, store) // whoever refreshes meanwhile would store tokens after their end
	if err != nil {
		return fmt.Errorf("revoke tokens: %w", err)
	}
	defer unlock()
	if _, err := store.Load(ctx); errors.Is(err, ErrNoTokens) {
		return err
	}
	refused := a.revokeStored(ctx, store)
	if refused != nil && !IsReconnect(refused) {
		return refused
	}
	if err := store.Remove(); err != nil {
		return err
	}
	return refused
}

// revokeStored revokes the consent of a locked store by an access token of it. Zoom may have ended the stored one before its time, and it then knows the consent
// only by a refreshed one.
func (a App) revokeStored(ctx context.Context, store TokenStore) error {
	s := &session{app: a, store: store, timeout: attemptTimeout}
	var g *grant
	for range 2 {
		err := a.retry(ctx, func() error {
			next, err := s.fetchLocked(ctx, g)
			if err == nil {
				g = next
			}
			return err
		})
		if err != nil {
			return err
		}
		known := false
		err = a.retry(ctx, func() error {
			try, cancel := context.WithTimeout(ctx, attemptTimeout)
			defer cancel()
			known, err = a.revoke(try, g.access)
			return err
		})
		if err != nil || known {
			return err
		}
	}
	// Zoom does not know an access token that it has just given: somebody else revoked the consent in between.
	return nil
}
