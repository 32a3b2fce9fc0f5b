package archive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// peekBytes of a file are looked at before the first row, for what it is.
const peekBytes = 256 << 10

// plain returns the text of a file: unpacked when it is gzip, in UTF-8 when it is UTF-16, without byte order mark.
func plain(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, peekBytes)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		b = bufio.NewReaderSize(z, peekBytes)
	}
	head, err := b.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return nil, fmt.Errorf("read: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, err = b.Discard(3)
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), wide(head, 1):
		b = bufio.NewReaderSize(&utf16Reader{r: b}, peekBytes)
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}), wide(head, 0):
		b = bufio.NewReaderSize(&utf16Reader{r: b, bigEndian: true}, peekBytes)
	default:
		err = nil
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b, err
}

// wide says whether text without a byte order mark is UTF-16 whose bytes at even (0) or odd (1) places are zero, as those of Latin letters are.
func wide(head []byte, odd int) bool {
	if len(head) < 4 {
		return false
	}
	zero := [2]int{}
	for i, c := range head {
		if c == 0 {
			zero[i%2]++
		}
	}
	return zero[odd] > len(head)/4 && zero[1-odd] == 0
}

// utf16Reader turns UTF-16 into UTF-8. Lone surrogates become U+FFFD; a byte order mark is dropped wherever it stands.
type utf16Reader struct {
	r         *bufio.Reader
	bigEndian bool
	out       []byte
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if err := u.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) fill() error {
	u.out = u.out[:0]
	for range 2048 {
		c, err := u.unit()
		if err != nil {
			if len(u.out) > 0 {
				return nil
			}
			return err
		}
		r := rune(c)
		if utf16.IsSurrogate(r) {
			next, err := u.unit()
			if err == nil {
				if r = utf16.DecodeRune(r, rune(next)); r == utf8.RuneError {
					u.out = utf8.AppendRune(u.out, r)
					if r = rune(next); utf16.IsSurrogate(r) {
						r = utf8.RuneError
					}
				}
			} else {
				r = utf8.RuneError
			}
		}
		if r != 0xFEFF {
			u.out = utf8.AppendRune(u.out, r)
		}
	}
	return nil
}

func (u *utf16Reader) unit() (uint16, error) {
	a, err := u.r.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := u.r.ReadByte()
	if err != nil {
		return 0, err
	}
	if u.bigEndian {
		a, b = b, a
	}
	return uint16(a) | uint16(b)<<8, nil
}

// decode makes UTF-8 of a line that is not: spreadsheets write the code page of their machine, Windows-1252 more often than not. The few characters in
// which that differs from Latin-1 (quotes, dashes) become U+FFFD.
func decode(line []byte) string {
	if utf8.Valid(line) {
		return string(line)
	}
	var b strings.Builder
	for _, c := range line {
		if c >= 0x80 && c < 0xA0 {
			b.WriteRune(utf8.RuneError)
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}
