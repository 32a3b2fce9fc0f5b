package zoomtest

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

type recordingFileRow struct {
	ID          string `json:"id"`
	MeetingID   string `json:"meeting_id"`
	Start       string `json:"recording_start"`
	End         string `json:"recording_end"`
	FileType    string `json:"file_type"`
	Extension   string `json:"file_extension"`
	FileSize    int64  `json:"file_size"`
	PlayURL     string `json:"play_url,omitempty"`
	DownloadURL string `json:"download_url"`
	Status      string `json:"status"`
	Kind        string `json:"recording_type"`
	DeletedTime string `json:"deleted_time,omitempty"`
}

type recordingRow struct {
	UUID           string             `json:"uuid"`
	ID             int64              `json:"id"`
	AccountID      string             `json:"account_id"`
	HostID         string             `json:"host_id"`
	Topic          string             `json:"topic"`
	Type           string             `json:"type"`
	StartTime      string             `json:"start_time"`
	Duration       int                `json:"duration"` // minutes
	TotalSize      int64              `json:"total_size"`
	RecordingCount int                `json:"recording_count"`
	PlayPasscode   string             `json:"recording_play_passcode"`
	AutoDelete     bool               `json:"auto_delete"`
	AutoDeleteDate string             `json:"auto_delete_date"`
	Files          []recordingFileRow `json:"recording_files"`
}

// userRecordings serves GET /users/{userId}/recordings. Recordings are no report: there is no limit of six months, but one of a month a call.
func (h *Handler) userRecordings(r *http.Request, id string) (any, *apiError) {
	q := r.URL.Query()
	dates, refused := readMonth(q, h.today())
	if refused != nil {
		return nil, refused
	}
	u, refused := h.findUser(id)
	if refused != nil {
		return nil, refused
	}
	trash, refused := oneOf(q, "trash", "false", "true", "false")
	if refused != nil {
		return nil, refused
	}
	if _, refused = oneOf(q, "trash_type", "meeting_recordings", "meeting_recordings", "recording_file"); refused != nil {
		return nil, refused
	}
	only, refused := positive(q, "meeting_id", 0, 1<<62)
	if refused != nil {
		return nil, refused
	}
	rows := func(day time.Time) []Recording { return h.conferences().HostRecordings(u.ID, day, trash == "true") }
	all := backward(dates, rows, func(x Recording) bool { return only == 0 || x.Meeting.Number == int64(only) })
	p, refused := pageOf(h, q, "recordings", all, maxReportPage, defaultPageSize, u.Email, trash, strconv.Itoa(only), dateOf(dates.from), dateOf(dates.to))
	if refused != nil {
		return nil, refused
	}
	return struct {
		From          string         `json:"from"`
		To            string         `json:"to"`
		PageCount     int            `json:"page_count"`
		PageSize      int            `json:"page_size"`
		TotalRecords  int            `json:"total_records"`
		NextPageToken string         `json:"next_page_token"`
		Meetings      []recordingRow `json:"meetings"`
	}{dateOf(dates.from), dateOf(dates.to), p.pages, p.size, p.total, p.next, eachRow(p.rows, func(x Recording) recordingRow { return h.recordingRow(r, x) })}, nil
}

func (h *Handler) recordingRow(r *http.Request, x Recording) recordingRow {
	m := x.Meeting
	row := recordingRow{
		UUID: m.UUID, ID: m.Number, AccountID: h.opts.AccountID, HostID: m.HostID, Topic: m.Topic, Type: strconv.Itoa(m.Type), StartTime: instantOf(m.Start),
		Duration: wholeMinutes(m.End.Sub(m.Start)), RecordingCount: len(x.Files), PlayPasscode: x.PlayPasscode, AutoDelete: true, AutoDeleteDate: dateOf(x.Expires), Files: []recordingFileRow{},
	}
	for _, f := range x.Files {
		row.TotalSize += f.Bytes
		file := recordingFileRow{
			ID: f.ID, MeetingID: m.UUID, Start: instantOf(f.Start), End: instantOf(f.End), FileType: f.Type, Extension: f.Extension, FileSize: f.Bytes, Status: "completed", Kind: f.Kind,
			DownloadURL: "https://" + r.Host + DownloadPath + f.ID,
		}
		if f.Type == "MP4" || f.Type == "M4A" {
			file.PlayURL = "https://" + r.Host + PlayPath + f.ID
		}
		if !x.Deleted.IsZero() {
			file.DeletedTime = instantOf(x.Deleted)
		}
		row.Files = append(row.Files, file)
	}
	return row
}

// recordingSettings serves GET /meetings/{meetingId}/recordings/settings.
func (h *Handler) recordingSettings(r *http.Request, _ string) (any, *apiError) {
	id := segment(r, 1)
	m, refused := h.anyMeeting(id)
	if refused != nil {
		return nil, refused
	}
	x, ok := h.conferences().Recording(m.UUID)
	if !ok {
		return nil, &apiError{status: http.StatusNotFound, Code: codeNoRecording, Message: "There is no recording for this meeting."}
	}
	return struct {
		ShareRecording   string `json:"share_recording"`
		Authentication   bool   `json:"recording_authentication"`
		AuthOption       string `json:"authentication_option,omitempty"`
		AuthDomains      string `json:"authentication_domains,omitempty"`
		ViewerDownload   bool   `json:"viewer_download"`
		Password         string `json:"password"`
		OnDemand         bool   `json:"on_demand"`
		ApprovalType     int    `json:"approval_type"`
		SendEmailToHost  bool   `json:"send_email_to_host"`
		ShowSocialShares bool   `json:"show_social_share_buttons"`
		Topic            string `json:"topic"`
		AutoDelete       bool   `json:"auto_delete"`
		AutoDeleteDate   string `json:"auto_delete_date"`
	}{x.Share, x.SignInToView, x.AuthenticationID, x.AuthDomains, x.AllowDownload, x.Passcode, x.OnDemand, x.ApprovalType, x.OnDemand, x.Share == "publicly", m.Topic, true, dateOf(x.Expires)}, nil
}

// readMonth reads from and to of a listing that reaches back as far as there is something: at most a month apart, today when absent.
func readMonth(q url.Values, today time.Time) (dateRange, *apiError) {
	d := dateRange{today, today}
	for name, dst := range map[string]*time.Time{"from": &d.from, "to": &d.to} {
		if s := q.Get(name); s != "" {
			t, ok := readDate(s)
			if !ok {
				return d, invalid("Invalid field %s: must be a date in the format yyyy-MM-dd.", name)
			}
			*dst = t
		}
	}
	switch {
	case d.from.After(d.to):
		return d, invalid("Invalid field from: must not be later than to.")
	case d.to.After(d.from.AddDate(0, 0, reportWindowDays)):
		return d, invalid("The date range from %s to %s is longer than one month.", dateOf(d.from), dateOf(d.to))
	}
	return d, nil
}
