package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// storedConsent tells, without asking Zoom, what is wrong with the tokens of a user-managed app: nil for nothing, a *zoom.ReconnectError where a person has to
// consent again. Whether Zoom still takes them is not known before it is asked. Other apps have none, and nothing is wrong with that.
func (a *app) storedConsent(ctx context.Context) error {
	if a.cfg.App != appUserManaged {
		return nil
	}
	_, err := zoom.NewTokenFile(tokensPath(a.cfg.DB)).Load(ctx)
	if errors.Is(err, zoom.ErrNoTokens) {
		return &zoom.ReconnectError{Err: err}
	}
	return err
}

// consentStatus is what status says of the connection of a user-managed app.
type consentStatus struct {
	State   string `json:"state"` // stored, connect_again, refused (the file is not to be trusted as it is), unknown (it is not for this user to read)
	Message string `json:"message,omitempty"`
}

func (a *app) consentStatus(ctx context.Context) *consentStatus {
	if a.cfg.App != appUserManaged || a.cfg.DB == "" {
		return nil
	}
	err := a.storedConsent(ctx)
	switch {
	case err == nil:
		return &consentStatus{State: "stored"}
	case zoom.IsReconnect(err):
		return &consentStatus{"connect_again", err.Error()}
	case errors.Is(err, fs.ErrPermission):
		return &consentStatus{State: "unknown"}
	}
	return &consentStatus{"refused", err.Error()}
}
