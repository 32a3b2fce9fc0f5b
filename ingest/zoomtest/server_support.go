package zoomtest

import (
	"net/http"
	"time"
)

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
	return h.made.calls.get(dayNumber(day), h.makeDayCalls)
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
