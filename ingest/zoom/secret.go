package zoom

import (
	"bytes"
	"fmt"
	"log/slog"
)

const redacted = "REDACTED"

// redact takes secrets out of text that came back: a gateway may echo the request.
func redact(text []byte, secrets ...string) []byte {
	for _, s := range secrets {
		if s != "" {
			text = bytes.ReplaceAll(text, []byte(s), []byte(redacted))
		}
	}
	return text
}

// Secret holds a credential that no formatter, logger or encoder can print: each shows REDACTED. The zero Secret is empty.
//
// The text sits behind a pointer because fmt ignores methods on unexported fields and would otherwise print it there.
type Secret struct{ text *string }

// NewSecret wraps a credential. An empty text gives the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// IsZero reports whether there is no credential.
func (s Secret) IsZero() bool { return s.text == nil }

// Reveal returns the credential itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String returns REDACTED, or nothing for the zero Secret.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// Format prints String for every verb, also for those that fmt does not ask a Stringer for.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText redacts in JSON, YAML and every other encoder that asks for text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON redacts.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// UnmarshalText reads the credential, so that it can come from a file.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
