package archive

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzzKind reads whatever comes as one kind: it must end, keep its bounds, and hand out rows that are what they say.
func fuzzKind(f *testing.F, kind Kind) {
	seeds, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
			return // the library's own matter
		}
		a, err := Open(bytes.NewReader(raw), Options{Kind: kind, Zone: zone})
		if err != nil {
			return
		}
		if a.Kind() != kind {
			t.Fatalf("asked for %s, got %s", kind, a.Kind())
		}
		line := 0
		for n := 0; ; n++ {
			row, err := a.Next()
			if err != nil {
				if again, _ := a.Next(); again.Line != 0 {
					t.Fatal("a row after the end")
				}
				if !errors.Is(err, io.EOF) && strings.ContainsAny(err.Error(), "\n") {
					t.Fatalf("error of several lines: %q", err)
				}
				return
			}
			if n > len(raw) {
				t.Fatalf("%d rows out of %d bytes", n, len(raw))
			}
			if row.Line < line || row.Line < 1 {
				t.Fatalf("line %d after line %d", row.Line, line)
			}
			line = row.Line
			if text := row.Raw(); len(text) > MaxRaw || !utf8.ValidString(text) {
				t.Fatalf("raw text of %d bytes, valid: %v", len(text), utf8.ValidString(text))
			}
			if row.Bad != "" || row.Skip != SkipNone {
				continue
			}
			at := row.Activity.Time
			switch kind {
			case ZoomOperations:
				at = row.Operation.Time
			case Okta, Entra:
				if at = row.SignIn.Time; row.SignIn.User == "" || row.SignIn.Provider != string(kind) {
					t.Fatalf("sign-in %+v", row.SignIn)
				}
			}
			if at.Location() != time.UTC || !row.Alt.IsZero() && !row.Alt.After(at) {
				t.Fatalf("time %v, or %v", at, row.Alt)
			}
		}
	})
}

func FuzzZoomActivities(f *testing.F) { fuzzKind(f, ZoomActivities) }
func FuzzZoomOperations(f *testing.F) { fuzzKind(f, ZoomOperations) }
func FuzzOkta(f *testing.F)           { fuzzKind(f, Okta) }
func FuzzEntra(f *testing.F)          { fuzzKind(f, Entra) }
