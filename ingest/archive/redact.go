package archive

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// MaxRaw bounds the text that is kept of a bad row, in bytes.
const MaxRaw = 4 << 10

// What looks like a secret: by the name before it, or by itself (JSON web tokens, authorisation headers).
var (
	secretName  = regexp.MustCompile(`(?i)passw|passcode|secret|token|api.?key|private.?key|authori[sz]ation|cookie|session.?id|credential|one.?time|\botp\b|host.?key`)
	secretField = regexp.MustCompile(`(?i)("?[\w.-]*(?:passw|passcode|secret|token|api[_-]?key|private[_-]?key|authori[sz]ation|cookie|session[_-]?id|credential|\botp\b|host[_-]?key)[\w.-]*"{0,2}\s*[:=]\s*)` +
		`("{1,2}(?:[^"\\]|\\.)*"{0,2}|(?:bearer |basic )?[^\s,;&"}]+)`)
	secretText = regexp.MustCompile(`eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?|(?i)\b(?:bearer|basic) +[\w.~+/=-]{8,}`)
)

const redacted = "[redacted]"

// redact takes out what looks like a secret.
func redact(s string) string {
	return secretText.ReplaceAllString(secretField.ReplaceAllString(s, "${1}"+redacted), redacted)
}

// keep makes the text of a bad row fit to be stored: without secrets, at most MaxRaw bytes, whole characters.
func keep(text string, secrets []string) string {
	text = cut(text, 16*MaxRaw) // redacting first what is cut off afterwards would be slow for the longest lines
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, redacted)
	}
	return cut(redact(text), MaxRaw)
}

func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
