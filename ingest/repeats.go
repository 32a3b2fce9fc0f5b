package ingest

import (
	"context"
	"fmt"

	"github.com/zoomward/zoomward/store"
)

// repeated counts rows that are alike in every field. Zoom's reports know nothing finer than a second, so an administrator who deletes the two files of a meeting
// leaves two rows that nothing tells apart. One row lands for them, with how often it stood in one page of a report: pages of a listing that grows meanwhile repeat
// rows of each other, while a page by itself lists every event once.
type repeated struct {
	Repeats []int64 `col:"repeats"`

	at     map[string]int   // row of the frame by its identity
	page   map[string]int64 // how often it came in the page
	alike  int64            // rows that again found to be there
	single bool             // rows do not come in pages, and every one counts once
}

// turn begins a page.
func (p *repeated) turn() { clear(p.page) }

// again notes a row and tells whether the frame holds it already.
func (p *repeated) again(id string) bool {
	if p.single {
		p.Repeats = append(p.Repeats, 1)
		return false
	}
	if p.at == nil {
		p.at, p.page = map[string]int{}, map[string]int64{}
	}
	p.page[id]++
	i, ok := p.at[id]
	if ok {
		p.alike++
		p.Repeats[i] = max(p.Repeats[i], p.page[id])
		return true
	}
	p.at[id] = len(p.Repeats)
	p.Repeats = append(p.Repeats, 1)
	return false
}

// raiseRepeats raises the count of rows that landed before and now come more often. Those are news of their day, hence of the batch.
func raiseRepeats(ctx context.Context, tx *store.Tx, f looseFeed, ids []string, repeats []int64, batch int64) error {
	var rows struct {
		ID      []string `col:"row_id"`
		Repeats []int64  `col:"repeats"`
	}
	for i, n := range repeats {
		if n > 1 {
			rows.ID, rows.Repeats = append(rows.ID, ids[i]), append(rows.Repeats, n)
		}
	}
	if len(rows.ID) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE zoomward_repeats (row_id VARCHAR, repeats BIGINT)`); err != nil {
		return fmt.Errorf("count rows alike: %w", err)
	}
	if _, err := tx.Append(ctx, "zoomward_repeats", rows); err != nil {
		return fmt.Errorf("count rows alike: %w", err)
	}
	_, err := tx.Exec(ctx, `UPDATE `+f.table+` AS t SET repeats = r.repeats, batch = ? FROM zoomward_repeats AS r WHERE t.`+f.key+` = r.row_id AND r.repeats > t.repeats`, batch)
	if err != nil {
		return fmt.Errorf("count rows alike: %w", err)
	}
	return nil
}
