package zoomtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// assistants serves GET /users/{userId}/assistants.
func (h *Handler) assistants(_ *http.Request, id string) (any, *apiError) {
	u, refused := h.findUser(id)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"assistants": append([]Assistant{}, h.calendar().Assistants(u.ID)...)}, nil
}

type scheduledRow struct {
	UUID      string `json:"uuid"`
	ID        int64  `json:"id"`
	HostID    string `json:"host_id"`
	Topic     string `json:"topic"`
	Type      int    `json:"type"`
	StartTime string `json:"start_time"`
	Duration  int    `json:"duration"` // minutes
	Timezone  string `json:"timezone"`
	CreatedAt string `json:"created_at"`
	JoinURL   string `json:"join_url"`
}

// scheduledMinutes is how long meetings to come are planned for.
const scheduledMinutes = 30

func scheduledRowOf(m ScheduledMeeting) scheduledRow {
	row := scheduledRow{m.UUID, m.Number, m.HostID, m.Topic, MeetingScheduled, instantOf(m.Start), scheduledMinutes, "UTC", instantOf(m.Created), fmt.Sprintf("https://zoom.us/j/%d", m.Number)}
	if m.Passcode != "" {
		row.JoinURL += "?pwd=" + m.Passcode // in Zoom's answers in a coded form, which opens the meeting as well
	}
	return row
}

// userMeetings serves GET /users/{userId}/meetings. Meetings that were held are in the reports; here are those to come.
func (h *Handler) userMeetings(r *http.Request, id string) (any, *apiError) {
	q := r.URL.Query()
	kind, refused := oneOf(q, "type", "scheduled", "scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings")
	if refused != nil {
		return nil, refused
	}
	u, refused := h.findUser(id)
	if refused != nil {
		return nil, refused
	}
	var rows []ScheduledMeeting
	if kind != "live" && kind != "previous_meetings" {
		rows = h.calendar().ScheduledMeetings(u.ID)
	}
	p, refused := pageOf(h, q, "user meetings", rows, maxReportPage, defaultPageSize, u.ID, kind)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"page_count": p.pages, "page_number": p.number, "page_size": p.size, "total_records": p.total, "next_page_token": p.next, "meetings": eachRow(p.rows, scheduledRowOf)}, nil
}

type meetingSettingsRow struct {
	AlternativeHosts string `json:"alternative_hosts"`
	ApprovalType     int    `json:"approval_type"`
	AutoRecording    string `json:"auto_recording"`
	Encryption       string `json:"encryption_type"`
	JoinBeforeHost   bool   `json:"join_before_host"`
	SignIn           bool   `json:"meeting_authentication"`
	UsePMI           bool   `json:"use_pmi"`
	WaitingRoom      bool   `json:"waiting_room"`
}

type meetingReply struct {
	scheduledRow
	HostEmail         string             `json:"host_email"`
	Status            string             `json:"status"`
	StartURL          string             `json:"start_url"`
	Password          string             `json:"password"`
	EncryptedPassword string             `json:"encrypted_password"`
	H323Password      string             `json:"h323_password"`
	PSTNPassword      string             `json:"pstn_password"`
	Settings          meetingSettingsRow `json:"settings"`
}

// meeting serves GET /meetings/{meetingId}: the passcode in all its spellings, and a link that makes whoever has it the host.
func (h *Handler) meeting(_ *http.Request, id string) (any, *apiError) {
	number, err := strconv.ParseInt(id, 10, 64)
	m, ok := ScheduledMeeting{}, false
	if err == nil {
		m, ok = h.calendar().ScheduledMeeting(number)
	}
	if !ok {
		return nil, &apiError{status: http.StatusNotFound, Code: codeNoMeeting, Message: "Meeting does not exist: " + id + "."}
	}
	return meetingReply{scheduledRow: scheduledRowOf(m), HostEmail: m.HostEmail, Status: "waiting", StartURL: fmt.Sprintf("https://zoom.us/s/%d?zak=%s%d", m.Number, RoomPasscode, m.Number),
		Password: m.Passcode, EncryptedPassword: m.Passcode, H323Password: m.Passcode, PSTNPassword: m.Passcode,
		Settings: meetingSettingsRow{strings.Join(m.AlternativeHosts, ";"), m.ApprovalType, m.AutoRecording, m.Encryption, m.JoinBeforeHost, m.SignInToJoin, m.UsesOwnID, m.WaitingRoom}}, nil
}

// phoneSettings serves GET /phone/account_settings: all settings, or those that setting_types names.
func (h *Handler) phoneSettings(r *http.Request, id string) (any, *apiError) {
	all := h.calendar().PhoneSettings()
	if all == nil {
		return noPermission(r, id)
	}
	only := r.URL.Query().Get("setting_types")
	if only == "" {
		return all, nil
	}
	out := map[string]any{}
	for name := range strings.SplitSeq(only, ",") {
		if v, ok := all[strings.TrimSpace(name)]; ok {
			out[strings.TrimSpace(name)] = v
		}
	}
	return out, nil
}
