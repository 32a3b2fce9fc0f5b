package zoomtest

import (
	"net/http"
	"strconv"
	"time"
)

type scopeRow struct {
	Name        string `json:"scope_name"`
	Description string `json:"scope_description"`
}

type approvalRow struct {
	Type     string `json:"approved_type"`
	Approver string `json:"approver_id"`
	At       string `json:"approved_time"`
	Closed   bool   `json:"app_approval_closed"`
}

type appRow struct {
	ID          string       `json:"app_id"`
	Name        string       `json:"app_name"`
	Type        string       `json:"app_type"`
	Usage       int          `json:"app_usage"`
	Status      string       `json:"app_status"`
	Developer   string       `json:"app_developer_type"`
	Description string       `json:"app_description"`
	Scopes      []scopeRow   `json:"scopes"`
	Approval    *approvalRow `json:"approval_info,omitempty"`
	Requests    string       `json:"latest_request_date_time,omitempty"`
}

// marketplaceApps serves GET /marketplace/apps.
func (h *Handler) marketplaceApps(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	listing, refused := oneOf(q, "type", "active_requests", appListings...)
	if refused != nil {
		return nil, refused
	}
	var apps []App
	if store, ok := h.src.(AppStore); ok {
		apps = store.Apps(listing)
	}
	p, refused := pageOf(h, q, "marketplace apps", apps, maxReportPage, defaultPageSize, listing)
	if refused != nil {
		return nil, refused
	}
	requested := ""
	if listing == "active_requests" || listing == "past_requests" {
		requested = instantOf(h.today().AddDate(0, 0, -3).Add(9 * time.Hour))
	}
	return map[string]any{"page_size": p.size, "next_page_token": p.next, "apps": eachRow(p.rows, func(a App) appRow {
		row := appRow{a.ID, a.Name, a.Type, a.Usage, a.Status, a.Developer, a.Description, []scopeRow{}, nil, requested}
		for _, s := range a.Scopes {
			row.Scopes = append(row.Scopes, scopeRow{s, "Allows " + strconv.Quote(s) + "."})
		}
		if a.ApprovedFor != "" {
			row.Approval = &approvalRow{a.ApprovedFor, a.ApproverID, instantOf(a.ApprovedAt), false}
		}
		return row
	})}, nil
}
