package zoomtest

import (
	"net/url"
	"time"
)

const secondsInDay = 24 * 60 * 60

// Zoom keeps reports for six months and gives at most one month per call. It does not say how it counts a month, and clients in use ask for 30 days,
// for 31 days and up to the same day of the next month, also across February: 31 days cover all of them.
const (
	reportHistoryMonths = 6
	reportWindowDays    = 31
)

// dateLayouts are how clients spell from and to. The API description says date; some send a time along, which is ignored.
var dateLayouts = [...]string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime}

// readDate reads the UTC day of a parameter.
func readDate(s string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			y, m, d := t.UTC().Date()
			return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), true
		}
	}
	return time.Time{}, false
}

// A dateRange is the from and to of a report, both inclusive, as UTC midnights.
type dateRange struct{ from, to time.Time }

// readRange reads from and to. Unless both are required, what is absent is the month up to the account's present or around the other one.
func readRange(q url.Values, required bool, today time.Time) (dateRange, *apiError) {
	var r dateRange
	for _, p := range []struct {
		name string
		dst  *time.Time
	}{{"from", &r.from}, {"to", &r.to}} {
		s := q.Get(p.name)
		if s == "" {
			if required {
				return r, invalid("Invalid field %s: a date in the format yyyy-MM-dd is required.", p.name)
			}
			continue
		}
		t, ok := readDate(s)
		if !ok {
			return r, invalid("Invalid field %s: must be a date in the format yyyy-MM-dd.", p.name)
		}
		*p.dst = t
	}
	switch {
	case r.from.IsZero() && r.to.IsZero():
		r.to = today
		r.from = addMonths(r.to, -1)
	case r.from.IsZero():
		r.from = addMonths(r.to, -1)
	case r.to.IsZero():
		r.to = addMonths(r.from, 1)
	}
	switch {
	case r.from.After(r.to):
		return r, invalid("Invalid field from: must not be later than to.")
	case r.to.After(r.from.AddDate(0, 0, reportWindowDays)):
		return r, invalid("The date range from %s to %s is longer than one month.", r.from.Format(time.DateOnly), r.to.Format(time.DateOnly))
	case r.from.Before(addMonths(today, -reportHistoryMonths)):
		return r, invalid("Only provide report in recent 6 months.")
	}
	return r, nil
}

// addMonths moves a date by calendar months and stays in the month it lands in: a month after 31 January is the last day of February.
func addMonths(t time.Time, months int) time.Time {
	y, m, d := t.Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, min(d, last.Day())-last.Day())
}

// unixDay counts days since 1970 of a UTC midnight.
func unixDay(t time.Time) int64 { return t.Unix() / secondsInDay }
