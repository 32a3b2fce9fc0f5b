package zoomtest

import (
	"net/http"
	"slices"
	"strings"
)

// Documented values of option, "" for the whole tree.
var (
	settingsOptions     = []string{"", "meeting_authentication", "recording_authentication", "security", "meeting_security"}
	lockSettingsOptions = []string{"", "meeting_security"}
)

// settings serves GET /accounts/{accountId}/settings.
func (h *Handler) settings(r *http.Request, account string) (any, *apiError) {
	return h.settingsView(r, account, settingsOptions, h.src.Settings)
}

// lockSettings serves GET /accounts/{accountId}/lock_settings.
func (h *Handler) lockSettings(r *http.Request, account string) (any, *apiError) {
	return h.settingsView(r, account, lockSettingsOptions, h.src.LockSettings)
}

func (h *Handler) settingsView(r *http.Request, account string, options []string, view func(string) map[string]any) (any, *apiError) {
	if account != "me" && account != h.opts.AccountID {
		return nil, &apiError{status: http.StatusNotFound, Code: codeNoAccount, Message: "Account does not exist: " + account + "."}
	}
	q := r.URL.Query()
	option := q.Get("option")
	if !slices.Contains(options, option) {
		return nil, invalid("Invalid field option: %s.", option)
	}
	body := view(option)
	if body == nil {
		return nil, invalid("Invalid field option: %s.", option)
	}
	return onlySections(body, q.Get("custom_query_fields")), nil
}

// onlySections keeps the sections a comma-separated list names, all of them for an empty one. Names the account lacks are ignored.
func onlySections(body map[string]any, fields string) map[string]any {
	if fields == "" {
		return body
	}
	out := map[string]any{}
	for name := range strings.SplitSeq(fields, ",") {
		name = strings.TrimSpace(name)
		if section, ok := body[name]; ok {
			out[name] = section
		}
	}
	return out
}
