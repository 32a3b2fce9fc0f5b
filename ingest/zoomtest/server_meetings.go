package zoomtest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// meetingKey reads the meeting of a path: a number, or a UUID encoded twice when it begins with a slash or holds two in a row. Encoded once, such a
// UUID falls apart on its way, so it names no meeting.
func meetingKey(segment string) string {
	if strings.HasPrefix(segment, "/") || strings.Contains(segment, "//") {
		return ""
	}
	if uuid, err := url.PathUnescape(segment); err == nil { // base64 has no percent sign: decoding a UUID encoded once changes nothing
		return uuid
	}
	return segment
}

func noMeeting(segment string) *apiError {
	return &apiError{status: http.StatusNotFound, Code: codeNoMeeting, Message: "Meeting does not exist: " + segment + "."}
}

// anyMeeting finds the meeting of a path, under way or over: of a number the latest one that is over.
func (h *Handler) anyMeeting(segment string) (Meeting, *apiError) {
	key := meetingKey(segment)
	m, ok := Meeting{}, false
	if number, err := strconv.ParseInt(key, 10, 64); err == nil {
		m, ok = h.conferences().LastMeeting(number)
	} else if key != "" {
		m, ok = h.conferences().Meeting(key)
	}
	if !ok {
		return m, noMeeting(segment)
	}
	return m, nil
}

// pastMeeting finds a meeting that is over; Zoom forgets the participants after a year.
func (h *Handler) pastMeeting(segment string) (Meeting, *apiError) {
	m, refused := h.anyMeeting(segment)
	switch {
	case refused != nil:
		return m, refused
	case m.Live:
		return m, noMeeting(segment)
	case m.Start.Before(h.today().AddDate(-1, 0, 0)):
		return m, &apiError{status: http.StatusBadRequest, Code: codeTooOld, Message: "Can not access meeting a year ago, " + segment + "."}
	}
	return m, nil
}

// wholeMinutes rounds a length up, as the reports do.
func wholeMinutes(d time.Duration) int { return minutes(int64(d / time.Second)) }

type reportMeetingRow struct {
	UUID                       string `json:"uuid"`
	ID                         int64  `json:"id"`
	Type                       int    `json:"type"`
	Topic                      string `json:"topic"`
	UserName                   string `json:"user_name"`
	UserEmail                  string `json:"user_email"`
	StartTime                  string `json:"start_time"`
	EndTime                    string `json:"end_time"`
	Duration                   int    `json:"duration"`
	TotalMinutes               int    `json:"total_minutes"`
	ParticipantsCount          int    `json:"participants_count"`
	ParticipantsCountMyAccount int    `json:"participants_count_my_account"`
	Source                     string `json:"source"`
	HasScreenShare             bool   `json:"has_screen_share"`
	HasRecording               bool   `json:"has_recording"`
	HasChat                    bool   `json:"has_chat"`
	EncryptionStatus           int    `json:"meeting_encryption_status"`
	HostName                   string `json:"host_name"`
	HostOrganization           string `json:"host_organization"`
	JoinTime                   string `json:"join_time,omitempty"`
	LeaveTime                  string `json:"leave_time,omitempty"`
}

// Values of meeting_encryption_status.
const (
	encryptedEndToEnd = 1
	encryptedEnhanced = 2
)

// meetingSource is where the simulated meetings were called.
const meetingSource = "Zoom"

func reportMeetingRowOf(m Meeting) reportMeetingRow {
	row := reportMeetingRow{
		UUID: m.UUID, ID: m.Number, Type: m.Type, Topic: m.Topic, UserName: m.HostName, UserEmail: m.HostEmail, StartTime: instantOf(m.Start), EndTime: instantOf(m.End),
		Duration: wholeMinutes(m.End.Sub(m.Start)), TotalMinutes: minutes(m.TotalSeconds), ParticipantsCount: m.People, ParticipantsCountMyAccount: m.Colleagues,
		Source: meetingSource, HasScreenShare: m.ScreenShared, HasRecording: m.Recorded, HasChat: m.Chat, EncryptionStatus: encryptedEnhanced,
		HostName: m.HostName, HostOrganization: "Example Company",
	}
	if m.EndToEnd {
		row.EncryptionStatus = encryptedEndToEnd
	}
	return row
}

// reportUserMeetings serves GET /report/users/{userId}/meetings: meetings with at least two people, except that pastOne asks for the others.
func (h *Handler) reportUserMeetings(r *http.Request, id string) (any, *apiError) {
	q := r.URL.Query()
	dates, _, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "type", "past", "past", "pastOne", "pastJoined")
	if refused != nil {
		return nil, refused
	}
	u, refused := h.findUser(id)
	if refused != nil {
		return nil, refused
	}
	rows := func(day time.Time) []Meeting { return h.conferences().HostMeetings(u.ID, day) }
	if kind == "pastJoined" {
		rows = func(day time.Time) []Meeting { return h.conferences().JoinedMeetings(u.ID, day) }
	}
	all := backward(dates, rows, func(m Meeting) bool { return (m.People < 2) == (kind == "pastOne") })
	p, refused := pageOf(h, q, "user meetings", all, maxReportPage, defaultPageSize, u.Email, kind, dateOf(dates.from), dateOf(dates.to))
	if refused != nil {
		return nil, refused
	}
	spell := reportMeetingRowOf
	if kind == "pastJoined" {
		spell = func(m Meeting) reportMeetingRow { return h.joinedRow(m, u.ID) }
	}
	return struct {
		From          string             `json:"from"`
		To            string             `json:"to"`
		PageCount     int                `json:"page_count"`
		PageNumber    int                `json:"page_number"`
		PageSize      int                `json:"page_size"`
		TotalRecords  int                `json:"total_records"`
		NextPageToken string             `json:"next_page_token"`
		Meetings      []reportMeetingRow `json:"meetings"`
	}{dateOf(dates.from), dateOf(dates.to), p.pages, p.number, p.size, p.total, p.next, eachRow(p.rows, spell)}, nil
}

// joinedRow adds when the user was there, in the report's own spelling: 12/22/2021 16:20.
func (h *Handler) joinedRow(m Meeting, userID string) reportMeetingRow {
	row := reportMeetingRowOf(m)
	for _, x := range h.conferences().Attendance(m) {
		if x.UserID != userID || x.Waiting {
			continue
		}
		if row.JoinTime == "" {
			row.JoinTime = x.Join.Format("01/02/2006 15:04")
		}
		row.LeaveTime = x.Leave.Format("01/02/2006 15:04")
	}
	return row
}

// reportMeeting serves GET /report/meetings/{meetingId}.
func (h *Handler) reportMeeting(_ *http.Request, id string) (any, *apiError) {
	m, refused := h.pastMeeting(id)
	if refused != nil {
		return nil, refused
	}
	return struct {
		UUID              string `json:"uuid"`
		ID                int64  `json:"id"`
		Type              int    `json:"type"`
		Topic             string `json:"topic"`
		UserName          string `json:"user_name"`
		UserEmail         string `json:"user_email"`
		StartTime         string `json:"start_time"`
		EndTime           string `json:"end_time"`
		Duration          int    `json:"duration"`
		TotalMinutes      int    `json:"total_minutes"`
		ParticipantsCount int    `json:"participants_count"`
		Dept              string `json:"dept"`
	}{m.UUID, m.Number, m.Type, m.Topic, m.HostName, m.HostEmail, instantOf(m.Start), instantOf(m.End), wholeMinutes(m.End.Sub(m.Start)), minutes(m.TotalSeconds), m.People, m.Dept}, nil
}

// participantRow is a row of both participant reports; which fields it has depends on the report.
type participantRow struct {
	ID            string `json:"id"` // "" for those who were not signed in
	UserID        string `json:"user_id"`
	ParticipantID string `json:"participant_user_id,omitempty"`
	Name          string `json:"name"`
	Email         string `json:"user_email"` // "" for guests
	Join          string `json:"join_time"`
	Leave         string `json:"leave_time"`
	Duration      int    `json:"duration"` // seconds
	Failover      bool   `json:"failover"`
	Status        string `json:"status"`
	RegistrantID  string `json:"registrant_id,omitempty"`
	CustomerKey   string `json:"customer_key,omitempty"`
	Internal      *bool  `json:"internal_user,omitempty"`
}

func status(p Participant) string {
	if p.Waiting {
		return "in_waiting_room"
	}
	return "in_meeting"
}

func participantRowOf(p Participant) participantRow {
	return participantRow{
		ID: p.UserID, UserID: p.SessionID, Name: p.Name, Email: p.Email, Join: instantOf(p.Join), Leave: instantOf(p.Leave), Duration: int(p.Leave.Sub(p.Join) / time.Second), Status: status(p),
	}
}

type participantsReply struct {
	PageCount     int              `json:"page_count"`
	PageSize      int              `json:"page_size"`
	TotalRecords  int              `json:"total_records"`
	NextPageToken string           `json:"next_page_token"`
	Participants  []participantRow `json:"participants"`
}

// reportParticipants serves GET /report/meetings/{meetingId}/participants.
func (h *Handler) reportParticipants(r *http.Request, _ string) (any, *apiError) {
	fields, refused := oneOf(r.URL.Query(), "include_fields", "", "registrant_id")
	if refused != nil {
		return nil, refused
	}
	return h.participants(r, "report participants", segment(r, 2), func(p Participant) participantRow {
		row := participantRowOf(p)
		row.ParticipantID, row.CustomerKey = p.UserID, ""
		if fields != "" && !p.Internal {
			row.RegistrantID = strings.ToLower(p.UUID[:8]) + "-registrant"
		}
		return row
	})
}

// pastParticipants serves GET /past_meetings/{meetingId}/participants.
func (h *Handler) pastParticipants(r *http.Request, _ string) (any, *apiError) {
	return h.participants(r, "past participants", segment(r, 1), func(p Participant) participantRow {
		row := participantRowOf(p)
		row.Internal = &p.Internal
		return row
	})
}

func (h *Handler) participants(r *http.Request, endpoint, id string, spell func(Participant) participantRow) (any, *apiError) {
	m, refused := h.pastMeeting(id)
	if refused != nil {
		return nil, refused
	}
	p, refused := pageOf(h, r.URL.Query(), endpoint, h.conferences().Attendance(m), maxReportPage, defaultPageSize, m.UUID)
	if refused != nil {
		return nil, refused
	}
	return participantsReply{p.pages, p.size, p.total, p.next, eachRow(p.rows, spell)}, nil
}
