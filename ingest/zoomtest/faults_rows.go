package zoomtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
)

// rowFaults changes the rows of pages: late ones are taken out, others come again.
func (h *Handler) rowFaults(e endpoint) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i := incidentOf(r)
			if i == nil || r.Method != http.MethodGet {
				next.ServeHTTP(w, r)
				return
			}
			held := hold(next, w, r)
			body := held.body.Bytes()
			if p, ok := readPage(body); ok && held.status == http.StatusOK {
				if p.next == "" {
					i.readToEnd()
				}
				changed := e.path[0] == "report" && i.holdBack(p, h.present())
				if i.repeat(p, r.URL.Query().Get("next_page_token")) || changed {
					body = p.encode()
				}
			}
			held.release(body)
		})
	}
}

// A pageBody is the reply to a listing. Rows stay as they were written.
type pageBody struct {
	fields map[string]json.RawMessage
	key    string // of the rows
	rows   []json.RawMessage
	next   string // token of the page after, "" on the last
}

// readPage reads a reply that has pages: one list of objects, and a page size.
func readPage(body []byte) (*pageBody, bool) {
	p := &pageBody{}
	if json.Unmarshal(body, &p.fields) != nil || p.fields["page_size"] == nil {
		return nil, false
	}
	for key, value := range p.fields {
		if value[0] != '[' {
			continue
		}
		if p.key != "" || json.Unmarshal(value, &p.rows) != nil {
			return nil, false
		}
		p.key = key
	}
	if token, ok := p.fields["next_page_token"]; ok && json.Unmarshal(token, &p.next) != nil {
		return nil, false
	}
	return p, p.key != ""
}

func (p *pageBody) encode() []byte {
	var rows, body bytes.Buffer
	rows.WriteByte('[')
	rows.Write(bytes.Join(asBytes(p.rows), []byte{','}))
	rows.WriteByte(']')
	p.fields[p.key] = rows.Bytes()
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p.fields) // JSON that was read
	return body.Bytes()
}

func asBytes(rows []json.RawMessage) [][]byte {
	out := make([][]byte, len(rows))
	for n, row := range rows {
		out[n] = row
	}
	return out
}

// repeat lets rows come twice: one within the page, and the last one of the page before, which token led here from.
func (i *incident) repeat(p *pageBody, token string) bool {
	i.mu.Lock()
	before := i.lastRows[token]
	if p.next != "" && len(p.rows) > 0 && i.Rates[FaultRepeatedOnNext] > 0 {
		remember(i.lastRows, p.next, p.rows[len(p.rows)-1])
	}
	i.mu.Unlock()
	changed := false
	if u := i.unit(forRepeatedRow); len(p.rows) > 0 && u < i.Rates[FaultRepeatedRow] {
		from := int(u / i.Rates[FaultRepeatedRow] * float64(len(p.rows))) // u below the rate is even over it
		to := from + 1 + int(hash(i.Seed, forRepeatedRow, from, i.number)%uint64(len(p.rows)-from))
		p.rows = slices.Insert(p.rows, to, p.rows[from])
		i.traffic.inject(FaultRepeatedRow, 1)
		changed = true
	}
	if before != nil && i.unit(forRepeatedOnNext) < i.Rates[FaultRepeatedOnNext] {
		p.rows = slices.Insert(p.rows, 0, before)
		i.traffic.inject(FaultRepeatedOnNext, 1)
		changed = true
	}
	return changed
}
