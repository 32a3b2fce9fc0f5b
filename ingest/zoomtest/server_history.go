package zoomtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

type historyRow struct {
	UUID            string          `json:"meeting_uuid"`
	ID              int64           `json:"meeting_id"`
	Type            string          `json:"type"`
	HostDisplayName string          `json:"host_display_name"`
	HostEmail       string          `json:"host_email"`
	StartTime       string          `json:"start_time"`
	EndTime         string          `json:"end_time"`
	Topic           string          `json:"topic"`
	Participants    int             `json:"participants"`
	Duration        int             `json:"duration"`
	TotalMinutes    int             `json:"total_participant_minutes"`
	Department      string          `json:"department"`
	Group           []string        `json:"group"`
	Source          string          `json:"source"`
	CreateTime      string          `json:"create_time"`
	FeatureUsed     map[string]bool `json:"feature_used"`
}

// meetingFeatures are the documented names of what a meeting may have used.
var meetingFeatures = []string{
	"screen_sharing", "video_on", "remote_control", "closed_caption", "breakout_room", "language_interpretation", "telephone_usage", "in_meeting_chat", "poll",
	"join_by_room", "waiting_room", "live_transcription", "reaction", "zoom_apps", "annotation", "raise_hand", "virtual_background", "whiteboard", "immersive_scene",
	"avatar", "switch_to_mobile", "file_sharing", "meeting_summary", "meeting_questions", "record_to_computer", "record_to_cloud", "live_translation", "registration",
	"smart_recording", "multi_speaker", "meeting_wallpaper", "gen_ai_virtual_background", "multi_share", "document_collaboration", "portrait_lighting",
	"personalized_audio_isolation", "color_themes",
}

// used says what a meeting used.
func used(m Meeting) map[string]bool {
	out := make(map[string]bool, len(meetingFeatures))
	for _, name := range meetingFeatures {
		out[name] = false
	}
	out["screen_sharing"], out["video_on"], out["remote_control"], out["in_meeting_chat"] = m.ScreenShared, m.Video, m.RemoteControl, m.Chat
	out["telephone_usage"], out["record_to_cloud"], out["waiting_room"] = m.Phone, m.Recorded, m.Guests
	return out
}

// reportHistory serves GET /report/history_meetings. It walks back through the days, so a page costs no more than its own.
func (h *Handler) reportHistory(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, size, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "meeting_type", "all", "all", "meeting", "webinar")
	if refused != nil {
		return nil, refused
	}
	if _, refused = oneOf(q, "date_type", "start_time", "start_time", "end_time"); refused != nil {
		return nil, refused
	}
	report, refused := oneOf(q, "report_type", "all", "all", "poll", "survey", "qa", "resource", "reaction")
	if refused != nil {
		return nil, refused
	}
	feature, refused := oneOf(q, "meeting_feature", "", meetingFeatures...)
	if refused != nil {
		return nil, refused
	}
	group, refused := h.groupFilter(q.Get("group_id"))
	if refused != nil {
		return nil, refused
	}
	search := strings.ToLower(q.Get("search_key"))
	keep := func(m Meeting) bool {
		text := strings.ToLower(m.Topic + " " + m.HostEmail + " " + fmt.Sprint(m.Number))
		return kind != "webinar" && report == "all" && group(m.HostID) && (feature == "" || used(m)[feature]) && strings.Contains(text, search)
	}
	filter := strings.Join([]string{kind, report, feature, q.Get("group_id"), search}, "\x00")
	rows, next, refused := reportPage(h, q, "history_meetings", h.conferences().Meetings, keep, dates, size, filter)
	if refused != nil {
		return nil, refused
	}
	names := h.groupNames()
	return map[string]any{"page_size": size, "next_page_token": next, "history_meetings": eachRow(rows, func(m Meeting) historyRow {
		groups := []string{}
		for _, id := range h.directory().byKey[m.HostID].GroupIDs {
			groups = append(groups, names[id])
		}
		return historyRow{
			m.UUID, m.Number, "Meeting", m.HostName, m.HostEmail, instantOf(m.Start), instantOf(m.End), m.Topic, m.People, wholeMinutes(m.End.Sub(m.Start)),
			minutes(m.TotalSeconds), m.Dept, groups, meetingSource, instantOf(m.Created), used(m),
		}
	})}, nil
}

func (h *Handler) groupNames() map[string]string {
	out := map[string]string{}
	for _, g := range h.organization().Groups() {
		out[g.ID] = g.Name
	}
	return out
}

type activityRow struct {
	Number   string `json:"meeting_number"`
	Time     string `json:"activity_time"`
	Operator string `json:"operator"`
	Email    string `json:"operator_email,omitempty"`
	Category string `json:"activity_category"`
	Detail   string `json:"activity_detail"`

	at time.Time
}

// meetingActivityTypes are the documented values of activity_type.
var meetingActivityTypes = []string{
	"All Activities", "Meeting Created", "Meeting Started", "User Join", "User Left", "Remote Control", "In-Meeting Chat", "Meeting Ended",
}

// reportMeetingActivities serves GET /report/meeting_activities.
func (h *Handler) reportMeetingActivities(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, size, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "activity_type", "", meetingActivityTypes...)
	if refused != nil {
		return nil, refused
	}
	if kind == "" {
		return nil, invalid("Invalid field activity_type: it is required.")
	}
	number, search := strings.ReplaceAll(q.Get("meeting_number"), " ", ""), strings.ToLower(q.Get("search_key"))
	keep := func(a activityRow) bool {
		return (kind == meetingActivityTypes[0] || a.Category == kind) && (number == "" || strings.ReplaceAll(a.Number, " ", "") == number) &&
			strings.Contains(strings.ToLower(a.Operator+" "+a.Email+" "+a.Detail), search)
	}
	rows, next, refused := reportPage(h, q, "meeting_activities", h.dayActivities, keep, dates, size, strings.Join([]string{kind, number, search}, "\x00"))
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"page_size": size, "next_page_token": next, "meeting_activity_logs": rows}, nil
}

// dayActivities are what happened in the meetings that began on a day, sorted by time: a meeting's rows stay together on the day it began.
func (h *Handler) dayActivities(day time.Time) []activityRow {
	return h.meetingActivities.get(dayNumber(day), h.makeDayActivities)
}

func (h *Handler) makeDayActivities(number int) []activityRow {
	var out []activityRow
	day := dayTime(number)
	for _, m := range h.conferences().Meetings(day) {
		add := func(at time.Time, name, email, category, detail string) {
			stamp := at.Format("2006-01-02 15:04:05") + fmt.Sprintf(":%03d", (at.Unix()*7919+m.Number)%1000)
			out = append(out, activityRow{spaced(m.Number), stamp, name, email, category, detail, at})
		}
		if m.Type != MeetingRecurring && unixDay(m.Created) == unixDay(day) {
			add(m.Created, m.HostName, m.HostEmail, "Meeting Created", "Meeting Created")
		}
		add(m.Start, m.HostName, m.HostEmail, "Meeting Started", "Meeting Started")
		for i, p := range h.conferences().Attendance(m) {
			if p.Waiting {
				continue
			}
			add(p.Join, p.Name, p.Email, "User Join", p.Name+" joined the meeting")
			add(p.Leave, p.Name, p.Email, "User Left", p.Name+" left the meeting")
			if m.RemoteControl && p.Host {
				add(p.Join.Add(p.Leave.Sub(p.Join)/2), p.Name, p.Email, "Remote Control", p.Name+" took remote control")
			}
			if m.Chat && i%2 == 0 {
				add(p.Join.Add(p.Leave.Sub(p.Join)/3), p.Name, p.Email, "In-Meeting Chat", p.Name+" sent a message to everyone")
			}
		}
		add(m.End, m.HostName, m.HostEmail, "Meeting Ended", "Meeting Ended")
	}
	slices.SortStableFunc(out, func(a, b activityRow) int { return a.at.Compare(b.at) })
	return out
}

type supportRow struct {
	UUID           string `json:"meeting_uuid"`
	Number         int64  `json:"meeting_number"`
	Topic          string `json:"topic"`
	MeetingStart   string `json:"meeting_start_time"`
	HostID         string `json:"meeting_host_id"`
	Supporter      string `json:"supporter_name"`
	SupporterEmail string `json:"supporter_email"`
	Supportee      string `json:"supportee_name"`
	SupporteeEmail string `json:"supportee_email"`
	Requested      string `json:"request_time"`
	Wait           string `json:"wait_time"`
	Start          string `json:"start_time"`
	End            string `json:"end_time"`
	Duration       string `json:"duration"`
}

// reportRemoteSupport serves GET /report/remote_support.
func (h *Handler) reportRemoteSupport(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, size, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	rows, next, refused := reportPage(h, q, "remote_support", h.conferences().RemoteSupports, func(RemoteSupport) bool { return true }, dates, size, "")
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"page_size": size, "next_page_token": next, "remote_support_logs": eachRow(rows, func(s RemoteSupport) supportRow {
		return supportRow{
			s.Meeting.UUID, s.Meeting.Number, s.Meeting.Topic, instantOf(s.Meeting.Start), s.Meeting.HostID, s.Supporter, s.SupporterEmail, s.Supportee, s.SupporteeEmail,
			instantOf(s.Requested), clockTime(s.Start.Sub(s.Requested)), instantOf(s.Start), instantOf(s.End), clockTime(s.End.Sub(s.Start)),
		}
	})}, nil
}

type callRow struct {
	MeetingID   int64   `json:"meeting_id"`
	UUID        string  `json:"uuid"`
	MeetingType string  `json:"meeting_type"`
	HostID      string  `json:"host_id"`
	HostName    string  `json:"host_name"`
	HostEmail   string  `json:"host_email"`
	Dept        string  `json:"dept"`
	Phone       string  `json:"phone_number"`
	Called      string  `json:"call_in_number"`
	Country     string  `json:"country_name"`
	Type        string  `json:"type"`
	Start       string  `json:"start_time"`
	End         string  `json:"end_time"`
	Duration    int     `json:"duration"` // minutes
	Rate        float64 `json:"rate"`
	Total       float64 `json:"total"`
}

// callRate is what a dial-in costs a minute in the simulated account, in the account's currency.
const callRate = 0.03

// reportTelephone serves GET /report/telephone: the dial-ins of type 1, meetings that people called; the account has no others.
func (h *Handler) reportTelephone(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, _, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "type", "1", "1", "2", "3")
	if refused != nil {
		return nil, refused
	}
	by, refused := oneOf(q, "query_date_type", "start_time", "start_time", "end_time", "meeting_start_time", "meeting_end_time")
	if refused != nil {
		return nil, refused
	}
	all := backward(dates, h.dayCalls, func(callRow) bool { return kind == "1" })
	p, refused := pageOf(h, q, "telephone", all, maxReportPage, defaultPageSize, kind, by, dateOf(dates.from), dateOf(dates.to))
	if refused != nil {
		return nil, refused
	}
	return struct {
		From          string    `json:"from"`
		To            string    `json:"to"`
		PageCount     int       `json:"page_count"`
		PageSize      int       `json:"page_size"`
		TotalRecords  int       `json:"total_records"`
		NextPageToken string    `json:"next_page_token"`
		Usage         []callRow `json:"telephony_usage"`
	}{dateOf(dates.from), dateOf(dates.to), p.pages, p.size, p.total, p.next, append([]callRow{}, p.rows...)}, nil
}

// dayCalls are the dial-ins of the meetings that began on a day.
func (h *Handler) dayCalls(day time.Time) []callRow {
	return h.dialIns.get(dayNumber(day), h.makeDayCalls)
}

func (h *Handler) makeDayCalls(number int) []callRow {
	var out []callRow
	day := dayTime(number)
	for _, m := range h.conferences().Meetings(day) {
		if !m.Phone {
			continue
		}
		for _, p := range h.conferences().Attendance(m) {
			if p.CallerNumber == "" || p.Waiting {
				continue
			}
			long := wholeMinutes(p.Leave.Sub(p.Join))
			out = append(out, callRow{
				m.Number, m.UUID, "Meeting", m.HostID, m.HostName, m.HostEmail, m.Dept, p.CallerNumber, p.CalledNumber, "US", "Toll", instantOf(p.Join), instantOf(p.Leave),
				long, callRate, float64(long*3) / 100,
			})
		}
	}
	return out
}
