package zoomtest

import (
	"net/http"
	"time"
)

// timedSettings is a Source that knows what the settings were when.
type timedSettings interface {
	SettingsAt(option string, at time.Time) map[string]any
}

// timedOrganization is an Organization that knows what the settings of groups and users were when.
type timedOrganization interface {
	UserSettingsAt(userID, option string, at time.Time) map[string]any
	GroupSettingsAt(groupID, option string, at time.Time) map[string]any
}

// settings serves GET /accounts/{accountId}/settings.
func (h *Handler) settings(r *http.Request, account string) (any, *apiError) {
	view := h.src.Settings
	if timed, ok := h.src.(timedSettings); ok {
		view = func(option string) map[string]any { return timed.SettingsAt(option, h.present()) }
	}
	return h.settingsView(r, account, view)
}

// lockSettings serves GET /accounts/{accountId}/lock_settings.
func (h *Handler) lockSettings(r *http.Request, account string) (any, *apiError) {
	return h.settingsView(r, account, h.src.LockSettings)
}

func (h *Handler) settingsView(r *http.Request, account string, view func(string) map[string]any) (any, *apiError) {
	if refused := h.ownAccount(account); refused != nil {
		return nil, refused
	}
	return settingsBody(r, view)
}

// onlyNamed keeps the sections and settings that are named, each where it stands. Names the account lacks are ignored.
func onlyNamed(body map[string]any, names map[string]bool) map[string]any {
	out := map[string]any{}
	for name, value := range body {
		if names[name] {
			out[name] = value
		} else if section, ok := value.(map[string]any); ok {
			if kept := onlyNamed(section, names); len(kept) > 0 {
				out[name] = kept
			}
		}
	}
	return out
}
