package ingest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// Rows alike in every field are one row with a count: the greatest number of times that they stood in one page, which is only ever raised, and makes news of its day.
func TestRowsAlikeAreCounted(t *testing.T) {
	ctx := t.Context()
	db, err := store.Open(ctx, "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	places, err := geo.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 8, 31, 14, 4, 5, 0, time.UTC)
	r := &runner{Options: Options{Geo: places, Now: at.Add(time.Hour), RunID: "r"}}
	land := func(pages ...[]string) (landed int64) {
		t.Helper()
		f := &operationRows{}
		for _, p := range pages {
			f.turn()
			for _, detail := range p {
				if err := f.add(r, &zoom.Operation{Time: at, Operator: "a@example.com", Category: "Recording", Action: "Delete", Detail: detail}, &counts{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		err := db.Tx(ctx, func(tx *store.Tx) error {
			landed, err = f.land(ctx, r, tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return landed
	}
	check := func(what string, landed, wantLanded int64, want ...any) {
		t.Helper()
		var rows struct {
			Detail  []string `col:"detail"`
			Repeats []int64  `col:"repeats"`
			Batch   []int64  `col:"batch"`
		}
		if err := db.Read(ctx, &rows, `SELECT detail, repeats, batch FROM ingest.operations ORDER BY detail`); err != nil {
			t.Fatal(err)
		}
		var got []any
		for i := range rows.Detail {
			got = append(got, rows.Detail[i], rows.Repeats[i], rows.Batch[i])
		}
		if d := cmp.Diff(want, got); d != "" || landed != wantLanded {
			t.Errorf("%s: %d landed, want %d (-want +got):\n%s", what, landed, wantLanded, d)
		}
	}
	i := func(n int) int64 { return int64(n) }
	check("two of one, and one that the next page repeats", land([]string{"x", "x", "y"}, []string{"y", "z"}), 3, "x", i(2), i(1), "y", i(1), i(1), "z", i(1), i(1))
	check("the same again, cut into other pages", land([]string{"x"}, []string{"x", "y", "z"}), 0, "x", i(2), i(1), "y", i(1), i(1), "z", i(1), i(1))
	check("more of one", land([]string{"x", "y", "x", "y", "y"}), 0, "x", i(2), i(1), "y", i(3), i(3), "z", i(1), i(1))
}
