package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/models"
)

func TestParseLeavers(t *testing.T) {
	day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ name, text, fails string }{
		{"plain", "email,last_day\nA@example.com,2026-11-30\n", ""},
		{"other columns, other order, a byte order mark", "\ufeffLast_Day,name,Email\n2026-11-30,A,a@example.com\n", ""},
		{"empty", "", "the file is empty"},
		{"no header", "a@example.com,2026-11-30\n", "column email is missing"},
		{"no date", "email,last_day\na@example.com,30.11.2026\n", `line 2: last_day "30.11.2026" is not a date`},
		{"no address", "email,last_day\n\nsomebody,2026-11-30\n", `line 3: email "somebody" is no address`},
		{"a row too short", "email,last_day\na@example.com\n", "wrong number of fields"},
	} {
		got, err := parseLeavers(strings.NewReader(tt.text))
		if tt.fails != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.fails)
			}
			continue
		}
		if d := cmp.Diff([]models.Leaver{{Email: "a@example.com", LastDay: day}}, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", tt.name, err, d)
		}
	}
}

func FuzzParseLeavers(f *testing.F) {
	for _, s := range []string{"", "email,last_day\n", "email,last_day\na@b.c,2026-01-31\n", "\"email\",last_day,x\n\"a\nb@c\",2026-01-31,\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		leavers, err := parseLeavers(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, l := range leavers {
			if !strings.Contains(l.Email, "@") || l.Email != strings.ToLower(l.Email) {
				t.Errorf("%+v of %q", l, text)
			}
		}
	})
}
