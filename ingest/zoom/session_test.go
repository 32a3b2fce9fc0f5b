package zoom

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestRefreshedOnce checks that of many processes that find the token ended, one refreshes, and the others take what it got.
func TestRefreshedOnce(t *testing.T) {
	s := newConsentServer(t)
	path := filepath.Join(t.TempDir(), "db.tokens")
	if err := s.connect(t, NewTokenFile(path)); err != nil {
		t.Fatal(err)
	}
	s.pass(2 * time.Hour)
	var wg sync.WaitGroup
	for range 8 {
		c := s.client(t, NewTokenFile(path))
		wg.Go(func() {
			if k := c.Check(context.Background()); k.Status != StatusConnected {
				t.Errorf("%s: %v", k.Status, k.Err)
			}
		})
	}
	wg.Wait()
	if s.refreshes != 1 {
		t.Errorf("%d refreshes, want 1", s.refreshes)
	}
}

// TestInterruptedRefresh checks that a run that is interrupted while Zoom answers stores the answer all the same.
func TestInterruptedRefresh(t *testing.T) {
	s := newConsentServer(t)
	store := NewTokenFile(filepath.Join(t.TempDir(), "db.tokens"))
	if err := s.connect(t, store); err != nil {
		t.Fatal(err)
	}
	s.pass(2 * time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	s.onRefresh = cancel
	if k := s.client(t, store).Check(ctx); !errors.Is(k.Err, context.Canceled) {
		t.Errorf("not interrupted: %v", k.Err)
	}
	s.onRefresh = nil
	if k := s.client(t, store).Check(context.Background()); k.Status != StatusConnected || s.refreshes != 1 {
		t.Errorf("%s after %d refreshes: %v", k.Status, s.refreshes, k.Err)
	}
}

// failingStore cannot save.
type failingStore struct {
	*TokenFile
	saves int // that work
}

func (f *failingStore) Save(ctx context.Context, t Tokens) error {
	if f.saves == 0 {
		return errors.New("no space left on device")
	}
	f.saves--
	return f.TokenFile.Save(ctx, t)
}

func TestRefreshThatCannotBeSaved(t *testing.T) {
	s := newConsentServer(t)
	file := NewTokenFile(filepath.Join(t.TempDir(), "db.tokens"))
	if err := s.connect(t, file); err != nil {
		t.Fatal(err)
	}
	s.pass(2 * time.Hour)
	k := s.client(t, &failingStore{file, 0}).Check(t.Context())
	if s.refreshes != 0 || k.Err == nil || IsReconnect(k.Err) || !strings.Contains(k.Err.Error(), "no space left") {
		t.Errorf("%d refreshes with a full disk: %v", s.refreshes, k.Err)
	}
	if k := s.client(t, &failingStore{file, 1}).Check(t.Context()); !IsReconnect(k.Err) {
		t.Errorf("full in between: %v", k.Err)
	}
}

// TestConnectThatCannotBeSaved checks that a full disk shows before Zoom ends the connection that there is.
func TestConnectThatCannotBeSaved(t *testing.T) {
	s := newConsentServer(t)
	file := NewTokenFile(filepath.Join(t.TempDir(), "db.tokens"))
	if err := s.connect(t, file); err != nil {
		t.Fatal(err)
	}
	if err := s.connect(t, &failingStore{file, 0}); err == nil || !strings.Contains(err.Error(), "not tried") || s.issued != 1 {
		t.Errorf("tokens issued %d times: %v", s.issued, err)
	}
	if k := s.client(t, file).Check(t.Context()); k.Status != StatusConnected {
		t.Errorf("%s: %v", k.Status, k.Err)
	}
}

func TestTokenFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "db.tokens")
	f := NewTokenFile(path)
	if _, err := f.Load(t.Context()); !errors.Is(err, ErrNoTokens) {
		t.Errorf("no file: %v", err)
	}
	want := Tokens{Access: NewSecret("acc-tok"), Refresh: NewSecret("ref-tok"), Scopes: []string{"a", "b"}, APIURL: "https://api-eu.zoom.us", Expires: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	if err := f.Save(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, err := f.Load(t.Context())
	if err != nil || got.Access.Reveal() != "acc-tok" || got.Refresh.Reveal() != "ref-tok" || len(got.Scopes) != 2 || got.APIURL != want.APIURL || !got.Expires.Equal(want.Expires) {
		t.Errorf("got %+v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Load(t.Context()); err == nil || !strings.Contains(err.Error(), "chmod 600") || strings.Contains(err.Error(), "tok\"") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if err := f.Save(t.Context(), want); err != nil { // makes it private again
		t.Fatal(err)
	}
	if _, err := f.Load(t.Context()); err != nil {
		t.Error(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := NewTokenFile(link).Load(t.Context()); err == nil {
		t.Error("a link for a file")
	}
	for name, text := range map[string]string{"empty": "", "cut": `{"zoomward_tokens":1,"access_token":"sec`, "foreign": `{"a":1}`, "version": `{"zoomward_tokens":2,"refresh_token":"r"}`,
		"no refresh token": `{"zoomward_tokens":1,"access_token":"secret-a"}`, "large": strings.Repeat("x", maxTokenFile+1)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Load(t.Context()); !IsReconnect(err) || strings.Contains(err.Error(), "sec") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzTokenFile(f *testing.F) {
	for _, s := range []string{`{"zoomward_tokens":1,"access_token":"a","refresh_token":"r","scopes":["x"],"api_url":"","expires_at":"2026-03-01T00:00:00Z"}`, `{}`, `{`, `{"zoomward_tokens":1,"refresh_token":"r"}x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := decodeTokens(text); err == nil && got.Refresh.IsZero() {
			t.Error("no refresh token and no error")
		}
	})
}
