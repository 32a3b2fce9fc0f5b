package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// listKeys are the fields under which a page of an API holds its rows, with the kind that they tell ("" when none).
var listKeys = map[string]Kind{"activity_logs": ZoomActivities, "operation_logs": ZoomOperations, "value": ""}

// value is a row of JSON.
type value struct {
	raw  json.RawMessage
	line int
	page string // key of the page that holds it, "" for none
	bad  string // why it is no JSON, "" when it is
}

// jsonReader reads rows, io.EOF after the last. Another error ends the file.
type jsonReader interface{ next() (value, error) }

// openJSON chooses how to read: one value a line when the first line is one, else as one stream. In the first, a broken line costs itself alone.
func openJSON(b *bufio.Reader) jsonReader {
	head, _ := b.Peek(peekBytes)
	if first := firstByte(head); first == '[' || first == '{' && isPage(head) {
		return newStream(b)
	}
	line := bytes.TrimLeft(head, " \t\r\n")
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	} else if len(head) == peekBytes {
		return newStream(b) // a first line that is longer than any row
	}
	if line = bytes.TrimSpace(line); len(line) > 0 && line[0] == '{' && !json.Valid(line) && line[len(line)-1] != '}' {
		return newStream(b) // goes on after the line
	}
	return &jsonLines{lines: lineReader{r: b, max: maxValue}}
}

func firstByte(head []byte) byte {
	if t := bytes.TrimLeft(head, " \t\r\n"); len(t) > 0 {
		return t[0]
	}
	return 0
}

// isPage says whether the first object of a text holds a list of rows under one of the keys.
func isPage(head []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(head))
	if _, err := dec.Token(); err != nil {
		return false
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return false
		}
		name, _ := key.(string)
		if _, ok := listKeys[name]; ok {
			t, err := dec.Token()
			return err == nil && t == json.Delim('[')
		}
		var skip json.RawMessage
		if dec.Decode(&skip) != nil {
			return false
		}
	}
	return false
}

// jsonLines reads one value a line.
type jsonLines struct {
	lines  lineReader
	queued []value
}

func (j *jsonLines) next() (value, error) {
	for {
		if len(j.queued) > 0 {
			v := j.queued[0]
			j.queued = j.queued[1:]
			return v, nil
		}
		line, err := j.lines.next()
		if err != nil {
			return value{}, err
		}
		raw := bytes.TrimSpace([]byte(line.text))
		switch {
		case len(raw) == 0:
			continue
		case line.long:
			return value{raw: raw, line: line.number, bad: "line is longer than 16 MiB"}, nil
		case !json.Valid(raw):
			return value{raw: raw, line: line.number, bad: "line is no JSON"}, nil
		}
		if rows, ok := unpack(raw, line.number); ok {
			j.queued = rows
			continue
		}
		return value{raw: raw, line: line.number}, nil
	}
}

// unpack returns the rows of a page; ok is false for what is none.
func unpack(raw json.RawMessage, line int) (rows []value, ok bool) {
	found := false
	for key := range listKeys {
		found = found || bytes.Contains(raw, []byte(`"`+key+`"`))
	}
	if !found || raw[0] != '{' {
		return nil, false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil, false
	}
	for _, key := range []string{"activity_logs", "operation_logs", "value"} {
		var list []json.RawMessage
		if f := fields[key]; len(f) == 0 || f[0] != '[' || json.Unmarshal(f, &list) != nil {
			continue
		}
		for _, r := range list {
			rows = append(rows, value{raw: r, line: line, page: key})
		}
		ok = true
	}
	return rows, ok
}

// stream reads lists, pages and objects that follow one another, however they are broken into lines.
type stream struct {
	in     *counting
	dec    *json.Decoder
	depth  []byte // what encloses the next value: '[' a list of rows, '{' a page
	page   string // key of the list in a page
	pages  bool   // top-level objects are pages
	queued []value
}

func newStream(b *bufio.Reader) *stream {
	head, _ := b.Peek(peekBytes)
	in := &counting{r: b}
	return &stream{in: in, dec: json.NewDecoder(in), pages: firstByte(head) == '{' && isPage(head)}
}

func (s *stream) next() (value, error) {
	for {
		if len(s.queued) > 0 {
			v := s.queued[0]
			s.queued = s.queued[1:]
			return v, nil
		}
		s.in.spent = 0
		v, ok, err := s.step()
		if errors.Is(err, io.EOF) && len(s.depth) == 0 {
			return value{}, io.EOF
		}
		if err != nil {
			return value{}, s.broken(err)
		}
		if !ok {
			continue
		}
		if rows, isPage := unpack(v.raw, v.line); isPage {
			s.queued = rows
			continue
		}
		return v, nil
	}
}

// step goes one row or one token on; ok is true when it is a row.
func (s *stream) step() (v value, ok bool, err error) {
	switch {
	case len(s.depth) == 0:
		first, err := s.peek()
		if err != nil {
			return v, false, err
		}
		if first != '[' && !(first == '{' && s.pages) {
			return s.row("")
		}
		if _, err := s.dec.Token(); err != nil {
			return v, false, err
		}
		s.depth = append(s.depth, first)
		return v, false, nil
	case s.depth[len(s.depth)-1] == '[':
		if s.dec.More() {
			return s.row(s.page)
		}
		_, err := s.dec.Token()
		s.depth = s.depth[:len(s.depth)-1]
		s.page = ""
		return v, false, err
	}
	if !s.dec.More() { // the end of a page
		_, err := s.dec.Token()
		s.depth = s.depth[:len(s.depth)-1]
		return v, false, err
	}
	key, err := s.dec.Token()
	if err != nil {
		return v, false, err
	}
	name, _ := key.(string)
	if _, known := listKeys[name]; known {
		t, err := s.dec.Token()
		if t == json.Delim('[') {
			s.depth, s.page = append(s.depth, '['), name
			return v, false, nil
		}
		return v, false, s.skip(t, err)
	}
	var skip json.RawMessage
	return v, false, s.dec.Decode(&skip)
}

// skip reads on to the end of the value that begins with a token.
func (s *stream) skip(t json.Token, err error) error {
	for depth := 0; err == nil; t, err = s.dec.Token() {
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
	return err
}

// peek returns the first byte of the next value at the top.
func (s *stream) peek() (byte, error) {
	s.dec.More() // fills the buffer up to the value
	var first [1]byte
	if n, _ := s.dec.Buffered().Read(first[:]); n == 1 {
		return first[0], nil
	}
	if s.in.err != nil {
		return 0, s.in.err
	}
	return 0, io.EOF
}

func (s *stream) row(page string) (value, bool, error) {
	var raw json.RawMessage
	if err := s.dec.Decode(&raw); err != nil {
		return value{}, false, err
	}
	return value{raw: raw, line: s.in.line(s.dec.InputOffset() - int64(len(raw))), page: page}, true, nil
}

func (s *stream) broken(err error) error {
	line := s.in.line(s.dec.InputOffset())
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, errTooLong):
		return fmt.Errorf("line %d: %w", line, err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("after line %d the file ends in the middle of its JSON", line)
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: the JSON breaks off: %w", line, err)
	}
	return fmt.Errorf("read on after line %d: %w", line, err)
}

var errTooLong = errors.New("a JSON value is longer than 16 MiB")

// counting bounds how much is read for one value, and knows on which line an offset lies.
type counting struct {
	r      io.Reader
	offset int64
	spent  int   // since the last value
	err    error // the first
	lines  int   // ends of lines before the offset that was last asked for
	ends   []int64
}

// Read implements io.Reader.
func (c *counting) Read(p []byte) (int, error) {
	if c.spent > 2*maxValue { // the decoder reads ahead as far as its last value was long
		c.err = errTooLong
		return 0, errTooLong
	}
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.offset+int64(i))
		}
	}
	c.offset += int64(n)
	c.spent += n
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

// line returns the number of the line of an offset, counting from 1. Offsets are asked for in their order.
func (c *counting) line(offset int64) int {
	n := slices.IndexFunc(c.ends, func(end int64) bool { return end >= offset })
	if n < 0 {
		n = len(c.ends)
	}
	c.lines += n
	c.ends = c.ends[n:]
	return c.lines + 1
}
