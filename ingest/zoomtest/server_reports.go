package zoomtest

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxReportPage is the documented maximum of page_size in reports. For /report/activities none is documented: larger sizes are served as this one.
const maxReportPage = 300

// operationCategories are the documented values of category_type.
var operationCategories = map[string]bool{
	"all": true, "user": true, "user_settings": true, "account": true, "billing": true, "im": true, "recording": true,
	"phone_contacts": true, "webinar": true, "sub_account": true, "role": true, "zoom_rooms": true,
}

type activitiesReply struct {
	From          string     `json:"from"`
	To            string     `json:"to"`
	PageSize      int        `json:"page_size"`
	NextPageToken string     `json:"next_page_token"`
	ActivityLogs  []Activity `json:"activity_logs"`
}

type operationsReply struct {
	PageSize      int         `json:"page_size"`
	NextPageToken string      `json:"next_page_token"`
	OperationLogs []Operation `json:"operation_logs"`
}

// activities serves GET /report/activities.
func (h *Handler) activities(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, size, refused := h.reportParams(q, false, math.MaxInt32)
	if refused != nil {
		return nil, refused
	}
	rows, next, refused := reportPage(h, q, "activities", h.src.Activities, func(Activity) bool { return true }, dates, size, "")
	if refused != nil {
		return nil, refused
	}
	return activitiesReply{dates.from.Format(time.RFC3339), dates.to.Format(time.RFC3339), size, next, rows}, nil
}

// operations serves GET /report/operationlogs.
func (h *Handler) operations(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, size, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	category := strings.ToLower(q.Get("category_type"))
	if category == "" {
		category = "all"
	}
	if !operationCategories[category] {
		return nil, invalid("Invalid field category_type: %s.", q.Get("category_type"))
	}
	keep := func(o Operation) bool { return category == "all" || categoryKey(o.Category) == category }
	rows, next, refused := reportPage(h, q, "operationlogs", h.src.Operations, keep, dates, size, category)
	if refused != nil {
		return nil, refused
	}
	return operationsReply{size, next, rows}, nil
}

// categoryKey spells a row's category as the filter does: "User Settings" is user_settings.
func categoryKey(category string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(category)), " ", "_")
}

func (h *Handler) reportParams(q url.Values, datesRequired bool, largestSize int) (dateRange, int, *apiError) {
	size, refused := pageSize(q, largestSize)
	if refused != nil {
		return dateRange{}, 0, refused
	}
	dates, refused := readRange(q, datesRequired, h.today())
	return dates, min(size, maxReportPage), refused
}

func reportPage[R any](h *Handler, q url.Values, endpoint string, rows func(time.Time) []R, keep func(R) bool, dates dateRange, size int, filter string) ([]R, string, *apiError) {
	pages := newPager(h.tokens, &h.opts, endpoint, url.Values{
		"from": {dates.from.Format(time.DateOnly)}, "to": {dates.to.Format(time.DateOnly)}, "page_size": {strconv.Itoa(size)}, "category_type": {filter},
	})
	at, given, refused := pages.place(q.Get("next_page_token"))
	if refused != nil {
		return nil, "", refused
	}
	if !given {
		at = cursor{day: unixDay(dates.to)}
	}
	page, next := walkBack(rows, keep, at, unixDay(dates.from), size)
	return page, pages.token(next), nil
}

// today is the account's present as a UTC midnight.
func (h *Handler) today() time.Time {
	t := h.present()
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
