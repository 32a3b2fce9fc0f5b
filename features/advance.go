package features

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Summary says what Advance did.
type Summary struct {
	From         time.Time `json:"from"` // first day counted anew
	Observations int64     `json:"observations"`
	Users        int       `json:"users"`
	AsOf         time.Time `json:"as_of"` // last day in the baselines
}

// Advance counts the observations of the days that are new or have new rows, and brings the baselines up to the last day that is over, leaving out what the scoring gated.
// It leaves the fold's position and checkpoints alone: days that are not scored yet are still to be scored. peers names a user's group of peers.
func Advance(ctx context.Context, db *store.DB, now time.Time, peers func(email string) string) (Summary, error) {
	if err := Prepare(ctx, db); err != nil {
		return Summary{}, err
	}
	pos, err := ReadPosition(ctx, db)
	if err != nil {
		return Summary{}, err
	}
	landed, err := ReadLanded(ctx, db, pos.Batch)
	if err != nil {
		return Summary{}, err
	}
	today := DayNumber(now)
	start := pos.Start(landed, today)
	state := NewState()
	from := landed.First
	if day, ok, err := LastCheckpoint(ctx, db, start); err != nil {
		return Summary{}, err
	} else if ok {
		if state, err = ReadCheckpoint(ctx, db, day); err != nil {
			return Summary{}, err
		}
		from = day + 1
	}
	sum := Summary{From: DayTime(start)}
	err = db.Tx(ctx, func(tx *store.Tx) error {
		if sum.Observations, err = Observe(ctx, tx, start, today); err != nil {
			return err
		}
		gated, err := readGated(ctx, tx, from)
		if err != nil {
			return err
		}
		for d, err := range Days(ctx, tx, from, today-1) {
			if err != nil {
				return err
			}
			state.CountOwners()
			for i := range d.Users {
				state.Tokenise(&d.Users[i])
			}
			priors := state.Priors(peers)
			day := d.Number
			state.Learn(d, state.Predictions(d, priors), priors, func(email string) bool { return gated[userDayKey{email, day}] })
		}
		sum.Users = len(state.accounts)
		sum.AsOf = DayTime(state.Day)
		return WriteBaselines(ctx, tx, state, state.Priors(peers))
	})
	if err != nil {
		return Summary{}, err
	}
	return sum, nil
}

type userDayKey struct {
	email string
	day   int64
}

// readGated reads the verdicts on which user-days are not to be learnt.
func readGated(ctx context.Context, q store.Querier, from int64) (map[userDayKey]bool, error) {
	var rows struct {
		Email []string    `col:"user_email"`
		Day   []time.Time `col:"day,date"`
	}
	if err := q.Read(ctx, &rows, `SELECT user_email, day FROM models.user_days WHERE gated AND day >= ?`, DayTime(from)); err != nil {
		return nil, fmt.Errorf("read what is gated: %w", err)
	}
	out := make(map[userDayKey]bool, len(rows.Email))
	for i, e := range rows.Email {
		out[userDayKey{e, DayNumber(rows.Day[i])}] = true
	}
	return out, nil
}
