package zoom

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func row(t testing.TB, text string) Row {
	t.Helper()
	r, err := NewRow(json.RawMessage(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRow(t *testing.T) {
	r := row(t, `{"id": 94908911701, "text": "a", "number": "12.5", "yes": true, "no": "False", "null": null, "list": ["x", 3, null], "nested": {"a": {"b": "c"}},
		"used": {"poll": true, "annotation": true, "avatar": false}, "objects": [{"k": 1}, "no", {"k": 2}], "span": "01:02:03", "short": "19:37", "huge": 9007199254740993}`)
	n, ok := r.Int("id")
	f, fok := r.Float("number")
	_, bad := r.Int("number")
	huge, _ := r.Int("huge")
	span, _ := r.Seconds("span")
	short, _ := r.Seconds("short")
	_, noSpan := r.Seconds("text")
	var keys []int64
	for _, o := range r.Rows("objects") {
		k, _ := o.Int("k")
		keys = append(keys, k)
	}
	got := []any{n, ok, f, fok, bad, huge, span, short, noSpan, r.Text("text"), r.Text("nested.a.b"), r.Text("nested.a"), r.Text("none.a"), *r.Bool("yes"), *r.Bool("no"), r.Bool("text") == nil,
		r.Texts("list"), r.Keys("used"), keys, r.Has("null"), r.Has("none"), r.Text("null")}
	want := []any{int64(94908911701), true, 12.5, true, false, int64(9007199254740993), int64(3723), int64(1177), false, "a", "c", "", "", true, false, true,
		[]string{"x", "3"}, []string{"annotation", "poll"}, []int64{1, 2}, true, false, ""}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := row(t, ` "example.com"`).Text(""); got != "example.com" {
		t.Errorf("text row reads as %q", got)
	}
	for _, text := range []string{``, `3`, `null`, `[]`, `{`, `"`, `{"a":1}x`} {
		if _, err := NewRow(json.RawMessage(text)); err == nil {
			t.Errorf("%q is taken for a row", text)
		}
	}
}

// The ways Zoom writes instants: its reference's examples for a meeting, the meeting activity log, a schedule, a day, and the channel activity log.
func TestRowTime(t *testing.T) {
	for in, want := range map[string]time.Time{
		`"2020-07-15T23:30:19Z"`:      time.Date(2020, 7, 15, 23, 30, 19, 0, time.UTC),
		`"2020-07-15T23:30:19+02:00"`: time.Date(2020, 7, 15, 21, 30, 19, 0, time.UTC),
		`"2024-03-21 07:09:03:216"`:   time.Date(2024, 3, 21, 7, 9, 3, 216_000_000, time.UTC),
		`"2024-03-21 07:09:03"`:       time.Date(2024, 3, 21, 7, 9, 3, 0, time.UTC),
		`"12/22/2021 16:20"`:          time.Date(2021, 12, 22, 16, 20, 0, 0, time.UTC),
		`"2022-03-01"`:                time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC),
		`1711004943216`:               time.Date(2024, 3, 21, 7, 9, 3, 216_000_000, time.UTC),
		`"1711004943"`:                time.Date(2024, 3, 21, 7, 9, 3, 0, time.UTC),
		`""`:                          {},
		`"soon"`:                      {},
		`-5`:                          {},
		`{}`:                          {},
	} {
		if got := row(t, `{"at":`+in+`}`).Time("at"); !got.Equal(want) {
			t.Errorf("%s reads as %s, want %s", in, got, want)
		}
	}
}

func TestFill(t *testing.T) {
	for _, c := range []struct {
		name string
		args Args
		path string
	}{
		{EndpointManagedDomains, nil, "/accounts/me/managed_domains"},
		{EndpointMeetingParticipants, Args{"meetingId": "4444AAAiAAAAAiAiAiiAii=="}, "/report/meetings/4444AAAiAAAAAiAiAiiAii==/participants"},
		{EndpointMeetingParticipants, Args{"meetingId": "L0AGOEPVR9m5WSOOs/d+FQ=="}, "/report/meetings/L0AGOEPVR9m5WSOOs%2Fd+FQ==/participants"},
		{EndpointMeetingParticipants, Args{"meetingId": "/ajXp112QmuoKj4854875=="}, "/report/meetings/%252FajXp112QmuoKj4854875==/participants"},
		{EndpointMeetingParticipants, Args{"meetingId": "aj//Xp112QmuoKj48548=="}, "/report/meetings/aj%252F%252FXp112QmuoKj48548==/participants"},
		{EndpointMeetingParticipants, Args{"meetingId": ""}, ""},
		{EndpointMeetingParticipants, Args{"meetingId": ".."}, ""},
		{EndpointUserMeetings, Args{"userId": "a@b.example", "from": "2026-01-01"}, "/report/users/a@b.example/meetings"},
		{EndpointChannelMembers, Args{"userId": "u/../x", "channelId": "c"}, "/chat/users/u%2F..%2Fx/channels/c/members"},
	} {
		path, query, err := EndpointNamed(c.name).fill(c.args)
		if path != c.path || (err != nil) != (c.path == "") {
			t.Errorf("%s %v: %q, %v; want %q", c.name, c.args, path, err, c.path)
		}
		if query.Has("userId") || query.Has("meetingId") {
			t.Errorf("%s: the query repeats the path: %v", c.name, query)
		}
	}
}

// Nothing that Zoom may send makes an accessor fail.
func FuzzRow(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,{"c":"x"}]},"t":"2024-03-21 07:09:03:216"}`), "a.b")
	f.Add([]byte(`"x"`), "")
	f.Fuzz(func(t *testing.T, raw []byte, path string) {
		r, err := NewRow(raw)
		if err != nil {
			return
		}
		for _, p := range []string{path, "", "a", "t", "a.b.c"} {
			if n, ok := r.Int(p); ok {
				if f, fok := r.Float(p); !fok || float64(n) != f {
					t.Errorf("%q as a whole number is %d, as a number %v", r.Text(p), n, f)
				}
			}
			_, _ = r.Bool(p), r.Texts(p)
			_, _ = r.Rows(p), r.Keys(p)
			_, _ = r.Tree(p), r.Time(p)
			_, _ = r.Seconds(p)
		}
	})
}

func TestRowTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		raw, err := json.Marshal(map[string]any{"k": s})
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewRow(raw)
		if err != nil || r.Text("k") != s {
			t.Fatalf("%q came back as %q, %v", s, r.Text("k"), err)
		}
	})
}
