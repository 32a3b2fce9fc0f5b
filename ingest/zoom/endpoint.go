package zoom

import (
	"slices"
	"time"
)

// Endpoint describes one Zoom API endpoint: what it needs and how much it gives at a time.
type Endpoint struct {
	// Name is the endpoint's short name, stable, snake_case.
	Name string
	// Path is below the API's base URL. A segment in braces is filled by an argument of that name; {accountId} is "me" unless given.
	Path string
	// Label is Zoom's rate limit label.
	Label Label
	// Scopes open the endpoint, any one of them; the classic spelling first, then the granular one where there is one, then others that do.
	Scopes []string
	// MinPlan is the cheapest plan on which Zoom answers.
	MinPlan Plan
	// MaxWindow is the longest span from the first to the last date of one call, 0 for an endpoint without dates. Zoom documents one
	// month and not how it counts; a window inside one calendar month is right however it does.
	MaxWindow time.Duration
	// MaxPageSize is the page size to ask for, 0 for an endpoint without pages.
	MaxPageSize int
	// rows is the key of the rows in a page.
	rows string
}

const day = 24 * time.Hour

// month is the longest window of the endpoints that take dates.
const month = 31 * day

// Names of the endpoints.
const (
	EndpointUsers                 = "users"
	EndpointActivities            = "activities"
	EndpointOperations            = "operations"
	EndpointAccountSettings       = "account_settings"
	EndpointLockSettings          = "lock_settings"
	EndpointRoles                 = "roles"
	EndpointRole                  = "role"
	EndpointRoleMembers           = "role_members"
	EndpointGroups                = "groups"
	EndpointGroupSettings         = "group_settings"
	EndpointGroupLocks            = "group_lock_settings"
	EndpointIMGroups              = "im_groups"
	EndpointManagedDomains        = "managed_domains"
	EndpointTrustedDomains        = "trusted_domains"
	EndpointUserSettings          = "user_settings"
	EndpointHosts                 = "hosts"
	EndpointUserMeetings          = "user_meetings"
	EndpointMeetingParticipants   = "meeting_participants"
	EndpointDashboardMeetings     = "dashboard_meetings"
	EndpointDashboardParticipants = "dashboard_participants"
	EndpointRecordings            = "recordings"
	EndpointRecordingSettings     = "recording_settings"
	EndpointPublicChannels        = "public_channels"
	EndpointUserChannels          = "user_channels"
	EndpointChannelMembers        = "channel_members"
	EndpointChannelActivities     = "channel_activities"
	EndpointDaily                 = "daily"
	EndpointTelephone             = "telephone"
	EndpointRemoteSupport         = "remote_support"
	EndpointMeetingActivities     = "meeting_activities"
	EndpointHistoryMeetings       = "history_meetings"
	EndpointApps                  = "apps"
	EndpointUser                  = "user"
	EndpointAssistants            = "assistants"
	EndpointScheduledMeetings     = "scheduled_meetings"
	EndpointMeeting               = "meeting"
	EndpointPhoneSettings         = "phone_settings"
)

// catalogue lists every endpoint this client calls: scopes, labels and sizes as in Zoom's API reference, its scope tables and its SDK's types, 2026.
//
// Where Zoom's documents disagree, what is right under each of them stands here: 2,000 users a page today and 300 in older editions; lock settings under a granular
// scope that ends in :admin or :master. Where they give no label, the heavier one of the endpoint's family does.
var catalogue = []Endpoint{
	{Name: EndpointUsers, Path: "/users", Label: LabelMedium, MinPlan: PlanFree, MaxPageSize: 300, rows: "users",
		Scopes: []string{"user:read:admin", "user:read:list_users:admin", "user:write:admin"}},
	{Name: EndpointActivities, Path: "/report/activities", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "activity_logs",
		Scopes: []string{"report:read:admin", "report:read:user_activities:admin"}},
	{Name: EndpointOperations, Path: "/report/operationlogs", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "operation_logs",
		Scopes: []string{"report:read:admin", "report:read:operation_logs:admin"}},
	{Name: EndpointAccountSettings, Path: "/accounts/{accountId}/settings", Label: LabelMedium, MinPlan: PlanPro,
		Scopes: []string{"account:read:admin", "account:read:settings:admin", "account:read:settings:master"}},
	{Name: EndpointLockSettings, Path: "/accounts/{accountId}/lock_settings", Label: LabelMedium, MinPlan: PlanPro,
		Scopes: []string{"account:read:admin", "account:read:lock_settings:admin", "account:read:lock_settings:master"}},

	{Name: EndpointRoles, Path: "/roles", Label: LabelMedium, MinPlan: PlanPro, rows: "roles",
		Scopes: []string{"role:read:admin", "role:read:list_roles:admin"}},
	{Name: EndpointRole, Path: "/roles/{roleId}", Label: LabelLight, MinPlan: PlanPro,
		Scopes: []string{"role:read:admin", "role:read:role:admin"}},
	{Name: EndpointRoleMembers, Path: "/roles/{roleId}/members", Label: LabelMedium, MinPlan: PlanPro, MaxPageSize: 300, rows: "members",
		Scopes: []string{"role:read:admin", "role:read:list_members:admin"}},
	{Name: EndpointGroups, Path: "/groups", Label: LabelMedium, MinPlan: PlanPro, MaxPageSize: 300, rows: "groups",
		Scopes: []string{"group:read:admin", "group:read:list_groups:admin", "group:write:admin"}},
	{Name: EndpointGroupSettings, Path: "/groups/{groupId}/settings", Label: LabelMedium, MinPlan: PlanPro,
		Scopes: []string{"group:read:admin", "group:read:settings:admin", "group:write:admin"}},
	{Name: EndpointGroupLocks, Path: "/groups/{groupId}/lock_settings", Label: LabelMedium, MinPlan: PlanPro,
		Scopes: []string{"group:read:admin", "group:read:lock_settings:admin", "group:write:admin"}},
	{Name: EndpointIMGroups, Path: "/im/groups", Label: LabelMedium, MinPlan: PlanPro, rows: "groups",
		Scopes: []string{"imgroup:read:admin", "contact_group:read:list_groups:admin", "imgroup:write:admin"}},
	{Name: EndpointManagedDomains, Path: "/accounts/{accountId}/managed_domains", Label: LabelLight, MinPlan: PlanPro, rows: "domains",
		Scopes: []string{"account:read:admin", "account:read:managed_domains:master"}},
	{Name: EndpointTrustedDomains, Path: "/accounts/{accountId}/trusted_domains", Label: LabelLight, MinPlan: PlanPro, rows: "trusted_domains",
		Scopes: []string{"account:read:admin", "account:read:trusted_domains:master"}},
	{Name: EndpointUserSettings, Path: "/users/{userId}/settings", Label: LabelMedium, MinPlan: PlanFree,
		Scopes: []string{"user:read:admin", "user:read:settings:admin", "user:write:admin"}},

	{Name: EndpointHosts, Path: "/report/users", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "users",
		Scopes: []string{"report:read:admin", "report:read:list_users:admin"}},
	{Name: EndpointUserMeetings, Path: "/report/users/{userId}/meetings", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "meetings",
		Scopes: []string{"report:read:admin", "report:read:user:admin"}},
	{Name: EndpointMeetingParticipants, Path: "/report/meetings/{meetingId}/participants", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, rows: "participants",
		Scopes: []string{"report:read:admin", "report:read:list_meeting_participants:admin"}},
	{Name: EndpointDashboardMeetings, Path: "/metrics/meetings", Label: LabelResourceIntensive, MinPlan: PlanBusiness, MaxPageSize: 300, MaxWindow: month, rows: "meetings",
		Scopes: []string{"dashboard_meetings:read:admin", "dashboard:read:list_meetings:admin", "dashboard:read:admin"}},
	{Name: EndpointDashboardParticipants, Path: "/metrics/meetings/{meetingId}/participants", Label: LabelHeavy, MinPlan: PlanBusiness, MaxPageSize: 300, rows: "participants",
		Scopes: []string{"dashboard_meetings:read:admin", "dashboard:read:list_meeting_participants:admin", "dashboard:read:admin"}},
	{Name: EndpointRecordings, Path: "/users/{userId}/recordings", Label: LabelMedium, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "meetings",
		Scopes: []string{"recording:read:admin", "cloud_recording:read:list_user_recordings:admin", "cloud_recording:read:list_user_recordings:master"}},
	{Name: EndpointRecordingSettings, Path: "/meetings/{meetingId}/recordings/settings", Label: LabelLight, MinPlan: PlanPro,
		Scopes: []string{"recording:read:admin", "cloud_recording:read:recording_settings:admin", "cloud_recording:read:recording_settings:master"}},

	{Name: EndpointPublicChannels, Path: "/chat/channels", Label: LabelMedium, MinPlan: PlanFree, MaxPageSize: 50, rows: "channels",
		Scopes: []string{"chat_channel:read:admin", "team_chat:read:list_channels:admin"}},
	{Name: EndpointUserChannels, Path: "/chat/users/{userId}/channels", Label: LabelMedium, MinPlan: PlanFree, MaxPageSize: 50, rows: "channels",
		Scopes: []string{"chat_channel:read:admin", "team_chat:read:list_user_channels:admin"}},
	{Name: EndpointChannelMembers, Path: "/chat/users/{userId}/channels/{channelId}/members", Label: LabelMedium, MinPlan: PlanFree, MaxPageSize: 50, rows: "members",
		Scopes: []string{"chat_channel:read:admin", "team_chat:read:list_members:admin"}},
	{Name: EndpointChannelActivities, Path: "/chat/activities/channels", Label: LabelMedium, MinPlan: PlanPro, MaxPageSize: 50, MaxWindow: month, rows: "channel_activity_logs",
		Scopes: []string{"chat_channel:read:admin", "team_chat:read:list_channel_activity_logs:admin"}},

	{Name: EndpointDaily, Path: "/report/daily", Label: LabelHeavy, MinPlan: PlanPro, rows: "dates",
		Scopes: []string{"report:read:admin"}}, // Zoom has no granular scope for it
	{Name: EndpointTelephone, Path: "/report/telephone", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "telephony_usage",
		Scopes: []string{"report:read:admin", "report:read:telephone:admin"}},
	{Name: EndpointRemoteSupport, Path: "/report/remote_support", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "remote_support_logs",
		Scopes: []string{"report:read:admin", "report:read:remote_support:admin"}},
	{Name: EndpointMeetingActivities, Path: "/report/meeting_activities", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "meeting_activity_logs",
		Scopes: []string{"report:read:admin", "report:read:meeting_activity_log:admin"}},
	{Name: EndpointHistoryMeetings, Path: "/report/history_meetings", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: month, rows: "history_meetings",
		Scopes: []string{"report:read:admin", "report:read:list_history_meetings:admin"}},
	{Name: EndpointApps, Path: "/marketplace/apps", Label: LabelMedium, MinPlan: PlanFree, MaxPageSize: 300, rows: "apps",
		Scopes: []string{"marketplace_app:read:admin", "marketplace:read:list_apps:admin"}},

	{Name: EndpointUser, Path: "/users/{userId}", Label: LabelLight, MinPlan: PlanFree,
		Scopes: []string{"user:read:admin", "user:read:user:admin", "user:write:admin"}},
	{Name: EndpointAssistants, Path: "/users/{userId}/assistants", Label: LabelMedium, MinPlan: PlanFree, rows: "assistants",
		Scopes: []string{"user:read:admin", "user:read:list_assistants:admin"}},
	{Name: EndpointScheduledMeetings, Path: "/users/{userId}/meetings", Label: LabelMedium, MinPlan: PlanFree, MaxPageSize: 300, rows: "meetings",
		Scopes: []string{"meeting:read:admin", "meeting:read:list_meetings:admin"}},
	{Name: EndpointMeeting, Path: "/meetings/{meetingId}", Label: LabelLight, MinPlan: PlanFree,
		Scopes: []string{"meeting:read:admin", "meeting:read:meeting:admin"}},
	{Name: EndpointPhoneSettings, Path: "/phone/account_settings", Label: LabelLight, MinPlan: PlanPro,
		Scopes: []string{"phone:read:admin", "phone:read:list_account_settings:admin"}},
}

// Endpoints returns the catalogue.
func Endpoints() []Endpoint { return slices.Clone(catalogue) }

// EndpointNamed returns an endpoint of the catalogue. It panics on a name that is not there: names are constants of this package.
func EndpointNamed(name string) Endpoint {
	i := slices.IndexFunc(catalogue, func(ep Endpoint) bool { return ep.Name == name })
	if i < 0 {
		panic("zoom: no endpoint " + name)
	}
	return catalogue[i]
}
