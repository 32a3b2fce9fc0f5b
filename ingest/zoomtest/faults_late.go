package zoomtest

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// holdBack takes out the rows that are not there yet.
func (i *incident) holdBack(p *pageBody, present time.Time) bool {
	if i.Late == 0 || i.LateBy == 0 {
		return false
	}
	all := len(p.rows)
	p.rows = slices.DeleteFunc(p.rows, func(row json.RawMessage) bool { return i.isLate(row, present) })
	i.traffic.inject(FaultLate, all-len(p.rows))
	return len(p.rows) < all
}

// isLate decides by the row's own text, so that it is late on every page and with every request.
func (s *faultState) isLate(row json.RawMessage, present time.Time) bool {
	text := int(textHash(string(row)))
	if unit(hash(s.Seed, forLate, text, 0)) >= s.Late {
		return false
	}
	at, ok := rowTime(row)
	delay := time.Duration(float64(s.LateBy) * (1 - unit(hash(s.Seed, forLateBy, text, 0)))) // above 0, up to LateBy
	return ok && present.Before(at.Add(delay))
}

// rowTime is when what a row tells was over.
func rowTime(row json.RawMessage) (time.Time, bool) {
	var t struct {
		Time  string `json:"time"`
		End   string `json:"end_time"`
		Leave string `json:"leave_time"`
		Start string `json:"start_time"`
	}
	if json.Unmarshal(row, &t) != nil {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, cmp.Or(t.Time, t.End, t.Leave, t.Start))
	return at, err == nil
}
