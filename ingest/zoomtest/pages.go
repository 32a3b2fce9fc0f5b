package zoomtest

import (
	"encoding/binary"
	"net/url"
	"strconv"
	"time"
)

// defaultPageSize is the documented default of page_size everywhere.
const defaultPageSize = 30

// A cursor is the place of a page's first row. Listings count rows from offset; reports count days back from day (days since 1970) and,
// within the day, rows from the newest.
type cursor struct{ day, offset int64 }

// A pager makes and reads the next_page_token of one listing: a token serves the account, endpoint and parameters it was made for.
type pager struct {
	tokens  *sealer
	ttl     time.Duration
	purpose string
}

func newPager(tokens *sealer, o *ServerOptions, endpoint string, params url.Values) pager {
	purpose := "page token\x00" + o.AccountID + "\x00" + endpoint + "\x00" + params.Encode()
	return pager{tokens: tokens, ttl: o.PageTokenTTL, purpose: purpose}
}

// place returns where a token points to, ok false without a token.
func (p pager) place(token string) (c cursor, ok bool, refused *apiError) {
	if token == "" {
		return cursor{}, false, nil
	}
	content, _, err := p.tokens.open(p.purpose, token)
	if err != nil || len(content) != 16 {
		return cursor{}, false, invalid(messagePageToken)
	}
	return cursor{int64(binary.BigEndian.Uint64(content)), int64(binary.BigEndian.Uint64(content[8:]))}, true, nil
}

// token makes the next_page_token for a place, "" for nil: the last page has none.
func (p pager) token(c *cursor) string {
	if c == nil {
		return ""
	}
	content := binary.BigEndian.AppendUint64(nil, uint64(c.day))
	content = binary.BigEndian.AppendUint64(content, uint64(c.offset))
	return p.tokens.seal(p.purpose, p.ttl, content)
}

// pageSize reads page_size.
func pageSize(q url.Values, largest int) (int, *apiError) {
	return positive(q, "page_size", defaultPageSize, largest)
}

// positive reads a parameter between 1 and largest. Zero and negative numbers count as absent: client libraries in use send page_size=0 and
// page_number=0 for "not set".
func positive(q url.Values, name string, absent, largest int) (int, *apiError) {
	s := q.Get(name)
	if s == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(s)
	switch {
	case err != nil || n > largest:
		return 0, invalid("Invalid field %s: must be a number from 1 to %d.", name, largest)
	case n < 1:
		return absent, nil
	}
	return n, nil
}

// walkBack collects up to size rows that keep accepts, newest first, from a place back to the first day, and says where the next page begins,
// nil at the end. It asks for no day before the one that fills the page.
func walkBack[R any](rows func(day time.Time) []R, keep func(R) bool, at cursor, first int64, size int) (page []R, next *cursor) {
	page = make([]R, 0, size)
	for ; at.day >= first; at = (cursor{day: at.day - 1}) {
		today := rows(time.Unix(at.day*secondsInDay, 0).UTC())
		for ; at.offset < int64(len(today)); at.offset++ {
			row := today[int64(len(today))-1-at.offset]
			if !keep(row) {
				continue
			}
			if len(page) == size {
				return page, &at
			}
			page = append(page, row)
		}
	}
	return page, nil
}
