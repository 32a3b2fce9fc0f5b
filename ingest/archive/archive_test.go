package archive

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// describe writes what a reader makes of a text, a row a line.
func describe(r io.Reader, o Options) string {
	a, err := Open(r, o)
	var not *UnknownError
	switch {
	case errors.As(err, &not):
		return "unknown"
	case err != nil:
		return "error: " + err.Error()
	}
	var b strings.Builder
	zone, named := a.Zone()
	fmt.Fprintf(&b, "%s csv=%v zone=%s named=%v\n", a.Kind(), a.CSV(), zone, named)
	for {
		row, err := a.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				fmt.Fprintf(&b, "ends: %v\n", err)
			}
			return b.String()
		}
		fmt.Fprintf(&b, "%d: ", row.Line)
		stamp := func(t time.Time) string { return t.Format("2006-01-02T15:04:05.999Z07:00") }
		switch {
		case row.Bad != "":
			fmt.Fprintf(&b, "bad: %s", row.Bad)
		case row.Skip == SkipSuccess:
			b.WriteString("success")
		case row.Skip == SkipOther:
			b.WriteString("other")
		case a.Kind() == ZoomActivities:
			v := row.Activity
			fmt.Fprintf(&b, "%s|%s|%s|%s|%s|%s", v.Email, stamp(v.Time), v.Type, v.IPAddress, v.ClientType, v.Version)
		case a.Kind() == ZoomOperations:
			v := row.Operation
			fmt.Fprintf(&b, "%s|%s|%s|%s|%q", stamp(v.Time), v.Operator, v.Category, v.Action, v.Detail)
		default:
			v := row.SignIn
			fmt.Fprintf(&b, "%s|%s|%s|%s|%s|%s|%s|%s", v.ID, v.Provider, v.User, stamp(v.Time), v.IPAddress, v.Reason, v.Application, v.Client)
		}
		if row.Missing != 0 {
			fmt.Fprintf(&b, " missing=%d", row.Missing)
		}
		if !row.Alt.IsZero() {
			fmt.Fprintf(&b, " or %s", stamp(row.Alt))
		}
		b.WriteString("\n")
	}
}

const oktaRow = "f790999f-fe87-467a-9880-6982a583986c|okta|%s|2024-03-21T07:09:03.777Z|192.0.2.1|INVALID_CREDENTIALS|%s|Mozilla/5.0\n"

// Every layout that is known, by its file in testdata. What is expected was read off the files by eye.
var files = map[string]string{
	"activities.csv": "zoom-activities csv=true zone=UTC named=false\n" +
		"2: Jill@example.com|2024-03-21T07:09:03Z|Sign in|192.0.2.1|Windows|5.17.11.34827\n" +
		"3: jill@example.com|2024-03-21T17:30:00Z|Sign out|192.0.2.1|Windows|5.17.11.34827\n" +
		"4: bob@example.com|2024-03-21T08:00:59Z|Sign in||Browser|\n",
	"activities_dayfirst.csv": "zoom-activities csv=true zone=UTC named=false\n" +
		"2: jill@example.com|2024-02-01T07:09:00Z|Sign in|192.0.2.1|| missing=13\n" +
		"3: jill@example.com|2024-02-21T17:30:00Z|Sign out|192.0.2.1|| missing=13\n",
	"activities_zone.csv": "zoom-activities csv=true zone=UTC+1 named=true\n" +
		"5: jill@example.com|2024-03-21T07:09:00Z|Sign in|192.0.2.1|Mac|5.17.11 missing=1\n" +
		"6: jill@example.com|2024-03-21T17:30:00Z|Sign out||Mac|5.17.11 missing=1\n",
	"activities_semicolon.csv": "zoom-activities csv=true zone=UTC named=false\n" +
		"3: jürgen@example.com|2024-03-21T07:09:03Z|Sign in|192.0.2.1|| missing=12\n",
	"operations.csv": "zoom-operations csv=true zone=UTC named=false\n" +
		`2: 2024-03-21T07:09:03Z|owner@example.com|Account|Update|"Security  - Sign in with Two-Factor Authentication: from On to Off\n - Password length: from 8 to 14"` + "\n" +
		`4: 2024-03-21T07:10:00Z||User|Update|"Activate User \"jill@example.com\" "` + "\n",
	"operations_admin.csv": "zoom-operations csv=true zone=UTC named=false\n" +
		`3: 2024-03-21T07:09:00Z|owner@example.com|Recording|Delete|"Delete recording 123, 456" missing=1` + "\n",
	"page.json": "zoom-activities csv=false zone=UTC named=false\n" +
		"4: jill@example.com|2024-03-21T07:09:03Z|Sign in|192.0.2.1|Windows|5.17.11.34827\n" +
		"5: jill@example.com|2024-03-21T17:30:00Z|Sign out|||\n" +
		"6: bad: row is not an object\n",
	"operations.ndjson": "zoom-operations csv=false zone=UTC named=false\n" +
		`1: 2024-03-21T07:09:03Z|owner@example.com|Account|Update|"Security  - Password length: from 8 to 14"` + "\n" +
		"3: bad: line is no JSON\n" +
		`4: bad: time "yesterday" is not RFC 3339` + "\n" +
		`5: 2024-03-22T07:09:03Z||User||"y"` + "\n",
	"okta.json": "okta csv=false zone=UTC named=false\n" +
		"2: " + fmt.Sprintf(oktaRow, "Jill@example.com", "") +
		"5: success\n" +
		"7: 3|okta|jill@example.com|2024-03-21T07:11:03.777Z|192.0.2.1|Evaluation of sign-on policy|Zoom|\n" +
		"10: other\n" +
		`11: bad: published "today" is not RFC 3339` + "\n",
	"okta.csv": "okta csv=true zone=UTC named=false\n" +
		"2: " + fmt.Sprintf(oktaRow, "jill@example.com", "Zoom") +
		"3: success\n",
	"entra.json": "entra csv=false zone=UTC named=false\n" +
		"3: 66ea54eb-6301-4ee5-be62-ff5a759b0100|entra|jill@example.com|2024-03-21T07:09:03Z|192.0.2.1|50126: Invalid username or password.|Zoom|Browser\n" +
		"5: success\n",
	"entra_monitor.ndjson": "entra csv=false zone=UTC named=false\n" +
		"1: 66ea54eb-6301-4ee5-be62-ff5a759b0100|entra|jill@example.com|2024-03-21T07:09:03Z|192.0.2.1|50126: Invalid username or password.|Zoom|Browser\n",
	"entra.csv": "entra csv=true zone=UTC named=true\n" +
		"2: 66ea54eb-6301-4ee5-be62-ff5a759b0100|entra|jill@example.com|2024-03-21T07:09:03Z|192.0.2.1|50126: Invalid username or password.|Zoom|Mozilla/5.0\n" +
		"3: success\n" +
		"4: bad: user is missing\n",
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestFiles(t *testing.T) {
	found, err := filepath.Glob("testdata/*.*")
	if err != nil || len(found) != len(files) {
		t.Errorf("%d files in testdata, %d are tested, %v", len(found), len(files), err)
	}
	for name, want := range files {
		t.Run(name, func(t *testing.T) {
			raw := readFile(t, name)
			if d := cmp.Diff(want, describe(bytes.NewReader(raw), Options{})); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			kind, _, _ := strings.Cut(want, " ")
			if d := cmp.Diff(want, describe(bytes.NewReader(raw), Options{Kind: Kind(kind)})); d != "" {
				t.Errorf("with its kind given, -want +got:\n%s", d)
			}
		})
	}
}

// However a text is packed and encoded, and in whatever pieces it comes, it reads the same.
func TestEncodings(t *testing.T) {
	for name, want := range files {
		raw := readFile(t, name)
		if name == "activities_semicolon.csv" { // Latin-1: as UTF-8 for the others
			raw = []byte(decode(raw))
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(raw)
		_ = z.Close()
		units := utf16.Encode([]rune(string(raw)))
		little, _ := binary.Append(nil, binary.LittleEndian, units)
		big, _ := binary.Append([]byte{0xFE, 0xFF}, binary.BigEndian, units)
		variants := map[string][]byte{
			"gzip": packed.Bytes(), "BOM": append([]byte{0xEF, 0xBB, 0xBF}, raw...), "UTF-16LE": append([]byte{0xFF, 0xFE}, little...), "UTF-16BE": big, "UTF-16LE without BOM": little,
		}
		if !bytes.Contains(raw, []byte("\r")) {
			variants["CRLF"] = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
		}
		for as, text := range variants {
			if as == "UTF-16LE without BOM" && name == "activities_semicolon.csv" {
				continue
			}
			if d := cmp.Diff(want, describe(&dribble{r: bytes.NewReader(text)}, Options{})); d != "" {
				t.Errorf("%s as %s, -want +got:\n%s", name, as, d)
			}
		}
	}
}

// dribble hands over a few bytes at a time.
type dribble struct {
	r io.Reader
	n int
}

func (d *dribble) Read(p []byte) (int, error) {
	d.n++
	return d.r.Read(p[:min(len(p), 1+d.n%7)])
}

func TestUnknown(t *testing.T) {
	for _, text := range []string{"", "  \n", "hello", "a,b,c\n1,2,3\n", "{}", "[]", "[1,2]", `{"a":1}` + "\n" + `{"a":2}`, "Topic,Meeting ID,Start Time\nx,1,2\n", "\x00\x01\x02\x03",
		`{"value":[]}`, `{"email":1}`} {
		if got := describe(strings.NewReader(text), Options{}); got != "unknown" {
			t.Errorf("%q: %s", text, got)
		}
	}
	if got := describe(bytes.NewReader(readFile(t, "okta.json")), Options{Kind: Entra}); got != "unknown" {
		t.Errorf("Okta as Entra: %s", got)
	}
	// No rows are fine when it is said what they would be.
	for _, text := range []string{"", "[]", `{"activity_logs":[]}`} {
		o := Options{Kind: ZoomActivities}
		if got := describe(strings.NewReader(text), o); text != `{"activity_logs":[]}` && !strings.HasPrefix(got, "zoom-activities") {
			t.Errorf("%q with its kind: %s", text, got)
		}
	}
	if got := describe(bytes.NewReader([]byte{0x1f, 0x8b, 1, 2}), Options{}); !strings.HasPrefix(got, "error: unpack") {
		t.Errorf("broken gzip: %s", got)
	}
}

func TestBrokenFilesEndWhereTheyBreak(t *testing.T) {
	row := `{"email":"a@example.com","time":"2024-03-21T07:09:03Z","type":"Sign in"}`
	for text, want := range map[string]string{
		"[" + row + ",\n" + row + ",\n{\"email\":":      "ends: after line 2 the file ends in the middle of its JSON",
		"[" + row + ",\n" + row + "}\n":                 "ends: line 2: the JSON breaks off: invalid character '}' after array element",
		`{"activity_logs":[` + row + ",\n" + row + "\n": "ends: after line 2 the file ends in the middle of its JSON",
	} {
		got := describe(strings.NewReader(text), Options{})
		if strings.Count(got, "a@example.com") != 2 || !strings.HasSuffix(got, want+"\n") {
			t.Errorf("%s\ngot:\n%swant at its end: %s", text, got, want)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte(row+"\n"), 100_000))
	_ = z.Close()
	if got := describe(bytes.NewReader(packed.Bytes()[:packed.Len()/2]), Options{}); !strings.Contains(got, "\nends: read line ") {
		t.Errorf("half a gzip: %s", got[max(0, len(got)-200):])
	}
}

func TestShapesOfJSON(t *testing.T) {
	row := `{"email":"a@example.com","time":"2024-03-21T07:09:03Z","type":"Sign in"}`
	pretty := strings.ReplaceAll(row, ",", ",\n  ")
	page := `{"next_page_token":{"odd":[1,{"x":2}]},"activity_logs":[` + row + "," + row + `],"page_size":30}`
	for name, text := range map[string]string{
		"lines": row + "\n" + row, "array": "[" + row + "," + row + "]", "arrays": "[" + row + "]\n[" + row + "]", "page": page, "array of pages": "[" + page + "]",
		"pretty objects": pretty + "\n" + pretty, "page a line": strings.ReplaceAll(page, row+","+row, row) + "\n" + strings.ReplaceAll(page, row+","+row, row),
		"list that is none": `{"activity_logs":[` + row + `,` + row + `],"value":{"a":[1]},"operation_logs":null}`,
		"first line broken": `{"email":"a@exam` + "}\n" + row + "\n" + row,
	} {
		if got := describe(strings.NewReader(text), Options{}); strings.Count(got, "a@example.com|2024-03-21T07:09:03Z|Sign in") != 2 || strings.Contains(got, "ends:") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// 2024: Berlin put its clocks forward on 31 March and back on 27 October, both at 01:00 UTC.
	for text, want := range map[string]string{
		"2024-03-21 07:09:03":         "2024-03-21T06:09:03Z",
		"2024-07-21 07:09:03":         "2024-07-21T05:09:03Z",
		"Mar 21, 2024 07:09 AM":       "2024-03-21T06:09:00Z minute",
		"March 21, 2024, 7:09:03 pm":  "2024-03-21T18:09:03Z",
		"03/21/2024 07:09:03 AM":      "2024-03-21T06:09:03Z",
		"3/21/2024 7:09":              "2024-03-21T06:09:00Z minute",
		"3/1/2024, 12:09:03\u202fAM":  "2024-02-29T23:09:03Z",
		"21.03.2024 07:09:03":         "2024-03-21T06:09:03Z",
		"21 Mar 2024 07:09:03":        "2024-03-21T06:09:03Z",
		"2024/03/21 07:09:03.216":     "2024-03-21T06:09:03.216Z",
		"2024-03-21T07:09:03":         "2024-03-21T06:09:03Z",
		"2024-03-21T07:09:03Z":        "2024-03-21T07:09:03Z",
		"2024-03-21T07:09:03.5+05:30": "2024-03-21T01:39:03.5Z",
		"2024-03-21 07:09:03 (GMT-5)": "2024-03-21T12:09:03Z",
		"2024-03-21 07:09:03 UTC":     "2024-03-21T07:09:03Z",
		"2024-03-21 07:09:03 +0100":   "2024-03-21T06:09:03Z",
		"2024-10-27 02:30:00":         "2024-10-27T00:30:00Z or 2024-10-27T01:30:00Z",
		"2024-10-27 03:00:00":         "2024-10-27T02:00:00Z",
		"2024-03-31 02:30:00":         `time "2024-03-31 02:30:00" does not exist in Europe/Berlin, where the clocks were put forward: is it the time zone of the file?`,
		"2024-03-21 07:09:03 CST":     `time "2024-03-21 07:09:03 CST": its zone is not known`,
		"21/03/2024 07:09:03":         `time "21/03/2024 07:09:03" is not written in a way that is known`,
		"2024-03-21":                  `time "2024-03-21" is not written in a way that is known`,
		"2024-02-30 07:09:03":         `time "2024-02-30 07:09:03" is not written in a way that is known`,
		"":                            "time is missing",
	} {
		c := clock{zone: berlin}
		m, err := c.parse(text)
		got := m.at.Format(time.RFC3339Nano)
		if !m.alt.IsZero() {
			got += " or " + m.alt.Format(time.RFC3339Nano)
		}
		if m.minute {
			got += " minute"
		}
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// A moment that a zone shows is read back as that moment, or as one of two.
func TestEveryMomentIsReadBack(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1262304000, 1893456000).Draw(t, "second"), 0).UTC() // 2010 to 2030
		c := clock{zone: zone}
		for _, layout := range []string{"2006-01-02 15:04:05", "Jan 2, 2006 03:04:05 PM", "01/02/2006 03:04:05 PM"} {
			m, err := c.parse(at.In(zone).Format(layout))
			if err != nil || !m.at.Equal(at) && !m.alt.Equal(at) {
				t.Fatalf("%s in %s is read as %v, %v", at, zone, m, err)
			}
		}
	})
}

func TestBadRowsOfCSV(t *testing.T) {
	head := "Email,Time,Type,IP Address\n"
	good := "a@example.com,2024-03-21 07:09:03,Sign in,192.0.2.1\n"
	open := `a@example.com,2024-03-21 07:09:03,"Sign in,192.0.2.1` + "\n"
	for text, want := range map[string]string{
		head + open + good + good:                                                                 "2: bad: a quote is opened and not closed\n3: ",
		head + "a@example.com,x\n" + good + good:                                                  "2: bad: row has 2 fields, the header in line 1 has 4\n3: ",
		head + good + "\n,,,\n" + head + good:                                                     "2: a@example.com",
		head + strings.Repeat("x", 2<<20) + "\n" + good + good:                                    "2: bad: line is longer than 1 MiB\n3: ",
		head + `a@example.com,2024-03-21 07:09:03,a "quoted" word,192.0.2.1` + "\n" + good + good: `2: a@example.com|2024-03-21T07:09:03Z|a "quoted" word|`,
		head + strings.TrimSuffix(good, "\n") + ",,\n" + good:                                     "2: a@example.com",
		head + open + strings.Repeat(good, 300):                                                   "2: bad: a quote is opened and not closed\n3: ",
	} {
		got := describe(strings.NewReader(text), Options{})
		rows := max(2, strings.Count(text, good)) // those of the third case but one have a longer line
		if !strings.Contains(got, "\n"+want) || strings.Count(got, "|Sign in|192.0.2.1|") != rows {
			t.Errorf("%.200q: got\n%.400s\nwant %q and %d good rows", text, got, want, rows)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		`{"user":"a","session_token":"abc","x":1}`:            `{"user":"a","session_token":[redacted],"x":1}`,
		`{"password": "a\"b, c", "y": 2}`:                     `{"password": [redacted], "y": 2}`,
		`{"password":"cut off`:                                `{"password":[redacted]`,
		`https://x/?access_token=abc&y=1`:                     `https://x/?access_token=[redacted]&y=1`,
		`Authorization: Bearer abcdefghijk`:                   `Authorization: [redacted]`,
		`x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc y`:        `x [redacted] y`,
		`Security  - Require a passcode: from On to Off`:      `Security  - Require a passcode: [redacted] On to Off`,
		`a@example.com,2024-03-21 07:09:03,Sign in,192.0.2.1`: `a@example.com,2024-03-21 07:09:03,Sign in,192.0.2.1`,
		`{"eventType":"user.session.start","uuid":"1"}`:       `{"eventType":"user.session.start","uuid":"1"}`,
	} {
		if got := redact(in); got != want {
			t.Errorf("redact(%q) = %q, want %q", in, got, want)
		}
	}
	a, err := Open(bytes.NewReader(readFile(t, "entra.csv")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := a.Next(); err != nil {
			t.Fatal(err)
		}
	}
	bad, err := a.Next()
	if raw := bad.Raw(); err != nil || bad.Bad == "" || strings.Contains(raw, "sEcReT") || !strings.Contains(raw, "192.0.2.1") {
		t.Errorf("%v: %q", err, raw)
	}
	long := Row{text: strings.Repeat("ü", 1<<20)}
	if raw := long.Raw(); len(raw) > MaxRaw || !strings.HasPrefix(raw, "üü") || strings.ContainsRune(raw, '\uFFFD') {
		t.Errorf("%d bytes are kept", len(raw))
	}
}
