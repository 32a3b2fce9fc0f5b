package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line of CSV, maxValue a JSON value and a line of NDJSON. An operation's detail is at most 64 KiB as far as it is read; a page of the Graph API
// holds 1,000 sign-ins of some 5 KB.
const (
	maxLine  = 1 << 20
	maxValue = 16 << 20
)

// textLine is a line without its end.
type textLine struct {
	text   string
	number int  // counts from 1
	long   bool // longer than the bound: text is its beginning
}

// lineReader reads lines of bounded length.
type lineReader struct {
	r      *bufio.Reader
	max    int
	number int
	back   []textLine // to be read again
}

// next returns the next line, io.EOF after the last.
func (l *lineReader) next() (textLine, error) {
	if n := len(l.back); n > 0 {
		line := l.back[0]
		l.back = l.back[1:]
		return line, nil
	}
	var text []byte
	long, got := false, false
	for {
		part, err := l.r.ReadSlice('\n')
		got = got || len(part) > 0
		if room := l.max - len(text); len(part) > room {
			long = true
			text = append(text, part[:max(room, 0)]...)
		} else {
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && !got:
			return textLine{}, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return textLine{}, fmt.Errorf("read line %d: %w", l.number+1, err)
		}
		l.number++
		for n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r') && !long; n = len(text) {
			text = text[:n-1]
		}
		return textLine{decode(text), l.number, long}, nil
	}
}

// unread puts lines back, in their order.
func (l *lineReader) unread(lines []textLine) {
	l.back = append(append([]textLine(nil), lines...), l.back...)
}
