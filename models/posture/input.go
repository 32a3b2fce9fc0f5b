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
	Groups     []Group
	Roles      []Role
	Channels   []Channel
	Meetings   []Meeting // that are still to come
	Recordings []Recording
	Apps       []App      // that were added to the account
	Overrides  []Override // settings of groups and users that differ from the account's
	UserPaths  []string   // settings that Zoom sends of users

	Domains         []Domain
	ManagedDomains  []string          // verified ones
	IMGroups        int               // groups of the chat directory
	Scoped          map[string]Scoped // settings of all groups and of all users, by ScopeGroup and ScopeUser
	SignInsFrom     time.Time         // since when all sign-ins were read; zero: not known
	LastOperationAt time.Time         // of the latest entry of the operation log; zero: none was read
	SettingsReadAt  time.Time         // when the account settings were last read whole; zero: never
	Phone           Phone
	Connector       Connector

	Feeds      map[string]FeedState // by the names of the constants Feed*; absent: never read
	Params     Params               // validate with Catalog.CheckParams; what is wrong keeps its default
	Profile    string               // one of Profiles; the first when empty
	Exceptions []Exception
}

// Setting is one account setting as last read.
type Setting struct {
	Value     json.RawMessage // empty or null: Zoom sends no value for the path (it may send a lock); a marker (store.OtherKind): one of another kind than it documents
	Locked    *bool           // nil: Zoom sends no lock for the path
	LockKind  string          // what Zoom sends in the place of the lock when it is none, such as "text"
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
	JoinedAt    time.Time // when the user came to the account; zero: not known
	Verified    *bool     // whether the address is; nil: Zoom does not say
	Client      string    // version of the client last used, such as 6.2.0.1234(mac); "": Zoom does not say

	LoginTypes      []string // as Zoom numbers them; nil: not read
	UsePMI          *bool
	DelegatesRead   bool
	Delegates       []string // addresses of those who may schedule for the user; an id or "" of whom Zoom gives none
	SettingsPresent *int64   // which of weakPaths were read of the user, a bit each; nil: no settings were
	SettingsReadAt  time.Time
}

// Group is a group of users.
type Group struct {
	ID, Name        string
	SettingsPresent *int64 // as User.SettingsPresent
}

// Role is a role of administrators.
type Role struct {
	ID, Name    string
	Privileges  []string // such as User:Edit; nil: not read
	MembersRead bool
	Members     []string // addresses; an id or "" of whom Zoom gives none
}

// Channel is a chat channel. What Zoom did not send or was not asked for is nil.
type Channel struct {
	ID, Name                            string
	Type                                *int64 // 3 public, 5 public and open to other accounts
	AddExternal, AddMembers, MentionAll *int64
	SeeHistory                          *bool
	Members, External                   *int64 // nil: nobody's membership was read
	OutsideLeaders                      []string
	LeadersUnsaid                       bool // there may be more: Zoom does not say of somebody whether the person leads, or is from outside
	ActiveOwner                         *bool
}

// Meeting is a meeting that is still to come. Of the passcode it holds nothing but whether there is one.
type Meeting struct {
	ID, Topic                                                        string
	HasPasscode, WaitingRoom, Authentication, JoinBeforeHost, UsePMI *bool
	ApprovalType                                                     *int64 // 2: no registration
	Encryption, AutoRecording                                        string
	HostsRead                                                        bool
	AlternativeHosts                                                 []string // addresses
}

// Recording is a cloud recording as it is shared.
type Recording struct {
	ID, Topic                             string
	Share                                 string // publicly, internally, none; "": not read
	HasPasscode, Authentication, OnDemand *bool
}

// App is an app of the marketplace.
type App struct {
	ID, Name  string
	Developer string   // THIRD_PARTY, ZOOM, INTERNAL
	Scopes    []string // none: Zoom does not say
}

// Phone is what is known of Zoom Phone.
type Phone struct{ CallRecording, CallRecordingLocked *bool }

// Connector is what is known of the app that zoomward reads with.
type Connector struct {
	Scopes  []string // granted ones; none: not known
	Missing []string // that would open what is to be read and is closed
}

// FeedState says how the last reading of a feed ended.
type FeedState struct {
	State   string // ok, not_authorised, plan_too_low, not_in_plan, failed, never
	Message string // what to do about it
	// Incomplete says of a feed that lists objects visit by visit that it has not come round once: there are objects that nobody has seen yet.
	Incomplete bool
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
