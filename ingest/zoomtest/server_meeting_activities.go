package zoomtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

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
	return h.made.activities.get(dayNumber(day), h.makeDayActivities)
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
