package zoomtest

import "time"

// A Source is what an account holds: the server answers from it. Company generates one by seed; a test may hand in fixed rows.
// Implementations must be safe for concurrent use and always give the same answer.
type Source interface {
	// Users returns every user of the account, whatever the status, in a stable order.
	Users() []User
	// Activities returns the sign-ins and sign-outs of one UTC day, sorted by time.
	Activities(day time.Time) []Activity
	// Operations returns the admin and user operations of one UTC day, sorted by time.
	Operations(day time.Time) []Operation
	// Settings returns the body of GET /accounts/{id}/settings for an option ("" for none), nil for an unknown option.
	Settings(option string) map[string]any
	// LockSettings returns the body of GET /accounts/{id}/lock_settings for an option ("" or "meeting_security"), nil for an unknown one.
	LockSettings(option string) map[string]any
}

// User is a row of GET /users as Zoom writes it. Pending users have no ID.
type User struct {
	ID                string   `json:"id,omitempty"`
	FirstName         string   `json:"first_name"`
	LastName          string   `json:"last_name"`
	DisplayName       string   `json:"display_name,omitempty"`
	Email             string   `json:"email"`
	Type              int      `json:"type"` // 1 basic, 2 licensed, 4 unassigned, 99 none
	PMI               int64    `json:"pmi,omitempty"`
	Timezone          string   `json:"timezone,omitempty"`
	Verified          int      `json:"verified"`
	Dept              string   `json:"dept"`
	CreatedAt         string   `json:"created_at"`
	UserCreatedAt     string   `json:"user_created_at,omitempty"`
	LastLoginTime     string   `json:"last_login_time,omitempty"`
	LastClientVersion string   `json:"last_client_version,omitempty"`
	GroupIDs          []string `json:"group_ids,omitempty"`
	RoleID            string   `json:"role_id,omitempty"`
	Status            string   `json:"status"` // active, inactive, pending
}

// Activity is a row of GET /report/activities. Zoom leaves IPAddress, ClientType and Version out at times.
type Activity struct {
	Email      string `json:"email"`
	Time       string `json:"time"` // 2019-09-15T19:13:41Z
	Type       string `json:"type"` // Sign in, Sign out
	IPAddress  string `json:"ip_address,omitempty"`
	ClientType string `json:"client_type,omitempty"`
	Version    string `json:"version,omitempty"`
}

// Operation is a row of GET /report/operationlogs. Rows of the system may have no operator and no action.
type Operation struct {
	Time     string `json:"time"`
	Operator string `json:"operator,omitempty"`
	Category string `json:"category_type"`
	Action   string `json:"action,omitempty"`
	Detail   string `json:"operation_detail"`
}
