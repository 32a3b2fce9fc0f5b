package ingest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// position is how far a feed was read.
type position struct {
	watermark time.Time // zero: never
	covered   time.Time // start of the first landed window
}

func readPosition(ctx context.Context, q store.Querier, feed string) (position, error) {
	var watermark, covered sql.NullTime
	err := q.Row(ctx, `SELECT watermark, covered_from FROM meta.feeds WHERE feed = ?`, feed).Scan(&watermark, &covered)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return position{}, fmt.Errorf("read position of feed %s: %w", feed, err)
	}
	return position{watermark.Time.UTC(), covered.Time.UTC()}, nil
}

// noteAttempt makes sure that the feed has a row and notes that it is being read.
func noteAttempt(ctx context.Context, db *store.DB, feed string, now time.Time) error {
	_, err := db.Exec(ctx, `INSERT INTO meta.feeds (feed, state) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM meta.feeds WHERE feed = ?)`, feed, StateNever, feed)
	if err == nil {
		_, err = db.Exec(ctx, `UPDATE meta.feeds SET last_attempt_at = ?::TIMESTAMP WHERE feed = ?`, now, feed)
	}
	if err != nil {
		return fmt.Errorf("note attempt at feed %s: %w", feed, err)
	}
	return nil
}

// moveOn moves the position of a feed in the transaction that landed its rows. Nothing ever moves back.
func moveOn(ctx context.Context, tx *store.Tx, feed string, from, watermark, settled time.Time, landed int64) error {
	_, err := tx.Exec(ctx, `UPDATE meta.feeds SET
			covered_from = least(coalesce(covered_from, ?::TIMESTAMP), ?::TIMESTAMP),
			watermark = greatest(coalesce(watermark, ?::TIMESTAMP), ?::TIMESTAMP),
			settled_until = greatest(coalesce(settled_until, ?::TIMESTAMP), ?::TIMESTAMP),
			rows_landed = rows_landed + ?
		WHERE feed = ?`, from, from, watermark, watermark, settled, settled, landed, feed)
	if err != nil {
		return fmt.Errorf("move watermark: %w", err)
	}
	return nil
}

// noteOutcome writes how reading a feed ended.
func noteOutcome(ctx context.Context, db *store.DB, rep *FeedReport, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE meta.feeds SET state = ?, message = nullif(?, ''), due = ?,
			last_success_at = CASE WHEN ? THEN ?::TIMESTAMP ELSE last_success_at END WHERE feed = ?`,
		rep.State, rep.Message, rep.Due, rep.State == StateOK, now, rep.Feed)
	if err != nil {
		return fmt.Errorf("note outcome of feed %s: %w", rep.Feed, err)
	}
	return nil
}
