package posture

import (
	"encoding/json"
	"time"
)

// Input is everything an evaluation rests on.
type Input struct {
	AccountID  string             // resource id of the results; "me" when empty
	AsOf       time.Time          // what idle times are measured to
	Settings   map[string]Setting // by dotted path as Zoom nests it
	Users      []User
	Domains    []Domain
	IMGroups   int                  // groups of the chat directory
	Scoped     map[string]Scoped    // settings of groups and of users, by ScopeGroup and ScopeUser
	Feeds      map[string]FeedState // by the names of the constants Feed*; absent: never read
	Params     Params               // validate with Catalog.CheckParams; what is wrong keeps its default
	Profile    string               // one of Profiles; the first when empty
	Exceptions []Exception
}

// Setting is one account setting as last read.
type Setting struct {
	Value     json.RawMessage // empty or null: Zoom sends no value for the path (it may send a lock)
	Locked    *bool           // nil: Zoom sends no lock for the path
	FetchedAt time.Time
}

// User is one user of the account.
type User struct {
	ID          string
	Email       string
	RoleID      string // "0" owner, "1" admin, "2" member, else a role of the account's own
	Groups      []string
	Status      string    // active, inactive, pending
	Type        string    // basic, licensed, unassigned, none
	LastLoginAt time.Time // zero: not known. Zoom updates it with up to three days' delay
	FirstSeenAt time.Time // when zoomward first saw the user
}

// FeedState says how the last reading of a feed ended.
type FeedState struct {
	State   string // ok, not_authorised, plan_too_low, not_in_plan, failed, never
	Message string // what to do about it
}

// Feed states.
const (
	FeedOK            = "ok"
	FeedNotAuthorised = "not_authorised"
	FeedPlanTooLow    = "plan_too_low"
	FeedNotInPlan     = "not_in_plan" // by the configuration, so that it is not asked for
	FeedFailed        = "failed"
	FeedNever         = "never"
)
