package ingest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func date(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		days           int
		want           []string
	}{
		{"one day", "2026-03-05", "2026-03-05", 29, []string{"2026-03-05 2026-03-05"}},
		{"nothing", "2026-03-06", "2026-03-05", 29, nil},
		{"cut at the end of the month", "2026-01-30", "2026-02-02", 29, []string{"2026-01-30 2026-01-31", "2026-02-01 2026-02-02"}},
		{"a month that fits", "2026-02-01", "2026-02-28", 29, []string{"2026-02-01 2026-02-28"}},
		{"a leap month", "2028-02-01", "2028-02-29", 29, []string{"2028-02-01 2028-02-29"}},
		{"a long month in equal parts", "2026-01-01", "2026-01-31", 29, []string{"2026-01-01 2026-01-16", "2026-01-17 2026-01-31"}},
		{"months where the limit is a month", "2026-01-15", "2026-03-02", 31, []string{"2026-01-15 2026-01-31", "2026-02-01 2026-02-28", "2026-03-01 2026-03-02"}},
		{"across a year", "2025-12-31", "2026-01-01", 29, []string{"2025-12-31 2025-12-31", "2026-01-01 2026-01-01"}},
		{"weeks", "2026-02-20", "2026-03-05", 7, []string{"2026-02-20 2026-02-24", "2026-02-25 2026-02-28", "2026-03-01 2026-03-05"}},
		{"days", "2026-02-27", "2026-03-01", 1, []string{"2026-02-27 2026-02-27", "2026-02-28 2026-02-28", "2026-03-01 2026-03-01"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, w := range windows(date(t, c.from), date(t, c.to).Add(13*time.Hour), c.days) {
				got = append(got, w.From.Format(time.DateOnly)+" "+w.To.Format(time.DateOnly))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestWindowsCoverExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(1_600_000_000, 2_200_000_000).Draw(t, "now"), 0)
		from := oldest(now, rapid.IntRange(1, MaxBackfillMonths).Draw(t, "months"))
		from = from.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "later"))
		limit := rapid.IntRange(1, 31).Draw(t, "limit")
		next := from
		for _, w := range windows(from, now, limit) {
			if !w.From.Equal(next) || w.To.Before(w.From) {
				t.Fatalf("window %v does not follow on %v", w, next)
			}
			if w.From.Month() != w.To.Month() || w.From.Year() != w.To.Year() || w.days() > limit {
				t.Fatalf("window %v leaves its month or is longer than %d days", w, limit)
			}
			next = w.end()
		}
		if want := dayOf(now).Add(day); !next.Equal(want) && !from.Equal(next) {
			t.Fatalf("windows end at %v, want %v", next, want)
		}
		if from.Equal(next) && !from.After(now) {
			t.Fatalf("no window from %v to %v", from, now)
		}
	})
}

// However Zoom counts six months back (a day that the month lacks rolls over, or is cut to the month's last), and if its today is already tomorrow, the oldest
// window is inside.
func TestOldestIsNeverTooOld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(1_600_000_000, 2_200_000_000).Draw(t, "now"), 0).UTC()
		got := oldest(now, MaxBackfillMonths)
		y, m, d := now.Date()
		cut := time.Date(y, m-MaxBackfillMonths+1, 0, 0, 0, 0, 0, time.UTC) // last day of that month
		if cut.Day() > d {
			cut = time.Date(y, m-MaxBackfillMonths, d, 0, 0, 0, 0, time.UTC)
		}
		rolled := dayOf(now).AddDate(0, -MaxBackfillMonths, 0)
		if !got.After(cut) || !got.After(rolled) {
			t.Fatalf("as of %v reads from %v, six months back is %v or %v", now, got, cut, rolled)
		}
		if got.Sub(rolled) > day {
			t.Fatalf("as of %v reads from %v only, six months back is %v", now, got, rolled)
		}
	})
}

func TestWindowDays(t *testing.T) {
	const limit = 28 * day
	for _, c := range []struct {
		users int64
		want  int
	}{{0, 7}, {1, 29}, {1_000, 29}, {1_001, 7}, {50_000, 7}, {50_001, 1}} {
		if got := windowDays(c.users, limit); got != c.want {
			t.Errorf("%d users: %d days, want %d", c.users, got, c.want)
		}
	}
}
