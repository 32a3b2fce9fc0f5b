package features

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Summary says what Advance did.
type Summary struct {
	From     time.Time `json:"from"` // first day counted anew
	UserDays int       `json:"user_days"`
	Users    int       `json:"users"`
	AsOf     time.Time `json:"as_of"` // last day in the baselines
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
		c, err := ReadCheckpoint(ctx, db, day)
		if err != nil {
			return Summary{}, err
		}
		restored, err := Restore(c.State)
		switch {
		case err == nil:
			state, from = restored, day+1
		case !errors.Is(err, errSnapshot): // one of another version is worked out anew
			return Summary{}, err
		}
	}
	sum := Summary{From: DayTime(start)}
	err = db.Tx(ctx, func(tx *store.Tx) error {
		if err := ForgetObservations(ctx, tx, start); err != nil {
			return err
		}
		gated, err := readGated(ctx, tx, from)
		if err != nil {
			return err
		}
		var observed Observations
		for d, err := range Days(ctx, tx, state.Dictionary(), from, today) {
			if err != nil {
				return err
			}
			if d.Number >= start {
				observed.Add(d)
				sum.UserDays += len(d.Users)
			}
			if observed.Len() >= flushUserDays {
				if err := observed.Flush(ctx, tx); err != nil {
					return err
				}
			}
			if d.Number == today { // not over yet
				break
			}
			state.Tokenise(d.Users)
			state.Regroup(d.Number, func(email string) bool { return peers(email) != "" })
			priors := state.Priors(state.GroupOf(peers))
			state.Learn(d, state.Predictions(d, priors), priors, func(i int) bool { return gated[userDayKey{d.Users[i].Email, d.Number}] })
		}
		if err := observed.Flush(ctx, tx); err != nil {
			return err
		}
		sum.Users = len(state.accounts)
		sum.AsOf = DayTime(state.Day)
		return WriteBaselines(ctx, tx, state, state.Priors(state.GroupOf(peers)))
	})
	if err != nil {
		return Summary{}, err
	}
	return sum, nil
}

// flushUserDays is how many user-days are gathered before they are written.
const flushUserDays = 200_000

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
