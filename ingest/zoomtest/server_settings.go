package zoomtest

import (
	"net/http"
	"strings"
)

// settings serves GET /accounts/{accountId}/settings.
func (h *Handler) settings(r *http.Request, account string) (any, *apiError) {
	return h.settingsView(r, account, h.src.Settings)
}

// lockSettings serves GET /accounts/{accountId}/lock_settings.
func (h *Handler) lockSettings(r *http.Request, account string) (any, *apiError) {
	return h.settingsView(r, account, h.src.LockSettings)
}

func (h *Handler) settingsView(r *http.Request, account string, view func(string) map[string]any) (any, *apiError) {
	if account != "me" && account != h.opts.AccountID {
		return nil, &apiError{status: http.StatusNotFound, Code: codeNoAccount, Message: "Account does not exist: " + account + "."}
	}
	q := r.URL.Query()
	option := q.Get("option")
	body := view(option)
	if body == nil {
		return nil, invalid("Invalid field option: %s.", option)
	}
	if fields := q.Get("custom_query_fields"); fields != "" {
		names := map[string]bool{}
		for name := range strings.SplitSeq(fields, ",") {
			names[strings.TrimSpace(name)] = true
		}
		body = onlyNamed(body, names)
	}
	return body, nil
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
