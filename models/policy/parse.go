package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxFile bounds a file, in bytes: the queries of people are a few thousand.
const maxFile = 128 << 10

// Parse reads a policy: a comment that holds the head between lines of ---, then one statement. file names it in errors. What the statement means is found out by Check.
func Parse(file string, raw []byte) (Policy, error) {
	p, err := parse(raw)
	if err != nil {
		return Policy{File: file}, fmt.Errorf("policy %s: %w", file, err)
	}
	sum := sha256.Sum256(raw)
	p.File, p.Digest = file, hex.EncodeToString(sum[:8])
	return p, nil
}

func parse(raw []byte) (Policy, error) {
	var p Policy
	switch {
	case len(raw) > maxFile:
		return p, fmt.Errorf("is larger than %d bytes", maxFile)
	case !utf8.Valid(raw):
		return p, errors.New("is not UTF-8 text")
	case strings.ContainsRune(string(raw), 0):
		return p, errors.New("holds a zero byte: it is no text")
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(raw), "\ufeff"), "\r\n", "\n")
	head, sql, line, err := split(text)
	if err != nil {
		return p, err
	}
	if err := readHead(head, 2, &p); err != nil {
		return p, err
	}
	end, err := lastToken(sql)
	if err != nil {
		return p, err
	}
	if p.SQL = sql[:end]; end == 0 {
		return p, errors.New("has no statement after its head: it needs one SELECT")
	}
	p.line = line
	return p, nil
}

// split takes a file apart. It begins with "/*" and "---" on lines of their own, so that DuckDB and every editor see a comment; the head ends with "---" and "*/".
func split(text string) (head, sql string, line int, err error) {
	const form = `it begins with a line "/*", a line "---", the head in YAML, a line "---" and a line "*/"`
	rest, ok := strings.CutPrefix(text, "/*\n---\n")
	if !ok {
		return "", "", 0, errors.New("has no head: " + form)
	}
	head, sql, ok = strings.Cut(rest, "---\n*/")
	if !ok || head != "" && !strings.HasSuffix(head, "\n") {
		return "", "", 0, errors.New("its head has no end: " + form)
	}
	if strings.Contains(head, "*/") || strings.Contains(head, "/*") { // DuckDB nests comments
		return "", "", 0, errors.New(`its head holds "/*" or "*/", which would end the comment or begin another: leave it out`)
	}
	return head, sql, strings.Count(text[:len(text)-len(sql)], "\n") + 1, nil
}

// lastToken returns where the last token of a statement ends: what follows, comments and semicolons, would be in the way of a statement around it. It knows the texts,
// names and comments of SQL, as a semicolon in one of them ends nothing.
func lastToken(s string) (end int, err error) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ';' || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			i++
		case strings.HasPrefix(s[i:], "--"):
			n := strings.IndexByte(s[i:], '\n')
			if n < 0 {
				return end, nil
			}
			i += n
		case strings.HasPrefix(s[i:], "/*"):
			n := comment(s[i:])
			if n < 0 {
				return 0, errors.New("a comment has no end: write */ behind it")
			}
			i += n
		case c == '\'' || c == '"':
			n := strings.IndexByte(s[i+1:], c)
			if n < 0 {
				return 0, fmt.Errorf("a %c has no end", c)
			}
			i += n + 2
			end = i
		case strings.HasPrefix(s[i:], "$$"):
			return 0, errors.New("texts in $$ are not read: write them in '...'")
		default:
			i++
			end = i
		}
	}
	return end, nil
}

// comment returns the length of the comment that s begins with, with those nested in it; -1 for one without an end.
func comment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
