package zoomtest

import "slices"

// SetScopes changes what the administrator grants the app, nil for the classic administrator scopes. It counts at once, also for tokens
// that are out: the app's own have the new scopes, and a user's lose those that are gone.
func (h *Handler) SetScopes(scopes []string) {
	if scopes == nil {
		scopes = classicAdminScopes[:]
	}
	h.authority.mu.Lock()
	defer h.authority.mu.Unlock()
	h.authority.scopes = slices.Clone(scopes)
}

// Deactivate switches the app off as an administrator does: token requests are refused with 400, access tokens with 401 and code 124.
func (h *Handler) Deactivate() { h.authority.setDisabled(true) }

// Activate switches the app on again. Zoom does not say what becomes of tokens from before; here they work again until they end.
func (h *Handler) Activate() { h.authority.setDisabled(false) }

func (a *authority) setDisabled(disabled bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.disabled = disabled
}
