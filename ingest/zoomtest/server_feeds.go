package zoomtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
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

// A bareSource answers for sources without an optional interface: there is nothing.
type bareSource struct{}

func (bareSource) Roles() []Role                                        { return nil }
func (bareSource) Groups() []Group                                      { return nil }
func (bareSource) ManagedDomains() []ManagedDomain                      { return nil }
func (bareSource) TrustedDomains() []string                             { return nil }
func (bareSource) UserSettings(string, string) map[string]any           { return map[string]any{} }
func (bareSource) GroupSettings(string, string) map[string]any          { return nil }
func (bareSource) GroupLockSettings(string, string) map[string]any      { return nil }
func (bareSource) HostKey(string) string                                { return "" }
func (bareSource) Meetings(time.Time) []Meeting                         { return nil }
func (bareSource) LiveMeetings() []Meeting                              { return nil }
func (bareSource) HostMeetings(string, time.Time) []Meeting             { return nil }
func (bareSource) JoinedMeetings(string, time.Time) []Meeting           { return nil }
func (bareSource) Meeting(string) (Meeting, bool)                       { return Meeting{}, false }
func (bareSource) LastMeeting(int64) (Meeting, bool)                    { return Meeting{}, false }
func (bareSource) Attendance(Meeting) []Participant                     { return nil }
func (bareSource) HostTotals(time.Time, time.Time) map[string]HostTotal { return nil }
func (bareSource) DayTotals(time.Time) DayTotal                         { return DayTotal{} }
func (bareSource) HostRecordings(string, time.Time, bool) []Recording   { return nil }
func (bareSource) Recording(string) (Recording, bool)                   { return Recording{}, false }
func (bareSource) RemoteSupports(time.Time) []RemoteSupport             { return nil }
func (bareSource) Channels() []Channel                                  { return nil }
func (bareSource) UserChannels(string) []Channel                        { return nil }
func (bareSource) Channel(string) (Channel, bool)                       { return Channel{}, false }
func (bareSource) ChannelMembers(string) []ChannelMember                { return nil }
func (bareSource) ChannelActivities(time.Time) []ChannelActivity        { return nil }
func (bareSource) Apps(string) []App                                    { return nil }

func feedsOf[T any](src Source, otherwise T) T {
	if feeds, ok := src.(T); ok {
		return feeds
	}
	return otherwise
}

func (h *Handler) organization() Organization { return feedsOf[Organization](h.src, bareSource{}) }
func (h *Handler) conferences() Conferences   { return feedsOf[Conferences](h.src, bareSource{}) }
func (h *Handler) messenger() Messenger       { return feedsOf[Messenger](h.src, bareSource{}) }

// A listPage is one page of a list that is known whole.
type listPage[R any] struct {
	rows                       []R
	next                       string
	size, number, pages, total int
}

// pageOf cuts a page out of a list by page_size, next_page_token and page_number. params are what else the listing depends on.
func pageOf[R any](h *Handler, q url.Values, endpoint string, rows []R, largest, absent int, params ...string) (listPage[R], *apiError) {
	var p listPage[R]
	size, refused := positive(q, "page_size", absent, largest)
	if refused != nil {
		return p, refused
	}
	number, refused := positive(q, "page_number", 1, 1<<31-1)
	if refused != nil {
		return p, refused
	}
	tokens := newPager(h.tokens, &h.opts, endpoint, url.Values{"page_size": {strconv.Itoa(size)}, "params": params})
	at, given, refused := tokens.place(q.Get("next_page_token"))
	if refused != nil {
		return p, refused
	}
	if !given {
		at = cursor{offset: int64(number-1) * int64(size)}
	}
	start := int(min(at.offset, int64(len(rows))))
	end := min(start+size, len(rows))
	var next *cursor
	if end < len(rows) {
		next = &cursor{offset: int64(end)}
	}
	return listPage[R]{
		rows: rows[start:end], next: tokens.token(next), size: size, number: int(at.offset)/size + 1, pages: (len(rows) + size - 1) / size, total: len(rows),
	}, nil
}

// eachRow spells every row of a page, [] for none.
func eachRow[R, J any](rows []R, spell func(R) J) []J {
	out := make([]J, 0, len(rows))
	for _, r := range rows {
		out = append(out, spell(r))
	}
	return out
}

// backward collects the rows of a range of days, newest first.
func backward[R any](dates dateRange, rows func(time.Time) []R, keep func(R) bool) []R {
	var out []R
	for day := dates.to; !day.Before(dates.from); day = day.AddDate(0, 0, -1) {
		for _, r := range slices.Backward(rows(day)) {
			if keep(r) {
				out = append(out, r)
			}
		}
	}
	return out
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
