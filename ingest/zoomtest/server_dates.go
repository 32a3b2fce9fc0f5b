package zoomtest

import (
	"net/url"
	"time"
)

const secondsInDay = 24 * 60 * 60

// Zoom keeps reports for six months and gives at most one of them per call.
const (
	reportHistoryMonths = 6
	reportWindowMonths  = 1
)

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
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return r, invalid("Invalid field %s: must be a date in the format yyyy-MM-dd.", p.name)
		}
		*p.dst = t
	}
	switch {
	case r.from.IsZero() && r.to.IsZero():
		r.to = today
		r.from = addMonths(r.to, -reportWindowMonths)
	case r.from.IsZero():
		r.from = addMonths(r.to, -reportWindowMonths)
	case r.to.IsZero():
		r.to = addMonths(r.from, reportWindowMonths)
	}
	switch {
	case r.from.After(r.to):
		return r, invalid("Invalid field from: must not be later than to.")
	case r.to.After(addMonths(r.from, reportWindowMonths)):
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
