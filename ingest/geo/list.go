package geo

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a list file.
const (
	maxListBytes   = 256 << 20
	maxListEntries = 8 << 20 // addresses and networks: 64 MB of IPv4 or 256 MB of IPv6
	maxLine        = 4096    // bytes; a longer line is a bad one
	keptProblems   = 20      // bad lines of one file that are kept word for word; all are counted
	// maxBadShare is the share of bad lines above which a file is no list. Well-kept lists have none, a saved web page has little else.
	maxBadShare = 0.1
)

// Problem is a line of a list that was passed over.
type Problem struct {
	File   string
	Line   int // from 1
	Reason string
}

func (p Problem) String() string { return fmt.Sprintf("%s line %d: %s", p.File, p.Line, p.Reason) }

// listContent is what a list file holds.
type listContent struct {
	addrs    ranges
	asns     []uint32  // sorted, each once
	entries  int       // good lines
	bad      int       // bad lines
	problems []Problem // the first of them
}

// readAddresses reads a list of addresses and networks, one a line: an address (a port after it is passed over), a CIDR, or first-last. What follows the first
// space, tab, comma, semicolon or bar is passed over, so are quotes around it, lines that start with # or ; and one line of column names at the top.
func readAddresses(name string, r io.Reader) (*listContent, error) {
	return readList(name, r, func(c *listContent, token string) error {
		first, last, err := parseRange(token)
		if err == nil {
			c.addrs.add(first, last)
		}
		return err
	})
}

// readASNs reads a list of autonomous system numbers, one a line: 64500 or AS64500. What follows is passed over as in readAddresses.
func readASNs(name string, r io.Reader) (*listContent, error) {
	return readList(name, r, func(c *listContent, token string) error {
		n, err := parseASN(token)
		if err == nil {
			c.asns = append(c.asns, n)
		}
		return err
	})
}

func readList(name string, r io.Reader, take func(*listContent, string) error) (*listContent, error) {
	c := &listContent{}
	in := bufio.NewReaderSize(io.LimitReader(r, maxListBytes+1), maxLine)
	read, heading := 0, 0
	for line := 1; ; line++ {
		text, err := in.ReadSlice('\n')
		read += len(text)
		token, comment := firstField(string(text), line == 1)
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			var more []byte
			more, err = in.ReadSlice('\n')
			read += len(more)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read list %s: %w", name, err)
		}
		if read > maxListBytes {
			return nil, fmt.Errorf("read list %s: it is larger than %d MB: split it", name, maxListBytes>>20)
		}
		switch {
		case comment:
		case tooLong:
			c.complain(Problem{name, line, fmt.Sprintf("longer than %d bytes", maxLine)})
		default:
			badLine := take(c, token)
			switch {
			case badLine == nil:
				c.entries++
			case c.entries+c.bad+heading == 0 && isHeading(token):
				heading++
			default:
				c.complain(Problem{name, line, badLine.Error()})
			}
		}
		if c.entries > maxListEntries {
			return nil, fmt.Errorf("read list %s: it has more than %d entries: split it", name, maxListEntries)
		}
		if err != nil { // the end
			break
		}
	}
	if err := c.check(name, read, heading); err != nil {
		return nil, err
	}
	c.addrs.seal()
	slices.Sort(c.asns)
	c.asns = slices.Clip(slices.Compact(c.asns))
	return c, nil
}

// check refuses what is no list. A list that has comments alone is one without entries; an empty file and a web page are not.
func (c *listContent) check(name string, read, heading int) error {
	switch total := c.entries + c.bad; {
	case read == 0:
		return fmt.Errorf("read list %s: the file is empty: get it again, or leave it out", name)
	case c.bad > 0 && (c.entries == 0 || float64(c.bad) > maxBadShare*float64(total)):
		return fmt.Errorf("read list %s: %d of %d lines are not what such a list holds (line %d: %s): is it the right file, and not a page that says why there is none?",
			name, c.bad, total, c.problems[0].Line, c.problems[0].Reason)
	case total == 0 && heading > 0:
		return fmt.Errorf("read list %s: its only line is no entry: is it the right file?", name)
	}
	return nil
}

func (c *listContent) complain(p Problem) {
	if c.bad++; len(c.problems) < keptProblems {
		c.problems = append(c.problems, p)
	}
}

// firstField returns what a line is about, and whether the line is blank or a comment.
func firstField(line string, atTop bool) (token string, comment bool) {
	if atTop {
		line = strings.TrimPrefix(line, "\uFEFF") // a byte order mark
	}
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || line[0] == ';' {
		return "", true
	}
	if i := strings.IndexAny(line, " \t,;|#"); i >= 0 {
		line = line[:i]
	}
	return strings.Trim(line, `"'`), false
}

// isHeading tells a name of a column from an entry that is written badly, and from a web page.
func isHeading(token string) bool {
	for _, c := range token {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' {
			return false
		}
	}
	return token != ""
}

var errNoAddress = errors.New("no address, CIDR or first-last")

// parseRange reads 192.0.2.1, 192.0.2.1:8080, [2001:db8::1]:8080, 192.0.2.0/24 or 192.0.2.1-192.0.2.9.
func parseRange(s string) (first, last netip.Addr, err error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return first, last, errNoAddress
		}
		if p = unmapPrefix(p); !p.IsValid() {
			return first, last, errNoAddress
		}
		if p.Bits() == 0 {
			return first, last, errors.New("holds every address there is")
		}
		return p.Masked().Addr(), lastOf(p), nil
	}
	if a, b, ok := strings.Cut(s, "-"); ok {
		first, last = Parse(a), Parse(b)
		if !first.IsValid() || !last.IsValid() || first.Is4() != last.Is4() {
			return first, last, errNoAddress
		}
		if last.Less(first) {
			return first, last, errors.New("the first address is after the last")
		}
		return first, last, nil
	}
	a := Parse(s)
	if !a.IsValid() {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return first, last, errNoAddress
		}
		a = ap.Addr().Unmap().WithZone("")
	}
	return a, a, nil
}

// unmapPrefix turns a network of IPv4 addresses written as IPv6 (::ffff:192.0.2.0/120) into one of IPv4; the invalid one when it is wider than that.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if !p.Addr().Is4In6() {
		return p
	}
	if p.Bits() < 96 {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
}

// parseASN reads 64500 or AS64500.
func parseASN(s string) (uint32, error) {
	digits := s
	if len(s) > 2 && strings.EqualFold(s[:2], "AS") {
		digits = s[2:]
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || n == 0 {
		return 0, errors.New("no number of an autonomous system")
	}
	return uint32(n), nil
}
