package zoomtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// feedEndpoints are what the optional interfaces of a Source serve.
func (h *Handler) feedEndpoints() []endpoint {
	report := func(granular string) []string { return []string{"report:read:admin", granular} }
	group := func(granular string) []string { return []string{"group:read:admin", granular} }
	chat := func(granular string) []string { return []string{"chat_channel:read:admin", granular} }
	rows := []struct {
		path    string
		label   rateLabel
		scopes  []string
		paid    bool
		respond func(*http.Request, string) (any, *apiError)
	}{
		{"roles", medium, []string{"role:read:admin", "role:read:list_roles:admin"}, true, h.roles},
		{"roles/{}", light, []string{"role:read:admin", "role:read:role:admin"}, true, h.role},
		{"roles/{}/members", medium, []string{"role:read:admin", "role:read:list_members:admin"}, true, h.roleMembers},
		{"groups", medium, group("group:read:list_groups:admin"), true, h.groups},
		{"groups/{}", light, group("group:read:group:admin"), true, h.group},
		{"groups/{}/members", medium, group("group:read:list_members:admin"), true, h.groupMembers},
		{"groups/{}/settings", medium, group("group:read:settings:admin"), true, h.groupSettings},
		{"groups/{}/lock_settings", medium, group("group:read:lock_settings:admin"), true, h.groupLockSettings},
		{"im/groups", medium, []string{"imgroup:read:admin", "contact_group:read:list_groups:admin"}, true, h.imGroups},
		{"accounts/{}/managed_domains", light, []string{"account:read:admin", "account:read:managed_domains:master"}, true, h.managedDomains},
		{"accounts/{}/trusted_domains", light, []string{"account:read:admin", "account:read:trusted_domains:master"}, true, h.trustedDomains},
		{"users/{}/settings", medium, []string{"user:read:admin", "user:read:settings:admin"}, false, h.userSettings},
		{"users/{}/recordings", medium, []string{"recording:read:admin", "cloud_recording:read:list_user_recordings:admin"}, false, h.userRecordings},
		{"meetings/{}/recordings/settings", light, []string{"recording:read:admin", "cloud_recording:read:recording_settings:admin"}, false, h.recordingSettings},
		{"report/daily", heavy, []string{"report:read:admin"}, true, h.reportDaily},
		{"report/users", heavy, report("report:read:list_users:admin"), true, h.reportUsers},
		{"report/users/{}/meetings", heavy, report("report:read:user:admin"), true, h.reportUserMeetings},
		{"report/meetings/{}", heavy, report("report:read:meeting:admin"), true, h.reportMeeting},
		{"report/meetings/{}/participants", heavy, report("report:read:list_meeting_participants:admin"), true, h.reportParticipants},
		{"report/cloud_recording", heavy, []string{"report:read:admin"}, true, h.reportCloudRecording},
		{"report/telephone", heavy, report("report:read:telephone:admin"), true, h.reportTelephone},
		{"report/remote_support", heavy, report("report:read:remote_support:admin"), true, h.reportRemoteSupport},
		{"report/meeting_activities", heavy, report("report:read:meeting_activity_log:admin"), true, h.reportMeetingActivities},
		{"report/history_meetings", heavy, report("report:read:list_history_meetings:admin"), true, h.reportHistory},
		{"past_meetings/{}/participants", medium, []string{"meeting:read:admin", "meeting:read:list_past_participants:admin"}, true, h.pastParticipants},
		{"metrics/meetings", resourceIntensive, []string{"dashboard_meetings:read:admin", "dashboard:read:list_meetings:admin"}, true, h.dashboard(h.metricsMeetings)},
		{"metrics/meetings/{}/participants", heavy, []string{"dashboard_meetings:read:admin", "dashboard:read:list_meeting_participants:admin"}, true, h.dashboard(h.metricsParticipants)},
		{"chat/users/{}/channels", medium, chat("team_chat:read:list_user_channels:admin"), false, h.userChannels},
		{"chat/channels", medium, chat("team_chat:read:list_channels:admin"), false, h.publicChannels},
		{"chat/users/{}/channels/{}/members", medium, chat("team_chat:read:list_members:admin"), false, h.channelMembers},
		{"chat/activities/channels", medium, chat("team_chat:read:list_channel_activity_logs:admin"), false, h.channelActivities},
		{"users/{}/assistants", medium, []string{"user:read:admin", "user:read:list_assistants:admin"}, false, h.assistants},
		{"users/{}/meetings", medium, []string{"meeting:read:admin", "meeting:read:list_meetings:admin"}, false, h.userMeetings},
		{"meetings/{}", light, []string{"meeting:read:admin", "meeting:read:meeting:admin"}, false, h.meeting},
		{"phone/account_settings", light, []string{"phone:read:admin", "phone:read:list_account_settings:admin"}, true, h.phoneSettings},
		{"marketplace/apps", medium, []string{"marketplace_app:read:admin", "marketplace:read:list_apps:admin"}, false, h.marketplaceApps},
	}
	out := make([]endpoint, len(rows))
	for i, r := range rows {
		out[i] = endpoint{strings.Split(r.path, "/"), r.label, r.scopes, r.paid, r.respond}
	}
	return out
}

// dashboard refuses accounts below Business, which have none.
func (h *Handler) dashboard(respond func(*http.Request, string) (any, *apiError)) func(*http.Request, string) (any, *apiError) {
	return func(r *http.Request, id string) (any, *apiError) {
		if h.opts.Plan != "business" {
			return noPermission(r, id)
		}
		return respond(r, id)
	}
}

// dateOf and instantOf are how the reports write days and times.
func dateOf(t time.Time) string    { return t.Format(time.DateOnly) }
func instantOf(t time.Time) string { return stamp(t.Unix()) }

// segment is a path segment below /v2 as sent, unescaped once.
func segment(r *http.Request, n int) string {
	parts := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	if n+1 >= len(parts) {
		return ""
	}
	s, err := url.PathUnescape(parts[n+1])
	if err != nil {
		return ""
	}
	return s
}

// oneOf reads a parameter with documented values; absent is its default.
func oneOf(q url.Values, name, absent string, values ...string) (string, *apiError) {
	v := q.Get(name)
	if v == "" {
		return absent, nil
	}
	if !slices.Contains(values, v) {
		return "", invalid("Invalid field %s: %s.", name, v)
	}
	return v, nil
}
