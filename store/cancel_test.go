package store_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A transaction that is cancelled at any moment leaves the connection usable: the next statement is not inside it.
func TestCancelledTransactionLeavesNothingOpen(t *testing.T) {
	db, err := store.Open(t.Context(), "", store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		stop := time.AfterFunc(time.Duration(rand.IntN(700))*time.Microsecond, cancel)
		_ = db.Tx(ctx, func(tx *store.Tx) error {
			for range 3 {
				if _, err := tx.Exec(ctx, `INSERT INTO models.triage (alert_id, status, note, set_at) VALUES ('a', 'benign', NULL, TIMESTAMP '2026-01-01')`); err != nil {
					return err
				}
			}
			return nil
		})
		stop.Stop()
		cancel()
		var n int
		if err := db.Row(t.Context(), `SELECT count(*) FROM models.triage`).Scan(&n); err != nil || n%3 != 0 {
			t.Fatalf("after transaction %d: %d rows, %v", i, n, err)
		}
		if _, err := db.Exec(t.Context(), `BEGIN TRANSACTION`); err != nil {
			t.Fatalf("after transaction %d: %v", i, err)
		}
		if _, err := db.Exec(t.Context(), `ROLLBACK`); err != nil {
			t.Fatal(err)
		}
	}
}
