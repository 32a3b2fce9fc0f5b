package archive

import (
	"strings"
)

// maxRecordLines bounds how many lines a quoted field may span. encoding/csv reads a quote that is never closed to the end of the file; here it costs one line.
const maxRecordLines = 200

// splitter takes a record of CSV apart, line by line. Quotes count where a field begins (RFC 4180); elsewhere they are text, as spreadsheets read them.
type splitter struct {
	comma  byte
	fields []string
	cur    strings.Builder
	quoted bool // inside a quoted field
}

// add takes the next line of the record and says whether the record ends with it.
func (s *splitter) add(line string) bool {
	i := 0
	if s.quoted {
		s.cur.WriteByte('\n')
	}
	for {
		if !s.quoted {
			if strings.HasPrefix(line[i:], `"`) {
				s.quoted = true
				i++
			} else {
				end := strings.IndexByte(line[i:], s.comma)
				if end < 0 {
					s.fields = append(s.fields, line[i:])
					return true
				}
				s.fields = append(s.fields, line[i:i+end])
				i += end + 1
				continue
			}
		}
		// Inside quotes, up to the closing one.
		end := strings.IndexByte(line[i:], '"')
		if end < 0 {
			s.cur.WriteString(line[i:])
			return false
		}
		s.cur.WriteString(line[i : i+end])
		i += end + 1
		switch {
		case i == len(line), line[i] == s.comma:
			s.fields = append(s.fields, s.cur.String())
			s.cur.Reset()
			s.quoted = false
			if i == len(line) {
				return true
			}
			i++
		case line[i] == '"':
			s.cur.WriteByte('"')
			i++
		default: // a quote amid a quoted field that nobody doubled
			s.cur.WriteByte('"')
		}
	}
}

// splitLine takes a record of one line apart; ok is false when it goes on after the line.
func splitLine(line string, comma byte) (fields []string, ok bool) {
	s := splitter{comma: comma}
	ok = s.add(line)
	return s.fields, ok
}

// record is a record of CSV with its text.
type record struct {
	fields []string
	line   int // its first
	text   string
	bad    string // why it cannot be read, "" when it can
}

// csvReader reads records.
type csvReader struct {
	lines *lineReader
	comma byte
}

// next returns the next record, io.EOF after the last. A quoted field that does not end within maxRecordLines lines or maxLine bytes makes its first line bad, and
// the lines after it are read anew.
func (c *csvReader) next() (record, error) {
	first, err := c.lines.next()
	if err != nil {
		return record{}, err
	}
	rec := record{line: first.number, text: first.text}
	if first.long {
		rec.bad = "line is longer than 1 MiB"
		return rec, nil
	}
	s := splitter{comma: c.comma}
	if s.add(first.text) {
		rec.fields = s.fields
		return rec, nil
	}
	var more []textLine
	size := len(first.text)
	for len(more) < maxRecordLines {
		line, err := c.lines.next()
		if err != nil { // the end of the file, or an error that comes again
			break
		}
		more = append(more, line)
		if size += len(line.text); line.long || size > maxLine {
			break
		}
		if s.add(line.text) {
			var b strings.Builder
			b.WriteString(first.text)
			for _, l := range more {
				b.WriteByte('\n')
				b.WriteString(l.text)
			}
			rec.fields, rec.text = s.fields, b.String()
			return rec, nil
		}
	}
	c.lines.unread(more)
	rec.bad = "a quote is opened and not closed"
	return rec, nil
}
