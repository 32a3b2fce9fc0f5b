package zoomtest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// Lengths of a code_verifier, and of a challenge that is one (RFC 7636, section 4.1).
const (
	minVerifier = 43
	maxVerifier = 128
)

// A challenge is what an authorization request commits its token request to (PKCE, RFC 7636). The zero value is none.
type challenge struct {
	Method string `json:"m,omitempty"` // S256 or plain
	Value  string `json:"c,omitempty"`
}

// readChallenge reads the parameters of an authorization request; a challenge without a method is plain. ok is false for what no verifier
// could answer.
func readChallenge(value, method string) (c challenge, ok bool) {
	if value == "" {
		return challenge{}, method == ""
	}
	if method == "" {
		method = "plain"
	}
	switch method {
	case "S256":
		hash, err := base64.RawURLEncoding.Strict().DecodeString(value)
		ok = err == nil && len(hash) == sha256.Size
	case "plain":
		ok = isVerifier(value)
	}
	return challenge{method, value}, ok
}

// meets reports whether a code_verifier answers the challenge. A verifier nobody was asked for is refused as well: the challenge may have
// been stripped on the way (RFC 9700, section 4.8.2).
func (c challenge) meets(verifier string) bool {
	if c.Value == "" || verifier == "" {
		return c.Value == verifier
	}
	if !isVerifier(verifier) {
		return false
	}
	if c.Method == "S256" {
		hash := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(hash[:])
	}
	return subtle.ConstantTimeCompare([]byte(verifier), []byte(c.Value)) == 1
}

func isVerifier(s string) bool {
	if len(s) < minVerifier || len(s) > maxVerifier {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") == ""
}
