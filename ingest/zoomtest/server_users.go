package zoomtest

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxUsersPage is the documented maximum of page_size of GET /users.
const maxUsersPage = 2000

// ownerRole is the role id of the account owner, who is "me" to a server-to-server app.
const ownerRole = "0"

// roleNames are the roles every account has; those an account adds have names of its own.
var roleNames = map[string]string{ownerRole: "Owner", "1": "Admin", "2": "Member"}

// licenseFilters are the documented values of license. No simulated user holds either product.
var licenseFilters = map[string]bool{"zoom_workforce_management": true, "zoom_compliance_management": true}

type usersReply struct {
	PageCount     int       `json:"page_count"`
	PageNumber    int       `json:"page_number"`
	PageSize      int       `json:"page_size"`
	TotalRecords  int       `json:"total_records"`
	NextPageToken string    `json:"next_page_token"`
	Users         []userRow `json:"users"`
}

// userRow is a row of the list. The host key comes with include_fields=host_key alone: it is a secret.
type userRow struct {
	User
	HostKey string `json:"host_key,omitempty"`
}

// userReply is a user alone, which says more than a row of the list.
type userReply struct {
	User
	RoleName   string `json:"role_name,omitempty"`
	AccountID  string `json:"account_id"`
	LoginTypes []int  `json:"login_types,omitempty"`
	UsePMI     *bool  `json:"use_pmi,omitempty"`
}

// A directory is the account's users by what requests ask for. A source always gives the same answer, so it is built once.
type directory struct {
	byStatus map[string][]User
	byKey    map[string]User // id as it is, email in lower case, "me"
	accepted []*User         // who has an id: the active ones, then the inactive
	byRole   map[string][]*User
	byGroup  map[string][]*User
}

func newDirectory(users []User) *directory {
	d := &directory{byStatus: map[string][]User{"active": nil, "inactive": nil, "pending": nil}, byKey: make(map[string]User, 2*len(users))}
	var me *User
	for _, u := range users {
		if u.Status == "pending" {
			u.ID = "" // Zoom gives an id when the invitation is accepted
		}
		d.byStatus[u.Status] = append(d.byStatus[u.Status], u)
		d.byKey[strings.ToLower(u.Email)] = u
		if u.ID != "" {
			d.byKey[u.ID] = u
		}
		if u.Status == "active" && (me == nil || me.RoleID != ownerRole && u.RoleID == ownerRole) {
			me = &u
		}
	}
	if me != nil {
		d.byKey["me"] = *me
	}
	d.byRole, d.byGroup = map[string][]*User{}, map[string][]*User{}
	for _, status := range []string{"active", "inactive"} {
		for i := range d.byStatus[status] {
			u := &d.byStatus[status][i]
			d.accepted = append(d.accepted, u)
			d.byRole[u.RoleID] = append(d.byRole[u.RoleID], u)
			for _, g := range u.GroupIDs {
				d.byGroup[g] = append(d.byGroup[g], u)
			}
		}
	}
	return d
}

// users serves GET /users.
func (h *Handler) users(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	size, refused := pageSize(q, maxUsersPage)
	if refused != nil {
		return nil, refused
	}
	number, refused := positive(q, "page_number", 1, math.MaxInt32)
	if refused != nil {
		return nil, refused
	}
	status := q.Get("status")
	if status == "" {
		status = "active"
	}
	rows, ok := h.directory().byStatus[status]
	if !ok {
		return nil, invalid("Invalid field status: must be active, inactive or pending.")
	}
	role, license := q.Get("role_id"), q.Get("license")
	if license != "" && !licenseFilters[license] {
		return nil, invalid("Invalid field license: %s.", license)
	}
	if license != "" {
		rows = nil
	}
	if role != "" {
		rows = withRole(rows, role)
	}
	pages := newPager(h.tokens, &h.opts, "users", url.Values{
		"status": {status}, "page_size": {strconv.Itoa(size)}, "role_id": {role}, "license": {license},
	})
	at, given, refused := pages.place(q.Get("next_page_token"))
	if refused != nil {
		return nil, refused
	}
	if !given {
		at = cursor{offset: int64(number-1) * int64(size)}
	}
	total := len(rows)
	start := int(min(at.offset, int64(total)))
	end := min(start+size, total)
	var next *cursor
	if end < total {
		next = &cursor{offset: int64(end)}
	}
	return usersReply{
		PageCount:     (total + size - 1) / size,
		PageNumber:    int(at.offset)/size + 1,
		PageSize:      size,
		TotalRecords:  total,
		NextPageToken: pages.token(next),
		Users:         h.userRows(rows[start:end], q.Get("include_fields")),
	}, nil
}

func (h *Handler) userRows(users []User, fields string) []userRow {
	out := make([]userRow, len(users))
	for i, u := range users {
		out[i].User = u
		if strings.Contains(fields, "host_key") && u.ID != "" {
			out[i].HostKey = h.organization().HostKey(u.ID)
		}
	}
	return out
}

// user serves GET /users/{userId}.
func (h *Handler) user(_ *http.Request, id string) (any, *apiError) {
	u, refused := h.findUser(id)
	if refused != nil {
		return nil, refused
	}
	reply := userReply{User: u, RoleName: h.roleName(u.RoleID), AccountID: h.opts.AccountID, LoginTypes: h.calendar().LoginTypes(u.ID)}
	if reply.LoginTypes != nil {
		own := h.calendar().UsesPersonalID(u.ID)
		reply.UsePMI = &own
	}
	return reply, nil
}

// findUser finds a user by id, email or "me".
func (h *Handler) findUser(id string) (User, *apiError) {
	known := h.directory().byKey
	u, ok := known[id]
	if !ok {
		u, ok = known[strings.ToLower(id)]
		ok = ok && strings.Contains(id, "@") // ids are told apart by case
	}
	if !ok {
		return User{}, &apiError{status: http.StatusNotFound, Code: codeUserUnknown, Message: "User does not exist: " + id + "."}
	}
	return u, nil
}

// roleName is what the account calls a role.
func (h *Handler) roleName(id string) string {
	for _, r := range h.organization().Roles() {
		if r.ID == id {
			return r.Name
		}
	}
	return roleNames[id]
}

func withRole(users []User, role string) []User {
	var out []User
	for _, u := range users {
		if u.RoleID == role {
			out = append(out, u)
		}
	}
	return out
}
