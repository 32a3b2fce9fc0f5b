package ingest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Rows of a CSV export of Zoom's portal tell what rows of the API tell, less well: at times without seconds or without a column, in local time, in other words.
// Where every field is the same they have the same identity. Where not, this is the rule, whatever lands first:
//
// A loose row (one from a CSV that the API has not confirmed) gives way to another row that is like it and knows more. Like it is a row of the same user and
// kind, in the same second (minute, when the loose row has no seconds), from the same address if the loose row's export has addresses; of operations, one of the
// same operator with the same category, action and detail, letters and digits compared. A row of the API knows more than any loose one; of two loose rows, the one whose export
// leaves less open. A local time that the clocks showed twice may be either moment.
//
// So what is landed in the end is the same in any order: all rows of the API, and of the exports what nothing better tells. The price: of two events of a user
// within the same second, minute without seconds, and from the same address, an export adds none when the API has one. Where the API was read it has both.

// looseFeed is what a feed's rows are compared by.
type looseFeed struct {
	table, key string
	equal      string // of rows x (loose) and s, for the join
	alike      string // besides
}

// alnum compares what people and programs write in different ways.
func alnum(column string) string {
	return `trim(regexp_replace(lower(coalesce(` + column + `, '')), '[^\p{L}\p{N}]+', ' ', 'g'))`
}

func looseFeeds(feed string) looseFeed {
	if feed == "operations" {
		same := func(column string) string { return alnum("s."+column) + " = " + alnum("x."+column) }
		return looseFeed{"ingest.operations", "operation_id", "coalesce(s.operator, '') = coalesce(x.operator, '') AND " + same("detail"),
			"(x.missing & 16 <> 0 OR " + same("category") + ") AND (x.missing & 32 <> 0 OR " + same("action") + ")"}
	}
	return looseFeed{"ingest.activities", "activity_id", "s.user_email = x.user_email AND s.kind = x.kind",
		"(x.missing & 2 <> 0 OR s.ip_address IS NOT DISTINCT FROM x.ip_address)"}
}

// looseRows are rows of ingest.loose_rows.
type looseRows struct {
	Feed    []string    `col:"feed"`
	ID      []string    `col:"row_id"`
	Missing []int64     `col:"missing"`
	Alt     []time.Time `col:"alt_at"`
	Batch   []int64     `col:"batch"`
}

// idRows are ids that a statement is about.
type idRows struct {
	ID []string `col:"row_id"`
}

// settled is what landing a batch did to loose rows.
type settled struct {
	alike    int64 // rows of the batch that gave way to landed ones
	replaced int64 // rows landed before that gave way to rows of the batch
}

// landFrame lands the rows of a frame under a batch number of their own, and lets loose rows give way. loose holds the entries of those rows that come from a
// CSV, nil when all come from the API.
func landFrame(ctx context.Context, tx *store.Tx, feed string, rows frame, loose *looseRows, runID string) (landed int64, s settled, err error) {
	f := looseFeeds(feed)
	var batch int64
	if err := tx.Row(ctx, `SELECT nextval('ingest.batch')`).Scan(&batch); err != nil {
		return 0, s, fmt.Errorf("number batch: %w", err)
	}
	rows.stamp(batch, runID)
	if landed, err = tx.Land(ctx, f.table, f.key, rows); err != nil {
		return 0, s, err
	}
	ids, repeats := rows.ids()
	if err := raiseRepeats(ctx, tx, f, ids, repeats, batch); err != nil {
		return 0, s, err
	}
	if loose != nil {
		if err := noteLoose(ctx, tx, f, loose, batch); err != nil {
			return 0, s, err
		}
	}
	var any bool
	if err := tx.Row(ctx, `SELECT count(*) > 0 FROM ingest.loose_rows WHERE feed = ?`, feed).Scan(&any); err != nil {
		return 0, s, fmt.Errorf("look for loose rows: %w", err)
	}
	if !any {
		return landed, s, nil
	}
	if err := touch(ctx, tx, f, ids, loose == nil, batch); err != nil {
		return 0, s, fmt.Errorf("confirm loose rows: %w", err)
	}
	if s, err = giveWay(ctx, tx, feed, f, batch); err != nil {
		return 0, s, fmt.Errorf("let loose rows give way: %w", err)
	}
	return landed - s.alike, s, nil
}

// touch puts into the temporary table zoomward_touched the rows for which others may have to give way now, or they for others: those of the batch and those that
// the API confirms. The latter are loose no longer.
func touch(ctx context.Context, tx *store.Tx, f looseFeed, ids []string, confirm bool, batch int64) error {
	if _, err := tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE zoomward_touched (row_id VARCHAR)`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO zoomward_touched SELECT `+f.key+` FROM `+f.table+` WHERE batch = ?`, batch); err != nil {
		return err
	}
	if !confirm {
		return nil
	}
	return withIDs(ctx, tx, ids, `INSERT INTO zoomward_touched SELECT row_id FROM ingest.loose_rows WHERE row_id IN (SELECT row_id FROM zoomward_ids)`,
		`DELETE FROM ingest.loose_rows WHERE row_id IN (SELECT row_id FROM zoomward_ids)`)
}

// noteLoose notes which of the rows that landed just now are loose.
func noteLoose(ctx context.Context, tx *store.Tx, f looseFeed, loose *looseRows, batch int64) error {
	loose.Batch, _ = stamps(len(loose.ID), batch, "")
	if _, err := tx.Land(ctx, "ingest.loose_rows", "row_id", loose); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM ingest.loose_rows WHERE batch = ? AND row_id NOT IN (SELECT `+f.key+` FROM `+f.table+` WHERE batch = ?)`, batch, batch)
	if err != nil {
		return fmt.Errorf("note loose rows: %w", err)
	}
	return nil
}

// giveWay removes the loose rows for which there is a better one, as far as the touched rows have to do with it.
func giveWay(ctx context.Context, tx *store.Tx, feed string, f looseFeed, batch int64) (s settled, err error) {
	var lo, hi sql.NullTime
	err = tx.Row(ctx, `SELECT min(occurred_at), max(occurred_at) FROM `+f.table+` WHERE `+f.key+` IN (SELECT row_id FROM zoomward_touched)`).Scan(&lo, &hi)
	if err != nil || !lo.Valid {
		return s, err
	}
	var covered struct {
		ID    []string `col:"row_id"`
		Batch []int64  `col:"batch"`
	}
	// A day more at both ends: the two readings of a local time are an hour or so apart.
	err = tx.Read(ctx, &covered, strings.NewReplacer("{table}", f.table, "{key}", f.key, "{equal}", f.equal, "{alike}", f.alike).Replace(`
		WITH near AS MATERIALIZED (
			SELECT t.*, l.row_id AS loose, coalesce(l.missing, 0) AS missing, l.alt_at, t.{key} IN (SELECT row_id FROM zoomward_touched) AS touched
			FROM {table} AS t LEFT JOIN ingest.loose_rows AS l ON l.feed = ? AND l.row_id = t.{key}
			WHERE t.occurred_at BETWEEN ?::TIMESTAMP AND ?::TIMESTAMP
		), readings AS (
			SELECT *, occurred_at AS told FROM near WHERE loose IS NOT NULL
			UNION ALL SELECT *, alt_at FROM near WHERE alt_at IS NOT NULL
		)
		SELECT DISTINCT x.{key} AS row_id, x.batch AS batch
		FROM readings AS x JOIN near AS s ON {equal} AND date_trunc('minute', s.occurred_at) = date_trunc('minute', x.told)
		WHERE s.{key} <> x.{key} AND (x.touched OR s.touched)
			AND (x.missing & 1 <> 0 OR date_trunc('second', s.occurred_at) = date_trunc('second', x.told)) AND {alike}
			AND (s.loose IS NULL OR (s.missing & ~x.missing) = 0 AND s.missing <> x.missing)`),
		feed, lo.Time.Add(-day), hi.Time.Add(day))
	if err != nil || len(covered.ID) == 0 {
		return s, err
	}
	for _, b := range covered.Batch {
		if b == batch {
			s.alike++
		} else {
			s.replaced++
		}
	}
	return s, withIDs(ctx, tx, covered.ID, `DELETE FROM `+f.table+` WHERE `+f.key+` IN (SELECT row_id FROM zoomward_ids)`,
		`DELETE FROM ingest.loose_rows WHERE row_id IN (SELECT row_id FROM zoomward_ids)`)
}

// withIDs runs statements that read the ids from the temporary table zoomward_ids.
func withIDs(ctx context.Context, tx *store.Tx, ids []string, statements ...string) error {
	if _, err := tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE zoomward_ids (row_id VARCHAR)`); err != nil {
		return err
	}
	if _, err := tx.Append(ctx, "zoomward_ids", idRows{ids}); err != nil {
		return err
	}
	for _, q := range append(statements, `DROP TABLE zoomward_ids`) {
		if _, err := tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
