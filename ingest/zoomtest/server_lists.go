package zoomtest

import (
	"net/url"
	"slices"
	"strconv"
	"time"
)

// madeRows keeps the days of reports that are put together from meetings and their participants, because a client reads them page by page.
type madeRows struct {
	activities dayCache[activityRow]
	calls      dayCache[callRow]
}

// A listPage is one page of a list that is known whole.
type listPage[R any] struct {
	rows                       []R
	next                       string
	size, number, pages, total int
}

// pageOf cuts a page out of a list by page_size, next_page_token and page_number. params are what else the listing depends on.
func pageOf[R any](h *Handler, q url.Values, endpoint string, rows []R, largest, absent int, params ...string) (listPage[R], *apiError) {
	var p listPage[R]
	size, refused := positive(q, "page_size", absent, largest)
	if refused != nil {
		return p, refused
	}
	number, refused := positive(q, "page_number", 1, 1<<31-1)
	if refused != nil {
		return p, refused
	}
	tokens := newPager(h.tokens, &h.opts, endpoint, url.Values{"page_size": {strconv.Itoa(size)}, "params": params})
	at, given, refused := tokens.place(q.Get("next_page_token"))
	if refused != nil {
		return p, refused
	}
	if !given {
		at = cursor{offset: int64(number-1) * int64(size)}
	}
	start := int(min(at.offset, int64(len(rows))))
	end := min(start+size, len(rows))
	var next *cursor
	if end < len(rows) {
		next = &cursor{offset: int64(end)}
	}
	return listPage[R]{
		rows: rows[start:end], next: tokens.token(next), size: size, number: int(at.offset)/size + 1, pages: (len(rows) + size - 1) / size, total: len(rows),
	}, nil
}

// eachRow spells every row of a page, [] for none.
func eachRow[R, J any](rows []R, spell func(R) J) []J {
	out := make([]J, 0, len(rows))
	for _, r := range rows {
		out = append(out, spell(r))
	}
	return out
}

// backward collects the rows of a range of days, newest first.
func backward[R any](dates dateRange, rows func(time.Time) []R, keep func(R) bool) []R {
	var out []R
	for day := dates.to; !day.Before(dates.from); day = day.AddDate(0, 0, -1) {
		for _, r := range slices.Backward(rows(day)) {
			if keep(r) {
				out = append(out, r)
			}
		}
	}
	return out
}
