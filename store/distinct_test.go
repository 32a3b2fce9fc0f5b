package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type distinctName string

// TestLandKeepsTheFirst lands rows with equal keys of every type that can be a key, more of them than DuckDB is shown at a time.
func TestLandKeepsTheFirst(t *testing.T) {
	const rows, keys = landChunk + 10, 1000
	ctx := context.Background()
	db := exportDB(t, `CREATE TABLE models.first (name VARCHAR, n BIGINT, at TIMESTAMP, day DATE, nth BIGINT)`)
	var in struct {
		Name []distinctName `col:"name"`
		N    []int64        `col:"n"`
		At   []time.Time    `col:"at"`
		Day  []time.Time    `col:"day,date"`
		Nth  []int64        `col:"nth"`
	}
	for i := range rows {
		k := i * 7 % keys
		in.Name = append(in.Name, distinctName(strings.Repeat("k", k)))
		in.N = append(in.N, int64(k))
		in.At = append(in.At, time.UnixMicro(int64(k)).Add(time.Duration(i%1000))) // DuckDB keeps no nanoseconds
		in.Day = append(in.Day, time.Unix(int64(k)*secondsPerDay+int64(i%secondsPerDay), 0))
		in.Nth = append(in.Nth, int64(i))
	}
	for _, key := range []string{"name", "n", "at", "day"} {
		err := db.Tx(ctx, func(tx *Tx) error {
			if _, err := tx.Exec(ctx, `DELETE FROM models.first`); err != nil {
				return err
			}
			for _, want := range []int64{keys, 0} {
				if n, err := tx.Land(ctx, "models.first", key, in); n != want || err != nil {
					t.Errorf("key %s: landed %d, %v; want %d", key, n, err, want)
				}
			}
			var got struct {
				Nth []int64 `col:"nth"`
			}
			if err := tx.Read(ctx, &got, `SELECT nth FROM models.first ORDER BY nth`); err != nil {
				return err
			}
			if d := cmp.Diff(in.Nth[:keys], got.Nth); d != "" {
				t.Errorf("key %s: not the first rows:\n%.500s", key, d)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"nope", "flag"} {
		err := db.Tx(ctx, func(tx *Tx) error {
			_, err := tx.Land(ctx, "models.first", key, struct {
				Flag []bool `col:"flag"`
			}{[]bool{true}})
			return err
		})
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("key %s: error %v", key, err)
		}
	}
}
