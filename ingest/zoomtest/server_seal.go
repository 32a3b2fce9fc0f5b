package zoomtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

var (
	errSealBroken  = errors.New("sealed token is not ours")
	errSealExpired = errors.New("sealed token has expired")
)

// A sealer makes opaque tokens that carry their own expiry and content, encrypted and bound to a purpose. The server therefore
// remembers nothing per token, however many are asked for, and can still tell an expired one from a made-up one.
type sealer struct {
	aead cipher.AEAD
	now  func() time.Time
}

// newSealer draws a key of its own: tokens of another server, or of this one before a restart, are broken here.
func newSealer(now func() time.Time) (*sealer, error) {
	var key [32]byte
	_, _ = rand.Read(key[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("make token cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make token cipher: %w", err)
	}
	return &sealer{aead: aead, now: now}, nil
}

// seal makes a token for content that lives for ttl.
func (s *sealer) seal(purpose string, ttl time.Duration, content []byte) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(s.now().Add(ttl).UnixNano()))
	plain = append(plain, content...)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, []byte(purpose)))
}

// open returns the content of a token sealed for the same purpose and when it ends: errSealBroken for a foreign one, errSealExpired, with the
// content, for an old one.
func (s *sealer) open(purpose, token string) (content []byte, expires time.Time, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, time.Time{}, errSealBroken
	}
	plain, err := s.aead.Open(nil, nil, raw, []byte(purpose))
	if err != nil || len(plain) < 8 {
		return nil, time.Time{}, errSealBroken
	}
	expires = time.Unix(0, int64(binary.BigEndian.Uint64(plain)))
	if !s.now().Before(expires) {
		return plain[8:], expires, errSealExpired
	}
	return plain[8:], expires, nil
}
