package features

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A Position is how far the fold has come: every day up to Through is scored for good, from rows of landing batches up to Batch.
type Position struct {
	Through int64 // days since 1970; 0 before the first fold
	Batch   int64
	Config  string // fingerprint of what the scores depend on besides the rows
}

// ReadPosition reads the fold's position; the zero value before the first fold.
func ReadPosition(ctx context.Context, q store.Querier) (Position, error) {
	var rows struct {
		Through []time.Time `col:"through,date"`
		Batch   []int64     `col:"batch"`
		Config  []string    `col:"config"`
	}
	if err := q.Read(ctx, &rows, `SELECT through, batch, config FROM meta.fold`); err != nil {
		return Position{}, fmt.Errorf("read the fold's position: %w", err)
	}
	if len(rows.Batch) == 0 || rows.Through[0].IsZero() {
		return Position{}, nil
	}
	return Position{DayNumber(rows.Through[0]), rows.Batch[0], rows.Config[0]}, nil
}

// Write replaces the fold's position.
func (p Position) Write(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM meta.fold`); err != nil {
		return fmt.Errorf("write the fold's position: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO meta.fold VALUES (?, ?, ?)`, DayTime(p.Through), p.Batch, p.Config); err != nil {
		return fmt.Errorf("write the fold's position: %w", err)
	}
	return nil
}

// Landed says which days have rows that a fold must look at.
type Landed struct {
	First int64 // first day with any row, 0 without rows
	New   int64 // first day with a row of a batch after the given one, 0 without such
	Batch int64 // newest batch
}

// ReadLanded looks for rows that landed after a batch.
func ReadLanded(ctx context.Context, q store.Querier, after int64) (Landed, error) {
	var rows struct {
		First []time.Time `col:"first,date"`
		New   []time.Time `col:"new,date"`
		Batch []int64     `col:"batch"`
	}
	err := q.Read(ctx, &rows, `SELECT min(day) AS first, min(day) FILTER (WHERE batch > ?) AS new, coalesce(max(batch), 0) AS batch FROM (
		SELECT occurred_at::DATE AS day, batch FROM ingest.activities
		UNION ALL SELECT occurred_at::DATE, batch FROM ingest.operations WHERE operator IS NOT NULL)`, after)
	if err != nil {
		return Landed{}, fmt.Errorf("find the days with new rows: %w", err)
	}
	l := Landed{Batch: rows.Batch[0]}
	if !rows.First[0].IsZero() {
		l.First = DayNumber(rows.First[0])
	}
	if !rows.New[0].IsZero() {
		l.New = DayNumber(rows.New[0])
	}
	return l, nil
}

// Start returns the first day that must be folded anew: the day after the position, or an earlier one that has new rows, but never later than today.
func (p Position) Start(l Landed, today int64) int64 {
	start := today
	switch {
	case p.Through != 0:
		start = p.Through + 1
	case l.First != 0:
		start = l.First
	}
	if l.New != 0 {
		start = min(start, l.New)
	}
	return min(start, today)
}

// LastCheckpoint returns the day of the latest checkpoint before a day; ok is false when there is none.
func LastCheckpoint(ctx context.Context, q store.Querier, before int64) (day int64, ok bool, err error) {
	var at struct {
		Day []time.Time `col:"day,date"`
	}
	if err := q.Read(ctx, &at, `SELECT max(valid_for) AS day FROM features.state WHERE valid_for < ?`, DayTime(before)); err != nil {
		return 0, false, fmt.Errorf("find a checkpoint: %w", err)
	}
	if at.Day[0].IsZero() {
		return 0, false, nil
	}
	return DayNumber(at.Day[0]), true, nil
}

// ReadCheckpoint restores the state as of the end of a day that has a checkpoint.
func ReadCheckpoint(ctx context.Context, q store.Querier, day int64) (*State, error) {
	var rows struct {
		Email   []string `col:"user_email"`
		Payload [][]byte `col:"payload"`
	}
	if err := q.Read(ctx, &rows, `SELECT user_email, payload FROM features.state WHERE room = 'features' AND valid_for = ? ORDER BY user_email`, DayTime(day)); err != nil {
		return nil, fmt.Errorf("read the checkpoint of %s: %w", DayTime(day).Format(time.DateOnly), err)
	}
	return Restore(Snapshot{rows.Email, rows.Payload})
}
