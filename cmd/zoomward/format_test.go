package main

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseFormats(t *testing.T) {
	for in, want := range map[string][]string{
		"csv": {"csv"}, "csv,json": {"csv", "json"}, " NDJSON , csv,,csv": {"ndjson", "csv"},
	} {
		got, err := parseFormats(in)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("parseFormats(%q): %v %s", in, err, d)
		}
	}
	for _, bad := range []string{"", ",", "xml", "csv,table"} {
		if got, err := parseFormats(bad); err == nil {
			t.Errorf("parseFormats(%q) = %v", bad, got)
		}
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	tab := newTable(&b, "NAME", "N")
	tab.row("a\x1b[2J\nb", "1")
	tab.row("", "22")
	if err := tab.flush(); err != nil {
		t.Fatal(err)
	}
	want := "NAME               N\n" + `a\u001b[2J\u000ab  1` + "\n" + "-                  22\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestSanitize(t *testing.T) {
	if got, want := sanitize("a\x1b[31mb\nc\u202eä漢"), `a\u001b[31mb\u000ac\u202eä漢`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := sanitize("a\xff\U000e0041"), "a\uFFFD\uFFFD"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzSanitize(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b[2J\u202egpj.exe\u0085\u2028\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := sanitize(s)
		if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) || steersTerminal(r) }); i >= 0 || !utf8.ValidString(got) {
			t.Fatalf("sanitize(%q) = %q", s, got)
		}
		if sanitize(got) != got {
			t.Fatalf("sanitize(%q) changes when done twice", s)
		}
	})
}

// However the text is cut into writes, the terminal sees the same, and only line ends are left of what steers it.
func TestTerminalWriter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune{'a', 'ä', '漢', '😀', '\x1b', '\n', '\u202e', '\u0085'})).Draw(rt, "text")
		var b strings.Builder
		w := &terminalWriter{w: &b}
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "cut")
			if got, err := w.Write([]byte(rest[:n])); got != n || err != nil {
				rt.Fatal(got, err)
			}
			rest = rest[n:]
		}
		if d := cmp.Diff(sanitizeLines(text), b.String()); d != "" {
			rt.Fatal(d)
		}
	})
}
