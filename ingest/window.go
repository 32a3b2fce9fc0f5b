package ingest

import "time"

const day = 24 * time.Hour

// Window is a span of whole UTC days, both ends included.
type Window struct{ From, To time.Time }

// days returns how many days the window has.
func (w Window) days() int { return int(w.To.Sub(w.From)/day) + 1 }

// end is the first moment after the window.
func (w Window) end() time.Time { return w.To.Add(day) }

// dayOf returns the start of the UTC day of t.
func dayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// oldest returns the first day that Zoom surely still reports: the given number of calendar months back and a day more, for Zoom's today may be a day further
// than ours. A day that its month does not have (31 August less six months) counts on into the next one, which is the later and so the safe reading.
func oldest(now time.Time, months int) time.Time {
	return dayOf(dayOf(now).AddDate(0, -months, 1))
}

// Users beyond which windows are cut shorter. Weeks, so that enough of them can be read side by side: half a year of months is seven windows, and at 300 ms a call that is
// 23 calls a second of the 40 that Zoom grants. Days, to bound the rows held in memory: at 10 rows a user and day, a window is at most some 3.5 million rows.
const (
	manyUsers     = 1_000  // weeks
	veryManyUsers = 50_000 // days
	daysOfMany    = 7
	daysOfVery    = 1
)

// windowDays returns the longest window for an account of so many users; limit is what the endpoint allows.
func windowDays(users int64, limit time.Duration) int {
	days := int(limit/day) + 1
	switch {
	case users > veryManyUsers:
		return min(days, daysOfVery)
	case users > manyUsers || users == 0: // 0: not known
		return min(days, daysOfMany)
	}
	return days
}

// windows cuts the days from..to (both included) into windows of at most so many days, the oldest first. None crosses the end of a calendar month: Zoom
// allows a month at a time, and what that is between two months is a matter of how one counts.
func windows(from, to time.Time, days int) []Window {
	var out []Window
	for from, to = dayOf(from), dayOf(to); !from.After(to); {
		last := time.Date(from.Year(), from.Month()+1, 0, 0, 0, 0, 0, time.UTC)
		if last.After(to) {
			last = to
		}
		// Equal parts rather than one long and one tiny.
		left := Window{from, last}.days()
		for parts := (left + days - 1) / days; parts > 0; parts-- {
			n := (left + parts - 1) / parts
			w := Window{from, from.AddDate(0, 0, n-1)}
			out = append(out, w)
			from, left = w.end(), left-n
		}
	}
	return out
}
