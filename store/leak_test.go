//go:build linux

package store

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

// residentKiB returns how much memory the process holds, C memory too.
func residentKiB(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * (os.Getpagesize() / 1024)
}

// TestLandDoesNotLeak lands the same batch of about 160 KB again and again. The driver keeps every batch it was shown for ever, unless withView drops the last
// reference to it: then each landing grows the process by 250 KiB or so, 75 MB over this test.
func TestLandDoesNotLeak(t *testing.T) {
	const (
		warmUp   = 100
		landings = 300
		limitKiB = 30 << 10
	)
	ctx := context.Background()
	db := exportDB(t, `CREATE TABLE models.leak (id VARCHAR, n BIGINT, x DOUBLE)`)
	var rows struct {
		ID []string  `col:"id"`
		N  []int64   `col:"n"`
		X  []float64 `col:"x"`
	}
	for i := range 2500 {
		rows.ID = append(rows.ID, fmt.Sprintf("%06d%s", i, strings.Repeat("x", 42)))
		rows.N = append(rows.N, int64(i))
		rows.X = append(rows.X, float64(i))
	}
	land := func(times int) {
		t.Helper()
		for range times {
			err := db.Tx(ctx, func(tx *Tx) error {
				_, err := tx.Land(ctx, "models.leak", "id", rows) // all but the first time the rows are there already
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	land(warmUp)
	before := residentKiB(t)
	land(landings)
	after := residentKiB(t)
	t.Logf("%d KiB before, %d KiB after %d landings: %+.1f KiB each", before, after, landings, float64(after-before)/landings)
	if after-before > limitKiB {
		t.Errorf("%d landings grew the process by %d KiB, want at most %d", landings, after-before, limitKiB)
	}
}
