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

// A Checkpoint is what is known at the end of a day, in the parts that are written: the state of the fold, and what the models remember.
type Checkpoint struct {
	State  Snapshot
	Models []byte
}

// checkpointSchema holds a table for each checkpoint, named by its day.
const checkpointSchema = "checkpoints"

func checkpointTable(day int64) string {
	return checkpointSchema + `."` + DayTime(day).Format(time.DateOnly) + `"`
}

// Checkpoints lists the days that have a checkpoint, in order.
func Checkpoints(ctx context.Context, q store.Querier) ([]int64, error) {
	var tables struct {
		Name []string `col:"table_name"`
	}
	if err := q.Read(ctx, &tables, `SELECT table_name FROM duckdb_tables() WHERE schema_name = ? AND database_name = current_database() ORDER BY 1`, checkpointSchema); err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	var days []int64
	for _, name := range tables.Name {
		t, err := time.Parse(time.DateOnly, name)
		if err != nil {
			return nil, fmt.Errorf("list checkpoints: table %s of schema %s is not named by a day: drop it", name, checkpointSchema)
		}
		days = append(days, DayNumber(t))
	}
	return days, nil
}

// LastCheckpoint returns the day of the latest checkpoint before a day; ok is false when there is none.
func LastCheckpoint(ctx context.Context, q store.Querier, before int64) (day int64, ok bool, err error) {
	days, err := Checkpoints(ctx, q)
	for _, d := range days {
		if d < before {
			day, ok = d, true
		}
	}
	return day, ok, err
}

// WriteCheckpoint writes the checkpoint of a day, instead of one that may be there.
func WriteCheckpoint(ctx context.Context, tx *store.Tx, day int64, c Checkpoint) error {
	table := checkpointTable(day)
	for _, q := range []string{`CREATE SCHEMA IF NOT EXISTS ` + checkpointSchema, `DROP TABLE IF EXISTS ` + table,
		`CREATE TABLE ` + table + ` (room VARCHAR NOT NULL, part BIGINT NOT NULL, payload BLOB NOT NULL)`} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return fmt.Errorf("write checkpoint: %w", err)
		}
	}
	var rows struct {
		Room    []string `col:"room"`
		Part    []int64  `col:"part"`
		Payload [][]byte `col:"payload"`
	}
	add := func(room string, part int, payload []byte) {
		rows.Room, rows.Part, rows.Payload = append(rows.Room, room), append(rows.Part, int64(part)), append(rows.Payload, payload)
	}
	for i, p := range c.State {
		add("features", i, p)
	}
	add("models", 0, c.Models)
	if _, err := tx.Append(ctx, table, rows); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// DropCheckpoints drops those of the days that drop names.
func DropCheckpoints(ctx context.Context, tx *store.Tx, drop func(day int64) bool) error {
	days, err := Checkpoints(ctx, tx)
	if err != nil {
		return err
	}
	for _, d := range days {
		if !drop(d) {
			continue
		}
		if _, err := tx.Exec(ctx, `DROP TABLE `+checkpointTable(d)); err != nil {
			return fmt.Errorf("drop checkpoint: %w", err)
		}
	}
	return nil
}

// ReadCheckpoint reads the checkpoint of a day that has one.
func ReadCheckpoint(ctx context.Context, q store.Querier, day int64) (Checkpoint, error) {
	var rows struct {
		Room    []string `col:"room"`
		Part    []int64  `col:"part"`
		Payload [][]byte `col:"payload"`
	}
	var c Checkpoint
	// Not ordered by the database, which would copy the payloads about.
	if err := q.Read(ctx, &rows, `SELECT room, part, payload FROM `+checkpointTable(day)); err != nil {
		return c, fmt.Errorf("read the checkpoint of %s: %w", DayTime(day).Format(time.DateOnly), err)
	}
	for i, room := range rows.Room {
		if room == "models" {
			c.Models = rows.Payload[i]
			continue
		}
		part := int(rows.Part[i])
		if part < 0 || part >= len(rows.Room) {
			return c, fmt.Errorf("checkpoint of %s: part %d of %d: %w", DayTime(day).Format(time.DateOnly), part, len(rows.Room), errSnapshot)
		}
		if part >= len(c.State) {
			c.State = append(c.State, make(Snapshot, part+1-len(c.State))...)
		}
		c.State[part] = rows.Payload[i]
	}
	return c, nil
}
