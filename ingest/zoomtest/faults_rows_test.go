package zoomtest

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadPage(t *testing.T) {
	for _, tt := range []struct {
		body string
		key  string // "" for no page
		rows int
		next string
	}{
		{`{"page_size":30,"next_page_token":"abc","users":[{"id":"1"},{"id":"2"}]}`, "users", 2, "abc"},
		{`{"page_size":30,"users":[]}`, "users", 0, ""},
		{`{"users":[{"id":"1"}]}`, "", 0, ""},
		{`{"page_size":30,"users":null}`, "", 0, ""},
		{`{"page_size":30,"a":[],"b":[]}`, "", 0, ""},
		{`{"page_size":30,"users":[],"next_page_token":1}`, "", 0, ""},
		{`[{"page_size":30}]`, "", 0, ""},
		{`nonsense`, "", 0, ""},
	} {
		p, ok := readPage([]byte(tt.body))
		if ok != (tt.key != "") || ok && (p.key != tt.key || len(p.rows) != tt.rows || p.next != tt.next) {
			t.Errorf("%s: %v %+v", tt.body, ok, p)
		}
	}
}

// A row's time is when what it tells was over, in the fields of the reports.
func TestRowTime(t *testing.T) {
	for row, want := range map[string]string{
		`{"time":"2026-11-01T10:00:00Z"}`:                                          "2026-11-01T10:00:00Z",
		`{"start_time":"2026-11-01T10:00:00Z","end_time":"2026-11-01T11:00:00Z"}`:  "2026-11-01T11:00:00Z",
		`{"join_time":"2026-11-01T10:00:00Z","leave_time":"2026-11-01T10:30:00Z"}`: "2026-11-01T10:30:00Z",
		`{"start_time":"2026-11-01T10:00:00Z"}`:                                    "2026-11-01T10:00:00Z",
		`{"date":"2026-11-01"}`:                                                    "",
		`{"time":"yesterday"}`:                                                     "",
		`{"time":5}`:                                                               "",
	} {
		at, ok := rowTime(json.RawMessage(row))
		if ok != (want != "") || ok && at.Format("2006-01-02T15:04:05Z") != want {
			t.Errorf("%s: %v %v", row, at, ok)
		}
	}
}

// Whatever the body, a page that was read is written as the same page.
func FuzzReadPage(f *testing.F) {
	f.Add([]byte(`{"page_size":30,"next_page_token":"abc","users":[{"id":"1","n":12345678901234567890,"t":"<&>"}]}`))
	f.Add([]byte(`{"page_size":0,"x":[1,null,"a"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, ok := readPage(body)
		if !ok {
			return
		}
		written := p.encode()
		again, ok := readPage(written)
		if !ok || !json.Valid(written) {
			t.Fatalf("%q became %q", body, written)
		}
		if again.key != p.key || again.next != p.next || len(again.rows) != len(p.rows) {
			t.Errorf("%q became %q", body, written)
		}
		var before, after any
		if json.Unmarshal(body, &before) != nil || json.Unmarshal(written, &after) != nil {
			t.Fatal("not JSON")
		}
		if d := cmp.Diff(before, after); d != "" {
			t.Error(d)
		}
	})
}
