package zoomtest

import (
	"net/netip"
	"time"
)

// The interfaces below are optional: a Source that has one serves the feeds named there, one without serves them empty. All methods must be
// safe for concurrent use and always give the same answer.

// An Organization is a Source that knows the account's roles, groups and domains, and what users and groups have set.
// It serves /roles, /groups, /im/groups, /accounts/{id}/managed_domains, /trusted_domains and /users/{id}/settings.
type Organization interface {
	// Roles returns every role; the members follow from Users.
	Roles() []Role
	// Groups returns every group; the members follow from Users.
	Groups() []Group
	// IMGroups returns the groups of the chat directory; the members are the users of their departments.
	IMGroups() []Group
	ManagedDomains() []ManagedDomain
	TrustedDomains() []string
	// UserSettings returns the body of GET /users/{id}/settings for an option ("" for none), nil for an unknown user or option.
	UserSettings(userID, option string) map[string]any
	// GroupSettings and GroupLockSettings return the bodies of GET /groups/{id}/settings and /lock_settings, nil for an unknown group or option.
	GroupSettings(groupID, option string) map[string]any
	GroupLockSettings(groupID, option string) map[string]any
	// HostKey returns what a user types to become host, for GET /users?include_fields=host_key: a secret that a client must not keep.
	HostKey(userID string) string
}

// A Conferences source knows the account's meetings. It serves the meeting reports, the dashboard and the recordings.
type Conferences interface {
	// Meetings returns the meetings that began on a UTC day and have ended, sorted by start, whoever came.
	Meetings(day time.Time) []Meeting
	// LiveMeetings returns the meetings under way, sorted by start.
	LiveMeetings() []Meeting
	// HostMeetings returns the meetings of Meetings(day) that a user hosted; JoinedMeetings those the user hosted or came to.
	HostMeetings(userID string, day time.Time) []Meeting
	JoinedMeetings(userID string, day time.Time) []Meeting
	// Meeting finds a meeting by UUID, past or live; LastMeeting finds the latest past one of a meeting number.
	Meeting(uuid string) (Meeting, bool)
	LastMeeting(number int64) (Meeting, bool)
	// Attendance returns who was in a meeting: a row per stay, sorted by time of joining.
	Attendance(m Meeting) []Participant
	// HostTotals sums the meetings that began between two UTC days, both included, by host; hosts without a meeting are absent.
	HostTotals(from, to time.Time) map[string]HostTotal
	// DayTotals sums one UTC day.
	DayTotals(day time.Time) DayTotal
	// HostRecordings returns a user's cloud recordings of meetings that began on a UTC day, trashed ones instead if trash is true.
	HostRecordings(userID string, day time.Time, trash bool) []Recording
	// Recording finds the cloud recording of a meeting that still exists.
	Recording(uuid string) (Recording, bool)
	// RemoteSupports returns the remote support sessions of one UTC day, sorted by time.
	RemoteSupports(day time.Time) []RemoteSupport
}

// A Messenger source knows the account's chat channels. It serves /chat.
type Messenger interface {
	// Channels returns every channel in a stable order.
	Channels() []Channel
	// UserChannels returns the channels a user is in.
	UserChannels(userID string) []Channel
	// Channel finds a channel by id.
	Channel(id string) (Channel, bool)
	// ChannelMembers returns who is in a channel, owner first.
	ChannelMembers(id string) []ChannelMember
	// ChannelActivities returns who joined or left on a UTC day, sorted by time.
	ChannelActivities(day time.Time) []ChannelActivity
}

// A Calendar source knows how users sign in, who may schedule for them, and what is scheduled. It serves more of /users/{id}, /users/{id}/assistants,
// /users/{id}/meetings, /meetings/{id} and /phone/account_settings.
type Calendar interface {
	// LoginTypes returns how a user signs in, as Zoom numbers it, nil for an unknown user; UsesPersonalID whether instant meetings use the personal meeting ID.
	LoginTypes(userID string) []int
	UsesPersonalID(userID string) bool
	// Assistants returns who may schedule for a user.
	Assistants(userID string) []Assistant
	// ScheduledMeetings returns the meetings to come of a user, the next one first.
	ScheduledMeetings(userID string) []ScheduledMeeting
	// ScheduledMeeting finds a meeting to come by its number.
	ScheduledMeeting(number int64) (ScheduledMeeting, bool)
	// PhoneSettings returns the body of GET /phone/account_settings by setting, nil for an account without Zoom Phone.
	PhoneSettings() map[string]any
}

// An Assistant may schedule meetings for a user. One from outside has no ID.
type Assistant struct {
	ID    string `json:"id,omitempty"`
	Email string `json:"email"`
}

// A ScheduledMeeting is a meeting to come with its settings.
type ScheduledMeeting struct {
	Number                                               int64
	UUID, Topic                                          string
	HostID, HostEmail                                    string
	Created, Start                                       time.Time
	Passcode                                             string // "" for none: a secret that a client must not keep
	WaitingRoom, JoinBeforeHost, SignInToJoin, UsesOwnID bool
	ApprovalType                                         int    // 0 automatic, 1 by hand, 2 no registration
	Encryption                                           string // enhanced_encryption, e2ee
	AutoRecording                                        string // local, cloud, none
	AlternativeHosts                                     []string
}

// An AppStore source knows the account's Marketplace apps. It serves /marketplace/apps.
type AppStore interface {
	// Apps returns the apps of a listing: one of the documented values of type.
	Apps(listing string) []App
}

// A Role of GET /roles. Type is "common" or "iq".
type Role struct {
	ID, Name, Description, Type string
	Privileges                  []string // as in User:Read
}

// A Group of GET /groups.
type Group struct{ ID, Name string }

// A ManagedDomain is a row of GET /accounts/{id}/managed_domains.
type ManagedDomain struct {
	Domain string `json:"domain"`
	Status string `json:"status"`
}

// Kinds of Meeting, as in the type field of the reports.
const (
	MeetingInstant   = 1
	MeetingScheduled = 2
	MeetingPersonal  = 4 // in the host's personal meeting room
	MeetingRecurring = 8 // at fixed times
)

// A Meeting is one occurrence: the truth behind every report that shows it.
type Meeting struct {
	UUID       string
	Number     int64 // what Zoom calls id: shared by the occurrences of a recurring meeting
	Type       int
	Topic      string
	HostID     string
	HostEmail  string
	HostName   string
	Dept       string
	Licensed   bool // the host's plan
	Created    time.Time
	Start, End time.Time

	People       int   // unique, guests included, without those who stayed in the waiting room
	Colleagues   int   // of them, users of the account
	TotalSeconds int64 // over all stays in the meeting

	Recorded      bool // to the cloud
	ScreenShared  bool
	Chat          bool
	Video         bool
	Phone         bool // somebody dialled in
	RemoteControl bool
	EndToEnd      bool // encrypted between the participants
	Guests        bool // somebody was not a user of the account
	Live          bool // under way: End is when it is going to end
}

// A Participant is one stay in a meeting, or in its waiting room.
type Participant struct {
	UserID    string // of a user of the account; "" for guests
	SessionID string // of this stay in this meeting, a number
	UUID      string // of the stay
	Name      string
	Email     string // "" for guests: Zoom tells those addresses to nobody
	Host      bool
	Waiting   bool // in the waiting room
	Internal  bool
	Join      time.Time
	Leave     time.Time

	Device       string // Phone, H.323/SIP, Windows, Mac, iOS, Android
	OS           string
	OSVersion    string
	Version      string // of the client
	Browser      string // "" unless the web client was used
	IPAddress    netip.Addr
	InternalIP   netip.Addr
	City         string
	Country      string // ISO 3166-1 alpha-2
	NetworkType  string
	Sharing      bool
	Recording    bool
	CallerNumber string // of a dial-in
	CalledNumber string
}

// A HostTotal is what one host's meetings add up to.
type HostTotal struct {
	Meetings     int
	Participants int
	Minutes      int // of the participants
}

// A DayTotal is what a UTC day adds up to.
type DayTotal struct {
	NewUsers       int
	Meetings       int
	Alone          int // meetings of a single person
	Participants   int
	Minutes        int   // of the participants
	RecordingBytes int64 // recorded to the cloud that day
}

// A Recording is the cloud recording of a meeting with its sharing settings.
type Recording struct {
	Meeting Meeting
	Files   []RecordingFile
	Deleted time.Time // zero unless in the trash
	Expires time.Time // deleted automatically on this day

	Share            string // publicly, internally, none
	Passcode         string // "" for none: a secret that a client must not keep
	PlayPasscode     string // of the share link: a secret as well
	SignInToView     bool
	AllowDownload    bool
	OnDemand         bool // behind a registration
	ApprovalType     int  // 0 automatic, 1 by hand, 2 no registration
	AuthDomains      string
	AuthenticationID string
}

// A RecordingFile is one file of a recording.
type RecordingFile struct {
	ID, Type, Extension, Kind string
	Bytes                     int64
	Start, End                time.Time
}

// A RemoteSupport is a row of GET /report/remote_support.
type RemoteSupport struct {
	Meeting        Meeting
	Supporter      string
	SupporterEmail string
	Supportee      string
	SupporteeEmail string
	Requested      time.Time
	Start, End     time.Time
}

// Kinds of Channel, as in the type field.
const (
	ChannelPrivate        = 1 // members by invitation, from other organisations too
	ChannelPrivateAccount = 2 // members by invitation, of the same organisation
	ChannelPublic         = 3
)

// A Channel of the chat.
type Channel struct {
	ID, Name string
	Type     int
	// Settings, with the documented numbers: who adds members (1 all, 2 owner and admins), whether guests may be added (0 nobody, 1 all, 2 owner and
	// admins), who posts (1 all).
	AddMembers, AddExternal, Posting int
	SeeHistory                       bool
}

// A ChannelMember is a member of a channel. External ones are no users of the account and have no ID.
type ChannelMember struct {
	ID, MemberID, Email, FirstName, LastName string
	Role                                     string // owner, admin, member
	External                                 bool
}

// A ChannelActivity is one change of a channel's members.
type ChannelActivity struct {
	ChannelID string
	At        time.Time
	Operator  ChannelMember
	Joined    bool // else left
	Members   []ChannelMember
}

// An App of the Marketplace.
type App struct {
	ID, Name, Description string
	Type                  string // ZoomApp, ChatBotApp, OAuthApp, GeneralApp
	Usage                 int    // 1 the user adds it, 2 the account does
	Status                string // PUBLISHED, UNPUBLISHED, SHARABLE
	Developer             string // THIRD_PARTY, ZOOM, INTERNAL
	Scopes                []string
	ApprovedFor           string // forAllUser, forSpecificUser; "" when nobody approved it
	ApproverID            string
	ApprovedAt            time.Time
}
