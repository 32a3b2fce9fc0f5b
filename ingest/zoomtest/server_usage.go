package zoomtest

import (
	"net/http"
	"strconv"
	"time"
)

type dailyRow struct {
	Date         string `json:"date"`
	NewUsers     int    `json:"new_users"`
	Meetings     int    `json:"meetings"`
	Participants int    `json:"participants"`
	Minutes      int    `json:"meeting_minutes"`
}

// reportDaily serves GET /report/daily: the days of a month up to today.
func (h *Handler) reportDaily(r *http.Request, _ string) (any, *apiError) {
	q, today := r.URL.Query(), h.today()
	year, refused := positive(q, "year", today.Year(), 9999)
	if refused != nil {
		return nil, refused
	}
	month, refused := positive(q, "month", int(today.Month()), 12)
	if refused != nil {
		return nil, refused
	}
	group, refused := h.groupFilter(q.Get("group_id"))
	if refused != nil {
		return nil, refused
	}
	first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	if first.AddDate(0, 1, 0).Before(addMonths(today, -reportHistoryMonths)) {
		return nil, invalid("Only provide report in recent 6 months.")
	}
	dates := []dailyRow{}
	for day := first; day.Month() == first.Month() && !day.After(today); day = day.AddDate(0, 0, 1) {
		t := h.conferences().DayTotals(day)
		if q.Get("group_id") != "" {
			t = h.groupTotals(day, group)
		}
		dates = append(dates, dailyRow{dateOf(day), t.NewUsers, t.Meetings, t.Participants, t.Minutes})
	}
	return map[string]any{"year": year, "month": month, "dates": dates}, nil
}

// groupFilter says which hosts a group_id leaves, by id: all of them for "".
func (h *Handler) groupFilter(group string) (func(userID string) bool, *apiError) {
	if group == "" {
		return func(string) bool { return true }, nil
	}
	if _, refused := h.findGroup(group); refused != nil {
		return nil, refused
	}
	in := map[string]bool{}
	for _, u := range h.directory().byGroup[group] {
		in[u.ID] = true
	}
	return func(userID string) bool { return in[userID] }, nil
}

// groupTotals sums one day of a group's hosts.
func (h *Handler) groupTotals(day time.Time, in func(userID string) bool) DayTotal {
	var t DayTotal
	for _, m := range h.conferences().Meetings(day) {
		if in(m.HostID) {
			t.Meetings++
			t.Participants += m.People
			t.Minutes += minutes(m.TotalSeconds)
		}
	}
	for _, u := range h.directory().accepted {
		if created, err := time.Parse(time.RFC3339, u.CreatedAt); err == nil && in(u.ID) && unixDay(created) == unixDay(day) {
			t.NewUsers++
		}
	}
	return t
}

type hostRow struct {
	ID           string `json:"id"`
	Email        string `json:"email"`
	UserName     string `json:"user_name"`
	Type         int    `json:"type"`
	Dept         string `json:"dept"`
	Meetings     int    `json:"meetings"`
	Participants int    `json:"participants"`
	Minutes      int    `json:"meeting_minutes"`
}

// reportUsers serves GET /report/users: those who hosted a meeting in the window (active), or the others (inactive).
func (h *Handler) reportUsers(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, _, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "type", "active", "active", "inactive")
	if refused != nil {
		return nil, refused
	}
	group, refused := h.groupFilter(q.Get("group_id"))
	if refused != nil {
		return nil, refused
	}
	totals := h.conferences().HostTotals(dates.from, dates.to)
	var sum HostTotal
	var users []*User
	for _, u := range h.directory().accepted {
		if t := totals[u.ID]; (t.Meetings > 0) == (kind == "active") && group(u.ID) {
			sum = HostTotal{sum.Meetings + t.Meetings, sum.Participants + t.Participants, sum.Minutes + t.Minutes}
			users = append(users, u)
		}
	}
	p, refused := pageOf(h, q, "report users", users, maxReportPage, defaultPageSize, kind, q.Get("group_id"), dateOf(dates.from), dateOf(dates.to))
	if refused != nil {
		return nil, refused
	}
	return struct {
		From              string    `json:"from"`
		To                string    `json:"to"`
		PageCount         int       `json:"page_count"`
		PageNumber        int       `json:"page_number"`
		PageSize          int       `json:"page_size"`
		TotalRecords      int       `json:"total_records"`
		NextPageToken     string    `json:"next_page_token"`
		TotalMeetings     int       `json:"total_meetings"`
		TotalParticipants int       `json:"total_participants"`
		TotalMinutes      int       `json:"total_meeting_minutes"`
		Users             []hostRow `json:"users"`
	}{dateOf(dates.from), dateOf(dates.to), p.pages, p.number, p.size, p.total, p.next, sum.Meetings, sum.Participants, sum.Minutes, eachRow(p.rows, func(u *User) hostRow {
		t := totals[u.ID]
		return hostRow{u.ID, u.Email, displayName(u), u.Type, u.Dept, t.Meetings, t.Participants, t.Minutes}
	})}, nil
}

func displayName(u *User) string {
	if u.DisplayName != "" {
		return u.DisplayName
	}
	return u.FirstName + " " + u.LastName
}

type storageRow struct {
	Date      string `json:"date"`
	Usage     string `json:"usage"`
	PlanUsage string `json:"plan_usage"`
	FreeUsage string `json:"free_usage"`
}

// reportCloudRecording serves GET /report/cloud_recording: what was recorded on each day, up to yesterday.
func (h *Handler) reportCloudRecording(r *http.Request, _ string) (any, *apiError) {
	dates, refused := readRange(r.URL.Query(), true, h.today())
	if refused != nil {
		return nil, refused
	}
	group := r.URL.Query().Get("group_id")
	in, refused := h.groupFilter(group)
	if refused != nil {
		return nil, refused
	}
	rows := []storageRow{}
	for day := dates.from; !day.After(dates.to) && day.Before(h.today()); day = day.AddDate(0, 0, 1) {
		size := h.conferences().DayTotals(day).RecordingBytes
		if group != "" {
			size = h.groupBytes(day, in)
		}
		rows = append(rows, storageRow{dateOf(day), strconv.FormatInt(size>>20, 10) + " MB", "3 TB", "0 MB"})
	}
	return map[string]any{"from": dateOf(dates.from), "to": dateOf(dates.to), "cloud_recording_storage": rows}, nil
}

// groupBytes sums the recordings that still exist of a group's hosts on one day.
func (h *Handler) groupBytes(day time.Time, in func(userID string) bool) (size int64) {
	for _, m := range h.conferences().Meetings(day) {
		if !m.Recorded || !in(m.HostID) {
			continue
		}
		x, _ := h.conferences().Recording(m.UUID)
		for _, f := range x.Files {
			size += f.Bytes
		}
	}
	return size
}
