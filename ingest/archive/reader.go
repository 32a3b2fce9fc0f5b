package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Options of Open.
type Options struct {
	// Kind is what the file holds; "": found out from its content.
	Kind Kind
	// Zone is the zone of times that name none, in a file whose header names none either; nil: UTC.
	Zone *time.Location
}

// headerLines is how many lines may stand before the header of a CSV: exports put the name of the report and its span there.
const headerLines = 50

// sampleRows is how many JSON rows are looked at for the kind: the first of a file that was cut may be broken.
const sampleRows = 50

// Reader reads the rows of one file.
type Reader struct {
	kind  Kind
	json  jsonReader
	csv   *csvReader
	head  *header
	clock clock
	ended error
}

// Open finds out what a file holds, packed by gzip or not. It returns an *UnknownError for a file of no kind, or not of the one that was asked for, and another
// error for one that cannot be read. It does not close r.
func Open(r io.Reader, o Options) (*Reader, error) {
	b, err := plain(r)
	if err != nil {
		return nil, err
	}
	head, err := b.Peek(peekBytes)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return nil, fmt.Errorf("read: %w", err)
	} // with a beginning there are rows to land; the error comes again after them
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	a := &Reader{kind: o.Kind, clock: clock{zone: o.Zone}}
	switch firstByte(head) {
	case 0:
		if o.Kind == "" {
			return nil, &UnknownError{"is empty: nothing says what kind it is (--kind says so)"}
		}
		a.ended = io.EOF
	case '{', '[':
		if err := a.sniffJSON(head, o.Kind); err != nil {
			return nil, err
		}
		a.json = openJSON(b)
	default:
		if err := a.sniffCSV(string(head), o.Kind); err != nil {
			return nil, err
		}
		a.csv = &csvReader{&lineReader{r: b, max: maxLine}, a.head.comma}
		for range a.head.line {
			if _, err := a.csv.lines.next(); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// sniffJSON finds the kind of JSON rows.
func (a *Reader) sniffJSON(head []byte, want Kind) error {
	rows := openJSON(bufio.NewReaderSize(strings.NewReader(string(head)), peekBytes))
	for range sampleRows {
		v, err := rows.next()
		if err != nil {
			break
		}
		if k := kindOf(v); k != "" && (want == "" || k == want) {
			a.kind = k
			return nil
		}
	}
	if want != "" && isEmptyList(head) {
		return nil
	}
	return unknown(want)
}

func isEmptyList(head []byte) bool {
	return strings.Join(strings.Fields(string(head)), "") == "[]"
}

// sniffCSV finds the header, and how dates are written.
func (a *Reader) sniffCSV(head string, want Kind) error {
	lines := lineReader{r: bufio.NewReaderSize(strings.NewReader(head), 4096), max: maxLine}
	for range headerLines {
		line, err := lines.next()
		if err != nil {
			break
		}
		for _, comma := range []byte{',', ';', '\t', '|'} {
			fields, ok := splitLine(line.text, comma)
			if !ok || len(fields) < 2 {
				continue
			}
			if h := findHeader(fields, want); h != nil {
				h.line, h.comma = line.number, comma
				a.head, a.kind = h, h.kind
				break
			}
		}
		if a.head != nil {
			break
		}
	}
	if a.head == nil {
		return unknown(want)
	}
	if zone := parseZone(a.head.zone); zone != nil {
		a.clock.zone = zone
	} else {
		a.head.zone = ""
	}
	records := csvReader{&lines, a.head.comma}
	for !a.clock.dayFirst {
		rec, err := records.next()
		if err != nil {
			break
		}
		text := a.head.cell(rec.fields, colDate)
		if !a.head.has(colDate) {
			text = a.head.cell(rec.fields, colTime)
		}
		a.clock.dayFirst = dayComesFirst(text)
	}
	return nil
}

// Kind returns what the rows are.
func (a *Reader) Kind() Kind { return a.kind }

// CSV says whether the file is one; else it is JSON.
func (a *Reader) CSV() bool { return a.csv != nil }

// Zone returns the zone in which times that name none are read, and whether the header of the file named it.
func (a *Reader) Zone() (zone *time.Location, named bool) {
	return a.clock.zone, a.head != nil && a.head.zone != ""
}

// DayFirst says whether dates with slashes are read day first; Zoom's portal writes the month first.
func (a *Reader) DayFirst() bool { return a.clock.dayFirst }

// Next returns the next row, io.EOF after the last. Another error says that the file cannot be read on, and where; the rows before it stand.
func (a *Reader) Next() (Row, error) {
	if a.ended != nil {
		return Row{}, a.ended
	}
	row, err := a.read()
	if err != nil {
		a.ended = err
	}
	return row, err
}

func (a *Reader) read() (Row, error) {
	if a.json != nil {
		v, err := a.json.next()
		if err != nil {
			return Row{}, err
		}
		return fromJSON(a.kind, v), nil
	}
	for {
		rec, err := a.csv.next()
		if err != nil {
			return Row{}, err
		}
		if rec.bad == "" && (blank(rec.fields) || a.head.isHeader(rec.fields)) {
			continue
		}
		return fromCSV(a.head, &a.clock, rec), nil
	}
}

func blank(fields []string) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			return false
		}
	}
	return true
}
