package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// sanitize makes text safe to print: whoever chooses a display name or a client version must not steer the terminal of whoever reads it. Control characters,
// line ends and characters that hide or reorder text become \uXXXX, which inside JSON text is the same character again.
func sanitize(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, steersTerminal) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !steersTerminal(r):
			b.WriteRune(r)
		case r > 0xFFFF: // the tag characters of plane 14 and their like: nobody wants to see them
			b.WriteRune(unicode.ReplacementChar)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// steersTerminal tells control characters (C0, DEL, C1), line separators, and the format characters that hide or reorder text.
func steersTerminal(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// sanitizeLines is sanitize for text of several lines.
func sanitizeLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = sanitize(l)
	}
	return strings.Join(lines, "\n")
}

// isTerminal tells whether a person is looking at what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWriter sanitises everything but line ends on its way to a terminal. Files and pipes get data as it is.
type terminalWriter struct {
	w    io.Writer
	tail []byte // the start of a character whose rest has not come yet
}

// Write implements io.Writer.
func (t *terminalWriter) Write(p []byte) (int, error) {
	text := append(t.tail, p...)
	whole := len(text)
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if b := text[len(text)-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(text[len(text)-i:]) {
				whole -= i
			}
			break
		}
	}
	t.tail = append([]byte(nil), text[whole:]...)
	if _, err := io.WriteString(t.w, sanitizeLines(string(text[:whole]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// data is where a command writes its data.
func (a *app) data() io.Writer {
	if isTerminal(a.stdout) {
		return &terminalWriter{w: a.stdout}
	}
	return a.stdout
}
