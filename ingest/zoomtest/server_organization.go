package zoomtest

import (
	"net/http"
	"strings"
)

// maxGroupMembers is the documented maximum of page_size of GET /groups/{groupId}/members.
const maxGroupMembers = 2000

type roleRow struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	Type         string `json:"type"`
	TotalMembers int    `json:"total_members"`
}

type memberRowReply struct {
	ID         string `json:"id"`
	Email      string `json:"email"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	Department string `json:"department,omitempty"`
	Type       int    `json:"type"`
}

type membersReply struct {
	PageCount     int              `json:"page_count"`
	PageNumber    int              `json:"page_number"`
	PageSize      int              `json:"page_size"`
	TotalRecords  int              `json:"total_records"`
	NextPageToken string           `json:"next_page_token"`
	Members       []memberRowReply `json:"members"`
}

// roles serves GET /roles.
func (h *Handler) roles(r *http.Request, _ string) (any, *apiError) {
	kind, refused := oneOf(r.URL.Query(), "type", "common", "common", "iq")
	if refused != nil {
		return nil, refused
	}
	out := []roleRow{}
	for _, x := range h.organization().Roles() {
		if x.Type == kind {
			out = append(out, h.roleRow(x))
		}
	}
	return map[string]any{"total_records": len(out), "roles": out}, nil
}

func (h *Handler) roleRow(x Role) roleRow {
	return roleRow{x.ID, x.Name, x.Description, x.Type, len(h.directory().byRole[x.ID])}
}

func (h *Handler) findRole(id string) (Role, *apiError) {
	for _, x := range h.organization().Roles() {
		if x.ID == id {
			return x, nil
		}
	}
	return Role{}, &apiError{status: http.StatusBadRequest, Code: codeInvalid, Message: "Role does not exist: " + id + "."}
}

// role serves GET /roles/{roleId}.
func (h *Handler) role(_ *http.Request, id string) (any, *apiError) {
	x, refused := h.findRole(id)
	if refused != nil {
		return nil, refused
	}
	return struct {
		roleRow
		Privileges []string `json:"privileges"`
	}{h.roleRow(x), append([]string{}, x.Privileges...)}, nil
}

// roleMembers serves GET /roles/{roleId}/members.
func (h *Handler) roleMembers(r *http.Request, id string) (any, *apiError) {
	if _, refused := h.findRole(id); refused != nil {
		return nil, refused
	}
	return h.members(r, "role members", id, maxReportPage, true, h.directory().byRole[id])
}

func (h *Handler) members(r *http.Request, endpoint, id string, largest int, dept bool, users []*User) (any, *apiError) {
	p, refused := pageOf(h, r.URL.Query(), endpoint, users, largest, defaultPageSize, id)
	if refused != nil {
		return nil, refused
	}
	return membersReply{p.pages, p.number, p.size, p.total, p.next, eachRow(p.rows, func(u *User) memberRowReply {
		row := memberRowReply{ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Type: u.Type}
		if dept {
			row.Department = u.Dept
		}
		return row
	})}, nil
}

type groupRow struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	TotalMembers int    `json:"total_members"`
}

func (h *Handler) groupRow(g Group) groupRow {
	return groupRow{g.ID, g.Name, len(h.directory().byGroup[g.ID])}
}

// groups serves GET /groups.
func (h *Handler) groups(r *http.Request, _ string) (any, *apiError) {
	p, refused := pageOf(h, r.URL.Query(), "groups", h.organization().Groups(), maxReportPage, defaultPageSize)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"total_records": p.total, "next_page_token": p.next, "groups": eachRow(p.rows, h.groupRow)}, nil
}

// imGroups serves GET /im/groups, which comes in one piece.
func (h *Handler) imGroups(_ *http.Request, _ string) (any, *apiError) {
	groups := h.organization().IMGroups()
	rows := make([]groupRow, len(groups))
	for i, g := range groups {
		rows[i] = groupRow{g.ID, g.Name, len(h.directory().byGroup[strings.TrimPrefix(g.ID, "im")])}
	}
	return map[string]any{"total_records": len(rows), "groups": rows}, nil
}

func (h *Handler) findGroup(id string) (Group, *apiError) {
	for _, g := range h.organization().Groups() {
		if g.ID == id {
			return g, nil
		}
	}
	return Group{}, noGroup(id)
}

func noGroup(id string) *apiError {
	return &apiError{status: http.StatusNotFound, Code: codeNoGroup, Message: "Group does not exist: " + id + "."}
}

// group serves GET /groups/{groupId}.
func (h *Handler) group(_ *http.Request, id string) (any, *apiError) {
	g, refused := h.findGroup(id)
	if refused != nil {
		return nil, refused
	}
	return h.groupRow(g), nil
}

// groupMembers serves GET /groups/{groupId}/members.
func (h *Handler) groupMembers(r *http.Request, id string) (any, *apiError) {
	if _, refused := h.findGroup(id); refused != nil {
		return nil, refused
	}
	return h.members(r, "group members", id, maxGroupMembers, false, h.directory().byGroup[id])
}

// groupSettings serves GET /groups/{groupId}/settings, groupLockSettings GET /groups/{groupId}/lock_settings.
func (h *Handler) groupSettings(r *http.Request, id string) (any, *apiError) {
	view := h.organization().GroupSettings
	if timed, ok := h.organization().(timedOrganization); ok {
		view = func(id, option string) map[string]any { return timed.GroupSettingsAt(id, option, h.present()) }
	}
	return h.groupView(r, id, view)
}

func (h *Handler) groupLockSettings(r *http.Request, id string) (any, *apiError) {
	return h.groupView(r, id, h.organization().GroupLockSettings)
}

func (h *Handler) groupView(r *http.Request, id string, view func(id, option string) map[string]any) (any, *apiError) {
	if _, refused := h.findGroup(id); refused != nil {
		return nil, refused
	}
	return settingsBody(r, func(option string) map[string]any { return view(id, option) })
}

// userSettings serves GET /users/{userId}/settings.
func (h *Handler) userSettings(r *http.Request, id string) (any, *apiError) {
	u, refused := h.findUser(id)
	if refused != nil {
		return nil, refused
	}
	if u.ID == "" {
		return nil, &apiError{status: http.StatusBadRequest, Code: codeInvited, Message: "Invitation of " + u.Email + " is not accepted yet."}
	}
	view := h.organization().UserSettings
	if timed, ok := h.organization().(timedOrganization); ok {
		view = func(id, option string) map[string]any { return timed.UserSettingsAt(id, option, h.present()) }
	}
	return settingsBody(r, func(option string) map[string]any { return view(u.ID, option) })
}

// codeInvited refuses the settings of somebody who has not accepted the invitation.
const codeInvited = 1120

func (h *Handler) ownAccount(account string) *apiError {
	if account != "me" && account != h.opts.AccountID {
		return &apiError{status: http.StatusNotFound, Code: codeNoAccount, Message: "Account does not exist: " + account + "."}
	}
	return nil
}

// managedDomains serves GET /accounts/{accountId}/managed_domains.
func (h *Handler) managedDomains(_ *http.Request, account string) (any, *apiError) {
	if refused := h.ownAccount(account); refused != nil {
		return nil, refused
	}
	domains := append([]ManagedDomain{}, h.organization().ManagedDomains()...)
	return map[string]any{"domains": domains, "total_records": len(domains)}, nil
}

// trustedDomains serves GET /accounts/{accountId}/trusted_domains.
func (h *Handler) trustedDomains(_ *http.Request, account string) (any, *apiError) {
	if refused := h.ownAccount(account); refused != nil {
		return nil, refused
	}
	return map[string]any{"trusted_domains": append([]string{}, h.organization().TrustedDomains()...)}, nil
}

// settingsBody reads option and custom_query_fields of a settings endpoint.
func settingsBody(r *http.Request, view func(option string) map[string]any) (any, *apiError) {
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
