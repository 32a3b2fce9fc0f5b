package features

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Prepare makes sure that features.observations has a column for every behaviour.
func Prepare(ctx context.Context, db *store.DB) error {
	var have struct {
		Name []string `col:"column_name"`
	}
	err := db.Read(ctx, &have, `SELECT column_name FROM duckdb_columns() WHERE schema_name = 'features' AND table_name = 'observations' AND database_name = current_database()`)
	if err != nil {
		return fmt.Errorf("read the columns of observations: %w", err)
	}
	for _, b := range Behaviours {
		if slices.Contains(have.Name, b.ID) {
			continue
		}
		if _, err := db.Exec(ctx, `ALTER TABLE features.observations ADD COLUMN `+b.ID+` DOUBLE`); err != nil {
			return fmt.Errorf("add behaviour %s: %w", b.ID, err)
		}
	}
	return nil
}

// Observations gathers what was counted until it is written.
type Observations struct {
	email  []string
	day    []time.Time
	values [][]float64 // by behaviour and row; NaN for none
}

// Len returns the number of user-days gathered.
func (o *Observations) Len() int { return len(o.email) }

// Add gathers a day.
func (o *Observations) Add(d *Day) {
	if o.values == nil {
		o.values = make([][]float64, len(Behaviours))
	}
	start := d.Start()
	for i := range d.Users {
		u := &d.Users[i]
		o.email = append(o.email, u.Email)
		o.day = append(o.day, start)
		for b, x := range u.Counts {
			if x == 0 {
				x = math.NaN()
			}
			o.values[b] = append(o.values[b], x)
		}
	}
}

// Flush writes what was gathered and forgets it.
func (o *Observations) Flush(ctx context.Context, tx *store.Tx) error {
	if len(o.email) == 0 {
		return nil
	}
	frame := store.Columns{{Name: "user_email", Values: o.email}, {Name: "day", Date: true, Values: o.day}}
	for b, x := range o.values {
		frame = append(frame, store.Column{Name: Behaviours[b].ID, Values: x})
	}
	if _, err := tx.Append(ctx, "features.observations", frame); err != nil {
		return fmt.Errorf("write observations: %w", err)
	}
	*o = Observations{}
	return nil
}

// ForgetObservations deletes those of the days from on (days since 1970).
func ForgetObservations(ctx context.Context, q store.Querier, from int64) error {
	if _, err := q.Exec(ctx, `DELETE FROM features.observations WHERE day >= ?`, DayTime(from)); err != nil {
		return fmt.Errorf("forget observations: %w", err)
	}
	return nil
}
