package zoom

import (
	"encoding/json"
	"errors"
	"time"
)

// The values of Activity.Type that Zoom documents. Failed sign-ins are not in this feed.
const (
	TypeSignIn  = "Sign in"
	TypeSignOut = "Sign out"
)

// Activity is a sign-in or sign-out. Zoom leaves IPAddress, ClientType and Version out at times: they are "" then.
type Activity struct {
	Email      string
	Time       time.Time // UTC
	Type       string    // TypeSignIn or TypeSignOut
	IPAddress  string
	ClientType string
	Version    string
}

// Operation is a row of the operation logs. Rows of the system may have no Operator and no Action.
type Operation struct {
	Time     time.Time // UTC
	Operator string
	Category string
	Action   string
	Detail   string // see ParseDetail
}

// User is a user of the account. Times are UTC, zero where Zoom gives none. Pending users have no ID.
type User struct {
	ID                string
	Email             string
	FirstName         string
	LastName          string
	DisplayName       string
	Type              int    // 1 basic, 2 licensed, 4 unassigned, 99 none
	Status            string // active, inactive, pending
	RoleID            string
	Dept              string
	Timezone          string
	Verified          *bool // nil: Zoom does not say
	EmployeeID        string
	PlanUnitedType    string
	CreatedAt         time.Time
	UserCreatedAt     time.Time
	LastLoginAt       time.Time // Zoom moves it at most every three days: no activity event
	LastClientVersion string
	GroupIDs          []string
	IMGroupIDs        []string
}

func decodeActivity(b json.RawMessage) (Activity, error) {
	var v struct {
		Email      flexString `json:"email"`
		Time       flexString `json:"time"`
		Type       flexString `json:"type"`
		IPAddress  flexString `json:"ip_address"`
		ClientType flexString `json:"client_type"`
		Version    flexString `json:"version"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return Activity{}, errors.New("row is not an object")
	}
	t, err := parseTime(string(v.Time))
	return Activity{Email: string(v.Email), Time: t, Type: string(v.Type), IPAddress: string(v.IPAddress),
		ClientType: string(v.ClientType), Version: string(v.Version)}, err
}

func decodeOperation(b json.RawMessage) (Operation, error) {
	var v struct {
		Time     flexString `json:"time"`
		Operator flexString `json:"operator"`
		Category flexString `json:"category_type"`
		Action   flexString `json:"action"`
		Detail   flexString `json:"operation_detail"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return Operation{}, errors.New("row is not an object")
	}
	t, err := parseTime(string(v.Time))
	return Operation{Time: t, Operator: string(v.Operator), Category: string(v.Category), Action: string(v.Action), Detail: string(v.Detail)}, err
}

func decodeUser(b json.RawMessage) (User, error) {
	var v struct {
		ID                flexString  `json:"id"`
		Email             flexString  `json:"email"`
		FirstName         flexString  `json:"first_name"`
		LastName          flexString  `json:"last_name"`
		DisplayName       flexString  `json:"display_name"`
		Type              flexInt     `json:"type"`
		Status            flexString  `json:"status"`
		RoleID            flexString  `json:"role_id"`
		Dept              flexString  `json:"dept"`
		Timezone          flexString  `json:"timezone"`
		Verified          flexString  `json:"verified"`
		EmployeeID        flexString  `json:"employee_unique_id"`
		PlanUnitedType    flexString  `json:"plan_united_type"`
		CreatedAt         flexString  `json:"created_at"`
		UserCreatedAt     flexString  `json:"user_created_at"`
		LastLoginTime     flexString  `json:"last_login_time"`
		LastClientVersion flexString  `json:"last_client_version"`
		GroupIDs          flexStrings `json:"group_ids"`
		IMGroupIDs        flexStrings `json:"im_group_ids"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return User{}, errors.New("row is not an object")
	}
	u := User{
		ID: string(v.ID), Email: string(v.Email), FirstName: string(v.FirstName), LastName: string(v.LastName),
		DisplayName: string(v.DisplayName), Type: int(v.Type), Status: string(v.Status), RoleID: string(v.RoleID), Dept: string(v.Dept),
		Timezone: string(v.Timezone), Verified: confirmed(v.Verified), EmployeeID: string(v.EmployeeID), PlanUnitedType: string(v.PlanUnitedType),
		CreatedAt: optionalTime(v.CreatedAt), UserCreatedAt: optionalTime(v.UserCreatedAt), LastLoginAt: optionalTime(v.LastLoginTime),
		LastClientVersion: string(v.LastClientVersion), GroupIDs: v.GroupIDs, IMGroupIDs: v.IMGroupIDs,
	}
	if u.ID == "" && u.Email == "" {
		return u, errors.New("user has neither id nor email")
	}
	return u, nil
}

// confirmed reads Zoom's 1 and 0, and truth values, as whether something is; nil for anything else.
func confirmed(s flexString) *bool {
	switch yes := s == "1" || s == "true"; {
	case yes, s == "0", s == "false":
		return &yes
	}
	return nil
}
