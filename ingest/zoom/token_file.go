package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// tokenFileVersion is the layout of a token file.
const tokenFileVersion = 1

// maxTokenFile bounds the file: Zoom's tokens are under 2 KiB each, and an app has some dozens of scopes.
const maxTokenFile = 64 << 10

// tokenText is what stands in the file: the one place where tokens are written out.
type tokenText struct {
	Version int       `json:"zoomward_tokens"`
	Access  string    `json:"access_token"`
	Refresh string    `json:"refresh_token"`
	Scopes  []string  `json:"scopes"`
	APIURL  string    `json:"api_url"`
	Expires time.Time `json:"expires_at"`
}

// TokenFile is a TokenStore in a file that only its owner may read. Several processes may share it.
type TokenFile struct{ path string }

// NewTokenFile returns the token file at path. Nothing is made before it is needed; path.lock stands beside it.
func NewTokenFile(path string) *TokenFile { return &TokenFile{path} }

// Load reads the file. One that others can read is refused: what stands in it may be known by then.
func (f *TokenFile) Load(context.Context) (Tokens, error) {
	info, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return Tokens{}, ErrNoTokens
	}
	if err != nil {
		return Tokens{}, fmt.Errorf("read tokens: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Tokens{}, fmt.Errorf("read tokens: %s is not a regular file: remove it and connect again", f.path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Tokens{}, fmt.Errorf("read tokens: %s has mode %04o and others can read it: chmod 600 %s, or connect again if somebody did", f.path, info.Mode().Perm(), f.path)
	}
	text, err := readSmall(f.path, maxTokenFile)
	if errors.Is(err, errFileTooLarge) {
		return Tokens{}, &ReconnectError{err}
	}
	if err != nil {
		return Tokens{}, fmt.Errorf("read tokens: %w", err)
	}
	t, err := decodeTokens(text)
	if err != nil {
		return Tokens{}, &ReconnectError{fmt.Errorf("%s: %w", f.path, err)}
	}
	return t, nil
}

// decodeTokens reads a token file. Its errors quote nothing of it.
func decodeTokens(text []byte) (Tokens, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var v tokenText
	if err := dec.Decode(&v); err != nil || dec.More() || v.Version != tokenFileVersion || v.Refresh == "" {
		return Tokens{}, errors.New("the file is damaged or not one of tokens")
	}
	return Tokens{NewSecret(v.Access), NewSecret(v.Refresh), v.Scopes, v.APIURL, v.Expires.UTC()}, nil
}

// Save replaces the file as a whole, flushed to disk. The caller holds the lock.
func (f *TokenFile) Save(_ context.Context, t Tokens) error {
	text, err := json.Marshal(tokenText{tokenFileVersion, t.Access.Reveal(), t.Refresh.Reveal(), t.Scopes, t.APIURL, t.Expires.UTC()})
	if err != nil {
		return fmt.Errorf("write tokens: %w", err)
	}
	if err := writeDurably(f.path, append(text, '\n')); err != nil {
		return fmt.Errorf("write tokens: %w", err)
	}
	return nil
}

// Lock implements TokenStore with a lock of the operating system, which ends with the process. It removes what a process left that died while it saved.
func (f *TokenFile) Lock(ctx context.Context) (func(), error) {
	unlock, err := lockFile(ctx, f.path)
	if err != nil {
		return nil, err
	}
	if err := removeUnfinished(f.path); err != nil {
		unlock()
		return nil, fmt.Errorf("remove tokens of a process that died: %w", err)
	}
	return unlock, nil
}

// Remove deletes the file. Its lock stays: another process may wait for it.
func (f *TokenFile) Remove() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove tokens: %w", err)
	}
	return nil
}
