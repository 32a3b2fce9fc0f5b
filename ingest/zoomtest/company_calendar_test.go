package zoomtest

import (
	"math"
	"testing"
	"time"
)

func date(y int, m time.Month, d int) int { return dayNumber(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) }

// Dates of Easter: U.S. Census Bureau, "Easter Dates from 1600 to 2099".
func TestEasterSunday(t *testing.T) {
	for year, want := range map[int]int{2000: date(2000, 4, 23), 2008: date(2008, 3, 23), 2011: date(2011, 4, 24), 2024: date(2024, 3, 31), 2025: date(2025, 4, 20), 2026: date(2026, 4, 5)} {
		if got := easterSunday(year); got != want {
			t.Errorf("Easter %d is %s, want %s", year, dayTime(got), dayTime(want))
		}
	}
}

func TestHolidays(t *testing.T) {
	from, to := date(2026, 1, 1), date(2026, 12, 31)
	for _, tt := range []struct {
		country string
		day     int
		want    bool
	}{
		{"US", date(2026, 11, 26), true}, // Thanksgiving
		{"US", date(2026, 11, 19), false},
		{"US", date(2026, 7, 4), true},
		{"DE", date(2026, 4, 6), true}, // Easter Monday
		{"DE", date(2026, 4, 3), true}, // Good Friday
		{"FR", date(2026, 4, 3), false},
		{"JP", date(2026, 12, 25), false},
	} {
		if got := holidays(tt.country, from, to)[tt.day]; got != tt.want {
			t.Errorf("%s %s: holiday %v, want %v", tt.country, dayTime(tt.day).Format(time.DateOnly), got, tt.want)
		}
	}
	if got := weekday(date(2026, 11, 23)); got != time.Monday {
		t.Errorf("2026-11-23 is a %s, want Monday", got)
	}
	if !quarterEnd(date(2026, 9, 28)) || quarterEnd(date(2026, 9, 20)) || quarterEnd(date(2026, 8, 30)) {
		t.Error("quarter ends are wrong")
	}
}

// 5,570 km is the usual figure for London to New York.
func TestKilometres(t *testing.T) {
	if got := kilometres(2, 0); math.Abs(got-5570) > 20 {
		t.Errorf("London to New York is %.0f km, want 5570", got)
	}
	if got := kilometres(3, 3); got != 0 {
		t.Errorf("distance to itself is %f", got)
	}
}

func TestStamp(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2019, 9, 15, 19, 13, 41, 0, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		if got, want := stamp(at.Unix()), at.Format(time.RFC3339); got != want {
			t.Errorf("stamp is %s, want %s", got, want)
		}
	}
}
