package features

import (
	"testing"
	"time"
)

func TestZoneFollowsDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	z := &zone{location: berlin}
	// Daylight saving time began in Germany on 2026-03-29 at 01:00 UTC (Directive 2000/84/EC).
	change := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC).Unix()
	for _, x := range []struct {
		at   int64
		want int32
	}{{change - 1, 3600}, {change, 7200}, {change + 86400, 7200}, {change - 86400*30, 3600}, {change + 86400*250, 3600}, {-1 << 40, 3208}} { // at last local mean time
		if got := z.at(x.at); got != x.want {
			t.Errorf("offset at %d s from the change: %d s, want %d", x.at-change, got, x.want)
		}
	}
	c := clocks{zones: map[uint32]*zone{7: z}}
	if c.offset(7, change) != 7200 || c.offset(8, change) != 0 {
		t.Error("a user without a zone keeps UTC, one with a zone does not")
	}
	utc := &zone{location: time.UTC}
	if utc.at(change) != 0 || utc.at(0) != 0 {
		t.Error("UTC is off")
	}
}
