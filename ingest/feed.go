package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// States of a feed, as meta.feeds keeps them.
const (
	StateOK            = "ok"
	StateNotAuthorised = "not_authorised" // a scope or a right is missing
	StatePlanTooLow    = "plan_too_low"   // the plan of the account, or the role of the app's owner, does not include it
	StateFailed        = "failed"         // anything else; the next run tries again
	StateNever         = "never"          // not read yet
	StateNotInPlan     = "not_in_plan"    // the plan that the client is configured for does not include it, so it is not asked for
)

// Feed is one thing that Zoom is asked for. Adding a feed is adding a value to Feeds.
type Feed struct {
	Name      string          // key in meta.feeds, stable
	Title     string          // what it holds, in the words of a sentence
	Endpoints []zoom.Endpoint // where it comes from: paths, scopes, rate limits, plan and longest window
	// stage orders feeds: one is read after those of earlier stages, from whose rows it takes what to ask for. Within a stage feeds under different rate limits are
	// read side by side.
	stage int
	read  func(ctx context.Context, r *runner, rep *FeedReport) error
	// after names the feeds from whose rows this one takes what to ask for; one of them is enough.
	after []string
	// visits is set instead of read in a feed that costs a call for each user, meeting or window.
	visits *visitFeed
}

// DefaultSkip names the feeds that are read only when asked for: Zoom Support has to switch the meeting activity log on for an account, and refuses it to all others.
// Groups of the chat directory take a scope of their own for one control that is worth no points.
func DefaultSkip() []string { return []string{zoom.EndpointMeetingActivities, zoom.EndpointIMGroups} }

// Feeds lists every feed, in the order in which they are read: within a stage the most valuable first.
func Feeds() []Feed {
	return []Feed{
		{Name: "users", Title: "the users of the account", Endpoints: endpoints(zoom.EndpointUsers), read: readUsers},

		{Name: "activities", Title: "sign-ins and sign-outs", Endpoints: endpoints(zoom.EndpointActivities), stage: 1, read: readActivities},
		{Name: "operations", Title: "operations of administrators and users", Endpoints: endpoints(zoom.EndpointOperations), stage: 1, read: readOperations},
		{Name: "settings", Title: "account settings and their locks", Endpoints: endpoints(zoom.EndpointAccountSettings, zoom.EndpointLockSettings), stage: 1, read: readSettings},
		{Name: "roles", Title: "roles and their privileges", Endpoints: endpoints(zoom.EndpointRoles, zoom.EndpointRole), stage: 1, read: readRoles},
		{Name: "groups", Title: "groups of users", Endpoints: endpoints(zoom.EndpointGroups), stage: 1, read: readGroups},
		{Name: "domains", Title: "managed and trusted domains", Endpoints: endpoints(zoom.EndpointManagedDomains, zoom.EndpointTrustedDomains), stage: 1, read: readDomains},
		{Name: "im_groups", Title: "groups of the chat directory", Endpoints: endpoints(zoom.EndpointIMGroups), stage: 1, read: readIMGroups},
		{Name: "apps", Title: "apps of the marketplace that the account uses", Endpoints: endpoints(zoom.EndpointApps), stage: 1, read: readApps},
		{Name: "public_channels", Title: "public chat channels", Endpoints: endpoints(zoom.EndpointPublicChannels), stage: 1, read: readPublicChannels},
		{Name: "channel_activities", Title: "who joined and left chat channels", Endpoints: endpoints(zoom.EndpointChannelActivities), stage: 1,
			read: reportOf(channelActivitiesTable, zoom.EndpointChannelActivities, zoom.Args{"activity_type": "membership"}, "start_date", "end_date")},
		{Name: "history_meetings", Title: "past meetings of the account", Endpoints: endpoints(zoom.EndpointHistoryMeetings), stage: 1,
			read: reportOf(historyMeetingsTable, zoom.EndpointHistoryMeetings, nil)},
		{Name: "remote_support", Title: "remote support sessions", Endpoints: endpoints(zoom.EndpointRemoteSupport), stage: 1,
			read: reportOf(remoteSupportTable, zoom.EndpointRemoteSupport, nil)},
		{Name: "telephone", Title: "use of telephone audio", Endpoints: endpoints(zoom.EndpointTelephone), stage: 1, read: reportOf(telephoneTable, zoom.EndpointTelephone, nil)},
		{Name: "daily", Title: "usage by day", Endpoints: endpoints(zoom.EndpointDaily), stage: 1, read: readDaily},
		{Name: "meeting_activities", Title: "the meeting activity log", Endpoints: endpoints(zoom.EndpointMeetingActivities), stage: 1,
			read: reportOf(meetingActivitiesTable, zoom.EndpointMeetingActivities, zoom.Args{"activity_type": "All Activities"})},

		{Name: "phone_settings", Title: "settings of Zoom Phone", Endpoints: endpoints(zoom.EndpointPhoneSettings), stage: 1, read: readPhoneSettings},

		{Name: "role_members", Title: "members of roles", Endpoints: endpoints(zoom.EndpointRoleMembers), stage: 2, after: []string{"roles"},
			visits: &visitFeed{due: dueRoleMembers, ask: listOf(roleMembersTable, zoom.EndpointRoleMembers, "roleId", nil), scope: "role_id"}},
		{Name: "group_settings", Title: "settings of groups and their locks", Endpoints: endpoints(zoom.EndpointGroupSettings, zoom.EndpointGroupLocks), stage: 2, after: []string{"groups"},
			visits: &visitFeed{due: dueGroupSettings, ask: askScopedSettings(scopeGroup, "groupId", zoom.EndpointGroupSettings, zoom.EndpointGroupLocks), scope: "scope_id"}},
		{Name: "hosts", Title: "who hosted meetings", Endpoints: endpoints(zoom.EndpointHosts), stage: 2,
			visits: &visitFeed{due: dueWindows, plan: planHosts, ask: listOf(hostsTable, zoom.EndpointHosts, "", zoom.Args{"type": "active"})}},
		{Name: "dashboard_meetings", Title: "meetings as the dashboard shows them", Endpoints: endpoints(zoom.EndpointDashboardMeetings), stage: 2,
			visits: &visitFeed{due: dueWindows, plan: planDashboard, ask: listOf(dashboardMeetingsTable, zoom.EndpointDashboardMeetings, "", zoom.Args{"type": "past"})}},

		{Name: "user_meetings", Title: "past meetings by host", Endpoints: endpoints(zoom.EndpointUserMeetings), stage: 3, after: []string{"hosts"},
			visits: &visitFeed{due: dueUserMeetings, ask: listOf(userMeetingsTable, zoom.EndpointUserMeetings, "userId", zoom.Args{"type": "past"})}},

		{Name: "dashboard_participants", Title: "participants of meetings with address and device", Endpoints: endpoints(zoom.EndpointDashboardParticipants), stage: 4, after: []string{"dashboard_meetings", "user_meetings", "history_meetings"},
			visits: &visitFeed{due: dueDashboardParticipants, ask: listOf(dashboardParticipantsTable, zoom.EndpointDashboardParticipants, "meetingId", zoom.Args{"type": "past"})}},
		{Name: "meeting_participants", Title: "participants of meetings", Endpoints: endpoints(zoom.EndpointMeetingParticipants), stage: 4, after: []string{"user_meetings", "history_meetings", "dashboard_meetings"},
			visits: &visitFeed{due: dueMeetingParticipants, ask: listOf(meetingParticipantsTable, zoom.EndpointMeetingParticipants, "meetingId", nil)}},
		{Name: "recordings", Title: "cloud recordings", Endpoints: endpoints(zoom.EndpointRecordings), stage: 4, after: []string{"users"},
			visits: &visitFeed{due: dueRecordings, ask: listOf(recordingsTable, zoom.EndpointRecordings, "userId", nil)}},
		{Name: "user_settings", Title: "settings of users", Endpoints: endpoints(zoom.EndpointUserSettings), stage: 4, after: []string{"users"},
			visits: &visitFeed{due: dueEachUser, ask: askScopedSettings(scopeUser, "userId", zoom.EndpointUserSettings, ""), scope: "scope_id"}},
		{Name: "user_channels", Title: "chat channels of users", Endpoints: endpoints(zoom.EndpointUserChannels), stage: 4, after: []string{"users"},
			visits: &visitFeed{due: dueUserChannels, ask: listOf(chatChannelsTable, zoom.EndpointUserChannels, "userId", nil)}},

		{Name: "user_details", Title: "how users sign in", Endpoints: endpoints(zoom.EndpointUser), stage: 4, after: []string{"users"},
			visits: &visitFeed{due: dueEachUser, ask: objectOf(userDetailsTable, zoom.EndpointUser, "userId")}},
		{Name: "user_assistants", Title: "who may schedule for whom", Endpoints: endpoints(zoom.EndpointAssistants), stage: 4, after: []string{"users"},
			visits: &visitFeed{due: dueEachUser, ask: listOf(userAssistantsTable, zoom.EndpointAssistants, "userId", nil), scope: "user_id"}},
		{Name: "upcoming_meetings", Title: "meetings to come", Endpoints: endpoints(zoom.EndpointScheduledMeetings), stage: 4, after: []string{"users"},
			visits: &visitFeed{due: dueUpcomingMeetings, ask: listOf(upcomingMeetingsTable, zoom.EndpointScheduledMeetings, "userId", zoom.Args{"type": "upcoming"}), scope: "host_id"}},

		{Name: "meeting_settings", Title: "how meetings to come are joined", Endpoints: endpoints(zoom.EndpointMeeting), stage: 5, after: []string{"upcoming_meetings"},
			visits: &visitFeed{due: dueMeetingSettings, ask: objectOf(meetingSettingsTable, zoom.EndpointMeeting, "meetingId")}},
		{Name: "recording_settings", Title: "how recordings are shared", Endpoints: endpoints(zoom.EndpointRecordingSettings), stage: 5, after: []string{"recordings"},
			visits: &visitFeed{due: dueRecordingSettings, ask: objectOf(recordingSettingsTable, zoom.EndpointRecordingSettings, "meetingId")}},
		{Name: "channel_members", Title: "members of chat channels", Endpoints: endpoints(zoom.EndpointChannelMembers), stage: 5, after: []string{"public_channels", "user_channels"},
			visits: &visitFeed{due: dueChannelMembers, ask: askChannelMembers, scope: "channel_id"}},
	}
}

// Scopes returns the scopes that open the feed: for every endpoint the classic spelling and the granular one, any of which is enough.
func (f Feed) Scopes() [][]string {
	out := make([][]string, len(f.Endpoints))
	for i, ep := range f.Endpoints {
		out[i] = ep.Scopes[:min(2, len(ep.Scopes))]
	}
	return out
}

// endpoints picks from the client's catalogue.
func endpoints(names ...string) []zoom.Endpoint {
	out := make([]zoom.Endpoint, len(names))
	for i, name := range names {
		out[i] = zoom.EndpointNamed(name)
	}
	return out
}

// CheckFeeds returns an error that names the first name which is no feed's, and the feeds there are.
func CheckFeeds(names []string) error {
	_, err := selectFeeds(names, nil)
	return err
}

// selectFeeds returns the feeds of the given names in their own order, all of them for none, without those to be skipped.
func selectFeeds(names, skip []string) ([]Feed, error) {
	all := Feeds()
	known := make([]string, len(all))
	for i, f := range all {
		known[i] = f.Name
	}
	for _, n := range slices.Concat(names, skip) {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("unknown feed %q: there are %s", n, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(f Feed) bool {
		return len(names) > 0 && !slices.Contains(names, f.Name) || slices.Contains(skip, f.Name)
	}), nil
}
