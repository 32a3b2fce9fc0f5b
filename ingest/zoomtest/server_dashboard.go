package zoomtest

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"
)

type metricsRow struct {
	UUID        string `json:"uuid"`
	ID          int64  `json:"id"`
	Topic       string `json:"topic"`
	Host        string `json:"host"`
	Email       string `json:"email"`
	Dept        string `json:"dept"`
	UserType    string `json:"user_type"`
	StartTime   string `json:"start_time"`
	EndTime     string `json:"end_time,omitempty"` // not of a meeting under way
	Duration    string `json:"duration"`
	People      int    `json:"participants"`
	Phone       bool   `json:"has_pstn"`
	VoIP        bool   `json:"has_voip"`
	ThirdParty  bool   `json:"has_3rd_party_audio"`
	Video       bool   `json:"has_video"`
	ScreenShare bool   `json:"has_screen_share"`
	Recording   bool   `json:"has_recording"`
	SIP         bool   `json:"has_sip"`
	Archiving   bool   `json:"has_archiving"`
	Fields      []any  `json:"tracking_fields,omitempty"`
}

// metricsMeetings serves GET /metrics/meetings.
func (h *Handler) metricsMeetings(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, size, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "type", "live", "past", "pastOne", "live")
	if refused != nil {
		return nil, refused
	}
	if _, refused = oneOf(q, "include_fields", "", "tracking_fields"); refused != nil {
		return nil, refused
	}
	if _, refused = oneOf(q, "query_date_type", "start_time", "start_time", "end_time"); refused != nil {
		return nil, refused
	}
	group, refused := h.groupFilter(q.Get("group_id"))
	if refused != nil {
		return nil, refused
	}
	rows := h.conferences().Meetings
	if kind == "live" { // wherever the window lies
		rows = func(day time.Time) []Meeting {
			if !day.Equal(dates.to) {
				return nil
			}
			return h.conferences().LiveMeetings()
		}
	}
	keep := func(m Meeting) bool { return (kind != "pastOne" || m.People < 2) && group(m.HostID) }
	page, next, refused := reportPage(h, q, "metrics meetings", rows, keep, dates, size, kind+"\x00"+q.Get("group_id"))
	if refused != nil {
		return nil, refused
	}
	total := h.metricsTotal(dates, kind, q.Get("group_id") != "", rows, keep)
	return struct {
		From          string       `json:"from"`
		To            string       `json:"to"`
		PageCount     int          `json:"page_count"`
		PageSize      int          `json:"page_size"`
		TotalRecords  int          `json:"total_records"`
		NextPageToken string       `json:"next_page_token"`
		Meetings      []metricsRow `json:"meetings"`
	}{dateOf(dates.from), dateOf(dates.to), (total + size - 1) / size, size, total, next, eachRow(page, h.metricsRow)}, nil
}

// metricsTotal counts the rows of all pages; days are summed once and remembered by the source, as long as no group is asked for.
func (h *Handler) metricsTotal(dates dateRange, kind string, grouped bool, rows func(time.Time) []Meeting, keep func(Meeting) bool) int {
	if grouped || kind == "live" {
		return len(backward(dates, rows, keep))
	}
	total := 0
	for day := dates.from; !day.After(dates.to); day = day.AddDate(0, 0, 1) {
		if t := h.conferences().DayTotals(day); kind == "pastOne" {
			total += t.Alone
		} else {
			total += t.Meetings
		}
	}
	return total
}

func (h *Handler) metricsRow(m Meeting) metricsRow {
	row := metricsRow{
		UUID: m.UUID, ID: m.Number, Topic: m.Topic, Host: m.HostName, Email: m.HostEmail, Dept: m.Dept, UserType: "Basic", StartTime: instantOf(m.Start), EndTime: instantOf(m.End),
		Duration: clockTime(m.End.Sub(m.Start)), People: m.People, Phone: m.Phone, VoIP: true, Video: m.Video, ScreenShare: m.ScreenShared, Recording: m.Recorded,
	}
	if m.Licensed {
		row.UserType = "Licensed"
	}
	if m.Live {
		row.EndTime, row.Duration = "", ""
	}
	return row
}

type metricsPerson struct {
	ID            string   `json:"id"`
	UserID        string   `json:"user_id"`
	ParticipantID string   `json:"participant_user_id"`
	UUID          string   `json:"participant_uuid"`
	Name          string   `json:"user_name"`
	Email         string   `json:"email"`
	Role          string   `json:"role"`
	Status        string   `json:"status"`
	Device        string   `json:"device"`
	OS            string   `json:"os,omitempty"`
	OSVersion     string   `json:"os_version,omitempty"`
	Browser       string   `json:"browser_name,omitempty"`
	Version       string   `json:"version"`
	IPAddress     string   `json:"ip_address"`
	InternalIPs   []string `json:"internal_ip_addresses"`
	Location      string   `json:"location"`
	NetworkType   string   `json:"network_type"`
	Microphone    string   `json:"microphone"`
	Speaker       string   `json:"speaker"`
	Camera        string   `json:"camera"`
	DataCenter    string   `json:"data_center"`
	Connection    string   `json:"connection_type"`
	Domain        string   `json:"domain"`
	MAC           string   `json:"mac_addr"`
	Disk          string   `json:"harddisk_id"`
	Computer      string   `json:"pc_name"`
	Join          string   `json:"join_time"`
	Leave         string   `json:"leave_time,omitempty"`
	Reason        string   `json:"leave_reason,omitempty"`
	Application   bool     `json:"share_application"`
	Desktop       bool     `json:"share_desktop"`
	Whiteboard    bool     `json:"share_whiteboard"`
	Recording     bool     `json:"recording"`
	AudioQuality  string   `json:"audio_quality"`
	VideoQuality  string   `json:"video_quality"`
	ScreenQuality string   `json:"screen_share_quality"`
	Registrant    string   `json:"registrant_id,omitempty"`
}

// metricsParticipants serves GET /metrics/meetings/{meetingId}/participants.
func (h *Handler) metricsParticipants(r *http.Request, _ string) (any, *apiError) {
	q, id := r.URL.Query(), segment(r, 2)
	kind, refused := oneOf(q, "type", "live", "past", "pastOne", "live")
	if refused != nil {
		return nil, refused
	}
	fields, refused := oneOf(q, "include_fields", "", "registrant_id")
	if refused != nil {
		return nil, refused
	}
	m, refused := h.anyMeeting(id)
	if number := meetingKey(id); kind == "live" && (refused != nil || !m.Live) { // a number names the meeting under way
		i := slices.IndexFunc(h.conferences().LiveMeetings(), func(l Meeting) bool { return fmt.Sprint(l.Number) == number })
		if i >= 0 {
			m, refused = h.conferences().LiveMeetings()[i], nil
		}
	}
	if refused != nil {
		return nil, refused
	}
	if m.Live != (kind == "live") || kind == "pastOne" && m.People > 1 || m.Start.Before(addMonths(h.today(), -reportHistoryMonths)) {
		return nil, noMeeting(id)
	}
	p, refused := pageOf(h, q, "metrics participants", h.conferences().Attendance(m), maxReportPage, defaultPageSize, m.UUID, kind)
	if refused != nil {
		return nil, refused
	}
	return struct {
		PageCount     int             `json:"page_count"`
		PageSize      int             `json:"page_size"`
		TotalRecords  int             `json:"total_records"`
		NextPageToken string          `json:"next_page_token"`
		Participants  []metricsPerson `json:"participants"`
	}{p.pages, p.size, p.total, p.next, eachRow(p.rows, func(x Participant) metricsPerson {
		row := metricsPersonOf(m, x)
		if fields != "" && !x.Internal {
			row.Registrant = x.UUID[:8]
		}
		return row
	})}, nil
}

// metricsPersonOf says what the dashboard knows of somebody's machine: more than a client should keep.
func metricsPersonOf(m Meeting, x Participant) metricsPerson {
	row := metricsPerson{
		ID: x.UserID, UserID: x.SessionID, ParticipantID: x.UserID, UUID: x.UUID, Name: x.Name, Email: x.Email, Role: "attendee",
		Status: status(x), Device: x.Device, OS: x.OS, OSVersion: x.OSVersion, Browser: x.Browser, Version: x.Version, InternalIPs: []string{}, NetworkType: x.NetworkType,
		Microphone: "Built-in Microphone", Speaker: "Built-in Speaker", Camera: "Built-in Camera", DataCenter: "Germany", Connection: "UDP", Domain: "Example-Company", MAC: "02:" + pairs(x.UUID[:8]) + ":00",
		Disk: x.UUID[:8], Computer: "PC-" + x.UUID[9:13], Join: instantOf(x.Join), Application: x.Sharing, Recording: x.Recording, AudioQuality: "good", VideoQuality: "good",
	}
	if x.Host {
		row.Role = "host"
	}
	if !m.Live {
		row.Leave, row.Reason = instantOf(x.Leave), x.Name+" left the meeting."
		if m.End.Sub(x.Leave) < 5*time.Second {
			row.Reason = "Host ended the meeting."
		}
		if x.Waiting {
			row.Reason = "Leave waiting room."
		}
	}
	if x.Sharing {
		row.ScreenQuality = "good"
	}
	if x.IPAddress.IsValid() {
		row.IPAddress, row.Location = x.IPAddress.String(), fmt.Sprintf("%s (%s )", x.City, x.Country)
	}
	if x.InternalIP != (netip.Addr{}) {
		row.InternalIPs = append(row.InternalIPs, x.InternalIP.String())
	}
	if x.Device == "Phone" {
		row.Microphone, row.Speaker, row.Camera, row.Connection, row.Domain, row.MAC, row.Disk, row.Computer, row.VideoQuality = "", "", "", "TCP", "", "", "", "", ""
	}
	return row
}

// pairs writes eight digits as 01:23:45:67.
func pairs(s string) string { return s[:2] + ":" + s[2:4] + ":" + s[4:6] + ":" + s[6:8] }
